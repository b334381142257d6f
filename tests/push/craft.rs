//! Makes pushes the way WeChat does, with code of its own: nothing of `wxgame::sign` is used.

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha1::{Digest, Sha1};
use sha2::Sha256;

pub const APPID: &str = "wxba5fad812f8e6fb9";
pub const APP_KEY: &str = "12345";
pub const TOKEN: &str = "AAAAA";
/// EncodingAESKey without spare bits, so that a strict decoder takes it too.
pub const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE";
pub const TIMESTAMP: &str = "1714037059";
pub const NONCE: &str = "486452656";

/// One push: the URL's query and the body.
#[derive(Clone)]
pub struct Push {
    pub query: String,
    pub body: Vec<u8>,
}

pub fn hex_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sorted_sha1(texts: &[&str]) -> String {
    let mut texts = texts.to_vec();
    texts.sort();
    hex_text(&Sha1::digest(texts.concat()))
}

pub fn pay_event_sig(app_key: &str, event: &str, payload: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_key.as_bytes()).expect("any length");
    mac.update(format!("{event}&{payload}").as_bytes());
    hex_text(&mac.finalize().into_bytes())
}

/// `Encrypt` of a message, with these random bytes.
pub fn encrypt(aes_key: &str, random: &str, message: &str, appid: &str) -> String {
    let mut key = [0; 33];
    // 44 characters whose last two bits are thrown away are 33 bytes, of which 32 are the key.
    let decoded = STANDARD.decode_slice(format!("{aes_key}A"), &mut key);
    assert_eq!(decoded, Ok(33));
    let length = u32::try_from(message.len()).expect("a short message");
    let mut bytes = [
        random.as_bytes(),
        &length.to_be_bytes(),
        message.as_bytes(),
        appid.as_bytes(),
    ]
    .concat();
    let pad = 32 - bytes.len() % 32;
    bytes.extend(std::iter::repeat_n(pad as u8, pad));
    let length = bytes.len();
    cbc::Encryptor::<Aes256>::new_from_slices(&key[..32], &key[..16])
        .expect("the lengths are right")
        .encrypt_padded::<NoPadding>(&mut bytes, length)
        .expect("whole blocks");
    STANDARD.encode(bytes)
}

/// A plain push, whose signature covers no byte of the body.
pub fn plain(body: &str) -> Push {
    let signature = sorted_sha1(&[TOKEN, TIMESTAMP, NONCE]);
    Push {
        query: format!("signature={signature}&timestamp={TIMESTAMP}&nonce={NONCE}&openid=o1"),
        body: body.as_bytes().to_vec(),
    }
}

/// A push in safe mode, its envelope JSON or XML as the message is.
pub fn safe(message: &str) -> Push {
    safe_for(message, APPID)
}

pub fn safe_for(message: &str, appid: &str) -> Push {
    let encrypt = encrypt(AES_KEY, "a8eedb185eb2fecf", message, appid);
    let body = if message.starts_with('<') {
        format!(
            "<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>"
        )
    } else {
        format!("{{\"ToUserName\":\"gh_1\",\"Encrypt\":\"{encrypt}\"}}")
    };
    signed(&encrypt, body)
}

/// Any body under the signatures of `encrypt`.
pub fn signed(encrypt: &str, body: String) -> Push {
    let signature = sorted_sha1(&[TOKEN, TIMESTAMP, NONCE]);
    let msg_signature = sorted_sha1(&[TOKEN, TIMESTAMP, NONCE, encrypt]);
    Push {
        query: format!(
            "signature={signature}&timestamp={TIMESTAMP}&nonce={NONCE}&openid=o1&encrypt_type=aes\
             &msg_signature={msg_signature}"
        ),
        body: body.into_bytes(),
    }
}

/// The envelope of an event of payment as JSON; `more` are further fields of MiniGame.
pub fn json_event(event: &str, payload: &str, sig: &str, more: &str) -> String {
    let payload = Value::from(payload);
    format!(
        "{{\"ToUserName\":\"gh_1\",\"FromUserName\":\"oUrsf0TSXNtiZjP7JL9UUFiGJzmQ\",\"CreateTime\":1583202606,\
         \"MsgType\":\"event\",\"Event\":\"{event}\",\"MiniGame\":{{\"Payload\":{payload},\
         \"PayEventSig\":\"{sig}\"{more}}}}}"
    )
}

/// The same as XML.
pub fn xml_event(event: &str, payload: &str, sig: &str, more: &str) -> String {
    let payload = payload.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<xml>\n    <CreateTime>1583202606</CreateTime>\n    <MsgType><![CDATA[event]]></MsgType>\n    \
         <Event><![CDATA[{event}]]></Event>\n    <MiniGame>\n        <Payload>{payload}</Payload>\n        \
         <PayEventSig>{sig}</PayEventSig>{more}\n    </MiniGame>\n</xml>\n"
    )
}
