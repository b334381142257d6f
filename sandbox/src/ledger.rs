//! Players' coins and the orders that moved them.
//!
//! An order number is charged at most once while WeChat remembers it. How often it really was charged is
//! counted for good, beyond that time and beyond every cancel: this is how a test sees a player robbed.

use crate::call::Env;
use crate::config::{DuplicateCheck, RepeatedRefund, Rules};
use crate::item_order::ItemOrder;
use crate::order::{Kind, Order, State};
use crate::player::Player;
use crate::purchase::Purchase;
use crate::refund::Refund;
use std::collections::HashMap;

/// How many players, orders, refunds, purchases and items together one sandbox keeps. The next ones are answered 90018.
pub(crate) const MAX_ROWS: usize = 5_000_000;

/// Where a player's coins are, and which order moves them.
#[derive(Clone, Debug)]
pub(crate) struct Deal {
    pub(crate) app: usize,
    pub(crate) env: Env,
    pub(crate) openid: String,
    pub(crate) zone_id: String,
    pub(crate) bill_no: String,
    /// The payment that is to be given back, when `bill_no` is the refund's own number.
    pub(crate) pay_bill_no: Option<String>,
    pub(crate) amt: i64,
}

/// What came of a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Done {
        balance: i64,
        used_gen_amt: i64,
    },
    Refused(i64),
    /// 90018, and which field is to blame for what.
    Bad(&'static str, &'static str),
}

/// The coins and orders of one app in one environment.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) players: HashMap<Box<str>, Vec<(Box<str>, Player)>>,
    pub(crate) orders: HashMap<Box<str>, Order>,
    pub(crate) refunds: HashMap<Box<str>, Refund>,
    pub(crate) purchases: HashMap<Box<str>, Purchase>,
    pub(crate) items: HashMap<Box<str>, ItemOrder>,
}

pub(crate) struct Ledger {
    books: Vec<[Book; 2]>,
    pub(crate) valid_s: i64,
    pub(crate) purse_first: bool,
    pub(crate) left_first: bool,
    pub(crate) repeated_refund: RepeatedRefund,
    reusable: bool,
    reusable_after_refusal: bool,
    max_rows: usize,
    rows: usize,
}

impl Ledger {
    pub(crate) fn new(rules: &Rules) -> Ledger {
        Ledger {
            books: rules.apps.iter().map(|_| Default::default()).collect(),
            valid_s: rules.bill_no_valid_s,
            purse_first: rules.duplicate_check == DuplicateCheck::Last,
            left_first: rules.refund_duplicate_check == DuplicateCheck::Last,
            repeated_refund: rules.repeated_refund,
            reusable: rules.reusable_after_cancel,
            reusable_after_refusal: rules.reusable_after_refusal,
            max_rows: MAX_ROWS,
            rows: 0,
        }
    }

    pub(crate) fn book(&self, app: usize, env: Env) -> &Book {
        &self.books[app][env.index()]
    }

    pub(crate) fn book_mut(&mut self, app: usize, env: Env) -> &mut Book {
        &mut self.books[app][env.index()]
    }

    /// Makes room for one more row; false when the ledger is full.
    pub(crate) fn take_row(&mut self) -> bool {
        let room = self.rows < self.max_rows;
        self.rows += usize::from(room);
        room
    }

    pub(crate) fn player(&self, app: usize, env: Env, openid: &str, zone_id: &str) -> Player {
        let zones = self.book(app, env).players.get(openid);
        let found = zones.and_then(|zones| zones.iter().find(|(zone, _)| &**zone == zone_id));
        found.map(|(_, player)| player.clone()).unwrap_or_default()
    }

    /// The player's purse, made when it is not there yet; nothing when the ledger is full.
    pub(crate) fn player_mut(
        &mut self,
        app: usize,
        env: Env,
        openid: &str,
        zone_id: &str,
    ) -> Option<&mut Player> {
        let players = &mut self.books[app][env.index()].players;
        let known = players
            .get(openid)
            .and_then(|zones| zones.iter().position(|(zone, _)| &**zone == zone_id));
        if known.is_none() && self.rows >= self.max_rows {
            return None;
        }
        if !players.contains_key(openid) {
            players.insert(openid.into(), Vec::new());
        }
        let zones = players.get_mut(openid)?;
        let at = known.unwrap_or_else(|| {
            self.rows += 1;
            zones.push((zone_id.into(), Player::default()));
            zones.len() - 1
        });
        Some(&mut zones[at].1)
    }

    pub(crate) fn order(&self, app: usize, env: Env, bill_no: &str) -> Option<&Order> {
        self.book(app, env).orders.get(bill_no)
    }

    pub(crate) fn order_mut(&mut self, app: usize, env: Env, bill_no: &str) -> Option<&mut Order> {
        self.books[app][env.index()].orders.get_mut(bill_no)
    }

    /// Whether WeChat still remembers that this order moved coins.
    pub(crate) fn remembers(&self, order: &Order, now_s: i64) -> bool {
        order.state != State::Seen && now_s < order.created_s.saturating_add(self.valid_s)
    }

    /// Counts a verified request with an order number, whatever becomes of it. False when the ledger is full.
    pub(crate) fn note_attempt(&mut self, deal: &Deal, kind: Option<Kind>, now_s: i64) -> bool {
        if let Some(pay_bill_no) = &deal.pay_bill_no {
            return self.note_refund(deal, pay_bill_no);
        }
        let orders = &mut self.books[deal.app][deal.env.index()].orders;
        if !orders.contains_key(deal.bill_no.as_str()) {
            if self.rows >= self.max_rows {
                return false;
            }
            self.rows += 1;
            orders.insert(deal.bill_no.as_str().into(), Order::seen(deal, kind, now_s));
        }
        if let Some(order) = orders.get_mut(deal.bill_no.as_str()) {
            order.note_attempt(deal, kind);
        }
        true
    }

    /// Takes coins, once per number.
    pub(crate) fn pay(&mut self, deal: &Deal, now_s: i64) -> Verdict {
        let fresh = self.fresh(deal, now_s);
        let balance = self
            .player(deal.app, deal.env, &deal.openid, &deal.zone_id)
            .balance;
        let refused = |order: &Order| order.refused && order.state == State::Seen;
        let before = self.order(deal.app, deal.env, &deal.bill_no);
        if !self.reusable_after_refusal && before.is_some_and(refused) {
            return Verdict::Refused(90013);
        }
        let poor = balance < deal.amt;
        if poor && (fresh || self.purse_first) {
            if let Some(order) = self.order_mut(deal.app, deal.env, &deal.bill_no) {
                order.refused = true;
            }
            return Verdict::Refused(90013);
        }
        if !fresh {
            return Verdict::Refused(90012);
        }
        let Some(player) = self.player_mut(deal.app, deal.env, &deal.openid, &deal.zone_id) else {
            return Verdict::Refused(90018);
        };
        let used_gen_amt = player.take(deal.amt);
        let balance = player.balance;
        self.write(deal, Kind::Pay, used_gen_amt, now_s);
        Verdict::Done {
            balance,
            used_gen_amt,
        }
    }

    /// Gives coins, once per number.
    pub(crate) fn present(&mut self, deal: &Deal, now_s: i64) -> Verdict {
        if !self.fresh(deal, now_s) {
            return Verdict::Refused(90012);
        }
        let Some(player) = self.player_mut(deal.app, deal.env, &deal.openid, &deal.zone_id) else {
            return Verdict::Refused(90018);
        };
        if !player.add(0, deal.amt) {
            return Verdict::Refused(90018);
        }
        let balance = player.balance;
        self.write(deal, Kind::Present, 0, now_s);
        Verdict::Done {
            balance,
            used_gen_amt: 0,
        }
    }

    /// Gives the coins of one `pay` back, once; with a number of its own, as many as it says.
    pub(crate) fn cancel(&mut self, deal: &Deal, now_s: i64) -> Verdict {
        if let Some(pay_bill_no) = &deal.pay_bill_no {
            return self.refund(deal, pay_bill_no, now_s);
        }
        let Some(order) = self.order(deal.app, deal.env, &deal.bill_no) else {
            return Verdict::Refused(90000);
        };
        let same_player = order.openid == deal.openid && order.zone_id == deal.zone_id;
        if !self.remembers(order, now_s) || order.kind != Some(Kind::Pay) || !same_player {
            return Verdict::Refused(90000);
        }
        let amt = order.amt - order.refunded;
        let used_gen_amt = order.used_gen_amt - order.refunded_gen;
        match order.state {
            State::Confirmed => return Verdict::Refused(90014),
            State::RolledBack => return Verdict::Refused(90015),
            State::Processing => return Verdict::Refused(90016),
            State::Live | State::Seen => {}
        }
        if let Some(order) = self.order_mut(deal.app, deal.env, &deal.bill_no) {
            order.give_back(amt, used_gen_amt);
        }
        match self.player_mut(deal.app, deal.env, &deal.openid, &deal.zone_id) {
            Some(player) => {
                player.give_back(amt, used_gen_amt);
                Verdict::Done {
                    balance: player.balance,
                    used_gen_amt: 0,
                }
            }
            None => Verdict::Refused(90018),
        }
    }

    fn fresh(&self, deal: &Deal, now_s: i64) -> bool {
        if self.refund_of(deal, now_s).is_some() {
            return false;
        }
        match self.order(deal.app, deal.env, &deal.bill_no) {
            None => true,
            Some(order) if !self.remembers(order, now_s) => true,
            Some(order) => order.state == State::RolledBack && self.reusable,
        }
    }

    /// Writes down that the coins of a deal have moved.
    fn write(&mut self, deal: &Deal, kind: Kind, used_gen_amt: i64, now_s: i64) {
        let orders = &mut self.books[deal.app][deal.env.index()].orders;
        let order = orders.entry(deal.bill_no.as_str().into());
        order
            .or_insert_with(|| {
                self.rows += 1;
                Order::seen(deal, Some(kind), now_s)
            })
            .charge(deal, kind, used_gen_amt, now_s);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::purchase::PurchaseState;

    #[test]
    fn a_full_ledger_takes_no_new_rows_and_still_serves_the_old_ones() {
        let mut ledger = Ledger::new(&Rules::default());
        ledger.max_rows = 2;
        let mut deal = Deal {
            app: 0,
            env: Env::Sandbox,
            openid: "o1".to_owned(),
            zone_id: "1".to_owned(),
            bill_no: "b1".to_owned(),
            pay_bill_no: None,
            amt: 1,
        };
        let player = ledger.player_mut(0, Env::Sandbox, "o1", "1");
        assert!(player.expect("room for one").add(5, 0));
        assert!(ledger.note_attempt(&deal, Some(Kind::Pay), 0));
        assert!(matches!(
            ledger.pay(&deal, 0),
            Verdict::Done { balance: 4, .. }
        ));
        assert!(ledger.player_mut(0, Env::Sandbox, "o2", "1").is_none());
        assert!(ledger.note_attempt(&deal, None, 0));
        assert!(matches!(ledger.cancel(&deal, 0), Verdict::Done { .. }));
        deal.bill_no = "b2".to_owned();
        assert!(!ledger.note_attempt(&deal, Some(Kind::Pay), 0));
        deal.pay_bill_no = Some("b1".to_owned());
        assert!(!ledger.note_attempt(&deal, None, 0));
        let purchase = Purchase {
            openid: "o1".to_owned(),
            zone_id: "1".to_owned(),
            amt: 1,
            state: PurchaseState::Delivered,
            paid_s: None,
            refunded: 0,
        };
        let bought = ledger.buy(0, Env::Sandbox, "t1", purchase, 0);
        assert!(bought.is_err());
        assert_eq!(ledger.player(0, Env::Sandbox, "o1", "1").balance, 5);
    }
}
