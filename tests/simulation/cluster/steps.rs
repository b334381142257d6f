//! One step of a history of servers, what can happen next, and what it does.

use wxgame::client::submission::{Ask, Input, Submission};
use wxgame::store::Kind;
use wxgame::transport::Outcome;

use super::host::Asked;
use super::scenario::Broken;
use super::world::{Flight, STILL_MS, World};
use crate::explore::Unfolds;
use crate::wire::{WALL_MS, no_answer, record};
use crate::world::Violation;

/// What can happen next. Numbers point at a server, an order, a request that is out, or a late request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A server is asked for an order, for the first time or again.
    Submit(usize, usize),
    /// A server is asked to cancel an order, or to give it back.
    Cancel(usize, usize),
    /// The host of a server has acted on a final answer.
    Ack(usize),
    /// WeChat executes a request, and its answer arrives as soon as its server listens.
    Answer(usize),
    /// No usable answer; WeChat has not executed the request yet.
    Float(usize),
    /// The request did not leave.
    NotSent(usize),
    /// WeChat executes a request that nobody waits for any more.
    Late(usize),
    /// Such a request was lost on the way.
    Lost(usize),
    /// The player buys coins.
    TopUp,
    /// A server dies, after or before its requests have left.
    Kill(usize, bool),
    /// A server is closed without patience.
    Close(usize),
    /// A dead one is started again.
    Open(usize),
    /// A server stands still, after or before its requests have left.
    Pause(usize, bool),
    /// And goes on.
    Wake(usize),
    /// The journal answers a server no more, and commits what it asks, or not even that.
    Hang(usize, bool),
    /// And answers.
    Answers(usize),
    /// The next commit of a server fails; it is stored all the same, or not.
    Fault(usize, bool),
    /// Time passes until something happens.
    Wait,
    /// Nothing more happens.
    End,
}

impl Unfolds for World {
    type Step = Step;

    fn options(&self, options: &mut Vec<Step>) {
        World::options(self, options);
    }

    fn take(&mut self, step: Step) {
        self.steps.push(step);
        self.act(step);
        self.check();
    }

    fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn check_end(&mut self) {
        World::check_end(self);
    }

    fn violate(&mut self, invariant: &'static str, what: &str) {
        World::violate(self, invariant, what);
    }

    fn violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    fn digest(&mut self) -> Option<u64> {
        None
    }
}

impl World {
    fn act(&mut self, step: Step) {
        match step {
            Step::Submit(at, order) => self.submit(at, order),
            Step::Cancel(at, order) => {
                self.left.cancels -= 1;
                self.orders[order].cancel_asked = true;
                let bill_no = self.orders[order].bill_no.clone();
                self.ask(
                    at,
                    order,
                    Ask::CancelPay {
                        bill_no,
                        part: None,
                    },
                );
            }
            Step::Ack(at) => {
                let id = self.servers[at].to_ack.remove(0);
                self.servers[at].ack_given.push(id);
                self.feed(at, Input::Ack(id));
            }
            Step::Answer(flight) => self.answer(flight),
            Step::Float(flight) => {
                let flight = self.flights.remove(flight);
                let overdue = self.now_ms > flight.not_after_ms;
                self.left.fates -= u8::from(!overdue && self.left.fates > 0);
                let (at, id) = (flight.server, flight.id);
                self.float(flight);
                let outcome = no_answer(self.scene.generation, self.steps.len());
                self.feed(at, Input::Finished { id, outcome });
            }
            Step::NotSent(flight) => {
                self.left.fates -= 1;
                let flight = self.flights.remove(flight);
                self.not_sent(flight.server, flight.id);
            }
            Step::Late(late) => {
                let late = self.floating.remove(late);
                self.execute(&late.request);
            }
            Step::Lost(late) => drop(self.floating.remove(late)),
            Step::TopUp => {
                self.left.top_ups -= 1;
                self.top_up();
            }
            Step::Kill(at, left) => {
                self.left.kills -= 1;
                self.flights_of(at, left);
                if let Some(journal) = self.servers[at].journal.take() {
                    journal.kill();
                }
                self.bury(at);
            }
            Step::Close(at) => {
                self.left.closes -= 1;
                let until_ms = self.now_ms;
                self.feed(at, Input::Close { until_ms });
                self.servers[at].engine.abandon();
                self.carry_out(at);
                self.servers[at].journal = None;
                self.bury(at);
            }
            Step::Open(at) => {
                self.left.opens -= 1;
                self.servers[at] = self.open();
                self.log_in(at);
            }
            Step::Pause(at, left) => {
                self.left.pauses -= 1;
                self.flights_of(at, left);
                self.servers[at].still_until_ms = Some(self.now_ms + STILL_MS);
            }
            Step::Wake(at) => self.wake(at),
            Step::Hang(at, commits) => {
                self.left.hangs -= 1;
                self.servers[at].silent_until_ms = Some((self.now_ms + STILL_MS, commits));
            }
            Step::Answers(at) => {
                self.servers[at].silent_until_ms = None;
                self.carry_out(at);
            }
            Step::Fault(at, stored) => {
                self.left.faults -= 1;
                self.servers[at].fault = Some(stored);
            }
            Step::Wait => self.wait(),
            Step::End => self.ended = true,
        }
    }

    pub fn submit(&mut self, at: usize, order: usize) {
        let known = std::mem::replace(&mut self.orders[order].placed, true);
        self.left.repeats -= u8::from(known && self.left.repeats > 0);
        let kind = self.orders[order].kind;
        let bill_no = &self.orders[order].bill_no;
        let wall_ms = WALL_MS + self.now_ms;
        let record = record(self.scene.generation, kind, bill_no, wall_ms);
        let record = Box::new(record);
        let ask = Ask::Payment {
            record,
            sent_before: false,
        };
        self.ask(at, order, ask);
    }

    fn ask(&mut self, at: usize, order: usize, ask: Ask) {
        self.submissions += 1;
        let id = self.submissions;
        self.servers[at].asked.push(Asked {
            id,
            order,
            answered: false,
        });
        let submission = Submission {
            id,
            user_tag: id,
            deadline_ms: 30_000,
            ask,
        };
        self.feed(at, Input::Submit(submission));
    }

    fn answer(&mut self, flight: usize) {
        let code = match self.flights[flight].reply {
            Some(code) => code,
            None => {
                let request = self.flights[flight].request.clone();
                self.execute(&request)
            }
        };
        if self.servers[self.flights[flight].server].is_up() {
            let flight = self.flights.remove(flight);
            self.reply(&flight, code);
        } else {
            self.flights[flight].reply = Some(code);
        }
    }

    pub fn not_sent(&mut self, at: usize, id: u64) {
        let outcome = Outcome::NotSent("its time was over".into());
        self.feed(at, Input::Finished { id, outcome });
    }

    /// What is out of a server that dies or stands still has left, or has not.
    fn flights_of(&mut self, at: usize, left: bool) {
        let flights = self.flights.iter_mut();
        for flight in flights.filter(|flight| flight.server == at) {
            flight.left &= left || flight.reply.is_some() || flight.made_ms < self.now_ms;
        }
    }

    fn bury(&mut self, at: usize) {
        let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.flights)
            .into_iter()
            .partition(|flight| flight.server == at);
        self.flights = kept;
        gone.into_iter().for_each(|flight| self.float(flight));
        let server = &mut self.servers[at];
        server.still_until_ms = None;
        server.silent_until_ms = None;
        server.fault = None;
        server.to_ack.clear();
        server.ack_given.clear();
    }

    /// What had not left leaves now, if its time is not over.
    fn wake(&mut self, at: usize) {
        self.servers[at].still_until_ms = None;
        while let Some(late) = self
            .flights
            .iter()
            .position(|flight| flight.server == at && !flight.left)
        {
            let mut flight = self.flights.remove(late);
            let broken = self.scene.broken == Some(Broken::LeavesWithoutLease);
            let past_lease = self.now_ms > flight.leave_by_ms && !broken;
            if past_lease || self.now_ms > flight.not_after_ms {
                self.not_sent(at, flight.id);
            } else {
                self.check_departure_of_still(&flight);
                flight.left = true;
                self.flights.insert(late, flight);
            }
        }
    }

    fn check_departure_of_still(&mut self, flight: &Flight) {
        if self.now_ms > flight.leave_by_ms {
            self.violate("I1", "a request leaves after the lease of its server");
        }
    }

    pub fn is_pay(&self, order: usize) -> bool {
        self.orders[order].kind == Kind::Pay
    }
}
