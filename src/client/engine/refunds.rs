//! Parts of a finished payment that are given back, each under a number of its own (virtual payment 2.0).
//!
//! A part is a record like a present's: the same number until its own answer, and no cancel. The journal takes it only
//! together with its amount in the payment's `refunded`, so parts and whole never give back more than was paid.

use crate::client::completion::{Completion, CompletionKind};
use crate::client::flow::RESEND_LIMIT_MS;
use crate::client::submission::Part;
use crate::error::Kind as ErrorKind;
use crate::store::{Generation, Kind, Record, Unrefundable};

use super::Engine;
use super::entry::Asker;
use super::payments::TOO_LATE;

impl Engine {
    /// Begins one, or asks about one that is known.
    pub(super) fn refund_part(&mut self, payment: &Record, part: Part, asker: Asker) {
        let now_ms = self.now.wall_ms;
        let known = self.by_bill_no.contains_key(&part.refund_bill_no);
        if payment.generation != Generation::V2 {
            return self.complete_cancel_refused(
                payment,
                &asker,
                "it was paid through Midas v1, which gives back the whole only",
            );
        }
        if !known && now_ms - payment.first_sent_at_ms >= RESEND_LIMIT_MS {
            return self.complete_cancel_refused(payment, &asker, TOO_LATE);
        }
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
        for asker in &entry.askers {
            self.complete(Completion {
                error: Some(error),
                errmsg: why.clone(),
                delivery_id: 0,
                outcome: Default::default(),
                submission: asker.submission,
                user_tag: asker.user_tag,
                ..Completion::of_record(CompletionKind::CancelPay, record)
            });
        }
    }
}
