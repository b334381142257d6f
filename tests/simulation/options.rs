//! What can happen next. The first option is always the calm one.
//!
//! Outside `free` scenarios, steps that commute keep one order: acknowledgements, then the disk, then the
//! requests, then the host's login, then time. A late request matters only to what WeChat does next, so it is
//! executed just before another request, or at its last moment, or never.

use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::store::{Generation, Kind, State, Write};

use crate::host::Order;
use crate::steps::{Fault, Step};
use crate::wechat::{Call, HOUR_MS};
use crate::world::{Batch, Floating, World};

/// Answers that are not about the order, one of each kind; and the rest of them.
const ASIDES_V1: [i32; 4] = [90009, 42001, 45011, 90011];
const MORE_ASIDES_V1: [i32; 6] = [90010, 40001, 40014, 45009, 90017, 40101];
const ASIDES_V2: [i32; 4] = [90016, 42001, 45011, 90011];
const MORE_ASIDES_V2: [i32; 6] = [90010, 40001, 40014, 45009, 90018, 40101];

impl World {
    /// Everything that can happen next; nothing once the history is over.
    pub fn options(&self, options: &mut Vec<Step>) {
        options.clear();
        if self.ended {
            return;
        }
        let stops: [fn(&World, &mut Vec<Step>); 6] = [
            World::late_options,
            World::host_options,
            World::disk_options,
            World::request_options,
            World::session_options,
            World::time_options,
        ];
        for (at, stop) in stops.into_iter().enumerate() {
            stop(self, options);
            if !options.is_empty() && (at == 0 || !self.scenario.free) {
                return;
            }
        }
    }

    /// A late request at its last moment, or a leap of the clock that is under way.
    fn late_options(&self, options: &mut Vec<Step>) {
        let until_ms = self.leaping_to_ms.unwrap_or(self.now_ms);
        if let Some(at) = self
            .first_due()
            .filter(|at| self.floating[*at].by_ms <= until_ms)
        {
            options.push(Step::Lost(at));
            self.late_ways(at, options);
        } else if self.leaping_to_ms.is_some() {
            options.push(Step::Land);
        }
    }

    /// The ways in which WeChat may execute a late request. One that would change nothing may as well be lost,
    /// and of equal ones the first to come due stands for all.
    fn late_ways(&self, at: usize, options: &mut Vec<Step>) {
        let late = &self.floating[at];
        let equal = |other: &Floating| other.request.is_again(&late.request);
        if !self.scenario.free {
            let sooner = |other: &Floating| equal(other) && other.by_ms < late.by_ms;
            let earlier = &self.floating[..at];
            if self.floating.iter().any(sooner)
                || earlier
                    .iter()
                    .any(|other| equal(other) && other.by_ms == late.by_ms)
            {
                return;
            }
        }
        let acts = |other_way| {
            self.scenario.free || self.wechat.would_act(&late.request, other_way, self.now_ms)
        };
        if acts(false) {
            options.push(Step::Late(at));
        }
        if self.wechat.has_two_ways(&late.request, self.now_ms) && acts(true) {
            options.push(Step::LateOtherwise(at));
        }
    }

    fn host_options(&self, options: &mut Vec<Step>) {
        for (at, order) in self.host.orders.iter().enumerate() {
            let unknown_to_all = order.told.is_none() && self.disk.find(&order.bill_no).is_none();
            let forgotten = unknown_to_all && self.host.unanswered().is_none();
            let forgotten = forgotten && !order.refused && !order.owed && self.is_idle();
            let wanted = order.kind != Kind::Refund && !order.placed;
            if wanted || order.ask_again || (order.placed && forgotten) {
                options.push(Step::Submit(at));
            }
        }
        self.first_part_options(options);
        if !self.host.to_ack.is_empty() {
            options.push(Step::Ack);
            self.crash_options(options);
        }
    }

    fn disk_options(&self, options: &mut Vec<Step>) {
        let Some(batch) = self.batches.front() else {
            return;
        };
        options.push(Step::Commit);
        if self.left.faults > 0 && !batch.answered {
            options.extend([Fault::NotWritten, Fault::Lost, Fault::Stored].map(Step::Fail));
        }
        if changes(batch) || self.scenario.free {
            self.crash_options(options);
            self.cancel_options(options);
        }
    }

    fn request_options(&self, options: &mut Vec<Step>) {
        let mut money = false;
        for (at, flight) in self.flights.iter().enumerate() {
            let in_time = self.now_ms <= flight.not_after_ms && !flight.overslept;
            if in_time {
                options.push(Step::Answer(at));
            }
            if flight.request.call == Call::Token {
                if !in_time || (self.scenario.free && self.left.asides > 0) {
                    options.push(Step::NoToken(at));
                }
                continue;
            }
            money = true;
            if in_time && self.wechat.has_two_ways(&flight.request, self.now_ms) {
                options.push(Step::Otherwise(at));
            }
            if self.left.fates > 0 || !in_time {
                options.push(Step::Float(at));
            }
            if (self.left.fates > 0 || !in_time) && !flight.overslept {
                options.push(Step::NotSent(at));
            }
            if self.left.asides > 0 && in_time && !flight.stale {
                let (codes, more) = match self.scenario.generation {
                    Generation::V1 => (ASIDES_V1, MORE_ASIDES_V1),
                    Generation::V2 => (ASIDES_V2, MORE_ASIDES_V2),
                };
                let more = more.iter().filter(|_| self.scenario.free);
                options.extend(codes.iter().chain(more).map(|code| Step::Aside(at, *code)));
            }
        }
        if money || self.scenario.free {
            (0..self.floating.len()).for_each(|at| self.late_ways(at, options));
            if self.left.top_ups > 0 {
                options.push(Step::TopUp);
            }
        }
        if money {
            self.crash_options(options);
            self.cancel_options(options);
            if self.left.waits > 0 {
                options.push(Step::Wait);
            }
        }
    }

    fn session_options(&self, options: &mut Vec<Step>) {
        if self.host.session_wanted {
            options.push(Step::LogIn);
            let waits = self.engine.next_timer_ms().is_some() && !self.is_settled();
            if self.left.asides > 0 && waits {
                options.push(Step::Wait);
            }
        }
    }

    fn time_options(&self, options: &mut Vec<Step>) {
        let over = self.is_settled() && self.floating.is_empty();
        if !over && self.is_idle() && self.next_moment().is_some() {
            options.push(Step::Wait);
        } else if options.is_empty() {
            options.push(Step::End);
        }
        if over {
            self.cancel_options(options);
            return;
        }
        if self.left.leaps > 0 {
            options.extend([RESEND_LIMIT_MS, 48 * HOUR_MS + 1_000].map(Step::Leap));
        }
        if self.is_idle() || self.scenario.free {
            self.cancel_options(options);
        }
        if self.scenario.free {
            self.crash_options(options);
            if self.left.closes > 0 {
                options.extend((0..=self.batches.len().min(3)).map(Step::Close));
            }
            if self.left.repeats > 0 {
                let again = |at: &usize| {
                    let order = &self.host.orders[*at];
                    order.placed && order.kind != Kind::Refund
                };
                let orders = (0..self.host.orders.len()).filter(again);
                options.extend(orders.map(Step::Submit));
            }
        }
    }

    /// A crash, after so many of the queued batches have become durable.
    fn crash_options(&self, options: &mut Vec<Step>) {
        if self.left.crashes > 0 && !options.contains(&Step::Crash(0)) {
            options.extend((0..=self.batches.len().min(3)).map(Step::Crash));
        }
    }

    /// The host wants a payment cancelled, or a finished and acknowledged one given back, the whole or a part.
    pub fn cancel_options(&self, options: &mut Vec<Step>) {
        self.part_options(options);
        for (at, order) in self.host.orders.iter().enumerate() {
            let left = match order.told {
                Some(State::Done) => self.left.refunds,
                _ => self.left.cancels,
            };
            let open = order.told.is_none() || (order.told == Some(State::Done) && order.acked);
            let sensible = order.kind == Kind::Pay && order.placed && open;
            let thinkable = self.scenario.free && order.kind != Kind::Refund;
            let offered = options.contains(&Step::Cancel(at));
            if left > 0 && (sensible || thinkable) && !offered {
                options.push(Step::Cancel(at));
            }
        }
    }

    /// Nothing is being done, and no order waits for anything.
    pub fn is_settled(&self) -> bool {
        let over = |order: &Order| {
            let asked_for = order.kind != Kind::Refund || order.placed;
            let told = order.told.is_some() || order.refused || !asked_for;
            told && self.is_acked(order) && !order.owed && !order.ask_again
        };
        self.host.orders.iter().all(over) && self.host.unanswered().is_none()
    }

    /// The final answer of an order is acknowledged, or there is none to acknowledge.
    pub fn is_acked(&self, order: &Order) -> bool {
        self.disk.find(&order.bill_no).is_none_or(|record| {
            record.state.is_final() && (record.acked || (order.ack_given && self.is_idle()))
        })
    }

    /// The late request whose last moment comes first.
    pub fn first_due(&self) -> Option<usize> {
        (0..self.floating.len()).min_by_key(|at| self.floating[*at].by_ms)
    }

    /// When something happens by itself.
    pub fn next_moment(&self) -> Option<i64> {
        let timer = self.engine.next_timer_ms().map(|at| self.world_ms(at));
        let timer = timer.filter(|_| !self.is_settled());
        let out = self.flights.iter().map(|flight| flight.not_after_ms + 1);
        let late = self.floating.iter().map(|late| late.by_ms);
        timer.into_iter().chain(out).chain(late).min()
    }
}

/// Whether a batch changes anything on the disk.
fn changes(batch: &Batch) -> bool {
    let reads = |write: &Write| matches!(write, Write::Find(_));
    batch.writes.iter().any(|(_, write)| !reads(write))
}
