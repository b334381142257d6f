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
    /// The day of the last lease, counted as WeChat counts.
    pub day: i64,
    /// How many leases that day has seen: each is one request to WeChat.
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
}

impl SharedToken {
    pub(super) fn lease(&mut self, lease: &Lease) -> Written {
        if self.version != lease.known && !self.sealed.is_empty() {
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
            return Written::Busy {
                until_ms: self.leased_until_ms,
            };
        }
        if self.day != lease.day {
            self.day = lease.day;
            self.requests = 0;
        }
        self.requests = self.requests.saturating_add(1);
        self.holder = lease.holder;
        self.leased_until_ms = lease.until_ms;
        Written::Leased {
            requests: self.requests,
        }
    }

    pub(super) fn put(&mut self, holder: u64, version: u64, sealed: &[u8]) {
        self.version = version;
        self.sealed = sealed.to_vec();
        self.give_back(holder);
    }

    pub(super) fn give_back(&mut self, holder: u64) {
        if self.holder == holder {
            self.holder = 0;
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
        }
    }

    #[test]
    fn one_fetches_and_the_others_take_what_it_brought() {
        let mut token = SharedToken::default();
        assert_eq!(
            token.lease(&lease(1, 0, 0)),
            Written::Leased { requests: 1 }
        );
        assert_eq!(
            token.lease(&lease(2, 0, 5)),
            Written::Busy { until_ms: 10_000 }
        );
        token.put(1, 77, b"sealed");
        let taken = token.lease(&lease(2, 0, 6));
        assert_eq!(
            taken,
            Written::Token {
                version: 77,
                sealed: b"sealed".to_vec()
            }
        );
        // The one it has just taken is no good: it fetches another.
        assert_eq!(
            token.lease(&lease(2, 77, 7)),
            Written::Leased { requests: 2 }
        );
    }

    #[test]
    fn a_refused_token_is_taken_up_by_nobody_and_no_other_is_dropped_for_it() {
        let mut token = SharedToken::default();
        token.put(1, 77, b"sealed");
        let refused = |known| Lease {
            refused: true,
            ..lease(1, known, 0)
        };
        assert!(matches!(token.lease(&refused(76)), Written::Token { .. }));
        assert!(matches!(token.lease(&refused(77)), Written::Leased { .. }));
        assert!(token.sealed.is_empty());
    }

    #[test]
    fn a_lease_ends_with_its_holder_its_time_or_a_clock_set_back() {
        for (held, asked_at_ms, granted) in [
            (10_000, 10_000, true),
            (10_000, 9_999, false),
            (10_000_000, 0, true),
        ] {
            let mut token = SharedToken::default();
            token.lease(&Lease {
                until_ms: held,
                ..lease(1, 0, 0)
            });
            let told = token.lease(&lease(2, 0, asked_at_ms));
            assert_eq!(matches!(told, Written::Leased { .. }), granted, "{held}");
        }
        let mut token = SharedToken::default();
        token.lease(&lease(1, 0, 0));
        token.give_back(2);
        assert!(matches!(token.lease(&lease(2, 0, 1)), Written::Busy { .. }));
        token.give_back(1);
        assert!(matches!(
            token.lease(&lease(2, 0, 2)),
            Written::Leased { .. }
        ));
    }

    #[test]
    fn every_request_of_a_day_is_counted_whoever_makes_it() {
        let mut token = SharedToken::default();
        for n in 1..=3 {
            let holder = u64::from(n);
            assert_eq!(
                token.lease(&lease(holder, 0, 0)),
                Written::Leased { requests: n }
            );
            token.give_back(holder);
        }
        let tomorrow = lease(9, 0, 86_400_000);
        assert_eq!(token.lease(&tomorrow), Written::Leased { requests: 1 });
    }
}
