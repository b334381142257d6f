//! Items that players buy in the client, under the `out_trade_no` by which `queryorderinfo` knows them.

use crate::call::Env;
use crate::ledger::Ledger;
use crate::purchase::PurchaseState;

/// One order of an item.
#[derive(Clone, Debug)]
pub(crate) struct ItemOrder {
    pub(crate) openid: String,
    pub(crate) zone_id: String,
    pub(crate) product_id: String,
    pub(crate) quantity: i64,
    /// Of one, in fen.
    pub(crate) goods_price: i64,
    pub(crate) attach: String,
    /// The text that was signed.
    pub(crate) sign_data: String,
    /// Delivered once a push of it was answered with success.
    pub(crate) state: PurchaseState,
    /// When the player paid.
    pub(crate) paid_s: Option<i64>,
    /// How often the client began it.
    pub(crate) attempts: u64,
    /// How much was given back, in fen.
    pub(crate) refunded: i64,
}

impl ItemOrder {
    /// What the whole order costs, in fen.
    pub(crate) fn total(&self) -> i64 {
        self.goods_price.saturating_mul(self.quantity)
    }
}

/// What became of an order that the client began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Begun {
    /// It waits for the player's money, still or for the first time.
    Unpaid,
    /// The player has paid just now.
    Paid,
    /// The number was used before, for the reason given.
    Repeated(&'static str),
    /// The ledger is full.
    NoRoom,
}

impl Ledger {
    pub(crate) fn item(&self, app: usize, env: Env, out_trade_no: &str) -> Option<&ItemOrder> {
        self.book(app, env).items.get(out_trade_no)
    }

    /// Begins an order, or takes an unpaid one further.
    pub(crate) fn begin_item(
        &mut self,
        app: usize,
        env: Env,
        out_trade_no: &str,
        wanted: ItemOrder,
        now_s: i64,
    ) -> Begun {
        if self.purchase(app, env, out_trade_no).is_some() {
            return Begun::Repeated("is a purchase of coins");
        }
        let known = self.item(app, env, out_trade_no).is_some();
        if !known && !self.take_row() {
            return Begun::NoRoom;
        }
        let pays = wanted.state >= PurchaseState::Paid;
        let items = &mut self.book_mut(app, env).items;
        let item = items
            .entry(out_trade_no.into())
            .or_insert_with(|| ItemOrder {
                state: PurchaseState::Unpaid,
                ..wanted.clone()
            });
        item.attempts += 1;
        let same = item.openid == wanted.openid && item.sign_data == wanted.sign_data;
        if !same {
            return Begun::Repeated("is another order's");
        }
        if item.paid_s.is_some() {
            return Begun::Repeated("is paid already");
        }
        if !pays {
            return Begun::Unpaid;
        }
        item.state = PurchaseState::Paid;
        item.paid_s = Some(now_s);
        Begun::Paid
    }

    /// The game's server has answered that it delivered this order.
    pub(crate) fn item_delivered(&mut self, app: usize, env: Env, out_trade_no: &str) {
        let item = self.book_mut(app, env).items.get_mut(out_trade_no);
        if let Some(item) = item.filter(|item| item.state == PurchaseState::Paid) {
            item.state = PurchaseState::Delivered;
        }
    }

    /// Gives money back for an item or for coins, never more than was paid. The error names the field.
    pub(crate) fn refund_money(
        &mut self,
        app: usize,
        env: Env,
        out_trade_no: &str,
        amount: i64,
    ) -> Result<(), (&'static str, &'static str)> {
        let book = self.book_mut(app, env);
        let item = book.items.get_mut(out_trade_no);
        let item = item.map(|item| (item.paid_s, item.total(), &mut item.refunded));
        let bought = book.purchases.get_mut(out_trade_no);
        let bought = bought.map(|bought| (bought.paid_s, bought.total(), &mut bought.refunded));
        let Some((paid_s, total, refunded)) = item.or(bought) else {
            return Err(("out_trade_no", "is not known in this environment"));
        };
        if paid_s.is_none() {
            return Err(("out_trade_no", "is not paid"));
        }
        if amount > total - *refunded {
            return Err(("refund_amount", "is more than is left to give back"));
        }
        *refunded += amount;
        Ok(())
    }
}
