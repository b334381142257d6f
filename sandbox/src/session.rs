//! The calls about a session key: `checksession` and `resetusersessionkey`.
//!
//! The key is not sent; it signs the empty text. The checks come in this order, and the first one that fails
//! answers: access_token (41001, 40001, 42001), openid (40003), sig_method (87008), signature (87009). Only then
//! come the faults.

use crate::answer::Answer;
use crate::call::Call;
use crate::query::Query;
use crate::random::Random;
use crate::script::Subject;
use crate::sign::Key;
use crate::world::{Played, World};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(crate) fn serve(world: &World, call: Call, query: &Query) -> Played {
    match check(world, query) {
        Err(answer) => Played::refused(answer, None),
        Ok((app, openid)) => carry_out(world, call, app, openid),
    }
}

/// The app and the player of a request that is right in every way.
fn check<'q>(world: &World, query: &'q Query) -> Result<(usize, &'q str), Answer> {
    let text = |name| query.get(name).unwrap_or_default();
    let access_token = text("access_token");
    if access_token.is_empty() {
        return Err(Answer::code(41001));
    }
    let openid = text("openid");
    let now_s = world.clock.now_s();
    let (app, session_key) = {
        let state = world.lock();
        let app = state.tokens.check(access_token, now_s);
        let app = app.map_err(Answer::code)?;
        if !state.sessions.knows(app, openid) {
            return Err(Answer::code(40003));
        }
        (app, state.sessions.current(app, openid, now_s))
    };
    if text("sig_method") != "hmac_sha256" {
        return Err(Answer::code(87008));
    }
    if session_key.is_none_or(|key| key.sign("") != text("signature")) {
        return Err(Answer::code(87009));
    }
    Ok((app, openid))
}

fn carry_out(world: &World, call: Call, app: usize, openid: &str) -> Played {
    let subject = Subject {
        call,
        env: None,
        bill_no: None,
        pay_bill_no: None,
        openid: Some(openid),
    };
    world.play(&subject, |state| {
        if call == Call::CheckSession {
            return Answer::ok();
        }
        let session_key = new_key(&mut state.random);
        let key = Key::new(session_key.as_str());
        state.sessions.reset_key(app, openid, key);
        Answer::ok()
            .with("openid", openid)
            .with("session_key", session_key)
    })
}

/// 16 random bytes in base64, as WeChat's keys are.
pub(crate) fn new_key(random: &mut Random) -> String {
    STANDARD.encode(random.bytes::<16>())
}
