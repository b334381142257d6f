//! The control API over HTTP: it does what it says, and says what is wrong.

mod common;

use common::{Client, exchange, get, post, start};
use serde_json::json;
use wxgame_sandbox::{Env, Rules};

#[test]
fn bad_input_is_400_and_the_field_is_named() {
    let sandbox = start(Rules::default());
    for (name, body, field) in [
        ("topup", json!({ "amt": 1 }), "openid"),
        ("topup", json!({ "openid": "o1" }), "amt"),
        ("topup", json!({ "openid": "o1", "amt": "1" }), "amt"),
        ("topup", json!({ "openid": "o1", "amt": -1 }), "amt"),
        ("topup", json!({ "openid": "o1", "amt": 1.5 }), "amt"),
        ("topup", json!({ "openid": "o 1", "amt": 1 }), "openid"),
        (
            "topup",
            json!({ "openid": "o1", "amt": 1, "gift": -1 }),
            "gift",
        ),
        (
            "topup",
            json!({ "openid": "o1", "amt": 1, "env": "x" }),
            "env",
        ),
        (
            "topup",
            json!({ "openid": "o1", "amt": 1, "zone_id": "" }),
            "zone_id",
        ),
        (
            "topup",
            json!({ "openid": "o1", "amt": 1, "appid": "wx" }),
            "appid",
        ),
        (
            "topup",
            json!({ "openid": "o1", "amt": 1, "coins": 1 }),
            "coins",
        ),
        (
            "topup",
            json!(["wx1234567", "o1", "1", "sandbox", 1, 0]),
            "",
        ),
        ("session", json!({ "openid": "o1" }), "session_key"),
        (
            "session",
            json!({ "openid": "o1", "session_key": "" }),
            "session_key",
        ),
        ("session/expire", json!({ "openid": "nobody" }), "openid"),
        ("code", json!({ "openid": "o1" }), "js_code"),
        ("code", json!({ "js_code": "c" }), "openid"),
        (
            "code",
            json!({ "js_code": "c", "errcode": 1, "session_key": "k" }),
            "session_key",
        ),
        (
            "token/set",
            json!({ "access_token": "", "expires_in_s": 1 }),
            "access_token",
        ),
        (
            "token/set",
            json!({ "access_token": "T", "expires_in_s": 0 }),
            "expires_in_s",
        ),
        ("token/steal", json!({ "overlap_s": -1 }), "overlap_s"),
        ("token/steal", json!({ "appid": "wx" }), "appid"),
        ("token/quota", json!({}), "used_today"),
        ("token/quota", json!({ "used_today": -1 }), "used_today"),
        (
            "token/quota",
            json!({ "used_this_minute": "1" }),
            "used_this_minute",
        ),
        ("clock", json!({}), "advance_s"),
        ("clock", json!({ "advance_s": -1 }), "advance_s"),
        ("clock", json!({ "advance_s": i64::MAX }), "advance_s"),
        ("faults", json!({ "call": "pay" }), "do"),
        (
            "order",
            json!({ "bill_no": "b", "state": "confirmed" }),
            "bill_no",
        ),
        ("order", json!({ "bill_no": "b", "state": "done" }), "state"),
        (
            "order",
            json!({ "bill_no": "b", "state": "rolled_back" }),
            "state",
        ),
    ] {
        let body = body.to_string();
        let wire = exchange(
            &sandbox,
            "POST",
            &format!("/sandbox/{name}"),
            body.as_bytes(),
        );
        let answer = wire.json();
        assert_eq!(wire.status(), 400, "{name} {body}: {answer}");
        assert_eq!(answer["field"], field, "{name} {body}: {answer}");
        assert!(!answer["error"].as_str().expect("words").is_empty());
    }
    let broken = exchange(&sandbox, "POST", "/sandbox/topup", b"{");
    assert_eq!(broken.status(), 400);
    let filter = exchange(&sandbox, "GET", "/sandbox/ledger?env=x", b"");
    assert_eq!(
        (filter.status(), filter.json()["field"].as_str()),
        (400, Some("env"))
    );
}

#[test]
fn a_wrong_name_is_404_and_a_wrong_method_405() {
    let sandbox = start(Rules::default());
    for (method, name, status) in [
        ("POST", "topups", 404),
        ("GET", "nothing", 404),
        ("GET", "topup", 405),
        ("GET", "token/steal", 405),
        ("GET", "token/quota", 405),
        ("POST", "stats", 405),
        ("DELETE", "ledger", 405),
        ("PUT", "topup", 405),
    ] {
        let wire = exchange(&sandbox, method, &format!("/sandbox/{name}"), b"");
        assert_eq!(wire.status(), status, "{method} {name}");
        assert!(wire.json()["error"].is_string());
    }
}

#[test]
fn everything_a_test_needs_can_be_done_over_http() {
    let sandbox = start(Rules::default());
    let mut client = Client::new(&sandbox, Env::Sandbox);
    client.openid = "o2".to_owned();
    client.session_key = "some key".to_owned();
    client.access_token = "T2".to_owned();
    let openid = client.openid.as_str();
    let good = |name: &str, body: serde_json::Value| {
        let answer = post(&sandbox, &format!("/sandbox/{name}"), &body);
        assert_eq!(answer["ok"], true, "{name}: {answer}");
        answer
    };
    let topped = good(
        "topup",
        json!({ "openid": openid, "env": "sandbox", "amt": 9, "gift": 1 }),
    );
    assert_eq!(topped["balance"], 10);
    good(
        "session",
        json!({ "openid": openid, "session_key": "some key" }),
    );
    good(
        "token/set",
        json!({ "access_token": "T2", "expires_in_s": 60 }),
    );
    assert_eq!(client.pay("b1", 4), 0);
    good(
        "order",
        json!({ "bill_no": "b1", "env": "sandbox", "state": "processing" }),
    );
    assert_eq!(client.cancel("b1"), 90016);
    good(
        "faults",
        json!([{ "call": "pay", "do": "no" }, { "do": "no" }]),
    );
    let faults = get(&sandbox, "/sandbox/faults");
    assert_eq!(faults["faults"][0]["call"], "pay");
    assert_eq!(faults["faults"][1]["call"], "*");
    assert_eq!(faults["faults"][1]["remaining"], 1);
    assert_eq!(
        exchange(&sandbox, "DELETE", "/sandbox/faults", b"").status(),
        200
    );
    assert_eq!(get(&sandbox, "/sandbox/faults")["faults"], json!([]));

    let ledger = get(&sandbox, "/sandbox/ledger?env=sandbox&bill_no=b1");
    assert_eq!(ledger["orders"][0]["charged"], 1);
    assert_eq!(ledger["orders"][0]["state"], "processing");
    assert_eq!(ledger["players"][0]["balance"], 6);
    let stats = get(&sandbox, "/sandbox/stats");
    assert_eq!(stats["answers"]["cancelpay"]["90016"], 1);
    let requests = get(&sandbox, "/sandbox/requests");
    assert_eq!(requests["requests"][0]["bill_no"], "b1");
    let text = requests.to_string();
    assert!(!text.contains("T2") && !text.contains("some key"), "{text}");

    good("session/expire", json!({ "openid": openid }));
    assert_eq!(client.pay("b2", 1), 90010);
    good(
        "code",
        json!({ "js_code": "c1", "openid": openid, "session_key": "k" }),
    );
    good("clock", json!({ "advance_s": 60 }));
    assert_eq!(client.pay("b2", 1), 42001);
    assert_eq!(good("token/steal", json!({}))["tokens"], 0);
    let stolen = good("token/steal", json!({ "overlap_s": 0 }));
    assert_eq!(stolen["tokens"], 1);
    good("token/quota", json!({ "used_today": 7 }));
    let stats = get(&sandbox, "/sandbox/stats");
    assert_eq!(
        stats["token_quotas"][0],
        json!({
            "appid": "wx1234567", "call": "token", "used_today": 7, "per_day": 2000,
            "used_this_minute": 2, "per_minute": 2000,
        })
    );
    assert_eq!(stats["token_quotas"][1]["call"], "stable_token");
    assert_eq!(stats["logins"], 0);
    good("token/expire", json!({}));
    good("token/revoke", json!({}));
    good("reset", json!({}));
    assert_eq!(get(&sandbox, "/sandbox/ledger")["orders"], json!([]));
    assert_eq!(get(&sandbox, "/sandbox/clock")["ahead_s"], 0);
}

#[test]
fn control_is_never_subject_to_faults() {
    let sandbox = start(Rules::default());
    let fault = json!({ "times": 0, "do": "no", "reply": { "kind": "reset" } });
    sandbox
        .add_faults_json(&fault.to_string())
        .expect("a good fault");
    let topped = post(
        &sandbox,
        "/sandbox/topup",
        &json!({ "openid": "o1", "amt": 1 }),
    );
    assert_eq!(topped["ok"], true);
}

#[test]
fn the_front_page_says_what_this_is() {
    let sandbox = start(Rules::default());
    let wire = exchange(&sandbox, "GET", "/", b"");
    assert_eq!(wire.status(), 200);
    let text = String::from_utf8_lossy(wire.body()).into_owned();
    assert!(text.starts_with("wxgame-sandbox plays WeChat's"), "{text}");
}
