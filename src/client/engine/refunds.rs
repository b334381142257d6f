//! Parts of a finished payment that are given back, each under a number of its own (virtual payment 2.0).
//!
//! A part is a record like a present's: the same number until its own answer, and no cancel. The journal takes it only
//! together with its amount in the payment's `refunded`, so parts and whole never give back more than was paid.

use crate::client::completion::{Completion, CompletionKind, Outcome};
use crate::client::flow::RESEND_LIMIT_MS;
use crate::client::submission::Part;
use crate::error::Kind as ErrorKind;
use crate::store::{Generation, JournalError, Kind, Record, Unrefundable, Write, Written};

use super::Engine;
use super::entry::{Asker, Lookup};
use super::payments::TOO_LATE;

impl Engine {
    /// Begins one, or asks about one that is known.
    pub(super) fn refund_part(&mut self, payment: &Record, part: Part, asker: Asker) {
        if payment.generation != Generation::V2 {
            return self.complete_cancel_refused(
                payment,
                &asker,
                "it was paid through Midas v1, which gives back the whole only",
            );
        }
        let too_late = self.now.wall_ms - payment.first_sent_at_ms >= RESEND_LIMIT_MS;
        if too_late && !self.by_bill_no.contains_key(&part.refund_bill_no) {
            // Too late for a new one. What is known of this one, if it is not new?
            let find = Write::Find(part.refund_bill_no.clone());
            let lookup = Lookup {
                bill_no: payment.bill_no.clone(),
                part: Some(part),
                refund_of: Some(Box::new(payment.clone())),
                asker,
            };
            return self.look_up(lookup, find);
        }
        self.submit_refund(payment, &part, asker);
    }

    fn submit_refund(&mut self, payment: &Record, part: &Part, asker: Asker) {
        let now_ms = self.now.wall_ms;
        let refund = Record {
            offer_id: payment.offer_id.clone(),
            pf: payment.pf.clone(),
            openid: payment.openid.clone(),
            zone_id: payment.zone_id.clone(),
            amount: part.amount,
            user_ip: payment.user_ip.clone(),
            pay_bill_no: payment.bill_no.clone(),
            user_tag: asker.user_tag,
            created_at_ms: now_ms,
            deadline_at_ms: now_ms + (asker.deadline_ms - self.now.mono_ms),
            updated_at_ms: now_ms,
            ..Record::new(Kind::Refund, payment.generation, &part.refund_bill_no)
        };
        self.submit_payment(refund, false, asker);
    }

    /// The journal's answer about the number of a refund that it is too late to begin.
    pub(super) fn refund_looked_up(
        &mut self,
        lookup: Lookup,
        answer: Result<Written, JournalError>,
    ) {
        let Lookup {
            part: Some(part),
            refund_of: Some(payment),
            asker,
            ..
        } = lookup
        else {
            return;
        };
        match answer {
            Ok(Written::Missing) => self.complete_cancel_refused(&payment, &asker, TOO_LATE),
            Err(failure) => self.complete(Completion {
                outcome: Outcome::Unknown,
                error: Some(failure.error.kind),
                bill_no: payment.bill_no,
                errmsg: failure.error.message.into_owned(),
                ..asker.completion(CompletionKind::CancelPay)
            }),
            // It is in the journal, which answers for it: nothing is sent.
            Ok(_) => self.submit_refund(&payment, &part, asker),
        }
    }

    /// The payment is under way: what becomes of it is not known yet, or the whole is being given back.
    pub(super) fn refuse_part(&mut self, id: u64, asker: &Asker) {
        let record = self.payments[&id].payment.record.clone();
        let why = "the payment is not finished, or the whole of it is being given back";
        self.complete_cancel_refused(&record, asker, why);
    }

    /// The journal refused a part: nothing was sent, nothing is kept.
    pub(super) fn refund_refused(&mut self, id: u64, why: Unrefundable) {
        let Some(entry) = self.remove(id) else { return };
        let record = &entry.payment.record;
        let (error, why) = match why {
            Unrefundable::Unknown => (
                ErrorKind::NotFound,
                "this journal does not know the payment: nothing was sent".to_owned(),
            ),
            Unrefundable::NotDone => (
                ErrorKind::WrongState,
                "only a pay that is done can be given back in parts".to_owned(),
            ),
            Unrefundable::NotAcked => (
                ErrorKind::WrongState,
                "acknowledge the finished payment (wxg_client_ack) before giving it back"
                    .to_owned(),
            ),
            Unrefundable::MoreThanLeft { left } => (
                ErrorKind::WrongState,
                format!("{left} coins of the payment are left to give back"),
            ),
        };
        let told = Completion {
            error: Some(error),
            errmsg: why,
            delivery_id: 0,
            outcome: Outcome::None,
            ..Completion::of_record(CompletionKind::CancelPay, record)
        };
        for asker in &entry.askers {
            self.complete(Completion {
                submission: asker.submission,
                user_tag: asker.user_tag,
                ..told.clone()
            });
        }
        if entry.owed {
            // Somebody was told *unknown* while the journal was silent.
            self.complete(Completion {
                kind: Some(CompletionKind::Resolved),
                ..told
            });
        }
    }
}
