//! What WeChat posts to the game server, of its own accord: verified, opened, typed, answered.
//!
//! One URL gets every push of an account. [`receive`] says what one is; [`Received::answer`] what to answer.
//!
//! | file | what it holds |
//! |---|---|
//! | `push` | what comes in, and what it turns out to be |
//! | `examine` | who is believed: the outer signatures, safe mode, PayEventSig |
//! | `query` | the query of the URL |
//! | `tree`, `json`, `xml` | a message as a tree, strictly |
//! | `fields` | one object, field by field |
//! | `event`, `payload` | goods, coins, refunds and gift packs; how they are read |
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
mod examine;
mod fields;
mod json;
mod payload;
mod query;
mod tree;
mod xml;

use super::Environment;
use crate::sign::push::AesKey;
use crate::sign::{AppKey, Secret};

pub use answer::{Answer, Verdict};
pub use event::{Coins, Event, Gift, GiftGoods, Goods, Refund, reread};
pub use payload::PAYLOAD_MAX;

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
    let what = match examine::examine(receiver, query, body) {
        Ok(what) => what,
        Err(refusal) => What::Refused(refusal),
    };
    Received { what, format }
}
