//! The signer against values that it did not make itself.

mod common;

use std::borrow::Cow;
use wxgame_sandbox::seal::{AesKey, push_signature};
use wxgame_sandbox::sign::{self, Key};
use wxgame_sandbox::{App, Rules};

const APP_KEY: &str = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
const SESSION_KEY: &str = "V7Q38/i2KXaqrQyl2Yx9Hg==";

const COMMON: [(&str, &str); 6] = [
    ("zone_id", "1"),
    ("ts", "1507530737"),
    ("pf", "android"),
    ("openid", "odkx20ENSNa2w5y3g_qOkOvBNM1g"),
    ("offer_id", "12345678"),
    ("appid", "wx1234567"),
];

struct Vector {
    org_loc: &'static str,
    extra: &'static [(&'static str, &'static str)],
    sig: &'static str,
    mp_sig: &'static str,
}

/// The first is published in WeChat's page about midas signatures. The others were computed with Python's
/// hmac from the same keys and fields, and are here to notice a change.
const VECTORS: [Vector; 6] = [
    Vector {
        org_loc: "/cgi-bin/midas/getbalance",
        extra: &[],
        sig: "1ad64e8dcb2ec1dc486b7fdf01f4a15159fc623dc3422470e51cf6870734726b",
        mp_sig: "ff4c5bb39dea1002a8f03be0438724e1a8bcea5ebce8f221f9b9fea3bcf3bf76",
    },
    Vector {
        org_loc: "/cgi-bin/midas/sandbox/getbalance",
        extra: &[],
        sig: "f8f9f6ac64eb1cf4a5f2f0235f72fe69af0d2ceb2b26bed5a024244140643bb4",
        mp_sig: "ba1b7d2bce2e824cadf56c143fab6739e843f7b5578c079ec1432f12e5120b6c",
    },
    Vector {
        org_loc: "/cgi-bin/midas/pay",
        extra: &[("amt", "123"), ("bill_no", "BillNo_123")],
        sig: "ada5ef41b2f185b9d6ba041ed0f4ba562ed5aeb6acce17be58865fa88c55aaab",
        mp_sig: "101c9de900169d556be97ceafce55a18bf1385bc39e0ddb4e8ca7c1d670c76da",
    },
    Vector {
        org_loc: "/cgi-bin/midas/sandbox/pay",
        extra: &[
            ("amt", "10"),
            ("bill_no", "BillNo_123"),
            ("pay_item", "钻石"),
            ("app_remark", "a b&c=d"),
            ("user_ip", "127.0.0.1"),
        ],
        sig: "6894eb75ce1a0023647192a216a78592c6d90c2648af1299ba4b01ccc37137a0",
        mp_sig: "b319cc72e562a1cf4fc39d39a08620f7458e21bb347b932fc20e9534cf30a316",
    },
    Vector {
        org_loc: "/cgi-bin/midas/cancelpay",
        extra: &[("bill_no", "BillNo_123")],
        sig: "cff702559f26433de1df7e20921d5798bf4dc1c7636472a0bec82369a8bb6ba8",
        mp_sig: "35b37a9192e7bbb595627b371ac8dc6ccf879f3d8b9486927708a1de13232219",
    },
    Vector {
        org_loc: "/cgi-bin/midas/present",
        extra: &[("bill_no", "BillNo_124"), ("present_counts", "5")],
        sig: "3e22079aa5a7481e948e65a98a7c2c211a966c1970fe602e567c5b497d1062f6",
        mp_sig: "287ade73df7f4a4ff1bf74600c6cc77e49be58780604b2fe4a8a4dc3fb517c1a",
    },
];

#[test]
fn both_signatures_come_out_as_published() {
    let (app_key, session_key) = (Key::new(APP_KEY), Key::new(SESSION_KEY));
    for vector in &VECTORS {
        let all = COMMON.iter().chain(vector.extra);
        let fields: Vec<_> = all
            .map(|(name, value)| (*name, Cow::Borrowed(*value)))
            .collect();
        let sig = sign::sig(&fields, vector.org_loc, &app_key);
        assert_eq!(sig, vector.sig, "{}", vector.org_loc);
        let mp_sig = sign::mp_sig(&fields, "ACCESSTOKEN", &sig, vector.org_loc, &session_key);
        assert_eq!(mp_sig, vector.mp_sig, "{}", vector.org_loc);
    }
}

#[test]
fn a_key_never_shows_itself() {
    assert_eq!(format!("{:?}", Key::new(APP_KEY)), sign::MASK);
}

/// Published in WeChat's page about the signatures of virtual payment 2.0. The blanks belong to it.
const GAME_BODY: &str = r#"{"offer_id": "12345678", "openid": "oUrsfxxxxxxxxxx", "ts": 1668136271, "zone_id": "1", "env": 0}"#;
const GAME_SESSION_KEY: &str = "9hAb/NEYUlkaMBEsmFgzig==";
const GAME_PAY_SIG: &str = "11bac6388871d29c055c7d16fbe42e8d646855b666faf89b15c815218b1b23bd";
const GAME_SIGNATURE: &str = "42fe1d3341fb1c8bd6f5014ba735ab04eacc80a2deb3ab4669eab4700b5b6729";

#[test]
fn both_signatures_of_2_0_come_out_as_published() {
    let app_key = Key::new("12345");
    let pay_sig = sign::pay_sig("/wxa/game/getbalance", GAME_BODY, &app_key);
    assert_eq!(pay_sig, GAME_PAY_SIG);
    let signature = sign::signature(GAME_BODY, &Key::new(GAME_SESSION_KEY));
    assert_eq!(signature, GAME_SIGNATURE);
    // A real request that a developer published.
    let body = r#"{"openid":"oRfYc5bilYLjGB6qb_e1qtSYbbBQ","offer_id":"1450043962","ts":1669957114,"zone_id":"1","user_ip":"116.21.230.32","env":1}"#;
    assert_eq!(
        sign::signature(body, &Key::new("49Q2zEXM3ogcyacpGdCa3A==")),
        "863baec574cde69d0468fdab78cfa2c70632895cbe1bfe634cd7ce9de1a2d132"
    );
}

#[test]
fn the_published_request_of_2_0_is_served() {
    let sandbox = common::start(Rules {
        apps: vec![App {
            app_key: "12345".to_owned(),
            ..App::default()
        }],
        ts_tolerance_s: 0,
        ..Rules::default()
    });
    sandbox.set_token("T", 7200).expect("a good token");
    let session = sandbox.set_session("oUrsfxxxxxxxxxx", GAME_SESSION_KEY);
    session.expect("a good session");
    let target = format!(
        "/wxa/game/getbalance?access_token=T&signature={GAME_SIGNATURE}&sig_method=hmac_sha256\
         &pay_sig={GAME_PAY_SIG}"
    );
    let answer = common::exchange(&sandbox, "POST", &target, GAME_BODY.as_bytes()).json();
    assert_eq!(common::errcode(&answer), 0, "{answer}");
}

const TOKEN: &str = "AAAAA";

/// Published in WeChat's page about message push.
#[test]
fn the_published_push_signatures_come_out() {
    for (timestamp, nonce, expected) in [
        (
            "1714036504",
            "1514711492",
            "f464b24fc39322e44b38aa78f5edd27bd1441696",
        ),
        (
            "1714037059",
            "486452656",
            "899cf89e464efb63f54ddac96b0a0a235f53aa78",
        ),
        (
            "1714112445",
            "415670741",
            "6c5c811b55cc85e0e1b54100749188c20beb3f5d",
        ),
    ] {
        assert_eq!(push_signature(&[TOKEN, timestamp, nonce]), expected);
    }
    let parts = [TOKEN, "1714112445", "415670741", ENCRYPT];
    assert_eq!(
        push_signature(&parts),
        "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3"
    );
    let parts = [TOKEN, "1713424427", "415670741", ENCRYPTED_REPLY];
    assert_eq!(
        push_signature(&parts),
        "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1"
    );
}

const ENCRYPT: &str = "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";

const ENCRYPTED_REPLY: &str =
    "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==";

/// The first two are in the same page, the third in the tests of WeChat's own Java classes.
#[test]
fn the_published_messages_are_sealed_as_published() {
    let zero = "A".repeat(43);
    let spare_bits = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let event = "{\"ToUserName\":\"gh_97417a04a28d\",\"FromUserName\":\"o9AgO5Kd5ggOC-bXrbNODIiE3bGY\",\
                 \"CreateTime\":1714112445,\"MsgType\":\"event\",\"Event\":\"debug_demo\",\
                 \"debug_str\":\"hello world\"}";
    let appid = "wxba5fad812f8e6fb9";
    for (key, random, message, appid, expected) in [
        (zero.as_str(), b"a8eedb185eb2fecf", event, appid, ENCRYPT),
        (
            &zero,
            b"707722b803182950",
            "{\"demo_resp\":\"good luck\"}",
            appid,
            ENCRYPTED_REPLY,
        ),
        (
            spare_bits,
            b"aaaabbbbccccdddd",
            "我是中文abcd123",
            "wxb11529c136998cb6",
            "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==",
        ),
    ] {
        let key = AesKey::new(key).expect("43 characters");
        assert_eq!(key.seal(random, message, appid), expected);
    }
    for wrong in ["", "A", &"A".repeat(42), &"A".repeat(44), &"*".repeat(43)] {
        assert!(AesKey::new(wrong).is_none(), "{wrong}");
    }
}

/// Computed with Python's hmac; WeChat's own samples of these two are not signatures of what they show.
#[test]
fn orders_of_items_and_payloads_of_pushes_are_signed_as_python_does() {
    let app_key = Key::new("12345");
    let sign_data = "{\"mode\":\"goods\",\"offerId\":\"123\",\"buyQuantity\":1,\"env\":0,\"currencyType\":\"CNY\",\
                     \"platform\":\"android\",\"zoneId\":\"1\",\"productId\":\"testproductId\",\"goodsPrice\":10,\
                     \"outTradeNo\":\"xxxxxx\",\"attach\":\"testdata\"}";
    assert_eq!(
        sign::pay_sig(sign::ITEM_CALL, sign_data, &app_key),
        "309fa3ae45ac82ed892eec950721558316d23b009c6b479d40d5f949bd5030eb"
    );
    assert_eq!(
        sign::signature(sign_data, &Key::new("9hAb/NEYUlkaMBEsmFgzig==")),
        "2aa917c33e119f0e9278f31555a893c9312720ff171f775c2e1b26c09e7d4424"
    );
    let payload = "{\"OpenId\":\"to_user_openid\",\"Env\":0,\"OutTradeNo\":\"1_1_test\",\"GoodsInfo\":{\
                   \"ProductId\":\"test_product_id\",\"Quantity\":10,\"ZoneId\":\"1\",\"OrigPrice\":100,\
                   \"ActualPrice\":90,\"Attach\":\"test_attach\",\"OrderSource\":1}}";
    assert_eq!(
        sign::pay_event_sig("minigame_game_pay_goods_deliver_notify", payload, &app_key),
        "f191cc40b9745bebf3bc17a259b77adac7f9cb61fde6abd5a2c2c0b60567e420"
    );
}
