//! Pushes as a test reads them.

use crate::call::Env;
use crate::post::Outcome;
use crate::query::Query;
use crate::world::World;
use crate::xml;
use serde::Serialize;
use serde_json::Value;

/// How far a push has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushState {
    /// It waits until it is due, for the first time or again.
    Waiting,
    /// It is on its way.
    Sending,
    /// It was answered with success.
    Delivered,
    /// There is to be no other attempt.
    GivenUp,
}

impl PushState {
    pub(crate) fn is_end(self) -> bool {
        matches!(self, PushState::Delivered | PushState::GivenUp)
    }
}

/// What WeChat makes of the answer to a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// HTTP 200 and ErrCode 0.
    Success,
    /// HTTP 200 and another ErrCode.
    Refused,
    /// HTTP 200 without an ErrCode that can be read.
    Unreadable,
    /// Another HTTP status.
    HttpStatus,
    /// No whole answer in time.
    Timeout,
    /// No connection, or one that broke.
    Unreachable,
}

impl Verdict {
    pub(crate) fn of(outcome: &Outcome) -> Verdict {
        match outcome {
            Outcome::Timeout => Verdict::Timeout,
            Outcome::Unreachable(_) => Verdict::Unreachable,
            Outcome::Answer { status, .. } if *status != 200 => Verdict::HttpStatus,
            Outcome::Answer { body, .. } => match err_code(body) {
                Some(0) => Verdict::Success,
                Some(_) => Verdict::Refused,
                None => Verdict::Unreadable,
            },
        }
    }
}

/// The ErrCode of an answer in JSON or XML.
fn err_code(answer: &str) -> Option<i64> {
    if answer.trim_start().starts_with('<') {
        return xml::number(answer, "ErrCode");
    }
    let answer: Value = serde_json::from_str(answer).ok()?;
    answer.get("ErrCode")?.as_i64()
}

/// One push that was sent, and what came back. Times are Unix milliseconds of the sandbox's clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// When it was sent.
    pub at_ms: i64,
    /// When the answer was there, or the sandbox stopped to wait for it.
    pub answered_ms: i64,
    /// The HTTP status, if there was one.
    pub status: Option<u16>,
    /// The first 256 characters of the answer, or why there was none.
    pub answer: String,
    /// What came of it.
    pub verdict: Verdict,
}

/// One push and all its attempts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushRow {
    /// Its number; later pushes have higher ones.
    pub id: u64,
    /// The app.
    pub appid: String,
    /// The environment whose key signed it.
    pub env: Env,
    /// WeChat's name of the event.
    pub event: String,
    /// OutTradeNo, RefundId or OrderId; empty when it has none.
    pub key: String,
    /// Where it stands.
    pub state: PushState,
    /// When it is sent next, if it is; Unix milliseconds of the sandbox's clock.
    pub next_ms: Option<i64>,
    /// What was sent so far, oldest first.
    pub attempts: Vec<Attempt>,
}

/// The pushes that are kept.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PushList {
    /// Oldest first.
    pub pushes: Vec<PushRow>,
    /// Pushes for which there was no room since the start or the last reset.
    pub dropped: u64,
    /// Whether they are held.
    pub held: bool,
}

impl World {
    pub(crate) fn pushes(&self) -> PushList {
        let state = self.lock();
        let pushes = &state.pushes;
        let rows = pushes.all.iter().map(|(id, push)| PushRow {
            id: *id,
            appid: self.config.rules.apps[push.app].appid.clone(),
            env: push.env,
            event: push.message.event.clone(),
            key: push.message.key.clone(),
            state: push.state,
            next_ms: push.due_ms,
            attempts: push.attempts.clone(),
        });
        PushList {
            pushes: rows.collect(),
            dropped: pushes.dropped,
            held: pushes.held,
        }
    }

    /// Those with the event and the key that the query names.
    pub(crate) fn pushes_of(&self, query: &Query) -> PushList {
        let mut list = self.pushes();
        let fits = |name: &str, is: &str| query.get(name).is_none_or(|wanted| wanted == is);
        list.pushes
            .retain(|push| fits("event", &push.event) && fits("key", &push.key));
        list
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict;
    use crate::post::Outcome;

    #[test]
    fn only_http_200_and_err_code_0_is_success() {
        for (status, body, expected) in [
            (200, r#"{"ErrCode":0,"ErrMsg":"Success"}"#, Verdict::Success),
            (200, "<xml><ErrCode>0</ErrCode></xml>", Verdict::Success),
            (200, r#"{"ErrCode":99999}"#, Verdict::Refused),
            (200, "<xml><ErrCode>1</ErrCode></xml>", Verdict::Refused),
            (200, r#"{"ErrCode":"0"}"#, Verdict::Unreadable),
            (200, r#"{"errcode":0}"#, Verdict::Unreadable),
            (200, "success", Verdict::Unreadable),
            (200, "", Verdict::Unreadable),
            (500, r#"{"ErrCode":0}"#, Verdict::HttpStatus),
            (204, "", Verdict::HttpStatus),
        ] {
            let body = body.to_owned();
            let outcome = Outcome::Answer { status, body };
            assert_eq!(Verdict::of(&outcome), expected, "{outcome:?}");
        }
    }
}
