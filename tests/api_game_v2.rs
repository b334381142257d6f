//! The exact bytes of each call of the virtual payment 2.0, what is refused before any are made, and what the answers
//! may and may not mean.

use serde_json::Value;
use wxgame::api::game_v2::query_order::{
    Business, OrderState, PATH, QueryAnswer, build_query_order, parse_query_order,
};
use wxgame::api::game_v2::{CoinType, Order, Player, build, parse, path};
use wxgame::api::{App, Call, Class, Environment, HttpRequest, NO_ERRCODE};
use wxgame::error::{Kind, Result};
use wxgame::sign::{AppKey, Secret, game_v2 as sign, hex_text};

const TS: i64 = 1_668_136_271;
const CALLS: [Call; 4] = [Call::Pay, Call::CancelPay, Call::GetBalance, Call::Present];

const PLAYER: Player<'_> = Player {
    openid: "oUrsfxxxxxxxxxx",
    zone_id: "1",
    user_ip: "",
};
const PAY: Order<'_> = Order::Pay {
    bill_no: "b1",
    amount: 1,
    pay_item: "",
    app_remark: "",
};
const CANCEL_PAY: Order<'_> = Order::CancelPay {
    bill_no: "b1",
    refund_bill_no: "r1",
    amount: 1,
};
const GET_BALANCE: Order<'_> = Order::GetBalance {
    coin_type: CoinType::Game,
};
const PRESENT: Order<'_> = Order::Present {
    bill_no: "b1",
    amount: 1,
};
const ORDERS: [Order<'_>; 4] = [PAY, CANCEL_PAY, GET_BALANCE, PRESENT];

/// An app as only this generation needs it.
fn app(environment: Environment, app_key: &str) -> App {
    App {
        appid: String::new(),
        offer_id: "12345678".into(),
        pf: String::new(),
        environment,
        app_key: AppKey::new(app_key).expect("a usable key"),
        mp_sig: false,
    }
}

fn production() -> App {
    app(Environment::Production, "12345")
}

fn session_key() -> Secret {
    Secret::new("9hAb/NEYUlkaMBEsmFgzig==")
}

fn made(order: &Order<'_>) -> HttpRequest {
    let built = build(&production(), &PLAYER, order, &session_key(), "TOKEN", TS);
    built.unwrap_or_else(|error| panic!("{error}"))
}

/// `result` refuses `field`, and says more than that.
#[track_caller]
fn refuses(result: Result<HttpRequest>, field: &str) {
    let error = result.err().expect("this is not to be sent");
    assert_eq!((error.kind, error.field), (Kind::InvalidArgument, field));
    assert!(error.message.len() >= 8);
}

/// Refused by every call.
#[track_caller]
fn all_refuse(app: &App, player: &Player<'_>, key: &Secret, token: &str, ts: i64, field: &str) {
    for order in &ORDERS {
        refuses(build(app, player, order, key, token, ts), field);
    }
    let asked = build_query_order(app, player, "t1", Business::Coins, key, token, ts);
    refuses(asked, field);
}

#[test]
fn every_request_has_the_bytes_of_its_vector_and_signs_them() {
    let all: Value =
        serde_json::from_str(include_str!("vectors/game_v2.json")).expect("the vectors are JSON");
    let requests = &all["requests"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    assert!(text(&requests["source"]).len() > 20);
    let (session_key, token) = (
        Secret::new(&text(&requests["session_key"])),
        text(&requests["access_token"]),
    );
    let vectors = requests["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 11);
    for vector in vectors {
        let field = |name: &str| vector["fields"][name].as_str().unwrap_or_default();
        let number = |name: &str| vector["fields"][name].as_i64().unwrap_or_default();
        let environment = match text(&vector["environment"]).as_str() {
            "production" => Environment::Production,
            "sandbox" => Environment::Sandbox,
            other => panic!("no environment {other}"),
        };
        let app_key = text(&requests["app_keys"][text(&vector["environment"])]);
        let app = App {
            offer_id: field("offer_id").into(),
            ..app(environment, &app_key)
        };
        let player = Player {
            openid: field("openid"),
            zone_id: field("zone_id"),
            user_ip: field("user_ip"),
        };
        let (bill_no, amount, ts) = (field("bill_no"), number("amount"), number("ts"));
        let order = match text(&vector["call"]).as_str() {
            "pay" => Some(Order::Pay {
                bill_no,
                amount,
                pay_item: field("pay_item"),
                app_remark: field("app_remark"),
            }),
            "cancel_pay" => Some(Order::CancelPay {
                bill_no,
                refund_bill_no: field("refund_bill_no"),
                amount,
            }),
            "get_balance" => Some(Order::GetBalance {
                coin_type: match number("coin_type") {
                    0 => CoinType::Game,
                    _ => CoinType::RechargeCentre,
                },
            }),
            "present" => Some(Order::Present { bill_no, amount }),
            "query_order" => None,
            other => panic!("no call {other}"),
        };
        let built = match &order {
            Some(order) => build(&app, &player, order, &session_key, &token, ts),
            None => {
                let business = match number("biz_id") {
                    1 => Business::Coins,
                    _ => Business::Item,
                };
                let out_trade_no = field("out_trade_no");
                build_query_order(
                    &app,
                    &player,
                    out_trade_no,
                    business,
                    &session_key,
                    &token,
                    ts,
                )
            }
        };
        let request = built.unwrap_or_else(|error| panic!("{vector}: {error}"));
        assert!(!request.get);
        assert_eq!(
            String::from_utf8(request.body).expect("the body is text"),
            text(&vector["body"])
        );
        assert_eq!(
            request.path_and_query,
            format!(
                "{}?access_token={token}&signature={}&sig_method=hmac_sha256&pay_sig={}",
                text(&vector["path"]),
                text(&vector["signature"]),
                text(&vector["pay_sig"])
            )
        );
    }
}

#[test]
fn the_environment_stands_in_the_body_and_signs_with_its_own_key() {
    for order in &ORDERS {
        let sandbox_app = app(Environment::Sandbox, "54321");
        let sandbox = build(&sandbox_app, &PLAYER, order, &session_key(), "TOKEN", TS);
        let sandbox = sandbox.expect("all is good");
        let body = String::from_utf8(sandbox.body).expect("the body is text");
        let production = String::from_utf8(made(order).body).expect("the body is text");
        assert!(production.contains(r#","env":0"#));
        assert_eq!(body, production.replace(r#","env":0"#, r#","env":1"#));
        let path = path(order.call());
        let expected = sign::pay_sig(path, &body, &sandbox_app.app_key).expect("a good path");
        assert!(sandbox.path_and_query.starts_with(&format!("{path}?")));
        assert!(
            sandbox
                .path_and_query
                .ends_with(&format!("&pay_sig={}", hex_text(&expected)))
        );
    }
}

#[test]
fn the_token_is_encoded_in_the_url_and_takes_no_part_in_the_signatures() {
    let other = build(
        &production(),
        &PLAYER,
        &GET_BALANCE,
        &session_key(),
        "57_a+b/c=~",
        TS,
    )
    .expect("all is good");
    let first = made(&GET_BALANCE);
    assert_eq!(
        other.path_and_query,
        first
            .path_and_query
            .replace("=TOKEN&", "=57_a%2Bb%2Fc%3D~&")
    );
    assert!(other.body == first.body);
}

#[test]
fn no_key_and_no_token_is_in_a_body() {
    for order in &ORDERS {
        let body = String::from_utf8(made(order).body).expect("the body is text");
        for secret in ["9hAb/NEYUlkaMBEsmFgzig==", "\"12345\"", "TOKEN"] {
            assert!(!body.contains(secret), "{:?}", order.call());
        }
    }
}

#[test]
fn a_players_address_is_sent_in_plain_form_or_not_at_all() {
    for (given, sent) in [
        ("::ffff:113.108.77.69", r#""user_ip":"113.108.77.69""#),
        ("240e:0001::0005", r#""user_ip":"240e:1::5""#),
    ] {
        let player = Player {
            user_ip: given,
            ..PLAYER
        };
        let request = build(&production(), &player, &PAY, &session_key(), "TOKEN", TS);
        let body = String::from_utf8(request.expect("all is good").body).expect("text");
        assert!(body.contains(sent), "{body}");
    }
    let body = String::from_utf8(made(&PAY).body).expect("text");
    assert!(!body.contains("user_ip"));
}

#[test]
fn what_every_call_has_is_refused_by_every_call_when_it_is_wrong() {
    let (app, key) = (production(), session_key());
    let long = "1".repeat(129);
    for bad in ["", " o", "o\n", "o&p", "玩家", long.as_str()] {
        let player = Player {
            openid: bad,
            ..PLAYER
        };
        all_refuse(&app, &player, &key, "TOKEN", TS, "openid");
        let bad_app = App {
            offer_id: bad.into(),
            ..app.clone()
        };
        all_refuse(&bad_app, &PLAYER, &key, "TOKEN", TS, "offer_id");
    }
    for bad in ["", "1\n", "\0", long.as_str()] {
        let player = Player {
            zone_id: bad,
            ..PLAYER
        };
        all_refuse(&app, &player, &key, "TOKEN", TS, "zone_id");
    }
    for bad in [
        "localhost",
        "::1",
        "10.0.0.1",
        "::ffff:127.0.0.1",
        "8.8.8.8:80",
    ] {
        let player = Player {
            user_ip: bad,
            ..PLAYER
        };
        all_refuse(&app, &player, &key, "TOKEN", TS, "user_ip");
    }
    for bad in ["", "a b", "a%2Bb", "令"] {
        all_refuse(&app, &PLAYER, &key, bad, TS, "access_token");
    }
    for bad in ["", "\u{1}", "V7Q38%2Fi2", "V7Q38-i2", "V7Q38 "] {
        let key = Secret::new(bad);
        all_refuse(&app, &PLAYER, &key, "TOKEN", TS, "session_key");
    }
    for bad in [0, -1, i64::MIN, 999_999_999, TS * 1000, i64::MAX] {
        all_refuse(&app, &PLAYER, &key, "TOKEN", bad, "ts");
    }
}

#[test]
fn a_wrong_value_of_an_order_is_refused_under_our_name_for_it() {
    let refused = |order: Order<'_>, field: &str| {
        refuses(
            build(&production(), &PLAYER, &order, &session_key(), "TOKEN", TS),
            field,
        );
    };
    let long = "9".repeat(64);
    for bad in [
        "",
        "_a",
        "a b",
        "a|b",
        "a*b",
        "a@b",
        "单",
        "a\0",
        long.as_str(),
    ] {
        let pay = Order::Pay {
            bill_no: bad,
            amount: 1,
            pay_item: "",
            app_remark: "",
        };
        refused(pay, "bill_no");
        let present = Order::Present {
            bill_no: bad,
            amount: 1,
        };
        refused(present, "bill_no");
        let cancel = |bill_no, refund_bill_no| Order::CancelPay {
            bill_no,
            refund_bill_no,
            amount: 1,
        };
        refused(cancel(bad, "r1"), "bill_no");
        refused(cancel("b1", bad), "refund_bill_no");
    }
    for bad in [0, -1, i64::MIN, (1 << 53) + 1, i64::MAX] {
        let pay = Order::Pay {
            bill_no: "b1",
            amount: bad,
            pay_item: "",
            app_remark: "",
        };
        refused(pay, "amount");
        let present = Order::Present {
            bill_no: "b1",
            amount: bad,
        };
        refused(present, "amount");
        let cancel = Order::CancelPay {
            bill_no: "b1",
            refund_bill_no: "r1",
            amount: bad,
        };
        refused(cancel, "amount");
    }
    let (item, remark) = ("i".repeat(513), "r".repeat(1025));
    for (pay_item, app_remark, field) in [
        (item.as_str(), "", "pay_item"),
        ("a\nb", "", "pay_item"),
        ("\0", "", "pay_item"),
        ("", remark.as_str(), "app_remark"),
        ("", "a\tb", "app_remark"),
    ] {
        let pay = Order::Pay {
            bill_no: "b1",
            amount: 1,
            pay_item,
            app_remark,
        };
        refused(pay, field);
    }
}

#[test]
fn a_refund_has_a_number_that_is_not_the_payments() {
    let order = Order::CancelPay {
        bill_no: "b1",
        refund_bill_no: "b1",
        amount: 1,
    };
    let built = build(&production(), &PLAYER, &order, &session_key(), "TOKEN", TS);
    refuses(built, "refund_bill_no");
}

#[test]
fn the_recharge_centre_has_one_zone() {
    let order = Order::GetBalance {
        coin_type: CoinType::RechargeCentre,
    };
    let built = |zone_id| {
        let player = Player { zone_id, ..PLAYER };
        build(&production(), &player, &order, &session_key(), "TOKEN", TS)
    };
    assert!(built("1").is_ok());
    for zone_id in ["", "2", "01", "1_role"] {
        refuses(built(zone_id), "zone_id");
    }
}

#[test]
fn a_question_may_name_any_order_that_wechat_may_know() {
    let asked = |out_trade_no: &str| {
        build_query_order(
            &production(),
            &PLAYER,
            out_trade_no,
            Business::Item,
            &session_key(),
            "TOKEN",
            TS,
        )
    };
    let longest = "1".repeat(128);
    for good in ["1", "_made_by_wechat", "a-B_9|*@", longest.as_str()] {
        let request = asked(good).unwrap_or_else(|error| panic!("{good}: {error}"));
        assert!(request.path_and_query.starts_with(&format!("{PATH}?")));
    }
    let too_long = "1".repeat(129);
    for bad in ["", "a b", "a.b", "a\"b", "a\n", "单", too_long.as_str()] {
        refuses(asked(bad), "out_trade_no");
    }
}

#[test]
fn a_whole_answer_is_read_whole_under_our_names() {
    let answer = parse(
        Call::Pay,
        200,
        br#"{"errcode":0,"errmsg":"ok","bill_no":"b1","balance":90,"used_present_amount":4,"new":[{"a":1}]}"#,
        "b1",
        "",
    );
    assert_eq!(
        (answer.class, answer.errcode, answer.errmsg.as_str()),
        (Class::Done, 0, "ok")
    );
    assert_eq!(
        (
            answer.balance,
            answer.used_gen_amt,
            answer.bill_no.as_deref()
        ),
        (Some(90), Some(4), Some("b1"))
    );
    for (flag, expected) in [
        ("true", Some(true)),
        ("false", Some(false)),
        ("0", Some(false)),
        ("1", Some(true)),
        ("2", None),
        ("\"1\"", None),
    ] {
        let body = format!(
            r#"{{"errcode":0,"balance":"1","present_balance":2,"first_save":{flag},"sum_save":3,"sum_balance":"4","sum_cost":5,"sum_present":6}}"#
        );
        let a = parse(Call::GetBalance, 200, body.as_bytes(), "", "");
        assert_eq!((a.class, a.first_save), (Class::Done, expected));
        assert_eq!(
            [
                a.balance,
                a.gen_balance,
                a.save_amt,
                a.save_sum,
                a.cost_sum,
                a.present_sum
            ],
            [1, 2, 3, 4, 5, 6].map(Some)
        );
    }
}

#[test]
fn the_names_of_the_classic_answers_tell_nothing_here() {
    let a = parse(
        Call::GetBalance,
        200,
        br#"{"errcode":0,"balance":1,"gen_balance":2,"save_amt":3,"save_sum":4,"cost_sum":5,"present_sum":6,"used_gen_amt":7}"#,
        "",
        "",
    );
    assert_eq!((a.class, a.balance), (Class::Done, Some(1)));
    assert_eq!(
        [
            a.gen_balance,
            a.save_amt,
            a.save_sum,
            a.cost_sum,
            a.present_sum,
            a.used_gen_amt
        ],
        [None; 6]
    );
}

#[test]
fn a_refund_may_repeat_either_of_its_numbers_and_tell_little() {
    for (body, echo) in [
        (r#"{"errcode":0,"bill_no":"r1","balance":9}"#, Some("r1")),
        (r#"{"errcode":0,"bill_no":"b1"}"#, Some("b1")),
        (r#"{"errcode":0,"bill_no":""}"#, None),
        (r#"{"errcode":0,"bill_no":null}"#, None),
        (r#"{"errcode":0}"#, None),
    ] {
        let answer = parse(Call::CancelPay, 200, body.as_bytes(), "b1", "r1");
        assert_eq!(
            (answer.class, answer.bill_no.as_deref()),
            (Class::Done, echo),
            "{body}"
        );
    }
    let other = parse(
        Call::CancelPay,
        200,
        br#"{"errcode":0,"bill_no":"r2"}"#,
        "b1",
        "r1",
    );
    assert_eq!((other.class, other.errcode), (Class::Unknown, NO_ERRCODE));
    let other = parse(
        Call::Pay,
        200,
        br#"{"errcode":0,"bill_no":"r1"}"#,
        "b1",
        "r1",
    );
    assert_eq!(other.class, Class::Unknown, "a pay has the one number");
}

#[test]
fn a_code_means_what_it_means_in_this_generation() {
    for (call, errcode, class) in [
        (Call::Pay, 90012, Class::Duplicate),
        (Call::Pay, 90013, Class::Refused),
        (Call::Pay, 90016, Class::Session),
        (Call::CancelPay, 90014, Class::Unknown),
        (Call::CancelPay, 90012, Class::Duplicate),
        (Call::Present, 90009, Class::Unknown),
    ] {
        let body = format!(r#"{{"errcode":{errcode},"errmsg":"签名 rid: 1"}}"#);
        let answer = parse(call, 200, body.as_bytes(), "b1", "r1");
        assert_eq!(
            (answer.class, answer.errcode, answer.errmsg.as_str()),
            (class, errcode, "签名 rid: 1"),
            "{call:?}"
        );
    }
}

/// HTTP status and body that say nothing for certain, and what is told of them.
const UNREADABLE: [(u16, &str, &str); 15] = [
    (500, r#"{"errcode":0}"#, "HTTP status 500"),
    (302, r#"{"errcode":0}"#, "HTTP status 302"),
    (201, r#"{"errcode":0}"#, "HTTP status 201"),
    (412, r#"{"errcode":90013}"#, "HTTP status 412"),
    (200, "", "not JSON"),
    (200, "<html>", "not JSON"),
    (200, r#"{"errcode":0"#, "not JSON"),
    (200, r#"{"errcode":0}{"errcode":0}"#, "not JSON"),
    (200, r#"[{"errcode":0}]"#, "not an object"),
    (200, "0", "not an object"),
    (200, "{}", "without an integer errcode"),
    (200, r#"{"errcode":"0"}"#, "without an integer errcode"),
    (200, r#"{"errcode":0.0}"#, "without an integer errcode"),
    (200, r#"{"errcode":null}"#, "without an integer errcode"),
    (200, r#"{"errcode":-1,"errcode":0}"#, "twice"),
];

#[test]
fn what_cannot_be_read_for_certain_is_unknown_and_says_what_was_seen() {
    let others = [
        (200, r#"{"errcode":0,"bill_no":"b2"}"#, "another bill_no"),
        (200, r#"{"errcode":0,"bill_no":7}"#, "another bill_no"),
    ];
    for (status, body, seen) in UNREADABLE.into_iter().chain(others) {
        for call in [Call::Pay, Call::CancelPay, Call::Present] {
            let answer = parse(call, status, body.as_bytes(), "b1", "r1");
            assert_eq!(
                (answer.class, answer.errcode),
                (Class::Unknown, NO_ERRCODE),
                "{body}"
            );
            assert!(answer.errmsg.contains(seen), "{body}: {}", answer.errmsg);
        }
    }
    let answer = parse(Call::GetBalance, 200, br#"{"errcode":0}"#, "", "");
    assert_eq!(
        answer.class,
        Class::Unknown,
        "a balance without a balance is no answer"
    );
}

#[test]
fn no_damage_makes_a_success_of_an_answer() {
    let good =
        br#"{"errcode":0,"errmsg":"ok","bill_no":"b1","balance":90,"used_present_amount":4}"#;
    let found = br#"{"errcode":0,"out_trade_no":"t1","pay_state":2,"deliver_state":1}"#;
    for end in 0..good.len() {
        let answer = parse(Call::Pay, 200, &good[..end], "b1", "");
        assert_eq!(answer.class, Class::Unknown, "cut at {end}");
    }
    for end in 0..found.len() {
        let answer = parse_query_order(200, &found[..end], "t1");
        assert!(matches!(answer, QueryAnswer::Unreadable { .. }), "{end}");
    }
    let mut seed = 7_u64;
    let mut random = move || {
        seed = seed
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (seed >> 33) as usize
    };
    let busy = br#"{"errcode":-1,"errmsg":"system busy \"errcode\":0","bill_no":"b1"}"#;
    for _ in 0..20_000 {
        let noise: Vec<u8> = (0..random() % 80).map(|_| random() as u8).collect();
        let mut flipped = busy.to_vec();
        flipped.swap_remove(random() % flipped.len());
        for call in CALLS {
            assert_ne!(parse(call, 200, &noise, "b1", "r1").class, Class::Done);
            assert_ne!(parse(call, 200, &flipped, "b1", "r1").class, Class::Done);
        }
        let answer = parse_query_order(200, &noise, "t1");
        assert!(matches!(answer, QueryAnswer::Unreadable { .. }));
    }
    let deep = [b"{\"errcode\":0,\"a\":".as_slice(), &b"[".repeat(100_000)].concat();
    let answer = parse(Call::Pay, 200, &deep, "b1", "");
    assert_eq!(answer.class, Class::Unknown);
}

#[test]
fn an_order_that_wechat_knows_is_told_with_all_it_knows() {
    let body = br#"{"errcode":0,"errmsg":"ok","out_trade_no":"t1","product_id":"p1","pay_state":2,"deliver_state":1,
        "pay_finish_time":1668136300,"mch_order_no":"m1","transaction_id":"w1","new":{"a":1}}"#;
    let known = OrderState {
        paid: true,
        delivered: Some(false),
        product_id: Some("p1".into()),
        pay_finish_time: Some(1_668_136_300),
        mch_order_no: Some("m1".into()),
        transaction_id: Some("w1".into()),
    };
    assert_eq!(
        parse_query_order(200, body, "t1"),
        QueryAnswer::Found(known)
    );
    // WeChat's sample: not paid, yet with a time.
    let body = br#"{"errcode":0,"pay_state":1,"deliver_state":1,"pay_finish_time":1668136300,"product_id":""}"#;
    let QueryAnswer::Found(state) = parse_query_order(200, body, "t1") else {
        panic!("the order is known");
    };
    assert_eq!(
        (state.paid, state.delivered, state.product_id),
        (false, Some(false), None)
    );
    for (deliver_state, told) in [("2", Some(true)), ("3", None), ("\"2\"", None)] {
        let body = format!(r#"{{"errcode":0,"pay_state":2,"deliver_state":{deliver_state}}}"#);
        let QueryAnswer::Found(state) = parse_query_order(200, body.as_bytes(), "t1") else {
            panic!("the order is known");
        };
        assert_eq!((state.paid, state.delivered), (true, told));
    }
}

#[test]
fn an_order_that_wechat_does_not_know_is_no_refusal_and_a_refusal_no_missing_order() {
    assert_eq!(
        parse_query_order(200, br#"{"errcode":90019,"errmsg":"not found"}"#, "t1"),
        QueryAnswer::NotFound {
            errcode: 90019,
            errmsg: "not found".into()
        }
    );
    for (errcode, class) in [
        (-1, Class::Unknown),
        (40001, Class::Token),
        (45009, Class::Quota),
        (90000, Class::Unknown),
        (90010, Class::Session),
        (90016, Class::Session),
        (90018, Class::Configuration),
        (99999, Class::Unknown),
    ] {
        let body = format!(r#"{{"errcode":{errcode},"pay_state":2}}"#);
        assert_eq!(
            parse_query_order(200, body.as_bytes(), "t1"),
            QueryAnswer::Refused {
                errcode,
                errmsg: String::new(),
                class
            }
        );
    }
}

#[test]
fn nothing_is_paid_that_is_not_told_to_be() {
    let others = [
        r#"{"errcode":0}"#,
        r#"{"errcode":0,"pay_state":0}"#,
        r#"{"errcode":0,"pay_state":3}"#,
        r#"{"errcode":0,"pay_state":"2"}"#,
        r#"{"errcode":0,"pay_state":2.0}"#,
        r#"{"errcode":0,"pay_state":true}"#,
        r#"{"errcode":0,"pay_state":null,"deliver_state":2}"#,
        r#"{"errcode":0,"pay_state":1,"pay_state":2}"#,
        r#"{"errcode":0,"out_trade_no":"t2","pay_state":2}"#,
        r#"{"errcode":0,"out_trade_no":7,"pay_state":2}"#,
    ];
    let unreadable = UNREADABLE.map(|(status, body, _)| (status, body));
    for (status, body) in unreadable.into_iter().chain(others.map(|body| (200, body))) {
        let answer = parse_query_order(status, body.as_bytes(), "t1");
        assert!(
            matches!(answer, QueryAnswer::Unreadable { .. }),
            "{body}: {answer:?}"
        );
    }
}
