//! The engine's payments: submitted, looked up, found in the journal, taken up after a restart.

use std::cmp::Reverse;

use crate::client::completion::{Completion, CompletionKind, FLAG_SEALED, Outcome};
use crate::client::flow::{Event, Payment, RESEND_LIMIT_MS};
use crate::client::log::Level;
use crate::client::submission::Part;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Kind, Reason, Record, Recovered, State, Write, Written};

use super::entry::{Asker, Entry, Looking, Lookup};
use super::{Engine, HEARTBEAT, PRUNE, PRUNE_TIMER, TOKEN_LEASE};

pub(super) const NO_PAY: &str = "only a pay can be cancelled or given back";
pub(super) const TOO_LATE: &str =
    "WeChat forgets a number after 48 hours: too late to give it back";

/// Old records are first removed so long after opening, when the work that waits has been done.
const FIRST_PRUNE_MS: i64 = 60_000;

impl Engine {
    /// Takes up what the journal holds: open payments go on, final unacknowledged ones are delivered.
    pub(super) fn recover(&mut self, recovered: Recovered) {
        // A clock that was set back makes no number younger than the journal knows it to be.
        let wall_ms = self.now.wall_ms.max(recovered.latest_ms);
        self.open_secrets(recovered.secrets);
        if let Some((version, sealed)) = recovered.token {
            self.fetch.shared = version;
            self.adopt_token(&sealed);
        }
        self.join(recovered.tenure);
        for record in recovered.records {
            self.take_up(record, wall_ms, false);
        }
        if self.settings.operations.retain_days >= 0 {
            let at_ms = self.now.mono_ms + FIRST_PRUNE_MS;
            self.timers.push(Reverse((at_ms, PRUNE_TIMER)));
        }
    }

    /// Goes on with what an earlier process, or another server, has begun; or turns to cancel it.
    pub(super) fn take_up(&mut self, record: Record, wall_ms: i64, mut cancels: bool) {
        if record.state == State::NeedsReview {
            self.reviews.insert(record.id);
        }
        if record.state.is_final() {
            return self.recover_delivery(&record);
        }
        if record.state == State::AwaitingPayment {
            if !self.items_by_number.contains_key(&record.bill_no) {
                self.recover_item(record);
            }
            return;
        }
        self.log(Level::Info, || {
            format!("{}: open in the journal, goes on", record.bill_no)
        });
        let waiting = self.by_bill_no.get(&record.bill_no).copied();
        let waiting = waiting.and_then(|id| self.remove(id));
        let mut payment = Payment::recovered(
            record.clone(),
            self.now.mono_ms,
            wall_ms,
            &self.settings.limits,
        );
        if self.settings.operations.hold {
            payment.hold();
        }
        let mut entry = Entry::new(payment, None);
        if let Some(waiting) = waiting {
            if waiting.payment.record.same_payment(&record) {
                entry.askers = waiting.askers;
                entry.told_unknown = waiting.told_unknown;
            } else {
                for asker in &waiting.askers {
                    self.complete_conflict(&record, &waiting.payment.record, asker);
                }
                if waiting.told_unknown {
                    self.resolve_conflict(&record, &waiting.payment.record);
                }
            }
        }
        cancels |= entry.askers.iter().any(|asker| asker.cancels);
        let id = self.insert(entry);
        self.drive(id, if cancels { Event::Cancel } else { Event::Wake });
    }

    pub(super) fn submit_payment(&mut self, record: Record, sent_before: bool, asker: Asker) {
        if let Some(&id) = self.by_bill_no.get(&record.bill_no) {
            let entry = self
                .payments
                .get_mut(&id)
                .expect("by_bill_no names payments that exist");
            if entry.payment.record.same_payment(&record) {
                entry.askers.push(asker);
                return self.arm(id);
            }
            let known = entry.payment.record.clone();
            return self.complete_conflict(&known, &record, &asker);
        }
        let session =
            !self.needs_session(record.generation) || self.sessions.get(&record.openid).is_some();
        let token = self.token.current(self.now.mono_ms).is_some();
        let (now_ms, wall_ms) = (self.now.mono_ms, self.now.wall_ms);
        let payment = if sent_before {
            Payment::maybe_sent_before(record, now_ms, wall_ms, &self.settings.limits)
        } else {
            Payment::submitted(record, now_ms, wall_ms)
        };
        let id = self.insert(Entry::new(payment, Some(asker)));
        if sent_before || (session && token) {
            return self.drive(id, Event::Wake);
        }
        // It will have to wait: first see whether the number is known, for then it has its answer already.
        self.look(id, Looking::BeforeWriting);
        self.fetch_token_if_wanted();
    }

    pub(super) fn submit_cancel(&mut self, bill_no: String, part: Option<Part>, mut asker: Asker) {
        asker.cancels = part.is_none();
        if let Some(part) = &part {
            asker.refund_bill_no.clone_from(&part.refund_bill_no);
        }
        if let Some(id) = self.taken_up(&bill_no, part.is_some()) {
            return self.cancel_taken_up(id, part.is_some(), asker);
        }
        let find = Write::Find(bill_no.clone());
        let lookup = Lookup {
            bill_no,
            part,
            refund_of: None,
            asker,
        };
        self.look_up(lookup, find);
    }

    /// The payment of a cancel_pay, if it is under way. To a part, what has not reached the journal is none: a finished
    /// payment may just be being asked about.
    fn taken_up(&self, bill_no: &str, part: bool) -> Option<u64> {
        let id = *self.by_bill_no.get(bill_no)?;
        (!part || self.payments[&id].payment.is_stored()).then_some(id)
    }

    fn cancel_taken_up(&mut self, id: u64, part: bool, asker: Asker) {
        if part {
            self.refuse_part(id, &asker);
        } else {
            self.cancel(id, asker);
        }
    }

    pub(super) fn look_up(&mut self, lookup: Lookup, find: Write) {
        let id = self.new_id();
        self.timers.push(Reverse((lookup.asker.deadline_ms, id)));
        self.out.writes.push((id, find));
        self.lookups.insert(id, lookup);
    }

    pub(super) fn cancel(&mut self, id: u64, asker: Asker) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just found it");
        if entry.payment.record.kind != Kind::Pay {
            let record = entry.payment.record.clone();
            return self.complete_cancel_refused(&record, &asker, NO_PAY);
        }
        entry.askers.push(asker);
        if entry.is_elsewhere() {
            let bill_no = entry.payment.record.bill_no.clone();
            self.ask_cancel(&bill_no);
        }
        self.drive(id, Event::Cancel);
    }

    /// The journal's answer to one write.
    pub(super) fn committed(&mut self, id: u64, answer: Result<Written, JournalError>) {
        if id == PRUNE {
            return self.pruned(&answer);
        }
        if id == TOKEN_LEASE {
            return self.lease_answered(answer);
        }
        if id == HEARTBEAT {
            return self.beaten(answer);
        }
        if self.delivery_read(id, &answer) || self.session_read(id, &answer) {
            return;
        }
        if self.items.contains_key(&id) {
            return self.item_committed(id, answer);
        }
        if let Some(push) = self.pushes.remove(&id) {
            return self.push_committed(push, answer);
        }
        if let Some(question) = self.questions.remove(&id) {
            return self.answered(question, answer);
        }
        if let Some(lookup) = self.lookups.remove(&id) {
            return self.looked_up(lookup, answer);
        }
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        match (answer, entry.looking.take()) {
            (Ok(Written::Stored(stored_id)), _) => {
                entry.payment.record.id = stored_id;
                self.drive(id, Event::Written);
            }
            (Ok(Written::Found(known)), _) => self.found(id, *known),
            (
                Ok(Written::Sealed {
                    state,
                    reason,
                    same,
                    ..
                }),
                _,
            ) => self.found_sealed(id, state, reason, same),
            (Ok(Written::Unrefundable(why)), _) => self.refund_refused(id, why),
            (Ok(Written::Missing), Some(Looking::AfterFailure)) => {
                self.drive(id, Event::WriteFailed { maybe: false })
            }
            (Ok(Written::Missing), Some(Looking::Elsewhere)) => self.vanished(id),
            // The number is new: what was looked up goes on.
            (Ok(_), _) => {
                self.drive(id, Event::Wake);
            }
            (Err(failure), Some(why)) => self.ask_journal_again(id, why, &failure),
            (Err(failure), None) => {
                let bill_no = entry.payment.record.bill_no.clone();
                let first = !entry.payment.is_stored()
                    && !entry.payment.may_be_stored()
                    && !failure.maybe_written;
                self.log(Level::Error, || {
                    format!(
                        "{bill_no}: the journal could not be written: {}",
                        failure.error
                    )
                });
                if first {
                    self.look(id, Looking::AfterFailure);
                } else {
                    self.drive(
                        id,
                        Event::WriteFailed {
                            maybe: failure.maybe_written,
                        },
                    );
                }
            }
        }
    }

    pub(super) fn look(&mut self, id: u64, why: Looking) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just used it");
        entry.looking = Some(why);
        let find = Write::Find(entry.payment.record.bill_no.clone());
        self.out.writes.push((id, find));
        self.arm(id);
    }

    /// The number of a new submission is in the journal already, or another server has written the record.
    pub(super) fn found(&mut self, id: u64, known: Record) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just used it");
        let asked = &entry.payment.record;
        if entry.payment.may_be_stored()
            && !known.elsewhere
            && known.created_at_ms == asked.created_at_ms
            && known.same_payment(asked)
        {
            // Perhaps our own record: a write that was reported as failed did reach the disk.
            let state = asked.state;
            entry.payment.record.id = known.id;
            if known.state == state {
                return self.drive(id, Event::Written);
            }
            if known.state == State::Sending {
                // The disk has an earlier state of it: what is to be written now replaces that.
                entry.payment.found_on_disk();
                let record = entry.payment.record.clone();
                return self.out.writes.push((id, Write::Update(Box::new(record))));
            }
        }
        let entry = self.remove(id).expect("it was there a line ago");
        if !known.same_payment(&entry.payment.record) {
            for asker in &entry.askers {
                self.complete_conflict(&known, &entry.payment.record, asker);
            }
            if entry.told_unknown {
                self.resolve_conflict(&known, &entry.payment.record);
            }
        } else if known.state.is_final() {
            self.answer_askers(&entry.askers, &known);
            if entry.told_unknown {
                self.resolve_late(&known, entry.payment.record.user_tag);
            }
            if self.is_shared() {
                // Written by us, perhaps, before we knew that our lease had ended.
                self.deliver_if_forgotten(&known);
            }
        } else if known.is_driven_elsewhere() {
            if known.state == State::Sending && entry.askers.iter().any(|asker| asker.cancels) {
                self.ask_cancel(&known.bill_no);
            }
            self.watch(known, entry.askers, entry.told_unknown);
        } else {
            self.log(Level::Info, || {
                format!("{}: found open in the journal, goes on", known.bill_no)
            });
            let payment = Payment::recovered(
                known,
                self.now.mono_ms,
                self.ledger_wall_ms(),
                &self.settings.limits,
            );
            let mut resumed = Entry::new(payment, None);
            resumed.askers = entry.askers;
            resumed.told_unknown = entry.told_unknown;
            let cancels = resumed.askers.iter().any(|asker| asker.cancels);
            let id = self.insert(resumed);
            self.drive(id, if cancels { Event::Cancel } else { Event::Wake });
        }
    }

    /// The number was used long ago; of that payment only the end is still known.
    pub(super) fn found_sealed(
        &mut self,
        id: u64,
        state: State,
        reason: Reason,
        same: Option<bool>,
    ) {
        let Some(same) = same else {
            // A look-up does not compare. An insert does, and stores nothing where a seal is.
            let record = self.payments[&id].payment.record.clone();
            return self.out.writes.push((id, Write::Insert(Box::new(record))));
        };
        let Some(entry) = self.remove(id) else { return };
        let mut record = entry.payment.record;
        if entry.told_unknown {
            let mut told = record.clone();
            (told.state, told.reason) = (state, reason);
            self.resolve_late(&told, told.user_tag);
        }
        for asker in &entry.askers {
            if same {
                record.state = state;
                record.reason = reason;
                let mut told = asker.answer(&record);
                told.flags |= FLAG_SEALED;
                self.complete(told);
            } else {
                self.complete(Completion {
                    error: Some(ErrorKind::BillNoConflict),
                    bill_no: record.bill_no.clone(),
                    openid: record.openid.clone(),
                    amount: record.amount,
                    errmsg: "bill_no was used for another payment long ago: nothing was sent"
                        .into(),
                    ..asker.completion(record.kind.into())
                });
            }
        }
    }

    /// A cancel_pay of a payment that is not under way.
    pub(super) fn looked_up(&mut self, lookup: Lookup, answer: Result<Written, JournalError>) {
        if lookup.refund_of.is_some() {
            return self.refund_looked_up(lookup, answer);
        }
        let Lookup {
            bill_no,
            part,
            asker,
            ..
        } = lookup;
        if let Some(id) = self.taken_up(&bill_no, part.is_some()) {
            // Taken up meanwhile, by an earlier cancel_pay of the same payment: one record, one turn.
            return self.cancel_taken_up(id, part.is_some(), asker);
        }
        let record = match answer {
            Ok(Written::Found(record)) => *record,
            Ok(Written::Sealed { .. }) => {
                return self.complete(Completion {
                    error: Some(ErrorKind::WrongState),
                    bill_no,
                    errmsg:
                        "this payment is closed and its record retired: too late to give it back"
                            .into(),
                    ..asker.completion(CompletionKind::CancelPay)
                });
            }
            Ok(_) => {
                return self.complete(Completion {
                    outcome: Outcome::None,
                    error: Some(ErrorKind::NotFound),
                    bill_no,
                    errmsg: "this journal does not know the bill_no: nothing was sent".into(),
                    ..asker.completion(CompletionKind::CancelPay)
                });
            }
            Err(failure) => {
                return self.complete(Completion {
                    outcome: Outcome::Unknown,
                    error: Some(failure.error.kind),
                    bill_no,
                    errmsg: failure.error.message.into_owned(),
                    ..asker.completion(CompletionKind::CancelPay)
                });
            }
        };
        let age_ms = self.now.wall_ms - record.first_sent_at_ms;
        if record.kind != Kind::Pay {
            return self.complete_cancel_refused(&record, &asker, NO_PAY);
        }
        if let Some(part) = part {
            return self.refund_part(&record, part, asker);
        }
        if record.is_driven_elsewhere() {
            self.ask_cancel(&record.bill_no);
            return self.watch(record, vec![asker], false);
        }
        if record.state != State::Done {
            // Rejected and not sent: there is nothing to give back. Needs review: a person decides.
            return self.answer_askers(std::slice::from_ref(&asker), &record);
        }
        if !record.acked {
            return self.complete_cancel_refused(
                &record,
                &asker,
                "acknowledge the finished payment (wxg_client_ack) before giving it back",
            );
        }
        if age_ms >= RESEND_LIMIT_MS {
            return self.complete_cancel_refused(&record, &asker, TOO_LATE);
        }
        if record.refunded > 0 || self.refunds.contains_key(&record.bill_no) {
            return self.complete_cancel_refused(
                &record,
                &asker,
                "parts of it have been given back: give back the rest as a part, with its own number",
            );
        }
        let payment = Payment::refunding(
            record,
            self.now.mono_ms,
            self.now.wall_ms,
            &self.settings.limits,
        );
        let id = self.insert(Entry::new(payment, Some(asker)));
        self.drive(id, Event::Wake);
    }

    pub(super) fn lookup_timer(&mut self, id: u64) {
        self.give_up_lookup(id);
    }

    pub(super) fn insert(&mut self, entry: Entry) -> u64 {
        let id = self.new_id();
        let record = &entry.payment.record;
        self.by_bill_no.insert(record.bill_no.clone(), id);
        if record.kind == Kind::Refund {
            *self.refunds.entry(record.pay_bill_no.clone()).or_default() += 1;
        }
        *self.count_of(entry.standing) += 1;
        self.payments.insert(id, entry);
        id
    }

    pub(super) fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.payments.remove(&id)?;
        let record = &entry.payment.record;
        self.by_bill_no.remove(&record.bill_no);
        if record.kind == Kind::Refund
            && let Some(count) = self.refunds.get_mut(&record.pay_bill_no)
        {
            *count -= 1;
            if *count == 0 {
                self.refunds.remove(&record.pay_bill_no);
            }
        }
        *self.count_of(entry.standing) -= 1;
        if let Some(at) = entry.payment.first_sent_ms() {
            self.in_doubt.remove(&(at, id));
        }
        self.forget_wait(&entry.payment.record.openid, id);
        Some(entry)
    }
}
