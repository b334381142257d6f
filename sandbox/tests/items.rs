//! Items that are bought in the client: what WeChat checks, and what becomes of an order.

mod common;

use common::{APP_KEY, Client, Game, OPENID, SANDBOX_APP_KEY, errcode, exchange, get, post, start};
use ring::hmac;
use serde_json::{Value, json};
use wxgame_sandbox::{Env, FirstSignature, PurchaseState, Rules, Sandbox};

/// HMAC-SHA256 in lower-case hex, not the sandbox's own.
fn hmac_hex(key: &str, text: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let tag = hmac::sign(&key, text.as_bytes());
    tag.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

/// An order's fields; what is null in `changes` is left out.
fn order(changes: Value) -> Value {
    let mut order = json!({
        "mode": "goods", "offerId": "12345678", "buyQuantity": 2, "env": 1, "currencyType": "CNY",
        "platform": "android", "zoneId": "1", "productId": "sword", "goodsPrice": 600,
        "outTradeNo": "t-1", "attach": "钻石 / \"a\"",
    });
    let fields = order.as_object_mut().expect("an object");
    fields.extend(changes.as_object().expect("an object").clone());
    fields.retain(|_, value| !value.is_null());
    order
}

/// The three strings of a text, as a game's server makes them.
fn strings(sign_data: &str, app_key: &str, session_key: &str) -> Value {
    json!({
        "openid": OPENID,
        "signData": sign_data,
        "paySig": hmac_hex(app_key, &format!("requestMidasPaymentGameItem&{sign_data}")),
        "signature": hmac_hex(session_key, sign_data),
    })
}

fn with(mut value: Value, name: &str, is: impl Into<Value>) -> Value {
    value[name] = is.into();
    value
}

const SESSION_KEY: &str = "V7Q38/i2KXaqrQyl2Yx9Hg==";

/// Orders in the payment sandbox, signed as they should be.
fn signed(changes: Value) -> Value {
    strings(&order(changes).to_string(), SANDBOX_APP_KEY, SESSION_KEY)
}

fn item(sandbox: &Sandbox, request: &Value) -> Value {
    post(sandbox, "/sandbox/item", request)
}

fn code(sandbox: &Sandbox, request: &Value) -> i64 {
    let answer = item(sandbox, request);
    assert_eq!(answer["ok"], answer["errCode"] == 0, "{answer}");
    answer["errCode"].as_i64().expect("an errCode")
}

#[test]
fn an_item_is_ordered_then_paid_and_queryorderinfo_tells_both() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    assert_eq!(errcode(&game.query("t-1", 2)), 90019);
    let unpaid = with(signed(json!({})), "state", "unpaid");
    assert_eq!(
        item(&sandbox, &unpaid),
        json!({ "ok": true, "errCode": 0, "errMsg": "requestMidasPaymentGameItem:ok" })
    );
    assert_eq!(
        game.query("t-1", 2),
        json!({
            "errcode": 0, "errmsg": "ok", "out_trade_no": "t-1", "product_id": "sword",
            "pay_state": 1, "deliver_state": 1,
        })
    );
    assert_eq!(code(&sandbox, &unpaid), 0);
    assert_eq!(code(&sandbox, &signed(json!({}))), 0);
    let told = game.query("t-1", 2);
    assert_eq!(
        (&told["pay_state"], &told["deliver_state"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(told["mch_order_no"], "mch-t-1");
    assert_eq!(told["transaction_id"], "wx-t-1");
    assert!(
        told["pay_finish_time"].as_i64() > Some(1_700_000_000),
        "{told}"
    );
    // It is an item's number, in this environment, and this player's.
    assert_eq!(errcode(&game.query("t-1", 1)), 90019);
    let production = Game::new(&sandbox, Env::Production);
    assert_eq!(errcode(&production.query("t-1", 2)), 90019);
    let mut other = Game::new(&sandbox, Env::Sandbox);
    other.client.openid = "oOther".to_owned();
    sandbox
        .set_session("oOther", SESSION_KEY)
        .expect("a session");
    assert_eq!(errcode(&other.query("t-1", 2)), 90019);

    let ledger = get(&sandbox, "/sandbox/ledger?bill_no=t-1");
    assert_eq!(
        ledger["items"],
        json!([{
            "appid": "wx1234567", "env": "sandbox", "out_trade_no": "t-1", "openid": OPENID, "zone_id": "1",
            "product_id": "sword", "quantity": 2, "goods_price": 600, "attach": "钻石 / \"a\"",
            "state": "paid", "attempts": 3, "refunded": 0,
        }])
    );
}

#[test]
fn env_is_production_when_it_is_left_out_and_picks_the_key() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Production);
    let order = order(json!({ "env": null, "platform": null, "zoneId": null, "attach": null }));
    let order = order.to_string();
    assert_eq!(
        code(&sandbox, &strings(&order, SANDBOX_APP_KEY, SESSION_KEY)),
        -15014
    );
    assert_eq!(code(&sandbox, &strings(&order, APP_KEY, SESSION_KEY)), 0);
    assert_eq!(game.query("t-1", 2)["pay_state"], 2);
}

#[test]
fn sign_data_counts_byte_for_byte() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    let spaced = serde_json::to_string_pretty(&order(json!({}))).expect("JSON");
    let request = strings(&spaced, SANDBOX_APP_KEY, SESSION_KEY);
    let compact = with(request.clone(), "signData", order(json!({})).to_string());
    let refused = item(&sandbox, &compact);
    assert_eq!(refused["errCode"], -15012);
    assert_eq!(code(&sandbox, &request), 0);
}

#[test]
fn wrong_signatures_are_told_with_the_mistake() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let text = order(json!({})).to_string();
    let good = signed(json!({}));
    let (pay_sig, signature) = (good["paySig"].clone(), good["signature"].clone());
    let named = |key: &str, head: &str| hmac_hex(key, &format!("{head}{text}"));
    let upper = signature.as_str().expect("hex").to_uppercase();
    let pay_sigs = [
        (
            named(SANDBOX_APP_KEY, ""),
            "the name of the call was left out",
        ),
        (
            named(SANDBOX_APP_KEY, "requestMidasPaymentGameItem"),
            "the & between",
        ),
        (
            named(SANDBOX_APP_KEY, "/requestMidasPaymentGameItem&"),
            "a slash was signed",
        ),
        (
            named(SANDBOX_APP_KEY, "/wxa/game/pay&"),
            "the uri of a server's call was signed",
        ),
        (
            named(APP_KEY, "requestMidasPaymentGameItem&"),
            "the app key of the other environment",
        ),
        (
            named(&client.session_key, "requestMidasPaymentGameItem&"),
            "made with the session_key",
        ),
        (String::new(), "[it is empty]"),
        ("00".to_owned(), "none of the common mistakes"),
    ];
    for (wrong, hint) in pay_sigs {
        let refused = item(&sandbox, &with(good.clone(), "paySig", wrong));
        assert_eq!(refused["errCode"], -15014, "{hint}");
        let words = refused["errMsg"].as_str().expect("words");
        assert!(words.contains(hint), "{hint}: {words}");
        assert!(!words.contains(SANDBOX_APP_KEY) && !words.contains(SESSION_KEY));
    }
    let signatures = [
        (named(SANDBOX_APP_KEY, ""), "made with an app key"),
        (
            named(SESSION_KEY, "requestMidasPaymentGameItem&"),
            "covers the body only",
        ),
        (upper, "the hex is upper case"),
    ];
    for (wrong, hint) in signatures {
        let refused = item(&sandbox, &with(good.clone(), "signature", wrong));
        assert_eq!(refused["errCode"], -15012, "{hint}");
        let words = refused["errMsg"].as_str().expect("words");
        assert!(words.contains(hint), "{hint}: {words}");
    }
    let swapped = with(
        with(good.clone(), "paySig", signature),
        "signature",
        pay_sig,
    );
    assert_eq!(code(&sandbox, &swapped), -15012);
    assert_eq!(code(&sandbox, &good), 0);
}

#[test]
fn an_earlier_session_key_is_told_and_an_ended_session_is_15015() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    sandbox.set_session(OPENID, "a new key").expect("a session");
    let refused = item(&sandbox, &signed(json!({})));
    assert_eq!(refused["errCode"], -15012);
    let words = refused["errMsg"].as_str().expect("words");
    assert!(words.contains("an earlier session_key"), "{words}");
    sandbox.expire_session(OPENID).expect("a session");
    assert_eq!(code(&sandbox, &signed(json!({}))), -15015);
    let stranger = with(signed(json!({})), "openid", "oStranger");
    assert_eq!(code(&sandbox, &stranger), -15015);
}

#[test]
fn the_order_of_the_two_signatures_is_a_matter_of_config() {
    let both_wrong = with(with(signed(json!({})), "paySig", "0"), "signature", "0");
    for (first_signature, expected) in [
        (FirstSignature::Signature, -15012),
        (FirstSignature::PaySig, -15014),
    ] {
        let sandbox = start(Rules {
            first_signature,
            ..Rules::default()
        });
        Client::new(&sandbox, Env::Sandbox);
        assert_eq!(code(&sandbox, &both_wrong), expected);
    }
}

#[test]
fn every_field_has_its_rule() {
    let sandbox = start(Rules {
        apps: vec![wxgame_sandbox::App {
            zones: vec!["1".to_owned()],
            ..wxgame_sandbox::App::default()
        }],
        ..Rules::default()
    });
    Client::new(&sandbox, Env::Sandbox);
    let cases = [
        (json!({ "mode": null }), -15001, "mode"),
        (json!({ "offerId": null }), -15001, "offerId"),
        (json!({ "buyQuantity": null }), -15001, "buyQuantity"),
        (json!({ "currencyType": null }), -15001, "currencyType"),
        (json!({ "productId": null }), -15001, "productId"),
        (json!({ "goodsPrice": null }), -15001, "goodsPrice"),
        (json!({ "outTradeNo": null }), -15001, "outTradeNo"),
        (json!({ "buyQuantity": "2" }), -15011, "buyQuantity"),
        (json!({ "buyQuantity": 1.5 }), -15011, "buyQuantity"),
        (json!({ "env": "1" }), -15011, "env"),
        (json!({ "goodsPrice": "600" }), -15011, "goodsPrice"),
        (json!({ "zoneId": 1 }), -15011, "zoneId"),
        (json!({ "attach": {} }), -15011, "attach"),
        (json!({ "mode": "game" }), -15002, "mode"),
        (json!({ "offerId": "1" }), -15002, "offerId"),
        (json!({ "buyQuantity": 0 }), -15002, "buyQuantity"),
        (json!({ "env": 2 }), -15002, "env"),
        (json!({ "currencyType": "USD" }), -15006, "currencyType"),
        (json!({ "platform": "amiga" }), -15002, "platform"),
        (json!({ "zoneId": "2" }), 1001, "zoneId"),
        (json!({ "productId": "" }), -15002, "productId"),
        (json!({ "goodsPrice": 0 }), -15002, "goodsPrice"),
        (json!({ "outTradeNo": "" }), -15002, "outTradeNo"),
        (json!({ "outTradeNo": "_t" }), -15002, "outTradeNo"),
        (json!({ "outTradeNo": "a b" }), -15002, "outTradeNo"),
        (
            json!({ "outTradeNo": "t".repeat(33) }),
            -15002,
            "outTradeNo",
        ),
    ];
    for (changes, expected, field) in cases {
        let refused = item(&sandbox, &signed(changes.clone()));
        let shown = (&refused["errCode"], &refused["field"]);
        assert_eq!(
            shown,
            (&json!(expected), &json!(field)),
            "{changes}: {refused}"
        );
        let words = refused["errMsg"].as_str().expect("words");
        assert!(words.starts_with(&format!(
            "requestMidasPaymentGameItem:fail [{field}] {field} "
        )));
    }
    for text in ["", "[]", "{", "null"] {
        let refused = item(&sandbox, &strings(text, SANDBOX_APP_KEY, SESSION_KEY));
        assert_eq!(
            (&refused["errCode"], &refused["field"]),
            (&json!(-15011), &json!("signData"))
        );
    }
    let widest = format!("Az09_-|*@{}", "t".repeat(23));
    let fine = json!({ "outTradeNo": widest, "zoneId": "1_role", "unknown": [1] });
    assert_eq!(code(&sandbox, &signed(fine)), 0);
}

#[test]
fn a_number_is_used_once() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    let unpaid = with(signed(json!({})), "state", "unpaid");
    assert_eq!(code(&sandbox, &unpaid), 0);
    // The same number with another order is refused, paid or not.
    assert_eq!(code(&sandbox, &signed(json!({ "goodsPrice": 1 }))), -15003);
    sandbox
        .set_session("oOther", SESSION_KEY)
        .expect("a session");
    let other = with(signed(json!({})), "openid", "oOther");
    assert_eq!(code(&sandbox, &other), -15003);
    assert_eq!(code(&sandbox, &signed(json!({}))), 0);
    let repeated = item(&sandbox, &signed(json!({})));
    assert_eq!(repeated["errCode"], -15003);
    assert_eq!(repeated["field"], "outTradeNo");
    assert_eq!(code(&sandbox, &unpaid), -15003);

    // Coins and items share their numbers.
    let coins = (OPENID, "1");
    let bought = sandbox.buy(Env::Sandbox, "t-1", coins, 1, PurchaseState::Paid);
    assert_eq!(bought.expect_err("an item's number").field, "out_trade_no");
    let bought = sandbox.buy(Env::Sandbox, "t-2", coins, 1, PurchaseState::Unpaid);
    bought.expect("a free number");
    assert_eq!(
        code(&sandbox, &signed(json!({ "outTradeNo": "t-2" }))),
        -15003
    );
}

#[test]
fn a_price_that_differs_is_refused_once_products_are_published() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    let unknown = signed(json!({ "outTradeNo": "t-0" }));
    assert_eq!(code(&sandbox, &unknown), 0);
    let product = json!({ "product_id": "sword", "price": 500 });
    assert_eq!(
        post(&sandbox, "/sandbox/product", &product),
        json!({ "ok": true })
    );
    let refused = item(&sandbox, &signed(json!({})));
    assert_eq!(
        (&refused["errCode"], &refused["field"]),
        (&json!(-15016), &json!("goodsPrice"))
    );
    assert_eq!(
        code(&sandbox, &signed(json!({ "productId": "shield" }))),
        3017
    );
    assert_eq!(code(&sandbox, &signed(json!({ "goodsPrice": 500 }))), 0);
    sandbox.reset();
    Client::new(&sandbox, Env::Sandbox);
    assert_eq!(code(&sandbox, &signed(json!({}))), 0);
}

#[test]
fn what_is_no_part_of_wechat_is_400_and_names_the_field() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    let good = signed(json!({}));
    let mut no_signature = good.clone();
    no_signature
        .as_object_mut()
        .expect("an object")
        .remove("signature");
    let cases = [
        ("item", no_signature, "signature"),
        ("item", with(good.clone(), "openid", ""), "openid"),
        ("item", with(good.clone(), "appid", "wxNone"), "appid"),
        ("item", with(good.clone(), "state", "delivered"), "state"),
        ("item", with(good.clone(), "state", "x"), "state"),
        (
            "product",
            json!({ "product_id": "", "price": 1 }),
            "product_id",
        ),
        ("product", json!({ "product_id": "a", "price": 0 }), "price"),
        ("product", json!({ "product_id": "a" }), "price"),
        (
            "refund",
            json!({ "out_trade_no": "t", "refund_amount": 1 }),
            "out_trade_no",
        ),
        (
            "refund",
            json!({ "out_trade_no": "t", "refund_amount": 0 }),
            "refund_amount",
        ),
        (
            "refund",
            json!({ "out_trade_no": "t", "refund_amount": 1, "refund_source": 4 }),
            "refund_source",
        ),
    ];
    for (name, body, field) in cases {
        let target = format!("/sandbox/{name}");
        let wire = exchange(&sandbox, "POST", &target, body.to_string().as_bytes());
        assert_eq!(wire.status(), 400, "{name} {body}");
        let answer = wire.json();
        assert_eq!(answer["field"], field, "{name} {body}: {answer}");
        assert!(answer["error"].is_string() && answer["ok"] == false);
    }
    assert_eq!(
        exchange(&sandbox, "GET", "/sandbox/item", b"").status(),
        405
    );
}

#[test]
fn money_is_given_back_up_to_what_was_paid() {
    let sandbox = start(Rules::default());
    Client::new(&sandbox, Env::Sandbox);
    let refund = |number: &str, amount: i64| {
        sandbox
            .refund_money(Env::Sandbox, number, amount, 2)
            .map_err(|trouble| trouble.field)
    };
    assert_eq!(
        code(&sandbox, &with(signed(json!({})), "state", "unpaid")),
        0
    );
    assert_eq!(refund("t-1", 1), Err("out_trade_no".to_owned()));
    assert_eq!(code(&sandbox, &signed(json!({}))), 0);
    let one = refund("t-1", 1_000).expect("2 x 600 were paid");
    let two = refund("t-1", 200).expect("200 are left");
    assert_ne!(one, two);
    assert_eq!(refund("t-1", 1), Err("refund_amount".to_owned()));
    // A coin costs 10 fen.
    let bought = sandbox.buy(
        Env::Sandbox,
        "t-2",
        (OPENID, "1"),
        3,
        PurchaseState::Delivered,
    );
    bought.expect("a free number");
    assert_eq!(refund("t-2", 31), Err("refund_amount".to_owned()));
    refund("t-2", 30).expect("30 were paid");
    let ledger = get(&sandbox, "/sandbox/ledger");
    assert_eq!(ledger["items"][0]["refunded"], 1_200);
    assert_eq!(ledger["purchases"][0]["refunded"], 30);
}
