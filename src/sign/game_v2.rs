//! `pay_sig` and `signature` of the virtual payment 2.0 for games (WeChat's page "signature").
//!
//! ```text
//! pay_sig   = hex(HMAC-SHA256(AppKey,      path & body))
//! signature = hex(HMAC-SHA256(session_key, body))
//! ```
//!
//! `path` is the one posted to, from its leading slash on, without host and query. `body` is what is posted, byte
//! for byte: whoever writes the JSON anew after signing breaks both. Nothing secret stands in the signed text.
//!
//! What is not posted has a plain name in place of the path: `requestMidasPaymentGameItem` for the order that a game
//! client hands over.

use hmac::Mac;

use super::midas_v1::{AppKey, digits, is_path};
use super::{HexDigest, Secret, login_state};
use crate::error::{Error, Result};

/// `pay_sig` of `body` posted to `path`, or handed over under a plain name. Refuses what is neither path nor name, a
/// path with host or query, and an empty body.
pub fn pay_sig(path: &str, body: &str, app_key: &AppKey) -> Result<HexDigest> {
    check(path, body)?;
    Ok(sign_named(path, body.as_bytes(), app_key))
}

/// `signature` of a POST of `body`. Refuses an empty key and an empty body.
///
/// `session_key` is the text that `code2Session` gave, as it came.
pub fn signature(body: &str, session_key: &Secret) -> Result<HexDigest> {
    if session_key.is_empty() {
        return Err(Error::invalid(
            "session_key",
            "is empty: give the session_key of the player's newest login",
        ));
    }
    check_body(body)?;
    Ok(login_state::signature(session_key, body.as_bytes()))
}

/// `name & text` signed with the AppKey, for a caller who has checked both: nothing is looked at again here.
pub fn sign_named(name: &str, text: &[u8], app_key: &AppKey) -> HexDigest {
    let mut mac = app_key.state.clone();
    for piece in [name.as_bytes(), b"&", text] {
        mac.update(piece);
    }
    digits(mac)
}

/// The string under `pay_sig`. The same rules as [`pay_sig`].
pub fn explain_pay_sig(path: &str, body: &str) -> Result<String> {
    check(path, body)?;
    Ok([path, "&", body].concat())
}

/// The string under `signature`: the body itself. The same rules for it as [`signature`].
pub fn explain_signature(body: &str) -> Result<String> {
    check_body(body)?;
    Ok(body.to_owned())
}

fn check(path: &str, body: &str) -> Result<()> {
    if !is_path(path) && !is_name(path) {
        return Err(Error::invalid(
            "path",
            "must begin with one `/` and hold no host, query or blank, like `/wxa/game/pay`, or be a name of letters, \
             digits and `_` only, like `requestMidasPaymentGameItem`",
        ));
    }
    check_body(body)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

fn check_body(body: &str) -> Result<()> {
    if body.is_empty() {
        return Err(Error::invalid(
            "body",
            "is empty: give the JSON exactly as it is posted",
        ));
    }
    Ok(())
}
