//! `pay_sig` and `signature`: the published vectors, a naive second implementation, and what is not signed.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use wxgame::error::Kind;
use wxgame::sign::game_v2::{explain_pay_sig, explain_signature, pay_sig, sign_named, signature};
use wxgame::sign::{AppKey, Secret, hex_text};

const PATH: &str = "/wxa/game/pay";

fn hmac_hex(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_published_signatures_come_out() {
    let all: Value =
        serde_json::from_str(include_str!("vectors/game_v2.json")).expect("the vectors are JSON");
    let vectors = all["signed"].as_array().expect("a list");
    assert!(vectors.len() >= 2);
    let mut pay_sigs = 0;
    for vector in vectors {
        let text = |name: &str| vector[name].as_str();
        let body = text("body").expect("every vector has a body");
        assert!(text("source").is_some_and(|source| source.len() > 20));
        let session_key = Secret::new(text("session_key").expect("a key"));
        let made = signature(body, &session_key).expect("a good body");
        assert_eq!(Some(hex_text(&made)), text("signature"));
        if let Some(app_key) = text("app_key") {
            let path = text("path").expect("a path beside the key");
            let app_key = AppKey::new(app_key).expect("a usable key");
            let made = pay_sig(path, body, &app_key).expect("a good path and body");
            assert_eq!(Some(hex_text(&made)), text("pay_sig"));
            pay_sigs += 1;
        }
    }
    assert!(pay_sigs >= 1);
}

#[test]
fn every_signature_equals_the_one_of_a_naive_implementation() {
    // Keys shorter and longer than a SHA-256 block, which HMAC treats differently.
    for key in ["k".to_owned(), "K7/+=".repeat(13), "zNLgAGgq".repeat(20)] {
        let app_key = AppKey::new(&key).expect("a usable key");
        for length in [1, 54, 63, 64, 65, 300] {
            for body in [
                "{\"钻石\":\"\\u0001&=%26\"}\n".repeat(length),
                "x".repeat(length),
            ] {
                let text = format!("{PATH}&{body}");
                let made = pay_sig(PATH, &body, &app_key).expect("a good path and body");
                assert_eq!(hex_text(&made), hmac_hex(&key, &text));
                assert_eq!(sign_named(PATH, body.as_bytes(), &app_key), made);
                assert_eq!(explain_pay_sig(PATH, &body), Ok(text));

                let made = signature(&body, &Secret::new(&key)).expect("a good body");
                assert_eq!(hex_text(&made), hmac_hex(&key, &body));
                assert_eq!(explain_signature(&body), Ok(body));
            }
        }
    }
}

#[test]
fn a_name_that_is_no_path_can_be_signed_by_who_knows_it() {
    let app_key = AppKey::new("12345").expect("a usable key");
    let made = sign_named("requestMidasPaymentGameItem", b"{}", &app_key);
    assert_eq!(
        hex_text(&made),
        hmac_hex("12345", "requestMidasPaymentGameItem&{}")
    );
}

#[test]
fn no_other_path_and_nothing_empty_is_signed() {
    let (app_key, session_key) = (AppKey::new("k").expect("a usable key"), Secret::new("k"));
    for path in [
        "",
        "wxa/game/pay",
        "//wxa/game/pay",
        "https://api.weixin.qq.com/wxa/game/pay",
        "/wxa/game/pay?access_token=1",
        "/wxa/game/pay#",
        "/wxa/game/pay ",
        "/wxa/游戏",
    ] {
        let error = pay_sig(path, "{}", &app_key).expect_err("this is not to be signed");
        assert_eq!((error.kind, error.field), (Kind::InvalidArgument, "path"));
        assert_eq!(
            explain_pay_sig(path, "{}"),
            Err(error),
            "signing and explaining refuse alike"
        );
    }
    let error = pay_sig(PATH, "", &app_key).expect_err("nothing to sign");
    assert_eq!((error.kind, error.field), (Kind::InvalidArgument, "body"));
    assert_eq!(explain_pay_sig(PATH, ""), Err(error.clone()));
    assert_eq!(signature("", &session_key), Err(error.clone()));
    assert_eq!(explain_signature(""), Err(error));
    let error = signature("{}", &Secret::new("")).expect_err("no key, no signature");
    assert_eq!(
        (error.kind, error.field),
        (Kind::InvalidArgument, "session_key")
    );
}
