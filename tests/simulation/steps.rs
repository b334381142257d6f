//! One step of a history, and what it does.

use wxgame::client::submission::{Ask, Input, Submission};
use wxgame::sign::Secret;
use wxgame::store::{Generation, JournalError, Kind, Reason, Record, State};
use wxgame::transport::{Outcome, Reply};

use crate::scenario::Broken;
use crate::wechat::Call;
use crate::world::World;

/// What can happen next. Numbers point at an order, a request that is out, or a late request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The host submits an order, or asks about it again.
    Submit(usize),
    /// The host asks for a cancel or a refund.
    Cancel(usize),
    /// The host has acted on a final answer.
    Ack,
    /// The player logs in again.
    LogIn,
    /// The oldest batch becomes durable, and its answers come back.
    Commit,
    /// The oldest batch fails.
    Fail(Fault),
    /// WeChat executes a request and its answer arrives.
    Answer(usize),
    /// WeChat refuses a cancel for good: 90014.
    Confirm(usize),
    /// No usable answer; WeChat has not executed the request yet.
    Float(usize),
    /// The request did not leave.
    NotSent(usize),
    /// An answer that is not about the order.
    Aside(usize, i32),
    /// No access_token comes.
    NoToken(usize),
    /// WeChat executes a request that nobody waits for any more.
    Late(usize),
    /// The same, and it is a cancel that is refused for good.
    LateConfirm(usize),
    /// Such a request was lost on the way.
    Lost(usize),
    /// The player buys coins.
    TopUp,
    /// Time passes until something happens by itself.
    Wait,
    /// The process stands still until so long after the first order was sent.
    Leap(i64),
    /// And goes on.
    Land,
    /// The process is killed, once so many queued batches are durable, and starts again.
    Crash(usize),
    /// The client is closed without patience, once so many queued batches are durable, and opened again.
    Close(usize),
    /// Nothing more happens.
    End,
}

/// How a commit fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Certainly not written.
    NotWritten,
    /// Perhaps written; it is not.
    Lost,
    /// Perhaps written; it is.
    Stored,
}

/// No answer that can be read, in every shape.
const NO_ANSWERS: [Option<(u16, &str)>; 7] = [
    None,
    Some((200, r#"{"errcode":-1,"errmsg":"system error"}"#)),
    Some((502, "<html>bad gateway</html>")),
    Some((200, "garbage")),
    Some((200, r#"{"errcode":0,"bala"#)),
    Some((200, r#"{"errcode":123456,"errmsg":"not listed"}"#)),
    Some((200, r#"{"errcode":90016,"errmsg":"still being processed"}"#)),
];

impl World {
    /// Takes one step.
    pub fn take(&mut self, step: Step) {
        self.steps.push(step);
        match step {
            Step::Submit(order) => self.submit(order),
            Step::Cancel(order) => self.ask_for_cancel(order),
            Step::Ack => {
                let id = self.host.to_ack.remove(0);
                self.host.ack_is_given(&self.disk, id);
                self.feed(Input::Ack(id));
            }
            Step::LogIn => {
                self.host.session_wanted = false;
                self.feed(Input::SetSession {
                    openid: "o1".into(),
                    session_key: Secret::new("c2Vzc2lvbg=="),
                });
            }
            Step::Commit => {
                if let Some(batch) = self.batches.pop_front() {
                    let answered = batch.answered;
                    let answers = self.commit(batch);
                    if !answered {
                        self.feed(Input::Committed(answers));
                    }
                }
            }
            Step::Fail(fault) => self.fail(fault),
            Step::Answer(at) => self.answer(at, false),
            Step::Confirm(at) => self.answer(at, true),
            Step::Float(at) => self.give_up(at),
            Step::NotSent(at) => self.not_sent(at),
            Step::Aside(at, code) => {
                self.left.asides -= 1;
                let flight = self.flights.remove(at);
                self.reply(flight.id, code);
            }
            Step::NoToken(at) => {
                self.left.asides = self.left.asides.saturating_sub(1);
                let flight = self.flights.remove(at);
                let outcome = no_answer(self.left.asides.into());
                self.feed(Input::Finished {
                    id: flight.id,
                    outcome,
                });
            }
            Step::Late(at) => self.execute_late(at, false),
            Step::LateConfirm(at) => self.execute_late(at, true),
            Step::Lost(at) => {
                self.now_ms = self.now_ms.max(self.floating[at].by_ms);
                self.floating.remove(at);
            }
            Step::TopUp => {
                self.left.top_ups -= 1;
                self.wechat.purse += 1;
            }
            Step::Wait => self.wait(),
            Step::Leap(age_ms) => self.leap(age_ms),
            Step::Land => self.land(),
            Step::Crash(durable) => {
                self.left.crashes -= 1;
                self.die(durable);
                self.restart();
            }
            Step::Close(durable) => self.close(durable),
            Step::End => self.left.cancels = 0,
        }
        self.check();
    }

    fn submit(&mut self, at: usize) {
        let wall_ms = self.wall_ms();
        let order = &mut self.host.orders[at];
        if std::mem::replace(&mut order.placed, true) && !order.ask_again {
            self.left.repeats = self.left.repeats.saturating_sub(1);
        }
        order.ask_again = false;
        if order.sealed.is_none() && order.told == Some(State::NotSent) {
            // Nothing of it is on the disk, and the host knows that: it begins anew.
            order.told = None;
        }
        let record = record(order.kind, &order.bill_no, wall_ms);
        self.ask(Ask::Payment {
            record: Box::new(record),
            sent_before: false,
        });
    }

    fn ask_for_cancel(&mut self, at: usize) {
        self.left.cancels -= 1;
        let order = &mut self.host.orders[at];
        order.refund |= order.told == Some(State::Done);
        let bill_no = order.bill_no.clone();
        self.ask(Ask::CancelPay { bill_no });
    }

    fn ask(&mut self, ask: Ask) {
        let id = self.host.submit();
        self.feed(Input::Submit(Submission {
            id,
            user_tag: id,
            deadline_ms: 30_000,
            ask,
        }));
    }

    fn fail(&mut self, fault: Fault) {
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

    fn answer(&mut self, at: usize, confirm: bool) {
        let flight = self.flights.remove(at);
        if flight.request.call == Call::Token {
            let outcome = reply(200, r#"{"access_token":"TOKEN","expires_in":7200}"#);
            let id = flight.id;
            return self.feed(Input::Finished { id, outcome });
        }
        let broken = self.scenario.broken;
        if broken == Some(Broken::DoubledAtTheEdge) {
            self.wechat.execute(&flight.request, confirm, self.now_ms);
        }
        if broken == Some(Broken::OtherLedger) && self.left.asides > 0 {
            // Another ledger's request under the same number comes first. Its coins are not our order's.
            self.left.asides -= 1;
            let net = self.wechat.net.clone();
            self.wechat.execute(&flight.request, confirm, self.now_ms);
            self.wechat.net = net;
        }
        let code = self.wechat.execute(&flight.request, confirm, self.now_ms);
        let id = flight.id;
        if broken == Some(Broken::DoubledOnTheWay) {
            self.float(flight);
        }
        self.reply(id, code);
    }

    fn reply(&mut self, id: u64, code: i32) {
        let outcome = reply(200, &format!(r#"{{"errcode":{code},"errmsg":"m"}}"#));
        self.feed(Input::Finished { id, outcome });
    }

    fn give_up(&mut self, at: usize) {
        self.left.fates = self.left.fates.saturating_sub(1);
        let flight = self.flights.remove(at);
        let id = flight.id;
        let overdue = self.now_ms > flight.not_after_ms || flight.overslept;
        let outcome = no_answer(if overdue { 0 } else { self.sends() });
        self.float(flight);
        self.lose(id, outcome);
    }

    fn not_sent(&mut self, at: usize) {
        self.left.fates = self.left.fates.saturating_sub(1);
        let flight = self.flights.remove(at);
        let id = flight.id;
        if self.scenario.broken == Some(Broken::NotSentLies) {
            self.float(flight);
        }
        let outcome = Outcome::NotSent("connection refused".into());
        self.feed(Input::Finished { id, outcome });
    }

    fn execute_late(&mut self, at: usize, confirm: bool) {
        let late = self.floating.remove(at);
        if self.leaping_to_ms.is_some() {
            self.now_ms = self.now_ms.max(late.by_ms);
        }
        let code = self.wechat.execute(&late.request, confirm, self.now_ms);
        let same_process = late.process == self.process;
        if self.scenario.broken == Some(Broken::SecondOutcome) && same_process {
            self.reply(late.id, code);
        }
    }

    /// Lets time pass until the next timer, the end of a request, or the last moment of a late one.
    fn wait(&mut self) {
        if !self.is_idle() {
            self.left.waits = self.left.waits.saturating_sub(1);
        }
        if let Some(at_ms) = self.next_moment() {
            self.now_ms = self.now_ms.max(at_ms);
        }
        self.feed(Input::Tick);
    }

    /// How many money requests have left.
    fn sends(&self) -> usize {
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
    fn leap(&mut self, age_ms: i64) {
        self.left.leaps -= 1;
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

    fn land(&mut self) {
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

    fn close(&mut self, durable: usize) {
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

fn record(kind: Kind, bill_no: &str, wall_ms: i64) -> Record {
    Record {
        id: 0,
        bill_no: bill_no.into(),
        kind,
        generation: Generation::V1,
        offer_id: "12345678".into(),
        pf: "android".into(),
        openid: "o1".into(),
        zone_id: "1".into(),
        amount: 10,
        pay_item: String::new(),
        app_remark: String::new(),
        user_ip: String::new(),
        user_tag: 1,
        host_data: Vec::new(),
        state: State::Sending,
        reason: Reason::None,
        refund: false,
        acked: false,
        errcode: 0,
        errmsg: String::new(),
        balance: None,
        used_gen_amt: None,
        created_at_ms: wall_ms,
        deadline_at_ms: wall_ms + 30_000,
        first_sent_at_ms: 0,
        updated_at_ms: wall_ms,
    }
}

/// The `turn`-th shape of no answer.
fn no_answer(turn: usize) -> Outcome {
    match NO_ANSWERS[turn % NO_ANSWERS.len()] {
        None => Outcome::Unknown("the answer did not come".into()),
        Some((status, body)) => reply(status, body),
    }
}

fn reply(status: u16, body: &str) -> Outcome {
    Outcome::Reply(Reply {
        status,
        body: body.as_bytes().to_vec(),
        date_unix_s: None,
    })
}
