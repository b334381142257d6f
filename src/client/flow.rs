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

use crate::api::{Call, errcode::Class};
use crate::store::{Kind, Reason, Record, State};

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
const BACK_OFF_FIRST_MS: i64 = 500;
const BACK_OFF_LONGEST_MS: i64 = 60_000;
const BACK_OFF_SLOW_MS: i64 = 300_000;
const FIRST_HOUR_MS: i64 = 3_600_000;

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
    /// WeChat refused the session_key that was used.
    SessionRefused,
    /// WeChat refused the access_token that was used.
    TokenRefused,
    /// WeChat refused the request as wrong while another attempt is open: tell somebody.
    Misconfigured,
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
    Writing(Then),
    OnTheWay(Call),
    Shown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoOn,
    Show,
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
            ..Self::submitted(record, now_ms, wall_ms)
        }
    }

    /// A finished and acknowledged payment that the host wants given back.
    pub fn refunding(record: Record, now_ms: i64, wall_ms: i64, limits: &Limits) -> Self {
        let mut payment = Self::recovered(record, now_ms, wall_ms, limits);
        // In memory it is open again; on disk it stays done until the turn to cancel is written.
        payment.record.state = State::Sending;
        payment.record.refund = true;
        payment.record.acked = false;
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

    /// True when an earlier write of this record failed in a way that may have reached the disk.
    pub fn may_be_stored(&self) -> bool {
        self.maybe_stored
    }

    /// When to send [`Event::Wake`] next, if nothing else happens.
    pub fn wake_at_ms(&self, limits: &Limits) -> Option<i64> {
        let mut at = match self.phase {
            Phase::Until(t) => t,
            Phase::Ready | Phase::AwaitSession | Phase::AwaitToken => i64::MAX,
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

    fn written(&mut self, steps: &mut Vec<Step>) {
        let Phase::Writing(then) = self.phase else {
            return;
        };
        self.stored = true;
        self.turn_stored |= self.record.state == State::Cancelling;
        match then {
            Then::GoOn => {
                self.tries = 0;
                self.phase = Phase::Ready;
            }
            Then::Show => self.show(steps),
        }
    }

    /// What could not be written is not sent and not shown; it is tried again. Only a payment that never
    /// reached the journal ends here: the host is told at once that nothing of it was sent.
    fn write_failed(&mut self, maybe: bool, context: &Context, steps: &mut Vec<Step>) {
        if !self.is_writing() {
            return;
        }
        self.maybe_stored |= maybe;
        if !self.stored && !self.maybe_stored {
            if self.record.state == State::Sending {
                self.record.state = State::NotSent;
                self.record.reason = Reason::Journal;
            }
            self.show(steps);
        } else {
            self.back_off(context);
        }
    }

    fn show(&mut self, steps: &mut Vec<Step>) {
        self.phase = Phase::Shown;
        steps.push(Step::Show);
    }

    fn answered(&mut self, answer: Answer, context: &Context, steps: &mut Vec<Step>) {
        let Phase::OnTheWay(call) = self.phase else {
            return;
        };
        self.record.errcode = answer.errcode;
        self.record.errmsg = answer.errmsg;
        if answer.class != Class::Token {
            self.token_refusals = 0;
        }
        match answer.class {
            Class::Unknown => self.leave_open(context),
            Class::Session => {
                self.blame = Reason::Session;
                if context.waits_for_session {
                    self.phase = Phase::Ready;
                } else {
                    self.back_off(context);
                }
                steps.push(Step::SessionRefused);
            }
            Class::Token => {
                self.blame = Reason::Credential;
                self.token_refusals += 1;
                if self.token_refusals == 1 {
                    self.phase = Phase::Ready;
                } else {
                    self.back_off(context);
                }
                steps.push(Step::TokenRefused);
            }
            Class::Quota => {
                self.blame = Reason::Credential;
                self.back_off(context);
            }
            Class::Configuration if self.open => {
                steps.push(Step::Misconfigured);
                self.phase =
                    Phase::Until(context.now_ms + jittered(BACK_OFF_SLOW_MS, context.random));
            }
            Class::Configuration => {
                self.finish(State::Rejected, Reason::Configuration, context, steps)
            }
            Class::Done | Class::Duplicate | Class::Refused if call == Call::CancelPay => {
                self.cancel_answered(answer.class, context, steps);
            }
            Class::Done => {
                self.record.balance = answer.balance;
                self.record.used_gen_amt = answer.used_gen_amt;
                self.finish(State::Done, Reason::None, context, steps);
            }
            // 90012. With an attempt of ours open, that one took the coins; its balance is unknown.
            Class::Duplicate if self.open => self.finish(State::Done, Reason::None, context, steps),
            Class::Duplicate => self.finish(State::NeedsReview, Reason::Duplicate, context, steps),
            // 90013. An open attempt may have emptied the purse, or may yet find a top-up: only a cancel tells.
            Class::Refused if self.open => self.turn(Reason::BalanceTooLow, context, steps),
            Class::Refused => self.finish(State::Rejected, Reason::BalanceTooLow, context, steps),
        }
    }

    fn cancel_answered(&mut self, class: Class, context: &Context, steps: &mut Vec<Step>) {
        const ORDER_NOT_FOUND: i32 = 90000;
        match class {
            Class::Done if self.record.refund && self.record.errcode == ORDER_NOT_FOUND => {
                self.finish(State::NeedsReview, Reason::RefundUnknown, context, steps);
            }
            Class::Done => self.finish(State::Rejected, self.cancel_reason(), context, steps),
            Class::Refused => {
                self.record.refund = false;
                self.finish(State::Done, Reason::None, context, steps);
            }
            _ => self.leave_open(context),
        }
    }

    fn cancel_reason(&self) -> Reason {
        match self.record.reason {
            Reason::BalanceTooLow => Reason::BalanceTooLow,
            _ => Reason::Cancelled,
        }
    }

    fn leave_open(&mut self, context: &Context) {
        self.open = true;
        self.unknown_since_ms.get_or_insert(context.now_ms);
        self.back_off(context);
    }

    /// 0.5 s, doubling to 60 s in the first hour, then 5 minutes; each ± 50 %.
    fn back_off(&mut self, context: &Context) {
        let age_ms = self.first_sent_ms.map_or(0, |first| context.now_ms - first);
        let pause_ms = if age_ms > FIRST_HOUR_MS {
            BACK_OFF_SLOW_MS
        } else {
            BACK_OFF_LONGEST_MS.min(BACK_OFF_FIRST_MS << self.tries.min(16))
        };
        self.tries += 1;
        self.phase = Phase::Until(context.now_ms + jittered(pause_ms, context.random));
    }

    fn turn(&mut self, reason: Reason, context: &Context, steps: &mut Vec<Step>) {
        self.record.state = State::Cancelling;
        self.record.reason = reason;
        self.journal(Then::GoOn, context, steps);
    }

    fn finish(&mut self, state: State, reason: Reason, context: &Context, steps: &mut Vec<Step>) {
        self.record.state = state;
        self.record.reason = reason;
        self.open = false;
        self.journal(Then::Show, context, steps);
    }

    fn journal(&mut self, then: Then, context: &Context, steps: &mut Vec<Step>) {
        self.record.updated_at_ms = context.wall_ms;
        self.phase = Phase::Writing(then);
        steps.push(Step::Journal);
    }

    /// Goes on as far as it may: limits first, then what is missing, then the next send.
    fn advance(&mut self, context: &Context, steps: &mut Vec<Step>) {
        if context.closing || self.is_writing() || self.is_on_the_way() || self.is_shown() {
            return;
        }
        let now = context.now_ms;
        if self.record.state.is_final() {
            // A final write failed earlier: the same again once the back-off is over.
            if self.is_due(now) {
                self.journal(Then::Show, context, steps);
            }
            return;
        }
        if self.open && now >= self.resend_end_ms(context.limits) {
            return self.finish(State::NeedsReview, Reason::Expired, context, steps);
        }
        if self.record.state != State::Cancelling {
            if !self.open && self.cancel_asked {
                return self.finish(State::Rejected, Reason::Cancelled, context, steps);
            }
            if !self.open && now >= self.deadline_ms {
                let state = match self.blame {
                    Reason::Session | Reason::Credential => State::Rejected,
                    _ => State::NotSent,
                };
                return self.finish(state, self.blame, context, steps);
            }
            if self.open
                && self.record.kind == Kind::Pay
                && (self.cancel_asked || self.patience_is_over(context))
            {
                return self.turn(Reason::Cancelled, context, steps);
            }
        }
        if !self.is_due(now) {
            return;
        }
        if self.record.state == State::Cancelling {
            if !self.turn_stored {
                return self.journal(Then::GoOn, context, steps);
            }
            if now < self.quiet_until_ms(context.limits) {
                self.phase = Phase::Ready;
                return;
            }
        }
        if !context.session {
            if !self.open {
                self.blame = Reason::Session;
            }
            self.phase = Phase::AwaitSession;
            steps.push(Step::NeedSession);
            return;
        }
        if !context.token {
            self.phase = Phase::AwaitToken;
            steps.push(Step::NeedToken);
            return;
        }
        self.send(context, steps);
    }

    fn is_due(&self, now_ms: i64) -> bool {
        match self.phase {
            Phase::Until(t) => now_ms >= t,
            _ => true,
        }
    }

    fn send(&mut self, context: &Context, steps: &mut Vec<Step>) {
        let first_sent_ms = *self.first_sent_ms.get_or_insert(context.now_ms);
        if !self.stored {
            self.record.first_sent_at_ms = context.wall_ms;
            return self.journal(Then::GoOn, context, steps);
        }
        let not_after_ms = (context.now_ms + context.limits.timeout_ms)
            .min(first_sent_ms + context.limits.resend_limit_ms);
        let call = match (self.record.state, self.record.kind) {
            (State::Cancelling, _) => Call::CancelPay,
            (_, Kind::Pay) => Call::Pay,
            (_, Kind::Present) => Call::Present,
        };
        if call != Call::CancelPay {
            self.pay_not_after_ms = not_after_ms;
        }
        self.phase = Phase::OnTheWay(call);
        steps.push(Step::Send { call, not_after_ms });
    }

    fn resend_end_ms(&self, limits: &Limits) -> i64 {
        self.first_sent_ms
            .map_or(i64::MAX, |first| first + limits.resend_limit_ms)
    }

    fn quiet_until_ms(&self, limits: &Limits) -> i64 {
        self.pay_not_after_ms + limits.late_window_ms
    }

    fn patience_end_ms(&self, limits: &Limits) -> i64 {
        self.unknown_since_ms
            .map_or(i64::MAX, |since| since + limits.unknown_patience_ms)
    }

    fn patience_is_over(&self, context: &Context) -> bool {
        context.limits.unknown_patience_ms >= 0
            && context.now_ms >= self.patience_end_ms(context.limits)
    }

    /// Told by the engine: the token service itself refused us, so the deadline will say so.
    pub fn blame_credential(&mut self) {
        self.blame = Reason::Credential;
    }

    /// Told by the engine: the token service cannot be reached.
    pub fn blame_network(&mut self) {
        if self.blame != Reason::Credential {
            self.blame = Reason::Network;
        }
    }
}

fn jittered(pause_ms: i64, random: u32) -> i64 {
    pause_ms / 2 + pause_ms * i64::from(random) / i64::from(u32::MAX)
}
