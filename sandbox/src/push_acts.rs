//! What makes a push: something that happened in the world, or a test that asks for one.

use crate::call::Env;
use crate::codes::{NAME_RULE, is_name};
use crate::item_order::ItemOrder;
use crate::json::Trouble;
use crate::player::MAX_COINS;
use crate::purchase::{OUT_TRADE_NO_RULE, PurchaseState, coin_total, is_out_trade_no};
use crate::push_config::{Format, PushConfig, Wish};
use crate::push_event::{self, Draft, Forge, Kind, Message};
use crate::pushes::Push;
use crate::world::{State, World};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How often a push can be repeated at once, and how far apart.
const MAX_REPEAT: u32 = 1_000;
const MAX_DELAY_MS: i64 = 86_400_000;

/// WeChat's own openid, which deliveries are from.
const WECHAT: &str = "oWeChatDelivery";

/// What `POST /sandbox/push` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PushWish {
    pub(crate) appid: Option<String>,
    event: Kind,
    #[serde(default)]
    env: Env,
    openid: Option<String>,
    out_trade_no: Option<String>,
    #[serde(default)]
    fields: Map<String, Value>,
    #[serde(default)]
    message: Map<String, Value>,
    #[serde(default)]
    mock: bool,
    forge: Option<Forge>,
    format: Option<Format>,
    body: Option<String>,
    #[serde(default = "once")]
    repeat: u32,
    #[serde(default)]
    delay_ms: i64,
}

fn once() -> u32 {
    1
}

fn need(fits: bool, field: &str, message: &str) -> Result<(), Trouble> {
    match fits {
        true => Ok(()),
        false => Err(Trouble::new(field, message)),
    }
}

impl PushWish {
    fn check(&self, config: &PushConfig) -> Result<(), Trouble> {
        let openid = self.openid.as_deref().unwrap_or("o");
        need(is_name(openid), "openid", NAME_RULE)?;
        let number = self.out_trade_no.as_deref().unwrap_or("1");
        need(is_out_trade_no(number), "out_trade_no", OUT_TRADE_NO_RULE)?;
        let is_raw = self.event == Kind::Raw;
        let fits = self.body.is_some() == is_raw;
        need(fits, "body", "goes with event raw, which needs it")?;
        need(
            !is_raw || self.fields.is_empty(),
            "fields",
            "do not go with event raw",
        )?;
        need(
            !is_raw || self.message.is_empty(),
            "message",
            "does not go with event raw",
        )?;
        let fits = !self.mock || self.event.has_payload();
        need(fits, "mock", "does not go with this event")?;
        let fits = match self.forge {
            Some(Forge::PayEventSig | Forge::Env) => self.event.has_payload(),
            _ => true,
        };
        need(fits, "forge", "needs an event with a Payload")?;
        let fits = match self.forge {
            Some(Forge::Appid | Forge::Padding | Forge::Plain) => config.aes_key.is_some(),
            _ => true,
        };
        need(
            fits,
            "forge",
            "needs safe mode: an aes_key in /sandbox/push/config",
        )?;
        let fits = (1..=MAX_REPEAT).contains(&self.repeat);
        need(fits, "repeat", "must be from 1 to 1000")?;
        let fits = (0..=MAX_DELAY_MS).contains(&self.delay_ms);
        need(fits, "delay_ms", "must be from 0 to a day")
    }
}

impl World {
    /// Says where an app's pushes go.
    pub(crate) fn configure_pushes(&self, wish: Wish) -> Result<(), Trouble> {
        let app = self.meant(wish.appid.as_deref())?;
        let config = wish.check(self.config.allow_remote)?;
        self.lock().pushes.configure(app, config);
        Ok(())
    }

    /// A test wants a push. Answers the numbers of the pushes, and the key they share.
    pub(crate) fn push(&self, wish: PushWish) -> Result<(Vec<u64>, String), Trouble> {
        let app = self.meant(wish.appid.as_deref())?;
        let (now_s, now_ms) = (self.clock.now_s(), self.clock.now_ms());
        let mut state = self.lock();
        let config = state.pushes.configs[app]
            .clone()
            .ok_or_else(|| Trouble::new("", "no push URL is set; POST /sandbox/push/config"))?;
        wish.check(&config)?;
        let PushWish {
            event: kind,
            env,
            mock,
            forge,
            repeat,
            delay_ms,
            ..
        } = wish;
        let message = match wish.body.clone() {
            Some(text) => Message {
                event: "raw".to_owned(),
                key: String::new(),
                from: wish.openid.unwrap_or_else(|| WECHAT.to_owned()),
                text,
                format: wish.format.unwrap_or(config.format),
            },
            None => {
                let draft = draft(&mut state, app, wish, config.format, now_s);
                draft.write(&config.to_user_name, self.keys[app].of(env), now_s)
            }
        };
        let (key, message) = (message.key.clone(), Arc::new(message));
        let push = || Push::new((app, env), kind, (mock, forge), Arc::clone(&message));
        let dues = (1..=i64::from(repeat)).map(|at| now_ms + at * delay_ms);
        let numbers: Option<Vec<u64>> = dues
            .map(|due_ms| state.pushes.add(push(), due_ms))
            .collect();
        drop(state);
        self.push_due.notify_one();
        let numbers =
            numbers.ok_or_else(|| Trouble::new("", "the sandbox holds no more pushes"))?;
        Ok((numbers, key))
    }

    /// An item was paid.
    pub(crate) fn push_item(&self, state: &mut State, app: usize, env: Env, out_trade_no: &str) {
        if let Some(item) = state.ledger.item(app, env, out_trade_no) {
            let payload = push_event::goods(Kind::Goods, env, out_trade_no, item);
            self.push_event(state, (app, env), Kind::Goods, payload, WECHAT);
        }
    }

    /// Coins that were bought have come.
    pub(crate) fn push_coins(&self, state: &mut State, app: usize, env: Env, out_trade_no: &str) {
        if let Some(bought) = state.ledger.purchase(app, env, out_trade_no) {
            let openid = bought.openid.clone();
            let who = (openid.as_str(), Some(bought.zone_id.as_str()));
            let coins = (bought.amt, bought.total());
            let payload = push_event::coin(env, who, out_trade_no, coins);
            self.push_event(state, (app, env), Kind::Coin, payload, &openid);
        }
    }

    /// Somebody gives money back for an item or coins. Answers the number of the refund.
    pub(crate) fn refund_money(
        &self,
        (app, env): (usize, Env),
        out_trade_no: &str,
        (amount, source): (i64, i64),
    ) -> Result<String, Trouble> {
        let fits = (1..=MAX_COINS).contains(&amount);
        need(fits, "refund_amount", "must be 1 fen or more")?;
        need(
            (1..=3).contains(&source),
            "refund_source",
            "must be 1, 2 or 3",
        )?;
        let mut state = self.lock();
        let done = state.ledger.refund_money(app, env, out_trade_no, amount);
        done.map_err(|(field, message)| Trouble::new(field, message))?;
        let refund_id = state.pushes.random.word(24);
        let payload = push_event::refund(env, out_trade_no, &refund_id, (amount, source));
        self.push_event(&mut state, (app, env), Kind::Refund, payload, WECHAT);
        Ok(refund_id)
    }

    /// Something happened that the game's server wants to know, if it has said where.
    fn push_event(
        &self,
        state: &mut State,
        (app, env): (usize, Env),
        kind: Kind,
        payload: Value,
        from: &str,
    ) {
        let Some(config) = state.pushes.configs[app].clone() else {
            return;
        };
        let draft = Draft {
            kind,
            env,
            payload,
            from: from.to_owned(),
            mock: false,
            forge: None,
            format: format_of(kind, config.format),
            fields: Map::new(),
            message: Map::new(),
        };
        let key = self.keys[app].of(env);
        let message = draft.write(&config.to_user_name, key, self.clock.now_s());
        let push = Push::new((app, env), kind, (false, None), Arc::new(message));
        // A push without room is counted, and what it tells stands in the ledger all the same.
        let _ = state.pushes.add(push, self.clock.now_ms());
        self.push_due.notify_one();
    }

    /// Keeps all pushes back until they are released.
    pub(crate) fn hold_pushes(&self) {
        self.lock().pushes.held = true;
    }

    /// Lets all go that were held; answers how many of them are due.
    pub(crate) fn release_pushes(&self, reversed: bool) -> usize {
        let released = self.lock().pushes.release(reversed, self.clock.now_ms());
        self.push_due.notify_one();
        released
    }

    /// Publishes an item at a price in fen.
    pub(crate) fn set_product(
        &self,
        app: usize,
        product_id: &str,
        price: i64,
    ) -> Result<(), Trouble> {
        let fits = (1..=128).contains(&product_id.len());
        need(fits, "product_id", "must be 1 to 128 bytes long")?;
        let fits = (1..=MAX_COINS).contains(&price);
        need(fits, "price", "must be 1 fen or more")?;
        let kept = self.lock().products.set(app, product_id, price);
        need(kept, "product_id", "the sandbox holds no more products")
    }
}

/// Deliveries come as JSON, whatever the other pushes are.
fn format_of(kind: Kind, format: Format) -> Format {
    match kind.is_goods() {
        true => Format::Json,
        false => format,
    }
}

/// The message a test wants: about an order that is known, or one made up.
fn draft(state: &mut State, app: usize, wish: PushWish, format: Format, now_s: i64) -> Draft {
    let PushWish {
        event: kind, env, ..
    } = wish;
    let number = wish.out_trade_no;
    let number = number.unwrap_or_else(|| state.pushes.random.word(24).replace('_', "-"));
    let item = state.ledger.item(app, env, &number).cloned();
    let bought = state.ledger.purchase(app, env, &number).cloned();
    let known = item.as_ref().map(|item| item.openid.clone());
    let known = known.or(bought.as_ref().map(|bought| bought.openid.clone()));
    let openid = wish
        .openid
        .or(known)
        .unwrap_or_else(|| "oPlayer".to_owned());
    let item = ItemOrder {
        openid: openid.clone(),
        ..item.unwrap_or_else(made_up)
    };
    let zone_id = bought
        .as_ref()
        .map_or("1", |bought| bought.zone_id.as_str());
    let amt = bought.as_ref().map_or(100, |bought| bought.amt);
    let coins = (amt, coin_total(amt));
    let payload = match kind {
        Kind::Goods | Kind::H5Goods => push_event::goods(kind, env, &number, &item),
        Kind::Coin => push_event::coin(env, (&openid, Some(zone_id)), &number, coins),
        Kind::RechargeCentreCoin => push_event::coin(env, (&openid, None), &number, coins),
        Kind::Refund => {
            let refund_id = state.pushes.random.word(24);
            let amount = bought.as_ref().map_or(item.total(), |_| coins.1);
            push_event::refund(env, &number, &refund_id, (amount, 2))
        }
        Kind::Gift | Kind::Raw => push_event::gift(&openid, &number, now_s),
    };
    let from = match kind {
        Kind::Coin | Kind::RechargeCentreCoin | Kind::Gift => openid,
        _ => WECHAT.to_owned(),
    };
    Draft {
        kind,
        env,
        payload,
        from,
        mock: wish.mock,
        forge: wish.forge,
        format: wish.format.unwrap_or_else(|| format_of(kind, format)),
        fields: wish.fields,
        message: wish.message,
    }
}

fn made_up() -> ItemOrder {
    ItemOrder {
        openid: String::new(),
        zone_id: "1".to_owned(),
        product_id: "item_1".to_owned(),
        quantity: 1,
        goods_price: 100,
        attach: String::new(),
        sign_data: String::new(),
        state: PurchaseState::Paid,
        paid_s: None,
        attempts: 0,
        refunded: 0,
    }
}
