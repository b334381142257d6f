//! The access_token of one app, which all its clients on one journal share: who fetches it, and what came.

use super::Written;

/// No lease holds longer, whatever a clock that was set back makes of its end.
const LONGEST_LEASE_MS: i64 = 300_000;

/// What the journal holds for one appid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SharedToken {
    /// Names the token that is here; 0 before the first.
    pub version: u64,
    /// The token, encrypted by who put it; empty before the first.
    pub sealed: Vec<u8>,
    /// Who may fetch the next one, 0 nobody.
    pub holder: u64,
    /// And until when, Unix milliseconds.
    pub leased_until_ms: i64,
    /// The day of the last request, counted as WeChat counts.
    pub day: i64,
    /// How many requests for a token that day has seen.
    pub requests: u32,
}

/// Who asks to fetch the token, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The client, by a number of its own that is never 0.
    pub holder: u64,
    /// The version it has and wants to replace; 0 none.
    pub known: u64,
    /// WeChat has refused that version: nobody is to take it up again.
    pub refused: bool,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
    /// When its request will have come to an end.
    pub until_ms: i64,
    /// Today, as WeChat counts days.
    pub day: i64,
    /// The most requests of a day; 0 only looks whether there is a newer token.
    pub most_per_day: u32,
}

impl Lease {
    /// The same by the one clock of a journal that servers share: theirs may be hours apart.
    pub(super) fn by_clock(&self, now_ms: i64) -> Lease {
        Lease {
            now_ms,
            until_ms: now_ms.saturating_add(self.until_ms.saturating_sub(self.now_ms)),
            ..*self
        }
    }
}

impl SharedToken {
    pub(super) fn lease(&mut self, lease: &Lease) -> Written {
        // An older one is there where a newer one could not be written.
        if self.version > lease.known && !self.sealed.is_empty() {
            return Written::Token {
                version: self.version,
                sealed: self.sealed.clone(),
            };
        }
        if lease.refused {
            self.sealed.clear();
        }
        let left_ms = self.leased_until_ms - lease.now_ms;
        if self.holder != 0
            && self.holder != lease.holder
            && (1..=LONGEST_LEASE_MS).contains(&left_ms)
        {
            return Written::Busy;
        }
        if self.day != lease.day {
            self.day = lease.day;
            self.requests = 0;
        }
        if self.requests >= lease.most_per_day {
            return Written::Spent;
        }
        self.requests += 1;
        self.holder = lease.holder;
        self.leased_until_ms = lease.until_ms;
        Written::Leased
    }

    /// Another client's lease means that this one's has ended: what it brings comes too late.
    pub(super) fn put(&mut self, holder: u64, version: u64, sealed: &[u8]) {
        if self.holder == 0 || self.holder == holder {
            self.version = version;
            self.sealed = sealed.to_vec();
            self.holder = 0;
        }
    }

    /// `unused`: no request reached WeChat.
    pub(super) fn give_back(&mut self, holder: u64, unused: bool) {
        if self.holder == holder {
            self.holder = 0;
            self.requests = self.requests.saturating_sub(u32::from(unused));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lease(holder: u64, known: u64, now_ms: i64) -> Lease {
        Lease {
            holder,
            known,
            refused: false,
            now_ms,
            until_ms: now_ms + 10_000,
            day: now_ms / 86_400_000,
            most_per_day: 3,
        }
    }

    fn token_77() -> Written {
        Written::Token {
            version: 77,
            sealed: b"sealed".to_vec(),
        }
    }

    #[test]
    fn one_fetches_and_the_others_take_what_it_brought() {
        let mut token = SharedToken::default();
        assert_eq!(token.lease(&lease(1, 0, 0)), Written::Leased);
        assert_eq!(token.lease(&lease(2, 0, 5)), Written::Busy);
        token.put(1, 77, b"sealed");
        assert_eq!(token.lease(&lease(2, 0, 6)), token_77());
        // The one it has just taken is no good: it fetches another.
        assert_eq!(token.lease(&lease(2, 77, 7)), Written::Leased);
    }

    #[test]
    fn a_refused_token_is_taken_up_by_nobody_and_no_other_is_dropped_for_it() {
        let mut token = SharedToken::default();
        token.put(1, 77, b"sealed");
        let refused = |known| Lease {
            refused: true,
            ..lease(1, known, 0)
        };
        assert_eq!(token.lease(&refused(76)), token_77());
        assert_eq!(token.lease(&refused(77)), Written::Leased);
        assert!(token.sealed.is_empty());
    }

    #[test]
    fn an_older_token_never_takes_the_place_of_a_newer_one() {
        let mut token = SharedToken::default();
        token.put(1, 77, b"sealed");
        // The newer one could not be written.
        assert_eq!(token.lease(&lease(1, 78, 0)), Written::Leased);
        // What a client brings after its lease went to another is not kept.
        let mut token = SharedToken::default();
        token.lease(&lease(1, 0, 0));
        token.lease(&lease(2, 0, 10_000));
        token.put(1, 77, b"sealed");
        assert!(token.sealed.is_empty());
    }

    #[test]
    fn a_lease_ends_with_its_holder_its_time_or_a_clock_set_back() {
        for (held_until_ms, asked_at_ms, expected) in [
            (10_000, 10_000, Written::Leased),
            (10_000, 9_999, Written::Busy),
            (10_000_000, 0, Written::Leased),
        ] {
            let mut token = SharedToken::default();
            token.lease(&Lease {
                until_ms: held_until_ms,
                ..lease(1, 0, 0)
            });
            assert_eq!(token.lease(&lease(2, 0, asked_at_ms)), expected);
        }
        let mut token = SharedToken::default();
        token.lease(&lease(1, 0, 0));
        token.give_back(2, false);
        assert_eq!(token.lease(&lease(2, 0, 1)), Written::Busy);
        token.give_back(1, false);
        assert_eq!(token.lease(&lease(2, 0, 2)), Written::Leased);
    }

    #[test]
    fn a_day_has_its_requests_whoever_makes_them_and_a_token_is_given_out_all_the_same() {
        let mut token = SharedToken::default();
        for holder in 1..=3 {
            assert_eq!(token.lease(&lease(holder, 0, 0)), Written::Leased);
            token.give_back(holder, false);
        }
        assert_eq!(token.lease(&lease(4, 0, 0)), Written::Spent);
        assert_eq!(token.lease(&lease(4, 0, 86_400_000)), Written::Leased);
        token.put(4, 77, b"sealed");
        token.requests = 3;
        assert_eq!(token.lease(&lease(5, 0, 86_400_000)), token_77());
    }

    #[test]
    fn a_request_that_never_left_is_not_counted() {
        let mut token = SharedToken::default();
        for _ in 0..10 {
            assert_eq!(token.lease(&lease(1, 0, 0)), Written::Leased);
            token.give_back(1, true);
        }
        assert_eq!(token.requests, 0);
    }

    #[test]
    fn who_only_looks_takes_no_lease() {
        let mut token = SharedToken::default();
        let look = Lease {
            most_per_day: 0,
            ..lease(1, 0, 0)
        };
        assert_eq!(token.lease(&look), Written::Spent);
        assert_eq!(token.lease(&lease(2, 0, 0)), Written::Leased);
        token.put(2, 77, b"sealed");
        assert_eq!(token.lease(&look), token_77());
    }
}
