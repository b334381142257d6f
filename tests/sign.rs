//! `sig` and `mp_sig` against a naive second implementation, and what they refuse to sign.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wxgame::error::Error;
use wxgame::sign::explain::{explain_mp_sig, explain_sig};
use wxgame::sign::midas_v1::{mp_sig, sig};
use wxgame::sign::{AppKey, Secret, hex_text};

/// Path, fields, and what the refusal must tell.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

const PATH: &str = "/cgi-bin/midas/pay";

/// A small generator of numbers, the same ones in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % n
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        let count = 1 + self.below(most);
        (0..count)
            .map(|_| pieces[self.below(pieces.len())])
            .collect()
    }
}

/// The string to sign, built with maps and concatenation, as a reader of WeChat's page would.
fn naive(path: &str, fields: &[(&str, &str)], key_name: &str, key: &str) -> String {
    let sorted: std::collections::BTreeMap<_, _> = fields.iter().copied().collect();
    let pairs: Vec<String> = sorted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!(
        "{}&org_loc={path}&method=POST&{key_name}={key}",
        pairs.join("&")
    )
}

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
fn every_signature_equals_the_one_of_a_naive_implementation() {
    let mut numbers = Numbers(20250101);
    let in_names = ["a", "b", "z", "_", "A", "Z", "0", "9", "app", "pay"];
    let in_values = [
        "a",
        "Z",
        "0",
        "&",
        "=",
        " ",
        "钻石",
        "é",
        "\u{1f48e}",
        "\"",
        "\\",
        "%26",
        "\n",
        "+",
        "value",
    ];
    for round in 0..3000 {
        let count = 1 + numbers.below(62);
        let mut owned = std::collections::HashMap::new();
        for _ in 0..count {
            owned.insert(numbers.text(&in_names, 5), numbers.text(&in_values, 20));
        }
        let mut fields: Vec<(&str, &str)> = owned
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        // Keys shorter and longer than a SHA-256 block, which HMAC treats differently.
        let app_key = numbers.text(&["k", "K7", "zNLgAGgq"], 20);
        let session_key = numbers.text(&["V7", "/", "+", "="], 50);
        let path = format!(
            "/{}",
            numbers
                .text(&["cgi-bin", "/", "midas", "sandbox"], 6)
                .trim_start_matches('/')
        );

        let ours = sig(
            &path,
            &fields,
            &AppKey::new(&app_key).expect("a usable key"),
        )
        .expect("good fields");
        let ours = hex_text(&ours);
        assert_eq!(
            ours,
            hmac_hex(&app_key, &naive(&path, &fields, "secret", &app_key)),
            "round {round}"
        );
        assert_eq!(
            explain_sig(&path, &fields),
            Ok(naive(&path, &fields, "secret", "***"))
        );

        fields.extend([("sig", ours), ("access_token", "57_token")]);
        let second = mp_sig(&path, &fields, &Secret::new(&session_key)).expect("good fields");
        let text = naive(&path, &fields, "session_key", &session_key);
        assert_eq!(
            hex_text(&second),
            hmac_hex(&session_key, &text),
            "round {round}"
        );
        let at = fields.len() - 1;
        fields[at].1 = "***";
        assert_eq!(
            explain_mp_sig(&path, &fields),
            Ok(naive(&path, &fields, "session_key", "***"))
        );
    }
}

#[test]
fn the_order_of_the_fields_does_not_matter() {
    let key = AppKey::new("k").expect("a usable key");
    // `app_remark` sorts before `appid`, because `_` comes before `i`.
    let a = sig(
        PATH,
        &[("appid", "1"), ("app_remark", "2"), ("amt", "3")],
        &key,
    );
    let b = sig(
        PATH,
        &[("amt", "3"), ("app_remark", "2"), ("appid", "1")],
        &key,
    );
    assert_eq!(a, b);
    let explained = explain_sig(PATH, &[("appid", "1"), ("app_remark", "2"), ("amt", "3")])
        .expect("good fields");
    assert!(explained.starts_with("amt=3&app_remark=2&appid=1&org_loc="));
}

#[test]
fn nothing_empty_doubtful_or_reserved_is_signed() {
    let many: Vec<String> = (0..65).map(|i| format!("f{i}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "v")).collect();
    let cases: [Case<'_>; 13] = [
        ("", &[("a", "1")], "path"),
        ("cgi-bin/midas/pay", &[("a", "1")], "path"),
        ("https://api.weixin.qq.com/x", &[("a", "1")], "path"),
        ("//api.weixin.qq.com/x", &[("a", "1")], "path"),
        ("/x?access_token=1", &[("a", "1")], "path"),
        (PATH, &[], "1 to 64"),
        (PATH, &many, "65"),
        (PATH, &[("a", "1"), ("", "1")], "fields[1]"),
        (PATH, &[("a=b", "1")], "fields[0]"),
        (PATH, &[("a", "1"), ("user_ip", "")], "`user_ip` is empty"),
        (
            PATH,
            &[("a", "1"), ("b", "1"), ("a", "2")],
            "`a` is there twice",
        ),
        (PATH, &[("a", "1"), ("sig", "1")], "`sig`"),
        (PATH, &[("a", "1"), ("access_token", "1")], "`access_token`"),
    ];
    let key = AppKey::new("k").expect("a usable key");
    for (path, fields, told) in cases {
        let error: Error = sig(path, fields, &key).expect_err("this is not to be signed");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(
            explain_sig(path, fields),
            Err(error),
            "signing and explaining refuse alike"
        );
    }
    assert!(sig(PATH, &many[..64], &key).is_ok());
    assert!(sig(PATH, &[("a", "1"), ("mp_sig", "1")], &key).is_err());
}

#[test]
fn mp_sig_wants_token_and_sig_and_a_session() {
    let whole = [("access_token", "t"), ("amt", "1"), ("sig", "s")];
    let key = Secret::new("k");
    assert!(mp_sig(PATH, &whole, &key).is_ok());
    for (fields, told) in [
        (&whole[1..], "`access_token`"),
        (&whole[..2], "`sig`"),
        (
            &[("access_token", "t"), ("sig", "s"), ("mp_sig", "m")][..],
            "`mp_sig`",
        ),
        (
            &[("access_token", ""), ("sig", "s")][..],
            "`access_token` is empty",
        ),
    ] {
        let error = mp_sig(PATH, fields, &key).expect_err("this is not to be signed");
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(
            explain_mp_sig(PATH, fields),
            Err(error),
            "signing and explaining refuse alike"
        );
    }
    let error = mp_sig(PATH, &whole, &Secret::new("")).expect_err("no key, no signature");
    assert_eq!(error.field, "session_key");
}

#[test]
fn an_app_key_with_blanks_is_refused_and_a_good_one_never_shown() {
    let long = "k".repeat(513);
    for key in ["", " k", "k\n", "钥", long.as_str()] {
        assert_eq!(AppKey::new(key).expect_err("not a key").field, "app_key");
    }
    let key = AppKey::new("zNLgAGgq").expect("a usable key");
    assert_eq!(format!("{key:?}"), "AppKey(***)");
}
