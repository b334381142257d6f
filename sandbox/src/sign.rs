//! The signatures of the payment calls, written from WeChat's description.
//!
//! All are HMAC-SHA256, written in lower-case hex. In the classic calls `sig` covers the fields of the body and is
//! made with the app key of the environment; `mp_sig` covers the same fields plus `access_token` and `sig`, and is
//! made with the player's session key. What is signed is one line of text:
//!
//! ```text
//! key=value&key=value&...&org_loc=<path>&method=POST&<tail name>=<key>
//! ```
//!
//! The pairs stand in byte order of their names, values stand raw, and the tail is not sorted in.
//!
//! Virtual payment 2.0 signs the bytes of the body as they are posted: `pay_sig` with the app key over
//! `<uri>&<body>`, where the uri begins with a slash and has no query, and `signature` with the session key over
//! the body alone. For an item that is bought in the client, the body is `signData` and a literal name stands for
//! the uri. In a push, `PayEventSig` is made with the app key over `<Event>&<Payload>`.

use ring::hmac;
use std::borrow::Cow;
use std::fmt;

/// What stands for a key in every text that leaves the sandbox.
pub const MASK: &str = "***";

/// A key as WeChat gives it: a text, used for signing byte for byte and never decoded.
pub struct Key {
    text: String,
    hmac: hmac::Key,
}

impl Key {
    /// Prepares a key; the costly part of the HMAC is done here, once.
    pub fn new(text: impl Into<String>) -> Key {
        let text = text.into();
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, text.as_bytes());
        Key { text, hmac }
    }

    /// A key made of raw bytes that writes itself as `text` in the tail; only the doctor needs it.
    pub(crate) fn of_bytes(text: &str, bytes: &[u8]) -> Key {
        Key {
            text: text.to_owned(),
            hmac: hmac::Key::new(hmac::HMAC_SHA256, bytes),
        }
    }

    /// The key's own text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature of `message` with this key, in lower-case hex.
    pub fn sign(&self, message: &str) -> String {
        hex(hmac::sign(&self.hmac, message.as_bytes()).as_ref())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// One field that takes part in a signature.
pub type Pair<'a> = (&'a str, Cow<'a, str>);

/// The signature made with the app key over the fields of the body.
pub fn sig(fields: &[Pair<'_>], org_loc: &str, app_key: &Key) -> String {
    let message = message(&sorted(fields), org_loc, "secret", app_key.text());
    app_key.sign(&message)
}

/// The signature made with the session key over the fields, the access token and `sig`.
pub fn mp_sig(
    fields: &[Pair<'_>],
    access_token: &str,
    sig: &str,
    org_loc: &str,
    session_key: &Key,
) -> String {
    let pairs = with_token_and_sig(fields, access_token, sig);
    let message = message(&sorted(&pairs), org_loc, "session_key", session_key.text());
    session_key.sign(&message)
}

/// The signature of virtual payment 2.0 made with the app key.
pub fn pay_sig(uri: &str, body: &str, app_key: &Key) -> String {
    app_key.sign(&format!("{uri}&{body}"))
}

/// What stands for the uri when an item is bought in the client.
pub const ITEM_CALL: &str = "requestMidasPaymentGameItem";

/// The signature inside of a push.
pub fn pay_event_sig(event: &str, payload: &str, app_key: &Key) -> String {
    app_key.sign(&format!("{event}&{payload}"))
}

/// The signature of virtual payment 2.0 made with the session key.
pub fn signature(body: &str, session_key: &Key) -> String {
    session_key.sign(body)
}

/// The fields of `mp_sig`: those of `sig` and two more.
pub(crate) fn with_token_and_sig<'a>(
    fields: &[Pair<'a>],
    access_token: &'a str,
    sig: &'a str,
) -> Vec<Pair<'a>> {
    let mut pairs = fields.to_vec();
    pairs.push(("access_token", Cow::Borrowed(access_token)));
    pairs.push(("sig", Cow::Borrowed(sig)));
    pairs
}

/// The pairs in byte order of their names.
pub(crate) fn sorted<'a>(pairs: &[Pair<'a>]) -> Vec<Pair<'a>> {
    let mut pairs = pairs.to_vec();
    pairs.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    pairs
}

/// The line of text that is signed.
pub(crate) fn message(pairs: &[Pair<'_>], org_loc: &str, tail: &str, key: &str) -> String {
    let mut text = String::with_capacity(512);
    for (name, value) in pairs {
        text.push_str(name);
        text.push('=');
        text.push_str(value);
        text.push('&');
    }
    text.push_str("org_loc=");
    text.push_str(org_loc);
    text.push_str("&method=POST&");
    text.push_str(tail);
    text.push('=');
    text.push_str(key);
    text
}

/// Bytes in lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}
