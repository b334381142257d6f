//! What can go wrong, as a script: which call is meant, whether it is executed, and how it is answered.
//!
//! These three are independent of each other, so "executed, then the answer is lost" and "not executed, but
//! answered late" need no names of their own.

use crate::call::{Call, Env};
use crate::json::Trouble;
use serde::{Deserialize, Serialize};

/// One line of the script.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which call is meant; `*` is any.
    #[serde(default)]
    pub call: Which,
    /// Only requests with this order number. A refund of virtual payment 2.0 has two: its own and the one of
    /// the `pay`. A query has its `out_trade_no`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bill_no: Option<String>,
    /// Only requests for this player.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub openid: Option<String>,
    /// Only requests in this environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<Env>,
    /// How many matching requests pass unharmed first.
    #[serde(default)]
    pub skip: u64,
    /// How often it happens; 0 is for ever.
    #[serde(default = "once")]
    pub times: u64,
    /// How likely it is each time, from 0 to 1.
    #[serde(default = "always")]
    pub probability: f64,
    /// Whether the request is executed.
    #[serde(rename = "do")]
    pub act: Act,
    /// When it is executed after all; goes with `"do":"later"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub later: Option<Later>,
    /// How it is answered.
    #[serde(default)]
    pub reply: Reply,
}

/// A call by name, or any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "one of pay, cancelpay, getbalance, present, token, \
    stable_token, jscode2session, checksession, resetusersessionkey, game_pay, game_cancelpay, \
    game_getbalance, game_present, game_queryorderinfo or *"
)]
pub enum Which {
    /// This call.
    One(Call),
    /// Any call.
    #[default]
    #[serde(with = "star")]
    Any,
}

/// Whether a request is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// At once, as if nothing were wrong.
    Yes,
    /// Never.
    No,
    /// Later; see [`When`].
    Later,
    /// Never: at this moment every access token is revoked, its own too, so it answers 40001.
    Revoke,
}

/// When a late request is executed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Later {
    /// The event that it waits for.
    pub when: When,
    /// With `"when":"ms"`: how long after its arrival, in milliseconds.
    #[serde(default)]
    pub ms: u64,
}

/// What a late request waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum When {
    /// Its own answer has been sent, or its connection is gone.
    Answer,
    /// The next request with its order number has been answered.
    Retry,
    /// The next cancel with its order number has been answered.
    Cancel,
    /// A time has passed.
    Ms,
}

/// How a request is answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The kind of answer.
    #[serde(default)]
    pub kind: ReplyKind,
    /// With `errcode`: the code, -1 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errcode: Option<i64>,
    /// With `errcode`: the words, WeChat's usual ones when left out. With `http`: the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errmsg: Option<String>,
    /// With `http`: the status, 502 when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long the answer is held back, in milliseconds; goes with every kind.
    #[serde(default)]
    pub delay_ms: u64,
}

/// The kinds of answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    /// What the call really came to; errcode -1 if it has not been executed yet.
    #[default]
    Normal,
    /// A given errcode.
    Errcode,
    /// No answer; the connection stays open until the client leaves.
    Hang,
    /// No answer; the connection is reset.
    Reset,
    /// A given HTTP status with a body that is not JSON.
    Http,
    /// The normal answer's full Content-Length, half its body, then the connection is closed.
    Half,
    /// Status 200 and bytes that are not JSON.
    Garbage,
    /// Status 200 and no bytes at all.
    Empty,
    /// The normal answer without its errcode.
    NoErrcode,
    /// The normal answer, late.
    Slow,
}

impl ReplyKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            ReplyKind::Normal => "normal",
            ReplyKind::Errcode => "errcode",
            ReplyKind::Hang => "hang",
            ReplyKind::Reset => "reset",
            ReplyKind::Http => "http",
            ReplyKind::Half => "half",
            ReplyKind::Garbage => "garbage",
            ReplyKind::Empty => "empty",
            ReplyKind::NoErrcode => "no_errcode",
            ReplyKind::Slow => "slow",
        }
    }
}

fn once() -> u64 {
    1
}

fn always() -> f64 {
    1.0
}

/// `*` in JSON.
mod star {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("*")
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(reader: D) -> Result<(), D::Error> {
        let text = String::deserialize(reader)?;
        let star = text == "*";
        star.then_some(()).ok_or_else(|| D::Error::custom("not *"))
    }
}

impl Which {
    pub(crate) fn covers(self, call: Call) -> bool {
        match self {
            Which::Any => true,
            Which::One(one) => one == call,
        }
    }
}

impl Fault {
    /// A fault that happens once, to the given call.
    pub fn once(call: Call, act: Act, kind: ReplyKind) -> Fault {
        Fault {
            call: Which::One(call),
            bill_no: None,
            openid: None,
            env: None,
            skip: 0,
            times: 1,
            probability: 1.0,
            act,
            later: None,
            reply: Reply {
                kind,
                ..Reply::default()
            },
        }
    }

    /// Reads one fault, or a list of them; the error names the field.
    pub fn list_from_json(text: &str) -> Result<Vec<Fault>, String> {
        read_list(text.as_bytes()).map_err(|trouble| trouble.to_string())
    }

    /// Looks for what cannot be meant.
    pub(crate) fn check(&self) -> Result<(), Trouble> {
        let trouble = |field: &str, message: &str| Err(Trouble::new(field, message));
        if !(0.0..=1.0).contains(&self.probability) {
            return trouble("probability", "must be from 0 to 1");
        }
        match (self.act, self.later) {
            (Act::Later, None) => {
                return trouble("later", "is needed with \"do\":\"later\"");
            }
            (Act::Yes | Act::No | Act::Revoke, Some(_)) => {
                return trouble("later", "goes with \"do\":\"later\" only");
            }
            _ => {}
        }
        let moves_coins = match self.call {
            Which::Any => true,
            Which::One(call) => call.moves_coins(),
        };
        if self.act == Act::Later && !moves_coins {
            return trouble("do", "\"later\" goes with calls that move coins and * only");
        }
        let takes_token = matches!(self.call, Which::One(call) if call.takes_token());
        if self.act == Act::Revoke && !takes_token {
            return trouble("do", "\"revoke\" needs a call that takes an access_token");
        }
        let status = self.reply.http_status.unwrap_or(502);
        if !(200..=599).contains(&status) {
            return trouble("reply.http_status", "must be from 200 to 599");
        }
        Ok(())
    }
}

/// Reads and checks one fault, or a list of them.
pub(crate) fn read_list(text: &[u8]) -> Result<Vec<Fault>, Trouble> {
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let faults: Vec<Fault> = match first {
        Some(b'[') => crate::json::read(text)?,
        _ => vec![crate::json::read(text)?],
    };
    for fault in &faults {
        fault.check()?;
    }
    Ok(faults)
}
