//! Sends the pushes that are due, one at a time, and waits for the next.

use crate::post::{Letter, Outcome, post};
use crate::push_config::PushConfig;
use crate::push_seal::letter;
use crate::server::told_to_stop;
use crate::world::World;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// How long it sleeps at most: anything that can make a push due wakes it.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// A push that is due.
pub(crate) struct Job {
    number: u64,
    config: Arc<PushConfig>,
    letter: Letter,
    at_ms: i64,
    /// A reset of the sandbox makes all that was on its way void.
    epoch: u64,
}

enum Next {
    Send(Box<Job>),
    Sleep(Duration),
}

/// Sends pushes until told to stop.
pub(crate) async fn run(world: Arc<World>, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = step(&world) => {}
            () = told_to_stop(&mut stop) => return,
        }
    }
}

async fn step(world: &World) {
    match world.next_push() {
        Next::Send(job) => {
            let Job { config, letter, .. } = &*job;
            let outcome = post(config, letter.clone()).await;
            world.note_push(&job, outcome);
        }
        // Woken or not, the next step looks for itself.
        Next::Sleep(pause) => {
            let _ = timeout(pause, world.push_due.notified()).await;
        }
    }
}

impl World {
    fn next_push(&self) -> Next {
        let (now_ms, now_s) = (self.clock.now_ms(), self.clock.now_s());
        let mut state = self.lock();
        let epoch = state.epoch;
        let pushes = &mut state.pushes;
        let Some(number) = pushes.take_due(now_ms) else {
            let pause_ms = pushes.next_due_ms().map(|due_ms| due_ms.abs_diff(now_ms));
            let pause = pause_ms.map_or(LONGEST_SLEEP, Duration::from_millis);
            return Next::Sleep(pause.min(LONGEST_SLEEP));
        };
        let push = &pushes.all[&number];
        let appid = &self.config.rules.apps[push.app].appid;
        let config = pushes.configs[push.app].clone();
        let config = config.expect("pushes wait only while their app has a place for them");
        let letter = letter(push, &config, appid, now_s, &mut pushes.random);
        Next::Send(Box::new(Job {
            number,
            config,
            letter,
            at_ms: now_ms,
            epoch,
        }))
    }

    fn note_push(&self, job: &Job, outcome: Outcome) {
        let now_ms = self.clock.now_ms();
        let mut state = self.lock();
        if job.epoch != state.epoch {
            return;
        }
        let times = (job.at_ms, now_ms);
        let factor = job.config.retry_factor;
        let delivered = state.pushes.note(job.number, times, outcome, factor);
        if let Some((app, env, out_trade_no)) = delivered {
            state.ledger.item_delivered(app, env, &out_trade_no);
        }
    }
}
