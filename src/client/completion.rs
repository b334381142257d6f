//! What comes back to the host.

use crate::api::game_v2::item_order::ItemStrings;
use crate::api::game_v2::query_order::OrderState;
use crate::api::push::{self, Answer, Event, RefusalReason};
use crate::error::Kind as ErrorKind;
use crate::queue::Numbered;
use crate::store::{Kind, Reason, Record, State};

use super::push::COINS;

/// What a completion is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// The answer to a pay.
    Pay = 1,
    /// The answer to a present.
    Present = 2,
    /// The answer to a get_balance.
    GetBalance = 3,
    /// The answer to a cancel_pay.
    CancelPay = 4,
    /// The answer to a login.
    Login = 5,
    /// The final answer of a payment that was unknown, or that an earlier process began.
    Resolved = 6,
    /// Payments of this player wait for a session_key: log the player in again.
    SessionNeeded = 7,
    /// What is known of one payment.
    Payment = 8,
    /// The answer to an operator's decision.
    Settle = 9,
    /// The answer to an operator's release of a held payment.
    Resume = 10,
    /// A page of payments that are open or need review; handed out one by one.
    Unresolved = 11,
    /// The answer to a check_session.
    CheckSession = 12,
    /// The answer to a reset_session.
    ResetSession = 13,
    /// The host is to set an access_token.
    TokenNeeded = 14,
    /// The answer to an item_order.
    ItemOrder = 15,
    /// The answer to a query_order.
    QueryOrder = 16,
    /// What a push told, and what to answer it.
    Push = 17,
}

/// What an open payment waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum WaitingFor {
    /// It is not open, or nobody drives it just now.
    #[default]
    Nothing = 0,
    /// A session_key of the player.
    Session = 1,
    /// An access_token.
    Token = 2,
    /// The end of a back-off.
    BackOff = 3,
    /// The end of the quiet time before its cancel.
    QuietTime = 4,
    /// WeChat's answer.
    Answer = 5,
    /// The journal.
    Journal = 6,
    /// An operator: it is held.
    Operator = 7,
    /// The player, who may pay it at any time.
    Player = 8,
    /// Another server, which drives it.
    Server = 9,
}

/// One of the four answers, or the word for "a person must look".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Outcome {
    /// No answer about a payment: a request for input, or a submission that contradicts the journal.
    #[default]
    None = 0,
    /// It happened, once.
    Done = 1,
    /// It did not happen and never will under this number.
    Rejected = 2,
    /// Nothing of it ever left.
    NotSent = 3,
    /// It may have happened; the journal keeps it and a later completion tells.
    Unknown = 4,
    /// The library can neither finish nor deny it: no grant, no refusal, never a new number.
    NeedsReview = 5,
    /// The player may pay it now, and the library watches for it.
    AwaitingPayment = 6,
}

/// Delivered again, because an earlier delivery was not acknowledged.
pub const FLAG_REDELIVERED: u64 = 1;
/// The client was closed before a better answer came.
pub const FLAG_SHUTDOWN: u64 = 2;
/// The record was retired: only its final answer is still known.
pub const FLAG_SEALED: u64 = 4;
/// This journal made no such order: a push alone told of it.
pub const FLAG_NOT_ORDERED: u64 = 8;

/// One completion. Owns all its texts.
#[derive(Clone, Debug, Default)]
pub struct Completion {
    /// Which submission it answers; 0 for one that answers none.
    pub submission: u64,
    /// What it is about.
    pub kind: Option<CompletionKind>,
    /// Which payment call, for kind *resolved*.
    pub payment: Option<Kind>,
    /// The answer.
    pub outcome: Outcome,
    /// An error of the library itself, if that is why.
    pub error: Option<ErrorKind>,
    /// Why a payment stands where it stands.
    pub reason: Reason,
    /// WeChat's errcode.
    pub errcode: i32,
    /// `FLAG_…`
    pub flags: u64,
    /// The host's tag.
    pub user_tag: u64,
    /// To be acknowledged after acting on it; 0 when there is nothing to acknowledge.
    pub delivery_id: u64,
    /// The journal's number of the record, 0 without one.
    pub record_id: u64,
    /// What an open payment waits for.
    pub waiting_for: WaitingFor,
    /// When the payment was submitted, Unix milliseconds.
    pub created_at_ms: i64,
    /// When it was first sent, Unix milliseconds; 0 = never.
    pub first_sent_at_ms: i64,
    /// Coins asked for; how many of an item.
    pub amount: i64,
    /// Price of one item in fen, of an item order.
    pub goods_price: i64,
    /// What WeChat told of the player's account.
    pub account: Account,
    /// The payment's number.
    pub bill_no: String,
    /// The number of the refund that it is about, if it is about one of a part.
    pub refund_bill_no: String,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// Item name; productId of an item order.
    pub pay_item: String,
    /// The host's own text of an item order.
    pub attach: String,
    /// Only from a login, where the account has one.
    pub unionid: String,
    /// WeChat's errmsg, or the library's own words.
    pub errmsg: String,
    /// What the host gave with the payment.
    pub host_data: Vec<u8>,
    /// For a page of payments.
    pub page: Vec<Completion>,
    /// What the game client is to pay an item order with.
    pub strings: Option<Box<ItemStrings>>,
    /// What WeChat knows of an order.
    pub queried: Option<Box<OrderState>>,
    /// What a push told.
    pub push: Option<Box<Push>>,
}

/// What to do with a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// WeChat tries the URL: nothing but to answer.
    Echo = 1,
    /// To be acted on, then acknowledged.
    Deliver = 2,
    /// It has been told before; what is not acknowledged comes again by itself.
    AlreadyDelivered = 3,
    /// The player's coins have changed: nothing to deliver.
    BalanceChanged = 4,
    /// A test of the console's: nothing to deliver.
    Mock = 5,
    /// Not about a payment: the host's own business.
    Other = 6,
    /// Not to be believed, or not for this client.
    Refuse = 7,
    /// It could not be journaled: nothing was done, WeChat is to push it again.
    Again = 8,
}

/// What a push told.
#[derive(Clone, Debug, Default)]
pub struct Push {
    /// What to do with it; none where it is told again from the journal.
    pub verdict: Option<Verdict>,
    /// What it says, if it is about a payment.
    pub event: Option<Event>,
    /// WeChat's name of the event.
    pub name: String,
    /// Of [`Verdict::Other`] the whole message, else what the push said of the payment.
    pub message: String,
    /// Why it is refused.
    pub refusal: Option<RefusalReason>,
    /// What to answer.
    pub answer: Option<Answer>,
}

impl Push {
    /// What this event tells.
    pub fn of_event(event: Event) -> Self {
        Self {
            name: event.name().to_owned(),
            message: event.payload().to_owned(),
            event: Some(event),
            ..Self::default()
        }
    }
}

/// What WeChat told of a player's account; each field only where it was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Coins, gifts included.
    pub balance: Option<i64>,
    /// Gift coins.
    pub gen_balance: Option<i64>,
    /// Gift coins this payment used.
    pub used_gen_amt: Option<i64>,
    /// Coins topped up, in all.
    pub save_amt: Option<i64>,
    /// Coins obtained, in all.
    pub save_sum: Option<i64>,
    /// Coins spent, in all.
    pub cost_sum: Option<i64>,
    /// Coins given, in all.
    pub present_sum: Option<i64>,
    /// Whether the next top-up is the player's first.
    pub first_save: Option<bool>,
}

impl Numbered for Completion {
    fn submission(&self) -> u64 {
        self.submission
    }
}

impl Completion {
    /// What a record says about its payment, with all that a push said of it.
    pub fn of_record(kind: CompletionKind, record: &Record) -> Self {
        let event = push::reread(&record.push_event, &record.payload);
        Self {
            push: event.map(|event| Box::new(Push::of_event(event))),
            ..Self::of_record_alone(kind, record)
        }
    }

    /// The same for who has the push at hand.
    pub(super) fn of_record_alone(kind: CompletionKind, record: &Record) -> Self {
        Self {
            kind: Some(kind),
            payment: Some(record.kind),
            outcome: outcome_of(record.state),
            reason: record.reason,
            errcode: record.errcode,
            delivery_id: if record.state.is_final() {
                record.delivery_id()
            } else {
                0
            },
            record_id: record.id,
            created_at_ms: record.created_at_ms,
            first_sent_at_ms: record.first_sent_at_ms,
            host_data: record.host_data.clone(),
            amount: match record.kind {
                Kind::Push if !record.bill_no.starts_with(COINS) => 0,
                _ => record.amount,
            },
            goods_price: record.goods_price,
            flags: if record.kind == Kind::Item && !record.is_ordered() {
                FLAG_NOT_ORDERED
            } else {
                0
            },
            account: Account {
                balance: record.balance,
                used_gen_amt: record.used_gen_amt,
                ..Account::default()
            },
            bill_no: match record.kind {
                Kind::Refund => record.pay_bill_no.clone(),
                _ => record.number().to_owned(),
            },
            refund_bill_no: match record.kind {
                Kind::Refund => record.bill_no.clone(),
                _ => String::new(),
            },
            openid: record.openid.clone(),
            zone_id: record.zone_id.clone(),
            pay_item: record.pay_item.clone(),
            attach: match record.kind {
                Kind::Item => record.app_remark.clone(),
                _ => String::new(),
            },
            errmsg: record.errmsg.clone(),
            user_tag: record.user_tag,
            ..Self::default()
        }
    }
}

/// A record that is not final is unknown, whatever else is known of it.
pub(super) fn outcome_of(state: State) -> Outcome {
    match state {
        State::Sending | State::Cancelling => Outcome::Unknown,
        State::Done => Outcome::Done,
        State::Rejected => Outcome::Rejected,
        State::NotSent => Outcome::NotSent,
        State::NeedsReview => Outcome::NeedsReview,
        State::AwaitingPayment => Outcome::AwaitingPayment,
    }
}
