//! Coins that a player buys in the client, under the `out_trade_no` by which `queryorderinfo` knows them.

use crate::call::Env;
use crate::ledger::Ledger;
use serde::{Deserialize, Serialize};

/// What one coin costs, in fen. WeChat has such a ratio per game.
const COIN_PRICE: i64 = 10;

/// How far a purchase has come; it only ever goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseState {
    /// The player has not paid.
    Unpaid,
    /// The player has paid; the coins have not come.
    Paid,
    /// The coins have come.
    Delivered,
}

/// One purchase of coins.
#[derive(Clone, Debug)]
pub(crate) struct Purchase {
    pub(crate) openid: String,
    pub(crate) zone_id: String,
    pub(crate) amt: i64,
    pub(crate) state: PurchaseState,
    /// When the player paid.
    pub(crate) paid_s: Option<i64>,
    /// How much was given back, in fen.
    pub(crate) refunded: i64,
}

impl Purchase {
    /// What the coins cost, in fen.
    pub(crate) fn total(&self) -> i64 {
        coin_total(self.amt)
    }
}

/// What so many coins cost, in fen.
pub(crate) fn coin_total(amt: i64) -> i64 {
    amt.saturating_mul(COIN_PRICE)
}

impl Ledger {
    pub(crate) fn purchase(&self, app: usize, env: Env, out_trade_no: &str) -> Option<&Purchase> {
        self.book(app, env).purchases.get(out_trade_no)
    }

    /// Begins a purchase, or takes a known one further. The coins come once, when it is delivered: true when
    /// that was now. The error names the field.
    pub(crate) fn buy(
        &mut self,
        app: usize,
        env: Env,
        out_trade_no: &str,
        wanted: Purchase,
        now_s: i64,
    ) -> Result<bool, (&'static str, &'static str)> {
        if self.item(app, env, out_trade_no).is_some() {
            return Err(("out_trade_no", "is the order of an item"));
        }
        let before = self.purchase(app, env, out_trade_no).cloned();
        if let Some(known) = &before {
            if (&known.openid, &known.zone_id, known.amt)
                != (&wanted.openid, &wanted.zone_id, wanted.amt)
            {
                return Err(("out_trade_no", "is another purchase's"));
            }
            if wanted.state < known.state {
                return Err(("state", "cannot go back"));
            }
        }
        let was = before.as_ref().map(|known| known.state);
        let delivered = Some(PurchaseState::Delivered);
        let comes_now = Some(wanted.state) == delivered && was != delivered;
        let mut purse = None;
        if comes_now {
            let player = self.player_mut(app, env, &wanted.openid, &wanted.zone_id);
            let player = player.ok_or(("", "the sandbox holds no more players"))?;
            let mut fuller = player.clone();
            if !fuller.add(wanted.amt, 0) {
                return Err(("amt", "is more than a purse can hold"));
            }
            purse = Some(fuller);
        }
        if before.is_none() && !self.take_row() {
            return Err(("", "the sandbox holds no more purchases"));
        }
        if let Some(fuller) = purse
            && let Some(player) = self.player_mut(app, env, &wanted.openid, &wanted.zone_id)
        {
            *player = fuller;
        }
        let paid = wanted.state > PurchaseState::Unpaid;
        let paid_before_s = before.as_ref().and_then(|known| known.paid_s);
        let purchase = Purchase {
            refunded: before.map_or(0, |known| known.refunded),
            paid_s: paid_before_s.or(paid.then_some(now_s)),
            ..wanted
        };
        let purchases = &mut self.book_mut(app, env).purchases;
        purchases.insert(out_trade_no.into(), purchase);
        Ok(comes_now)
    }
}

/// 1 to 32 letters, digits and `_-|*@`. WeChat's own begin with `_`.
pub(crate) fn is_out_trade_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-|*@".contains(&byte);
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}

pub(crate) const OUT_TRADE_NO_RULE: &str = "must be 1 to 32 letters, digits and _-|*@";
