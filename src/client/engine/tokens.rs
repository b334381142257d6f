//! The engine's one access_token request, and the lease that makes it the only one of all clients of the app.
//!
//! ```text
//!   wanted ──► lease ──granted──► request ──► put, for all
//!                │ there is a newer one already ──► taken
//!                └ somebody else is at it, or the day is spent ──► looked for again
//! ```
//!
//! Pauses hold back requests, not looks: what another client has fetched is found all the same. Without a vault nothing
//! can be shared, and the request is made at once. With [`Source::Host`] the host is asked.

use std::cmp::Reverse;

use crate::api::errcode::{self, Class};
use crate::api::token::{TokenAnswer, build_stable_token, build_token, parse_token};
use crate::client::completion::{Completion, CompletionKind};
use crate::client::log::Level;
use crate::credential::token::{Failure, Source, day_of, left_of_day_ms};
use crate::sign::Secret;
use crate::store::{JournalError, Lease, Write, Written};
use crate::transport::Outcome;

use super::{ACK_WRITE, Engine, Outgoing, TOKEN_LEASE, TOKEN_REQUEST};

/// Between two requests that ask for nothing but WeChat's time; doubles.
const CLOCK_RETRY_MS: i64 = 10_000;
const CLOCK_LONGEST_MS: i64 = 3_600_000;
/// A token that another client is fetching is looked for again after this.
const BUSY_AGAIN_MS: i64 = 250;
/// And one that it may fetch while we must not.
const LOOK_AGAIN_MS: i64 = 2_000;
/// A host that has brought no token is asked again after this.
const ASK_AGAIN_MS: i64 = 60_000;
/// A lease outlives the request it is for by so much.
const LEASE_SLACK_MS: i64 = 5_000;
/// WeChat's daily quota is used up.
const DAY_IS_OVER: i32 = 45009;

/// Where the fetching of the token stands, beside [`crate::credential::token::Token`].
#[derive(Default)]
pub(super) struct Fetch {
    /// The version of the token that is shared through the journal, as far as we know.
    pub(super) shared: u64,
    /// Why there is no token: an errcode of WeChat's or 0, and words for the host.
    trouble: Option<(i32, String)>,
    timer_ms: Option<i64>,
    /// The question to the journal that is under way asks for no lease.
    only_looks: bool,
    look_at_ms: i64,
    clock_at_ms: i64,
    clock_tries: u32,
}

impl Engine {
    /// Notes that `id` waits for the access_token, and sees to it that one is on its way.
    pub(super) fn await_token(&mut self, id: u64) {
        self.wait_for_token.insert(id);
        self.fetch_token_if_wanted();
        if let Some((errcode, why)) = self.fetch.trouble.clone() {
            self.blame(id, errcode, &why);
        }
    }

    /// Starts a fetch when there is no token or it ends soon. Never more than one at a time.
    pub(super) fn fetch_token_if_wanted(&mut self) {
        if self.is_closing() || self.token.is_fetching() {
            return;
        }
        let now_ms = self.now.mono_ms;
        let stale = self.token.is_stale(now_ms);
        let clock = self.wants_clock() && now_ms >= self.fetch.clock_at_ms;
        if !stale && !clock {
            return self.arm_token_if_waited_for(self.fetch.clock_at_ms);
        }
        if self.settings.token_source == Source::Host {
            return self.ask_host_for_token();
        }
        let shares = self.settings.operations.vault.is_some();
        let may_request = self.token.may_request(now_ms);
        if !shares && may_request && self.token.is_spent(day_of(self.now.wall_ms)) {
            return self.token_budget_is_spent();
        }
        let looks = shares && stale;
        let may_ask = may_request || looks && now_ms >= self.fetch.look_at_ms;
        if !may_ask {
            let retry_at_ms = self.token.retry_at_ms();
            return self.arm_token_if_waited_for(if looks {
                retry_at_ms.min(self.fetch.look_at_ms)
            } else {
                retry_at_ms
            });
        }
        self.token.fetch_started();
        if shares {
            self.ask_for_lease(!may_request);
        } else {
            self.request_token();
        }
    }

    /// WeChat's time is needed, and asking for a token is a way to hear it. Not with the other sources: that would end
    /// somebody's token, or trouble the host; there the next answer of any kind tells it.
    fn wants_clock(&self) -> bool {
        self.settings.token_source == Source::Stable && self.witness.is_wanted()
    }

    fn ask_for_lease(&mut self, only_looks: bool) {
        self.fetch.only_looks = only_looks;
        let wall_ms = self.now.wall_ms;
        let lease = Lease {
            holder: self.holder(),
            known: self.fetch.shared,
            refused: self.token.current(self.now.mono_ms).is_none(),
            now_ms: wall_ms,
            until_ms: wall_ms + self.settings.limits.timeout_ms + LEASE_SLACK_MS,
            day: day_of(wall_ms),
            most_per_day: if only_looks {
                0
            } else {
                self.settings.token_requests_per_day
            },
        };
        self.out
            .writes
            .push((TOKEN_LEASE, Write::LeaseToken(lease)));
    }

    /// What the journal says to our wish to fetch.
    pub(super) fn lease_answered(&mut self, answer: Result<Written, JournalError>) {
        let now_ms = self.now.mono_ms;
        match answer {
            Ok(Written::Leased) if self.is_closing() => self.return_lease(true),
            _ if self.is_closing() => {}
            Ok(Written::Token { version, sealed }) => {
                self.token.fetch_ended();
                self.fetch.shared = version;
                self.adopt_token(&sealed);
                self.wake_all_for_token();
                self.fetch_token_if_wanted();
            }
            Ok(Written::Busy) => {
                self.token.fetch_ended();
                self.token.pause_until(now_ms + BUSY_AGAIN_MS);
                self.fetch.look_at_ms = now_ms + BUSY_AGAIN_MS;
                self.fetch_token_if_wanted();
            }
            Ok(Written::Spent) => {
                self.token.fetch_ended();
                self.fetch.look_at_ms = now_ms + LOOK_AGAIN_MS;
                if self.fetch.only_looks {
                    self.fetch_token_if_wanted();
                } else {
                    self.token_budget_is_spent();
                }
            }
            Err(_) if self.fetch.only_looks => {
                self.token.fetch_ended();
                self.fetch.look_at_ms = now_ms + LOOK_AGAIN_MS;
                self.fetch_token_if_wanted();
            }
            // Granted; or the journal fails: a balance can be read without one, and a payment waits for it anyhow.
            _ => self.request_token(),
        }
    }

    fn request_token(&mut self) {
        let build = match self.settings.token_source {
            Source::Classic => build_token,
            Source::Stable | Source::Host => build_stable_token,
        };
        let Ok(request) = build(&self.settings.app.appid, &self.settings.app_secret) else {
            // Opening has checked both; were it otherwise, no token is the only safe answer.
            return self.fetch_failed(Failure::Configuration);
        };
        self.token.count_request(day_of(self.now.wall_ms));
        self.stats.token_requests += 1;
        self.log(Level::Debug, || "access_token: requested".into());
        self.out.sends.push(Outgoing {
            id: TOKEN_REQUEST,
            request,
            money: false,
            not_after_ms: self.now.mono_ms + self.settings.limits.timeout_ms,
            leave_by_ms: None,
        });
    }

    pub(super) fn token_finished(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Reply(reply) => {
                self.note_date(reply.date_unix_s);
                match parse_token(reply.status, &reply.body) {
                    TokenAnswer::Token {
                        access_token,
                        expires_in_s,
                    } => {
                        self.log(Level::Info, || {
                            format!("access_token: fetched, ends in {expires_in_s} s")
                        });
                        self.take_token(access_token, expires_in_s);
                    }
                    TokenAnswer::Refused {
                        errcode,
                        errmsg,
                        class,
                    } => self.token_refused_to_us(errcode, &errmsg, class),
                    TokenAnswer::Unreadable { seen } => self.no_token_came(Failure::Later, &seen),
                }
            }
            Outcome::NotSent(why) => self.no_token_came(Failure::NotSent, &why),
            Outcome::Unknown(why) => self.no_token_came(Failure::Later, &why),
        }
        if self.wants_clock() {
            // What did not settle it is not asked for again at once.
            let pause_ms = CLOCK_LONGEST_MS.min(CLOCK_RETRY_MS << self.fetch.clock_tries.min(16));
            self.fetch.clock_at_ms = self.now.mono_ms + pause_ms;
            self.fetch.clock_tries += 1;
        }
        self.fetch_token_if_wanted();
    }

    fn no_token_came(&mut self, failure: Failure, why: &str) {
        self.fetch_failed(failure);
        self.log(Level::Warn, || {
            format!("access_token: no answer ({why}); asking again soon")
        });
        for id in self.wait_for_token.clone() {
            if let Some(entry) = self.payments.get_mut(&id) {
                entry.payment.blame_network();
            }
        }
    }

    /// WeChat gives us none. Those who wait go on waiting, and are told why at their deadline.
    fn token_refused_to_us(&mut self, errcode: i32, errmsg: &str, class: Class) {
        let why = match class {
            Class::Configuration => Failure::Configuration,
            _ if errcode == DAY_IS_OVER => Failure::DayIsOver,
            _ => Failure::Later,
        };
        self.fetch_failed(why);
        let level = match why {
            Failure::NotSent | Failure::Later => Level::Warn,
            Failure::Configuration | Failure::DayIsOver => Level::Error,
        };
        let help = errcode::help_token(errcode);
        let (cause, remedy) = (
            help.cause_en.to_string_lossy(),
            help.remedy_en.to_string_lossy(),
        );
        self.log(level, || {
            format!("access_token: refused with {errcode}: {cause} {remedy}")
        });
        let told = format!("access_token: {errmsg}: {remedy}");
        self.blame_credential(errcode, &told);
    }

    /// A token for everybody, from WeChat or from the host.
    pub(super) fn take_token(&mut self, token: Secret, expires_in_s: i64) {
        self.fetch.shared = self.new_token_version();
        self.keep_token(&token, expires_in_s);
        let (now_ms, random) = (self.now.mono_ms, self.next_random());
        self.token.fetched(token, expires_in_s, now_ms, random);
        self.wake_all_for_token();
    }

    /// WeChat refused the access_token of this version.
    pub(super) fn refuse_token(&mut self, version: u64) {
        let refused = self.token.refuse(version, self.now.mono_ms);
        if refused && self.settings.token_source == Source::Host {
            // No lease replaces it: the next open is not to take it up.
            self.fetch.shared = self.new_token_version();
            self.put_token(Vec::new());
        }
    }

    fn fetch_failed(&mut self, why: Failure) {
        let (random, left_ms) = (self.next_random(), left_of_day_ms(self.now.wall_ms));
        self.token
            .fetch_failed(why, self.now.mono_ms, left_ms, random);
        self.fetch.look_at_ms = self.now.mono_ms + LOOK_AGAIN_MS;
        self.return_lease(why == Failure::NotSent);
    }

    fn return_lease(&mut self, unused: bool) {
        if self.settings.operations.vault.is_some() {
            let holder = self.holder();
            self.out
                .writes
                .push((ACK_WRITE, Write::ReturnLease { holder, unused }));
        }
    }

    fn token_budget_is_spent(&mut self) {
        let left_ms = left_of_day_ms(self.now.wall_ms);
        self.token.pause_until(self.now.mono_ms + left_ms);
        let most = self.settings.token_requests_per_day;
        let why = format!(
            "access_token: {most} requests today (token_requests_per_day), no more until midnight UTC+8; \
             another server or program is ending our tokens, or WeChat refuses every one"
        );
        self.log(Level::Error, || why.clone());
        self.blame_credential(0, &why);
        self.fetch_token_if_wanted();
    }

    /// The host brings the tokens: asked once, however many payments wait, and again while it has brought none.
    fn ask_host_for_token(&mut self) {
        let now_ms = self.now.mono_ms;
        if !self.token.may_request(now_ms) {
            return self.arm_token_if_waited_for(self.token.retry_at_ms());
        }
        self.token.pause_until(now_ms + ASK_AGAIN_MS);
        self.log(Level::Info, || "access_token: asked of the host".into());
        self.blame_credential(
            0,
            "the host has set no access_token (wxg_client_set_access_token)",
        );
        self.complete(Completion {
            kind: Some(CompletionKind::TokenNeeded),
            errmsg: "set an access_token with wxg_client_set_access_token".into(),
            ..Completion::default()
        });
        self.arm_token_if_waited_for(self.token.retry_at_ms());
    }

    /// Tells those who wait, now and later, what to say should their deadline pass before a token comes.
    fn blame_credential(&mut self, errcode: i32, why: &str) {
        self.fetch.trouble = Some((errcode, why.to_owned()));
        for id in self.wait_for_token.clone() {
            self.blame(id, errcode, why);
        }
    }

    fn blame(&mut self, id: u64, errcode: i32, why: &str) {
        if let Some(entry) = self.payments.get_mut(&id) {
            entry.payment.blame_credential(errcode, why);
        } else {
            self.blame_read(id, errcode, why);
        }
    }

    fn wake_all_for_token(&mut self) {
        if self.token.current(self.now.mono_ms).is_some() {
            self.fetch.trouble = None;
            let waiting = std::mem::take(&mut self.wait_for_token);
            waiting.into_iter().for_each(|id| self.wake(id));
        }
    }

    /// One timer at a time, however many wait; none when nobody does.
    fn arm_token_if_waited_for(&mut self, at_ms: i64) {
        if self.wait_for_token.is_empty() && !self.wants_clock() {
            return;
        }
        let at_ms = at_ms.max(self.now.mono_ms + 1);
        if self.fetch.timer_ms.is_none_or(|armed_ms| at_ms < armed_ms) {
            self.fetch.timer_ms = Some(at_ms);
            self.timers.push(Reverse((at_ms, TOKEN_REQUEST)));
        }
    }

    pub(super) fn token_timer(&mut self) {
        self.fetch.timer_ms = None;
        self.fetch_token_if_wanted();
    }

    /// This client among those that share the token; never 0.
    pub(super) fn holder(&self) -> u64 {
        let seed = &self.settings.operations.nonce_seed;
        seed[..8]
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
            | 1
    }

    fn new_token_version(&mut self) -> u64 {
        (self.now.wall_ms.unsigned_abs() << 16) | u64::from(self.next_random() & 0xffff)
    }
}
