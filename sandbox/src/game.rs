//! One call of virtual payment 2.0, checked as WeChat would check it.
//!
//! The checks come in this order, and the first one that fails answers: access_token (41001, 40001, 42001),
//! body (44002, 47001), fields (90018: all that are missing, then types, then values), `sig_method` (90018),
//! session (90016), `signature` (90010), `pay_sig` (90011). Only then come the faults, and only then the coins.

use crate::answer::Answer;
use crate::call::{Call, Env};
use crate::config::FirstSignature;
use crate::game_doctor;
use crate::game_params::{GameParams, bad};
use crate::item_order::ItemOrder;
use crate::ledger::Deal;
use crate::params::object;
use crate::player::RECHARGE_CENTRE;
use crate::purchase::{Purchase, PurchaseState};
use crate::push_event::{mch_order_no, transaction_id};
use crate::query::Query;
use crate::script::Subject;
use crate::sign;
use crate::world::{Played, World};
use serde_json::Value;

pub(crate) fn serve(world: &World, call: Call, query: &Query, body: &[u8]) -> Played {
    let mut seen = Seen::default();
    match check(world, call, query, body, &mut seen) {
        Err(answer) => Played {
            env: seen.env,
            ..Played::refused(answer, seen.bill_no)
        },
        Ok((app, params)) => carry_out(world, call, app, &params),
    }
}

/// What the list of requests shows of a request that is refused.
#[derive(Default)]
struct Seen {
    env: Option<Env>,
    bill_no: Option<String>,
}

/// The app and the fields of a request that is right in every way.
fn check(
    world: &World,
    call: Call,
    query: &Query,
    body: &[u8],
    seen: &mut Seen,
) -> Result<(usize, GameParams), Answer> {
    let rules = &world.config.rules;
    let now_s = world.clock.now_s();
    let access_token = query.get("access_token").unwrap_or_default();
    if access_token.is_empty() {
        return Err(Answer::code(41001));
    }
    let app = world.lock().tokens.check(access_token, now_s);
    let app = app.map_err(Answer::code)?;

    let object = object(body)?;
    // JSON that has been read is UTF-8.
    let body = str::from_utf8(body).map_err(|_| Answer::code(47001))?;
    let number = object.get(number_name(call)).and_then(Value::as_str);
    seen.bill_no = number.map(|text| text.chars().take(64).collect());
    let params = GameParams::of(object, call, rules)?;
    params.check(&rules.apps[app], rules, world.ts_now_s())?;
    seen.env = Some(params.env());
    if query.get("sig_method") != Some("hmac_sha256") {
        return Err(bad("sig_method", "must be hmac_sha256"));
    }

    let asked = Asked {
        world,
        app,
        now_s,
        access_token,
        call,
        body,
        params: &params,
    };
    match rules.first_signature {
        FirstSignature::Signature => {
            asked.check_signature(query)?;
            asked.check_pay_sig(query)?;
        }
        FirstSignature::PaySig => {
            asked.check_pay_sig(query)?;
            asked.check_signature(query)?;
        }
    }
    Ok((app, params))
}

/// The field that names the order.
fn number_name(call: Call) -> &'static str {
    match call {
        Call::GameQueryOrder => "out_trade_no",
        _ => "bill_no",
    }
}

/// A request whose signatures are still to be checked.
struct Asked<'a> {
    world: &'a World,
    app: usize,
    now_s: i64,
    access_token: &'a str,
    call: Call,
    body: &'a str,
    params: &'a GameParams,
}

impl Asked<'_> {
    fn check_signature(&self, query: &Query) -> Result<(), Answer> {
        let openid = self.params.text("openid");
        let (session_key, earlier) = {
            let sessions = &self.world.lock().sessions;
            (
                sessions.current(self.app, openid, self.now_s),
                sessions.earlier(self.app, openid),
            )
        };
        let no_session = self.world.config.rules.no_session;
        let session_key = session_key.ok_or_else(|| Answer::code_of(self.call, no_session))?;
        let expected = sign::signature(self.body, &session_key);
        let received = query.get("signature").unwrap_or_default();
        if received == expected {
            return Ok(());
        }
        let words =
            game_doctor::signature(&self.case(), received, &expected, &session_key, &earlier);
        Err(Answer::error(90010, words))
    }

    fn check_pay_sig(&self, query: &Query) -> Result<(), Answer> {
        let env = self.params.env();
        let expected = sign::pay_sig(self.uri(), self.body, self.world.keys[self.app].of(env));
        let received = query.get("pay_sig").unwrap_or_default();
        if received == expected {
            return Ok(());
        }
        let openid = self.params.text("openid");
        let session_key = {
            let state = self.world.lock();
            state.sessions.current(self.app, openid, self.now_s)
        };
        let session_key = session_key.as_deref();
        let words = game_doctor::pay_sig(&self.case(), received, &expected, session_key);
        Err(Answer::error(90011, words))
    }

    fn uri(&self) -> &'static str {
        self.call.game_uri().unwrap_or_default()
    }

    fn case(&self) -> game_doctor::Case<'_> {
        game_doctor::Case {
            uri: self.uri(),
            body: self.body,
            env: self.params.env(),
            keys: &self.world.keys[self.app],
            access_token: self.access_token,
        }
    }
}

fn carry_out(world: &World, call: Call, app: usize, params: &GameParams) -> Played {
    match call {
        Call::GameGetBalance => get_balance(world, app, params),
        Call::GameQueryOrder => query_order(world, app, params),
        _ => {
            let deal = Deal {
                app,
                env: params.env(),
                openid: params.text("openid").to_owned(),
                zone_id: params.text("zone_id").to_owned(),
                bill_no: params.text("bill_no").to_owned(),
                pay_bill_no: (call == Call::GameCancelPay)
                    .then(|| params.text("pay_bill_no").to_owned()),
                amt: params.number("amount"),
            };
            world.play_deal(call, deal)
        }
    }
}

fn get_balance(world: &World, app: usize, params: &GameParams) -> Played {
    let (env, openid) = (params.env(), params.text("openid"));
    let zone_id = match params.number("coin_type") {
        1 => RECHARGE_CENTRE,
        _ => params.text("zone_id"),
    };
    let subject = Subject {
        call: Call::GameGetBalance,
        env: Some(env),
        bill_no: None,
        pay_bill_no: None,
        openid: Some(openid),
    };
    world.play(&subject, |state| {
        let player = state.ledger.player(app, env, openid, zone_id);
        Answer::ok()
            .with("balance", player.balance)
            .with("present_balance", player.gen_balance)
            .with("sum_save", player.save_amt)
            .with("sum_present", player.present_sum)
            .with("sum_balance", player.save_sum)
            .with("sum_cost", player.cost_sum)
            .with("first_save", player.first_save())
    })
}

fn query_order(world: &World, app: usize, params: &GameParams) -> Played {
    let (env, openid) = (params.env(), params.text("openid"));
    let out_trade_no = params.text("out_trade_no");
    let subject = Subject {
        call: Call::GameQueryOrder,
        env: Some(env),
        bill_no: Some(out_trade_no),
        pay_bill_no: None,
        openid: Some(openid),
    };
    let is_coins = params.number("biz_id") == 1;
    world.play(&subject, |state| {
        let known = match is_coins {
            true => {
                let purchase = state.ledger.purchase(app, env, out_trade_no);
                purchase
                    .filter(|purchase| purchase.openid == openid)
                    .map(Bought::coins)
            }
            false => {
                let item = state.ledger.item(app, env, out_trade_no);
                item.filter(|item| item.openid == openid).map(Bought::item)
            }
        };
        match known {
            Some(bought) => bought.told(out_trade_no),
            None => Answer::code_of(Call::GameQueryOrder, 90019),
        }
    })
}

/// What `queryorderinfo` knows of coins or of an item.
struct Bought<'a> {
    product_id: &'a str,
    state: PurchaseState,
    paid_s: Option<i64>,
}

impl Bought<'_> {
    fn coins(purchase: &Purchase) -> Bought<'_> {
        Bought {
            product_id: "",
            state: purchase.state,
            paid_s: purchase.paid_s,
        }
    }

    fn item(item: &ItemOrder) -> Bought<'_> {
        Bought {
            product_id: &item.product_id,
            state: item.state,
            paid_s: item.paid_s,
        }
    }

    fn told(&self, out_trade_no: &str) -> Answer {
        let delivered = self.state == PurchaseState::Delivered;
        let answer = Answer::ok()
            .with("out_trade_no", out_trade_no)
            .with("product_id", self.product_id)
            .with("pay_state", if self.paid_s.is_some() { 2 } else { 1 })
            .with("deliver_state", if delivered { 2 } else { 1 });
        match self.paid_s {
            None => answer,
            Some(paid_s) => answer
                .with("pay_finish_time", paid_s)
                .with("mch_order_no", mch_order_no(out_trade_no))
                .with("transaction_id", transaction_id(out_trade_no)),
        }
    }
}
