//! What goes between the engine and its world: settings, moments, records, requests, answers.

use std::hash::{DefaultHasher, Hash, Hasher};

use wxgame::api::{App, Environment};
use wxgame::client::engine::{Now, Operations, Outgoing, Settings};
use wxgame::client::flow::{Limits, RESEND_LIMIT_MS};
use wxgame::credential::token::Source;
use wxgame::sign::{AppKey, Secret};
use wxgame::store::{Generation, Kind, Record, State, Write};
use wxgame::transport::{Outcome, Reply};

use crate::scenario::{Broken, Scenario};
use crate::wechat::Call;
use crate::world::{LATE_WINDOW_MS, TIMEOUT_MS};

const PATIENCE_MS: i64 = 1_800_000;
pub const WALL_MS: i64 = 1_700_000_000_000;

/// No answer that can be read, in every shape.
const NO_ANSWERS: [Option<(u16, &str)>; 7] = [
    None,
    Some((200, r#"{"errcode":-1,"errmsg":"system error"}"#)),
    Some((502, "<html>bad gateway</html>")),
    Some((200, "garbage")),
    Some((200, r#"{"errcode":0,"bala"#)),
    Some((200, r#"{"errcode":123456,"errmsg":"not listed"}"#)),
    Some((200, r#"{"errcode":90016,"errmsg":"still being processed"}"#)),
];

/// A moment on the engine's clocks, the wall clock counted from the world's beginning.
pub fn now(mono_ms: i64, wall_ms: i64) -> Now {
    Now {
        mono_ms,
        wall_ms: WALL_MS + wall_ms,
    }
}

pub fn settings(scenario: &Scenario) -> Settings {
    Settings {
        app: App {
            appid: "wx1234567".into(),
            offer_id: "12345678".into(),
            pf: "android".into(),
            environment: Environment::Production,
            app_key: AppKey::new("app-key").expect("a good key"),
            mp_sig: true,
        },
        app_secret: Secret::new("app-secret"),
        token_source: Source::Stable,
        token_requests_per_day: 500,
        token_realm: String::new(),
        generation: Generation::V1,
        limits: Limits {
            timeout_ms: TIMEOUT_MS,
            late_window_ms: match scenario.broken {
                Some(Broken::NoQuietTime) => 0,
                _ => LATE_WINDOW_MS,
            },
            unknown_patience_ms: PATIENCE_MS,
            resend_limit_ms: RESEND_LIMIT_MS,
        },
        log_level: None,
        operations: Operations {
            // What has its own tests is left out here: each would multiply the histories.
            redeliver_after_ms: -1,
            retain_days: -1,
            retry_per_s: 1_000_000,
            ..Operations::default()
        },
    }
}

/// Which call a request is, for which number, and a digest of what it asks for.
pub fn read(outgoing: &Outgoing) -> (Call, String, u64) {
    let path = &outgoing.request.path_and_query;
    let call = match path.split('?').next() {
        Some("/cgi-bin/midas/pay") => Call::Pay,
        Some("/cgi-bin/midas/present") => Call::Present,
        Some("/cgi-bin/midas/cancelpay") => Call::Cancel,
        Some("/cgi-bin/stable_token") => return (Call::Token, String::new(), 0),
        _ => panic!("the engine asks for something else: {path}"),
    };
    let body = std::str::from_utf8(&outgoing.request.body).expect("bodies are UTF-8");
    let (_, rest) = body
        .split_once(r#""bill_no":""#)
        .expect("every money call names its number");
    let bill_no = rest.split('"').next().unwrap_or_default().to_owned();
    // Everything but `ts` and the two signatures, which are fresh each time.
    let (before, rest) = body
        .split_once(r#""ts":"#)
        .expect("every call carries a ts");
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (after, _) = after
        .split_once(r#","sig":"#)
        .expect("every call is signed");
    let mut hasher = DefaultHasher::new();
    (before, after).hash(&mut hasher);
    (call, bill_no, hasher.finish() | 1)
}

/// What a record would be if 90012 were a refusal.
pub fn refuse(write: &mut Write) {
    if let Write::Insert(record) | Write::Update(record) = write
        && record.errcode == 90012
        && record.state == State::Done
    {
        record.state = State::Rejected;
    }
}

/// A new order, as the client makes it of a submission.
pub fn record(kind: Kind, bill_no: &str, wall_ms: i64) -> Record {
    Record {
        offer_id: "12345678".into(),
        pf: "android".into(),
        openid: "o1".into(),
        zone_id: "1".into(),
        amount: 10,
        user_tag: 1,
        created_at_ms: wall_ms,
        deadline_at_ms: wall_ms + 30_000,
        updated_at_ms: wall_ms,
        ..Record::new(kind, Generation::V1, bill_no)
    }
}

/// The `turn`-th shape of no answer.
pub fn no_answer(turn: usize) -> Outcome {
    match NO_ANSWERS[turn % NO_ANSWERS.len()] {
        None => Outcome::Unknown("the answer did not come".into()),
        Some((status, body)) => reply(status, body),
    }
}

pub fn reply(status: u16, body: &str) -> Outcome {
    Outcome::Reply(Reply {
        status,
        body: body.as_bytes().to_vec(),
        date_unix_s: None,
    })
}
