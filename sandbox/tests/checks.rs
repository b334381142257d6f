//! Every refusal before coins are looked at, and that they come in the stated order.

mod common;

use common::{Client, SECRET, errcode, exchange, start};
use serde_json::{Map, Value, json};
use wxgame_sandbox::sign::{self, Key};
use wxgame_sandbox::{App, Env, Rules, Sandbox, TsClock};

/// Signs these fields after they were spoilt, so that only the spoilt one is wrong.
fn signed(client: &Client<'_>, call: &str, mut fields: Map<String, Value>) -> Map<String, Value> {
    let path = client.path(call);
    let sig = sign::sig(&common::pairs(&fields), &path, &Key::new(client.app_key()));
    client.add_signatures(&mut fields, &path, sig);
    fields
}

/// Sends a good `pay` with one field set to something else, or left out.
fn spoilt(client: &Client<'_>, name: &str, value: Option<Value>) -> Value {
    let mut fields = client.fields(json!({ "bill_no": "b1", "amt": 1 }));
    match value {
        Some(value) => fields.insert(name.to_owned(), value),
        None => fields.remove(name),
    };
    client.send("pay", &signed(client, "pay", fields)).json()
}

fn errmsg(answer: &Value) -> &str {
    answer["errmsg"].as_str().expect("an errmsg")
}

#[test]
fn a_missing_field_is_40101_and_named() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    for name in [
        "openid", "appid", "offer_id", "ts", "zone_id", "pf", "amt", "bill_no",
    ] {
        for value in [None, Some(Value::Null)] {
            let answer = spoilt(&client, name, value);
            assert_eq!(errcode(&answer), 40101, "{name}");
            assert!(errmsg(&answer).contains(name), "{answer}");
        }
    }
    let mut fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 1 }));
    fields.remove("sig");
    let answer = client.send("pay", &fields).json();
    assert_eq!(errcode(&answer), 40101);
    assert!(errmsg(&answer).contains("sig"));
}

#[test]
fn a_wrong_value_is_90018_and_named() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let long = "b".repeat(64);
    let now = common::now_s();
    for (name, value) in [
        ("ts", json!(now.to_string())),
        ("ts", json!(now as f64 + 0.5)),
        ("ts", json!(now * 1000)),
        ("ts", json!(now - 700)),
        ("ts", json!(now + 700)),
        ("ts", json!(0)),
        ("zone_id", json!(1)),
        ("zone_id", json!("")),
        ("openid", json!("with space")),
        ("openid", json!(["o"])),
        ("appid", json!("wxother")),
        ("offer_id", json!("1")),
        ("offer_id", json!(12345678)),
        ("pf", json!("windows")),
        ("amt", json!(0)),
        ("amt", json!(-1)),
        ("amt", json!(1.5)),
        ("amt", json!("1")),
        ("amt", json!(u64::MAX)),
        ("bill_no", json!("")),
        ("bill_no", json!("_b")),
        ("bill_no", json!("b@1")),
        ("bill_no", json!("钻")),
        ("bill_no", json!(long)),
        ("user_ip", json!("::ffff:127.0.0.1")),
        ("user_ip", json!("nowhere")),
        ("pay_item", json!({})),
        ("access_token", json!("TOKEN")),
        ("anything", json!([])),
    ] {
        let answer = spoilt(&client, name, Some(value.clone()));
        assert_eq!(errcode(&answer), 90018, "{name} {value}: {answer}");
        assert!(errmsg(&answer).contains(name), "{answer}");
    }
}

#[test]
fn what_is_allowed_is_let_through_to_the_purse() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    for extra in [
        json!({ "bill_no": "b".repeat(63), "amt": 1 }),
        json!({ "bill_no": "-b_1", "amt": 1_i64 << 53 }),
        json!({ "bill_no": "b2", "amt": 1, "pay_item": "钻石", "app_remark": "a b&c=d \"\\ \u{1F600}" }),
        json!({ "bill_no": "b3", "amt": 1, "user_ip": "2001:db8::1", "zone_id": "1_role" }),
        json!({ "bill_no": "b4", "amt": 1, "unknown_text": "x", "unknown_number": 3 }),
    ] {
        let answer = client.call("pay", extra);
        assert_eq!(errcode(&answer), 90013, "{answer}");
    }
}

#[test]
fn an_empty_optional_field_takes_no_part_in_the_signature() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let mut fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 1 }));
    fields.insert("pay_item".to_owned(), json!(""));
    assert_eq!(errcode(&client.send("pay", &fields).json()), 90013);
}

#[test]
fn zones_are_checked_when_they_are_listed() {
    let sandbox = start(Rules {
        apps: vec![App {
            zones: vec!["1".to_owned(), "9".to_owned()],
            ..App::default()
        }],
        ..Rules::default()
    });
    let client = Client::new(&sandbox, Env::Sandbox);
    for (zone_id, answer) in [
        ("1", 0),
        ("9", 0),
        ("9_r1", 0),
        ("2", 90018),
        ("11", 90018),
        ("1_", 90018),
    ] {
        let got = client.errcode("getbalance", json!({ "zone_id": zone_id }));
        assert_eq!(got, answer, "{zone_id}");
    }
    let unknown = sandbox.top_up(Env::Sandbox, "o1", "2", 1, 0);
    assert_eq!(unknown.expect_err("no such zone").field, "zone_id");
}

#[test]
fn the_time_stamp_is_held_against_the_real_clock_unless_told_otherwise() {
    for (ts_clock, answer) in [(TsClock::Real, 0), (TsClock::Sandbox, 90018)] {
        let sandbox = start(Rules {
            ts_clock,
            ..Rules::default()
        });
        sandbox.advance_clock(3600).expect("forward");
        let client = Client::new(&sandbox, Env::Sandbox);
        assert_eq!(
            client.errcode("getbalance", json!({})),
            answer,
            "{ts_clock:?}"
        );
    }
    let any = start(Rules {
        ts_tolerance_s: 0,
        ..Rules::default()
    });
    let client = Client::new(&any, Env::Sandbox);
    assert_eq!(client.errcode("getbalance", json!({ "ts": 1507530737 })), 0);
}

#[test]
fn mp_sig_may_be_left_out_unless_it_is_required() {
    for (require_mp_sig, answer) in [(false, 0), (true, 40101)] {
        let sandbox = start(Rules {
            require_mp_sig,
            ..Rules::default()
        });
        let client = Client::new(&sandbox, Env::Sandbox);
        let mut fields = client.signed("getbalance", json!({}));
        fields.remove("mp_sig");
        assert_eq!(errcode(&client.send("getbalance", &fields).json()), answer);
    }
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let target = client.target("pay");
    for (body, answer) in [
        ("", 44002),
        ("{", 47001),
        ("[]", 47001),
        ("a=1&b=2", 47001),
        ("{}x", 47001),
        ("{}", 40101),
    ] {
        let got = exchange(&sandbox, "POST", &target, body.as_bytes()).json();
        assert_eq!(errcode(&got), answer, "{body:?}");
    }
}

/// Makes one thing wrong after the other, the last check first: each must win over those made before it.
#[test]
fn the_checks_come_in_the_stated_order() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let mut fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 1 }));
    let answer = |fields: &Map<String, Value>| errcode(&client.send("pay", fields).json());
    assert_eq!(answer(&fields), 90013);
    fields.insert("sig".to_owned(), json!("0"));
    let path = client.path("pay");
    let mut unsigned = fields.clone();
    unsigned.retain(|name, _| name != "sig" && name != "mp_sig");
    client.add_signatures(&mut unsigned, &path, "0".to_owned());
    assert_eq!(answer(&unsigned), 90011);
    assert_eq!(answer(&fields), 90009);
    sandbox.expire_session(&client.openid).expect("a session");
    assert_eq!(answer(&fields), 90010);
    fields.insert("amt".to_owned(), json!(0));
    assert_eq!(answer(&fields), 90018);
    fields.remove("pf");
    assert_eq!(answer(&fields), 40101);
    let broken = |target: &str| errcode(&exchange(&sandbox, "POST", target, b"{").json());
    assert_eq!(broken(&client.target("pay")), 47001);
    sandbox.expire_tokens();
    assert_eq!(broken(&client.target("pay")), 42001);
    assert_eq!(broken(&format!("{path}?access_token=nobody's")), 40001);
    assert_eq!(broken(&path), 41001);
    let got = exchange(&sandbox, "GET", &path, b"").json();
    assert_eq!(errcode(&got), 43002);
}

#[test]
fn a_player_without_a_session_is_90010() {
    let sandbox = start(Rules {
        session_valid_s: 3600,
        ..Rules::default()
    });
    let mut client = Client::new(&sandbox, Env::Sandbox);
    sandbox.advance_clock(3599).expect("forward");
    assert_eq!(client.errcode("getbalance", json!({})), 0);
    sandbox.advance_clock(1).expect("forward");
    assert_eq!(client.errcode("getbalance", json!({})), 90010);
    client.openid = "oNeverSeen".to_owned();
    assert_eq!(client.errcode("getbalance", json!({})), 90010);
}

#[test]
fn two_apps_share_nothing() {
    let other = App {
        appid: "wx7654321".to_owned(),
        ..App::default()
    };
    let sandbox: Sandbox = start(Rules {
        apps: vec![App::default(), other],
        ..Rules::default()
    });
    let client = Client::new(&sandbox, Env::Sandbox);
    let answer = client.call("getbalance", json!({ "appid": "wx7654321" }));
    assert_eq!(errcode(&answer), 90018, "the token is the first app's");
    let body = json!({ "grant_type": "client_credential", "appid": "wx7654321", "secret": SECRET });
    let token = common::post(&sandbox, "/cgi-bin/stable_token", &body);
    let own = Client {
        access_token: token["access_token"].as_str().expect("a token").to_owned(),
        ..Client::new(&sandbox, Env::Sandbox)
    };
    let answer = own.call("getbalance", json!({ "appid": "wx7654321" }));
    assert_eq!(errcode(&answer), 90010, "the session is the first app's");
}

#[test]
fn answers_are_http_200_json_with_a_date() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let wire = client.wire("pay", json!({ "bill_no": "b1", "amt": 1 }));
    assert_eq!(wire.status(), 200);
    let head = wire.head().to_ascii_lowercase();
    assert!(head.contains("\r\ndate: "), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let unknown = exchange(&sandbox, "POST", "/cgi-bin/midas/cancelPay", b"{}");
    assert_eq!((unknown.status(), errcode(&unknown.json())), (404, 40066));
}
