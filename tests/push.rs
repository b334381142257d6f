//! Message pushes: who is believed, what comes out, what goes back, and that nothing bad gets in.

#[path = "push/craft.rs"]
mod craft;
#[path = "push/mutation.rs"]
mod mutation;
#[path = "push/samples.rs"]
mod samples;
#[path = "push/vectors.rs"]
mod vectors;

use craft::{Push, json_event, pay_event_sig, plain, safe, xml_event};
use samples::{COINS, GIFT, GIFT_XML, GOODS, MALL_GOODS, RECHARGE_CENTRE_COINS, REFUND, good};
use wxgame::api::Environment;
use wxgame::api::push::{
    Event, Format, GiftGoods, Received, Receiver, RefusalReason, Verdict, What, receive, reread,
};
use wxgame::sign::push::AesKey;
use wxgame::sign::{AppKey, Secret};

/// The sandbox's AppKey.
const OTHER_APP_KEY: &str = "54321";

/// What a receiver of production makes of a push, in safe mode or plain.
fn received(push: &Push, is_safe: bool) -> Received {
    let app_key = AppKey::new(craft::APP_KEY).expect("a usable key");
    let token = Secret::new(craft::TOKEN);
    let aes_key = AesKey::new(craft::AES_KEY).expect("a good key");
    let receiver = Receiver {
        appid: craft::APPID,
        environment: Environment::Production,
        app_key: &app_key,
        token: &token,
        aes_key: is_safe.then_some(&aes_key),
    };
    receive(&receiver, &push.query, &push.body)
}

fn event(push: &Push, is_safe: bool) -> Event {
    match received(push, is_safe).what {
        What::Event(event) => event,
        other => panic!("{other:?}"),
    }
}

/// Why a push is refused, which must be told without a byte of it.
fn refused(push: &Push, is_safe: bool) -> (RefusalReason, String) {
    let What::Refused(refusal) = received(push, is_safe).what else {
        panic!("{} was taken", String::from_utf8_lossy(&push.body));
    };
    for secret in [
        craft::APP_KEY,
        craft::TOKEN,
        craft::AES_KEY,
        "to_user_openid",
        "SECRET",
    ] {
        assert!(!refusal.why.contains(secret), "{}", refusal.why);
    }
    (refusal.reason, refusal.why)
}

/// A push of goods whose payload is changed by hand and then signed.
fn goods_with(from: &str, to: &str) -> Push {
    let (name, payload) = GOODS;
    let changed = payload.replacen(from, to, 1);
    assert_ne!(changed, payload, "{from} is in the payload");
    plain(&good(json_event, name, &changed))
}

#[test]
fn the_url_is_set_up_by_its_echo() {
    for is_safe in [true, false] {
        let push = Push {
            query: format!("?{}&echostr=4375%2b1+2%3C", plain("").query),
            body: Vec::new(),
        };
        let got = received(&push, is_safe);
        assert_eq!(got.what, What::Echo("4375+1 2<".into()));
        let answer = got.answer(Verdict::Success);
        assert_eq!((answer.status, answer.body.as_str()), (200, "4375+1 2<"));
        assert_eq!(answer.content_type, "text/plain; charset=utf-8");

        let forged = Push {
            query: push.query.replace("nonce=4", "nonce=5"),
            body: Vec::new(),
        };
        assert_eq!(refused(&forged, is_safe).0, RefusalReason::Signature);
        assert_eq!(refused(&plain(""), is_safe).0, RefusalReason::Malformed);
    }
}

#[test]
fn goods_are_typed_in_both_modes_and_both_forms() {
    for envelope in [json_event, xml_event] {
        let message = good(envelope, GOODS.0, GOODS.1);
        for (push, is_safe) in [(plain(&message), false), (safe(&message), true)] {
            let event = event(&push, is_safe);
            assert_eq!((event.name(), event.payload()), GOODS);
            let Event::Goods(goods) = event else {
                panic!("goods")
            };
            assert_eq!(
                (goods.openid.as_str(), goods.out_trade_no.as_str()),
                ("to_user_openid", "1_1_test")
            );
            assert_eq!((goods.env, goods.mall), (Environment::Production, false));
            assert_eq!(
                (goods.product_id.as_str(), goods.quantity),
                ("test_product_id", 10)
            );
            assert_eq!((goods.orig_price, goods.actual_price), (100, 90));
            assert_eq!(
                (goods.zone_id.as_str(), goods.attach.as_str()),
                ("1", "test_attach")
            );
            assert_eq!(goods.order_source, Some(1));
            assert_eq!((goods.mch_order_no, goods.transaction_id), (None, None));
        }
    }
}

#[test]
fn the_mall_is_known_by_both_its_names() {
    for name in [MALL_GOODS.0, "minigame_deliver_h5_pay_products"] {
        for envelope in [json_event, xml_event] {
            let Event::Goods(goods) = event(&plain(&good(envelope, name, MALL_GOODS.1)), false)
            else {
                panic!("goods")
            };
            assert!(goods.mall && goods.attach.is_empty() && goods.order_source.is_none());
            assert_eq!(goods.product_id, "p&<钻石>");
            assert_eq!(goods.mch_order_no.as_deref(), Some("example_mch_order_no"));
            assert_eq!(
                goods.transaction_id.as_deref(),
                Some("example_transaction_id")
            );
        }
    }
}

#[test]
fn coins_are_typed_by_the_table_and_by_the_samples() {
    for ((name, payload), zone_id, recharge_centre) in
        [(COINS, "1", false), (RECHARGE_CENTRE_COINS, "", true)]
    {
        let Event::Coins(coins) = event(&plain(&good(xml_event, name, payload)), false) else {
            panic!("coins")
        };
        assert_eq!(
            (coins.zone_id.as_str(), coins.recharge_centre),
            (zone_id, recharge_centre)
        );
        assert_eq!(
            (coins.orig_price, coins.actual_price, coins.buy_quantity),
            (120, 100, 1)
        );
        assert_eq!(coins.transaction_id.is_none(), recharge_centre);
    }
}

#[test]
fn a_refund_needs_no_order_and_no_player() {
    let Event::Refund(refund) = event(&plain(&good(json_event, REFUND.0, REFUND.1)), false) else {
        panic!("a refund")
    };
    assert_eq!(
        (
            refund.refund_id.as_str(),
            refund.refund_amount,
            refund.refund_source
        ),
        ("refund_id", 100, 1)
    );
    assert_eq!((refund.out_trade_no, refund.openid), (None, None));

    let more = REFUND.1.replace(
        "{\"RefundId\"",
        "{\"OutTradeNo\":\"n1\",\"OpenId\":\"o1\",\"RefundId\"",
    );
    let Event::Refund(refund) = event(&plain(&good(json_event, REFUND.0, &more)), false) else {
        panic!("a refund")
    };
    assert_eq!(
        (refund.out_trade_no.as_deref(), refund.openid.as_deref()),
        (Some("n1"), Some("o1"))
    );
}

#[test]
fn gift_packs_are_taken_in_safe_mode_only() {
    for message in [GIFT, GIFT_XML] {
        let Event::Gift(gift) = event(&safe(message), true) else {
            panic!("a gift")
        };
        assert_eq!((gift.order_id.as_str(), gift.is_preview), ("r_123", true));
        assert_eq!(
            (gift.zone, gift.gift_type_id, gift.send_time),
            (1001, 1, 1_583_202_600)
        );
        assert_eq!(
            (gift.to_user_openid.as_str(), gift.gift_id.as_str()),
            ("to_user_openid", "gift_id_xxx")
        );
        let goods = [("id_100001", 3), ("7", 1)];
        let goods = goods.map(|(id, num)| GiftGoods { id: id.into(), num });
        assert_eq!(gift.goods, goods);
        assert_eq!(
            refused(&plain(message), false).0,
            RefusalReason::Unprotected
        );
    }
    for (from, to) in [
        ("\"Num\":3", "\"Num\":0"),
        ("\"Num\":3", "\"Num\":1.5"),
        ("\"r_123\"", "\"\""),
        ("\"OrderId\":\"r_123\",", ""),
        ("\"ToUserOpenid\":\"to_user_openid\"", "\"ToUserOpenid\":7"),
        (
            "[{\"Id\":\"id_100001\",\"Num\":3},{\"Id\":7,\"Num\":1}]",
            "[]",
        ),
        (
            "[{\"Id\":\"id_100001\",\"Num\":3},{\"Id\":7,\"Num\":1}]",
            "{}",
        ),
        ("\"IsPreview\":1", "\"IsPreview\":2"),
    ] {
        let changed = GIFT.replacen(from, to, 1);
        assert_ne!(changed, GIFT);
        assert_eq!(
            refused(&safe(&changed), true).0,
            RefusalReason::Malformed,
            "{to}"
        );
    }
}

#[test]
fn an_event_can_be_read_again_from_what_is_kept() {
    for (name, payload) in [GOODS, MALL_GOODS, COINS, RECHARGE_CENTRE_COINS, REFUND] {
        let event = event(&plain(&good(xml_event, name, payload)), false);
        assert_eq!((event.name(), event.payload()), (name, payload));
        assert_eq!(reread(event.name(), event.payload()), Some(event));
    }
    for message in [GIFT, GIFT_XML] {
        let event = event(&safe(message), true);
        assert_eq!(reread(event.name(), event.payload()), Some(event));
    }
    for (name, payload) in [
        ("", GOODS.1),
        ("debug_demo", "{}"),
        (GOODS.0, "{}"),
        (GOODS.0, ""),
        (REFUND.0, GOODS.1),
    ] {
        assert_eq!(reread(name, payload), None);
    }
}

#[test]
fn a_mock_is_never_an_event_and_its_types_are_checked() {
    for (envelope, mocks) in [
        (
            json_event as fn(&str, &str, &str, &str) -> String,
            [",\"IsMock\":true", ",\"IsMock\":1", ",\"IsMock\":\"true\""],
        ),
        (
            xml_event,
            [
                "<IsMock>true</IsMock>",
                "<IsMock>1</IsMock>",
                "<IsMock>True</IsMock>",
            ],
        ),
    ] {
        for mock in mocks {
            // Made for the other environment, and signed by nobody.
            let payload = GOODS.1.replace("\"Env\":0", "\"Env\":1");
            let message = envelope(GOODS.0, &payload, "f749", mock);
            for (push, is_safe) in [(plain(&message), false), (safe(&message), true)] {
                let got = received(&push, is_safe);
                assert!(matches!(&got.what, What::Mock(Event::Goods(_))), "{mock}");
                assert_eq!(got.answer(Verdict::Success).status, 200);
            }
            let message = envelope(GOODS.0, &payload.replace("10,", "0,"), "f749", mock);
            assert_eq!(refused(&plain(&message), false).0, RefusalReason::Malformed);
        }
    }
    let sig = pay_event_sig(craft::APP_KEY, GOODS.0, GOODS.1);
    let real = plain(&json_event(GOODS.0, GOODS.1, &sig, ",\"IsMock\":false"));
    assert!(matches!(event(&real, false), Event::Goods(_)));
    for odd in ["2", "\"\"", "\"yes\"", "[]", "0.0"] {
        let push = plain(&json_event(
            GOODS.0,
            GOODS.1,
            &sig,
            &format!(",\"IsMock\":{odd}"),
        ));
        assert_eq!(refused(&push, false).0, RefusalReason::Malformed, "{odd}");
    }
    let mock = GIFT.replace("\"OrderId\"", "\"IsMock\":true,\"OrderId\"");
    assert!(matches!(
        received(&safe(&mock), true).what,
        What::Mock(Event::Gift(_))
    ));
}

#[test]
fn what_is_not_of_payment_is_the_hosts_with_its_whole_text() {
    let message = "{\"MsgType\":\"event\",\"Event\":\"debug_demo\",\"debug_str\":\"hello world\"}";
    let text = "<xml><MsgType><![CDATA[text]]></MsgType><Content>hi</Content></xml>";
    for (message, msg_type, event) in [
        (message, "event", "debug_demo"),
        (text, "text", ""),
        ("{\"a\":1}", "", ""),
    ] {
        for (push, is_safe) in [(plain(message), false), (safe(message), true)] {
            let got = received(&push, is_safe);
            let other = What::Other {
                msg_type: msg_type.into(),
                event: event.into(),
                message: message.into(),
            };
            assert_eq!(got.what, other);
            let answer = got.answer(Verdict::Success);
            assert_eq!((answer.status, answer.body.as_str()), (200, "success"));
        }
    }
}

#[test]
fn a_signature_that_does_not_hold_or_is_missing_is_named() {
    let message = good(json_event, GOODS.0, GOODS.1);
    for (push, is_safe, names) in [
        (plain(&message), false, ["signature", "timestamp", "nonce"]),
        (
            safe(&message),
            true,
            ["msg_signature", "timestamp", "nonce"],
        ),
    ] {
        for name in names {
            let renamed = Push {
                query: push.query.replace(&format!("&{name}="), "&other="),
                body: push.body.clone(),
            };
            let renamed = Push {
                query: renamed
                    .query
                    .strip_prefix(&format!("{name}="))
                    .map_or(renamed.query.clone(), Into::into),
                ..renamed
            };
            let (reason, why) = refused(&renamed, is_safe);
            assert_eq!(reason, RefusalReason::Signature);
            assert!(why.starts_with(&format!("{name} is missing")), "{why}");

            let changed = push
                .query
                .replace(&format!("{name}="), &format!("{name}=1"));
            let changed = Push {
                query: changed,
                body: push.body.clone(),
            };
            assert_eq!(refused(&changed, is_safe).0, RefusalReason::Signature);
        }
    }
    // In safe mode `signature` is nothing: neither enough nor needed.
    let push = safe(&message);
    let without = Push {
        query: push.query[push.query.find("&timestamp").expect("there")..].to_owned(),
        body: push.body.clone(),
    };
    assert!(matches!(received(&without, true).what, What::Event(_)));
    let swapped = Push {
        query: push.query,
        body: safe(GIFT).body,
    };
    assert_eq!(refused(&swapped, true).0, RefusalReason::Signature);
}

#[test]
fn plain_text_is_no_way_round_safe_mode() {
    let message = good(json_event, GOODS.0, GOODS.1);
    assert_eq!(refused(&plain(&message), true).0, RefusalReason::Downgrade);
    let under_encrypted = Push {
        query: safe(&message).query,
        body: message.clone().into_bytes(),
    };
    assert_eq!(refused(&under_encrypted, true).0, RefusalReason::Downgrade);

    // Beside Encrypt nothing else counts: neither another event nor a mock that hides a real one.
    let encrypt = craft::encrypt(craft::AES_KEY, "a8eedb185eb2fecf", &message, craft::APPID);
    let beside = GIFT.replacen('{', &format!("{{\"Encrypt\":\"{encrypt}\","), 1);
    let event = event(&craft::signed(&encrypt, beside), true);
    assert_eq!((event.name(), event.payload()), GOODS);
}

#[test]
fn without_an_aes_key_an_encrypted_push_says_what_to_set() {
    let push = safe(&good(json_event, GOODS.0, GOODS.1));
    let unmarked = Push {
        query: push.query.replace("encrypt_type=aes", "a=b"),
        body: push.body.clone(),
    };
    for push in [push, unmarked] {
        let (reason, why) = refused(&push, false);
        assert_eq!(reason, RefusalReason::Decrypt);
        assert!(why.contains("push_aes_key"), "{why}");
    }
}

#[test]
fn what_is_encrypted_for_another_appid_is_refused() {
    let message = good(json_event, GOODS.0, GOODS.1);
    for appid in [
        "",
        "wxba5fad812f8e6fb8",
        "wxba5fad812f8e6fb9x",
        "xba5fad812f8e6fb9",
    ] {
        assert_eq!(
            refused(&craft::safe_for(&message, appid), true).0,
            RefusalReason::AppId,
            "{appid}"
        );
    }
}

#[test]
fn what_cannot_be_opened_is_refused_by_name() {
    let other = craft::encrypt(&"B".repeat(43), "a8eedb185eb2fecf", GIFT, craft::APPID);
    let good = craft::encrypt(craft::AES_KEY, "a8eedb185eb2fecf", GIFT, craft::APPID);
    for (encrypt, names) in [
        (other.as_str(), "push_aes_key"),
        (&good[1..], "base64"),
        (&good[4..], "blocks"),
        (&good[..good.len() - 1], "base64"),
        ("", "blocks"),
        (" ", "base64"),
    ] {
        let body = format!("{{\"Encrypt\":\"{encrypt}\"}}");
        let (reason, why) = refused(&craft::signed(encrypt, body), true);
        assert_eq!(reason, RefusalReason::Decrypt);
        assert!(why.contains(names), "{why}");
    }
    for body in ["{\"Encrypt\":7}", "<xml><Encrypt><a/></Encrypt></xml>"] {
        assert_eq!(
            refused(&craft::signed("7", body.into()), true).0,
            RefusalReason::Malformed
        );
    }
}

#[test]
fn pay_event_sig_covers_name_and_payload_with_the_key_of_our_environment() {
    let (name, payload) = GOODS;
    let sig = pay_event_sig(craft::APP_KEY, name, payload);
    let (reason_of, json) = (|push: &Push| refused(push, false).0, json_event);
    for push in [
        json(name, &payload.replace(":10,", ":11,"), &sig, ""),
        json(MALL_GOODS.0, payload, &sig, ""),
        json(name, &payload.replace(",\"Env\"", ", \"Env\""), &sig, ""),
        json(name, payload, &sig[1..], ""),
        json(name, payload, &sig.to_uppercase(), ""),
        json(
            name,
            payload,
            &pay_event_sig(OTHER_APP_KEY, name, payload),
            "",
        ),
        json(name, "not JSON", &sig, ""),
    ] {
        assert_eq!(reason_of(&plain(&push)), RefusalReason::PayEventSig);
        assert_eq!(refused(&safe(&push), true).0, RefusalReason::PayEventSig);
    }
    for missing in [
        json(name, payload, "", ""),
        json(name, payload, &sig, "").replace("PayEventSig", "Other"),
    ] {
        assert_eq!(reason_of(&plain(&missing)), RefusalReason::Unprotected);
        assert_eq!(refused(&safe(&missing), true).0, RefusalReason::PayEventSig);
    }
}

#[test]
fn a_push_of_the_other_environment_is_told_apart_for_its_own_receiver() {
    let payload = GOODS.1.replace("\"Env\":0", "\"Env\":1");
    let theirs = pay_event_sig(OTHER_APP_KEY, GOODS.0, &payload);
    let push = plain(&json_event(GOODS.0, &payload, &theirs, ""));
    assert_eq!(refused(&push, false).0, RefusalReason::Environment);
    let unsigned = Push {
        query: push.query.replace("nonce=", "nonce=1"),
        body: push.body.clone(),
    };
    assert_eq!(refused(&unsigned, false).0, RefusalReason::Signature);

    let (app_key, token) = (
        AppKey::new(OTHER_APP_KEY).expect("a key"),
        Secret::new(craft::TOKEN),
    );
    let sandbox = Receiver {
        appid: craft::APPID,
        environment: Environment::Sandbox,
        app_key: &app_key,
        token: &token,
        aes_key: None,
    };
    assert!(matches!(
        receive(&sandbox, &push.query, &push.body).what,
        What::Event(_)
    ));

    // Our key under their Env is nobody's: not to be handed on.
    let ours = plain(&good(json_event, GOODS.0, &payload));
    assert_eq!(refused(&ours, false).0, RefusalReason::PayEventSig);
    assert_eq!(
        refused(&goods_with("\"Env\":0,", ""), false).0,
        RefusalReason::Malformed
    );
}

#[test]
fn a_payload_that_breaks_a_rule_is_refused_by_the_name_of_the_field() {
    for (from, to, names) in [
        ("\"OpenId\":\"to_user_openid\",", "", "OpenId"),
        ("\"to_user_openid\"", "\"\"", "OpenId"),
        ("\"to_user_openid\"", "7", "OpenId"),
        ("\"to_user_openid\"", "\"SECRET 1\"", "OpenId"),
        ("\"OutTradeNo\":\"1_1_test\",", "", "OutTradeNo"),
        ("\"1_1_test\"", "null", "OutTradeNo"),
        ("\"1_1_test\"", "\"SECRET\\u0000\"", "OutTradeNo"),
        ("\"1_1_test\"", "[1]", "OutTradeNo"),
        ("\"Env\":0", "\"Env\":2", "Env"),
        ("\"Env\":0", "\"Env\":true", "Env"),
        ("\"Quantity\":10", "\"Quantity\":0", "Quantity"),
        ("\"Quantity\":10", "\"Quantity\":-1", "Quantity"),
        ("\"Quantity\":10", "\"Quantity\":1.0", "Quantity"),
        ("\"Quantity\":10", "\"Quantity\":\"ten\"", "Quantity"),
        (
            "\"Quantity\":10",
            "\"Quantity\":99999999999999999999",
            "Quantity",
        ),
        ("\"Quantity\":10,", "", "Quantity"),
        ("\"ActualPrice\":90", "\"ActualPrice\":-90", "ActualPrice"),
        ("\"OrigPrice\":100,", "", "OrigPrice"),
        ("\"ProductId\":\"test_product_id\",", "", "ProductId"),
        ("\"test_attach\"", "{}", "Attach"),
        (
            "\"GoodsInfo\":{",
            "\"GoodsInfo\":7,\"Other\":{",
            "GoodsInfo",
        ),
        ("\"GoodsInfo\"", "\"CoinInfo\"", "GoodsInfo"),
        (
            "\"Env\":0",
            "\"Env\":0,\"WeChatPayInfo\":[]",
            "WeChatPayInfo",
        ),
        ("\"Env\":0", "\"Env\":0,\"Env\":1", "twice"),
        (
            "\"Quantity\":10",
            "\"Quantity\":10,\"Quantity\":99",
            "twice",
        ),
        (
            "\"test_attach\",\"OrderSource\":1}}",
            "\"test_attach\",\"OrderSource\":1}",
            "JSON",
        ),
    ] {
        let (reason, why) = refused(&goods_with(from, to), false);
        assert_eq!(reason, RefusalReason::Malformed, "{to}: {why}");
        assert!(why.contains(names), "{to}: {why}");
    }
}

#[test]
fn numbers_and_ids_are_taken_as_number_or_text() {
    let push = goods_with(
        "\"Quantity\":10,\"ZoneId\":\"1\"",
        "\"Quantity\":\"10\",\"ZoneId\":1",
    );
    let Event::Goods(goods) = event(&push, false) else {
        panic!("goods")
    };
    assert_eq!((goods.quantity, goods.zone_id.as_str()), (10, "1"));
}

#[test]
fn an_envelope_that_breaks_a_rule_is_refused() {
    let message = good(json_event, GOODS.0, GOODS.1);
    let entity = "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>";
    let xml = good(xml_event, GOODS.0, GOODS.1);
    for body in [
        "null".to_owned(),
        "[]".to_owned(),
        "<xml>".to_owned(),
        message.replace("\"MsgType\":\"event\"", "\"MsgType\":\"text\""),
        message.replace("\"MsgType\":\"event\",", ""),
        message.replace("\"MsgType\":\"event\"", "\"MsgType\":{}"),
        message.replace("\"Event\":", "\"Event\":\"SECRET\",\"Event\":"),
        message.replace("\"Payload\":", "\"Payload\":\"SECRET\",\"Payload\":"),
        message.replace("\"Payload\":", "\"payload\":"),
        message.replace("\"MiniGame\":", "\"MiniGames\":"),
        message.replace("\"MiniGame\":{", "\"MiniGame\":[],\"x\":{"),
        format!("{message}{message}"),
        format!("{entity}{xml}"),
        xml.replace("</Event>", "</Event><Event>debug_demo</Event>"),
        xml.replace("event]]>", "event]]>&SECRET;"),
        xml.replace("<Payload>", "<Payload><a/>"),
    ] {
        assert_eq!(
            refused(&plain(&body), false).0,
            RefusalReason::Malformed,
            "{body}"
        );
        assert_eq!(
            refused(&safe(&body), true).0,
            RefusalReason::Malformed,
            "{body}"
        );
        let (reason, _) = refused(&craft::signed("", body.clone()), true);
        assert!(
            matches!(reason, RefusalReason::Malformed | RefusalReason::Downgrade),
            "{body}"
        );
    }
    let mut not_utf8 = plain(&message);
    not_utf8.body[40] = 0xff;
    assert_eq!(refused(&not_utf8, false).0, RefusalReason::Malformed);
}

#[test]
fn a_query_that_names_a_field_twice_or_cannot_be_decoded_is_refused() {
    let push = plain(&good(json_event, GOODS.0, GOODS.1));
    for more in ["&nonce=1", "&%6eonce=1", "&a=%", "&a=%ff"] {
        let query = format!("{}{more}", push.query);
        let body = push.body.clone();
        assert_eq!(
            refused(&Push { query, body }, false).0,
            RefusalReason::Malformed,
            "{more}"
        );
    }
}

#[test]
fn what_is_too_large_is_not_looked_at() {
    let message = good(json_event, GOODS.0, GOODS.1);
    let (push, blank) = (plain(&message), " ".repeat(1024 * 1024));
    let padded = |room: usize| plain(&format!("{}{message}", &blank[..room]));
    let most = 1024 * 1024 - message.len();
    assert!(matches!(
        received(&padded(most), false).what,
        What::Event(_)
    ));
    assert_eq!(refused(&padded(most + 1), false).0, RefusalReason::TooLarge);

    let query = |length: usize| Push {
        query: format!(
            "{}&a={}",
            push.query,
            "a".repeat(length - push.query.len() - 3)
        ),
        body: push.body.clone(),
    };
    assert!(matches!(received(&query(8192), false).what, What::Event(_)));
    assert_eq!(refused(&query(8193), false).0, RefusalReason::TooLarge);

    let attach = |length: usize| {
        let rest = GOODS.1.len() - "test_attach".len();
        let payload = GOODS.1.replace("test_attach", &"a".repeat(length - rest));
        assert_eq!(payload.len(), length);
        plain(&good(json_event, GOODS.0, &payload))
    };
    assert!(matches!(event(&attach(65_536), false), Event::Goods(_)));
    assert_eq!(refused(&attach(65_537), false).0, RefusalReason::Malformed);
}

#[test]
fn the_answer_has_the_form_of_the_push_and_a_refused_push_stays_refused() {
    let success = "{\"ErrCode\":0,\"ErrMsg\":\"Success\"}";
    let success_xml = "<xml><ErrCode>0</ErrCode><ErrMsg>Success</ErrMsg></xml>";
    for (message, format, body, content_type) in [
        (
            good(json_event, GOODS.0, GOODS.1),
            Format::Json,
            success,
            "application/json",
        ),
        (
            good(xml_event, COINS.0, COINS.1),
            Format::Xml,
            success_xml,
            "text/xml",
        ),
        (GIFT.into(), Format::Json, success, "application/json"),
        (GIFT_XML.into(), Format::Xml, success_xml, "text/xml"),
    ] {
        let got = received(&safe(&message), true);
        assert_eq!(got.format, format);
        let answer = got.answer(Verdict::Success);
        assert_eq!(
            (answer.status, answer.body.as_str(), answer.content_type),
            (200, body, content_type)
        );

        let is_gift = matches!(got.what, What::Event(Event::Gift(_)));
        let no_player = got.answer(Verdict::NoPlayer);
        assert_eq!(no_player.body.contains("172935494"), is_gift);
        for (verdict, status) in [
            (Verdict::Retry, 200),
            (Verdict::NoPlayer, 200),
            (Verdict::Refused, 403),
        ] {
            let answer = got.answer(verdict);
            assert_eq!((answer.status, answer.content_type), (status, content_type));
            assert!(answer.body.contains("99999"), "{}", answer.body);
        }

        let got = received(&plain(&message), true);
        assert!(matches!(got.what, What::Refused(_)));
        let answer = got.answer(Verdict::Success);
        assert_eq!((answer.status, answer.content_type), (403, content_type));
        assert!(answer.body.contains("99999"), "{}", answer.body);
    }
}
