//! Says why a signature is wrong, by making the common mistakes and looking which one gives the same.
//!
//! A client never shows the text it signed, so the doctor cannot compare texts. It shows the text that the
//! server signed, with every key masked, where the two signatures differ, and the mistake it found.

use crate::call::{Call, Env, org_loc};
use crate::sign::{Key, MASK, Pair, message, sorted, with_token_and_sig};
use crate::world::AppKeys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::borrow::Cow;
use std::sync::Arc;

/// A signed request whose signature is wrong.
pub(crate) struct Case<'a> {
    pub(crate) fields: &'a [Pair<'a>],
    /// The fields that were sent empty.
    pub(crate) empty: Vec<&'a str>,
    pub(crate) call: Call,
    pub(crate) env: Env,
    pub(crate) keys: &'a AppKeys,
    pub(crate) access_token: &'a str,
    pub(crate) sig: &'a str,
}

/// The longest request, in bytes, for which all mistakes are tried: everybody else waits meanwhile.
const MAX_LENGTH: usize = 16 * 1024;

/// What is said of a request that is longer.
pub(crate) const TOO_LONG: &str = "the request is too long to look for the mistake";

/// The mistake that gives the right letters in upper case.
pub(crate) const UPPER_CASE: &str = "the hex is upper case; it must be lower case";

/// One way of doing a part of the work: right when the mistake has no name.
pub(crate) type Way<T> = (&'static str, T);

/// Where the tail `org_loc=...&method=...&key` goes.
#[derive(Clone, Copy, PartialEq)]
enum Tail {
    AtTheEnd,
    SortedIn,
    WithoutKey,
}

const TAILS: [Way<Tail>; 3] = [
    ("", Tail::AtTheEnd),
    (
        "org_loc, method and the key were sorted in instead of standing at the end",
        Tail::SortedIn,
    ),
    (
        "the key was left out of the end of the string",
        Tail::WithoutKey,
    ),
];

/// Why `sig` is wrong.
pub(crate) fn sig(case: &Case<'_>, received: &str, expected: &str) -> String {
    let right = case.keys.of(case.env);
    let other = case.keys.of(case.env.other());
    let keys = [
        ("", right),
        (
            "it was made with the app key of the other environment",
            other,
        ),
    ];
    let mut fields = field_ways(case);
    let with_token = [("access_token", Cow::Borrowed(case.access_token))];
    fields.push((
        "access_token was signed, which belongs in mp_sig only",
        [case.fields, &with_token].concat(),
    ));
    let tries = Tries {
        received,
        paths: paths(case),
        keys: &keys,
        fields: &fields,
        tail_name: "secret",
    };
    let signed = message(
        &sorted(case.fields),
        &org_loc(case.call, case.env),
        "secret",
        MASK,
    );
    let report = report(received, expected, tries.find());
    format!("{report}; signed string: {signed}")
}

/// The mistake of taking a session_key for base64.
pub(crate) fn base64_decoded(session_key: &Key) -> Option<Key> {
    let bytes = STANDARD.decode(session_key.text()).ok()?;
    Some(Key::of_bytes(session_key.text(), &bytes))
}

/// The right session_key, and those that are taken for it.
pub(crate) fn session_keys<'k>(
    session_key: &'k Key,
    decoded: Option<&'k Key>,
    earlier: &'k [Arc<Key>],
) -> Vec<(&'static str, &'k Key)> {
    let mut keys = vec![("", session_key)];
    keys.extend(decoded.map(|key| ("session_key was base64-decoded; its text is the key", key)));
    let mistake = "it was made with an earlier session_key of this player";
    keys.extend(earlier.iter().map(|key| (mistake, key.as_ref())));
    keys
}

/// Why `mp_sig` is wrong.
pub(crate) fn mp_sig(
    case: &Case<'_>,
    received: &str,
    expected: &str,
    session_key: &Key,
    earlier: &[Arc<Key>],
    tokens: &[String],
) -> String {
    let decoded = base64_decoded(session_key);
    let mut keys = session_keys(session_key, decoded.as_ref(), earlier);
    keys.push((
        "it was made with the app key; mp_sig takes the session_key",
        case.keys.of(case.env),
    ));

    let mut fields = Vec::new();
    for (name, pairs) in field_ways(case) {
        fields.push((
            name,
            with_token_and_sig(&pairs, case.access_token, case.sig),
        ));
    }
    let without = |left_out: &str| -> Vec<Pair<'_>> {
        let mut pairs = with_token_and_sig(case.fields, case.access_token, case.sig);
        pairs.retain(|(name, _)| *name != left_out);
        pairs
    };
    fields.push((
        "access_token was left out of mp_sig",
        without("access_token"),
    ));
    fields.push(("sig was left out of mp_sig", without("sig")));
    for token in tokens.iter().filter(|token| *token != case.access_token) {
        let pairs = with_token_and_sig(case.fields, token, case.sig);
        fields.push((
            "another access_token was signed than the one in the query",
            pairs,
        ));
    }
    let tries = Tries {
        received,
        paths: paths(case),
        keys: &keys,
        fields: &fields,
        tail_name: "session_key",
    };
    let masked = with_token_and_sig(case.fields, MASK, case.sig);
    let org_loc = org_loc(case.call, case.env);
    let signed = message(&sorted(&masked), &org_loc, "session_key", MASK);
    let report = report(received, expected, tries.find());
    format!("{report}; signed string: {signed}")
}

/// The paths that could have been signed.
fn paths(case: &Case<'_>) -> [Way<String>; 2] {
    let mistake = match case.env {
        Env::Sandbox => "the sandbox path is missing in org_loc",
        Env::Production => "org_loc has the sandbox path, but production was called",
    };
    [
        ("", org_loc(case.call, case.env)),
        (mistake, org_loc(case.call, case.env.other())),
    ]
}

/// The fields that could have been signed.
fn field_ways<'a>(case: &Case<'a>) -> Vec<Way<Vec<Pair<'a>>>> {
    let with = |names: &[&'a str]| -> Vec<Pair<'a>> {
        let mut pairs = case.fields.to_vec();
        pairs.extend(names.iter().map(|name| (*name, Cow::Borrowed(""))));
        pairs
    };
    let mut ways = vec![("", case.fields.to_vec())];
    if !case.empty.is_empty() {
        ways.push(("an empty optional field was signed", with(&case.empty)));
    }
    let optional = ["pay_item", "app_remark", "user_ip"];
    for count in 1..8_usize {
        let chosen = |at: &usize| count >> at & 1 == 1;
        let names: Vec<&str> = (0..3).filter(chosen).map(|at| optional[at]).collect();
        let sent = |name: &&str| case.fields.iter().any(|(known, _)| known == name);
        if !names.iter().any(sent) {
            ways.push((
                "an optional field that was not sent was signed as empty",
                with(&names),
            ));
        }
    }
    let escaped = |(name, value): &Pair<'a>| (*name, Cow::Owned(percent_encoded(value)));
    let all_escaped: Vec<Pair<'a>> = case.fields.iter().map(escaped).collect();
    if all_escaped != case.fields {
        ways.push(("the values were percent-encoded", all_escaped));
    }
    ways
}

/// All mistakes in all combinations.
struct Tries<'a> {
    received: &'a str,
    paths: [Way<String>; 2],
    keys: &'a [Way<&'a Key>],
    fields: &'a [Way<Vec<Pair<'a>>>],
    tail_name: &'a str,
}

impl Tries<'_> {
    /// The fewest mistakes that together give the signature that was received.
    fn find(&self) -> Option<Vec<&'static str>> {
        let length = |(name, value): &Pair<'_>| name.len() + value.len();
        let longest = self
            .fields
            .iter()
            .map(|(_, fields)| fields.iter().map(length).sum());
        if longest.max().unwrap_or(0_usize) > MAX_LENGTH {
            return Some(vec![TOO_LONG]);
        }
        let lower = self.received.to_ascii_lowercase();
        let letters = match lower == self.received {
            true => "",
            false => UPPER_CASE,
        };
        let mut best: Option<Vec<&'static str>> = None;
        for (fields_mistake, fields) in self.fields {
            for (path_mistake, path) in &self.paths {
                for (tail_mistake, tail) in TAILS {
                    for (key_mistake, key) in self.keys {
                        let text = self.text(fields, path, tail, key);
                        if key.sign(&text) != lower {
                            continue;
                        }
                        let all = [
                            path_mistake,
                            key_mistake,
                            fields_mistake,
                            tail_mistake,
                            letters,
                        ];
                        let found: Vec<_> = all.into_iter().filter(|m| !m.is_empty()).collect();
                        if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                            best = Some(found);
                        }
                    }
                }
            }
        }
        best
    }

    fn text(&self, fields: &[Pair<'_>], path: &str, tail: Tail, key: &Key) -> String {
        match tail {
            Tail::AtTheEnd => message(&sorted(fields), path, self.tail_name, key.text()),
            Tail::WithoutKey => {
                let text = message(&sorted(fields), path, "", "");
                text.strip_suffix("&=").unwrap_or(&text).to_owned()
            }
            Tail::SortedIn => {
                let mut pairs = fields.to_vec();
                pairs.push(("org_loc", Cow::Borrowed(path)));
                pairs.push(("method", Cow::Borrowed("POST")));
                pairs.push((self.tail_name, Cow::Borrowed(key.text())));
                let parts = sorted(&pairs);
                let parts: Vec<String> = parts.iter().map(|(n, v)| format!("{n}={v}")).collect();
                parts.join("&")
            }
        }
    }
}

/// What is written into errmsg before the text that was signed.
pub(crate) fn report(received: &str, expected: &str, found: Option<Vec<&str>>) -> String {
    let diagnosis = match found {
        Some(mistakes) if !mistakes.is_empty() => mistakes.join(" and "),
        _ => "none of the common mistakes gives the signature received".to_owned(),
    };
    let shown: String = received.chars().take(80).collect();
    let differs = match received
        .bytes()
        .zip(expected.bytes())
        .position(|(a, b)| a != b)
    {
        Some(at) => format!("they differ from character {} on", at + 1),
        None => format!("lengths are {} and {}", received.len(), expected.len()),
    };
    format!("[{diagnosis}] received {shown}, expected {expected}, {differs}")
}

fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
