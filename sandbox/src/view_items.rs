//! The orders of items as a test reads them.

use crate::call::Env;
use crate::ledger::Book;
use crate::purchase::PurchaseState;
use crate::view::{Filter, is_wanted};
use serde::Serialize;

/// One order of an item.
#[derive(Clone, Debug, Serialize)]
pub struct ItemRow {
    /// The app.
    pub appid: String,
    /// The environment.
    pub env: Env,
    /// Its number.
    pub out_trade_no: String,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// The item.
    pub product_id: String,
    /// How many of it.
    pub quantity: i64,
    /// What one costs, in fen.
    pub goods_price: i64,
    /// What the game wanted to have back.
    pub attach: String,
    /// How far it has come; delivered once a push was answered with success.
    pub state: PurchaseState,
    /// How often the client began it with right signatures.
    pub attempts: u64,
    /// How much was given back, in fen.
    pub refunded: i64,
}

pub(crate) fn item_rows(
    book: &Book,
    appid: &str,
    env: Env,
    filter: &Filter,
    most: usize,
) -> Vec<ItemRow> {
    let about = book.items.iter().filter(|(number, item)| {
        is_wanted(&filter.openid, &item.openid) && is_wanted(&filter.bill_no, number)
    });
    let rows = about.take(most).map(|(out_trade_no, item)| ItemRow {
        appid: appid.to_owned(),
        env,
        out_trade_no: out_trade_no.to_string(),
        openid: item.openid.clone(),
        zone_id: item.zone_id.clone(),
        product_id: item.product_id.clone(),
        quantity: item.quantity,
        goods_price: item.goods_price,
        attach: item.attach.clone(),
        state: item.state,
        attempts: item.attempts,
        refunded: item.refunded,
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|a, b| a.out_trade_no.cmp(&b.out_trade_no));
    rows
}
