//! What the flow wants done for one payment, done: writes, sends, credentials, timers.

use std::borrow::Cow;
use std::cmp::Reverse;

use crate::api::{App, Call, NO_ERRCODE};
use crate::client::flow::{Answer, Context, Event, Step};
use crate::client::log::{Level, mask_openid};
use crate::client::stats;
use crate::store::{Generation, Record, State, Write};
use crate::transport;

use super::entry::{Entry, Standing};
use super::wire::{build, help, parse};
use super::{Engine, Outgoing};

impl Engine {
    /// A request of a payment came to its end.
    pub(super) fn payment_finished(&mut self, id: u64, outcome: transport::Outcome) {
        let Some(entry) = self.payments.get(&id) else {
            // An item order's, which a push has ended meanwhile.
            self.stats.in_flight = self.stats.in_flight.saturating_sub(1);
            return;
        };
        let Some(call) = entry.payment.call_on_the_way() else {
            return;
        };
        let (sent_at_ms, bill_no) = (entry.sent_at_ms, entry.payment.record.bill_no.clone());
        self.stats.in_flight = self.stats.in_flight.saturating_sub(1);
        let row = stats::row(call);
        let event = match outcome {
            transport::Outcome::Reply(reply) => {
                self.note_date(reply.date_unix_s);
                self.note_latency(sent_at_ms);
                let record = &self.payments[&id].payment.record;
                let answer = parse(call, record, &reply);
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
        let again = entry.look_again.take_if(|(at, _)| *at <= self.now.mono_ms);
        if let Some((_, why)) = again
            && !self.is_closing()
        {
            self.look(id, why);
            return self.expire_askers(id);
        }
        if !self.is_closing() {
            self.drive(id, Event::Wake);
            self.expire_askers(id);
        }
    }

    /// Feeds the flow one event and does what it asks for, until it asks for nothing more.
    pub(super) fn drive(&mut self, id: u64, event: Event) {
        let mut next = Some(event);
        while let Some(event) = next.take() {
            if self
                .payments
                .get(&id)
                .is_some_and(|entry| entry.payment.will_send())
            {
                self.fetch_token_if_wanted();
            }
            let (random, now_ms) = (self.next_random(), self.now.mono_ms);
            let (closing, lease) = (self.is_closing(), self.has_lease());
            let Some(entry) = self.payments.get(&id) else {
                return;
            };
            let needs_session = self.needs_session(entry.payment.record.generation);
            let Some(entry) = self.payments.get_mut(&id) else {
                return;
            };
            if entry.looking.is_some() || entry.look_again.is_some() {
                // One question to the journal at a time: what happens meanwhile is seen to when it is answered.
                if event == Event::Cancel {
                    entry.payment.note_cancel();
                }
                break;
            }
            let context = Context {
                now_ms,
                wall_ms: self.now.wall_ms,
                random,
                session: !needs_session
                    || self.sessions.get(&entry.payment.record.openid).is_some(),
                token: self.token.current(now_ms).is_some(),
                waits_for_session: needs_session,
                closing,
                clock_trusted: self.witness.is_trusted(),
                lease,
                retry_slot_ms: (self.retry_slot_us + 999) / 1000,
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
    pub(super) fn carry_out(&mut self, id: u64, step: Step) -> Option<Event> {
        let entry = self.payments.get(&id)?;
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
            Step::NeedClock => self.await_clock(id),
            Step::NeedLease => drop(self.cluster.waiting.insert(id)),
            Step::SessionRefused => {
                let needs_session = self.needs_session(record.generation);
                let openid = record.openid.clone();
                let version = entry.used_session;
                self.refuse_session(&openid, version);
                self.log(Level::Info, || {
                    format!("session_key of {} refused", mask_openid(&openid))
                });
                if !needs_session {
                    // No key of ours was at fault, but only a login mends it.
                    self.await_session(&openid, id);
                }
                return Some(Event::Wake);
            }
            Step::TokenRefused => {
                let version = entry.used_token;
                self.refuse_token(version);
                return Some(Event::Wake);
            }
            Step::Misconfigured => {
                let (bill_no, errcode) = (record.bill_no.clone(), record.errcode);
                let (call, generation) = (entry.payment.call()?, record.generation);
                self.log(Level::Error, || {
                    let help = help(call, generation, errcode);
                    format!(
                        "{bill_no}: refused as wrong with {errcode}: {} {}",
                        help.cause_en.to_string_lossy(),
                        help.remedy_en.to_string_lossy()
                    )
                });
            }
            Step::TakeRetrySlot => self.take_retry_slot(),
            Step::Show => self.show(id),
        }
        None
    }

    fn take_retry_slot(&mut self) {
        self.retry_slot_us = self.slot_after(self.retry_slot_us);
    }

    /// The slot behind this one, at `retry_per_s`.
    pub(super) fn slot_after(&self, slot_us: i64) -> i64 {
        let interval_us = 1_000_000 / self.settings.operations.retry_per_s.max(1);
        slot_us.max(self.now.mono_ms * 1000) + interval_us
    }

    pub(super) fn send(&mut self, id: u64, call: Call, not_after_ms: i64) -> Option<Event> {
        let entry = self.payments.get(&id)?;
        let record = &entry.payment.record;
        let (token, token_version) = self.token.current(self.now.mono_ms)?;
        let session = self.sessions.get(&record.openid);
        let session_version = session.map_or(0, |(_, version)| version);
        let request = build(
            &self.app_of(record),
            call,
            record,
            session.map(|(key, _)| key),
            token.as_str(),
            self.now.wall_ms / 1000,
        );
        let leave_by_ms = self.leave_by_ms();
        let entry = self.payments.get_mut(&id)?;
        entry.used_token = token_version;
        entry.used_session = session_version;
        match request {
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
                    leave_by_ms,
                });
                None
            }
            // Everything was checked at submission; what is left is a clock that lost its mind.
            Err(error) => Some(Event::NotSent(error.to_string())),
        }
    }

    /// The app as it was when the record was made: a number keeps the offer_id that it was first sent with.
    pub(super) fn app_of(&self, record: &Record) -> Cow<'_, App> {
        let app = &self.settings.app;
        if app.offer_id == record.offer_id && app.pf == record.pf {
            return Cow::Borrowed(app);
        }
        Cow::Owned(App {
            offer_id: record.offer_id.clone(),
            pf: record.pf.clone(),
            ..app.clone()
        })
    }

    /// Whether requests of this generation carry a signature made with the session_key.
    pub(super) fn needs_session(&self, generation: Generation) -> bool {
        generation == Generation::V2 || self.settings.app.mp_sig
    }

    /// Sets the timer of a payment to the next moment anything is due, and counts it where it now stands.
    pub(super) fn arm(&mut self, id: u64) {
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        let standing = match entry.payment.record.state {
            _ if entry.is_elsewhere() => Standing::Waiting,
            _ if entry.payment.is_held() => Standing::Held,
            State::Cancelling => Standing::Cancelling,
            _ if entry.payment.is_in_doubt() => Standing::Unknown,
            _ => Standing::Waiting,
        };
        let stood = std::mem::replace(&mut entry.standing, standing);
        let first_sent_ms = entry.payment.first_sent_ms();
        if stood != standing {
            *self.count_of(stood) -= 1;
            *self.count_of(standing) += 1;
        }
        match (standing, first_sent_ms) {
            (Standing::Unknown | Standing::Cancelling, Some(at)) => self.in_doubt.insert((at, id)),
            (_, Some(at)) => self.in_doubt.remove(&(at, id)),
            (_, None) => false,
        };
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        let asked = entry.askers.iter().map(|asker| asker.deadline_ms).min();
        // A payment that is being looked up does nothing before the answer: what is due of it meanwhile, such as
        // its deadline, would fire at once, and again, and the engine would never come to read that answer.
        let wakes = match (entry.looking, entry.look_again) {
            (None, None) => entry.payment.wake_at_ms(&self.settings.limits),
            (None, Some((at, _))) => Some(at),
            (Some(_), _) => None,
        };
        let due = wakes.into_iter().chain(asked).min();
        if let Some(at) = due
            && at < entry.armed_at_ms
        {
            entry.armed_at_ms = at;
            self.timers.push(Reverse((at, id)));
        }
    }

    pub(super) fn count_of(&mut self, standing: Standing) -> &mut u64 {
        match standing {
            Standing::Waiting => &mut self.stats.open_waiting,
            Standing::Unknown => &mut self.stats.open_unknown,
            Standing::Cancelling => &mut self.stats.open_cancelling,
            Standing::Held => &mut self.stats.open_held,
        }
    }

    pub(super) fn note_latency(&mut self, sent_at_ms: i64) {
        let latency_ms = (self.now.mono_ms - sent_at_ms).max(0) as u64;
        self.stats.latency_sum_ms += latency_ms;
        self.stats.latency_count += 1;
        self.stats.latency_max_ms = self.stats.latency_max_ms.max(latency_ms);
    }
}
