//! From an answer and a fault to what is really put on the wire.

use crate::answer::Answer;
use crate::call::Call;
use crate::fault::{Reply, ReplyKind};
use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What the client gets to see.
pub(crate) enum Shown {
    /// A response; `half` closes the connection in the middle of its body.
    Response {
        status: u16,
        content_type: &'static str,
        body: Vec<u8>,
        half: bool,
        errcode: Option<i64>,
    },
    /// Nothing, until the client leaves.
    Hang,
    /// Nothing; the connection is reset.
    Reset,
}

const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";

/// Applies the fault's reply. A call that has not been executed answers -1 where it should answer normally.
pub(crate) fn show(call: Call, answer: Option<Answer>, reply: Option<&Reply>) -> Shown {
    let normal = answer.unwrap_or_else(|| Answer::code(-1));
    let Some(reply) = reply else {
        return json(normal);
    };
    match reply.kind {
        ReplyKind::Normal | ReplyKind::Slow => json(normal),
        ReplyKind::Errcode => {
            let errcode = reply.errcode.unwrap_or(-1);
            json(match &reply.errmsg {
                Some(errmsg) => Answer::error(errcode, errmsg.as_str()),
                None => Answer::code_of(call, errcode),
            })
        }
        ReplyKind::Hang => Shown::Hang,
        ReplyKind::Reset => Shown::Reset,
        ReplyKind::Http => {
            let status = reply.http_status.unwrap_or(502);
            let page = format!("<html><body><h1>{status}</h1></body></html>\n");
            let body = reply.errmsg.clone().unwrap_or(page);
            other(status, HTML, body.into_bytes())
        }
        ReplyKind::Half => match json(normal) {
            Shown::Response { body, .. } => Shown::Response {
                status: 200,
                content_type: JSON,
                body,
                half: true,
                errcode: None,
            },
            nothing => nothing,
        },
        ReplyKind::Garbage => other(200, JSON, b"\x00\xff{\"errcode\":0,<!-- not JSON".to_vec()),
        ReplyKind::Empty => other(200, JSON, Vec::new()),
        ReplyKind::NoErrcode => other(200, JSON, normal.without_errcode().into_bytes()),
    }
}

fn json(answer: Answer) -> Shown {
    Shown::Response {
        status: 200,
        content_type: JSON,
        errcode: Some(answer.errcode),
        body: answer.into_bytes(),
        half: false,
    }
}

fn other(status: u16, content_type: &'static str, body: Vec<u8>) -> Shown {
    Shown::Response {
        status,
        content_type,
        body,
        half: false,
        errcode: None,
    }
}

/// A body that may break off in the middle.
pub(crate) struct Payload {
    length: u64,
    rest: Option<Bytes>,
    broken: Broken,
}

#[derive(Clone, Copy)]
enum Broken {
    Not,
    /// Half of it is still to be sent.
    Unsent,
    /// Half of it has been handed over and must be flushed before the connection goes.
    Sent,
    Over,
}

impl Payload {
    pub(crate) fn whole(body: Vec<u8>) -> Payload {
        Payload {
            length: body.len() as u64,
            rest: (!body.is_empty()).then(|| Bytes::from(body)),
            broken: Broken::Not,
        }
    }

    pub(crate) fn half(mut body: Vec<u8>) -> Payload {
        let length = body.len() as u64;
        body.truncate(body.len() / 2);
        Payload {
            length,
            rest: Some(Bytes::from(body)),
            broken: Broken::Unsent,
        }
    }
}

impl Body for Payload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.broken {
            Broken::Not => Poll::Ready(self.rest.take().map(|body| Ok(Frame::data(body)))),
            Broken::Unsent => {
                self.broken = Broken::Sent;
                Poll::Ready(self.rest.take().map(|body| Ok(Frame::data(body))))
            }
            Broken::Sent => {
                // The server flushes when a body is not ready, so the half leaves before the end comes.
                self.broken = Broken::Over;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Broken::Over => {
                let cut = io::Error::other("this answer ends in the middle");
                Poll::Ready(Some(Err(cut)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.broken, Broken::Not) && self.rest.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.length)
    }
}
