//! Login codes, as a client gets them from `wx.login`.
//!
//! `code:<openid>:<nonce>` logs that player in, once. Every other code must have been scripted.

use std::collections::{HashMap, HashSet, VecDeque};

/// How many used codes are remembered, and how many can be scripted; the oldest is forgotten first.
const MAX_CODES: usize = 1_000_000;

/// How long a scripted code lives, in seconds.
const CODE_VALID_S: i64 = 300;

/// What a scripted code comes to.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Login {
        openid: String,
        session_key: Option<String>,
    },
    Errcode(i64),
}

#[derive(Default)]
pub(crate) struct Codes {
    used: HashSet<Box<str>>,
    used_order: VecDeque<Box<str>>,
    scripted: HashMap<String, (Outcome, i64)>,
}

impl Codes {
    /// Says what a code will come to; false when no more can be scripted.
    pub(crate) fn script(&mut self, code: &str, outcome: Outcome, now_s: i64) -> bool {
        if self.scripted.len() >= MAX_CODES && !self.scripted.contains_key(code) {
            return false;
        }
        self.used.remove(code);
        let expires_s = now_s + CODE_VALID_S;
        self.scripted.insert(code.to_owned(), (outcome, expires_s));
        true
    }

    /// What a code comes to, without using it up.
    pub(crate) fn look_up(&self, code: &str, now_s: i64) -> Outcome {
        if self.used.contains(code) {
            return Outcome::Errcode(40163);
        }
        match self.scripted.get(code) {
            Some((_, expires_s)) if now_s >= *expires_s => Outcome::Errcode(40029),
            Some((outcome, _)) => outcome.clone(),
            None => match openid_of(code) {
                Some(openid) => Outcome::Login {
                    openid: openid.to_owned(),
                    session_key: None,
                },
                None => Outcome::Errcode(40029),
            },
        }
    }

    /// A code works once.
    pub(crate) fn use_up(&mut self, code: &str) {
        self.scripted.remove(code);
        if self.used.insert(code.into()) {
            self.used_order.push_back(code.into());
        }
        while self.used_order.len() > MAX_CODES {
            if let Some(oldest) = self.used_order.pop_front() {
                self.used.remove(&oldest);
            }
        }
    }
}

/// The player in `code:<openid>:<nonce>`.
fn openid_of(code: &str) -> Option<&str> {
    let (openid, nonce) = code.strip_prefix("code:")?.split_once(':')?;
    (is_name(openid) && is_name(nonce)).then_some(openid)
}

pub(crate) const NAME_RULE: &str = "must be 1 to 128 letters, digits, _ and -";

/// 1 to 128 letters, digits, `_` and `-`.
pub(crate) fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_its_player_and_everything_else_is_malformed() {
        assert_eq!(openid_of("code:oPlayer-1_x:n1"), Some("oPlayer-1_x"));
        for bad in [
            "code:o",
            "code::n",
            "code:o:",
            "o:n",
            "",
            "code:o:n:m",
            "code:ö:n",
        ] {
            assert_eq!(openid_of(bad), None, "{bad}");
        }
    }
}
