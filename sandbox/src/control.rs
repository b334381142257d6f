//! The control API under `/sandbox/`: how a test in any language moves the world. It is never subject to faults.

use crate::call::Env;
use crate::codes::Outcome;
use crate::fault;
use crate::json::{Trouble, read};
use crate::order::State;
use crate::purchase::PurchaseState;
use crate::query::Query;
use crate::trade_control;
use crate::view::Filter;
use crate::world::World;
use hyper::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What `GET /` says.
pub(crate) const WELCOME: &str = include_str!("welcome.txt");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopUp {
    appid: Option<String>,
    openid: String,
    #[serde(default = "zone_one")]
    zone_id: String,
    #[serde(default)]
    env: Env,
    amt: i64,
    #[serde(default)]
    gift: i64,
    #[serde(default)]
    coin_type: u8,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Buy {
    appid: Option<String>,
    out_trade_no: String,
    openid: String,
    #[serde(default = "zone_one")]
    zone_id: String,
    #[serde(default)]
    env: Env,
    amt: i64,
    #[serde(default = "delivered")]
    state: PurchaseState,
}

fn delivered() -> PurchaseState {
    PurchaseState::Delivered
}

fn zone_one() -> String {
    "1".to_owned()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetSession {
    appid: Option<String>,
    openid: String,
    session_key: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfPlayer {
    appid: Option<String>,
    openid: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    js_code: String,
    openid: Option<String>,
    session_key: Option<String>,
    errcode: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetToken {
    appid: Option<String>,
    access_token: String,
    expires_in_s: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StealToken {
    appid: Option<String>,
    overlap_s: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetTokenQuota {
    appid: Option<String>,
    used_today: Option<u32>,
    used_this_minute: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_s: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MarkOrder {
    appid: Option<String>,
    bill_no: String,
    #[serde(default)]
    env: Env,
    state: State,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Answers one control request with an HTTP status and a JSON body.
pub(crate) fn serve(
    world: &World,
    method: &Method,
    name: &str,
    query: &Query,
    body: &[u8],
) -> (u16, Value) {
    let done = match (method.as_str(), name) {
        ("GET", _) => look(world, name, query),
        ("POST", _) => act(world, name, body),
        ("DELETE", "faults") => {
            world.lock().script.clear();
            Ok(json!({ "ok": true }))
        }
        _ => Err(Refusal::Method),
    };
    match done {
        Ok(value) => (200, value),
        Err(Refusal::Trouble(trouble)) => {
            let Trouble { field, message } = trouble;
            (
                400,
                json!({ "ok": false, "field": field, "error": message }),
            )
        }
        Err(Refusal::Method) => {
            let error = format!("{method} does not go with /sandbox/{name}");
            (405, json!({ "ok": false, "error": error }))
        }
        Err(Refusal::NotFound) => {
            let error = format!("there is no /sandbox/{name}; GET / lists what there is");
            (404, json!({ "ok": false, "error": error }))
        }
    }
}

enum Refusal {
    Trouble(Trouble),
    Method,
    NotFound,
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Refusal {
        Refusal::Trouble(trouble)
    }
}

const LOOKS: [&str; 6] = ["ledger", "stats", "requests", "faults", "clock", "pushes"];

fn look(world: &World, name: &str, query: &Query) -> Result<Value, Refusal> {
    Ok(match name {
        "ledger" => value(world.view(&filter(query)?)?),
        "stats" => value(world.stats()),
        "requests" => json!({ "requests": value(world.lock().record.requests()) }),
        "faults" => json!({ "faults": value(world.lock().script.lines()) }),
        "clock" => clock(world),
        "pushes" => value(world.pushes_of(query)),
        _ if is_act(name) => return Err(Refusal::Method),
        _ => return Err(Refusal::NotFound),
    })
}

fn is_act(name: &str) -> bool {
    const ACTS: [&str; 14] = [
        "topup",
        "purchase",
        "session",
        "session/expire",
        "code",
        "token/set",
        "token/expire",
        "token/revoke",
        "token/steal",
        "token/quota",
        "clock",
        "faults",
        "order",
        "reset",
    ];
    ACTS.contains(&name) || trade_control::ACTS.contains(&name)
}

fn act(world: &World, name: &str, body: &[u8]) -> Result<Value, Refusal> {
    let fine = json!({ "ok": true });
    // A body of nothing at all is as good as an empty object.
    let body = if body.is_empty() { b"{}" } else { body };
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first != Some(&b'{') && name != "faults" {
        return Err(Trouble::new("", "the body must be a JSON object").into());
    }
    match name {
        "topup" => {
            let TopUp {
                appid,
                openid,
                zone_id,
                env,
                amt,
                gift,
                coin_type,
            } = read(body)?;
            let app = world.meant(appid.as_deref())?;
            let player = match (coin_type, zone_id.as_str()) {
                (0, _) => world.top_up(app, env, (&openid, &zone_id), amt, gift)?,
                (1, "1") => world.top_up_recharge_centre(app, env, &openid, amt, gift)?,
                (1, _) => {
                    return Err(Trouble::new("zone_id", "must be 1 with coin_type 1").into());
                }
                _ => return Err(Trouble::new("coin_type", "must be 0 or 1").into()),
            };
            Ok(json!({ "ok": true, "balance": player.balance, "gen_balance": player.gen_balance }))
        }
        "purchase" => {
            let Buy {
                appid,
                out_trade_no,
                openid,
                zone_id,
                env,
                amt,
                state,
            } = read(body)?;
            let app = world.meant(appid.as_deref())?;
            world.buy(app, env, &out_trade_no, (&openid, &zone_id), amt, state)?;
            Ok(fine)
        }
        "session" => {
            let SetSession {
                appid,
                openid,
                session_key,
            } = read(body)?;
            world.set_session(world.meant(appid.as_deref())?, &openid, &session_key)?;
            Ok(fine)
        }
        "session/expire" => {
            let OfPlayer { appid, openid } = read(body)?;
            world.expire_session(world.meant(appid.as_deref())?, &openid)?;
            Ok(fine)
        }
        "code" => {
            let code: Code = read(body)?;
            let js_code = code.js_code.clone();
            world.script_code(&js_code, outcome(code)?)?;
            Ok(fine)
        }
        "token/set" => {
            let SetToken {
                appid,
                access_token,
                expires_in_s,
            } = read(body)?;
            world.set_token(world.meant(appid.as_deref())?, &access_token, expires_in_s)?;
            Ok(fine)
        }
        "token/expire" => {
            let Nothing {} = read(body)?;
            Ok(json!({ "ok": true, "tokens": world.expire_tokens() }))
        }
        "token/revoke" => {
            let Nothing {} = read(body)?;
            Ok(json!({ "ok": true, "tokens": world.revoke_tokens() }))
        }
        "token/steal" => {
            let StealToken { appid, overlap_s } = read(body)?;
            let ended = world.steal_token(world.meant(appid.as_deref())?, overlap_s)?;
            Ok(json!({ "ok": true, "tokens": ended }))
        }
        "token/quota" => {
            let SetTokenQuota {
                appid,
                used_today,
                used_this_minute,
            } = read(body)?;
            let app = world.meant(appid.as_deref())?;
            world.set_token_quota(app, used_today, used_this_minute)?;
            Ok(fine)
        }
        "clock" => {
            let Advance { advance_s } = read(body)?;
            world.advance_clock(advance_s)?;
            Ok(clock(world))
        }
        "faults" => {
            let faults = fault::read_list(body)?;
            let count = world.lock().script.append(faults)?;
            Ok(json!({ "ok": true, "faults": count }))
        }
        "order" => {
            let MarkOrder {
                appid,
                bill_no,
                env,
                state,
            } = read(body)?;
            world.mark_order(world.meant(appid.as_deref())?, env, &bill_no, state)?;
            Ok(fine)
        }
        "reset" => {
            let Nothing {} = read(body)?;
            world.reset();
            Ok(fine)
        }
        _ if LOOKS.contains(&name) => Err(Refusal::Method),
        _ => match trade_control::act(world, name, body) {
            Some(done) => Ok(done?),
            None => Err(Refusal::NotFound),
        },
    }
}

fn outcome(code: Code) -> Result<Outcome, Trouble> {
    match (code.openid, code.errcode) {
        (Some(openid), None) => Ok(Outcome::Login {
            openid,
            session_key: code.session_key,
        }),
        (None, Some(errcode)) if code.session_key.is_none() => Ok(Outcome::Errcode(errcode)),
        (None, Some(_)) => Err(Trouble::new("session_key", "goes with openid only")),
        _ => Err(Trouble::new(
            "openid",
            "exactly one of openid and errcode is needed",
        )),
    }
}

fn clock(world: &World) -> Value {
    json!({ "ok": true, "now_s": world.clock.now_s(), "ahead_s": world.clock.ahead_s() })
}

fn filter(query: &Query) -> Result<Filter, Trouble> {
    let text = |name: &str| {
        query
            .get(name)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    let env = match text("env").as_deref() {
        None => None,
        Some("production") => Some(Env::Production),
        Some("sandbox") => Some(Env::Sandbox),
        Some(_) => return Err(Trouble::new("env", "must be production or sandbox")),
    };
    Ok(Filter {
        appid: text("appid"),
        env,
        openid: text("openid"),
        bill_no: text("bill_no"),
    })
}

fn value(shown: impl Serialize) -> Value {
    serde_json::to_value(shown).unwrap_or_default()
}
