//! One payment call, checked as WeChat would check it.
//!
//! The checks come in this order, and the first one that fails answers: access_token (41001, 40001, 42001),
//! body (44002, 47001), fields (40101, then 90018), session (90010), `mp_sig` if it is there (90009), `sig`
//! (90011). Only then come the faults, and only then the coins.

use crate::answer::Answer;
use crate::call::{Call, Env, org_loc};
use crate::doctor;
use crate::ledger::Deal;
use crate::params::{Params, object};
use crate::query::Query;
use crate::script::Subject;
use crate::sign;
use crate::world::{Played, World};

pub(crate) fn serve(world: &World, call: Call, env: Env, query: &Query, body: &[u8]) -> Played {
    let mut bill_no = None;
    match check(world, call, env, query, body, &mut bill_no) {
        Err(answer) => Played::refused(answer, bill_no),
        Ok((app, params)) => carry_out(world, call, env, app, &params),
    }
}

/// The app and the fields of a request that is right in every way.
fn check(
    world: &World,
    call: Call,
    env: Env,
    query: &Query,
    body: &[u8],
    bill_no: &mut Option<String>,
) -> Result<(usize, Params), Answer> {
    let rules = &world.config.rules;
    let now_s = world.clock.now_s();
    let access_token = query.get("access_token").unwrap_or_default();
    if access_token.is_empty() {
        return Err(Answer::code(41001));
    }
    let app = world.lock().tokens.check(access_token, now_s);
    let app = app.map_err(Answer::code)?;

    let object = object(body)?;
    let number = object.get("bill_no").and_then(|value| value.as_str());
    *bill_no = number.map(|text| text.chars().take(64).collect());

    let params = Params::of(object, call, rules)?;
    params.check(&rules.apps[app], rules, world.ts_now_s())?;

    let openid = params.text("openid");
    let session = world.lock().sessions.current(app, openid, now_s);
    let session_key = session.ok_or_else(|| Answer::code(90010))?;

    let fields = params.signed();
    let org_loc = org_loc(call, env);
    let sig = params.text("sig");
    let case = || doctor::Case {
        fields: &fields,
        empty: params.empty(),
        call,
        env,
        keys: &world.keys[app],
        access_token,
        sig,
    };
    if let Some(mp_sig) = params.get("mp_sig") {
        let expected = sign::mp_sig(&fields, access_token, sig, &org_loc, &session_key);
        if mp_sig != expected {
            let (earlier, tokens) = {
                let state = world.lock();
                (
                    state.sessions.earlier(app, openid),
                    state.tokens.recent(app),
                )
            };
            let hint = doctor::mp_sig(&case(), mp_sig, &expected, &session_key, &earlier, &tokens);
            return Err(Answer::error(90009, format!("mp_sig error hint: {hint}")));
        }
    }
    let expected = sign::sig(&fields, &org_loc, world.keys[app].of(env));
    if sig != expected {
        let hint = doctor::sig(&case(), sig, &expected);
        return Err(Answer::error(90011, format!("sig error hint: {hint}")));
    }
    Ok((app, params))
}

fn carry_out(world: &World, call: Call, env: Env, app: usize, params: &Params) -> Played {
    let (openid, zone_id) = (params.text("openid"), params.text("zone_id"));
    if call == Call::GetBalance {
        let subject = Subject {
            call,
            env: Some(env),
            bill_no: None,
            pay_bill_no: None,
            openid: Some(openid),
        };
        return world.play(&subject, |state| {
            let player = state.ledger.player(app, env, openid, zone_id);
            Answer::ok()
                .with("balance", player.balance)
                .with("gen_balance", player.gen_balance)
                .with("first_save", player.first_save())
                .with("save_amt", player.save_amt)
                .with("save_sum", player.save_sum)
                .with("cost_sum", player.cost_sum)
                .with("present_sum", player.present_sum)
        });
    }
    let amount = if call == Call::Present {
        "present_counts"
    } else {
        "amt"
    };
    let deal = Deal {
        app,
        env,
        openid: openid.to_owned(),
        zone_id: zone_id.to_owned(),
        bill_no: params.text("bill_no").to_owned(),
        pay_bill_no: None,
        amt: params.number(amount),
    };
    world.play_deal(call, deal)
}
