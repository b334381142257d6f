//! What WeChat posts to the game server, of its own accord: verified, opened, typed, answered.
//!
//! One URL gets every push of an account. [`receive`] says what one is; [`Received::answer`] what to answer.
//!
//! | file | what it holds |
//! |---|---|
//! | `push` | who may push: the outer signatures, safe mode, PayEventSig |
//! | `query` | the query of the URL |
//! | `tree` | JSON and XML, strictly |
//! | `fields` | one object, field by field |
//! | `event` | goods, coins, refunds and gift packs |
//! | `answer` | what goes back |
//!
//! # What is believed
//!
//! | mode | the outer signature covers | so |
//! |---|---|---|
//! | safe (`push_aes_key` is set) | the whole message | gift packs are taken; plain text is refused |
//! | plain | no byte of the body | whoever saw one query can post any body: only PayEventSig counts |
//!
//! Goods, coins and refunds need a PayEventSig in both modes, made with the AppKey of the receiver's environment.
//! It covers the event's name and its Payload, but not `IsMock`: only safe mode keeps that one from being changed.

mod answer;
mod event;
mod fields;
mod query;
mod tree;

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Environment;
use crate::sign::push::{AesKey, holds, msg_signature, signature};
use crate::sign::{AppKey, Secret, game_v2};
use event::Name;
use fields::{Fields, Read, needed};
use query::Query;

pub use answer::{Answer, Verdict};
pub use event::{Coins, Event, Gift, GiftGoods, Goods, PAYLOAD_MAX, Refund, reread};

/// Longest body that is looked at, in bytes (our own bound).
pub const BODY_MAX: usize = 1024 * 1024;
/// Longest query that is looked at, in bytes (our own bound).
pub const QUERY_MAX: usize = 8 * 1024;

/// What verifies pushes, borrowed from the client's options.
#[derive(Clone, Copy)]
pub struct Receiver<'a> {
    /// appid of the mini-game: encrypted messages end in it.
    pub appid: &'a str,
    /// Whose money this server deals in.
    pub environment: Environment,
    /// The AppKey of that environment, which makes PayEventSig.
    pub app_key: &'a AppKey,
    /// Token of the message push, as set in the console.
    pub token: &'a Secret,
    /// EncodingAESKey; with one, only safe mode is accepted.
    pub aes_key: Option<&'a AesKey>,
}

/// One push, and how it is to be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// What it is.
    pub what: What,
    /// What it came as, which is what its answer must be.
    pub format: Format,
}

/// The two forms of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Anything that is not XML.
    Json,
    /// A body beginning with `<`.
    Xml,
}

/// What a push is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The URL is being set up in the console, which wants this text back.
    Echo(String),
    /// An event of payment, verified by PayEventSig, or a gift pack, verified by safe mode.
    Event(Event),
    /// A test of the console with values at random: its types are right, nothing is to be delivered. Whether its
    /// PayEventSig holds is not asked, since WeChat does not say that it does.
    Mock(Event),
    /// Not of payment: the host's own. In plain mode the signature says nothing about the message.
    Other {
        /// `MsgType`, empty if there is none.
        msg_type: String,
        /// `Event`, empty if there is none.
        event: String,
        /// The whole message, decrypted.
        message: String,
    },
    /// Not to be believed or not to be read.
    Refused(Refusal),
}

/// Why a push is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What kind of reason.
    pub reason: RefusalReason,
    /// In our own words, fit for a log: no byte of the push, no key.
    pub why: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// `signature` or `msg_signature` does not hold, or what it is made of is missing.
    Signature,
    /// PayEventSig does not hold: another AppKey, or a forgery.
    PayEventSig,
    /// Plain text, although an AES key is configured.
    Downgrade,
    /// What is encrypted cannot be opened.
    Decrypt,
    /// Encrypted for another appid.
    AppId,
    /// Made for the other environment, it seems: only a receiver of that one can verify it.
    Environment,
    /// A message that breaks a rule; `why` names the field.
    Malformed,
    /// Nothing protects it: a gift pack in plain mode, or an event of payment without PayEventSig.
    Unprotected,
    /// Body or query is longer than is looked at.
    TooLarge,
    /// It tells of another player, item or quantity than was ordered under this number. Told by who knows the order,
    /// never by [`receive`].
    Mismatch,
}

/// Says what a push is. `query` is the URL's, as it came, with or without its `?`; `body` is empty for a GET.
///
/// Pure and quick: no journal is asked whether the push is a repeat.
pub fn receive(receiver: &Receiver<'_>, query: &str, body: &[u8]) -> Received {
    let format = if tree::is_xml(body) {
        Format::Xml
    } else {
        Format::Json
    };
    let what = match examine(receiver, query, body) {
        Ok(what) => what,
        Err(refusal) => What::Refused(refusal),
    };
    Received { what, format }
}

type Examined<T> = Result<T, Refusal>;

fn examine(receiver: &Receiver<'_>, query: &str, body: &[u8]) -> Examined<What> {
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
    let payload = if name.is_gift() {
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
    let event = event::read(name, payload).map_err(malformed)?;
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
    Err(match event::env_of(payload) {
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
