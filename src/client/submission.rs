//! What the host asks for, checked and owned.

use super::completion::CompletionKind;
use crate::api::game_v2::CoinType;
use crate::api::game_v2::query_order::Business;
use crate::api::push::Event;
use crate::sign::{AppKey, Secret};
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
    Payment {
        /// The payment.
        record: Box<Record>,
        /// The host's own books say that this number may have been sent.
        sent_before: bool,
    },
    /// Cancels a payment, or gives a finished one back.
    CancelPay {
        /// The payment's number.
        bill_no: String,
        /// A part of it, under a number of its own; none: the whole.
        part: Option<Part>,
    },
    /// An item that the player is to pay in the game client, written as the record it will become.
    ItemOrder(Box<Record>),
    /// A push that has been verified.
    Push(Box<Event>),
    /// A call that moves no money.
    Read(ReadCall),
    /// A question or a decision of an operator.
    Operator(Operator),
}

/// A part of a payment that is to be given back.
pub struct Part {
    /// The refund's own number.
    pub refund_bill_no: String,
    /// Coins.
    pub amount: i64,
}

/// What an operator can ask of the journal, and decide.
pub enum Operator {
    /// What is known of one payment.
    Payment {
        /// Its number.
        bill_no: String,
    },
    /// All payments that are open or need review, a page at a time.
    Unresolved {
        /// The last record of the page before; 0 for the first page.
        after_id: u64,
        /// So many at the most.
        most: u32,
    },
    /// A payment that needs review, or is held, is done, or is not and never will be.
    Settle {
        /// Its number.
        bill_no: String,
        /// Done or rejected.
        done: bool,
    },
    /// A held payment goes on.
    Resume {
        /// Its number.
        bill_no: String,
    },
}

impl Operator {
    /// The payment it is about.
    pub fn bill_no(&self) -> Option<&str> {
        match self {
            Operator::Payment { bill_no }
            | Operator::Settle { bill_no, .. }
            | Operator::Resume { bill_no } => Some(bill_no),
            Operator::Unresolved { .. } => None,
        }
    }

    /// The kind of its completion.
    pub fn kind(&self) -> CompletionKind {
        match self {
            Operator::Payment { .. } => CompletionKind::Payment,
            Operator::Unresolved { .. } => CompletionKind::Unresolved,
            Operator::Settle { .. } => CompletionKind::Settle,
            Operator::Resume { .. } => CompletionKind::Resume,
        }
    }
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
        /// Which coins.
        coin_type: CoinType,
    },
    /// Asks what became of a top-up or an item purchase; may be repeated.
    QueryOrder {
        /// The player.
        openid: String,
        /// The zone.
        zone_id: String,
        /// The player's public address or empty.
        user_ip: String,
        /// Number of the purchase.
        out_trade_no: String,
        /// What was paid for.
        business: Business,
    },
    /// Exchanges a js_code for openid and session_key; the code works once.
    Login {
        /// From the game client's `wx.login`.
        js_code: Secret,
    },
    /// Asks whether the session_key that is kept is still the player's; may be repeated.
    CheckSession {
        /// The player.
        openid: String,
    },
    /// Replaces the player's session_key. Not repeated: the first request may have ended the key that signs it.
    ResetSession {
        /// The player.
        openid: String,
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
    /// The host wants a session_key gone.
    ForgetSession {
        /// The player.
        openid: String,
    },
    /// The host brings an access_token.
    SetAccessToken {
        /// The token.
        access_token: Secret,
        /// For how long it lives, from now.
        expires_in_s: i64,
    },
    /// The host brings another AppKey.
    SetAppKey(AppKey),
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
