//! The calls that give out credentials: `token`, `stable_token` and `jscode2session`.

use crate::answer::Answer;
use crate::call::Call;
use crate::codes::Outcome;
use crate::params::object;
use crate::query::Query;
use crate::script::Subject;
use crate::session;
use crate::sign::Key;
use crate::tokens::Grant;
use crate::world::{Played, State, World};
use serde_json::Value;

pub(crate) fn serve(world: &World, call: Call, query: &Query, body: &[u8]) -> Played {
    let played = match call {
        Call::StableToken => stable_token(world, body),
        Call::Token => token(world, query),
        _ => jscode2session(world, query),
    };
    played.unwrap_or_else(|answer| Played::refused(answer, None))
}

/// The app that an appid and secret name, if they belong together.
fn app(world: &World, appid: &str, secret: &str) -> Result<usize, Answer> {
    if appid.is_empty() {
        return Err(Answer::code(41002));
    }
    if secret.is_empty() {
        return Err(Answer::code(41004));
    }
    let app = world.app(appid).ok_or_else(|| Answer::code(40013))?;
    if world.config.rules.apps[app].secret != secret {
        return Err(Answer::code(40125));
    }
    Ok(app)
}

fn token(world: &World, query: &Query) -> Result<Played, Answer> {
    let text = |name| query.get(name).unwrap_or_default();
    if text("grant_type") != "client_credential" {
        return Err(Answer::code(40002));
    }
    let app = app(world, text("appid"), text("secret"))?;
    let now_s = world.clock.now_s();
    Ok(world.play(&about(Call::Token, None), |state| {
        let State { tokens, random, .. } = state;
        let rules = &world.config.rules;
        let plain = tokens.plain(app, rules.token_overlap_s, rules, now_s, random);
        granted(plain.map(|(grant, _)| grant))
    }))
}

fn stable_token(world: &World, body: &[u8]) -> Result<Played, Answer> {
    let object = object(body)?;
    let text = |name: &str| object.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("grant_type") != "client_credential" {
        return Err(Answer::code(40002));
    }
    let force_refresh = match object.get("force_refresh") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(force_refresh)) => *force_refresh,
        Some(_) => {
            return Err(Answer::error(
                47001,
                "data format error: force_refresh must be true or false",
            ));
        }
    };
    let app = app(world, text("appid"), text("secret"))?;
    let now_s = world.clock.now_s();
    Ok(world.play(&about(Call::StableToken, None), |state| {
        let State { tokens, random, .. } = state;
        granted(tokens.stable(app, force_refresh, &world.config.rules, now_s, random))
    }))
}

fn jscode2session(world: &World, query: &Query) -> Result<Played, Answer> {
    let text = |name| query.get(name).unwrap_or_default();
    if text("grant_type") != "authorization_code" {
        return Err(Answer::code(40002));
    }
    let app = app(world, text("appid"), text("secret"))?;
    let js_code = text("js_code");
    if js_code.is_empty() {
        return Err(Answer::code(41008));
    }
    let now_s = world.clock.now_s();
    let outcome = world.lock().codes.look_up(js_code, now_s);
    let (openid, scripted_key) = match outcome {
        Outcome::Errcode(errcode) => return Err(Answer::code(errcode)),
        Outcome::Login {
            openid,
            session_key,
        } => (openid, session_key),
    };
    let limit = world.config.rules.login_per_minute;
    Ok(
        world.play(&about(Call::JsCode2Session, Some(&openid)), |state| {
            if !state.sessions.may_log_in(app, &openid, limit, now_s) {
                return Answer::code(45011);
            }
            state.codes.use_up(js_code);
            let session_key = scripted_key.unwrap_or_else(|| session::new_key(&mut state.random));
            let key = Key::new(session_key.as_str());
            if !state.sessions.set(app, &openid, key, now_s) {
                return Answer::error(45009, "the sandbox holds no more players");
            }
            Answer::bare()
                .with("openid", openid.as_str())
                .with("session_key", session_key)
        }),
    )
}

fn about(call: Call, openid: Option<&str>) -> Subject<'_> {
    Subject {
        call,
        env: None,
        bill_no: None,
        pay_bill_no: None,
        openid,
    }
}

fn granted(grant: Result<Grant, i64>) -> Answer {
    match grant {
        Err(errcode) => Answer::code(errcode),
        Ok((access_token, expires_in)) => Answer::bare()
            .with("access_token", access_token)
            .with("expires_in", expires_in),
    }
}
