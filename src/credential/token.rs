//! The access_token: fetched once for everybody, kept until shortly before it expires.

use crate::sign::Secret;

/// A fresh token may be fetched this long before the old one ends; callers go on with the old one meanwhile.
const AHEAD_MS: i64 = 300_000;
const RETRY_FIRST_MS: i64 = 500;
const RETRY_LONGEST_MS: i64 = 60_000;
/// After an answer that only a person can mend (wrong secret, address not on the allow-list).
const RETRY_CONFIGURATION_MS: i64 = 60_000;

struct Held {
    token: Secret,
    fetched_at_ms: i64,
    expires_at_ms: i64,
    version: u64,
}

/// The one token of one app. The engine asks [`Token::wants_fetch`], fetches, and reports what came.
#[derive(Default)]
pub struct Token {
    held: Option<Held>,
    last_version: u64,
    fetching: bool,
    failures: u32,
    not_before_ms: i64,
}

impl Token {
    /// The token to use now, with its version.
    pub fn current(&self, now_ms: i64) -> Option<(&Secret, u64)> {
        self.held
            .as_ref()
            .filter(|held| now_ms < held.expires_at_ms)
            .map(|held| (&held.token, held.version))
    }

    /// True when a fetch should start now. Never more than one is under way.
    pub fn wants_fetch(&self, now_ms: i64) -> bool {
        let stale = self.held.as_ref().is_none_or(|held| {
            now_ms
                >= held.expires_at_ms - AHEAD_MS.min((held.expires_at_ms - held.fetched_at_ms) / 2)
        });
        stale && self.may_fetch(now_ms)
    }

    /// True when a fetch may start, whether or not one is needed.
    pub fn may_fetch(&self, now_ms: i64) -> bool {
        !self.fetching && now_ms >= self.not_before_ms
    }

    /// When to look at [`Token::wants_fetch`] again while callers wait.
    pub fn retry_at_ms(&self) -> i64 {
        self.not_before_ms
    }

    /// True while a fetch is under way.
    pub fn is_fetching(&self) -> bool {
        self.fetching
    }

    /// A fetch has started.
    pub fn fetch_started(&mut self) {
        self.fetching = true;
    }

    /// The fetch brought a token.
    pub fn fetched(&mut self, token: Secret, expires_in_s: i64, now_ms: i64) {
        self.fetching = false;
        self.failures = 0;
        self.not_before_ms = now_ms;
        self.last_version += 1;
        self.held = Some(Held {
            token,
            fetched_at_ms: now_ms,
            expires_at_ms: now_ms + expires_in_s.clamp(0, 86_400) * 1000,
            version: self.last_version,
        });
    }

    /// No fetch before then.
    pub fn pause_until(&mut self, at_ms: i64) {
        self.not_before_ms = self.not_before_ms.max(at_ms);
    }

    /// The fetch failed; `configuration` when only a person can mend it.
    pub fn fetch_failed(&mut self, configuration: bool, now_ms: i64, random: u32) {
        self.fetching = false;
        let pause_ms = if configuration {
            RETRY_CONFIGURATION_MS
        } else {
            RETRY_LONGEST_MS.min(RETRY_FIRST_MS << self.failures.min(16))
        };
        self.failures += 1;
        self.not_before_ms =
            now_ms + pause_ms / 2 + pause_ms * i64::from(random) / i64::from(u32::MAX);
    }

    /// WeChat refused the token of this version: it is dropped, unless a newer one has come meanwhile.
    /// True when it was.
    pub fn refuse(&mut self, version: u64) -> bool {
        let current = self
            .held
            .as_ref()
            .is_some_and(|held| held.version == version);
        if current {
            self.held = None;
        }
        current
    }

    /// How long ago the current token was fetched.
    pub fn age_ms(&self, now_ms: i64) -> Option<i64> {
        self.held.as_ref().map(|held| now_ms - held.fetched_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_fetch_is_under_way() {
        let mut token = Token::default();
        assert!(token.wants_fetch(0));
        token.fetch_started();
        assert!(!token.wants_fetch(0));
        token.fetched(Secret::new("t"), 7200, 0);
        assert!(!token.wants_fetch(0));
    }

    #[test]
    fn a_token_is_renewed_ahead_of_its_end_and_used_meanwhile() {
        let mut token = Token::default();
        token.fetched(Secret::new("t"), 7200, 0);
        assert!(!token.wants_fetch(6_899_999));
        assert!(token.wants_fetch(6_900_000));
        assert!(token.current(6_900_000).is_some());
        assert!(token.current(7_200_000).is_none());
    }

    #[test]
    fn a_late_refusal_of_an_old_token_keeps_the_new_one() {
        let mut token = Token::default();
        token.fetched(Secret::new("old"), 7200, 0);
        let old = token.current(0).expect("just fetched").1;
        token.fetched(Secret::new("new"), 7200, 10);
        token.refuse(old);
        assert_eq!(
            token.current(10).expect("the new one stays").0.as_bytes(),
            b"new"
        );
    }

    #[test]
    fn failed_fetches_back_off() {
        let mut token = Token::default();
        token.fetch_started();
        token.fetch_failed(false, 1000, u32::MAX / 2);
        assert!(!token.wants_fetch(1000));
        assert!(token.wants_fetch(1500));
    }
}
