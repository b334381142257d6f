//! The exact strings of an item purchase, and what is refused before any are made.

use serde_json::Value;
use wxgame::api::game_v2::item_order::{
    ATTACH_MAX, BUY_QUANTITY_MAX, GOODS_PRICE_MAX, ItemOrder, NAME, OUT_TRADE_NO_MAX, PLATFORM_MAX,
    PRODUCT_ID_MAX, build_item_order, check_item_order,
};
use wxgame::api::{App, Environment};
use wxgame::error::Kind;
use wxgame::sign::{AppKey, Secret, game_v2 as sign, hex_text};

const ORDER: ItemOrder<'_> = ItemOrder {
    out_trade_no: "t1",
    product_id: "p1",
    buy_quantity: 1,
    goods_price: 1,
    zone_id: "1",
    attach: "",
    platform: "",
};

/// An app as only an item order needs it.
fn app(environment: Environment, app_key: &str, offer_id: &str) -> App {
    App {
        appid: String::new(),
        offer_id: offer_id.into(),
        pf: String::new(),
        environment,
        app_key: AppKey::new(app_key).expect("a usable key"),
        mp_sig: false,
    }
}

/// Neither the check alone nor the making takes this order, and both name `field`.
#[track_caller]
fn refused(order: ItemOrder<'_>, field: &str) {
    let error = check_item_order(&order).expect_err("this is not to be signed");
    assert_eq!((error.kind, error.field), (Kind::InvalidArgument, field));
    assert!(error.message.len() >= 20);
    let app = app(Environment::Production, "12345", "12345678");
    let made = build_item_order(&app, &order, &Secret::new("c2Vzc2lvbg=="));
    assert_eq!(made, Err(error));
}

#[track_caller]
fn taken(order: ItemOrder<'_>) {
    check_item_order(&order).expect("this is a good order");
}

#[test]
fn every_order_has_the_strings_of_its_vector() {
    let all: Value =
        serde_json::from_str(include_str!("vectors/game_v2.json")).expect("the vectors are JSON");
    let orders = &all["item_orders"];
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    assert!(text(&orders["source"]).len() > 20);
    assert_eq!(text(&orders["name"]), NAME);
    let session_key = Secret::new(&text(&orders["session_key"]));
    let vectors = orders["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 3);
    for vector in vectors {
        let field = |name: &str| vector["fields"][name].as_str().unwrap_or_default();
        let number = |name: &str| vector["fields"][name].as_i64().expect("a number");
        let environment = match text(&vector["environment"]).as_str() {
            "production" => Environment::Production,
            "sandbox" => Environment::Sandbox,
            other => panic!("no environment {other}"),
        };
        let app_key = text(&orders["app_keys"][text(&vector["environment"])]);
        let app = app(environment, &app_key, field("offer_id"));
        let order = ItemOrder {
            out_trade_no: field("out_trade_no"),
            product_id: field("product_id"),
            buy_quantity: number("buy_quantity"),
            goods_price: number("goods_price"),
            zone_id: field("zone_id"),
            attach: field("attach"),
            platform: field("platform"),
        };
        let made = build_item_order(&app, &order, &session_key)
            .unwrap_or_else(|error| panic!("{vector}: {error}"));
        assert_eq!(made.sign_data, text(&vector["sign_data"]));
        assert_eq!(made.pay_sig, text(&vector["pay_sig"]));
        assert_eq!(made.signature, text(&vector["signature"]));

        // Whoever signs the same text by hand gets the same.
        let pay_sig = sign::pay_sig(NAME, &made.sign_data, &app.app_key).expect("a good name");
        assert_eq!(hex_text(&pay_sig), made.pay_sig);
        let signature = sign::signature(&made.sign_data, &session_key).expect("a good text");
        assert_eq!(hex_text(&signature), made.signature);
        assert_eq!(
            sign::explain_pay_sig(NAME, &made.sign_data),
            Ok(format!("{NAME}&{}", made.sign_data))
        );
    }
}

#[test]
fn sign_data_reads_back_as_the_order_whatever_its_text_holds() {
    let strange = "\"\\/ \u{2028}𝄞钻石 {}&=%+";
    let order = ItemOrder {
        product_id: strange,
        zone_id: strange,
        attach: strange,
        platform: "android",
        ..ORDER
    };
    let app = app(Environment::Sandbox, "12345", "12345678");
    let made = build_item_order(&app, &order, &Secret::new("c2Vzc2lvbg==")).expect("a good order");
    let read: Value = serde_json::from_str(&made.sign_data).expect("signData is JSON");
    let expected = serde_json::json!({
        "mode": "goods", "offerId": "12345678", "buyQuantity": 1, "env": 1, "currencyType": "CNY",
        "platform": "android", "zoneId": strange, "productId": strange, "goodsPrice": 1,
        "outTradeNo": "t1", "attach": strange,
    });
    assert_eq!(read, expected);
}

#[test]
fn the_number_of_an_order_is_one_that_wechat_takes_and_never_one_of_its_own() {
    let longest = "x".repeat(OUT_TRADE_NO_MAX);
    for out_trade_no in ["0", "-", "|*@", "t_", "Az09_-|*@", &longest] {
        taken(ItemOrder {
            out_trade_no,
            ..ORDER
        });
    }
    let longer = "x".repeat(OUT_TRADE_NO_MAX + 1);
    for out_trade_no in [
        "", "_", "_t1", "t 1", "t.1", "t/1", "t\n", "t\0", "单1", &longer,
    ] {
        refused(
            ItemOrder {
                out_trade_no,
                ..ORDER
            },
            "out_trade_no",
        );
    }
}

#[test]
fn quantity_and_price_are_at_least_one_and_bounded() {
    for buy_quantity in [1, BUY_QUANTITY_MAX] {
        taken(ItemOrder {
            buy_quantity,
            ..ORDER
        });
    }
    for buy_quantity in [i64::MIN, -1, 0, BUY_QUANTITY_MAX + 1, i64::MAX] {
        refused(
            ItemOrder {
                buy_quantity,
                ..ORDER
            },
            "buy_quantity",
        );
    }
    for goods_price in [1, GOODS_PRICE_MAX] {
        taken(ItemOrder {
            goods_price,
            ..ORDER
        });
    }
    for goods_price in [i64::MIN, -1, 0, GOODS_PRICE_MAX + 1, i64::MAX] {
        refused(
            ItemOrder {
                goods_price,
                ..ORDER
            },
            "goods_price",
        );
    }
    // The price of the whole order is still exact where a number is a double.
    const { assert!(BUY_QUANTITY_MAX * GOODS_PRICE_MAX <= 1 << 53) };
}

#[test]
fn every_text_is_bounded_and_plain() {
    let id = "x".repeat(PRODUCT_ID_MAX + 1);
    for product_id in ["", "p\n", "p\u{7f}", "p\0", &id] {
        refused(
            ItemOrder {
                product_id,
                ..ORDER
            },
            "product_id",
        );
    }
    for zone_id in ["", "1\t", &id] {
        refused(ItemOrder { zone_id, ..ORDER }, "zone_id");
    }
    let attach = "x".repeat(ATTACH_MAX);
    taken(ItemOrder {
        attach: &attach,
        ..ORDER
    });
    let longer = format!("{attach}x");
    for attach in ["a\nb", "\0", "\u{85}", &longer] {
        refused(ItemOrder { attach, ..ORDER }, "attach");
    }
    let platform = "x".repeat(PLATFORM_MAX);
    for platform in ["", "android", "windows", &platform] {
        taken(ItemOrder { platform, ..ORDER });
    }
    let longer = format!("{platform}x");
    for platform in ["and roid", "安卓", "android\n", "a-b", &longer] {
        refused(ItemOrder { platform, ..ORDER }, "platform");
    }
}

#[test]
fn nothing_is_signed_without_a_good_offer_id_and_session_key() {
    let good = app(Environment::Production, "12345", "12345678");
    for key in ["", "not base64!", "c2Vz\n"] {
        let error = build_item_order(&good, &ORDER, &Secret::new(key))
            .expect_err("no such session_key is given out");
        assert_eq!(
            (error.kind, error.field),
            (Kind::InvalidArgument, "session_key")
        );
        assert!(key.is_empty() || !error.message.contains(key.trim()));
    }
    for offer_id in ["", "1 2"] {
        let app = app(Environment::Production, "12345", offer_id);
        let error = build_item_order(&app, &ORDER, &Secret::new("c2Vzc2lvbg=="))
            .expect_err("no such offer_id is given out");
        assert_eq!(
            (error.kind, error.field),
            (Kind::InvalidArgument, "offer_id")
        );
    }
}
