//! When a push is sent, again and for the last time.

mod common;

use common::endpoint::{Endpoint, Reply, failure, success};
use common::{OPENID, eventually, get, post, start};
use serde_json::{Value, json};
use wxgame_sandbox::{Env, PurchaseState, PushRow, PushState, Rules, Sandbox, Verdict};

fn pushing(replies: &[Reply], changes: Value) -> (Sandbox, Endpoint) {
    let (sandbox, endpoint) = (start(Rules::default()), Endpoint::new(replies));
    let config = endpoint.config(changes);
    sandbox
        .configure_pushes_json(&config)
        .expect("a good config");
    (sandbox, endpoint)
}

fn push(sandbox: &Sandbox, wish: Value) {
    sandbox.push_json(&wish.to_string()).expect("a good push");
}

fn row(sandbox: &Sandbox, at: usize) -> PushRow {
    sandbox.pushes().pushes.swap_remove(at)
}

/// Waits until so many attempts have been answered.
fn after(sandbox: &Sandbox, at: usize, attempts: usize) -> PushRow {
    let what = format!("attempt {attempts}");
    eventually(&what, || row(sandbox, at).attempts.len() >= attempts);
    let row = row(sandbox, at);
    assert_eq!(row.attempts.len(), attempts, "{row:?}");
    row
}

/// Lets a push fail to the end, on the clock moved by hand; answers the pauses in seconds.
fn pauses_s(event: &str) -> Vec<i64> {
    let (sandbox, _endpoint) = pushing(&[failure()], json!({}));
    push(&sandbox, json!({ "event": event }));
    let mut pauses_s = Vec::new();
    loop {
        let row = after(&sandbox, 0, pauses_s.len() + 1);
        let last = row.attempts.last().expect("an attempt");
        assert_eq!((last.status, last.verdict), (Some(200), Verdict::Refused));
        let Some(next_ms) = row.next_ms else {
            assert_eq!(row.state, PushState::GivenUp);
            return pauses_s;
        };
        assert_eq!(row.state, PushState::Waiting);
        let pause_ms = next_ms - last.answered_ms;
        assert_eq!(pause_ms % 1_000, 0);
        sandbox.advance_clock(pause_ms / 1_000).expect("forward");
        pauses_s.push(pause_ms / 1_000);
    }
}

const MINUTE: i64 = 60;
const HOUR: i64 = 3_600;

const PLAN_S: [i64; 15] = [
    15,
    15,
    30,
    3 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
    3 * HOUR,
    3 * HOUR,
    3 * HOUR,
    6 * HOUR,
    6 * HOUR,
];

#[test]
fn a_failing_push_is_repeated_by_wechats_plan() {
    assert_eq!(pauses_s("goods"), PLAN_S);
    let events = pauses_s("coin");
    assert_eq!(events, PLAN_S[..13]);
    let all_s: i64 = events.iter().sum();
    assert_eq!(all_s / HOUR, 12);
}

#[test]
fn a_success_ends_the_plan() {
    let (sandbox, endpoint) = pushing(&[failure(), success()], json!({}));
    push(&sandbox, json!({ "event": "goods" }));
    after(&sandbox, 0, 1);
    sandbox.advance_clock(15).expect("forward");
    let row = after(&sandbox, 0, 2);
    assert_eq!((row.state, row.next_ms), (PushState::Delivered, None));
    sandbox.advance_clock(7 * 24 * HOUR).expect("forward");
    // A later push comes, and the first one does not come before it.
    push(&sandbox, json!({ "event": "coin" }));
    after(&sandbox, 1, 1);
    assert_eq!(endpoint.wait_for(3).len(), 3);
}

#[test]
fn a_fast_clock_shortens_the_pauses() {
    let replies = [failure(), success()];
    let (sandbox, _endpoint) = pushing(&replies, json!({ "retry_factor": 0.001 }));
    push(&sandbox, json!({ "event": "goods" }));
    // Nobody moves the clock, and nobody has the patience for 15 s.
    let row = after(&sandbox, 0, 2);
    assert!(
        row.attempts[1].at_ms - row.attempts[0].answered_ms >= 15,
        "{row:?}"
    );

    let (sandbox, endpoint) = pushing(&[failure()], json!({ "retry_factor": 0 }));
    push(&sandbox, json!({ "event": "goods" }));
    endpoint.wait_for(16);
    eventually("the end", || row_state(&sandbox) == PushState::GivenUp);
}

fn row_state(sandbox: &Sandbox) -> PushState {
    row(sandbox, 0).state
}

#[test]
fn everything_but_http_200_with_err_code_0_is_tried_again() {
    let http = |status: u16, body: &str| Reply::Http(status, body.to_owned());
    let replies = [
        http(200, "success"),
        http(500, r#"{"ErrCode":0}"#),
        http(302, r#"{"ErrCode":0}"#),
        http(200, r#"{"ErrCode":-1}"#),
        http(
            200,
            "<xml><ErrCode>0</ErrCode><ErrMsg>Success</ErrMsg></xml>",
        ),
    ];
    let (sandbox, _endpoint) = pushing(&replies, json!({ "retry_factor": 0 }));
    push(&sandbox, json!({ "event": "goods" }));
    let row = after(&sandbox, 0, 5);
    let verdicts: Vec<Verdict> = row.attempts.iter().map(|attempt| attempt.verdict).collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Unreadable,
            Verdict::HttpStatus,
            Verdict::HttpStatus,
            Verdict::Refused,
            Verdict::Success,
        ]
    );
    assert_eq!(row.attempts[0].answer, "success");
}

#[test]
fn a_server_that_says_nothing_is_given_up_in_time_and_tried_again() {
    let (sandbox, _endpoint) = pushing(&[Reply::Silence], json!({ "timeout_ms": 50 }));
    push(&sandbox, json!({ "event": "goods" }));
    let row = after(&sandbox, 0, 1);
    let attempt = &row.attempts[0];
    assert_eq!((attempt.verdict, attempt.status), (Verdict::Timeout, None));
    assert!(attempt.answered_ms - attempt.at_ms >= 50, "{row:?}");
    assert_eq!(row.next_ms, Some(attempt.answered_ms + 15_000));
}

#[test]
fn a_server_that_is_not_there_is_told_and_tried_again() {
    let sandbox = start(Rules::default());
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").port()
    };
    let config = json!({ "url": format!("http://127.0.0.1:{port}/"), "token": "t" });
    sandbox
        .configure_pushes_json(&config.to_string())
        .expect("a good config");
    push(&sandbox, json!({ "event": "goods" }));
    let row = after(&sandbox, 0, 1);
    assert_eq!(row.attempts[0].verdict, Verdict::Unreachable);
    assert!(row.next_ms.is_some() && !row.attempts[0].answer.is_empty());
    // Turned off, nothing waits any more.
    sandbox
        .configure_pushes_json(r#"{"url":""}"#)
        .expect("a good config");
    assert_eq!(row_state(&sandbox), PushState::GivenUp);
}

#[test]
fn a_forger_tries_once() {
    let (sandbox, _endpoint) = pushing(&[failure()], json!({}));
    push(
        &sandbox,
        json!({ "event": "goods", "forge": "pay_event_sig" }),
    );
    let row = after(&sandbox, 0, 1);
    assert_eq!((row.state, row.next_ms), (PushState::GivenUp, None));
}

#[test]
fn held_pushes_go_when_they_are_released_in_order_or_reversed() {
    for (order, expected) in [("due", ["1", "2", "3"]), ("reversed", ["3", "2", "1"])] {
        let (sandbox, endpoint) = pushing(&[success()], json!({}));
        assert_eq!(
            post(&sandbox, "/sandbox/push/hold", &json!({})),
            json!({ "ok": true })
        );
        for number in ["1", "2", "3"] {
            push(
                &sandbox,
                json!({ "event": "goods", "out_trade_no": number }),
            );
        }
        let listed = get(&sandbox, "/sandbox/pushes");
        assert_eq!(listed["held"], true);
        assert!(endpoint.received().is_empty());
        let released = post(
            &sandbox,
            "/sandbox/push/release",
            &json!({ "order": order }),
        );
        assert_eq!(released, json!({ "ok": true, "pushes": 3 }));
        let pushes = endpoint.wait_for(3);
        let numbers: Vec<Value> = pushes
            .iter()
            .map(|p| p.payload()["OutTradeNo"].clone())
            .collect();
        assert_eq!(numbers, expected);
    }
}

#[test]
fn a_push_can_be_repeated_and_delayed() {
    let (sandbox, endpoint) = pushing(&[success()], json!({}));
    let wish = json!({ "event": "refund", "repeat": 3, "delay_ms": 3_600_000 });
    let answer = post(&sandbox, "/sandbox/push", &wish);
    assert_eq!(answer["ids"], json!([1, 2, 3]));
    let due: Vec<Option<i64>> = sandbox.pushes().pushes.iter().map(|p| p.next_ms).collect();
    let [Some(one), Some(two), Some(three)] = due[..] else {
        panic!("{due:?}");
    };
    assert_eq!((two - one, three - two), (3_600_000, 3_600_000));
    for count in 1..=3 {
        sandbox.advance_clock(HOUR).expect("forward");
        endpoint.wait_for(count);
    }
    let keys: Vec<Value> = endpoint
        .received()
        .iter()
        .map(|p| p.payload()["RefundId"].clone())
        .collect();
    assert!(keys.iter().all(|key| *key == answer["key"]), "{keys:?}");
}

#[test]
fn the_list_tells_every_push_and_a_reset_forgets_them() {
    let (sandbox, endpoint) = pushing(&[success()], json!({}));
    let bought = sandbox.buy(
        Env::Sandbox,
        "t-1",
        (OPENID, "1"),
        5,
        PurchaseState::Delivered,
    );
    bought.expect("a free number");
    push(&sandbox, json!({ "event": "goods", "out_trade_no": "t-2" }));
    eventually("two answers", || {
        let pushes = sandbox.pushes().pushes;
        pushes.len() == 2 && pushes.iter().all(|push| push.state == PushState::Delivered)
    });
    let list = get(&sandbox, "/sandbox/pushes?key=t-1");
    let shown = &list["pushes"][0];
    assert_eq!(list["pushes"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (
            &shown["id"],
            &shown["event"],
            &shown["key"],
            &shown["env"],
            &shown["state"]
        ),
        (
            &json!(1),
            &json!("minigame_coin_deliver_completed"),
            &json!("t-1"),
            &json!("sandbox"),
            &json!("delivered")
        )
    );
    let attempt = &shown["attempts"][0];
    assert_eq!(
        (&attempt["status"], &attempt["verdict"]),
        (&json!(200), &json!("success"))
    );
    assert_eq!(attempt["answer"], r#"{"ErrCode":0,"ErrMsg":"Success"}"#);
    let event = "minigame_game_pay_goods_deliver_notify";
    let list = get(&sandbox, &format!("/sandbox/pushes?event={event}"));
    assert_eq!(list["pushes"][0]["key"], "t-2");

    sandbox.reset();
    assert!(sandbox.pushes().pushes.is_empty());
    // Where pushes go is forgotten with the rest.
    let bought = sandbox.buy(
        Env::Sandbox,
        "t-1",
        (OPENID, "1"),
        5,
        PurchaseState::Delivered,
    );
    bought.expect("a free number");
    assert!(sandbox.pushes().pushes.is_empty());
    assert_eq!(endpoint.received().len(), 2);
}
