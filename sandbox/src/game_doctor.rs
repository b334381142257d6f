//! Says why a signature of virtual payment 2.0 is wrong, by making the common mistakes.
//!
//! Most of them are one: the bytes that were signed are not the bytes that were posted, because the JSON was
//! written twice. So the body is written again in the ways that JSON writers have.
//! The order of an item is a body too: its uri is the name of the client's call.

use crate::call::{Call, Env};
use crate::doctor::{TOO_LONG, UPPER_CASE, Way, base64_decoded, report, session_keys};
use crate::sign::{ITEM_CALL, Key};
use crate::world::AppKeys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The longest body, in bytes, for which all mistakes are tried: everybody else waits meanwhile.
const MAX_LENGTH: usize = 4 * 1024;

/// A request of which one signature is wrong.
pub(crate) struct Case<'a> {
    pub(crate) uri: &'static str,
    pub(crate) body: &'a str,
    pub(crate) env: Env,
    pub(crate) keys: &'a AppKeys,
    pub(crate) access_token: &'a str,
}

/// Why `pay_sig` is wrong; the player's session key may have been taken by mistake.
pub(crate) fn pay_sig(
    case: &Case<'_>,
    received: &str,
    expected: &str,
    session_key: Option<&Key>,
) -> String {
    let mut keys = vec![
        ("", case.keys.of(case.env)),
        (
            "it was made with the app key of the other environment",
            case.keys.of(case.env.other()),
        ),
    ];
    let mistake = "it was made with the session_key; pay_sig takes the app key";
    keys.extend(session_key.map(|key| (mistake, key)));

    let heads = match case.uri {
        ITEM_CALL => item_heads(),
        _ => heads(case),
    };
    let found = find(case, received, &heads, &keys);
    let report = report(received, expected, found);
    let (uri, body) = (case.uri, case.body);
    format!("pay_sig error hint: {report}; signed string: {uri}&{body}")
}

/// What could have been signed before the body of a server's call.
fn heads(case: &Case<'_>) -> Vec<Way<String>> {
    let uri = case.uri;
    let bare = uri.trim_start_matches('/');
    let token = case.access_token;
    let mut heads = vec![
        ("", format!("{uri}&")),
        (
            "the leading slash is missing in the uri",
            format!("{bare}&"),
        ),
        (
            "the uri was left out; pay_sig covers uri and body",
            String::new(),
        ),
        ("the & between uri and body was left out", uri.to_owned()),
        (
            "the host was signed with the uri",
            format!("https://api.weixin.qq.com{uri}&"),
        ),
        (
            "the query was signed with the uri",
            format!("{uri}?access_token={token}&"),
        ),
        (
            "the name of the client's call was signed in place of the uri",
            format!("{ITEM_CALL}&"),
        ),
    ];
    let others = Call::GAME.into_iter().filter_map(Call::game_uri);
    for other in others.filter(|other| *other != uri) {
        heads.push(("the uri of another call was signed", format!("{other}&")));
    }
    heads
}

/// What could have been signed before the order of an item.
fn item_heads() -> Vec<Way<String>> {
    let mut heads = vec![
        ("", format!("{ITEM_CALL}&")),
        (
            "a slash was signed before the name of the call",
            format!("/{ITEM_CALL}&"),
        ),
        (
            "the name of the call was left out; paySig covers name and signData",
            String::new(),
        ),
        (
            "the & between name and signData was left out",
            ITEM_CALL.to_owned(),
        ),
    ];
    let mistake = "the uri of a server's call was signed in place of the name of the client's";
    let uris = Call::GAME.into_iter().filter_map(Call::game_uri);
    heads.extend(uris.map(|uri| (mistake, format!("{uri}&"))));
    heads
}

/// Why `signature` is wrong. The end is what WeChat itself writes of a server's call: the bytes that it received.
pub(crate) fn signature(
    case: &Case<'_>,
    received: &str,
    expected: &str,
    session_key: &Key,
    earlier: &[Arc<Key>],
) -> String {
    let decoded = base64_decoded(session_key);
    let mut keys = session_keys(session_key, decoded.as_ref(), earlier);
    for env in Env::ALL {
        keys.push((
            "it was made with an app key; signature takes the session_key",
            case.keys.of(env),
        ));
    }
    let heads = [
        ("", String::new()),
        (
            "the uri was signed; signature covers the body only",
            format!("{}&", case.uri),
        ),
    ];
    let found = find(case, received, &heads, &keys);
    let report = report(received, expected, found);
    let body = case.body;
    if case.uri == ITEM_CALL {
        return format!("signature error hint: {report}; signed string: {body}");
    }
    let encoded = STANDARD.encode(body);
    format!(
        "signature error hint: {report}; raw post_body(remove wrapped []): [{body}] \
         base64_encoded_post_body: {encoded}"
    )
}

/// The fewest mistakes that together give the signature that was received.
fn find(
    case: &Case<'_>,
    received: &str,
    heads: &[Way<String>],
    keys: &[Way<&Key>],
) -> Option<Vec<&'static str>> {
    if received.is_empty() {
        return Some(vec![match case.uri {
            ITEM_CALL => "it is empty",
            _ => "it is missing in the query",
        }]);
    }
    if case.body.len() > MAX_LENGTH {
        return Some(vec![TOO_LONG]);
    }
    let lower = received.to_ascii_lowercase();
    let letters = if lower == received { "" } else { UPPER_CASE };
    let mut best: Option<Vec<&'static str>> = None;
    for (body, body_mistakes) in bodies(case.body) {
        for (head_mistake, head) in heads {
            let text = format!("{head}{body}");
            for (key_mistake, key) in keys {
                if key.sign(&text) != lower {
                    continue;
                }
                let mut found = vec![*head_mistake, *key_mistake, letters];
                found.extend(&body_mistakes);
                found.retain(|mistake| !mistake.is_empty());
                if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                    best = Some(found);
                }
            }
        }
    }
    best
}

/// How a JSON writer puts blanks between the parts.
#[derive(Clone, Copy)]
enum Blanks {
    AsSent,
    Without,
    AfterEach,
}

/// How a JSON writer writes the letters of a string.
#[derive(Clone, Copy)]
enum Letters {
    AsSent,
    Plain,
    Escaped,
    SlashesToo,
}

const BLANKS: [Way<Blanks>; 3] = [
    ("", Blanks::AsSent),
    (
        "other JSON was signed than was sent: without blanks",
        Blanks::Without,
    ),
    (
        "other JSON was signed than was sent: with a blank after each comma and colon",
        Blanks::AfterEach,
    ),
];

const LETTERS: [Way<Letters>; 4] = [
    ("", Letters::AsSent),
    (
        "other JSON was signed than was sent: with no letter escaped",
        Letters::Plain,
    ),
    (
        "other JSON was signed than was sent: with \\u escapes",
        Letters::Escaped,
    ),
    (
        "other JSON was signed than was sent: with \\u escapes and \\/",
        Letters::SlashesToo,
    ),
];

/// The bodies that could have been signed, each with the fewest mistakes that lead to it.
fn bodies(body: &str) -> BTreeMap<String, Vec<&'static str>> {
    let sorted = serde_json::from_str::<BTreeMap<String, Value>>(body);
    let sorted = sorted.and_then(|fields| serde_json::to_string(&fields));
    let mut orders = vec![("", body.to_owned())];
    orders.extend(sorted.map(|text| {
        let mistake = "other JSON was signed than was sent: with its fields sorted";
        (mistake, text)
    }));
    let mut all = BTreeMap::new();
    for (order_mistake, text) in &orders {
        for (blanks_mistake, blanks) in BLANKS {
            for (letters_mistake, letters) in LETTERS {
                let text = rewritten(text, blanks, letters);
                let ends = [
                    (
                        "the line break at the end of the body was not signed",
                        text.trim_ascii_end().to_owned(),
                    ),
                    (
                        "a line break was signed at the end of the body, which was not sent",
                        format!("{text}\n"),
                    ),
                    ("", text),
                ];
                for (end_mistake, text) in ends {
                    let mut mistakes =
                        vec![*order_mistake, blanks_mistake, letters_mistake, end_mistake];
                    mistakes.retain(|mistake| !mistake.is_empty());
                    let known = all.entry(text).or_insert_with(|| mistakes.clone());
                    if mistakes.len() < known.len() {
                        *known = mistakes;
                    }
                }
            }
        }
    }
    all
}

/// The same JSON, written by another writer.
fn rewritten(json: &str, blanks: Blanks, letters: Letters) -> String {
    let mut out = String::with_capacity(json.len() + 64);
    let mut rest = json;
    while let Some(first) = rest.chars().next() {
        if first == '"' {
            let (string, after) = rest.split_at(string_length(rest));
            write_string(&mut out, string, letters);
            rest = after;
            continue;
        }
        rest = &rest[first.len_utf8()..];
        match (blanks, first) {
            (Blanks::AsSent, _) => out.push(first),
            (_, ' ' | '\t' | '\r' | '\n') => {}
            (Blanks::AfterEach, ',' | ':') => {
                out.push(first);
                out.push(' ');
            }
            _ => out.push(first),
        }
    }
    out
}

/// How many bytes the string at the start of a JSON text takes up, with its quotes.
fn string_length(json: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    json.len()
}

fn write_string(out: &mut String, string: &str, letters: Letters) {
    let plain = match letters {
        Letters::AsSent => None,
        _ => serde_json::from_str::<String>(string).ok(),
    };
    let Some(Ok(plain)) = plain.map(|text| serde_json::to_string(&text)) else {
        out.push_str(string);
        return;
    };
    for letter in plain.chars() {
        match (letters, letter) {
            (Letters::SlashesToo, '/') => out.push_str("\\/"),
            (Letters::Escaped | Letters::SlashesToo, letter) if !letter.is_ascii() => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
            _ => out.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_written_again_as_other_writers_would() {
        let json = "{\"b\": \"\\u94bb/\\\"\", \"a\":\n1}";
        for (blanks, letters, expected) in [
            (Blanks::AsSent, Letters::AsSent, json),
            (
                Blanks::Without,
                Letters::AsSent,
                "{\"b\":\"\\u94bb/\\\"\",\"a\":1}",
            ),
            (
                Blanks::Without,
                Letters::Plain,
                "{\"b\":\"钻/\\\"\",\"a\":1}",
            ),
            (
                Blanks::AfterEach,
                Letters::SlashesToo,
                "{\"b\": \"\\u94bb\\/\\\"\", \"a\": 1}",
            ),
        ] {
            assert_eq!(rewritten(json, blanks, letters), expected);
        }
        let emoji = rewritten("\"\u{1F600}\"", Blanks::AsSent, Letters::Escaped);
        assert_eq!(emoji, "\"\\ud83d\\ude00\"");
    }
}
