//! The access_token: fetched once for everybody, kept until shortly before it expires.
//!
//! What keeps requests for it few: one at a time; a fresh one only near the end of the old one or when WeChat has
//! refused that; after a second refusal of a fresh token a pause that doubles; and so many a day at the most.

use crate::sign::Secret;

/// A fresh token is fetched this long before the old one ends, at the most: from then on `stable_token` gives a new
/// one. Callers go on with the old one meanwhile.
const AHEAD_MS: i64 = 300_000;
/// Spread over so much, so that the servers of a game do not all ask at once.
const AHEAD_SPREAD_MS: i64 = 120_000;
const RETRY_FIRST_MS: i64 = 500;
/// While nothing reaches WeChat.
const UNSENT_LONGEST_MS: i64 = 60_000;
/// While requests get no answer: fewer than 500 a day.
const RETRY_LONGEST_MS: i64 = 180_000;
/// Spreads the first request of a new day.
const MIDNIGHT_SPREAD_MS: i64 = 60_000;
/// After an answer that only a person can mend (wrong secret, address not on the allow-list).
const RETRY_CONFIGURATION_FIRST_MS: i64 = 60_000;
const RETRY_CONFIGURATION_LONGEST_MS: i64 = 600_000;
/// A token that is refused younger than this was refused for another reason than its age.
const YOUNG_MS: i64 = 300_000;
const REFUSED_FIRST_MS: i64 = 1_000;
const REFUSED_LONGEST_MS: i64 = 60_000;

/// WeChat's quotas are of days in this zone, UTC+8.
const ZONE_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// The day of `wall_ms` (Unix milliseconds), as WeChat counts.
pub fn day_of(wall_ms: i64) -> i64 {
    (wall_ms + ZONE_MS).div_euclid(DAY_MS)
}

/// How long that day still lasts.
pub fn left_of_day_ms(wall_ms: i64) -> i64 {
    (day_of(wall_ms) + 1) * DAY_MS - (wall_ms + ZONE_MS)
}

/// Where tokens come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The library asks `/cgi-bin/stable_token`.
    #[default]
    Stable,
    /// The library asks `/cgi-bin/token`, which ends the token of whoever asked before.
    Classic,
    /// The host brings them.
    Host,
}

/// Why a fetch brought no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nothing reached WeChat.
    NotSent,
    /// No answer, or one that says to come back.
    Later,
    /// Only a person can mend it.
    Configuration,
    /// WeChat gives none any more today.
    DayIsOver,
}

struct Held {
    token: Secret,
    fetched_at_ms: i64,
    refresh_at_ms: i64,
    expires_at_ms: i64,
    version: u64,
}

/// The one token of one app. The engine asks [`Token::wants_fetch`], fetches, and reports what came.
pub struct Token {
    most_per_day: u32,
    held: Option<Held>,
    last_version: u64,
    fetching: bool,
    failures: u32,
    young_refusals: u32,
    not_before_ms: i64,
    day: i64,
    requests: u32,
}

impl Token {
    /// No token yet; so many requests a day at the most.
    pub fn new(most_per_day: u32) -> Self {
        Self {
            most_per_day,
            held: None,
            last_version: 0,
            fetching: false,
            failures: 0,
            young_refusals: 0,
            not_before_ms: i64::MIN,
            day: i64::MIN,
            requests: 0,
        }
    }

    /// The token to use now, with its version.
    pub fn current(&self, now_ms: i64) -> Option<(&Secret, u64)> {
        self.held
            .as_ref()
            .filter(|held| now_ms < held.expires_at_ms)
            .map(|held| (&held.token, held.version))
    }

    /// True when there is none, or it ends soon.
    pub fn is_stale(&self, now_ms: i64) -> bool {
        self.held
            .as_ref()
            .is_none_or(|held| now_ms >= held.refresh_at_ms)
    }

    /// True when WeChat may be asked for one, as far as the pauses go.
    pub fn may_request(&self, now_ms: i64) -> bool {
        now_ms >= self.not_before_ms
    }

    /// When WeChat may be asked again.
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

    /// The fetch has ended before anything was asked of WeChat.
    pub fn fetch_ended(&mut self) {
        self.fetching = false;
    }

    /// Counts one request of this day.
    pub fn count_request(&mut self, day: i64) {
        if self.day != day {
            self.day = day;
            self.requests = 0;
        }
        self.requests += 1;
    }

    /// True when the day has had its requests.
    pub fn is_spent(&self, day: i64) -> bool {
        self.day == day && self.requests >= self.most_per_day
    }

    /// The fetch brought a token; `random` spreads the next one.
    pub fn fetched(&mut self, token: Secret, expires_in_s: i64, now_ms: i64, random: u32) {
        let lives_ms = expires_in_s.clamp(0, 86_400) * 1000;
        let ahead_ms = AHEAD_MS - AHEAD_SPREAD_MS * i64::from(random) / i64::from(u32::MAX);
        self.fetching = false;
        self.failures = 0;
        self.not_before_ms = now_ms;
        // The same again has the same version: a refusal of what was sent with it is one of this.
        let same = self
            .held
            .as_ref()
            .is_some_and(|held| held.token.as_str() == token.as_str());
        self.last_version += u64::from(!same);
        self.held = Some(Held {
            token,
            fetched_at_ms: now_ms,
            refresh_at_ms: now_ms + lives_ms - ahead_ms.min(lives_ms / 2),
            expires_at_ms: now_ms + lives_ms,
            version: self.last_version,
        });
    }

    /// No fetch before then.
    pub fn pause_until(&mut self, at_ms: i64) {
        self.not_before_ms = self.not_before_ms.max(at_ms);
    }

    /// The fetch failed; `day_left_ms` is how long WeChat's day still lasts.
    pub fn fetch_failed(&mut self, why: Failure, now_ms: i64, day_left_ms: i64, random: u32) {
        self.fetching = false;
        let doubled = |first_ms: i64, longest_ms: i64| {
            let pause_ms = longest_ms.min(first_ms << self.failures.min(16));
            pause_ms / 2 + pause_ms * i64::from(random) / i64::from(u32::MAX)
        };
        let pause_ms = match why {
            Failure::NotSent => {
                // It has cost nothing.
                self.requests = self.requests.saturating_sub(1);
                doubled(RETRY_FIRST_MS, UNSENT_LONGEST_MS)
            }
            Failure::Later => doubled(RETRY_FIRST_MS, RETRY_LONGEST_MS),
            Failure::Configuration => {
                doubled(RETRY_CONFIGURATION_FIRST_MS, RETRY_CONFIGURATION_LONGEST_MS)
            }
            Failure::DayIsOver => {
                day_left_ms + MIDNIGHT_SPREAD_MS * i64::from(random) / i64::from(u32::MAX)
            }
        };
        self.failures += 1;
        self.pause_until(now_ms + pause_ms);
    }

    /// WeChat refused the token of this version: it is dropped, unless a newer one has come meanwhile.
    /// True when it was.
    pub fn refuse(&mut self, version: u64, now_ms: i64) -> bool {
        let Some(held) = self.held.take_if(|held| held.version == version) else {
            return false;
        };
        if now_ms - held.fetched_at_ms >= YOUNG_MS {
            self.young_refusals = 0;
        } else {
            self.young_refusals += 1;
        }
        // One refusal of a fresh token is bad luck; from the second on somebody else is at it, or none will do.
        if let Some(more) = self.young_refusals.checked_sub(2) {
            self.pause_until(now_ms + REFUSED_LONGEST_MS.min(REFUSED_FIRST_MS << more.min(16)));
        }
        true
    }

    /// How long ago the current token was fetched.
    pub fn age_ms(&self, now_ms: i64) -> Option<i64> {
        self.held.as_ref().map(|held| now_ms - held.fetched_at_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Token {
        Token::new(500)
    }

    fn wants_fetch(token: &Token, now_ms: i64) -> bool {
        !token.is_fetching() && token.is_stale(now_ms) && token.may_request(now_ms)
    }

    #[test]
    fn only_one_fetch_is_under_way() {
        let mut token = token();
        assert!(wants_fetch(&token, 0));
        token.fetch_started();
        assert!(!wants_fetch(&token, 0));
        token.fetched(Secret::new("t"), 7200, 0, 0);
        assert!(!wants_fetch(&token, 0));
    }

    #[test]
    fn a_token_is_renewed_ahead_of_its_end_and_used_meanwhile() {
        for (random, refresh_at_ms) in [(0, 6_900_000), (u32::MAX, 7_020_000)] {
            let mut token = token();
            token.fetched(Secret::new("t"), 7200, 0, random);
            assert!(!wants_fetch(&token, refresh_at_ms - 1));
            assert!(wants_fetch(&token, refresh_at_ms));
            assert!(token.current(refresh_at_ms).is_some());
            assert!(token.current(7_200_000).is_none());
        }
    }

    #[test]
    fn a_token_that_ends_soon_is_not_renewed_at_once() {
        let mut token = token();
        token.fetched(Secret::new("t"), 60, 0, 0);
        assert!(!wants_fetch(&token, 29_999));
        assert!(wants_fetch(&token, 30_000));
    }

    #[test]
    fn the_same_token_fetched_again_is_the_same_when_it_is_refused() {
        let mut token = token();
        token.fetched(Secret::new("t"), 7200, 0, 0);
        let version = token.current(0).expect("just fetched").1;
        token.fetched(Secret::new("t"), 7200, 10, 0);
        assert!(token.refuse(version, 10));
    }

    #[test]
    fn a_late_refusal_of_an_old_token_keeps_the_new_one() {
        let mut token = token();
        token.fetched(Secret::new("old"), 7200, 0, 0);
        let old = token.current(0).expect("just fetched").1;
        token.fetched(Secret::new("new"), 7200, 10, 0);
        assert!(!token.refuse(old, 10));
        assert_eq!(
            token.current(10).expect("the new one stays").0.as_bytes(),
            b"new"
        );
    }

    #[test]
    fn failed_fetches_back_off() {
        let half = u32::MAX / 2;
        let mut token = token();
        token.fetch_started();
        token.fetch_failed(Failure::Later, 1000, 0, half);
        assert!(!wants_fetch(&token, 1000));
        assert!(wants_fetch(&token, 1500));
        token.fetch_failed(Failure::Configuration, 0, 0, u32::MAX);
        assert_eq!(token.retry_at_ms(), 180_000, "doubled: the second failure");
    }

    #[test]
    fn a_day_that_is_over_is_waited_out() {
        // 2023-11-14 22:13:20 UTC is 06:13:20 of the 15th in UTC+8.
        let wall_ms = 1_700_000_000_000;
        assert_eq!(left_of_day_ms(wall_ms), (17 * 3600 + 46 * 60 + 40) * 1000);
        assert_eq!(
            day_of(wall_ms) + 1,
            day_of(wall_ms + left_of_day_ms(wall_ms))
        );
        let mut token = token();
        token.fetch_failed(Failure::DayIsOver, 0, left_of_day_ms(wall_ms), 0);
        assert_eq!(token.retry_at_ms(), left_of_day_ms(wall_ms));
    }

    #[test]
    fn fresh_tokens_that_are_refused_are_fetched_ever_more_slowly() {
        let mut token = token();
        let (mut now_ms, mut fetches) = (0, 0);
        while now_ms < 3_600_000 {
            if wants_fetch(&token, now_ms) {
                fetches += 1;
                token.fetch_started();
                token.fetched(Secret::new("t"), 7200, now_ms, 0);
            }
            if let Some((_, version)) = token.current(now_ms) {
                token.refuse(version, now_ms);
            }
            now_ms += 100;
        }
        assert!((60..70).contains(&fetches), "{fetches}");
        // One that was good for a while makes up for it.
        token.fetched(Secret::new("t"), 7200, now_ms, 0);
        now_ms += YOUNG_MS;
        let version = token.current(now_ms).expect("it lives").1;
        token.refuse(version, now_ms);
        assert!(wants_fetch(&token, now_ms));
    }

    #[test]
    fn a_day_has_so_many_requests_and_no_more() {
        let mut token = Token::new(3);
        (0..2).for_each(|_| token.count_request(7));
        assert!(!token.is_spent(7));
        token.count_request(7);
        assert!(token.is_spent(7) && !token.is_spent(8));
        // What never left is not counted.
        token.fetch_failed(Failure::NotSent, 0, 0, 0);
        assert!(!token.is_spent(7));
    }
}
