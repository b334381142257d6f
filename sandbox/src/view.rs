//! The ledger as a test reads it.

use crate::call::Env;
use crate::json::Trouble;
use crate::ledger::Book;
use crate::order::{Kind, Order, State};
use crate::player::{Player, RECHARGE_CENTRE};
use crate::purchase::{Purchase, PurchaseState};
use crate::refund::Refund;
use crate::view_items::{ItemRow, item_rows};
use crate::world::World;
use serde::Serialize;

/// How many rows of each kind one look shows.
const MAX_SHOWN: usize = 10_000;

/// Which rows are wanted; what is left out does not matter.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only this app.
    pub appid: Option<String>,
    /// Only this environment.
    pub env: Option<Env>,
    /// Only this player.
    pub openid: Option<String>,
    /// Only this order, its player and its refunds, and the refund, the purchase and the item with this number.
    pub bill_no: Option<String>,
}

/// Players and orders.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// Players, by openid and zone.
    pub players: Vec<PlayerRow>,
    /// Orders, by number.
    pub orders: Vec<OrderRow>,
    /// Refunds of virtual payment 2.0, by their own number.
    pub refunds: Vec<RefundRow>,
    /// Purchases in the client, by `out_trade_no`.
    pub purchases: Vec<PurchaseRow>,
    /// Items ordered in the client, by `out_trade_no`.
    pub items: Vec<ItemRow>,
    /// There are more rows than are shown.
    pub truncated: bool,
}

/// One player's coins in one zone.
#[derive(Clone, Debug, Serialize)]
pub struct PlayerRow {
    /// The app.
    pub appid: String,
    /// The environment.
    pub env: Env,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// 0 for the zone's coins, 1 for those of the recharge centre.
    pub coin_type: u8,
    /// The coins.
    #[serde(flatten)]
    pub player: Player,
    /// Whether the player has ever bought coins.
    pub first_save: bool,
}

/// One order number and everything that ever happened under it.
#[derive(Clone, Debug, Serialize)]
pub struct OrderRow {
    /// The app.
    pub appid: String,
    /// The environment.
    pub env: Env,
    /// The number.
    pub bill_no: String,
    /// What kind of order it is; nothing as long as only cancels came.
    pub kind: Option<Kind>,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// The coins.
    pub amt: i64,
    /// Where it stands.
    pub state: State,
    /// Whether WeChat still remembers it.
    pub remembered: bool,
    /// When the coins moved, or the first request came; Unix time in seconds.
    pub created_s: i64,
    /// How many verified `pay` or `present` requests came.
    pub attempts: u64,
    /// How many verified `cancelPay` requests came.
    pub cancel_attempts: u64,
    /// How many of `attempts` had another kind, amount, player or zone than the order.
    pub changed: u64,
    /// How often its coins really moved: more than once is a player robbed, unless given back between.
    pub charged: u64,
    /// How often they were given back, all or a part.
    pub given_back: u64,
    /// How many of `amt` were given back since they moved last.
    pub refunded: i64,
}

/// One refund number of virtual payment 2.0 and everything that ever happened under it.
#[derive(Clone, Debug, Serialize)]
pub struct RefundRow {
    /// The app.
    pub appid: String,
    /// The environment.
    pub env: Env,
    /// The refund's own number.
    pub bill_no: String,
    /// The payment.
    pub pay_bill_no: String,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// The coins to give back.
    pub amt: i64,
    /// How many verified requests came.
    pub attempts: u64,
    /// How many of them were for another payment, amount, player or zone.
    pub changed: u64,
    /// How often the coins were really given back.
    pub given_back: u64,
}

/// One purchase of coins in the client.
#[derive(Clone, Debug, Serialize)]
pub struct PurchaseRow {
    /// The app.
    pub appid: String,
    /// The environment.
    pub env: Env,
    /// The number.
    pub out_trade_no: String,
    /// The player.
    pub openid: String,
    /// The zone.
    pub zone_id: String,
    /// The coins.
    pub amt: i64,
    /// How far it has come.
    pub state: PurchaseState,
    /// How much money was given back for it, in fen.
    pub refunded: i64,
}

impl World {
    pub(crate) fn view(&self, filter: &Filter) -> Result<Ledger, Trouble> {
        let app = filter.appid.as_deref().map(|appid| self.meant(Some(appid)));
        let app = app.transpose()?;
        let mut shown = Ledger::default();
        for at in 0..self.config.rules.apps.len() {
            for env in Env::ALL {
                if app.is_none_or(|app| app == at) && filter.env.is_none_or(|wanted| wanted == env)
                {
                    self.view_book(at, env, filter, &mut shown);
                }
            }
        }
        Ok(shown)
    }

    fn view_book(&self, app: usize, env: Env, filter: &Filter, shown: &mut Ledger) {
        let now_s = self.clock.now_s();
        let appid = &self.config.rules.apps[app].appid;
        let state = self.lock();
        let book = state.ledger.book(app, env);
        let row = |bill_no: &str, order: &Order| OrderRow {
            appid: appid.clone(),
            env,
            bill_no: bill_no.to_owned(),
            kind: order.kind,
            openid: order.openid.clone(),
            zone_id: order.zone_id.clone(),
            amt: order.amt,
            state: order.state,
            remembered: state.ledger.remembers(order, now_s),
            created_s: order.created_s,
            attempts: order.attempts,
            cancel_attempts: order.cancel_attempts,
            changed: order.changed,
            charged: order.charged,
            given_back: order.given_back,
            refunded: order.refunded,
        };
        let wanted = |openid: &str| is_wanted(&filter.openid, openid);
        let mut orders: Vec<OrderRow> = match &filter.bill_no {
            Some(bill_no) => {
                let order = book.orders.get(bill_no.as_str());
                order.map(|order| row(bill_no, order)).into_iter().collect()
            }
            None => {
                let all = book
                    .orders
                    .iter()
                    .filter(|(_, order)| wanted(&order.openid));
                all.take(MAX_SHOWN + 1)
                    .map(|(n, order)| row(n, order))
                    .collect()
            }
        };
        orders.retain(|order| wanted(&order.openid));
        orders.sort_by(|a, b| a.bill_no.cmp(&b.bill_no));

        let owns = |openid: &str, zone_id: &str| {
            filter.bill_no.is_none()
                || orders
                    .iter()
                    .any(|o| o.openid == openid && o.zone_id == zone_id)
        };
        let by_name = |openid: &str| book.players.get_key_value(openid);
        let owner = filter.openid.as_deref().or_else(|| {
            let only = filter.bill_no.as_ref().and(orders.first());
            only.map(|order| order.openid.as_str())
        });
        let mut players = Vec::new();
        let one = owner.and_then(by_name);
        let all = book.players.iter().filter(|_| owner.is_none());
        for (openid, zones) in one.into_iter().chain(all) {
            for (zone_id, player) in zones.iter().filter(|(zone_id, _)| owns(openid, zone_id)) {
                players.push(PlayerRow {
                    appid: appid.clone(),
                    env,
                    openid: openid.to_string(),
                    zone_id: shown_zone(zone_id).to_owned(),
                    coin_type: u8::from(&**zone_id == RECHARGE_CENTRE),
                    first_save: player.first_save(),
                    player: player.clone(),
                });
            }
            if players.len() > MAX_SHOWN {
                break;
            }
        }
        players.sort_by(|a, b| {
            let place = (&a.openid, &a.zone_id, a.coin_type);
            place.cmp(&(&b.openid, &b.zone_id, b.coin_type))
        });
        shown
            .refunds
            .append(&mut refund_rows(book, appid, env, filter));
        let mut purchases = purchase_rows(book, appid, env, filter);
        let mut items = item_rows(book, appid, env, filter, MAX_SHOWN + 1);
        drop(state);

        shown.orders.append(&mut orders);
        shown.players.append(&mut players);
        shown.purchases.append(&mut purchases);
        shown.items.append(&mut items);
        shown.truncated |= shorten(&mut shown.orders);
        shown.truncated |= shorten(&mut shown.players);
        shown.truncated |= shorten(&mut shown.refunds);
        shown.truncated |= shorten(&mut shown.purchases);
        shown.truncated |= shorten(&mut shown.items);
    }
}

/// Leaves as many rows as are shown; answers whether there were more.
fn shorten<T>(rows: &mut Vec<T>) -> bool {
    let more = rows.len() > MAX_SHOWN;
    rows.truncate(MAX_SHOWN);
    more
}

/// The recharge centre has one zone only.
fn shown_zone(zone_id: &str) -> &str {
    match zone_id {
        RECHARGE_CENTRE => "1",
        zone_id => zone_id,
    }
}

fn refund_rows(book: &Book, appid: &str, env: Env, filter: &Filter) -> Vec<RefundRow> {
    let about = |(number, refund): &(&str, &Refund)| {
        is_wanted(&filter.openid, &refund.openid)
            && (is_wanted(&filter.bill_no, number)
                || is_wanted(&filter.bill_no, &refund.pay_bill_no))
    };
    let all = book
        .refunds
        .iter()
        .map(|(number, refund)| (&**number, refund));
    let row = |(bill_no, refund): (&str, &Refund)| RefundRow {
        appid: appid.to_owned(),
        env,
        bill_no: bill_no.to_owned(),
        pay_bill_no: refund.pay_bill_no.clone(),
        openid: refund.openid.clone(),
        zone_id: refund.zone_id.clone(),
        amt: refund.amt,
        attempts: refund.attempts,
        changed: refund.changed,
        given_back: refund.given_back,
    };
    let shown = all.filter(about).take(MAX_SHOWN + 1);
    let mut rows: Vec<_> = shown.map(row).collect();
    rows.sort_by(|a, b| a.bill_no.cmp(&b.bill_no));
    rows
}

fn purchase_rows(book: &Book, appid: &str, env: Env, filter: &Filter) -> Vec<PurchaseRow> {
    let about = |(number, purchase): &(&str, &Purchase)| {
        is_wanted(&filter.openid, &purchase.openid) && is_wanted(&filter.bill_no, number)
    };
    let all = book
        .purchases
        .iter()
        .map(|(number, purchase)| (&**number, purchase));
    let row = |(out_trade_no, purchase): (&str, &Purchase)| PurchaseRow {
        appid: appid.to_owned(),
        env,
        out_trade_no: out_trade_no.to_owned(),
        openid: purchase.openid.clone(),
        zone_id: purchase.zone_id.clone(),
        amt: purchase.amt,
        state: purchase.state,
        refunded: purchase.refunded,
    };
    let shown = all.filter(about).take(MAX_SHOWN + 1);
    let mut rows: Vec<_> = shown.map(row).collect();
    rows.sort_by(|a, b| a.out_trade_no.cmp(&b.out_trade_no));
    rows
}

pub(crate) fn is_wanted(wanted: &Option<String>, is: &str) -> bool {
    wanted.as_deref().is_none_or(|wanted| wanted == is)
}
