//! Each common mistake in signing is told by name, and no key is ever told.

mod common;

use common::{APP_KEY, Client, SANDBOX_APP_KEY, errcode, pairs, start};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use wxgame_sandbox::sign::{self, Key};
use wxgame_sandbox::{Env, Rules};

/// HMAC-SHA256 in hex over a text made by hand.
fn hmac(key: &[u8], text: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
    let tag = ring::hmac::sign(&key, text.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn joined(fields: &Map<String, Value>) -> String {
    let mut parts: Vec<String> = pairs(fields)
        .iter()
        .map(|(n, v)| format!("{n}={v}"))
        .collect();
    parts.sort();
    parts.join("&")
}

/// Sends a `pay` with this `sig` and a right `mp_sig`; answers the errmsg of the 90011.
fn sig_trouble(client: &Client<'_>, mut fields: Map<String, Value>, sig: String) -> String {
    client.add_signatures(&mut fields, &client.path("pay"), sig);
    trouble(client, &fields, 90011)
}

/// Sends a `pay` with a right `sig` and this `mp_sig`; answers the errmsg of the 90009.
fn mp_sig_trouble(client: &Client<'_>, mut fields: Map<String, Value>, mp_sig: String) -> String {
    fields.insert("mp_sig".to_owned(), mp_sig.into());
    trouble(client, &fields, 90009)
}

fn trouble(client: &Client<'_>, fields: &Map<String, Value>, expected: i64) -> String {
    let answer = client.send("pay", fields).json();
    assert_eq!(errcode(&answer), expected, "{answer}");
    let errmsg = answer["errmsg"].as_str().expect("an errmsg").to_owned();
    let keys = [
        APP_KEY,
        SANDBOX_APP_KEY,
        client.session_key.as_str(),
        client.access_token.as_str(),
    ];
    for key in keys {
        assert!(!errmsg.contains(key), "a key is shown: {errmsg}");
    }
    assert!(errmsg.contains("=***"), "{errmsg}");
    errmsg
}

#[track_caller]
fn says(errmsg: &str, words: &str) {
    assert!(
        errmsg.contains(&format!("[{words}]")),
        "not [{words}] but {errmsg}"
    );
}

fn deal() -> Value {
    json!({ "bill_no": "b1", "amt": 1, "pay_item": "钻石" })
}

#[test]
fn the_mistakes_of_sig_are_named() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let fields = client.fields(deal());
    let path = client.path("pay");
    let (key, other) = (Key::new(SANDBOX_APP_KEY), Key::new(APP_KEY));
    let line = joined(&fields);
    let right = sign::sig(&pairs(&fields), &path, &key);

    let no_sandbox = sign::sig(&pairs(&fields), "/cgi-bin/midas/pay", &key);
    let mut with_empty = pairs(&fields);
    with_empty.push(("app_remark", Cow::Borrowed("")));
    let mut with_token = pairs(&fields);
    with_token.push(("access_token", Cow::Borrowed(client.access_token.as_str())));
    let both = sign::sig(&pairs(&fields), "/cgi-bin/midas/pay", &other);
    let without_key = hmac(
        SANDBOX_APP_KEY.as_bytes(),
        &format!("{line}&org_loc={path}&method=POST"),
    );
    let mut all = fields.clone();
    for (name, value) in [
        ("org_loc", path.as_str()),
        ("method", "POST"),
        ("secret", SANDBOX_APP_KEY),
    ] {
        all.insert(name.to_owned(), value.into());
    }
    let sorted_in = hmac(SANDBOX_APP_KEY.as_bytes(), &joined(&all));
    let escaped = line.replace("钻石", "%E9%92%BB%E7%9F%B3");
    let escaped = format!("{escaped}&org_loc={path}&method=POST&secret={SANDBOX_APP_KEY}");

    for (sig, words) in [
        (no_sandbox, "the sandbox path is missing in org_loc"),
        (
            sign::sig(&pairs(&fields), &path, &other),
            "it was made with the app key of the other environment",
        ),
        (
            sign::sig(&with_empty, &path, &key),
            "an optional field that was not sent was signed as empty",
        ),
        (
            sign::sig(&with_token, &path, &key),
            "access_token was signed, which belongs in mp_sig only",
        ),
        (
            both,
            "the sandbox path is missing in org_loc and it was made with the app key of the other \
             environment",
        ),
        (without_key, "the key was left out of the end of the string"),
        (
            sorted_in,
            "org_loc, method and the key were sorted in instead of standing at the end",
        ),
        (
            hmac(SANDBOX_APP_KEY.as_bytes(), &escaped),
            "the values were percent-encoded",
        ),
        (
            right.to_uppercase(),
            "the hex is upper case; it must be lower case",
        ),
        (
            "0".repeat(64),
            "none of the common mistakes gives the signature received",
        ),
        (
            String::new(),
            "none of the common mistakes gives the signature received",
        ),
    ] {
        says(&sig_trouble(&client, fields.clone(), sig), words);
    }
}

#[test]
fn an_empty_field_that_was_sent_and_signed_is_named() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Production);
    let fields = client.fields(json!({ "bill_no": "b1", "amt": 1, "app_remark": "" }));
    let path = client.path("pay");
    let sig = sign::sig(&pairs(&fields), &path, &Key::new(APP_KEY));
    // mp_sig is left out here: it would have the same mistake, and is checked first.
    let mut sent = fields.clone();
    sent.insert("sig".to_owned(), sig.into());
    says(
        &trouble(&client, &sent, 90011),
        "an empty optional field was signed",
    );
}

#[test]
fn a_sandbox_path_in_production_is_named() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Production);
    let fields = client.fields(deal());
    let sig = sign::sig(
        &pairs(&fields),
        "/cgi-bin/midas/sandbox/pay",
        &Key::new(APP_KEY),
    );
    says(
        &sig_trouble(&client, fields, sig),
        "org_loc has the sandbox path, but production was called",
    );
}

#[test]
fn the_mistakes_of_mp_sig_are_named() {
    let sandbox = start(Rules::default());
    let mut client = Client::new(&sandbox, Env::Sandbox);
    let stale = Key::new(client.session_key.as_str());
    sandbox.set_token("OLDER", 7200).expect("a token");
    client.session_key = "AAECAwQFBgcICQoLDA0ODw==".to_owned();
    sandbox
        .set_session(&client.openid, &client.session_key)
        .expect("a session");

    let fields = client.fields(deal());
    let path = client.path("pay");
    let session_key = Key::new(client.session_key.as_str());
    let sig = sign::sig(&pairs(&fields), &path, &Key::new(SANDBOX_APP_KEY));
    let mp_sig =
        |token: &str, path: &str, key: &Key| sign::mp_sig(&pairs(&fields), token, &sig, path, key);
    let mut signed = fields.clone();
    signed.insert("sig".to_owned(), sig.clone().into());
    let tail = format!(
        "&org_loc={path}&method=POST&session_key={}",
        client.session_key
    );
    let line = joined(&signed);
    let with_token = format!(
        "access_token={}&{}{tail}",
        client.access_token,
        joined(&fields)
    );
    let whole = format!("access_token={}&{line}{tail}", client.access_token);
    let decoded: Vec<u8> = (0..16).collect();
    let token = client.access_token.as_str();

    for (mp_sig, words) in [
        (
            mp_sig(token, &path, &stale),
            "it was made with an earlier session_key of this player",
        ),
        (
            hmac(&decoded, &whole),
            "session_key was base64-decoded; its text is the key",
        ),
        (
            hmac(client.session_key.as_bytes(), &format!("{line}{tail}")),
            "access_token was left out of mp_sig",
        ),
        (
            hmac(client.session_key.as_bytes(), &with_token),
            "sig was left out of mp_sig",
        ),
        (
            mp_sig("OLDER", &path, &session_key),
            "another access_token was signed than the one in the query",
        ),
        (
            mp_sig(token, "/cgi-bin/midas/pay", &session_key),
            "the sandbox path is missing in org_loc",
        ),
        (
            mp_sig(token, &path, &Key::new(SANDBOX_APP_KEY)),
            "it was made with the app key; mp_sig takes the session_key",
        ),
        (
            mp_sig(token, &path, &session_key).to_uppercase(),
            "the hex is upper case; it must be lower case",
        ),
    ] {
        says(&mp_sig_trouble(&client, signed.clone(), mp_sig), words);
    }
}

#[test]
fn a_very_long_request_is_refused_without_a_long_search() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let fields =
        client.fields(json!({ "bill_no": "b1", "amt": 1, "pay_item": "x".repeat(900_000) }));
    says(
        &sig_trouble(&client, fields, "0".repeat(64)),
        "the request is too long to look for the mistake",
    );
}

#[test]
fn the_place_of_the_first_difference_is_told() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let fields = client.fields(deal());
    let right = sign::sig(
        &pairs(&fields),
        &client.path("pay"),
        &Key::new(SANDBOX_APP_KEY),
    );
    let last = if right.ends_with('0') { "1" } else { "0" };
    let errmsg = sig_trouble(&client, fields.clone(), format!("{}{last}", &right[..63]));
    assert!(
        errmsg.contains("they differ from character 64 on"),
        "{errmsg}"
    );
    let errmsg = sig_trouble(&client, fields, right[..10].to_owned());
    assert!(errmsg.contains("lengths are 10 and 64"), "{errmsg}");
}

#[test]
fn the_reason_is_in_the_list_of_requests() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    sig_trouble(&client, client.fields(deal()), "0".repeat(64));
    let last = sandbox.requests().pop().expect("a request");
    assert_eq!((last.errcode, last.executed), (Some(90011), None));
    assert!(
        last.errmsg
            .expect("a reason")
            .contains("signed string: amt=1&")
    );
    assert_eq!(last.bill_no.as_deref(), Some("b1"));
}
