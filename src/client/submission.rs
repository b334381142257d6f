//! What the host asks for, checked and owned.

use crate::sign::Secret;
use crate::store::{JournalError, Record, Written};
use crate::transport;

/// One accepted submission. It completes exactly once.
pub struct Submission {
    /// Its number in this process, never 0.
    pub id: u64,
    /// The host's tag.
    pub user_tag: u64,
    /// How long the host waits for the completion.
    pub deadline_ms: i64,
    /// What to do.
    pub ask: Ask,
}

/// The calls a host can submit.
pub enum Ask {
    /// A pay or a present, written as the record it will become.
    Payment(Box<Record>),
    /// Cancels a payment, or gives a finished one back.
    CancelPay {
        /// The payment's number.
        bill_no: String,
    },
    /// A call that moves no money.
    Read(ReadCall),
}

/// The calls that are not journaled.
pub enum ReadCall {
    /// Reads a balance; may be repeated.
    GetBalance {
        /// The player.
        openid: String,
        /// The zone.
        zone_id: String,
        /// The player's public address or empty.
        user_ip: String,
    },
    /// Exchanges a js_code for openid and session_key; the code works once.
    Login {
        /// From the game client's `wx.login`.
        js_code: Secret,
    },
}

/// Everything that can happen to the engine.
pub enum Input {
    /// The host submits.
    Submit(Submission),
    /// The host brings a session_key.
    SetSession {
        /// The player.
        openid: String,
        /// The key as text.
        session_key: Secret,
    },
    /// The host has acted on a final answer.
    Ack(u64),
    /// One commit of the journal: each write's answer.
    Committed(Vec<(u64, Result<Written, JournalError>)>),
    /// A request came to its end.
    Finished {
        /// Which request.
        id: u64,
        /// How.
        outcome: transport::Outcome,
    },
    /// Let what is under way finish until then, then give up.
    Close {
        /// On the engine's clock.
        until_ms: i64,
    },
    /// Nothing but time has passed.
    Tick,
}
