//! The engine's one access_token request.

use std::cmp::Reverse;

use crate::api::errcode::Class;
use crate::api::token::{TokenAnswer, build_stable_token, parse_token};
use crate::client::log::Level;
use crate::transport::Outcome;

use super::{Engine, Outgoing, TOKEN_REQUEST};

/// Between two requests that ask for nothing but WeChat's time.
const CLOCK_RETRY_MS: i64 = 10_000;

impl Engine {
    /// Notes that `id` waits for the access_token, and sees to it that one is on its way.
    pub(super) fn await_token(&mut self, id: u64) {
        self.wait_for_token.insert(id);
        self.fetch_token_if_wanted();
    }

    /// Starts a fetch when there is no token or it ends soon. Never more than one at a time.
    pub(super) fn fetch_token_if_wanted(&mut self) {
        let now_ms = self.now.mono_ms;
        let wanted = self.token.wants_fetch(now_ms)
            || (self.witness.is_wanted() && self.token.may_fetch(now_ms));
        if self.is_closing() || !wanted {
            let waited_for = !self.wait_for_token.is_empty() || self.witness.is_wanted();
            if waited_for && !self.token.is_fetching() {
                self.timers.push(Reverse((
                    self.token.retry_at_ms().max(now_ms + 1),
                    TOKEN_REQUEST,
                )));
            }
            return;
        }
        let Ok(request) = build_stable_token(&self.settings.app.appid, &self.settings.app_secret)
        else {
            // Opening has checked both; were it otherwise, no token is the only safe answer.
            return;
        };
        self.token.fetch_started();
        self.stats.token_requests += 1;
        self.log(Level::Debug, || "access_token: requested".into());
        self.out.sends.push(Outgoing {
            id: TOKEN_REQUEST,
            request,
            money: false,
            not_after_ms: now_ms + self.settings.limits.timeout_ms,
        });
    }

    pub(super) fn token_finished(&mut self, outcome: Outcome) {
        let now_ms = self.now.mono_ms;
        let random = self.next_random();
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
                self.keep_token(&access_token, expires_in_s);
                self.token.fetched(access_token, expires_in_s, now_ms);
                self.log(Level::Info, || {
                    format!("access_token: fetched, ends in {expires_in_s} s")
                });
                let waiting = std::mem::take(&mut self.wait_for_token);
                waiting.into_iter().for_each(|id| self.wake(id));
            }
            TokenAnswer::Refused { errcode, class, .. } => {
                let configuration = class == Class::Configuration;
                self.token.fetch_failed(configuration, now_ms, random);
                let level = if configuration {
                    Level::Error
                } else {
                    Level::Warn
                };
                self.log(level, || {
                    let help = crate::api::errcode::help_token(errcode);
                    let (cause, remedy) = (
                        help.cause_en.to_string_lossy(),
                        help.remedy_en.to_string_lossy(),
                    );
                    format!("access_token: refused with {errcode}: {cause} {remedy}")
                });
                self.blame_token(true);
            }
            TokenAnswer::Unreadable { seen } => {
                self.token.fetch_failed(false, now_ms, random);
                self.log(Level::Warn, || {
                    format!("access_token: no answer ({seen}); asking again soon")
                });
                self.blame_token(false);
            }
        }
        if self.witness.is_wanted() {
            // Asked for WeChat's time only: an answer that did not settle it is not asked for again at once.
            self.token.pause_until(now_ms + CLOCK_RETRY_MS);
        }
        self.fetch_token_if_wanted();
    }

    /// Tells those who wait what to say should their deadline pass before a token comes.
    fn blame_token(&mut self, refused: bool) {
        for id in &self.wait_for_token {
            if let Some(entry) = self.payments.get_mut(id) {
                if refused {
                    entry.payment.blame_credential();
                } else {
                    entry.payment.blame_network();
                }
            }
        }
    }
}
