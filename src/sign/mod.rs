//! Signatures of WeChat's payment calls, and what exactly was signed.
//!
//! Pure: no clock, no network, no file. Keys come in as text, are used as text (a session_key is never
//! base64-decoded) and are wiped when dropped.
//!
//! | file | what it holds |
//! |---|---|
//! | [`midas_v1`] | `sig` and `mp_sig` of the classic Midas calls |
//! | [`game_v2`] | `pay_sig` and `signature` of the virtual payment 2.0 |
//! | [`login_state`] | the `signature` of calls about a session |
//! | [`push`] | what proves a message push, and what opens it |
//! | [`explain`] | the very string that was signed, secrets masked |

pub mod explain;
pub mod game_v2;
pub mod login_state;
pub mod midas_v1;
pub mod push;

use std::fmt;

use zeroize::Zeroizing;

pub use midas_v1::AppKey;

/// A SHA-256 value as 64 lower-case hex digits, on the stack.
pub type HexDigest = [u8; 64];

/// The digits of a [`HexDigest`] as text.
pub fn hex_text(digest: &HexDigest) -> &str {
    std::str::from_utf8(digest).expect("hex digits are ASCII")
}

/// The text of a key, a session or a token. It is wiped when dropped and never shows itself.
#[derive(Clone)]
pub struct Secret(Zeroizing<Box<str>>);

impl Secret {
    /// Keeps a copy of `text`; wiping the original is the caller's part.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(Box::from(text)))
    }

    /// The text as bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// True when there is no text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows_itself() {
        let secret = Secret::new("V7Q38");
        assert_eq!(
            format!("{secret:?} {:?}", Some(secret.clone())),
            "*** Some(***)"
        );
        assert_eq!(secret.as_bytes(), b"V7Q38");
    }
}
