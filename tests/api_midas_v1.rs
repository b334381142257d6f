//! The exact bytes of each call, and what its answers may and may not mean.

use wxgame::api::midas_v1::{build, parse, path};
use wxgame::api::{App, Call, Class, Environment, NO_ERRCODE, Order};
use wxgame::sign::{AppKey, Secret, hex_text, midas_v1 as sign};

const TS: i64 = 1_507_530_737;
const CALLS: [Call; 4] = [Call::Pay, Call::CancelPay, Call::GetBalance, Call::Present];

fn app(mp_sig: bool) -> App {
    App {
        appid: "wx1234567".into(),
        offer_id: "12345678".into(),
        pf: "android".into(),
        environment: Environment::Production,
        app_key: AppKey::new("zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u").expect("a usable key"),
        mp_sig,
    }
}

fn player() -> Order<'static> {
    Order {
        openid: "odkx20ENSNa2w5y3g_qOkOvBNM1g",
        zone_id: "1",
        ..Order::default()
    }
}

fn body(app: &App, call: Call, order: &Order<'_>) -> String {
    let session_key = Secret::new("V7Q38/i2KXaqrQyl2Yx9Hg==");
    let request = build(app, call, order, Some(&session_key), "ACCESSTOKEN", TS);
    let request = request.unwrap_or_else(|error| panic!("{error}"));
    String::from_utf8(request.body).expect("the body is text")
}

#[test]
fn paths_carry_the_environment() {
    assert_eq!(
        path(Call::CancelPay, Environment::Production),
        "/cgi-bin/midas/cancelpay"
    );
    for call in CALLS {
        let production = path(call, Environment::Production);
        let sandbox = path(call, Environment::Sandbox);
        assert_eq!(sandbox, production.replace("/midas/", "/midas/sandbox/"));
    }
}

#[test]
fn each_call_has_exactly_these_bytes() {
    let app = app(true);
    let pay = Order {
        bill_no: "BillNo_123",
        amount: 123,
        ..player()
    };
    assert_eq!(
        body(&app, Call::Pay, &pay),
        concat!(
            r#"{"amt":123,"appid":"wx1234567","bill_no":"BillNo_123","offer_id":"12345678","#,
            r#""openid":"odkx20ENSNa2w5y3g_qOkOvBNM1g","pf":"android","ts":1507530737,"zone_id":"1","#,
            r#""sig":"ada5ef41b2f185b9d6ba041ed0f4ba562ed5aeb6acce17be58865fa88c55aaab","#,
            r#""mp_sig":"101c9de900169d556be97ceafce55a18bf1385bc39e0ddb4e8ca7c1d670c76da"}"#
        )
    );
    let cancel = Order {
        bill_no: "BillNo_123",
        ..player()
    };
    assert_eq!(
        body(&app, Call::CancelPay, &cancel),
        concat!(
            r#"{"appid":"wx1234567","bill_no":"BillNo_123","offer_id":"12345678","#,
            r#""openid":"odkx20ENSNa2w5y3g_qOkOvBNM1g","pf":"android","ts":1507530737,"zone_id":"1","#,
            r#""sig":"cff702559f26433de1df7e20921d5798bf4dc1c7636472a0bec82369a8bb6ba8","#,
            r#""mp_sig":"35b37a9192e7bbb595627b371ac8dc6ccf879f3d8b9486927708a1de13232219"}"#
        )
    );
    assert_eq!(
        body(&app, Call::GetBalance, &player()),
        concat!(
            r#"{"appid":"wx1234567","offer_id":"12345678","#,
            r#""openid":"odkx20ENSNa2w5y3g_qOkOvBNM1g","pf":"android","ts":1507530737,"zone_id":"1","#,
            r#""sig":"1ad64e8dcb2ec1dc486b7fdf01f4a15159fc623dc3422470e51cf6870734726b","#,
            r#""mp_sig":"ff4c5bb39dea1002a8f03be0438724e1a8bcea5ebce8f221f9b9fea3bcf3bf76"}"#
        )
    );
    let present = Order {
        bill_no: "BillNo_124",
        amount: 5,
        ..player()
    };
    assert_eq!(
        body(&app, Call::Present, &present),
        concat!(
            r#"{"appid":"wx1234567","bill_no":"BillNo_124","offer_id":"12345678","#,
            r#""openid":"odkx20ENSNa2w5y3g_qOkOvBNM1g","pf":"android","present_counts":5,"ts":1507530737,"zone_id":"1","#,
            r#""sig":"3e22079aa5a7481e948e65a98a7c2c211a966c1970fe602e567c5b497d1062f6","#,
            r#""mp_sig":"287ade73df7f4a4ff1bf74600c6cc77e49be58780604b2fe4a8a4dc3fb517c1a"}"#
        )
    );
}

#[test]
fn without_mp_sig_no_session_is_asked_for_and_none_is_sent() {
    let request = build(
        &app(false),
        Call::GetBalance,
        &player(),
        None,
        "ACCESSTOKEN",
        TS,
    )
    .expect("no key needed");
    let text = String::from_utf8(request.body).expect("the body is text");
    assert!(
        text.ends_with(
            r#""sig":"1ad64e8dcb2ec1dc486b7fdf01f4a15159fc623dc3422470e51cf6870734726b"}"#
        )
    );
}

#[test]
fn the_token_is_encoded_in_the_url_and_signed_as_it_is() {
    let session_key = Secret::new("AA==");
    let app = app(true);
    let request = build(
        &app,
        Call::GetBalance,
        &player(),
        Some(&session_key),
        "57_a+b/c=~",
        TS,
    )
    .expect("all is good");
    assert_eq!(
        request.path_and_query,
        "/cgi-bin/midas/getbalance?access_token=57_a%2Bb%2Fc%3D~"
    );
    let body: serde_json::Value = serde_json::from_slice(&request.body).expect("the body is JSON");
    let ts = TS.to_string();
    let fields = [
        ("access_token", "57_a+b/c=~"),
        ("appid", "wx1234567"),
        ("offer_id", "12345678"),
        ("openid", player().openid),
        ("pf", "android"),
        ("sig", body["sig"].as_str().expect("a sig")),
        ("ts", ts.as_str()),
        ("zone_id", "1"),
    ];
    let expected =
        sign::mp_sig("/cgi-bin/midas/getbalance", &fields, &session_key).expect("good fields");
    assert_eq!(body["mp_sig"], hex_text(&expected));
}

#[test]
fn signatures_are_over_raw_values_and_json_over_escaped_ones() {
    let order = Order {
        bill_no: "b1",
        amount: 1,
        pay_item: "\"钻石\"\\ 1",
        app_remark: "a&b=c/d",
        user_ip: "::ffff:113.108.77.69",
        ..player()
    };
    let text = body(&app(true), Call::Pay, &order);
    assert!(text.contains(r#""app_remark":"a&b=c/d""#));
    assert!(text.contains(r#""pay_item":"\"钻石\"\\ 1""#));
    assert!(text.contains(r#""user_ip":"113.108.77.69""#));

    let body: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).expect("the body is JSON");
    let plain: Vec<(String, String)> = body
        .iter()
        .filter(|(name, _)| *name != "sig" && *name != "mp_sig")
        .map(|(name, value)| {
            (
                name.clone(),
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned),
            )
        })
        .collect();
    let fields: Vec<(&str, &str)> = plain
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(fields.len(), 11);
    let expected =
        sign::sig("/cgi-bin/midas/pay", &fields, &app(true).app_key).expect("good fields");
    assert_eq!(body["sig"], hex_text(&expected));
}

#[test]
fn a_whole_answer_is_read_whole() {
    let answer = parse(
        Call::Pay,
        200,
        br#"{"errcode":0,"errmsg":"ok","bill_no":"b1","balance":90,"used_gen_amt":4}"#,
        "b1",
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
    let answer = parse(
        Call::Pay,
        200,
        br#"{"errcode":0,"balance":"90","used_gen_balance":7}"#,
        "b1",
    );
    assert_eq!(
        (answer.class, answer.balance, answer.used_gen_amt),
        (Class::Done, Some(90), Some(7))
    );

    for (flag, expected) in [
        ("true", Some(true)),
        ("0", Some(false)),
        ("1", Some(true)),
        ("2", None),
        ("\"1\"", None),
    ] {
        let body = format!(
            r#"{{"errcode":0,"balance":1,"gen_balance":2,"first_save":{flag},"save_amt":3,"save_sum":4,"cost_sum":5,"present_sum":6}}"#
        );
        let a = parse(Call::GetBalance, 200, body.as_bytes(), "");
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
fn a_refusal_keeps_code_and_text() {
    let answer = parse(
        Call::Pay,
        200,
        r#"{"errcode":90013,"errmsg":"余额不足 rid: 1"}"#.as_bytes(),
        "b1",
    );
    assert_eq!(
        (answer.class, answer.errcode, answer.errmsg.as_str()),
        (Class::Refused, 90013, "余额不足 rid: 1")
    );
}

#[test]
fn what_cannot_be_read_for_certain_is_unknown_and_says_what_was_seen() {
    let cases: [(u16, &str, &str); 17] = [
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
        (
            200,
            r#"{"errcode":null,"balance":1}"#,
            "without an integer errcode",
        ),
        (200, r#"{"errcode":-1,"errcode":0}"#, "twice"),
        (200, r#"{"errcode":0,"bill_no":"b2"}"#, "another bill_no"),
        (200, r#"{"errcode":0,"bill_no":7}"#, "another bill_no"),
    ];
    for (status, body, seen) in cases {
        let answer = parse(Call::Pay, status, body.as_bytes(), "b1");
        assert_eq!(
            (answer.class, answer.errcode),
            (Class::Unknown, NO_ERRCODE),
            "{body}"
        );
        assert!(answer.errmsg.contains(seen), "{body}: {}", answer.errmsg);
    }
    let answer = parse(Call::GetBalance, 200, br#"{"errcode":0}"#, "");
    assert_eq!(
        answer.class,
        Class::Unknown,
        "a balance without a balance is no answer"
    );
}

#[test]
fn an_echo_that_is_missing_or_empty_is_no_contradiction() {
    for body in [
        r#"{"errcode":0}"#,
        r#"{"errcode":0,"bill_no":""}"#,
        r#"{"errcode":0,"bill_no":null}"#,
    ] {
        let answer = parse(Call::Pay, 200, body.as_bytes(), "b1");
        assert_eq!(
            (answer.class, answer.bill_no),
            (Class::Done, None),
            "{body}"
        );
    }
}

#[test]
fn no_damage_makes_a_success_of_an_answer() {
    let good = br#"{"errcode":0,"errmsg":"ok","bill_no":"b1","balance":90,"used_gen_amt":4}"#;
    for end in 0..good.len() {
        assert_eq!(
            parse(Call::Pay, 200, &good[..end], "b1").class,
            Class::Unknown,
            "cut at {end}"
        );
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
        let mut cut = busy.to_vec();
        cut.drain(20 + random() % 20..);
        let at = random() % cut.len();
        cut[at] = random() as u8;
        for call in CALLS {
            assert_ne!(parse(call, 200, &noise, "b1").class, Class::Done);
            assert_ne!(parse(call, 200, &flipped, "b1").class, Class::Done);
            assert_ne!(parse(call, 200, &cut, "b1").class, Class::Done);
        }
    }
    let deep = [b"{\"errcode\":0,\"a\":".as_slice(), &b"[".repeat(100_000)].concat();
    assert_eq!(parse(Call::Pay, 200, &deep, "b1").class, Class::Unknown);
}
