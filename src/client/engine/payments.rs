//! The engine's payments: who asked for them, what the flow wants done, and what the host is told.

use std::cmp::Reverse;

use crate::api::{self, Call, NO_ERRCODE, Order, midas_v1};
use crate::client::completion::{Completion, CompletionKind, Outcome};
use crate::client::flow::{Answer, Context, Event, Payment, RESEND_LIMIT_MS, Step};
use crate::client::log::{Level, mask_openid};
use crate::client::stats;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Kind, Reason, Record, State, Write, Written};
use crate::transport;

use super::{Engine, Outgoing, UNACKED_COUNTED, WRITE_GRACE_MS};

/// One submission that waits for a payment's answer.
pub(super) struct Asker {
    submission: u64,
    user_tag: u64,
    deadline_ms: i64,
    cancels: bool,
    graced: bool,
}

impl Asker {
    pub(super) fn new(submission: u64, user_tag: u64, deadline_ms: i64) -> Self {
        Self {
            submission,
            user_tag,
            deadline_ms,
            cancels: false,
            graced: false,
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
}

/// One payment under way.
pub(super) struct Entry {
    pub(super) payment: Payment,
    askers: Vec<Asker>,
    /// The journal is being asked whether it knows the number.
    looking: Option<Looking>,
    /// Somebody was told *unknown*, or an earlier process began it: the final answer comes by itself.
    owed: bool,
    used_session: u64,
    used_token: u64,
    sends: u64,
    sent_at_ms: i64,
    armed_at_ms: i64,
    standing: Standing,
}

/// How an open payment is counted in the stats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waiting,
    Unknown,
    Cancelling,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Looking {
    /// Before its first write, because it has to wait for a credential.
    BeforeWriting,
    /// After its first write failed: was the number known all along?
    AfterFailure,
}

impl Entry {
    fn new(payment: Payment, asker: Option<Asker>) -> Self {
        Self {
            payment,
            owed: asker.is_none(),
            askers: asker.into_iter().collect(),
            looking: None,
            used_session: 0,
            used_token: 0,
            sends: 0,
            sent_at_ms: 0,
            armed_at_ms: i64::MAX,
            standing: Standing::Waiting,
        }
    }

    /// Nothing of it is under way that a close should wait for.
    pub(super) fn is_idle(&self) -> bool {
        !self.payment.is_writing() && !self.payment.is_on_the_way() && self.looking.is_none()
    }
}

/// A cancel_pay whose payment is being looked up in the journal.
pub(super) struct Lookup {
    bill_no: String,
    asker: Asker,
}

impl Engine {
    /// Takes up what the journal holds: open payments go on, final unacknowledged ones are delivered.
    pub(super) fn recover(&mut self, records: Vec<Record>) {
        for record in records {
            if record.state.is_final() {
                self.undelivered.push_back(record);
                continue;
            }
            self.log(Level::Info, || {
                format!("{}: open in the journal, goes on", record.bill_no)
            });
            let payment = Payment::recovered(
                record,
                self.now.mono_ms,
                self.now.wall_ms,
                &self.settings.limits,
            );
            let id = self.insert(Entry::new(payment, None));
            self.drive(id, Event::Wake);
        }
        self.deliver();
    }

    pub(super) fn submit_payment(&mut self, record: Record, asker: Asker) {
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
        let session = !self.settings.app.mp_sig || self.sessions.get(&record.openid).is_some();
        let token = self.token.current(self.now.mono_ms).is_some();
        let payment = Payment::submitted(record, self.now.mono_ms, self.now.wall_ms);
        let id = self.insert(Entry::new(payment, Some(asker)));
        if session && token {
            return self.drive(id, Event::Wake);
        }
        // It will have to wait: first see whether the number is known, for then it has its answer already.
        self.look(id, Looking::BeforeWriting);
        self.fetch_token_if_wanted();
    }

    pub(super) fn submit_cancel(&mut self, bill_no: String, mut asker: Asker) {
        asker.cancels = true;
        if let Some(&id) = self.by_bill_no.get(&bill_no) {
            return self.cancel(id, asker);
        }
        let id = self.new_id();
        self.timers.push(Reverse((asker.deadline_ms, id)));
        self.out.writes.push((id, Write::Find(bill_no.clone())));
        self.lookups.insert(id, Lookup { bill_no, asker });
    }

    fn cancel(&mut self, id: u64, asker: Asker) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just found it");
        if entry.payment.record.kind == Kind::Present {
            let record = entry.payment.record.clone();
            return self.complete_cancel_refused(
                &record,
                &asker,
                "a present cannot be cancelled: WeChat has no call for it",
            );
        }
        entry.askers.push(asker);
        self.drive(id, Event::Cancel);
    }

    /// The journal's answer to one write.
    pub(super) fn committed(&mut self, id: u64, answer: Result<Written, JournalError>) {
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
            (Ok(Written::Missing), Some(Looking::AfterFailure)) => {
                self.drive(id, Event::WriteFailed { maybe: false })
            }
            (Ok(Written::Missing), _) => self.drive(id, Event::Wake),
            (Err(failure), Some(_)) => self.give_up_unreadable(id, &failure),
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

    fn look(&mut self, id: u64, why: Looking) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just used it");
        entry.looking = Some(why);
        let find = Write::Find(entry.payment.record.bill_no.clone());
        self.out.writes.push((id, find));
        self.arm(id);
    }

    /// The number of a new submission is in the journal already.
    fn found(&mut self, id: u64, known: Record) {
        let entry = self
            .payments
            .get_mut(&id)
            .expect("the caller has just used it");
        let asked = &entry.payment.record;
        if entry.payment.may_be_stored()
            && known.created_at_ms == asked.created_at_ms
            && known.same_payment(asked)
        {
            // Our own record: the write that was reported as failed did reach the disk.
            entry.payment.record.id = known.id;
            return self.drive(id, Event::Written);
        }
        let entry = self.remove(id).expect("it was there a line ago");
        if !known.same_payment(&entry.payment.record) {
            for asker in &entry.askers {
                self.complete_conflict(&known, &entry.payment.record, asker);
            }
        } else if known.state.is_final() {
            self.answer_askers(&entry.askers, &known);
        } else {
            self.log(Level::Info, || {
                format!("{}: found open in the journal, goes on", known.bill_no)
            });
            let payment = Payment::recovered(
                known,
                self.now.mono_ms,
                self.now.wall_ms,
                &self.settings.limits,
            );
            let mut resumed = Entry::new(payment, None);
            resumed.askers = entry.askers;
            let id = self.insert(resumed);
            self.drive(id, Event::Wake);
        }
    }

    /// A cancel_pay of a payment that is not under way.
    fn looked_up(&mut self, lookup: Lookup, answer: Result<Written, JournalError>) {
        let Lookup { bill_no, asker } = lookup;
        if let Some(&id) = self.by_bill_no.get(&bill_no) {
            // Taken up meanwhile, by an earlier cancel_pay of the same payment: one record, one turn.
            return self.cancel(id, asker);
        }
        let record = match answer {
            Ok(Written::Found(record)) => *record,
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
        if record.kind == Kind::Present {
            return self.complete_cancel_refused(
                &record,
                &asker,
                "a present cannot be cancelled: WeChat has no call for it",
            );
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
            return self.complete_cancel_refused(
                &record,
                &asker,
                "WeChat forgets a number after 48 hours: too late to give it back",
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

    /// A request of a payment came to its end.
    pub(super) fn payment_finished(&mut self, id: u64, outcome: transport::Outcome) {
        let Some(entry) = self.payments.get(&id) else {
            return;
        };
        let Some(call) = entry.payment.call_on_the_way() else {
            return;
        };
        let (sent_at_ms, bill_no) = (entry.sent_at_ms, entry.payment.record.bill_no.clone());
        self.stats.in_flight -= 1;
        let row = stats::row(call);
        let event = match outcome {
            transport::Outcome::Reply(reply) => {
                self.note_date(reply.date_unix_s);
                self.note_latency(sent_at_ms);
                let answer = midas_v1::parse(call, reply.status, &reply.body, &bill_no);
                self.stats.answers[row][stats::column(answer.class)] += 1;
                let errcode = if answer.errcode == NO_ERRCODE {
                    0
                } else {
                    answer.errcode
                };
                self.log(Level::Debug, || {
                    format!("{bill_no}: {} answered {errcode}", call.name())
                });
                Event::Answered(Answer {
                    class: answer.class,
                    errcode,
                    errmsg: answer.errmsg,
                    balance: answer.balance,
                    used_gen_amt: answer.used_gen_amt,
                })
            }
            transport::Outcome::NotSent(why) => {
                self.stats.answers[row][stats::NOT_SENT] += 1;
                self.log(Level::Warn, || {
                    format!("{bill_no}: {} not sent: {why}", call.name())
                });
                Event::NotSent(why)
            }
            transport::Outcome::Unknown(why) => {
                self.stats.answers[row][stats::NO_ANSWER] += 1;
                self.log(Level::Warn, || {
                    format!("{bill_no}: {} sent, outcome unknown: {why}", call.name())
                });
                Event::Unknown(why)
            }
        };
        self.drive(id, event);
    }

    pub(super) fn payment_timer(&mut self, id: u64) {
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        entry.armed_at_ms = i64::MAX;
        if !self.is_closing() {
            self.drive(id, Event::Wake);
            self.expire_askers(id);
        }
    }

    pub(super) fn lookup_timer(&mut self, id: u64) {
        self.give_up_lookup(id);
    }

    /// Feeds the flow one event and does what it asks for, until it asks for nothing more.
    pub(super) fn drive(&mut self, id: u64, event: Event) {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            self.fetch_token_if_wanted();
            let (random, now_ms) = (self.next_random(), self.now.mono_ms);
            let (closing, mp_sig) = (self.is_closing(), self.settings.app.mp_sig);
            let Some(entry) = self.payments.get_mut(&id) else {
                return;
            };
            if entry.looking.is_some() && event == Event::Wake {
                break;
            }
            let context = Context {
                now_ms,
                wall_ms: self.now.wall_ms,
                random,
                session: !mp_sig || self.sessions.get(&entry.payment.record.openid).is_some(),
                token: self.token.current(now_ms).is_some(),
                waits_for_session: mp_sig,
                closing,
                limits: &self.settings.limits,
            };
            let mut steps = Vec::new();
            entry.payment.on(event, &context, &mut steps);
            for step in steps {
                next = self.carry_out(id, step).or(next);
            }
        }
        if self.is_closing() && self.payments.get(&id).is_some_and(Entry::is_idle) {
            self.give_up_payment(id);
        } else {
            self.arm(id);
        }
    }

    /// Does one step; an event comes back when the flow must hear of it at once.
    fn carry_out(&mut self, id: u64, step: Step) -> Option<Event> {
        let entry = self.payments.get_mut(&id)?;
        let record = &entry.payment.record;
        match step {
            Step::Journal => {
                let write = if entry.payment.is_stored() {
                    Write::Update
                } else {
                    Write::Insert
                };
                self.out.writes.push((id, write(Box::new(record.clone()))));
            }
            Step::Send { call, not_after_ms } => return self.send(id, call, not_after_ms),
            Step::NeedSession => {
                let openid = record.openid.clone();
                self.await_session(&openid, id);
            }
            Step::NeedToken => self.await_token(id),
            Step::SessionRefused => {
                let openid = record.openid.clone();
                self.sessions.refuse(&openid, entry.used_session);
                self.log(Level::Info, || {
                    format!("session_key of {} refused", mask_openid(&openid))
                });
                if !self.settings.app.mp_sig {
                    // No key of ours was at fault, but only a login mends it.
                    self.await_session(&openid, id);
                }
                return Some(Event::Wake);
            }
            Step::TokenRefused => {
                self.token.refuse(entry.used_token);
                return Some(Event::Wake);
            }
            Step::Misconfigured => {
                let (bill_no, errcode) = (record.bill_no.clone(), record.errcode);
                self.log(Level::Error, || {
                    format!("{bill_no}: refused as wrong ({errcode}) while an earlier attempt is open; tried again slowly")
                });
            }
            Step::Show => self.show(id),
        }
        None
    }

    fn send(&mut self, id: u64, call: Call, not_after_ms: i64) -> Option<Event> {
        let entry = self.payments.get_mut(&id)?;
        let record = &entry.payment.record;
        let (token, token_version) = self.token.current(self.now.mono_ms)?;
        let session = self.sessions.get(&record.openid);
        entry.used_token = token_version;
        entry.used_session = session.map_or(0, |(_, version)| version);
        let order = Order {
            openid: &record.openid,
            zone_id: &record.zone_id,
            bill_no: &record.bill_no,
            amount: if call == Call::CancelPay {
                0
            } else {
                record.amount
            },
            pay_item: if call == Call::Present {
                ""
            } else {
                &record.pay_item
            },
            app_remark: if call == Call::Pay {
                &record.app_remark
            } else {
                ""
            },
            user_ip: &record.user_ip,
        };
        let ts = self.now.wall_ms / 1000;
        let app = &self.settings.app;
        match midas_v1::build(
            app,
            call,
            &order,
            session.map(|(key, _)| key),
            token.as_str(),
            ts,
        ) {
            Ok(request) => {
                entry.sent_at_ms = self.now.mono_ms;
                entry.sends += 1;
                if entry.sends > 1 {
                    self.stats.retries += 1;
                }
                self.stats.in_flight += 1;
                self.out.sends.push(Outgoing {
                    id,
                    request,
                    money: true,
                    not_after_ms,
                });
                None
            }
            // Everything was checked at submission; what is left is a clock that lost its mind.
            Err(error) => Some(Event::NotSent(error.to_string())),
        }
    }

    /// The final state is certain: everybody who waits is told, and who was told *unknown* hears of it too.
    fn show(&mut self, id: u64) {
        let Some(entry) = self.remove(id) else { return };
        let record = &entry.payment.record;
        self.log(Level::Info, || {
            format!(
                "{}: {:?} ({:?})",
                record.bill_no, record.state, record.reason
            )
        });
        if record.id != 0 && self.unacked.len() < UNACKED_COUNTED {
            self.unacked.insert(record.id);
        }
        self.answer_askers(&entry.askers, record);
        if entry.owed {
            self.complete(Completion::of_record(CompletionKind::Resolved, record));
        }
    }

    fn answer_askers(&mut self, askers: &[Asker], record: &Record) {
        for asker in askers {
            let completion = asker.answer(record);
            self.complete(completion);
        }
    }

    fn expire_askers(&mut self, id: u64) {
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
        late.into_iter()
            .for_each(|completion| self.complete(completion));
        self.arm(id);
    }

    /// Closing: what certainly left no trace is *not sent*; all else the next open resumes.
    pub(super) fn give_up_payment(&mut self, id: u64) {
        let Some(entry) = self.remove(id) else { return };
        let certain = entry.payment.left_no_trace() && entry.looking.is_none();
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
        let Some(Lookup { bill_no, asker }) = self.lookups.remove(&id) else {
            return;
        };
        let completion = Completion {
            outcome: Outcome::Unknown,
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

    /// The journal can neither be written nor read: whether it knows the number cannot be said.
    fn give_up_unreadable(&mut self, id: u64, failure: &JournalError) {
        let Some(entry) = self.remove(id) else { return };
        for asker in &entry.askers {
            let mut completion = asker.answer(&entry.payment.record).into_unknown();
            completion.error = Some(failure.error.kind);
            completion.errmsg = failure.error.message.clone().into_owned();
            self.complete(completion);
        }
    }

    fn complete_conflict(&mut self, known: &Record, asked: &Record, asker: &Asker) {
        self.complete(Completion {
            outcome: Outcome::None,
            error: Some(ErrorKind::BillNoConflict),
            payment: Some(asked.kind),
            bill_no: asked.bill_no.clone(),
            openid: asked.openid.clone(),
            amount: asked.amount,
            errmsg: format!(
                "bill_no is known with another {}: nothing was sent",
                known.differs_in(asked)
            ),
            ..asker.completion(asked.kind.into())
        });
    }

    fn complete_cancel_refused(&mut self, record: &Record, asker: &Asker, why: &str) {
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

    fn insert(&mut self, entry: Entry) -> u64 {
        let id = self.new_id();
        self.by_bill_no
            .insert(entry.payment.record.bill_no.clone(), id);
        *self.count_of(entry.standing) += 1;
        self.payments.insert(id, entry);
        id
    }

    fn remove(&mut self, id: u64) -> Option<Entry> {
        let entry = self.payments.remove(&id)?;
        self.by_bill_no.remove(&entry.payment.record.bill_no);
        *self.count_of(entry.standing) -= 1;
        self.forget_wait(&entry.payment.record.openid, id);
        Some(entry)
    }

    /// Sets the timer of a payment to the next moment anything is due, and counts it where it now stands.
    fn arm(&mut self, id: u64) {
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        let standing = match entry.payment.record.state {
            State::Cancelling => Standing::Cancelling,
            _ if entry.payment.is_in_doubt() => Standing::Unknown,
            _ => Standing::Waiting,
        };
        let stood = std::mem::replace(&mut entry.standing, standing);
        if stood != standing {
            *self.count_of(stood) -= 1;
            *self.count_of(standing) += 1;
        }
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        let asked = entry.askers.iter().map(|asker| asker.deadline_ms).min();
        // A payment that is being looked up does nothing before the answer: what is due of it meanwhile, such as
        // its deadline, would fire at once, and again, and the engine would never come to read that answer.
        let wakes = match entry.looking {
            None => entry.payment.wake_at_ms(&self.settings.limits),
            Some(_) => None,
        };
        let due = wakes.into_iter().chain(asked).min();
        if let Some(at) = due
            && at < entry.armed_at_ms
        {
            entry.armed_at_ms = at;
            self.timers.push(Reverse((at, id)));
        }
    }

    pub(super) fn note_latency(&mut self, sent_at_ms: i64) {
        let latency_ms = (self.now.mono_ms - sent_at_ms).max(0) as u64;
        self.stats.latency_sum_ms += latency_ms;
        self.stats.latency_count += 1;
        self.stats.latency_max_ms = self.stats.latency_max_ms.max(latency_ms);
    }

    fn count_of(&mut self, standing: Standing) -> &mut u64 {
        match standing {
            Standing::Waiting => &mut self.stats.open_waiting,
            Standing::Unknown => &mut self.stats.open_unknown,
            Standing::Cancelling => &mut self.stats.open_cancelling,
        }
    }
}

impl Asker {
    fn completion(&self, kind: CompletionKind) -> Completion {
        Completion {
            submission: self.submission,
            kind: Some(kind),
            user_tag: self.user_tag,
            ..Completion::default()
        }
    }

    /// What this submission is told about `record`. To a cancel_pay, *rejected* is success.
    fn answer(&self, record: &Record) -> Completion {
        let kind = if self.cancels {
            CompletionKind::CancelPay
        } else {
            record.kind.into()
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
    fn into_unknown(mut self) -> Self {
        self.outcome = Outcome::Unknown;
        self.delivery_id = 0;
        self
    }
}

impl From<Kind> for CompletionKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Pay => CompletionKind::Pay,
            Kind::Present => CompletionKind::Present,
        }
    }
}

impl api::Call {
    /// The call's name in logs and errors.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Call::Pay => "pay",
            Call::CancelPay => "cancelPay",
            Call::GetBalance => "getBalance",
            Call::Present => "present",
        }
    }
}
