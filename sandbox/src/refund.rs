//! Coins given back under an order number of their own, so that one payment can be given back in parts.

use crate::config::RepeatedRefund;
use crate::ledger::{Deal, Ledger, Verdict};
use crate::order::{Kind, State};

/// One refund number and everything that ever happened under it.
pub(crate) struct Refund {
    pub(crate) pay_bill_no: String,
    pub(crate) openid: String,
    pub(crate) zone_id: String,
    pub(crate) amt: i64,
    /// The gift coins among those given back.
    gen_amt: i64,
    /// When it was executed last.
    pub(crate) given_back_s: Option<i64>,
    pub(crate) attempts: u64,
    pub(crate) changed: u64,
    pub(crate) given_back: u64,
}

impl Refund {
    fn asked(deal: &Deal, pay_bill_no: &str) -> Refund {
        Refund {
            pay_bill_no: pay_bill_no.to_owned(),
            openid: deal.openid.clone(),
            zone_id: deal.zone_id.clone(),
            amt: deal.amt,
            gen_amt: 0,
            given_back_s: None,
            attempts: 0,
            changed: 0,
            given_back: 0,
        }
    }

    fn is(&self, deal: &Deal) -> bool {
        deal.pay_bill_no.as_ref() == Some(&self.pay_bill_no)
            && self.openid == deal.openid
            && self.zone_id == deal.zone_id
            && self.amt == deal.amt
    }
}

impl Ledger {
    /// Counts a verified request for a refund. False when the ledger is full.
    pub(crate) fn note_refund(&mut self, deal: &Deal, pay_bill_no: &str) -> bool {
        let known = &self.book(deal.app, deal.env).refunds;
        if !known.contains_key(deal.bill_no.as_str()) && !self.take_row() {
            return false;
        }
        let book = self.book_mut(deal.app, deal.env);
        let refund = book
            .refunds
            .entry(deal.bill_no.as_str().into())
            .or_insert_with(|| Refund::asked(deal, pay_bill_no));
        refund.attempts += 1;
        if !refund.is(deal) {
            refund.changed += 1;
        }
        if let Some(order) = book.orders.get_mut(pay_bill_no) {
            order.cancel_attempts += 1;
        }
        true
    }

    /// The refund that has used up the number of a deal.
    pub(crate) fn refund_of(&self, deal: &Deal, now_s: i64) -> Option<&Refund> {
        let refund = self
            .book(deal.app, deal.env)
            .refunds
            .get(deal.bill_no.as_str())?;
        let remembered = |at_s: i64| now_s < at_s.saturating_add(self.valid_s);
        refund
            .given_back_s
            .is_some_and(remembered)
            .then_some(refund)
    }

    /// Gives a part of the coins of one `pay` back, once per refund number.
    pub(crate) fn refund(&mut self, deal: &Deal, pay_bill_no: &str, now_s: i64) -> Verdict {
        let repeated = self.repeated(deal, now_s);
        let left = self.left(deal, pay_bill_no, now_s);
        let left = match (repeated, left) {
            (Some(verdict), Ok(_)) => return verdict,
            (Some(verdict), Err(_)) if !self.left_first => return verdict,
            (_, Err(verdict)) => return verdict,
            (None, Ok(left)) => left,
        };
        // What was taken last comes back first: a payment uses gift coins up before it takes bought ones.
        let bought = left.amt - left.gen_amt;
        let gen_amt = (deal.amt - bought).max(0);
        let book = self.book_mut(deal.app, deal.env);
        let number = deal.bill_no.as_str();
        let (Some(order), Some(refund)) = (
            book.orders.get_mut(pay_bill_no),
            book.refunds.get_mut(number),
        ) else {
            return Verdict::Refused(90018);
        };
        order.give_back(deal.amt, gen_amt);
        refund.pay_bill_no = pay_bill_no.to_owned();
        refund.openid.clone_from(&deal.openid);
        refund.zone_id.clone_from(&deal.zone_id);
        refund.amt = deal.amt;
        refund.gen_amt = gen_amt;
        refund.given_back_s = Some(now_s);
        refund.given_back += 1;
        match self.player_mut(deal.app, deal.env, &deal.openid, &deal.zone_id) {
            Some(player) => {
                player.give_back(deal.amt, gen_amt);
                Verdict::Done {
                    balance: player.balance,
                    used_gen_amt: gen_amt,
                }
            }
            None => Verdict::Refused(90018),
        }
    }

    /// What a number that was used before comes to: one more refund, or a payment or gift.
    fn repeated(&self, deal: &Deal, now_s: i64) -> Option<Verdict> {
        let same = self.refund_of(deal, now_s);
        if let Some(refund) = same
            && self.repeated_refund == RepeatedRefund::Ok
            && refund.is(deal)
        {
            let player = self.player(deal.app, deal.env, &deal.openid, &deal.zone_id);
            return Some(Verdict::Done {
                balance: player.balance,
                used_gen_amt: refund.gen_amt,
            });
        }
        let order = self.order(deal.app, deal.env, &deal.bill_no);
        let used = same.is_some() || order.is_some_and(|order| self.remembers(order, now_s));
        used.then_some(Verdict::Refused(90012))
    }

    /// What of the payment can still be given back, or why that is less than is asked for.
    fn left(&self, deal: &Deal, pay_bill_no: &str, now_s: i64) -> Result<Left, Verdict> {
        let order = self.order(deal.app, deal.env, pay_bill_no);
        let its_own = |order: &&_| {
            self.remembers(order, now_s)
                && order.kind == Some(Kind::Pay)
                && order.openid == deal.openid
                && order.zone_id == deal.zone_id
        };
        let Some(order) = order.filter(its_own) else {
            return Err(Verdict::Refused(90000));
        };
        match order.state {
            State::Confirmed => return Err(Verdict::Bad("pay_bill_no", "is complete for good")),
            State::Processing => return Err(Verdict::Refused(-1)),
            State::Live | State::RolledBack | State::Seen => {}
        }
        let left = Left {
            amt: order.amt - order.refunded,
            gen_amt: order.used_gen_amt - order.refunded_gen,
        };
        if left.amt < deal.amt {
            return Err(Verdict::Bad("amount", "is more than is left to give back"));
        }
        Ok(left)
    }
}

/// What of a payment can still be given back.
struct Left {
    amt: i64,
    gen_amt: i64,
}
