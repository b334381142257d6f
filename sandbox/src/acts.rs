//! What a test can do to the world, beside making calls: the control API and the library's own methods meet here.

use crate::call::Env;
use crate::clock::MAX_ADVANCE_S;
use crate::codes::{NAME_RULE, Outcome, is_name};
use crate::json::Trouble;
use crate::order::State;
use crate::player::{MAX_COINS, Player, RECHARGE_CENTRE};
use crate::purchase::{OUT_TRADE_NO_RULE, Purchase, PurchaseState, is_out_trade_no};
use crate::sign::Key;
use crate::world::{self, World};

type Done<T = ()> = Result<T, Trouble>;

fn need(fits: bool, field: &str, message: &str) -> Done {
    match fits {
        true => Ok(()),
        false => Err(Trouble::new(field, message)),
    }
}

impl World {
    /// The app that is meant; the first one when none is named.
    pub(crate) fn meant(&self, appid: Option<&str>) -> Done<usize> {
        let Some(appid) = appid else {
            return Ok(0);
        };
        let app = self.app(appid);
        app.ok_or_else(|| Trouble::new("appid", format!("{appid:?} is not configured")))
    }

    /// A player buys `amt` coins and is given `gift` more.
    pub(crate) fn top_up(
        &self,
        app: usize,
        env: Env,
        (openid, zone_id): (&str, &str),
        amt: i64,
        gift: i64,
    ) -> Done<Player> {
        need(is_name(openid), "openid", NAME_RULE)?;
        let has_zone = self.config.rules.apps[app].has_zone(zone_id);
        need(has_zone, "zone_id", "is not one of this app's zones")?;
        self.fill(app, env, (openid, zone_id), amt, gift)
    }

    fn fill(
        &self,
        app: usize,
        env: Env,
        (openid, zone_id): (&str, &str),
        amt: i64,
        gift: i64,
    ) -> Done<Player> {
        let coins = 0..=MAX_COINS;
        need(
            coins.contains(&amt),
            "amt",
            "must be a whole number from 0 on",
        )?;
        need(
            coins.contains(&gift),
            "gift",
            "must be a whole number from 0 on",
        )?;
        let mut state = self.lock();
        let player = state.ledger.player_mut(app, env, openid, zone_id);
        let player = player.ok_or_else(|| Trouble::new("", "the sandbox holds no more players"))?;
        need(
            player.add(amt, gift),
            "amt",
            "is more than a purse can hold",
        )?;
        Ok(player.clone())
    }

    /// A player gets coins of the recharge centre.
    pub(crate) fn top_up_recharge_centre(
        &self,
        app: usize,
        env: Env,
        openid: &str,
        amt: i64,
        gift: i64,
    ) -> Done<Player> {
        need(is_name(openid), "openid", NAME_RULE)?;
        self.fill(app, env, (openid, RECHARGE_CENTRE), amt, gift)
    }

    /// A player begins to buy coins in the client, or gets further with it.
    pub(crate) fn buy(
        &self,
        app: usize,
        env: Env,
        out_trade_no: &str,
        (openid, zone_id): (&str, &str),
        amt: i64,
        state: PurchaseState,
    ) -> Done {
        need(
            is_out_trade_no(out_trade_no),
            "out_trade_no",
            OUT_TRADE_NO_RULE,
        )?;
        need(is_name(openid), "openid", NAME_RULE)?;
        let has_zone = self.config.rules.apps[app].has_zone(zone_id);
        need(has_zone, "zone_id", "is not one of this app's zones")?;
        let fits = (1..=MAX_COINS).contains(&amt);
        need(fits, "amt", "must be a whole number above 0")?;
        let wanted = Purchase {
            openid: openid.to_owned(),
            zone_id: zone_id.to_owned(),
            amt,
            state,
            paid_s: None,
            refunded: 0,
        };
        let now_s = self.clock.now_s();
        let mut world = self.lock();
        let done = world.ledger.buy(app, env, out_trade_no, wanted, now_s);
        if done.map_err(|(field, message)| Trouble::new(field, message))? {
            self.push_coins(&mut world, app, env, out_trade_no);
        }
        Ok(())
    }

    pub(crate) fn set_session(&self, app: usize, openid: &str, session_key: &str) -> Done {
        need(is_name(openid), "openid", NAME_RULE)?;
        let length = session_key.len();
        need(
            (1..=512).contains(&length),
            "session_key",
            "must be 1 to 512 bytes long",
        )?;
        let now_s = self.clock.now_s();
        let key = Key::new(session_key);
        let kept = self.lock().sessions.set(app, openid, key, now_s);
        need(kept, "openid", "the sandbox holds no more players")
    }

    pub(crate) fn expire_session(&self, app: usize, openid: &str) -> Done {
        let expired = self.lock().sessions.expire(app, openid);
        need(expired, "openid", "has no session")
    }

    pub(crate) fn script_code(&self, js_code: &str, outcome: Outcome) -> Done {
        let length = js_code.len();
        need(
            (1..=512).contains(&length),
            "js_code",
            "must be 1 to 512 bytes long",
        )?;
        if let Outcome::Login { openid, .. } = &outcome {
            need(is_name(openid), "openid", NAME_RULE)?;
        }
        let now_s = self.clock.now_s();
        let kept = self.lock().codes.script(js_code, outcome, now_s);
        need(kept, "js_code", "the sandbox holds no more codes")
    }

    pub(crate) fn set_token(&self, app: usize, access_token: &str, expires_in_s: i64) -> Done {
        let length = access_token.len();
        need(
            (1..=2048).contains(&length),
            "access_token",
            "must be 1 to 2048 bytes long",
        )?;
        let fits = (1..=MAX_ADVANCE_S).contains(&expires_in_s);
        need(fits, "expires_in_s", "must be from 1 second to ten years")?;
        let now_s = self.clock.now_s();
        self.lock()
            .tokens
            .set(app, access_token, expires_in_s, now_s);
        Ok(())
    }

    pub(crate) fn expire_tokens(&self) -> usize {
        let now_s = self.clock.now_s();
        self.lock().tokens.expire_all(now_s)
    }

    pub(crate) fn revoke_tokens(&self) -> usize {
        let now_s = self.clock.now_s();
        self.lock().tokens.revoke_all(now_s)
    }

    /// Another server of the game asks for a token at `/cgi-bin/token`; answers how many tokens that ends.
    pub(crate) fn steal_token(&self, app: usize, overlap_s: Option<i64>) -> Done<usize> {
        let rules = &self.config.rules;
        let overlap_s = overlap_s.unwrap_or(rules.token_overlap_s);
        let fits = (0..=MAX_ADVANCE_S).contains(&overlap_s);
        need(fits, "overlap_s", "must be from 0 seconds to ten years")?;
        let now_s = self.clock.now_s();
        let mut state = self.lock();
        let world::State { tokens, random, .. } = &mut *state;
        let plain = tokens.plain(app, overlap_s, rules, now_s, random);
        let (_, ended) = plain.map_err(|errcode| {
            let message = format!("the other server is refused as well: {errcode}");
            Trouble::new("", message)
        })?;
        Ok(ended)
    }

    pub(crate) fn set_token_quota(
        &self,
        app: usize,
        used_today: Option<u32>,
        used_this_minute: Option<u32>,
    ) -> Done {
        let given = used_today.or(used_this_minute).is_some();
        need(
            given,
            "used_today",
            "or used_this_minute is needed, or both",
        )?;
        let now_s = self.clock.now_s();
        let mut state = self.lock();
        state
            .tokens
            .set_used(app, used_today, used_this_minute, now_s);
        Ok(())
    }

    pub(crate) fn advance_clock(&self, advance_s: i64) -> Done<i64> {
        let message = "must not be negative, nor take the clock more than ten years ahead";
        let ahead_s = self.clock.advance_s(advance_s);
        let ahead_s = ahead_s.ok_or_else(|| Trouble::new("advance_s", message))?;
        self.push_due.notify_one();
        Ok(ahead_s)
    }

    /// Marks an order that has moved coins and was not rolled back.
    pub(crate) fn mark_order(&self, app: usize, env: Env, bill_no: &str, state: State) -> Done {
        let allowed = matches!(state, State::Confirmed | State::Processing | State::Live);
        need(allowed, "state", "must be confirmed, processing or live")?;
        let mut world = self.lock();
        let Some(order) = world.ledger.order_mut(app, env, bill_no) else {
            return Err(Trouble::new("bill_no", "is not known in this environment"));
        };
        let moved = !matches!(order.state, State::Seen | State::RolledBack);
        need(
            moved,
            "bill_no",
            "has moved no coins, or they were given back",
        )?;
        order.state = state;
        Ok(())
    }
}
