//! One step of a history, and what it does.

use wxgame::client::submission::Input;
use wxgame::sign::Secret;

use crate::wechat::AMOUNT;
use crate::wire::no_answer;
use crate::world::World;

/// WeChat refuses the session_key with these; which of them, and with what else, is the generation's own.
const SESSION_CODES: [i32; 3] = [90009, 90010, 90016];

/// What can happen next. Numbers point at an order, a request that is out, or a late request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The host submits an order, or asks about it again; a part of a payment is one too.
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
    /// The same, and where WeChat may do one of two things it does the other: 90014 for a cancel.
    Otherwise(usize),
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
    /// The same, in the other of two ways.
    LateOtherwise(usize),
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
                self.stale = false;
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
            Step::Otherwise(at) => self.answer(at, true),
            Step::Float(at) => self.give_up(at),
            Step::NotSent(at) => self.not_sent(at),
            Step::Aside(at, code) => {
                self.left.asides -= 1;
                let flight = self.flights.remove(at);
                self.stale |= SESSION_CODES.contains(&code);
                self.reply(flight.id, code);
            }
            Step::NoToken(at) => {
                self.left.asides = self.left.asides.saturating_sub(1);
                let flight = self.flights.remove(at);
                let outcome = no_answer(self.scenario.generation, self.left.asides.into());
                self.feed(Input::Finished {
                    id: flight.id,
                    outcome,
                });
            }
            Step::Late(at) => self.execute_late(at, false),
            Step::LateOtherwise(at) => self.execute_late(at, true),
            Step::Lost(at) => {
                self.now_ms = self.now_ms.max(self.floating[at].by_ms);
                self.floating.remove(at);
            }
            Step::TopUp => {
                self.left.top_ups -= 1;
                self.wechat.purse += AMOUNT;
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
            Step::End => self.ended = true,
        }
        self.check();
    }
}
