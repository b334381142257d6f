//! The table: what each event does to a payment, and how far it goes on by itself.

use crate::api::{Call, errcode::Class};
use crate::store::{Kind, Reason, State};

use super::{Answer, Context, Limits, Payment, Phase, Step, Then};

const BACK_OFF_FIRST_MS: i64 = 500;
const BACK_OFF_LONGEST_MS: i64 = 60_000;
const BACK_OFF_SLOW_MS: i64 = 300_000;
const FIRST_HOUR_MS: i64 = 3_600_000;
/// WeChat's answer to a cancelPay of a pay that it does not know.
const ORDER_NOT_FOUND: i32 = 90000;

impl Payment {
    /// Goes on where it was held. The last pay counts as begun now.
    pub(super) fn resume(&mut self, context: &Context) {
        if self.held {
            self.held = false;
            self.pay_not_after_ms = context.now_ms + context.limits.timeout_ms;
        }
    }

    pub(super) fn mended(&mut self) {
        if let Phase::Until(_) = self.phase {
            self.phase = Phase::Ready;
        }
    }

    /// Two answers of WeChat's agree that the wall clock is ahead: this payment is younger than it seemed.
    pub(super) fn clock_ahead(&mut self, by_ms: i64) {
        if std::mem::take(&mut self.aged_by_wall) {
            self.first_sent_ms = self.first_sent_ms.map(|at| at + by_ms);
            self.unknown_since_ms = self.unknown_since_ms.map(|at| at + by_ms);
        }
    }

    /// Only what is held or needs review is a person's to decide.
    pub(super) fn settle(&mut self, done: bool, context: &Context, steps: &mut Vec<Step>) {
        if self.held || self.record.state == State::NeedsReview {
            self.held = false;
            self.record.refund = false;
            self.record.acked = false;
            self.record.replaced += u16::from(self.record.state.is_final());
            let state = if done { State::Done } else { State::Rejected };
            self.finish(state, Reason::Settled, context, steps);
        }
    }

    pub(super) fn written(&mut self, steps: &mut Vec<Step>) {
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
    pub(super) fn write_failed(&mut self, maybe: bool, context: &Context, steps: &mut Vec<Step>) {
        if !self.is_writing() {
            return;
        }
        self.maybe_stored |= maybe;
        if !self.stored && !self.maybe_stored {
            self.record.state = State::NotSent;
            self.record.reason = Reason::Journal;
            self.show(steps);
        } else {
            self.back_off(context);
        }
    }

    pub(super) fn show(&mut self, steps: &mut Vec<Step>) {
        self.phase = Phase::Shown;
        steps.push(Step::Show);
    }

    pub(super) fn answered(&mut self, answer: Answer, context: &Context, steps: &mut Vec<Step>) {
        if !self.is_on_the_way() {
            return;
        }
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
                steps.push(Step::Misconfigured);
                self.finish(State::Rejected, Reason::Configuration, context, steps)
            }
            // 90000: WeChat does not know the payment that the refund is for.
            Class::Done
                if self.record.kind == Kind::Refund && answer.errcode == ORDER_NOT_FOUND =>
            {
                self.finish(State::NeedsReview, Reason::RefundUnknown, context, steps);
            }
            Class::Done | Class::Duplicate | Class::Refused
                if self.record.state == State::Cancelling =>
            {
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
            // WeChat has no such answer to a present or a refund, and no cancel for either.
            Class::Refused if self.record.kind != Kind::Pay => self.leave_open(context),
            // 90013. An open attempt may have emptied the purse, or may yet find a top-up: only a cancel tells.
            Class::Refused if self.open => self.turn(Reason::BalanceTooLow, context, steps),
            Class::Refused => self.finish(State::Rejected, Reason::BalanceTooLow, context, steps),
        }
    }

    pub(super) fn cancel_answered(
        &mut self,
        class: Class,
        context: &Context,
        steps: &mut Vec<Step>,
    ) {
        match class {
            Class::Done if self.record.refund && self.record.errcode == ORDER_NOT_FOUND => {
                self.finish(State::NeedsReview, Reason::RefundUnknown, context, steps);
            }
            // Duplicate: the number of this refund has been executed, and nobody but this record knows it.
            Class::Done | Class::Duplicate => {
                self.finish(State::Rejected, self.cancel_reason(), context, steps)
            }
            Class::Refused => {
                self.record.refund = false;
                self.finish(State::Done, Reason::None, context, steps);
            }
            _ => self.leave_open(context),
        }
    }

    pub(super) fn cancel_reason(&self) -> Reason {
        match self.record.reason {
            Reason::BalanceTooLow => Reason::BalanceTooLow,
            _ => Reason::Cancelled,
        }
    }

    pub(super) fn leave_open(&mut self, context: &Context) {
        if self.record.state != State::Cancelling {
            // Should this process have been stopped just before a byte left, it left before we came to know of it.
            self.pay_not_after_ms = self.pay_not_after_ms.max(context.now_ms);
        }
        self.open = true;
        self.unknown_since_ms.get_or_insert(context.now_ms);
        self.back_off(context);
    }

    /// 0.5 s, doubling to 60 s in the first hour, then 5 minutes; each ± 50 %.
    pub(super) fn back_off(&mut self, context: &Context) {
        let age_ms = self.first_sent_ms.map_or(0, |first| context.now_ms - first);
        let pause_ms = if age_ms > FIRST_HOUR_MS {
            BACK_OFF_SLOW_MS
        } else {
            BACK_OFF_LONGEST_MS.min(BACK_OFF_FIRST_MS << self.tries.min(16))
        };
        self.tries += 1;
        self.phase = Phase::Until(context.now_ms + jittered(pause_ms, context.random));
    }

    pub(super) fn turn(&mut self, reason: Reason, context: &Context, steps: &mut Vec<Step>) {
        self.record.state = State::Cancelling;
        self.record.reason = reason;
        self.journal(Then::GoOn, context, steps);
    }

    pub(super) fn finish(
        &mut self,
        state: State,
        reason: Reason,
        context: &Context,
        steps: &mut Vec<Step>,
    ) {
        self.record.state = state;
        self.record.reason = reason;
        self.open = false;
        self.journal(Then::Show, context, steps);
    }

    pub(super) fn journal(&mut self, then: Then, context: &Context, steps: &mut Vec<Step>) {
        self.record.updated_at_ms = context.wall_ms;
        self.phase = Phase::Writing(then);
        steps.push(Step::Journal);
    }

    /// Goes on as far as it may: limits first, then what is missing, then the next send.
    pub(super) fn advance(&mut self, context: &Context, steps: &mut Vec<Step>) {
        if context.closing
            || self.held
            || self.is_writing()
            || self.is_on_the_way()
            || self.is_shown()
        {
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
            if self.aged_by_wall && !context.clock_trusted {
                self.phase = Phase::AwaitClock;
                return steps.push(Step::NeedClock);
            }
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
        if self.open && !self.stored {
            // Said to have been sent before: that belongs on disk before anything is waited for.
            self.record.first_sent_at_ms = context.wall_ms;
            return self.journal(Then::GoOn, context, steps);
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
        if self.stored && !context.lease {
            self.phase = Phase::AwaitLease;
            steps.push(Step::NeedLease);
            return;
        }
        if self.waits_for_slot(context, steps) {
            return;
        }
        self.send(context, steps);
    }

    /// New payments go first: what has been sent before takes its turn among all retries.
    pub(super) fn waits_for_slot(&mut self, context: &Context, steps: &mut Vec<Step>) -> bool {
        if self.has_slot || !self.sent_before() {
            return false;
        }
        self.has_slot = true;
        steps.push(Step::TakeRetrySlot);
        if context.retry_slot_ms <= context.now_ms {
            return false;
        }
        self.phase = Phase::Until(context.retry_slot_ms);
        true
    }

    pub(super) fn sent_before(&self) -> bool {
        self.attempts > 0 || self.open
    }

    pub(super) fn is_due(&self, now_ms: i64) -> bool {
        match self.phase {
            Phase::Until(t) => now_ms >= t,
            _ => true,
        }
    }

    pub(super) fn send(&mut self, context: &Context, steps: &mut Vec<Step>) {
        let first_sent_ms = *self.first_sent_ms.get_or_insert(context.now_ms);
        if !self.stored {
            self.record.first_sent_at_ms = context.wall_ms;
            return self.journal(Then::GoOn, context, steps);
        }
        let not_after_ms = (context.now_ms + context.limits.timeout_ms)
            .min(first_sent_ms + context.limits.resend_limit_ms);
        let Some(call) = self.call() else { return };
        if self.record.state != State::Cancelling {
            self.pay_not_after_ms = not_after_ms;
        }
        self.has_slot = false;
        self.attempts += 1;
        self.phase = Phase::OnTheWay(call);
        steps.push(Step::Send { call, not_after_ms });
    }

    /// What is sent of it, where it stands.
    pub(crate) fn call(&self) -> Option<Call> {
        match self.record.state {
            State::Cancelling => Some(Call::CancelPay),
            _ => self.record.kind.call(),
        }
    }

    pub(super) fn resend_end_ms(&self, limits: &Limits) -> i64 {
        self.first_sent_ms
            .map_or(i64::MAX, |first| first + limits.resend_limit_ms)
    }

    pub(super) fn quiet_until_ms(&self, limits: &Limits) -> i64 {
        self.pay_not_after_ms + limits.late_window_ms
    }

    pub(super) fn patience_end_ms(&self, limits: &Limits) -> i64 {
        self.unknown_since_ms
            .map_or(i64::MAX, |since| since + limits.unknown_patience_ms)
    }

    pub(super) fn patience_is_over(&self, context: &Context) -> bool {
        context.limits.unknown_patience_ms >= 0
            && context.now_ms >= self.patience_end_ms(context.limits)
    }
}

fn jittered(pause_ms: i64, random: u32) -> i64 {
    pause_ms / 2 + pause_ms * i64::from(random) / i64::from(u32::MAX)
}
