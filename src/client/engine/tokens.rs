//! The engine's one access_token request, and the lease that makes it the only one of all clients of the app.
//!
//! ```text
//!   wanted ──► lease ──granted──► request ──► put, for all
//!                │ there is another one already ──► taken
//!                └ somebody else is at it ──► asked again soon
//! ```
//!
//! Without a vault nothing can be shared, and the request is made at once. With [`Source::Host`] the host is asked.

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

/// Between two requests that ask for nothing but WeChat's time.
const CLOCK_RETRY_MS: i64 = 10_000;
/// A token that another client is fetching is looked for again after this.
const BUSY_AGAIN_MS: i64 = 250;
/// A lease outlives the request it is for by so much.
const LEASE_SLACK_MS: i64 = 5_000;
/// WeChat's daily quota is used up.
const DAY_IS_OVER: i32 = 45009;

impl Engine {
    /// Notes that `id` waits for the access_token, and sees to it that one is on its way.
    pub(super) fn await_token(&mut self, id: u64) {
        self.wait_for_token.insert(id);
        self.fetch_token_if_wanted();
        if let Some((errcode, why)) = self.token_trouble.clone() {
            self.blame(id, errcode, &why);
        }
    }

    /// Starts a fetch when there is no token or it ends soon. Never more than one at a time.
    pub(super) fn fetch_token_if_wanted(&mut self) {
        let now_ms = self.now.mono_ms;
        let host = self.settings.token_source == Source::Host;
        // Nobody asks the host for a token only to hear WeChat's time: the next answer of any kind tells it.
        let clock = !host && self.witness.is_wanted();
        let wanted = self.token.wants_fetch(now_ms) || (clock && self.token.may_fetch(now_ms));
        if self.is_closing() || !wanted {
            let waited_for = !self.wait_for_token.is_empty() || clock;
            if waited_for && !self.token.is_fetching() {
                self.arm_token(self.token.retry_at_ms().max(now_ms + 1));
            }
            return;
        }
        if host {
            return self.ask_host_for_token();
        }
        if self.token.is_spent(day_of(self.now.wall_ms)) {
            return self.token_budget_is_spent();
        }
        self.token.fetch_started();
        if self.settings.operations.vault.is_none() {
            return self.request_token(0);
        }
        let wall_ms = self.now.wall_ms;
        let lease = Lease {
            holder: self.holder(),
            known: self.shared_token,
            refused: self.token.current(now_ms).is_none(),
            now_ms: wall_ms,
            until_ms: wall_ms + self.settings.limits.timeout_ms + LEASE_SLACK_MS,
            day: day_of(wall_ms),
        };
        self.out
            .writes
            .push((TOKEN_LEASE, Write::LeaseToken(lease)));
    }

    /// What the journal says to our wish to fetch.
    pub(super) fn lease_answered(&mut self, answer: Result<Written, JournalError>) {
        match answer {
            Ok(Written::Token { version, sealed }) => {
                self.token.fetch_ended();
                self.shared_token = version;
                self.adopt_token(&sealed);
                self.wake_all_for_token();
                self.fetch_token_if_wanted();
            }
            Ok(Written::Busy { .. }) => {
                self.token.fetch_ended();
                self.token.pause_until(self.now.mono_ms + BUSY_AGAIN_MS);
                self.fetch_token_if_wanted();
            }
            Ok(Written::Leased { .. }) if self.is_closing() => {
                self.token.fetch_ended();
                self.return_lease();
            }
            Ok(Written::Leased { requests }) => self.request_token(requests),
            // A balance can be read without a journal, and a payment waits for it anyhow.
            _ => self.request_token(0),
        }
    }

    /// Asks WeChat; `in_all` requests of this day are known of, this one included.
    fn request_token(&mut self, in_all: u32) {
        let build = match self.settings.token_source {
            Source::Classic => build_token,
            Source::Stable | Source::Host => build_stable_token,
        };
        let Ok(request) = build(&self.settings.app.appid, &self.settings.app_secret) else {
            // Opening has checked both; were it otherwise, no token is the only safe answer.
            return;
        };
        let day = day_of(self.now.wall_ms);
        self.token.count_request(day, in_all.saturating_sub(1));
        self.stats.token_requests += 1;
        self.log(Level::Debug, || "access_token: requested".into());
        self.out.sends.push(Outgoing {
            id: TOKEN_REQUEST,
            request,
            money: false,
            not_after_ms: self.now.mono_ms + self.settings.limits.timeout_ms,
        });
    }

    pub(super) fn token_finished(&mut self, outcome: Outcome) {
        let answer = match outcome {
            Outcome::Reply(reply) => {
                self.note_date(reply.date_unix_s);
                parse_token(reply.status, &reply.body)
            }
            Outcome::NotSent(why) | Outcome::Unknown(why) => TokenAnswer::Unreadable { seen: why },
        };
        match answer {
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
            TokenAnswer::Unreadable { seen } => {
                self.fetch_failed(Failure::Later);
                self.log(Level::Warn, || {
                    format!("access_token: no answer ({seen}); asking again soon")
                });
                for id in self.wait_for_token.clone() {
                    if let Some(entry) = self.payments.get_mut(&id) {
                        entry.payment.blame_network();
                    }
                }
            }
        }
        if self.witness.is_wanted() {
            // Asked for WeChat's time only: an answer that did not settle it is not asked for again at once.
            self.token.pause_until(self.now.mono_ms + CLOCK_RETRY_MS);
        }
        self.fetch_token_if_wanted();
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
            Failure::Later => Level::Warn,
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
        self.shared_token = self.new_token_version();
        self.keep_token(&token, expires_in_s);
        let (now_ms, random) = (self.now.mono_ms, self.next_random());
        self.token.fetched(token, expires_in_s, now_ms, random);
        self.wake_all_for_token();
    }

    /// WeChat refused the access_token of this version.
    pub(super) fn refuse_token(&mut self, version: u64) {
        self.token.refuse(version, self.now.mono_ms);
    }

    fn fetch_failed(&mut self, why: Failure) {
        let (random, left_ms) = (self.next_random(), left_of_day_ms(self.now.wall_ms));
        self.token
            .fetch_failed(why, self.now.mono_ms, left_ms, random);
        self.return_lease();
    }

    /// Closing: whoever shares the token need not wait for what this client was fetching.
    pub(super) fn leave_token(&mut self) {
        if self.token.is_fetching() {
            self.return_lease();
        }
    }

    fn return_lease(&mut self) {
        if self.settings.operations.vault.is_some() {
            let holder = self.holder();
            self.out
                .writes
                .push((ACK_WRITE, Write::ReturnLease { holder }));
        }
    }

    fn token_budget_is_spent(&mut self) {
        let left_ms = left_of_day_ms(self.now.wall_ms);
        self.token.pause_until(self.now.mono_ms + left_ms);
        self.arm_token(self.token.retry_at_ms());
        let most = self.settings.token_requests_per_day;
        let why = format!(
            "access_token: {most} requests today (token_requests_per_day), no more until midnight UTC+8; \
             another server or program is ending our tokens, or WeChat refuses every one"
        );
        self.log(Level::Error, || why.clone());
        self.blame_credential(0, &why);
    }

    /// The host brings the tokens: asked once, however many payments wait.
    fn ask_host_for_token(&mut self) {
        self.token.fetch_started();
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
    }

    /// Tells those who wait, now and later, what to say should their deadline pass before a token comes.
    fn blame_credential(&mut self, errcode: i32, why: &str) {
        self.token_trouble = Some((errcode, why.to_owned()));
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
            self.token_trouble = None;
            let waiting = std::mem::take(&mut self.wait_for_token);
            waiting.into_iter().for_each(|id| self.wake(id));
        }
    }

    /// One timer at a time, however many wait.
    fn arm_token(&mut self, at_ms: i64) {
        if self.token_timer_ms.is_none_or(|armed_ms| at_ms < armed_ms) {
            self.token_timer_ms = Some(at_ms);
            self.timers.push(Reverse((at_ms, TOKEN_REQUEST)));
        }
    }

    pub(super) fn token_timer(&mut self) {
        self.token_timer_ms = None;
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
