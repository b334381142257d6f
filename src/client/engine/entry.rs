//! One payment under way, and the submissions that wait for its answer.

use crate::client::completion::{Completion, CompletionKind, Outcome};
use crate::client::flow::Payment;
use crate::client::submission::Part;
use crate::error::Kind as ErrorKind;
use crate::store::{Kind, Reason, Record};

/// One submission that waits for a payment's answer.
pub(super) struct Asker {
    pub(super) submission: u64,
    pub(super) user_tag: u64,
    pub(super) deadline_ms: i64,
    pub(super) cancels: bool,
    pub(super) settles: bool,
    pub(super) graced: bool,
    /// Of a part that is to be given back: the refund's number.
    pub(super) refund_bill_no: String,
}

impl Asker {
    pub(super) fn new(submission: u64, user_tag: u64, deadline_ms: i64) -> Self {
        Self {
            submission,
            user_tag,
            deadline_ms,
            cancels: false,
            settles: false,
            graced: false,
            refund_bill_no: String::new(),
        }
    }

    pub(super) fn submission(&self) -> u64 {
        self.submission
    }

    pub(super) fn user_tag(&self) -> u64 {
        self.user_tag
    }

    pub(super) fn deadline_ms(&self) -> i64 {
        self.deadline_ms
    }

    /// The same submission as one that waits for what a person has decided.
    pub(super) fn settling(&self) -> Self {
        Self {
            settles: true,
            refund_bill_no: self.refund_bill_no.clone(),
            ..*self
        }
    }

    pub(super) fn completion(&self, kind: CompletionKind) -> Completion {
        Completion {
            submission: self.submission,
            kind: Some(kind),
            user_tag: self.user_tag,
            refund_bill_no: self.refund_bill_no.clone(),
            ..Completion::default()
        }
    }

    /// What this submission is told about `record`. To a cancel_pay, *rejected* is success.
    pub(super) fn answer(&self, record: &Record) -> Completion {
        let kind = match () {
            () if self.cancels => CompletionKind::CancelPay,
            () if self.settles => CompletionKind::Settle,
            () => record.kind.into(),
        };
        let mut completion = Completion::of_record(kind, record);
        completion.submission = self.submission;
        completion.user_tag = self.user_tag;
        if self.cancels {
            completion.outcome = match completion.outcome {
                Outcome::Rejected | Outcome::NotSent => Outcome::Done,
                Outcome::Done => Outcome::Rejected,
                other => other,
            };
        }
        if record.reason == Reason::Journal {
            completion.error = Some(ErrorKind::Journal);
        }
        completion
    }
}

impl Completion {
    /// The same, but for an answer that is not certain yet.
    pub(super) fn into_unknown(mut self) -> Self {
        self.outcome = Outcome::Unknown;
        self.delivery_id = 0;
        self
    }
}

/// One payment under way.
pub(super) struct Entry {
    pub(super) payment: Payment,
    pub(super) askers: Vec<Asker>,
    /// The journal is being asked whether it knows the number.
    pub(super) looking: Option<Looking>,
    /// When the journal, which could not be read, is to be asked again.
    pub(super) look_again: Option<(i64, Looking)>,
    /// Somebody was told *unknown*, or an earlier process began it: the final answer comes by itself.
    pub(super) owed: bool,
    /// Somebody was told *unknown*.
    pub(super) told_unknown: bool,
    pub(super) used_session: u64,
    pub(super) used_token: u64,
    pub(super) sends: u64,
    pub(super) sent_at_ms: i64,
    pub(super) armed_at_ms: i64,
    pub(super) standing: Standing,
}

/// How an open payment is counted in the stats.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Waiting,
    Unknown,
    Cancelling,
    Held,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Looking {
    /// Before its first write, because it has to wait for a credential.
    BeforeWriting,
    /// After its first write failed: was the number known all along?
    AfterFailure,
    /// Another server drives it: what came of it?
    Elsewhere,
}

impl Entry {
    pub(super) fn new(payment: Payment, asker: Option<Asker>) -> Self {
        Self {
            payment,
            owed: asker.is_none(),
            told_unknown: false,
            askers: asker.into_iter().collect(),
            looking: None,
            look_again: None,
            used_session: 0,
            used_token: 0,
            sends: 0,
            sent_at_ms: 0,
            armed_at_ms: i64::MAX,
            standing: Standing::Waiting,
        }
    }

    /// One more submission waits for the answer.
    pub(super) fn ask(&mut self, asker: Asker) {
        self.askers.push(asker);
    }

    /// Another server drives it, and it is only looked at.
    pub(super) fn is_elsewhere(&self) -> bool {
        let why = self.looking.or(self.look_again.map(|(_, why)| why));
        why == Some(Looking::Elsewhere)
    }

    /// Nothing of it is under way that a close should wait for.
    pub(super) fn is_idle(&self) -> bool {
        !self.payment.is_writing() && !self.payment.is_on_the_way() && self.looking.is_none()
    }
}

/// A cancel_pay whose payment is being looked up in the journal.
pub(super) struct Lookup {
    pub(super) bill_no: String,
    pub(super) part: Option<Part>,
    /// The payment, where the number of its refund is what is being looked up.
    pub(super) refund_of: Option<Box<Record>>,
    pub(super) asker: Asker,
}

impl From<Kind> for CompletionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Pay => CompletionKind::Pay,
            Kind::Present => CompletionKind::Present,
            Kind::Refund => CompletionKind::CancelPay,
            Kind::Item => CompletionKind::ItemOrder,
            Kind::Push => CompletionKind::Push,
        }
    }
}
