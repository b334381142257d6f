//! What goes between the engine and its world: settings, moments, records, requests, answers.

use std::hash::{DefaultHasher, Hash, Hasher};

use wxgame::api::{App, Environment};
use wxgame::client::completion::{Completion, CompletionKind, Outcome as Told};
use wxgame::client::engine::{Now, Operations, Outgoing, Settings};
use wxgame::client::flow::{Limits, RESEND_LIMIT_MS};
use wxgame::credential::token::Source;
use wxgame::sign::{AppKey, Secret};
use wxgame::store::{Generation, Kind, Record, State, Write};
use wxgame::transport::{Outcome, Reply};

use crate::scenario::{Broken, Scenario};
use crate::wechat::{AMOUNT, Call};
use crate::world::{LATE_WINDOW_MS, TIMEOUT_MS};

const PATIENCE_MS: i64 = 1_800_000;
pub const WALL_MS: i64 = 1_700_000_000_000;

/// No answer that can be read, in every shape.
const NO_ANSWERS: [Option<(u16, &str)>; 6] = [
    None,
    Some((200, r#"{"errcode":-1,"errmsg":"system error"}"#)),
    Some((502, "<html>bad gateway</html>")),
    Some((200, "garbage")),
    Some((200, r#"{"errcode":0,"bala"#)),
    Some((200, r#"{"errcode":123456,"errmsg":"not listed"}"#)),
];
/// And the codes that say nothing in one generation and something in the other.
const NOTHING_V1: [i32; 1] = [90016];
const NOTHING_V2: [i32; 3] = [90014, 90015, 90009];

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
        generation: scenario.generation,
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

/// A request as it arrives at WeChat.
pub struct Arrived {
    pub call: Call,
    /// The number of the pay or present.
    pub bill_no: String,
    /// What a cancel of the virtual payment 2.0 says besides: its own number, and the coins.
    pub refund: Option<(String, i64)>,
    /// A digest of everything but `ts` and the two signatures, which are fresh each time.
    pub parameters: u64,
}

pub fn read(generation: Generation, outgoing: &Outgoing) -> Arrived {
    let path = &outgoing.request.path_and_query;
    let path = path.split('?').next().unwrap_or_default();
    if path == "/cgi-bin/stable_token" {
        return Arrived {
            call: Call::Token,
            bill_no: String::new(),
            refund: None,
            parameters: 0,
        };
    }
    let body = std::str::from_utf8(&outgoing.request.body).expect("bodies are UTF-8");
    match generation {
        Generation::V1 => read_v1(path, body),
        Generation::V2 => read_v2(path, body),
    }
}

fn read_v1(path: &str, body: &str) -> Arrived {
    let call = match path {
        "/cgi-bin/midas/pay" => Call::Pay,
        "/cgi-bin/midas/present" => Call::Present,
        "/cgi-bin/midas/cancelpay" => Call::Cancel,
        _ => panic!("the engine asks for something else: {path}"),
    };
    let (body, _) = body
        .split_once(r#","sig":"#)
        .expect("every call is signed in its body");
    Arrived {
        call,
        bill_no: text_of(body, "bill_no"),
        refund: None,
        parameters: digest_without_ts(body),
    }
}

fn read_v2(path: &str, body: &str) -> Arrived {
    let (call, number) = match path {
        "/wxa/game/pay" => (Call::Pay, "bill_no"),
        "/wxa/game/present" => (Call::Present, "bill_no"),
        "/wxa/game/cancelpay" => (Call::Cancel, "pay_bill_no"),
        _ => panic!("the engine asks for something else: {path}"),
    };
    assert_eq!(number_of(body, "env"), 0, "production, as the app is");
    let refund = || (text_of(body, "bill_no"), number_of(body, "amount"));
    Arrived {
        call,
        bill_no: text_of(body, number),
        refund: (call == Call::Cancel).then(refund),
        parameters: digest_without_ts(body),
    }
}

fn text_of(body: &str, name: &str) -> String {
    let (_, rest) = body
        .split_once(&format!(r#""{name}":""#))
        .unwrap_or_else(|| panic!("no {name} in {body}"));
    rest.split('"').next().unwrap_or_default().to_owned()
}

fn number_of(body: &str, name: &str) -> i64 {
    let (_, rest) = body
        .split_once(&format!(r#""{name}":"#))
        .unwrap_or_else(|| panic!("no {name} in {body}"));
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(-1)
}

fn digest_without_ts(body: &str) -> u64 {
    let (before, rest) = body
        .split_once(r#""ts":"#)
        .expect("every call carries a ts");
    let after = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let mut hasher = DefaultHasher::new();
    (before, after).hash(&mut hasher);
    hasher.finish() | 1
}

/// What a record that ended with 90012 in one state would be if that meant another.
pub fn mistake(write: &mut Write, state: State, another: State) {
    if let Write::Insert(record) | Write::Update(record) = write
        && record.errcode == 90012
        && record.state == state
    {
        record.state = another;
    }
}

/// And what the host would be told then.
pub fn mistold(broken: Option<Broken>, completion: &Completion) -> Told {
    let cancels = completion.kind == Some(CompletionKind::CancelPay);
    match (broken, completion.outcome, cancels) {
        (Some(Broken::DuplicateIsRefusal), Told::Done, _) => Told::Rejected,
        (Some(Broken::DuplicateIsNotGivenBack), Told::Done, true) => Told::Rejected,
        (Some(Broken::DuplicateIsNotGivenBack), Told::Rejected, false) => Told::Done,
        (_, told, _) => told,
    }
}

/// A new order, as the client makes it of a submission.
pub fn record(generation: Generation, kind: Kind, bill_no: &str, wall_ms: i64) -> Record {
    Record {
        offer_id: "12345678".into(),
        pf: "android".into(),
        openid: "o1".into(),
        zone_id: "1".into(),
        amount: AMOUNT,
        user_tag: 1,
        created_at_ms: wall_ms,
        deadline_at_ms: wall_ms + 30_000,
        updated_at_ms: wall_ms,
        ..Record::new(kind, generation, bill_no)
    }
}

/// The `turn`-th shape of no answer.
pub fn no_answer(generation: Generation, turn: usize) -> Outcome {
    let codes = match generation {
        Generation::V1 => &NOTHING_V1[..],
        Generation::V2 => &NOTHING_V2,
    };
    let turn = turn % (NO_ANSWERS.len() + codes.len());
    match NO_ANSWERS.get(turn) {
        None => reply_code(codes[turn - NO_ANSWERS.len()]),
        Some(None) => Outcome::Unknown("the answer did not come".into()),
        Some(Some((status, body))) => reply(*status, body),
    }
}

pub fn reply_code(code: i32) -> Outcome {
    reply(200, &format!(r#"{{"errcode":{code},"errmsg":"m"}}"#))
}

pub fn reply(status: u16, body: &str) -> Outcome {
    Outcome::Reply(Reply {
        status,
        body: body.as_bytes().to_vec(),
        date_unix_s: None,
    })
}
