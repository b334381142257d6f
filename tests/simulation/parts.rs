//! Parts of the first order that are given back: each an order of its own, which the engine may refuse.

use wxgame::client::completion::Completion;
use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Kind, State};

use crate::host::Order;
use crate::steps::Step;
use crate::wechat::AMOUNT;
use crate::world::World;

impl World {
    pub fn parts(&self) -> impl Iterator<Item = (usize, &Order)> {
        let orders = self.host.orders.iter().enumerate();
        orders.filter(|(_, order)| order.kind == Kind::Refund)
    }

    /// The first part, which the host asks for as soon as it may.
    pub fn first_part_options(&self, options: &mut Vec<Step>) {
        let first = self.parts().next();
        if let Some((at, order)) = first
            && !order.placed
            && self.is_paid()
        {
            options.push(Step::Submit(at));
            self.cancel_options(options);
        }
    }

    /// The other parts, or a known one again.
    pub fn part_options(&self, options: &mut Vec<Step>) {
        let first = self.parts().next().map(|(at, _)| at);
        for (at, order) in self.parts() {
            let too_soon = self.scenario.free && self.host.orders[0].placed;
            let wanted = if order.placed {
                self.left.repeats > 0
            } else {
                too_soon || (Some(at) != first && self.is_paid())
            };
            if wanted && !options.contains(&Step::Submit(at)) {
                options.push(Step::Submit(at));
            }
        }
    }

    /// The first order is done and acknowledged: a sensible host asks for no part before.
    fn is_paid(&self) -> bool {
        let payment = &self.host.orders[0];
        payment.told == Some(State::Done) && payment.acked
    }

    /// No answer about money: the engine takes no such part, or takes it no more.
    pub fn hear_part_refused(&mut self, at: usize, completion: &Completion) {
        let bill_no = &self.host.orders[at].bill_no;
        let gives = |state: State| !matches!(state, State::Rejected | State::NotSent);
        let known = self.disk.find(bill_no).map(|record| record.state);
        let right = match completion.error {
            Some(ErrorKind::WrongState) => !self.may_be_given_back(at),
            Some(ErrorKind::NotFound) => self.disk.find(&self.host.orders[0].bill_no).is_none(),
            _ => false,
        };
        if !right {
            self.violate("I5", format!("refused without reason: {completion:?}"));
        }
        if known.is_some_and(gives) {
            self.violate(
                "I5",
                format!("part {at} is refused, the disk says {known:?}"),
            );
        }
        self.host.orders[at].refused = true;
    }

    /// Whether nothing stands in the way of a part: the payment is done and young, and enough is left of it.
    fn may_be_given_back(&self, at: usize) -> bool {
        let payment = &self.host.orders[0];
        let Some(record) = self.disk.find(&payment.bill_no) else {
            return false;
        };
        let placed = |(other, order): &(usize, &Order)| *other == at || order.placed;
        let wanted: i64 = self
            .parts()
            .filter(placed)
            .map(|(_, order)| order.amount)
            .sum();
        record.state == State::Done
            && record.acked
            && !payment.cancel_asked
            && self.wall_ms() + crate::wire::WALL_MS < record.first_sent_at_ms + RESEND_LIMIT_MS
            && wanted <= AMOUNT
    }

    /// Whether a completion names the order as the host knows it.
    pub fn names(&self, order: &Order, completion: &Completion) -> bool {
        let (bill_no, refund_bill_no) = match order.kind {
            Kind::Refund => (&self.host.orders[0].bill_no, order.bill_no.as_str()),
            _ => (&order.bill_no, ""),
        };
        completion.bill_no == *bill_no && completion.refund_bill_no == refund_bill_no
    }

    /// What has come back is never more than was paid, nor more than the journal accounts for.
    pub fn check_parts(&mut self) {
        let mut given = 0;
        let mut accounted = 0;
        for (at, order) in self.parts() {
            let coins = self.wechat.net[at];
            let failed = matches!(order.sealed, Some(State::Rejected | State::NotSent));
            given += coins;
            accounted += if failed { 0 } else { coins };
        }
        let payment = &self.host.orders[0];
        let paid = self.wechat.net[0];
        let refunded = self.disk.find(&payment.bill_no);
        let refunded = refunded.map_or(0, |record| record.refunded);
        if given > paid && self.parts().next().is_some() {
            self.violate("I3", format!("{given} coins of {paid} came back in parts"));
        } else if refunded < accounted || !(0..=AMOUNT).contains(&refunded) {
            let what = format!("{accounted} coins came back in parts, the journal says {refunded}");
            self.violate("I3", what);
        }
    }
}
