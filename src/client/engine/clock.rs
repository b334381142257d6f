//! Whether our clock may be believed: WeChat's `Date` is the witness.
//!
//! While we run, ages are measured on a clock that cannot be set. Only what an earlier process has sent is aged by
//! the wall clock, and a wall clock can be wrong. One that stands more than an hour ahead of WeChat's would call
//! payments too old; so an age from the wall clock puts nothing in review before WeChat has been heard, and one
//! answer against it is not enough to correct it: two must agree.

use std::collections::BTreeSet;

use crate::client::flow::Event;
use crate::client::log::Level;
use crate::client::submission::Input;

use super::{Engine, Now};

const AHEAD_MS: i64 = 3_600_000;
/// A steady clock stands still while the machine sleeps; the wall clock tells by a leap. Smaller ones are corrections.
const LEAP_MS: i64 = 60_000;
/// Two answers within this of each other say the same.
const AGREEMENT_MS: i64 = 300_000;

/// What has been heard.
#[derive(Default)]
pub(super) struct Witness {
    last_skew_ms: Option<i64>,
    verdict: Option<Verdict>,
    /// Payments that wait for the verdict.
    waiting: BTreeSet<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Trusted,
    AheadBy(i64),
}

impl Witness {
    /// True while somebody needs to hear WeChat's time.
    pub(super) fn is_wanted(&self) -> bool {
        self.verdict.is_none() && !self.waiting.is_empty()
    }

    /// True when the wall clock is known not to be far ahead.
    pub(super) fn is_trusted(&self) -> bool {
        self.verdict == Some(Verdict::Trusted)
    }

    fn forget(&mut self) {
        self.last_skew_ms = None;
        self.verdict = None;
    }

    fn hear(&mut self, skew_ms: i64) {
        let same = self
            .last_skew_ms
            .is_some_and(|last| (last - skew_ms).abs() <= AGREEMENT_MS);
        if skew_ms > -AHEAD_MS {
            self.verdict = Some(Verdict::Trusted);
        } else if same {
            self.verdict = Some(Verdict::AheadBy(-skew_ms));
        }
        self.last_skew_ms = Some(skew_ms);
    }
}

impl Engine {
    /// Takes the time of an input. Slept time counts: nobody is charged two days after pressing the button because
    /// a laptop was closed. A leap of more than an hour may be a clock set wrong, so WeChat is heard again.
    pub(super) fn advance_clock(&mut self, input: Input, now: Now) -> Input {
        let leapt_ms =
            (now.wall_ms - self.now.wall_ms) - (now.mono_ms + self.slept_ms - self.now.mono_ms);
        if leapt_ms > LEAP_MS {
            self.slept_ms += leapt_ms;
            self.log(Level::Warn, || {
                format!("the clock leapt by {} s", leapt_ms / 1000)
            });
        }
        if leapt_ms > AHEAD_MS {
            self.witness.forget();
            self.payments
                .values_mut()
                .for_each(|entry| entry.payment.age_by_wall());
        }
        self.now = Now {
            mono_ms: now.mono_ms + self.slept_ms,
            wall_ms: now.wall_ms,
        };
        match input {
            Input::Close { until_ms } => Input::Close {
                until_ms: until_ms + self.slept_ms,
            },
            other => other,
        }
    }

    /// The age of a payment depends on the wall clock: nothing is decided before WeChat's time is known.
    pub(super) fn await_clock(&mut self, id: u64) {
        self.witness.waiting.insert(id);
        match self.witness.verdict {
            Some(_) => self.tell_verdict(),
            None => self.fetch_token_if_wanted(),
        }
    }

    /// Learns from an answer's `Date` how far WeChat's clock is from ours.
    pub(super) fn note_date(&mut self, date_unix_s: Option<i64>) {
        let Some(date) = date_unix_s else { return };
        let skew_ms = date * 1000 - self.now.wall_ms;
        self.stats.clock_skew_ms = skew_ms;
        let before = self.witness.verdict;
        self.witness.hear(skew_ms);
        if self.witness.verdict != before {
            if let Some(Verdict::AheadBy(ms)) = self.witness.verdict
                && !matches!(before, Some(Verdict::AheadBy(_)))
            {
                self.log(Level::Error, || {
                    format!(
                        "this machine's clock is {} s ahead of WeChat's: set it right",
                        ms / 1000
                    )
                });
            }
            self.tell_verdict();
        }
    }

    fn tell_verdict(&mut self) {
        let Some(verdict) = self.witness.verdict else {
            return;
        };
        for id in std::mem::take(&mut self.witness.waiting) {
            if let Some(at) = self
                .payments
                .get(&id)
                .and_then(|entry| entry.payment.first_sent_ms())
            {
                // Its first send is about to move.
                self.in_doubt.remove(&(at, id));
            }
            let event = match verdict {
                Verdict::Trusted => Event::Wake,
                Verdict::AheadBy(by_ms) => Event::ClockAhead { by_ms },
            };
            self.drive(id, event);
        }
    }
}
