//! What the host is told of a payment: when it is certain, when the deadline passes, when the client closes.

use crate::client::completion::{Completion, CompletionKind, Outcome};
use crate::client::log::Level;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Kind, Record, State};

use super::entry::{Asker, Looking, Lookup};
use super::{Engine, WRITE_GRACE_MS};

/// A journal that could not be read is asked again after this.
const LOOK_AGAIN_MS: i64 = 1_000;

impl Engine {
    /// The final state is certain: everybody who waits is told, and who was told *unknown* hears of it too.
    pub(super) fn show(&mut self, id: u64) {
        let Some(entry) = self.remove(id) else { return };
        let record = &entry.payment.record;
        self.show_final(record, &entry.askers);
        if entry.owed {
            self.complete(Completion::of_record(CompletionKind::Resolved, record));
        }
    }

    /// Tells a final state to everybody who waits for it, and delivers it from now on.
    pub(super) fn show_final(&mut self, record: &Record, askers: &[Asker]) {
        self.log(Level::Info, || {
            format!(
                "{}: {:?} ({:?})",
                record.bill_no, record.state, record.reason
            )
        });
        if record.state == State::NeedsReview {
            self.reviews.insert(record.id);
        } else {
            self.reviews.remove(&record.id);
        }
        self.follow_delivery(record);
        self.answer_askers(askers, record);
    }

    pub(super) fn answer_askers(&mut self, askers: &[Asker], record: &Record) {
        for asker in askers {
            let completion = asker.answer(record);
            self.complete(completion);
        }
    }

    pub(super) fn expire_askers(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        let writing = entry.payment.is_writing();
        let mut late = Vec::new();
        entry.askers.retain_mut(|asker| {
            if now_ms < asker.deadline_ms {
                return true;
            }
            if writing && !asker.graced {
                asker.graced = true;
                asker.deadline_ms = now_ms + WRITE_GRACE_MS;
                return true;
            }
            late.push(asker.answer(&entry.payment.record).into_unknown());
            false
        });
        entry.owed |= !late.is_empty();
        entry.told_unknown |= !late.is_empty();
        late.into_iter()
            .for_each(|completion| self.complete(completion));
        self.arm(id);
    }

    /// Closing: what certainly left no trace is *not sent*; all else the next open resumes.
    pub(super) fn give_up_payment(&mut self, id: u64) {
        let Some(entry) = self.remove(id) else { return };
        let certain =
            entry.payment.left_no_trace() && entry.looking.is_none() && entry.look_again.is_none();
        for asker in &entry.askers {
            let mut completion = asker.answer(&entry.payment.record).into_unknown();
            if certain {
                completion.outcome = if asker.cancels {
                    Outcome::Done
                } else {
                    Outcome::NotSent
                };
            }
            completion.error = Some(ErrorKind::Closed);
            self.complete_for_shutdown(completion);
        }
    }

    pub(super) fn give_up_lookup(&mut self, id: u64) {
        let Some(Lookup { bill_no, asker, .. }) = self.lookups.remove(&id) else {
            return;
        };
        let completion = Completion {
            outcome: Outcome::Unknown,
            error: Some(ErrorKind::Journal),
            bill_no,
            errmsg: "the journal did not answer in time: ask again".into(),
            ..asker.completion(CompletionKind::CancelPay)
        };
        if self.is_closing() {
            self.complete_for_shutdown(completion);
        } else {
            self.complete(completion);
        }
    }

    /// The journal can neither be written nor read: whether it knows the number cannot be said yet. It is asked
    /// again until it answers; who waits is told *unknown* at the deadline, and why.
    pub(super) fn ask_journal_again(&mut self, id: u64, why: Looking, failure: &JournalError) {
        let at_ms = self.now.mono_ms + LOOK_AGAIN_MS;
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        entry.look_again = Some((at_ms, why));
        entry.payment.record.errmsg = failure.error.message.clone().into_owned();
        if self.is_closing() {
            self.give_up_payment(id);
        } else {
            self.arm(id);
        }
    }

    /// The answer to a submission that was told *unknown* while its number was being looked up.
    pub(super) fn resolve_late(&mut self, record: &Record, user_tag: u64) {
        let mut completion = Completion::of_record(CompletionKind::Resolved, record);
        completion.user_tag = user_tag;
        self.complete(completion);
    }

    /// The same where the number turned out to be known with other parameters.
    pub(super) fn resolve_conflict(&mut self, known: &Record, asked: &Record) {
        let told = Completion {
            kind: Some(CompletionKind::Resolved),
            user_tag: asked.user_tag,
            ..Completion::default()
        };
        self.complete(conflict(known, asked, told));
    }

    pub(super) fn complete_conflict(&mut self, known: &Record, asked: &Record, asker: &Asker) {
        let told = asker.completion(asked.kind.into());
        self.complete(conflict(known, asked, told));
    }

    pub(super) fn complete_cancel_refused(&mut self, record: &Record, asker: &Asker, why: &str) {
        self.complete(Completion {
            outcome: Outcome::None,
            error: Some(ErrorKind::WrongState),
            payment: Some(record.kind),
            bill_no: record.bill_no.clone(),
            openid: record.openid.clone(),
            amount: record.amount,
            errmsg: why.into(),
            ..asker.completion(CompletionKind::CancelPay)
        });
    }
}

fn conflict(known: &Record, asked: &Record, told: Completion) -> Completion {
    Completion {
        error: Some(ErrorKind::BillNoConflict),
        payment: Some(asked.kind),
        bill_no: asked.bill_no.clone(),
        openid: asked.openid.clone(),
        amount: asked.amount,
        errmsg: format!(
            "{} is known with another {}: nothing was sent",
            if asked.kind == Kind::Item {
                "out_trade_no"
            } else {
                "bill_no"
            },
            known.differs_in(asked)
        ),
        ..told
    }
}
