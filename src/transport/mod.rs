//! Sending one request, once.
//!
//! A [`Transport`] starts a request and pushes its [`Outcome`] to the slot it was given, exactly once and
//! from any thread. It never repeats a request, follows no redirect and treats no HTTP status as an error.
//! Whether a failure means *not sent* or *unknown* is decided here, by the phase it happened in:
//!
//! | phase | outcome |
//! |---|---|
//! | too late before the first byte (`not_after`) | not sent |
//! | name not found, no address, connect refused, unreachable or timed out | not sent |
//! | proxy refused, TLS handshake failed | not sent |
//! | any failure after the first byte of the request may have left | unknown |
//! | answer cut short, too long, not HTTP | unknown |
//! | a reused connection that breaks | unknown |

mod crew;
mod names;
mod pool;
pub mod ureq;

pub use self::crew::Spawn;

use std::fmt;
use std::time::{Duration, Instant};

/// Which verb a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET, no body.
    Get,
    /// POST with a JSON body.
    Post,
}

/// One request, complete. Its URL and body may hold secrets, so it is not `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// GET or POST.
    pub method: Method,
    /// Path and query, from the leading slash on; the base URL belongs to the transport.
    pub path_and_query: String,
    /// The exact bytes to send, `application/json`; empty for GET.
    pub body: Vec<u8>,
    /// True for calls that move money: these never use a connection that has been idle for long.
    pub money: bool,
    /// No byte leaves after this, which may be long before the transport gives up.
    pub leave_by: Option<Instant>,
}

/// What came back. Never shows its body, which may hold a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
    /// The `Date` header as Unix seconds, if there was a readable one.
    pub date_unix_s: Option<i64>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .field("date_unix_s", &self.date_unix_s)
            .finish()
    }
}

/// What became of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A whole HTTP answer.
    Reply(Reply),
    /// No byte of the request left this machine. The text says why, without secrets.
    NotSent(String),
    /// The request may have been executed. The text says what happened, without secrets.
    Unknown(String),
}

/// Where the outcome of one request goes. Dropping it unfinished reports *unknown*.
pub struct Slot {
    finish: Option<Box<dyn FnOnce(Outcome) + Send>>,
}

impl Slot {
    /// A slot that hands its outcome to `finish`.
    pub fn new(finish: impl FnOnce(Outcome) + Send + 'static) -> Self {
        Self {
            finish: Some(Box::new(finish)),
        }
    }

    /// Reports the one outcome.
    pub fn finish(mut self, outcome: Outcome) {
        if let Some(finish) = self.finish.take() {
            finish(outcome);
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if let Some(finish) = self.finish.take() {
            finish(Outcome::Unknown(
                "the transport gave the request up without an answer".into(),
            ));
        }
    }
}

/// Sends requests to one base URL. Any thread at once.
pub trait Transport: Send + Sync {
    /// Starts `request` and returns at once. No byte of it leaves after `not_after` (nor after the request's own
    /// `leave_by`), which is also when the transport gives up waiting and reports *unknown* or *not sent*.
    fn start(&self, request: Request, not_after: Instant, slot: Slot);

    /// Interrupts what is under way where it can and starts nothing more. Returns at once.
    fn shutdown(&self);

    /// Waits until every thread of the transport has ended; false if some are still busy after `timeout`.
    /// They end by themselves. To be called after [`Transport::shutdown`].
    fn join_timeout(&self, timeout: Duration) -> bool;
}
