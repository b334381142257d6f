//! Virtual payment 2.0: every refusal before coins are looked at, and that they come in the stated order.

mod common;

use common::{Client, Game, errcode, exchange, start};
use serde_json::{Value, json};
use wxgame_sandbox::{App, Env, FirstSignature, Rules, TsClock};

/// Every call with all that it needs.
fn good_calls() -> [(&'static str, Value); 5] {
    [
        ("pay", json!({ "bill_no": "b1", "amount": 1 })),
        ("present", json!({ "bill_no": "g1", "amount": 1 })),
        (
            "cancelpay",
            json!({ "bill_no": "r1", "pay_bill_no": "b1", "amount": 1 }),
        ),
        ("getbalance", json!({})),
        (
            "queryorderinfo",
            json!({ "out_trade_no": "t1", "biz_id": 1 }),
        ),
    ]
}

fn with(mut fields: Value, name: &str, value: Value) -> Value {
    fields[name] = value;
    fields
}

fn errmsg(answer: &Value) -> &str {
    answer["errmsg"].as_str().expect("an errmsg")
}

#[test]
fn a_missing_field_is_90018_and_named_in_brackets() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    for (call, fields) in good_calls() {
        for name in game.fields(fields.clone()).keys() {
            if (call, name.as_str()) == ("queryorderinfo", "zone_id") {
                continue;
            }
            let answer = game.call(call, with(fields.clone(), name, Value::Null));
            assert_eq!(errcode(&answer), 90018, "{call} {name}: {answer}");
            let begins = errmsg(&answer).starts_with(&format!("[{name}] {name} is missing"));
            assert!(begins, "{answer}");
        }
    }
    let body = game.body(json!({ "bill_no": null, "amount": 1 }));
    let null = body.replace("\"amount\":1", "\"amount\":1,\"bill_no\":null");
    let answer = game.send("pay", &null).json();
    assert_eq!(errmsg(&answer), "[bill_no] bill_no is missing");
}

#[test]
fn a_wrong_value_is_90018_and_named_in_brackets() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let now = common::now_s();
    let [pay, present, refund, balance, query] = good_calls();
    for (good, name, value) in [
        (&pay, "openid", json!("with space")),
        (&pay, "openid", json!("")),
        (&pay, "openid", json!(["o"])),
        (&pay, "offer_id", json!("1")),
        (&pay, "offer_id", json!(12345678)),
        (&pay, "ts", json!(now.to_string())),
        (&pay, "ts", json!(now as f64 + 0.5)),
        (&pay, "ts", json!(now * 1000)),
        (&pay, "ts", json!(now - 700)),
        (&pay, "ts", json!(now + 700)),
        (&pay, "zone_id", json!("")),
        (&pay, "zone_id", json!(1)),
        (&pay, "env", json!("1")),
        (&pay, "env", json!(2)),
        (&pay, "env", json!(true)),
        (&pay, "user_ip", json!("nowhere")),
        (&pay, "user_ip", json!("::ffff:127.0.0.1")),
        (&pay, "amount", json!(0)),
        (&pay, "amount", json!(-1)),
        (&pay, "amount", json!(1.5)),
        (&pay, "amount", json!("1")),
        (&pay, "amount", json!(u64::MAX)),
        (&pay, "bill_no", json!("")),
        (&pay, "bill_no", json!("_b")),
        (&pay, "bill_no", json!("b@1")),
        (&pay, "bill_no", json!("b".repeat(64))),
        (&pay, "payitem", json!(1)),
        (&pay, "remark", json!({})),
        (&present, "amount", json!(-1)),
        (&refund, "pay_bill_no", json!("_b")),
        (&refund, "bill_no", json!("钻")),
        (&refund, "amount", json!(0)),
        (&balance, "coin_type", json!("0")),
        (&balance, "coin_type", json!(2)),
        (&query, "out_trade_no", json!("a b")),
        (&query, "out_trade_no", json!("t".repeat(33))),
        (&query, "biz_id", json!(3)),
        (&query, "biz_id", json!("1")),
    ] {
        let (call, fields) = good;
        let answer = game.call(call, with(fields.clone(), name, value.clone()));
        assert_eq!(errcode(&answer), 90018, "{call} {name} {value}: {answer}");
        let begins = errmsg(&answer).starts_with(&format!("[{name}] {name} "));
        assert!(begins, "{answer}");
    }
}

#[test]
fn the_classic_mistakes_in_a_body_are_told_by_name() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let [pay, present, ..] = good_calls();
    let amt = json!({ "bill_no": "b1", "amt": 1 });
    let counts = json!({ "bill_no": "b1", "present_counts": 1 });
    for (call, fields, words) in [
        (
            "pay",
            with(pay.1.clone(), "amount", json!("1")),
            "[amount] amount must be a JSON number, and is a text",
        ),
        (
            "pay",
            with(pay.1, "offer_id", json!(12345678)),
            "[offer_id] offer_id must be a JSON string, and is a number",
        ),
        (
            "pay",
            amt,
            "[amount] amount is missing; amt is what the classic API calls it",
        ),
        (
            "present",
            counts,
            "[amount] amount is missing; present_counts is what the classic API calls it",
        ),
        (
            "present",
            with(present.1, "ts", json!(1_700_000_000_000_i64)),
            "[ts] ts must be in seconds and looks like milliseconds",
        ),
    ] {
        assert_eq!(errmsg(&game.call(call, fields)), words);
    }
}

#[test]
fn what_is_allowed_is_let_through_to_the_purse() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    for extra in [
        json!({ "bill_no": "b".repeat(63), "amount": 1_i64 << 53 }),
        json!({ "bill_no": "-b_1", "amount": 1, "payitem": "钻石", "remark": "a \"b\" \\ / \u{1F600}" }),
        json!({ "bill_no": "b2", "amount": 1, "user_ip": "", "zone_id": "1_role" }),
        json!({ "bill_no": "b3", "amount": 1, "user_ip": "2001:db8::1", "appid": "wx1", "more": [{}] }),
    ] {
        let answer = game.call("pay", extra);
        assert_eq!(errcode(&answer), 90013, "{answer}");
    }
    // The recharge centre has one zone only.
    let elsewhere = json!({ "coin_type": 1, "zone_id": "2" });
    let answer = game.call("getbalance", elsewhere);
    assert_eq!(
        errmsg(&answer),
        "[zone_id] zone_id must be 1 with coin_type 1"
    );
}

#[test]
fn the_body_is_signed_as_it_was_posted() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let compact = game.body(json!({ "bill_no": "b1", "amount": 1, "remark": "钻" }));
    for body in [
        compact.replace(',', " ,\t"),
        compact.replace('钻', "\\u94bb"),
        format!("\n{compact}\r\n"),
    ] {
        assert_eq!(errcode(&game.send("pay", &body).json()), 90013, "{body:?}");
    }
}

#[test]
fn zones_are_checked_when_they_are_listed() {
    let sandbox = start(Rules {
        apps: vec![App {
            zones: vec!["1".to_owned()],
            ..App::default()
        }],
        ..Rules::default()
    });
    let game = Game::new(&sandbox, Env::Production);
    assert_eq!(game.errcode("getbalance", json!({ "zone_id": "1" })), 0);
    assert_eq!(game.errcode("getbalance", json!({ "zone_id": "2" })), 90018);
}

#[test]
fn the_time_stamp_is_held_against_the_clock_that_is_configured() {
    let rules = Rules {
        ts_clock: TsClock::Sandbox,
        ..Rules::default()
    };
    let sandbox = start(rules);
    let game = Game::new(&sandbox, Env::Sandbox);
    assert_eq!(game.errcode("getbalance", json!({})), 0);
    sandbox.advance_clock(3600).expect("forward");
    assert_eq!(game.errcode("getbalance", json!({})), 90018);
}

#[test]
fn what_the_pages_disagree_about_can_be_required() {
    let zone_less = json!({ "out_trade_no": "t1", "biz_id": 1, "zone_id": null });
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    assert_eq!(game.errcode("queryorderinfo", zone_less.clone()), 90019);
    let sandbox = start(Rules {
        require_user_ip: true,
        require_query_zone_id: true,
        ..Rules::default()
    });
    let game = Game::new(&sandbox, Env::Sandbox);
    let zone_less = with(zone_less, "user_ip", json!("127.0.0.1"));
    let answer = game.call("queryorderinfo", zone_less);
    assert_eq!(errmsg(&answer), "[zone_id] zone_id is missing");
    for (user_ip, answer) in [(json!(null), 90018), (json!(""), 90018), (json!("::1"), 0)] {
        let got = game.errcode("getbalance", json!({ "user_ip": user_ip }));
        assert_eq!(got, answer, "{user_ip}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    for (body, answer) in [
        ("", 44002),
        ("{", 47001),
        ("[]", 47001),
        ("{}x", 47001),
        ("{}", 90018),
    ] {
        assert_eq!(errcode(&game.send("pay", body).json()), answer, "{body:?}");
    }
}

#[test]
fn the_sig_method_must_be_the_only_one_there_is() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let body = game.body(json!({}));
    let good = game.target(
        "getbalance",
        &game.signature(&body),
        &game.pay_sig("getbalance", &body),
    );
    for target in [
        good.replace("&sig_method=hmac_sha256", ""),
        good.replace("hmac_sha256", "HMAC_SHA256"),
    ] {
        let answer = exchange(&sandbox, "POST", &target, body.as_bytes()).json();
        assert_eq!(
            errmsg(&answer),
            "[sig_method] sig_method must be hmac_sha256"
        );
    }
}

/// Makes one thing wrong after the other, the last check first: each must win over those made before it.
#[test]
fn the_checks_come_in_the_stated_order() {
    for (first_signature, one_wrong, both_wrong) in [
        (FirstSignature::Signature, 90011, 90010),
        (FirstSignature::PaySig, 90010, 90011),
    ] {
        let sandbox = start(Rules {
            first_signature,
            ..Rules::default()
        });
        let game = Game::new(&sandbox, Env::Sandbox);
        let good = json!({ "bill_no": "b1", "amount": 1 });
        let body = game.body(good.clone());
        let (signature, pay_sig) = (game.signature(&body), game.pay_sig("pay", &body));
        let send = |signature: &str, pay_sig: &str| {
            errcode(&game.send_with("pay", &body, signature, pay_sig))
        };
        assert_eq!(send(&signature, &pay_sig), 90013);
        match first_signature {
            FirstSignature::Signature => assert_eq!(send(&signature, "0"), one_wrong),
            FirstSignature::PaySig => assert_eq!(send("0", &pay_sig), one_wrong),
        }
        assert_eq!(send("0", "0"), both_wrong);
        sandbox.expire_session(&game.client.openid).expect("one");
        assert_eq!(send("0", &pay_sig), 90016);
        let no_method = game
            .target("pay", "0", "0")
            .replace("&sig_method=hmac_sha256", "");
        let bare = |target: &str, body: &str| {
            errcode(&exchange(&sandbox, "POST", target, body.as_bytes()).json())
        };
        assert_eq!(bare(&no_method, &body), 90018);
        let zero = game.body(with(good, "amount", json!(0)));
        assert_eq!(bare(&no_method, &zero), 90018);
        assert_eq!(bare(&no_method, "{"), 47001);
        sandbox.expire_tokens();
        assert_eq!(bare(&no_method, "{"), 42001);
        assert_eq!(bare("/wxa/game/pay?access_token=nobody's", "{"), 40001);
        assert_eq!(bare("/wxa/game/pay", "{"), 41001);
        let got = exchange(&sandbox, "GET", "/wxa/game/pay", b"").json();
        assert_eq!(errcode(&got), 43002);
    }
}

#[test]
fn a_player_without_a_session_is_90016_unless_configured_otherwise() {
    for no_session in [90016, 90010] {
        let sandbox = start(Rules {
            no_session,
            ..Rules::default()
        });
        let mut game = Game::new(&sandbox, Env::Sandbox);
        sandbox.expire_session(&game.client.openid).expect("one");
        assert_eq!(game.errcode("getbalance", json!({})), no_session);
        game.client.openid = "oNeverSeen".to_owned();
        assert_eq!(game.errcode("getbalance", json!({})), no_session);
    }
}

#[test]
fn a_session_that_was_replaced_is_90010() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let replaced = sandbox.set_session(&game.client.openid, "AAECAwQFBgcICQoLDA0ODw==");
    replaced.expect("a good session");
    assert_eq!(game.errcode("getbalance", json!({})), 90010);
}

#[test]
fn the_environment_is_the_one_in_the_body() {
    let sandbox = start(Rules::default());
    for (env, number) in [(Env::Production, 0), (Env::Sandbox, 1)] {
        let game = Game::new(&sandbox, env);
        assert_eq!(game.errcode("getbalance", json!({})), 0);
        let last = sandbox.requests().pop().expect("a request");
        assert_eq!(last.call, "game_getbalance");
        let name = ["production", "sandbox"][number];
        assert_eq!(last.env, Some(name));
        let other = json!({ "env": 1 - number });
        assert_eq!(game.errcode("getbalance", other), 90011);
    }
}

#[test]
fn an_unknown_path_is_404() {
    let sandbox = start(Rules::default());
    for path in [
        "/wxa/game/getBalance",
        "/wxa/game/queryorder",
        "/wxa/game/",
        "/wxa/game/pay/",
    ] {
        let wire = exchange(&sandbox, "POST", path, b"{}");
        assert_eq!((wire.status(), errcode(&wire.json())), (404, 40066));
    }
}

#[test]
fn settings_that_no_wechat_could_have_are_refused() {
    for (rules, field) in [
        (json!({ "no_session": 90011 }), "no_session"),
        (json!({ "first_signature": "sig" }), "first_signature"),
        (json!({ "repeated_refund": 0 }), "repeated_refund"),
        (json!({ "apps": [{ "zones": ["1", ""] }] }), "apps[0].zones"),
    ] {
        let refused = Rules::from_json(&rules.to_string());
        let words = refused.expect_err("it makes no sense");
        assert!(words.starts_with(field), "{words}");
    }
    let rules = json!({
        "first_signature": "pay_sig", "no_session": 90010, "repeated_refund": "ok",
        "cancel_tells_balance": false, "require_user_ip": true, "require_query_zone_id": true,
        "reusable_after_refusal": false,
    });
    let rules = Rules::from_json(&rules.to_string()).expect("good rules");
    assert_eq!(rules.first_signature, FirstSignature::PaySig);
}

#[test]
fn one_player_and_token_serve_both_generations() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let client: &Client<'_> = &game.client;
    client.top_up(10, 0);
    assert_eq!((game.pay("b1", 3), client.pay("b2", 3)), (0, 0));
    assert_eq!((game.pay("b2", 3), client.pay("b1", 3)), (90012, 90012));
    assert_eq!(client.balance(), 4);
    assert_eq!(client.charged("b1"), 1);
}

/// Spoils one byte after the other of a good body: both signatures cover every byte.
#[test]
fn a_body_with_one_byte_changed_is_never_charged() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(1000, 0);
    let good = game.body(json!({ "bill_no": "b1", "amount": 1, "remark": "钻" }));
    let target = game.target("pay", &game.signature(&good), &game.pay_sig("pay", &good));
    for at in 0..good.len() {
        for byte in [b' ', b'0', b'"', 0xff] {
            let mut body = good.clone().into_bytes();
            if body[at] == byte {
                continue;
            }
            body[at] = byte;
            let answer = errcode(&exchange(&sandbox, "POST", &target, &body).json());
            let refused = [47001, 90010, 90016, 90018].contains(&answer);
            assert!(refused, "{answer}: {}", String::from_utf8_lossy(&body));
        }
    }
    assert_eq!(
        (game.client.charged("b1"), game.client.balance()),
        (0, 1000)
    );
    let answer = exchange(&sandbox, "POST", &target, good.as_bytes()).json();
    assert_eq!(errcode(&answer), 0);
}
