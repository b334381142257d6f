//! What the steps of a history do to the world.

use wxgame::client::submission::{Ask, Input, Part, Submission};
use wxgame::store::{Generation, JournalError, Kind, State};
use wxgame::transport::Outcome;

use crate::host::Order;
use crate::scenario::Broken;
use crate::steps::Fault;
use crate::wechat::{Call, HOUR_MS};
use crate::wire::{no_answer, record, reply, reply_code};
use crate::world::World;

impl World {
    pub fn submit(&mut self, at: usize) {
        let wall_ms = self.wall_ms();
        let order = &mut self.host.orders[at];
        if std::mem::replace(&mut order.placed, true) && !order.ask_again {
            self.left.repeats = self.left.repeats.saturating_sub(1);
        }
        order.ask_again = false;
        order.refused = false;
        if order.sealed.is_none() && order.told == Some(State::NotSent) {
            // Nothing of it is on the disk, and the host knows that: it begins anew.
            order.told = None;
        }
        let ask = if order.kind == Kind::Refund {
            let part = Part {
                refund_bill_no: order.bill_no.clone(),
                amount: order.amount,
            };
            Ask::CancelPay {
                bill_no: self.host.orders[0].bill_no.clone(),
                part: Some(part),
            }
        } else {
            let record = record(
                self.scenario.generation,
                order.kind,
                &order.bill_no,
                wall_ms,
            );
            Ask::Payment {
                record: Box::new(record),
                sent_before: false,
            }
        };
        self.ask(at, ask);
    }

    pub fn ask_for_cancel(&mut self, at: usize) {
        let order = &mut self.host.orders[at];
        order.cancel_asked = true;
        if order.told == Some(State::Done) {
            order.refund = true;
            self.left.refunds -= 1;
        } else {
            self.left.cancels -= 1;
        }
        let bill_no = order.bill_no.clone();
        let part = None;
        self.ask(at, Ask::CancelPay { bill_no, part });
    }

    fn ask(&mut self, at: usize, ask: Ask) {
        let id = self.host.submit(at);
        self.feed(Input::Submit(Submission {
            id,
            user_tag: id,
            deadline_ms: 30_000,
            ask,
        }));
    }

    pub fn fail(&mut self, fault: Fault) {
        self.left.faults -= 1;
        let Some(batch) = self.batches.pop_front() else {
            return;
        };
        let failure = JournalError {
            maybe_written: fault != Fault::NotWritten,
            ..JournalError::not_written("the disk is full or broken")
        };
        let ids: Vec<u64> = batch.writes.iter().map(|(id, _)| *id).collect();
        if fault == Fault::Stored {
            self.commit(batch);
        }
        let answers = ids.into_iter().map(|id| (id, Err(failure.clone())));
        self.feed(Input::Committed(answers.collect()));
    }

    pub fn answer(&mut self, at: usize, other_way: bool) {
        let flight = self.flights.remove(at);
        if flight.request.call == Call::Token {
            let outcome = reply(200, r#"{"access_token":"TOKEN","expires_in":7200}"#);
            let id = flight.id;
            return self.feed(Input::Finished { id, outcome });
        }
        if flight.stale {
            return self.reply(flight.id, self.session_code());
        }
        let broken = self.scenario.broken;
        if broken == Some(Broken::DoubledAtTheEdge) {
            self.wechat.execute(&flight.request, other_way, self.now_ms);
        }
        if broken == Some(Broken::OtherLedger) && self.left.asides > 0 {
            // Another ledger's request under the same number comes first. Its coins are not our order's.
            self.left.asides -= 1;
            let net = self.wechat.net.clone();
            self.wechat.execute(&flight.request, other_way, self.now_ms);
            self.wechat.net = net;
        }
        let code = self.wechat.execute(&flight.request, other_way, self.now_ms);
        let id = flight.id;
        if broken == Some(Broken::DoubledOnTheWay) {
            self.float(flight);
        }
        self.reply(id, code);
    }

    pub fn reply(&mut self, id: u64, code: i32) {
        let outcome = match self.scenario.broken {
            Some(Broken::SessionIsInProcess) if code == 90016 => reply_code(-1),
            _ => reply_code(code),
        };
        self.feed(Input::Finished { id, outcome });
    }

    /// WeChat's word for a session_key that it has refused before.
    fn session_code(&self) -> i32 {
        match self.scenario.generation {
            Generation::V1 => 90009,
            Generation::V2 => 90016,
        }
    }

    pub fn give_up(&mut self, at: usize) {
        self.left.fates = self.left.fates.saturating_sub(1);
        let flight = self.flights.remove(at);
        let id = flight.id;
        let overdue = self.now_ms > flight.not_after_ms || flight.overslept;
        let turn = if overdue { 0 } else { self.sends() };
        let outcome = no_answer(self.scenario.generation, turn);
        let order = &self.host.orders[flight.request.order];
        if self.scenario.broken == Some(Broken::FreedOnUnknown) && order.kind == Kind::Refund {
            let paid = &self.host.orders[0].bill_no;
            self.disk.reserve(paid, -order.amount);
        }
        self.float(flight);
        self.lose(id, outcome);
    }

    pub fn not_sent(&mut self, at: usize) {
        self.left.fates = self.left.fates.saturating_sub(1);
        let flight = self.flights.remove(at);
        let id = flight.id;
        if self.scenario.broken == Some(Broken::NotSentLies) {
            self.float(flight);
        }
        let outcome = Outcome::NotSent("connection refused".into());
        self.feed(Input::Finished { id, outcome });
    }

    pub fn execute_late(&mut self, at: usize, other_way: bool) {
        let late = self.floating.remove(at);
        if self.leaping_to_ms.is_some() {
            self.now_ms = self.now_ms.max(late.by_ms);
        }
        let code = self.wechat.execute(&late.request, other_way, self.now_ms);
        let heard = late.process == self.process && self.leaping_to_ms.is_none();
        if self.scenario.broken == Some(Broken::SecondOutcome) && heard {
            self.reply(late.id, code);
        }
    }

    /// Lets time pass until the next timer, the end of a request, or the last moment of a late one.
    pub fn wait(&mut self) {
        self.excused |= self.host.session_wanted;
        if !self.is_idle() {
            self.left.waits = self.left.waits.saturating_sub(1);
        }
        if let Some(at_ms) = self.next_moment() {
            let open = |order: &Order| order.placed && order.told.is_none() && !order.refused;
            let dawdles = !self.host.orders.iter().any(open);
            self.excused |= dawdles && at_ms > self.now_ms + HOUR_MS;
            self.now_ms = self.now_ms.max(at_ms);
        }
        self.feed(Input::Tick);
    }

    /// How many money requests have left.
    pub fn sends(&self) -> usize {
        self.host
            .orders
            .iter()
            .map(|order| order.sends as usize)
            .sum()
    }

    /// Neither the disk nor the network has anything to do.
    pub fn is_idle(&self) -> bool {
        self.batches.is_empty() && self.flights.is_empty()
    }

    /// The process stands still: its requests are given up by the time it goes on.
    pub fn leap(&mut self, age_ms: i64) {
        self.left.leaps -= 1;
        self.excused = true;
        let first_ms = self
            .host
            .orders
            .iter()
            .find_map(|order| order.first_sent_ms);
        let target_ms = first_ms.unwrap_or(0) + age_ms;
        self.leaping_to_ms = Some(target_ms.max(self.now_ms));
        for mut flight in std::mem::take(&mut self.flights) {
            self.float(flight.clone());
            flight.overslept = true;
            self.flights.push(flight);
        }
    }

    pub fn land(&mut self) {
        let to_ms = self.leaping_to_ms.take().unwrap_or(self.now_ms);
        let leap_ms = to_ms - self.now_ms;
        match self.scenario.broken {
            Some(Broken::ClockStands) => self.behind_ms += leap_ms,
            _ if self.scenario.sleeps => self.slept_ms += leap_ms,
            _ => {}
        }
        self.now_ms = to_ms;
        self.feed(Input::Tick);
    }

    pub fn close(&mut self, durable: usize) {
        self.left.closes -= 1;
        let until_ms = self.now().mono_ms;
        self.feed(Input::Close { until_ms });
        self.engine.abandon();
        self.absorb();
        if let Some(submission) = self.host.unanswered() {
            self.violate("I6", format!("submission {submission} is lost by a close"));
        }
        self.die(durable);
        self.restart();
    }
}
