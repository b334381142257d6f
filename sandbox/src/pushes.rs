//! The pushes that wait, and those that have been sent. One at a time is on its way, in the order they fall due.

use crate::call::Env;
use crate::post::Outcome;
use crate::push_config::PushConfig;
use crate::push_event::{Forge, Kind, Message};
use crate::push_view::{Attempt, PushState, Verdict};
use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How many pushes are kept. The oldest that is at its end makes room for the next.
const MAX_PUSHES: usize = 10_000;

/// How much of an answer is kept, in characters.
const MAX_ANSWER: usize = 256;

/// WeChat's pauses before each repetition of a push, in seconds, as published for items. Other events end with
/// the last pause of three hours.
const PLAN_S: [u32; 15] = [
    15, 15, 30, 180, 600, 1_200, 1_800, 1_800, 1_800, 3_600, 10_800, 10_800, 10_800, 21_600, 21_600,
];
const EVENT_RETRIES: usize = 13;

/// One push, whole or still to be sent.
pub(crate) struct Push {
    pub(crate) app: usize,
    pub(crate) env: Env,
    pub(crate) kind: Kind,
    pub(crate) mock: bool,
    pub(crate) forge: Option<Forge>,
    pub(crate) message: Arc<Message>,
    pub(crate) state: PushState,
    /// When it is sent next, in milliseconds of the sandbox's clock; nothing once it is at its end.
    pub(crate) due_ms: Option<i64>,
    /// Which of those that are due goes first.
    turn: u64,
    pub(crate) attempts: Vec<Attempt>,
}

impl Push {
    pub(crate) fn new(
        (app, env): (usize, Env),
        kind: Kind,
        (mock, forge): (bool, Option<Forge>),
        message: Arc<Message>,
    ) -> Push {
        Push {
            app,
            env,
            kind,
            mock,
            forge,
            message,
            state: PushState::Waiting,
            due_ms: None,
            turn: 0,
            attempts: Vec::new(),
        }
    }

    /// The pause after the last attempt; nothing when there is to be no other. A forger tries once.
    fn pause_ms(&self, factor: f64) -> Option<i64> {
        let plan = match (self.forge, self.kind.is_goods()) {
            (Some(_), _) => &[][..],
            (None, true) => &PLAN_S[..],
            (None, false) => &PLAN_S[..EVENT_RETRIES],
        };
        let pause_s = plan.get(self.attempts.len().checked_sub(1)?)?;
        Some((f64::from(*pause_s) * 1_000.0 * factor) as i64)
    }

    /// The order of an item that is delivered when this push is answered with success.
    fn delivers(&self) -> Option<(usize, Env, String)> {
        let is_real = self.kind.is_goods() && !self.mock && self.forge.is_none();
        is_real.then(|| (self.app, self.env, self.message.key.clone()))
    }
}

pub(crate) struct Pushes {
    /// Where each app's pushes go.
    pub(crate) configs: Vec<Option<Arc<PushConfig>>>,
    /// By number, so the oldest comes first.
    pub(crate) all: BTreeMap<u64, Push>,
    waiting: BTreeSet<(i64, u64, u64)>,
    last: u64,
    turns: u64,
    /// Pushes for which there was no room.
    pub(crate) dropped: u64,
    pub(crate) held: bool,
    pub(crate) random: Random,
}

impl Pushes {
    pub(crate) fn new(apps: usize, seed: u64) -> Pushes {
        Pushes {
            configs: vec![None; apps],
            all: BTreeMap::new(),
            waiting: BTreeSet::new(),
            last: 0,
            turns: 0,
            dropped: 0,
            held: false,
            random: Random::new(seed ^ 0x1f83_d9ab_fb41_bd6b),
        }
    }

    /// Keeps a push until it is due; answers its number, or nothing when there is no room.
    pub(crate) fn add(&mut self, push: Push, due_ms: i64) -> Option<u64> {
        if self.all.len() >= MAX_PUSHES {
            let ended = self.all.iter().find(|(_, push)| push.state.is_end());
            let Some(oldest) = ended.map(|(number, _)| *number) else {
                self.dropped += 1;
                return None;
            };
            self.all.remove(&oldest);
        }
        self.last += 1;
        self.all.insert(self.last, push);
        self.set_due(self.last, due_ms);
        Some(self.last)
    }

    fn set_due(&mut self, number: u64, due_ms: i64) {
        self.turns += 1;
        if let Some(push) = self.all.get_mut(&number) {
            push.state = PushState::Waiting;
            push.due_ms = Some(due_ms);
            push.turn = self.turns;
            self.waiting.insert((due_ms, push.turn, number));
        }
    }

    /// When the next push is due; nothing when none waits, or all are held.
    pub(crate) fn next_due_ms(&self) -> Option<i64> {
        let first = self.waiting.first().filter(|_| !self.held);
        first.map(|(due_ms, ..)| *due_ms)
    }

    /// The push that is due first is on its way from now on.
    pub(crate) fn take_due(&mut self, now_ms: i64) -> Option<u64> {
        self.next_due_ms().filter(|due_ms| *due_ms <= now_ms)?;
        let (_, _, number) = self.waiting.pop_first()?;
        let push = self.all.get_mut(&number)?;
        push.state = PushState::Sending;
        push.due_ms = None;
        Some(number)
    }

    /// Writes down what became of an attempt. Answers which order of an item is delivered by it.
    pub(crate) fn note(
        &mut self,
        number: u64,
        (at_ms, now_ms): (i64, i64),
        outcome: Outcome,
        factor: f64,
    ) -> Option<(usize, Env, String)> {
        let push = self.all.get_mut(&number)?;
        let verdict = Verdict::of(&outcome);
        let (status, answer) = match outcome {
            Outcome::Answer { status, body } => (Some(status), body),
            Outcome::Unreachable(why) => (None, why),
            Outcome::Timeout => (None, String::new()),
        };
        push.attempts.push(Attempt {
            at_ms,
            answered_ms: now_ms,
            status,
            answer: answer.chars().take(MAX_ANSWER).collect(),
            verdict,
        });
        if verdict == Verdict::Success {
            push.state = PushState::Delivered;
            return push.delivers();
        }
        match push.pause_ms(factor) {
            // Its app's pushes may have been turned off while it was on its way.
            Some(pause_ms) if self.configs[push.app].is_some() => {
                self.set_due(number, now_ms.saturating_add(pause_ms));
            }
            _ => push.state = PushState::GivenUp,
        }
        None
    }

    /// Where an app's pushes go from now on. Without a place to go, those that wait are given up.
    pub(crate) fn configure(&mut self, app: usize, config: Option<PushConfig>) {
        if config.is_none() {
            for (number, push) in self.all.iter_mut().filter(|(_, push)| push.app == app) {
                if let Some(due_ms) = push.due_ms.take() {
                    self.waiting.remove(&(due_ms, push.turn, *number));
                    push.state = PushState::GivenUp;
                }
            }
        }
        self.configs[app] = config.map(Arc::new);
    }

    /// Lets all go that were held: those that are due by now at once, in the order they fell due or reversed.
    /// Answers how many those are.
    pub(crate) fn release(&mut self, reversed: bool, now_ms: i64) -> usize {
        self.held = false;
        let later = self.waiting.split_off(&(now_ms.saturating_add(1), 0, 0));
        let due = std::mem::replace(&mut self.waiting, later);
        let mut numbers: Vec<u64> = due.iter().map(|(_, _, number)| *number).collect();
        if reversed {
            numbers.reverse();
        }
        for number in &numbers {
            self.set_due(*number, now_ms);
        }
        numbers.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::read;
    use crate::push_config::{Format, Wish};

    fn push() -> Push {
        let message = Message {
            event: "e".to_owned(),
            key: "k".to_owned(),
            from: "o".to_owned(),
            text: "{}".to_owned(),
            format: Format::Json,
        };
        Push::new(
            (0, Env::Sandbox),
            Kind::Goods,
            (false, None),
            Arc::new(message),
        )
    }

    #[test]
    fn the_oldest_push_at_its_end_makes_room_and_one_that_waits_never_does() {
        let mut pushes = Pushes::new(1, 1);
        let config = br#"{"url":"http://127.0.0.1:1/","token":"t"}"#;
        let wish: Wish = read(config).expect("a wish");
        pushes.configure(0, wish.check(false).expect("a config"));
        for _ in 0..MAX_PUSHES {
            assert!(pushes.add(push(), 0).is_some());
        }
        assert_eq!((pushes.add(push(), 0), pushes.dropped), (None, 1));
        let number = pushes.take_due(0).expect("one is due");
        pushes.note(number, (0, 0), Outcome::Timeout, 1.0);
        assert_eq!(pushes.add(push(), 0), None);
        let number = pushes.take_due(0).expect("another is due");
        let body = "{\"ErrCode\":0}".to_owned();
        let answer = Outcome::Answer { status: 200, body };
        pushes.note(number, (0, 0), answer, 1.0);
        assert!(pushes.add(push(), 0).is_some());
        assert!(!pushes.all.contains_key(&number));
        assert_eq!((pushes.all.len(), pushes.dropped), (MAX_PUSHES, 2));
    }
}
