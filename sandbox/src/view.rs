//! The ledger as a test reads it.

use crate::call::Env;
use crate::json::Trouble;
use crate::order::{Kind, Order, State};
use crate::player::Player;
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
    /// Only this order, and the player it belongs to.
    pub bill_no: Option<String>,
}

/// Players and orders.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Ledger {
    /// Players, by openid and zone.
    pub players: Vec<PlayerRow>,
    /// Orders, by number.
    pub orders: Vec<OrderRow>,
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
    /// How often they were given back.
    pub given_back: u64,
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
        };
        let wanted = |openid: &str| filter.openid.as_deref().is_none_or(|w| w == openid);
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
                    zone_id: zone_id.to_string(),
                    first_save: player.first_save(),
                    player: player.clone(),
                });
            }
            if players.len() > MAX_SHOWN {
                break;
            }
        }
        players.sort_by(|a, b| (&a.openid, &a.zone_id).cmp(&(&b.openid, &b.zone_id)));
        drop(state);

        shown.orders.append(&mut orders);
        shown.players.append(&mut players);
        shown.truncated |= shown.orders.len() > MAX_SHOWN || shown.players.len() > MAX_SHOWN;
        shown.orders.truncate(MAX_SHOWN);
        shown.players.truncate(MAX_SHOWN);
    }
}
