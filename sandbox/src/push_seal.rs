//! A message on its way: signed and, in safe mode, sealed, anew for each attempt; or as a forger would do it.

use crate::post::Letter;
use crate::push_config::{Format, PushConfig};
use crate::push_event::Forge;
use crate::pushes::Push;
use crate::random::Random;
use crate::seal::push_signature;
use crate::xml;
use serde_json::json;

/// A forger does not know the token, and has a mini-game of their own.
const NOBODYS_TOKEN: &str = "nobody's token";
const NOBODYS_APPID: &str = "wx0000000000000000";

pub(crate) fn letter(
    push: &Push,
    config: &PushConfig,
    appid: &str,
    now_s: i64,
    random: &mut Random,
) -> Letter {
    let message = &push.message;
    let timestamp = now_s.to_string();
    let nonce = (u32::from_le_bytes(random.bytes()) % 1_000_000_000).to_string();
    let token = match push.forge {
        Some(Forge::Signature) => NOBODYS_TOKEN,
        _ => config.token.as_str(),
    };
    let signature = push_signature(&[token, &timestamp, &nonce]);
    let separator = if config.target.contains('?') {
        '&'
    } else {
        '?'
    };
    let (target, openid) = (&config.target, &message.from);
    let mut target = format!(
        "{target}{separator}signature={signature}&timestamp={timestamp}&nonce={nonce}&openid={openid}"
    );
    let content_type = message.format.content_type();
    let key = config.aes_key.as_ref();
    let Some(key) = key.filter(|_| push.forge != Some(Forge::Plain)) else {
        return Letter {
            target,
            content_type,
            body: message.text.clone(),
        };
    };
    // WeChat's random bytes are readable.
    let prefix = random.bytes().map(|byte: u8| b'a' + byte % 16);
    let encrypt = match push.forge {
        Some(Forge::Appid) => key.seal(&prefix, &message.text, NOBODYS_APPID),
        Some(Forge::Padding) => key.seal_badly(&prefix, &message.text, appid),
        _ => key.seal(&prefix, &message.text, appid),
    };
    let msg_signature = push_signature(&[token, &timestamp, &nonce, &encrypt]);
    target.push_str(&format!("&encrypt_type=aes&msg_signature={msg_signature}"));
    let body = json!({ "ToUserName": config.to_user_name, "Encrypt": encrypt });
    Letter {
        target,
        content_type,
        body: match message.format {
            Format::Json => body.to_string(),
            Format::Xml => xml::write(&body),
        },
    }
}
