//! What a push says, how it is signed and sealed, and what a forger's looks like.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::endpoint::{Endpoint, Received, failure, pay_event_sig_fits, payload_of, success};
use common::{APP_KEY, Game, OPENID, SANDBOX_APP_KEY, exchange, post, start};
use libaes::Cipher;
use ring::digest;
use serde_json::{Value, json};
use wxgame_sandbox::sign::{self, Key};
use wxgame_sandbox::{Env, ItemCall, PurchaseState, PushState, Rules, Sandbox};

const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// A sandbox whose pushes go to an endpoint that answers each with success.
fn pushing(changes: Value) -> (Sandbox, Endpoint) {
    let (sandbox, endpoint) = (start(Rules::default()), Endpoint::new(&[success()]));
    let config = endpoint.config(changes);
    sandbox
        .configure_pushes_json(&config)
        .expect("a good config");
    (sandbox, endpoint)
}

fn push(sandbox: &Sandbox, wish: Value) {
    sandbox.push_json(&wish.to_string()).expect("a good push");
}

/// One push as the endpoint gets it.
fn pushed(changes: Value, wish: Value) -> Received {
    let (sandbox, endpoint) = pushing(changes);
    push(&sandbox, wish);
    endpoint.wait_for(1).remove(0)
}

/// The player buys an item for 2 x 600 fen.
fn buy_item(sandbox: &Sandbox, out_trade_no: &str) {
    let session_key = "V7Q38/i2KXaqrQyl2Yx9Hg==";
    sandbox.set_session(OPENID, session_key).expect("a session");
    let sign_data = json!({
        "mode": "goods", "offerId": "12345678", "buyQuantity": 2, "env": 1, "currencyType": "CNY",
        "productId": "sword", "goodsPrice": 600, "outTradeNo": out_trade_no, "attach": "]]>钻石",
    });
    let sign_data = sign_data.to_string();
    let call = ItemCall {
        openid: OPENID,
        sign_data: &sign_data,
        pay_sig: &sign::pay_sig(sign::ITEM_CALL, &sign_data, &Key::new(SANDBOX_APP_KEY)),
        signature: &sign::signature(&sign_data, &Key::new(session_key)),
    };
    let done = sandbox.order_item(&call, PurchaseState::Paid);
    done.expect("a good wish").expect("a good order");
}

/// SHA-1 over the sorted parts, not the sandbox's own.
fn sha1(parts: &[&str]) -> String {
    let mut parts: Vec<String> = parts.iter().map(|part| part.to_string()).collect();
    parts.sort();
    let digest = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, parts.join("").as_bytes());
    digest.as_ref().iter().map(|b| format!("{b:02x}")).collect()
}

fn signature_fits(push: &Received, token: &str) -> bool {
    let parts = [token, push.query("timestamp"), push.query("nonce")];
    push.query("signature") == sha1(&parts)
}

fn msg_signature_fits(push: &Received, encrypt: &str, token: &str) -> bool {
    let parts = [token, push.query("timestamp"), push.query("nonce"), encrypt];
    push.query("msg_signature") == sha1(&parts)
}

/// What was sealed, as it stands in the clear.
struct Opened {
    message: String,
    appid: String,
    padding: Vec<u8>,
}

fn open(encrypt: &str) -> Opened {
    // The last character of the key carries spare bits, so it is read as if they were none.
    let key = STANDARD
        .decode(format!("{}E=", &AES_KEY[..42]))
        .expect("base64");
    let key: [u8; 32] = key.try_into().expect("32 bytes");
    let mut cipher = Cipher::new_256(&key);
    cipher.set_auto_padding(false);
    let sealed = STANDARD.decode(encrypt).expect("base64");
    assert_eq!(sealed.len() % 32, 0);
    let plain = cipher.cbc_decrypt(&key[..16], &sealed);
    let length = u32::from_be_bytes(plain[16..20].try_into().expect("4 bytes")) as usize;
    let (message, rest) = plain[20..].split_at(length);
    let appid = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    Opened {
        message: String::from_utf8(message.to_vec()).expect("UTF-8"),
        appid: String::from_utf8(rest[..appid].to_vec()).expect("UTF-8"),
        padding: rest[appid..].to_vec(),
    }
}

#[test]
fn a_paid_item_is_pushed_and_delivered_once_it_is_answered_with_success() {
    let (sandbox, endpoint) = pushing(json!({ "retry_factor": 0.0 }));
    let game = Game::new(&sandbox, Env::Sandbox);
    sandbox.hold_pushes();
    buy_item(&sandbox, "t-1");
    assert_eq!(game.query("t-1", 2)["deliver_state"], 1);
    sandbox.release_pushes(false);
    let push = endpoint.wait_for(1).remove(0);
    assert!(signature_fits(&push, "AAAAA"));
    assert_eq!(push.content_type, "application/json");
    assert_eq!(push.query("msg_signature"), "");
    let message = push.json();
    assert_eq!(message["Event"], "minigame_game_pay_goods_deliver_notify");
    assert_eq!(message["MsgType"], "event");
    assert_eq!(message["ToUserName"], "gh_sandbox");
    assert_eq!(message["MiniGame"]["IsMock"], false);
    assert!(pay_event_sig_fits(&message, SANDBOX_APP_KEY));
    assert_eq!(
        push.payload(),
        json!({
            "OpenId": OPENID, "Env": 1, "OutTradeNo": "t-1",
            "GoodsInfo": {
                "ProductId": "sword", "Quantity": 2, "ZoneId": "1", "OrigPrice": 1200, "ActualPrice": 1200,
                "Attach": "]]>钻石", "OrderSource": 1,
            },
            "WeChatPayInfo": { "MchOrderNo": "mch-t-1", "TransactionId": "wx-t-1" },
        })
    );
    common::eventually("delivered", || game.query("t-1", 2)["deliver_state"] == 2);
}

#[test]
fn only_a_real_push_answered_with_success_delivers_an_item() {
    let (sandbox, endpoint) = pushing(json!({ "retry_factor": 0 }));
    endpoint.reply_from_now_on(failure());
    let game = Game::new(&sandbox, Env::Sandbox);
    buy_item(&sandbox, "t-1");
    let first = || sandbox.pushes().pushes[0].state;
    common::eventually("the end", || first() == PushState::GivenUp);
    assert_eq!(game.query("t-1", 2)["deliver_state"], 1);
    endpoint.reply_from_now_on(success());
    let of = |extra: Value| {
        let mut wish = json!({ "event": "goods", "env": "sandbox", "out_trade_no": "t-1" });
        let fields = wish.as_object_mut().expect("an object");
        fields.extend(extra.as_object().expect("an object").clone());
        wish
    };
    push(&sandbox, of(json!({ "mock": true })));
    push(&sandbox, of(json!({ "forge": "pay_event_sig" })));
    let delivered = || {
        let pushes = sandbox.pushes().pushes;
        let done = pushes
            .iter()
            .filter(|push| push.state == PushState::Delivered);
        done.count()
    };
    common::eventually("two answers", || delivered() == 2);
    assert_eq!(game.query("t-1", 2)["deliver_state"], 1);
    push(&sandbox, of(json!({})));
    common::eventually("delivered", || game.query("t-1", 2)["deliver_state"] == 2);
    // What a test pushes about a known order says what the order says.
    let payloads: Vec<Value> = endpoint.received().iter().map(Received::payload).collect();
    assert!(payloads.iter().all(|payload| *payload == payloads[0]));
}

#[test]
fn safe_mode_seals_json_and_xml() {
    for format in ["json", "xml"] {
        let (sandbox, endpoint) = pushing(json!({ "aes_key": AES_KEY }));
        push(
            &sandbox,
            json!({ "event": "goods", "format": format, "fields": { "OpenId": "o]]>钻" } }),
        );
        let push = endpoint.wait_for(1).remove(0);
        assert_eq!(push.query("encrypt_type"), "aes");
        assert!(signature_fits(&push, "AAAAA"));
        let encrypt = match format {
            "json" => push.json()["Encrypt"].as_str().expect("a text").to_owned(),
            _ => between(&push.body, "<Encrypt><![CDATA[", "]]></Encrypt>"),
        };
        assert!(msg_signature_fits(&push, &encrypt, "AAAAA"));
        let opened = open(&encrypt);
        assert_eq!(opened.appid, "wx1234567");
        let padding = opened.padding.len();
        assert!((1..=32).contains(&padding));
        assert!(
            opened
                .padding
                .iter()
                .all(|byte| usize::from(*byte) == padding)
        );
        if format == "json" {
            let message: Value = serde_json::from_str(&opened.message).expect("JSON");
            assert!(pay_event_sig_fits(&message, APP_KEY));
            assert_eq!(payload_of(&message)["OpenId"], "o]]>钻");
        } else {
            assert_eq!(push.content_type, "text/xml");
            assert!(opened.message.starts_with("<xml><CreateTime>"));
            let text = opened.message.replace("]]]]><![CDATA[>", "]]>");
            let payload = between(&text, "<Payload><![CDATA[", "]]></Payload>");
            let signed = format!("minigame_game_pay_goods_deliver_notify&{payload}");
            let signature = between(&text, "<PayEventSig><![CDATA[", "]]></PayEventSig>");
            assert_eq!(signature, Key::new(APP_KEY).sign(&signed));
            assert!(payload.contains("o]]>钻"));
        }
    }
}

fn between(text: &str, before: &str, after: &str) -> String {
    let (_, rest) = text
        .split_once(before)
        .unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).expect("an end").0.to_owned()
}

#[test]
fn each_attempt_is_signed_and_sealed_anew() {
    let (sandbox, endpoint) = pushing(json!({ "aes_key": AES_KEY }));
    push(&sandbox, json!({ "event": "coin", "repeat": 2 }));
    let [one, two] = <[Received; 2]>::try_from(endpoint.wait_for(2)).expect("two");
    assert_ne!(one.query("nonce"), two.query("nonce"));
    let encrypts = [&one, &two].map(|push| push.json()["Encrypt"].as_str().map(str::to_owned));
    assert_ne!(encrypts[0], encrypts[1]);
    let [first, second] = encrypts.map(|encrypt| open(&encrypt.expect("a text")).message);
    assert_eq!(first, second);
}

#[test]
fn a_place_for_pushes_can_have_a_name_and_a_query_of_its_own() {
    let (sandbox, endpoint) = (start(Rules::default()), Endpoint::new(&[success()]));
    let url = format!("{}?a=b", endpoint.url.replace("127.0.0.1", "localhost"));
    let config = endpoint.config(json!({ "url": url }));
    sandbox
        .configure_pushes_json(&config)
        .expect("a good config");
    push(&sandbox, json!({ "event": "gift", "openid": "o-1" }));
    let push = endpoint.wait_for(1).remove(0);
    assert!(push.target.starts_with("/push?a=b&signature="), "{push:?}");
    assert_eq!(push.query("openid"), "o-1");
    assert!(signature_fits(&push, "AAAAA"));
}

#[test]
fn every_forgery_is_wrong_in_its_own_way_and_in_no_other() {
    for forge in [
        "none",
        "pay_event_sig",
        "signature",
        "env",
        "appid",
        "padding",
        "plain",
    ] {
        let mut wish = json!({ "event": "goods", "env": "sandbox" });
        if forge != "none" {
            wish["forge"] = forge.into();
        }
        let push = pushed(json!({ "aes_key": AES_KEY }), wish);
        let outer = push.json();
        let encrypt = outer["Encrypt"].as_str();
        assert_eq!(encrypt.is_none(), forge == "plain", "{forge}");
        assert_eq!(
            push.query("msg_signature").is_empty(),
            forge == "plain",
            "{forge}"
        );
        assert_eq!(
            signature_fits(&push, "AAAAA"),
            forge != "signature",
            "{forge}"
        );
        let message = match encrypt {
            None => outer,
            Some(encrypt) => {
                let fits = msg_signature_fits(&push, encrypt, "AAAAA");
                assert_eq!(fits, forge != "signature", "{forge}");
                let opened = open(encrypt);
                assert_eq!(opened.appid == "wx1234567", forge != "appid", "{forge}");
                let length = opened.padding.len();
                let padded = opened
                    .padding
                    .iter()
                    .all(|byte| usize::from(*byte) == length);
                assert_eq!(padded, forge != "padding", "{forge}");
                serde_json::from_str(&opened.message).expect("JSON")
            }
        };
        let is_env = |key: &str, env: i64| {
            pay_event_sig_fits(&message, key) && payload_of(&message)["Env"] == env
        };
        let right = is_env(SANDBOX_APP_KEY, 1) || is_env(APP_KEY, 0);
        assert_eq!(right, !["pay_event_sig", "env"].contains(&forge), "{forge}");
        assert_eq!(is_env(SANDBOX_APP_KEY, 0), forge == "env", "{forge}");
    }
    let plain = pushed(json!({}), json!({ "event": "goods", "forge": "signature" }));
    assert!(!signature_fits(&plain, "AAAAA"));
    assert!(pay_event_sig_fits(&plain.json(), APP_KEY));
}

#[test]
fn bought_coins_and_refunds_are_pushed() {
    let (sandbox, endpoint) = pushing(json!({}));
    let purse = (OPENID, "2");
    for state in [
        PurchaseState::Paid,
        PurchaseState::Delivered,
        PurchaseState::Delivered,
    ] {
        let bought = sandbox.buy(Env::Production, "t-1", purse, 60, state);
        bought.expect("a free number");
    }
    let refund = json!({ "out_trade_no": "t-1", "refund_amount": 100, "refund_source": 1 });
    let refunded = post(&sandbox, "/sandbox/refund", &refund);
    let pushes = endpoint.wait_for(2);
    let [coin, refund] = [&pushes[0], &pushes[1]];
    assert_eq!(coin.json()["Event"], "minigame_coin_deliver_completed");
    assert_eq!(coin.json()["FromUserName"], OPENID);
    assert_eq!(coin.query("openid"), OPENID);
    assert_eq!(
        coin.payload(),
        json!({
            "OpenId": OPENID, "OutTradeNo": "t-1", "Env": 0,
            "CoinInfo": { "ZoneId": "2", "BuyQuantity": 60, "OrigPrice": 600, "ActualPrice": 600 },
            "WeChatPayInfo": { "MchOrderNo": "mch-t-1", "TransactionId": "wx-t-1" },
        })
    );
    assert_eq!(refund.json()["Event"], "minigame_pay_refund_succ_notify");
    assert!(pay_event_sig_fits(&refund.json(), APP_KEY));
    assert_eq!(
        refund.payload(),
        json!({
            "RefundId": refunded["refund_id"], "RefundAmount": 100, "RefundSource": 1, "Env": 0,
            "OutTradeNo": "t-1",
            "WeChatPayInfo": { "MchOrderNo": "mch-t-1", "TransactionId": "wx-t-1" },
        })
    );
}

#[test]
fn the_other_events_have_their_names_and_fields() {
    let mall = pushed(json!({}), json!({ "event": "h5_goods" }));
    assert_eq!(mall.json()["Event"], "minigame_h5_goods_deliver_notify");
    assert_eq!(mall.payload()["GoodsInfo"]["OrderSource"], 2);

    let recharge = pushed(json!({}), json!({ "event": "recharge_centre_coin" }));
    let event = "minigame_recharge_center_coin_deliver_completed";
    assert_eq!(recharge.json()["Event"], event);
    assert_eq!(recharge.payload()["CoinInfo"].get("ZoneId"), None);

    let mock = pushed(json!({}), json!({ "event": "refund", "mock": true }));
    assert_eq!(mock.json()["MiniGame"]["IsMock"], true);
    assert!(pay_event_sig_fits(&mock.json(), APP_KEY));

    let gift = pushed(
        json!({}),
        json!({ "event": "gift", "out_trade_no": "g-1", "openid": "o1" }),
    );
    let own = &gift.json()["MiniGame"];
    assert_eq!(
        (&own["OrderId"], &own["ToUserOpenid"]),
        (&json!("g-1"), &json!("o1"))
    );
    assert_eq!(own["GoodsList"], json!([{ "Id": "item_1", "Num": 1 }]));
    assert!(own.get("Payload").is_none() && own.get("PayEventSig").is_none());

    let xml = pushed(json!({ "format": "xml" }), json!({ "event": "gift" }));
    let list = "<GoodsList><Id><![CDATA[item_1]]></Id><Num>1</Num></GoodsList>";
    assert!(
        xml.body.starts_with("<xml>") && xml.body.contains(list),
        "{}",
        xml.body
    );
    // Deliveries of items are JSON, whatever the others are.
    let goods = pushed(json!({ "format": "xml" }), json!({ "event": "goods" }));
    assert!(pay_event_sig_fits(&goods.json(), APP_KEY));

    let raw = json!({ "event": "raw", "body": "{\"a\":1,\"a\":2" });
    assert_eq!(pushed(json!({}), raw.clone()).body, "{\"a\":1,\"a\":2");
    let sealed = pushed(json!({ "aes_key": AES_KEY }), raw);
    let encrypt = sealed.json()["Encrypt"]
        .as_str()
        .expect("a text")
        .to_owned();
    assert_eq!(open(&encrypt).message, "{\"a\":1,\"a\":2");
}

#[test]
fn a_test_can_change_every_field_and_the_signature_follows() {
    let wish = json!({
        "event": "coin",
        "fields": { "CoinInfo": { "ActualPrice": null, "TotalPrice": 7 }, "WeChatPayInfo": null },
        "message": { "Event": "minigame_other", "FromUserName": null, "MiniGame": { "IsMock": null } },
    });
    let push = pushed(json!({}), wish);
    let message = push.json();
    assert_eq!(message["Event"], "minigame_other");
    assert!(message.get("FromUserName").is_none());
    assert!(message["MiniGame"].get("IsMock").is_none());
    assert!(push.payload().get("WeChatPayInfo").is_none());
    let coins = &push.payload()["CoinInfo"];
    assert_eq!(
        (coins.get("ActualPrice"), &coins["TotalPrice"]),
        (None, &json!(7))
    );
    assert!(pay_event_sig_fits(&message, APP_KEY));

    let no_json = json!({ "event": "goods", "message": { "MiniGame": { "Payload": "{no JSON" } } });
    let message = pushed(json!({}), no_json).json();
    assert_eq!(message["MiniGame"]["Payload"], "{no JSON");
    assert!(pay_event_sig_fits(&message, APP_KEY));

    let own = json!({ "event": "goods", "message": { "MiniGame": { "PayEventSig": "f7" } } });
    assert_eq!(
        pushed(json!({}), own).json()["MiniGame"]["PayEventSig"],
        "f7"
    );
}

#[test]
fn what_cannot_be_pushed_is_400_and_names_the_field() {
    let sandbox = start(Rules::default());
    let refused = |name: &str, body: &Value| {
        let target = format!("/sandbox/{name}");
        let wire = exchange(&sandbox, "POST", &target, body.to_string().as_bytes());
        assert_eq!(wire.status(), 400, "{name} {body}");
        wire.json()["field"].as_str().expect("a field").to_owned()
    };
    let url = "http://127.0.0.1:1/push";
    for (config, field) in [
        (json!({}), "url"),
        (json!({ "url": "127.0.0.1:1", "token": "t" }), "url"),
        (
            json!({ "url": "https://127.0.0.1:1/", "token": "t" }),
            "url",
        ),
        (json!({ "url": "http://192.0.2.1/", "token": "t" }), "url"),
        (json!({ "url": "http://a@127.0.0.1/", "token": "t" }), "url"),
        (json!({ "url": url }), "token"),
        (
            json!({ "url": url, "token": "t", "aes_key": "short" }),
            "aes_key",
        ),
        (
            json!({ "url": url, "token": "t", "format": "yaml" }),
            "format",
        ),
        (
            json!({ "url": url, "token": "t", "retry_factor": 2 }),
            "retry_factor",
        ),
        (
            json!({ "url": url, "token": "t", "timeout_ms": 0 }),
            "timeout_ms",
        ),
        (
            json!({ "url": url, "token": "t", "appid": "wxNone" }),
            "appid",
        ),
    ] {
        assert_eq!(refused("push/config", &config), field, "{config}");
    }
    assert_eq!(refused("push", &json!({ "event": "goods" })), "");
    for url in ["http://localhost:1", "http://[::1]:1/a?b=c", url] {
        let config = json!({ "url": url, "token": "t" });
        assert_eq!(
            post(&sandbox, "/sandbox/push/config", &config),
            json!({ "ok": true })
        );
    }
    for (wish, field) in [
        (json!({}), "event"),
        (json!({ "event": "birthday" }), "event"),
        (json!({ "event": "goods", "openid": "" }), "openid"),
        (
            json!({ "event": "goods", "out_trade_no": "a b" }),
            "out_trade_no",
        ),
        (json!({ "event": "goods", "body": "x" }), "body"),
        (json!({ "event": "raw" }), "body"),
        (
            json!({ "event": "raw", "body": "", "fields": { "a": 1 } }),
            "fields",
        ),
        (json!({ "event": "gift", "mock": true }), "mock"),
        (json!({ "event": "gift", "forge": "env" }), "forge"),
        (json!({ "event": "goods", "forge": "appid" }), "forge"),
        (json!({ "event": "goods", "forge": "plain" }), "forge"),
        (json!({ "event": "goods", "repeat": 0 }), "repeat"),
        (json!({ "event": "goods", "delay_ms": -1 }), "delay_ms"),
    ] {
        assert_eq!(refused("push", &wish), field, "{wish}");
    }
    assert_eq!(
        refused("push/release", &json!({ "order": "random" })),
        "order"
    );
    assert!(sandbox.pushes().pushes.is_empty());
}
