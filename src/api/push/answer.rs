//! What the game server answers to a push: status, content type, body.
//!
//! | push | success | once more | refused |
//! |---|---|---|---|
//! | URL set-up | the echostr | 503 | 403 |
//! | event or mock | 200, ErrCode 0 | 200, ErrCode 99999 | 403, ErrCode 99999 |
//! | gift pack, player not found | | 200, ErrCode 99999, SubErrCode 172935494 | |
//! | other | 200, `success` | 503 | 403 |
//! | what [`receive`](super::receive) refused | 403, ErrCode 99999, whatever the verdict | | |

use super::{Event, Format, Received, What};

/// What came of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is taken, now or earlier: WeChat need not send it again.
    Success,
    /// It could not be taken now: WeChat sends it again by its plan.
    Retry,
    /// A [`Retry`](Self::Retry) that tells WeChat, of a gift pack, that the game has no such player.
    NoPlayer,
    /// It will not be taken.
    Refused,
}

/// What goes back over HTTP. Must be sent within 3 s of the push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Value of the header Content-Type.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

const TEXT: &str = "text/plain; charset=utf-8";
const FAILED: u32 = 99_999;
/// WeChat's SubErrCode for a player the game does not know.
const NO_PLAYER: u32 = 172_935_494;

impl Received {
    /// The answer to this push. Its form follows from the push alone: the verdict is all there is to choose, and what
    /// was refused on the way in stays refused.
    pub fn answer(&self, verdict: Verdict) -> Answer {
        match &self.what {
            What::Refused(_) => self.format.answer(Verdict::Refused, false),
            What::Event(event) | What::Mock(event) => {
                self.format.answer(verdict, matches!(event, Event::Gift(_)))
            }
            What::Echo(echostr) => plain(verdict, echostr),
            What::Other { .. } => plain(verdict, "success"),
        }
    }
}

impl Format {
    fn answer(self, verdict: Verdict, is_gift: bool) -> Answer {
        let (status, code, message) = match verdict {
            Verdict::Success => (200, 0, "Success"),
            Verdict::Retry | Verdict::NoPlayer => (200, FAILED, "not taken, send it again"),
            Verdict::Refused => (403, FAILED, "refused"),
        };
        let no_player = is_gift && verdict == Verdict::NoPlayer;
        let (content_type, body) = match self {
            Format::Json => {
                let sub = if no_player {
                    format!(",\"SubErrCode\":{NO_PLAYER}")
                } else {
                    String::new()
                };
                (
                    "application/json",
                    format!("{{\"ErrCode\":{code},\"ErrMsg\":\"{message}\"{sub}}}"),
                )
            }
            Format::Xml => {
                let sub = if no_player {
                    format!("<SubErrCode>{NO_PLAYER}</SubErrCode>")
                } else {
                    String::new()
                };
                (
                    "text/xml",
                    format!("<xml><ErrCode>{code}</ErrCode><ErrMsg>{message}</ErrMsg>{sub}</xml>"),
                )
            }
        };
        Answer {
            status,
            content_type,
            body,
        }
    }
}

fn plain(verdict: Verdict, success: &str) -> Answer {
    let (status, body) = match verdict {
        Verdict::Success => (200, success),
        Verdict::Retry | Verdict::NoPlayer => (503, "not taken, send it again"),
        Verdict::Refused => (403, "refused"),
    };
    Answer {
        status,
        content_type: TEXT,
        body: body.to_owned(),
    }
}
