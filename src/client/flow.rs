//! What happens to one payment: `(record, event) → steps`, pure.
//!
//! ```text
//!                    ┌───────────── not sent · refused for its session, token or quota ─────────────┐
//!                    ▼                                                                              │
//!   submitted ─► waiting ──► journal "sending" ──► pay is out ──0, or 90012 with one open──► DONE    │
//!                 │   ▲        (durable)             │  │  │                                       │
//!    deadline,    │   └──────── unknown: retry ◄─────┘  │  └──────────────────────────────────────────┘
//!  nothing open   │         (same bill_no, open)        ├──90013, or wrong request, none open──► REJECTED
//!                 ▼                │                    └──90012, none open──► NEEDS REVIEW
//!       NOT SENT, REJECTED         │ 90013 with one open · patience over · the host cancels
//!                                  ▼
//!                       journal "cancelling" ──► quiet time ──► cancelPay ──0 90015 90000──► REJECTED
//!                            (durable)                          │     ▲  └──90014──────────► DONE
//!                                                               └─────┘ anything else: same again
//!
//!   47 hours after the first send, whatever is still open ──► NEEDS REVIEW
//! ```
//!
//! An attempt is *open* from "about to send" until its own answer closes it; an answer that says nothing
//! about this order (session, token, quota, not sent) closes its own attempt only. Every final state is
//! journaled before it is shown. After a restart the last attempt counts as open and as begun just then.
//!
//! A refund of a part is a record of its own: it is sent as a present is, but by cancelPay and under its own number.

mod rules;

use crate::api::{Call, errcode::Class};
use crate::store::{Kind, Reason, Record, State};

use super::completion::WaitingFor;

/// The numbers the rules run on. All in milliseconds.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Longest time for one attempt, from its start to giving up.
    pub timeout_ms: i64,
    /// How long after its `not_after` a request may still be executed by WeChat.
    pub late_window_ms: i64,
    /// How long an unknown payment is retried before it turns to cancel; negative: until the resend limit.
    pub unknown_patience_ms: i64,
    /// Nothing leaves later than this after the first attempt: WeChat forgets a number at 48 h.
    pub resend_limit_ms: i64,
}

/// 47 hours.
pub const RESEND_LIMIT_MS: i64 = 47 * 3600 * 1000;

/// What the world looks like at the moment of an event.
pub struct Context<'a> {
    /// Milliseconds on a clock that never goes back.
    pub now_ms: i64,
    /// Unix milliseconds.
    pub wall_ms: i64,
    /// Fresh randomness, for the jitter.
    pub random: u32,
    /// A session_key for this player is at hand, or none is needed.
    pub session: bool,
    /// An access_token is at hand.
    pub token: bool,
    /// False when this client signs without `mp_sig`: a new session_key then changes nothing.
    pub waits_for_session: bool,
    /// The client is closing: nothing new may start.
    pub closing: bool,
    /// WeChat has been heard, and our wall clock is not far ahead of its.
    pub clock_trusted: bool,
    /// This server still has the payment: nobody else may have taken it over.
    pub lease: bool,
    /// When the next retry may leave, so that all retries together keep to `retry_per_s`.
    pub retry_slot_ms: i64,
    /// The rules' numbers.
    pub limits: &'a Limits,
}

/// What WeChat answered to the request under way, as far as the flow cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the code means for this call.
    pub class: Class,
    /// WeChat's errcode.
    pub errcode: i32,
    /// WeChat's errmsg.
    pub errmsg: String,
    /// Balance afterwards, where told.
    pub balance: Option<i64>,
    /// Gift coins used, where told.
    pub used_gen_amt: Option<i64>,
}

/// What can happen to a payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A timer, a credential, or nothing in particular: look again.
    Wake,
    /// The write asked for by [`Step::Journal`] is durable.
    Written,
    /// That write failed; `maybe` when the disk may hold it all the same.
    WriteFailed {
        /// The disk may hold it.
        maybe: bool,
    },
    /// The request under way was answered.
    Answered(Answer),
    /// No byte of the request under way left.
    NotSent(String),
    /// What became of the request under way cannot be known.
    Unknown(String),
    /// The host wants the payment cancelled, or a finished one given back.
    Cancel,
    /// What made WeChat refuse the request as wrong may be mended: try again at once.
    Mended,
    /// The wall clock that this payment's age comes from is ahead by so much.
    ClockAhead {
        /// Milliseconds.
        by_ms: i64,
    },
    /// An operator lets a held payment go on.
    Resume,
    /// An operator decided that the payment is done, or that it is not and never will be.
    Settle {
        /// Done or rejected.
        done: bool,
    },
}

/// What the engine must do next for this payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the record durable as it is now; answer with `Written` or `WriteFailed`.
    Journal,
    /// Send this call; no byte may leave after `not_after_ms`.
    Send {
        /// Pay, present or cancelPay.
        call: Call,
        /// On the clock of [`Context::now_ms`].
        not_after_ms: i64,
    },
    /// Nothing goes on without a session_key of this player.
    NeedSession,
    /// Nothing goes on without an access_token.
    NeedToken,
    /// Nothing is decided before WeChat's time is known.
    NeedClock,
    /// Nothing is sent before the journal says that the payment is still this server's.
    NeedLease,
    /// WeChat refused the session_key that was used.
    SessionRefused,
    /// WeChat refused the access_token that was used.
    TokenRefused,
    /// WeChat refused the request as wrong: tell somebody.
    Misconfigured,
    /// The retry slot that the context offered is taken.
    TakeRetrySlot,
    /// The final state is on disk (or, where nothing ever reached it, certain): show it.
    Show,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Sends as soon as it may.
    Ready,
    /// Backs off until this time.
    Until(i64),
    AwaitSession,
    AwaitToken,
    AwaitClock,
    AwaitLease,
    Writing(Then),
    OnTheWay(Call),
    Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Show,
}

impl Kind {
    /// The call that it is sent by; none for what is not sent.
    pub fn call(self) -> Option<Call> {
        match self {
            Kind::Pay => Some(Call::Pay),
            Kind::Present => Some(Call::Present),
            Kind::Refund => Some(Call::CancelPay),
            Kind::Item | Kind::Push => None,
        }
    }
}

/// One payment under way.
#[derive(Clone, Debug)]
pub struct Payment {
    /// What is, or is about to be, on disk.
    pub record: Record,
    phase: Phase,
    /// An attempt other than the one on its way is not accounted for.
    open: bool,
    /// The journal has this record.
    stored: bool,
    /// A failed write may have reached the disk.
    maybe_stored: bool,
    /// The journal knows of the turn to cancel.
    turn_stored: bool,
    cancel_asked: bool,
    /// Its age comes from the wall clock: an earlier process sent it.
    aged_by_wall: bool,
    /// Nothing is done until a person says so: see [`Payment::resume`].
    held: bool,
    /// It has taken a retry slot that it has not used yet.
    has_slot: bool,
    /// Requests of this process.
    attempts: u32,
    tries: u32,
    token_refusals: u32,
    deadline_ms: i64,
    first_sent_ms: Option<i64>,
    /// When the last pay could have left at the latest.
    pay_not_after_ms: i64,
    unknown_since_ms: Option<i64>,
    /// Why nothing is open should the deadline pass now.
    blame: Reason,
}

impl Payment {
    /// A payment the host has just submitted.
    pub fn submitted(record: Record, now_ms: i64, wall_ms: i64) -> Self {
        let deadline_ms = now_ms + (record.deadline_at_ms - wall_ms);
        Self {
            record,
            phase: Phase::Ready,
            open: false,
            stored: false,
            maybe_stored: false,
            turn_stored: false,
            cancel_asked: false,
            aged_by_wall: false,
            held: false,
            has_slot: false,
            attempts: 0,
            tries: 0,
            token_refusals: 0,
            deadline_ms,
            first_sent_ms: None,
            pay_not_after_ms: now_ms,
            unknown_since_ms: None,
            blame: Reason::Deadline,
        }
    }

    /// A payment the journal holds as open. Its last attempt counts as begun now.
    pub fn recovered(record: Record, now_ms: i64, wall_ms: i64, limits: &Limits) -> Self {
        let age_ms = (wall_ms - record.first_sent_at_ms).max(0);
        Self {
            open: true,
            stored: true,
            first_sent_ms: Some(now_ms - age_ms),
            pay_not_after_ms: now_ms + limits.timeout_ms,
            unknown_since_ms: Some(now_ms - age_ms),
            turn_stored: record.state == State::Cancelling,
            aged_by_wall: true,
            ..Self::submitted(record, now_ms, wall_ms)
        }
    }

    /// A payment of which the host's own books say that it may have been sent before: its number is taken
    /// for one with an attempt open, so that 90012 means done.
    pub fn maybe_sent_before(record: Record, now_ms: i64, wall_ms: i64, limits: &Limits) -> Self {
        Self {
            open: true,
            first_sent_ms: Some(now_ms),
            pay_not_after_ms: now_ms + limits.timeout_ms,
            unknown_since_ms: Some(now_ms),
            ..Self::submitted(record, now_ms, wall_ms)
        }
    }

    /// Sends nothing and decides nothing until [`Payment::resume`].
    pub fn hold(&mut self) {
        self.held = true;
    }

    /// When its first attempt left, on the clock of [`Context::now_ms`].
    pub fn first_sent_ms(&self) -> Option<i64> {
        self.first_sent_ms
    }

    /// True while held.
    pub fn is_held(&self) -> bool {
        self.held
    }

    /// A finished and acknowledged payment that the host wants given back.
    pub fn refunding(record: Record, now_ms: i64, wall_ms: i64, limits: &Limits) -> Self {
        let mut payment = Self::recovered(record, now_ms, wall_ms, limits);
        // In memory it is open again; on disk it stays done until the turn to cancel is written.
        payment.record.state = State::Sending;
        payment.record.refund = true;
        payment.record.acked = false;
        payment.record.replaced += 1;
        payment.cancel_asked = true;
        // Every pay of it had begun when its outcome was written.
        let since_ms = (wall_ms - payment.record.updated_at_ms).max(0);
        payment.pay_not_after_ms = now_ms + limits.timeout_ms - since_ms;
        payment
    }

    /// True once the final state may be shown.
    pub fn is_shown(&self) -> bool {
        self.phase == Phase::Shown
    }

    /// True while a journal write of this payment is under way.
    pub fn is_writing(&self) -> bool {
        matches!(self.phase, Phase::Writing(_))
    }

    /// True while a request of this payment is under way.
    pub fn is_on_the_way(&self) -> bool {
        matches!(self.phase, Phase::OnTheWay(_))
    }

    /// Which call of this payment is under way.
    pub fn call_on_the_way(&self) -> Option<Call> {
        match self.phase {
            Phase::OnTheWay(call) => Some(call),
            _ => None,
        }
    }

    /// True when requests of it are still to come, as far as is known.
    pub fn will_send(&self) -> bool {
        !self.held && !self.record.state.is_final()
    }

    /// True when it certainly never reached the journal, so that nothing of it can ever be sent again.
    pub fn left_no_trace(&self) -> bool {
        !self.stored && !self.maybe_stored && !self.is_writing()
    }

    /// True when some attempt may have moved coins.
    pub fn is_in_doubt(&self) -> bool {
        !self.record.state.is_final() && (self.open || self.is_on_the_way())
    }

    /// True when the journal has this record.
    pub fn is_stored(&self) -> bool {
        self.stored
    }

    /// The host wants it cancelled; to be seen to with the next event.
    pub fn note_cancel(&mut self) {
        self.cancel_asked = true;
    }

    /// The journal has this record after all, in an earlier state.
    pub fn found_on_disk(&mut self) {
        self.stored = true;
    }

    /// Its age is to be taken from the wall clock, which leapt: this process, or the machine, stood still.
    pub fn age_by_wall(&mut self) {
        self.aged_by_wall = true;
    }

    /// True when an earlier write of this record failed in a way that may have reached the disk.
    pub fn may_be_stored(&self) -> bool {
        self.maybe_stored
    }

    /// What it waits for, in the words of an operator.
    pub fn waiting_for(&self) -> WaitingFor {
        match self.phase {
            _ if self.held => WaitingFor::Operator,
            Phase::AwaitSession => WaitingFor::Session,
            Phase::AwaitToken | Phase::AwaitClock => WaitingFor::Token,
            Phase::Writing(_) | Phase::AwaitLease => WaitingFor::Journal,
            // Its last write failed; it is tried again.
            Phase::Until(_) if self.record.state.is_final() => WaitingFor::Journal,
            Phase::OnTheWay(_) => WaitingFor::Answer,
            Phase::Until(_) => WaitingFor::BackOff,
            Phase::Ready if self.record.state == State::Cancelling => WaitingFor::QuietTime,
            Phase::Ready | Phase::Shown => WaitingFor::Nothing,
        }
    }

    /// When to send [`Event::Wake`] next, if nothing else happens.
    pub fn wake_at_ms(&self, limits: &Limits) -> Option<i64> {
        if self.held {
            return None;
        }
        let mut at = match self.phase {
            Phase::Until(t) => t,
            Phase::Ready | Phase::AwaitSession | Phase::AwaitToken | Phase::AwaitLease => i64::MAX,
            // Too old to send, too early to say so: only WeChat's time helps.
            Phase::AwaitClock => return None,
            Phase::Writing(_) | Phase::OnTheWay(_) | Phase::Shown => return None,
        };
        if self.record.state == State::Cancelling && self.phase == Phase::Ready {
            at = self.quiet_until_ms(limits);
        }
        if self.record.state.is_final() {
            // Only its writing is left to be tried again.
            return (at != i64::MAX).then_some(at);
        }
        if self.open {
            at = at.min(self.resend_end_ms(limits));
            if self.record.state == State::Sending
                && limits.unknown_patience_ms >= 0
                && self.record.kind == Kind::Pay
            {
                at = at.min(self.patience_end_ms(limits));
            }
        } else {
            at = at.min(self.deadline_ms);
        }
        (at != i64::MAX).then_some(at)
    }

    /// Takes one event and appends what is to be done.
    pub fn on(&mut self, event: Event, context: &Context, steps: &mut Vec<Step>) {
        match event {
            Event::Wake => {}
            Event::Cancel => self.cancel_asked = true,
            Event::Mended => self.mended(),
            Event::ClockAhead { by_ms } => self.clock_ahead(by_ms),
            Event::Resume => self.resume(context),
            Event::Settle { done } => self.settle(done, context, steps),
            Event::Written => self.written(steps),
            Event::WriteFailed { maybe } => self.write_failed(maybe, context, steps),
            Event::Answered(answer) => self.answered(answer, context, steps),
            Event::NotSent(why) => {
                if self.is_on_the_way() {
                    self.record.errmsg = why;
                    self.blame = Reason::Network;
                    self.back_off(context);
                }
            }
            Event::Unknown(why) => {
                if self.is_on_the_way() {
                    self.record.errmsg = why;
                    self.leave_open(context);
                }
            }
        }
        // After a refused credential the engine drops it first and then wakes us with what is left.
        if !matches!(
            steps.last(),
            Some(Step::SessionRefused | Step::TokenRefused)
        ) {
            self.advance(context, steps);
        }
    }

    /// Told by the engine: there is no token to be had, so the deadline will say so, and why.
    pub fn blame_credential(&mut self, errcode: i32, why: &str) {
        if self.phase != Phase::AwaitToken {
            return;
        }
        self.blame = Reason::Credential;
        if !self.open {
            self.record.errcode = errcode;
            self.record.errmsg = why.to_owned();
        }
    }

    /// Told by the engine: the token service cannot be reached.
    pub fn blame_network(&mut self) {
        if self.blame != Reason::Credential {
            self.blame = Reason::Network;
        }
    }
}
