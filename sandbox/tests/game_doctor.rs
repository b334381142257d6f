//! Virtual payment 2.0: each common mistake in signing is told by name, and no key is ever told.

mod common;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use common::{APP_KEY, Game, SANDBOX_APP_KEY, errcode, start};
use serde_json::{Value, json};
use wxgame_sandbox::{Env, FirstSignature, Rules};

/// HMAC-SHA256 in hex over a text made by hand.
fn hmac(key: &[u8], text: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    let tag = ring::hmac::sign(&key, text.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

const URI: &str = "/wxa/game/pay";

/// A body with blanks, fields out of order and letters that JSON writers write differently.
fn body(game: &Game<'_>) -> String {
    let (openid, ts) = (&game.client.openid, common::now_s());
    format!(
        "{{\"zone_id\":\"1\",\"openid\":\"{openid}\", \"offer_id\":\"12345678\",\"ts\":{ts},\"env\":1,\
         \"bill_no\":\"b1\",\"amount\":1,\"payitem\":\"钻/石\"}}"
    )
}

fn told(game: &Game<'_>, answer: &Value, expected: i64) -> String {
    assert_eq!(errcode(answer), expected, "{answer}");
    let errmsg = answer["errmsg"].as_str().expect("an errmsg").to_owned();
    let client = &game.client;
    let keys = [
        APP_KEY,
        SANDBOX_APP_KEY,
        client.session_key.as_str(),
        client.access_token.as_str(),
    ];
    for key in keys {
        assert!(!errmsg.contains(key), "a key is shown: {errmsg}");
    }
    errmsg
}

fn pay_sig_trouble(game: &Game<'_>, body: &str, pay_sig: &str) -> String {
    let answer = game.send_with("pay", body, &game.signature(body), pay_sig);
    told(game, &answer, 90011)
}

fn signature_trouble(game: &Game<'_>, body: &str, signature: &str) -> String {
    let answer = game.send_with("pay", body, signature, &game.pay_sig("pay", body));
    told(game, &answer, 90010)
}

#[track_caller]
fn says(errmsg: &str, words: &str) {
    assert!(
        errmsg.contains(&format!("[{words}]")),
        "not [{words}] but {errmsg}"
    );
}

#[test]
fn the_mistakes_of_pay_sig_are_named() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let body = body(&game);
    let key = SANDBOX_APP_KEY.as_bytes();
    let right = hmac(key, &format!("{URI}&{body}"));
    let session_key = game.client.session_key.as_bytes();
    let token = &game.client.access_token;
    for (pay_sig, words) in [
        (
            hmac(key, &format!("wxa/game/pay&{body}")),
            "the leading slash is missing in the uri",
        ),
        (
            hmac(APP_KEY.as_bytes(), &format!("{URI}&{body}")),
            "it was made with the app key of the other environment",
        ),
        (
            hmac(session_key, &format!("{URI}&{body}")),
            "it was made with the session_key; pay_sig takes the app key",
        ),
        (
            hmac(key, &body),
            "the uri was left out; pay_sig covers uri and body",
        ),
        (
            hmac(key, &format!("{URI}{body}")),
            "the & between uri and body was left out",
        ),
        (
            hmac(key, &format!("https://api.weixin.qq.com{URI}&{body}")),
            "the host was signed with the uri",
        ),
        (
            hmac(key, &format!("{URI}?access_token={token}&{body}")),
            "the query was signed with the uri",
        ),
        (
            hmac(key, &format!("/wxa/game/getbalance&{body}")),
            "the uri of another call was signed",
        ),
        (
            hmac(key, &format!("requestMidasPaymentGameItem&{body}")),
            "the name of the client's call was signed in place of the uri",
        ),
        (
            hmac(APP_KEY.as_bytes(), &format!("wxa/game/pay&{body}")),
            "the leading slash is missing in the uri and it was made with the app key of the other \
             environment",
        ),
        (
            right.to_uppercase(),
            "the hex is upper case; it must be lower case",
        ),
        (
            "0".repeat(64),
            "none of the common mistakes gives the signature received",
        ),
        (String::new(), "it is missing in the query"),
    ] {
        let errmsg = pay_sig_trouble(&game, &body, &pay_sig);
        says(&errmsg, words);
        assert!(errmsg.ends_with(&format!("signed string: {URI}&{body}")));
    }
}

#[test]
fn the_mistakes_of_signature_are_named() {
    let sandbox = start(Rules::default());
    let mut game = Game::new(&sandbox, Env::Sandbox);
    let stale = game.client.session_key.clone();
    game.client.session_key = "AAECAwQFBgcICQoLDA0ODw==".to_owned();
    let session = sandbox.set_session(&game.client.openid, &game.client.session_key);
    session.expect("a good session");
    let body = body(&game);
    let key = game.client.session_key.as_bytes();
    let decoded: Vec<u8> = (0..16).collect();
    for (signature, words) in [
        (
            hmac(&decoded, &body),
            "session_key was base64-decoded; its text is the key",
        ),
        (
            hmac(stale.as_bytes(), &body),
            "it was made with an earlier session_key of this player",
        ),
        (
            hmac(SANDBOX_APP_KEY.as_bytes(), &body),
            "it was made with an app key; signature takes the session_key",
        ),
        (
            hmac(key, &format!("{URI}&{body}")),
            "the uri was signed; signature covers the body only",
        ),
        (
            hmac(key, &body).to_uppercase(),
            "the hex is upper case; it must be lower case",
        ),
        (
            hmac(key, ""),
            "none of the common mistakes gives the signature received",
        ),
        (String::new(), "it is missing in the query"),
    ] {
        let errmsg = signature_trouble(&game, &body, &signature);
        says(&errmsg, words);
        // The bytes that were received, as WeChat tells them.
        let encoded = STANDARD.encode(&body);
        let end = format!(
            "raw post_body(remove wrapped []): [{body}] base64_encoded_post_body: {encoded}"
        );
        assert!(errmsg.ends_with(&end), "{errmsg}");
    }
}

#[test]
fn json_that_was_written_twice_is_named() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let body = body(&game);
    let session_key = game.client.session_key.as_bytes();
    let compact = body.replace(", ", ",");
    let spaced = compact.replace(',', ", ").replace(':', ": ");
    let sorted = serde_json::from_str::<std::collections::BTreeMap<String, Value>>(&body);
    let sorted = serde_json::to_string(&sorted.expect("JSON")).expect("JSON");
    let escaped = body.replace("钻/石", "\\u94bb/\\u77f3");
    let slashes = compact.replace("钻/石", "\\u94bb\\/\\u77f3");
    let other = "other JSON was signed than was sent";
    for (signed, words) in [
        (compact, format!("{other}: without blanks")),
        (
            spaced,
            format!("{other}: with a blank after each comma and colon"),
        ),
        (sorted, format!("{other}: with its fields sorted")),
        (escaped, format!("{other}: with \\u escapes")),
        (
            slashes,
            format!("{other}: without blanks and {other}: with \\u escapes and \\/"),
        ),
        (
            format!("{body}\n"),
            "a line break was signed at the end of the body, which was not sent".to_owned(),
        ),
    ] {
        let signature = hmac(session_key, &signed);
        says(&signature_trouble(&game, &body, &signature), &words);
        let pay_sig = hmac(SANDBOX_APP_KEY.as_bytes(), &format!("{URI}&{signed}"));
        says(&pay_sig_trouble(&game, &body, &pay_sig), &words);
    }
    let sent = format!("{}\n", body.replace("钻/石", "\\u94bb/\\u77f3"));
    let signature = hmac(session_key, sent.trim_end());
    says(
        &signature_trouble(&game, &sent, &signature),
        "the line break at the end of the body was not signed",
    );
    let signature = hmac(session_key, &sent.replace("\\u94bb/\\u77f3", "钻/石"));
    says(
        &signature_trouble(&game, &sent, &signature),
        &format!("{other}: with no letter escaped"),
    );
}

#[test]
fn a_pay_sig_that_is_checked_first_is_told_without_a_session_too() {
    let sandbox = start(Rules {
        first_signature: FirstSignature::PaySig,
        ..Rules::default()
    });
    let game = Game::new(&sandbox, Env::Sandbox);
    sandbox.expire_session(&game.client.openid).expect("one");
    let body = body(&game);
    let pay_sig = hmac(APP_KEY.as_bytes(), &format!("{URI}&{body}"));
    says(
        &pay_sig_trouble(&game, &body, &pay_sig),
        "it was made with the app key of the other environment",
    );
}

#[test]
fn a_very_long_request_is_refused_without_a_long_search() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let long = json!({ "bill_no": "b1", "amount": 1, "remark": "x".repeat(500_000) });
    let body = game.body(long);
    says(
        &signature_trouble(&game, &body, &"0".repeat(64)),
        "the request is too long to look for the mistake",
    );
    let last = sandbox.requests().pop().expect("a request");
    assert_eq!(last.errmsg.expect("a reason").len(), 4096);
    assert_eq!(last.bill_no.as_deref(), Some("b1"));
}
