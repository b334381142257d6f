//! Who is believed: the outer signatures, safe mode, PayEventSig.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::event::Name;
use super::fields::{Fields, Read, needed};
use super::query::Query;
use super::{
    BODY_MAX, PAYLOAD_MAX, QUERY_MAX, Receiver, Refusal, RefusalReason, What, payload, tree,
};
use crate::sign::game_v2;
use crate::sign::push::{AesKey, holds, msg_signature, signature};

/// What was found, or why it is refused.
type Examined<T> = Result<T, Refusal>;

/// Says what a push is, or why it is refused.
pub(super) fn examine(receiver: &Receiver<'_>, query: &str, body: &[u8]) -> Examined<What> {
    if query.len() > QUERY_MAX {
        return Err(refuse(
            RefusalReason::TooLarge,
            "the query is longer than 8 KiB",
        ));
    }
    if body.len() > BODY_MAX {
        return Err(refuse(
            RefusalReason::TooLarge,
            "the body is longer than 1 MiB",
        ));
    }
    let query = Query::parse(query).map_err(malformed)?;
    let body = std::str::from_utf8(body).map_err(|_| malformed("the body is not UTF-8"))?;
    if body.is_empty() {
        check_signature(receiver, &query)?;
        let echostr = query.get("echostr").map(str::to_owned);
        return echostr
            .map(What::Echo)
            .ok_or_else(|| malformed("there is neither a body nor an echostr"));
    }
    let message = match receiver.aes_key {
        Some(key) => open_safe(receiver, key, &query, body)?,
        None => open_plain(receiver, &query, body)?,
    };
    sort(receiver, message)
}

/// A message whose outer signature held.
struct Message<'b> {
    text: Cow<'b, str>,
    tree: Map<String, Value>,
    is_safe: bool,
}

/// Takes the message from `Encrypt` and looks at nothing else of the body.
fn open_safe<'b>(
    receiver: &Receiver<'_>,
    key: &AesKey,
    query: &Query,
    body: &'b str,
) -> Examined<Message<'b>> {
    let downgrade = || {
        refuse(
            RefusalReason::Downgrade,
            "plain text, but push_aes_key is set: choose safe mode in the console",
        )
    };
    if query.get("encrypt_type").is_none() && query.get("msg_signature").is_none() {
        return Err(downgrade());
    }
    let timestamp = signed(query, "timestamp")?;
    let nonce = signed(query, "nonce")?;
    let given = signed(query, "msg_signature")?;
    let outer = read_tree("the body", body)?;
    let encrypt = Fields(&outer).text("Encrypt").map_err(malformed)?;
    let encrypt = encrypt.ok_or_else(downgrade)?;
    let made = msg_signature(receiver.token, timestamp, nonce, encrypt);
    if !holds(&made, given) {
        return Err(wrong_signature("msg_signature"));
    }
    let opened = key
        .decrypt(encrypt)
        .map_err(|error| refuse(RefusalReason::Decrypt, error.to_string()))?;
    if opened.appid != receiver.appid {
        return Err(refuse(
            RefusalReason::AppId,
            "the message was encrypted for another appid than this receiver's",
        ));
    }
    Ok(Message {
        tree: read_tree("the message", &opened.message)?,
        text: opened.message.into(),
        is_safe: true,
    })
}

fn open_plain<'b>(receiver: &Receiver<'_>, query: &Query, body: &'b str) -> Examined<Message<'b>> {
    check_signature(receiver, query)?;
    let encrypted = || {
        refuse(
            RefusalReason::Decrypt,
            "the push is encrypted: set push_aes_key to the EncodingAESKey of the console",
        )
    };
    if query.get("encrypt_type") == Some("aes") {
        return Err(encrypted());
    }
    let tree = read_tree("the body", body)?;
    if tree.contains_key("Encrypt") && !tree.contains_key("MsgType") {
        return Err(encrypted());
    }
    Ok(Message {
        text: body.into(),
        tree,
        is_safe: false,
    })
}

/// The signature of a query, which covers no body.
fn check_signature(receiver: &Receiver<'_>, query: &Query) -> Examined<()> {
    let timestamp = signed(query, "timestamp")?;
    let nonce = signed(query, "nonce")?;
    let given = signed(query, "signature")?;
    if holds(&signature(receiver.token, timestamp, nonce), given) {
        return Ok(());
    }
    Err(wrong_signature("signature"))
}

fn signed<'q>(query: &'q Query, name: &str) -> Examined<&'q str> {
    query.get(name).ok_or_else(|| {
        let why = format!("{name} is missing in the query: give the query as it came");
        refuse(RefusalReason::Signature, why)
    })
}

fn wrong_signature(name: &str) -> Refusal {
    let why = format!("{name} does not hold: not WeChat, or push_token is not the console's Token");
    refuse(RefusalReason::Signature, why)
}

fn read_tree(what: &str, text: &str) -> Examined<Map<String, Value>> {
    tree::read(text).map_err(|why| malformed(format!("{what} {why}")))
}

/// Tells events of payment from everything else.
fn sort(receiver: &Receiver<'_>, message: Message<'_>) -> Examined<What> {
    let fields = Fields(&message.tree);
    let msg_type = fields.id("MsgType").map_err(malformed)?.unwrap_or_default();
    let event = fields.id("Event").map_err(malformed)?.unwrap_or_default();
    let Some(name) = Name::of(&event) else {
        return Ok(What::Other {
            msg_type,
            event,
            message: message.text.into_owned(),
        });
    };
    if msg_type != "event" {
        return Err(malformed(
            "Event is one of payment, but MsgType is not `event`",
        ));
    }
    let push = Push::read(fields).map_err(malformed)?;
    let text = if name.is_gift() {
        if !message.is_safe {
            return Err(refuse(
                RefusalReason::Unprotected,
                "a gift pack in plain mode can come from anybody: choose safe mode in the console and set \
                 push_aes_key",
            ));
        }
        Value::Object(push.mini_game.0.clone()).to_string()
    } else {
        let payload = push.mini_game.text("Payload").map_err(malformed)?;
        let payload = needed("Payload", payload).map_err(malformed)?;
        if !push.is_mock {
            check_pay_event_sig(receiver, &event, payload, &push, message.is_safe)?;
        }
        payload.to_owned()
    };
    let event = payload::read(name, text).map_err(malformed)?;
    if push.is_mock {
        return Ok(What::Mock(event));
    }
    match event.env() {
        Some(env) if env != receiver.environment => Err(refuse(
            RefusalReason::PayEventSig,
            "PayEventSig was made with this environment's AppKey, but Env is the other one",
        )),
        _ => Ok(What::Event(event)),
    }
}

/// `MiniGame`, and what stands in it beside the event itself.
struct Push<'v> {
    mini_game: Fields<'v>,
    pay_event_sig: Option<&'v str>,
    is_mock: bool,
}

impl<'v> Push<'v> {
    fn read(message: Fields<'v>) -> Read<Self> {
        let mini_game = needed("MiniGame", message.object("MiniGame")?)?;
        let pay_event_sig = mini_game.text("PayEventSig")?;
        Ok(Self {
            mini_game,
            pay_event_sig: pay_event_sig.filter(|sig| !sig.is_empty()),
            is_mock: mini_game.flag("IsMock")?.unwrap_or(false),
        })
    }
}

/// Before it holds, the payload is believed in nothing but for whom to refuse it.
fn check_pay_event_sig(
    receiver: &Receiver<'_>,
    event: &str,
    payload: &str,
    push: &Push<'_>,
    is_safe: bool,
) -> Examined<()> {
    let Some(given) = push.pay_event_sig else {
        let reason = if is_safe {
            RefusalReason::PayEventSig
        } else {
            RefusalReason::Unprotected
        };
        return Err(refuse(reason, "PayEventSig is missing or empty"));
    };
    if payload.len() > PAYLOAD_MAX {
        return Err(malformed("Payload is longer than 64 KiB"));
    }
    let made = game_v2::sign_named(event, payload.as_bytes(), receiver.app_key);
    if holds(&made, given) {
        return Ok(());
    }
    Err(match payload::env_of(payload) {
        Some(env) if env != receiver.environment => refuse(
            RefusalReason::Environment,
            "Env is the other environment's: give the push to a receiver of that one",
        ),
        _ => refuse(
            RefusalReason::PayEventSig,
            "PayEventSig does not hold: not WeChat, or app_key is not this environment's AppKey",
        ),
    })
}

fn refuse(reason: RefusalReason, why: impl Into<String>) -> Refusal {
    Refusal {
        reason,
        why: why.into(),
    }
}

fn malformed(why: impl Into<String>) -> Refusal {
    refuse(RefusalReason::Malformed, why)
}
