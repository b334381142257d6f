//! The engine's thread: takes inputs, lets the engine decide, carries the effects out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::error::Kind;
use crate::queue::Queue;
use crate::store::writer::Writer;
use crate::transport::{Method, Request, Slot, Transport};

use super::completion::Completion;
use super::engine::{Effects, Engine, Now, Outgoing};
use super::log::Log;
use super::stats::Stats;
use super::submission::Input;

/// So many inputs are taken before their effects are carried out: one journal batch serves them all.
const INPUTS_AT_ONCE: usize = 512;

/// What the engine's thread shares with the callers.
pub struct Shared {
    /// Completions.
    pub queue: Queue<Completion>,
    /// Log records.
    pub log: Log,
    /// The engine's counters, as of its last turn.
    pub stats: Mutex<Stats>,
    /// The client's clock.
    pub clock: Clock,
}

/// Turns the system's clocks into the engine's.
#[derive(Clone, Copy)]
pub struct Clock {
    start: Instant,
    wall_offset_ms: i64,
}

impl Clock {
    /// A clock that starts at 0 now, and whose wall clock is off by so much: for the host's own tests.
    pub fn start(wall_offset_ms: i64) -> Self {
        Self {
            start: Instant::now(),
            wall_offset_ms,
        }
    }

    /// This moment.
    pub fn now(&self) -> Now {
        let wall = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Now {
            mono_ms: i64::try_from(self.start.elapsed().as_millis()).unwrap_or(i64::MAX),
            wall_ms: i64::try_from(wall.as_millis())
                .unwrap_or(i64::MAX)
                .saturating_add(self.wall_offset_ms),
        }
    }

    /// The moment `ms` on the engine's clock.
    fn instant(&self, ms: i64) -> Instant {
        self.start + Duration::from_millis(ms.max(0).unsigned_abs())
    }
}

/// All that the engine's thread owns.
pub struct Runner {
    /// Decides.
    pub engine: Engine,
    /// What happens.
    pub inputs: Receiver<Input>,
    /// For outcomes that come back.
    pub sender: Sender<Input>,
    /// What the callers see.
    pub shared: Arc<Shared>,
    /// The journal.
    pub writer: Arc<Writer>,
    /// The network.
    pub transport: Arc<dyn Transport>,
}

impl Runner {
    /// Runs until closed. A panic inside closes the client: state after it is not to be trusted with money.
    pub fn run(mut self) {
        let ran = catch_unwind(AssertUnwindSafe(|| self.turn_until_closed()));
        let why = if ran.is_ok() {
            Kind::Closed
        } else {
            Kind::Panic
        };
        let _ = catch_unwind(AssertUnwindSafe(|| self.finish()));
        self.writer.shutdown();
        self.transport.shutdown();
        self.shared.queue.end(why);
    }

    fn turn_until_closed(&mut self) {
        self.carry_out();
        while !self.engine.is_closed() {
            let first = self.wait();
            self.engine.handle(first, self.shared.clock.now());
            for _ in 1..INPUTS_AT_ONCE {
                let Ok(input) = self.inputs.try_recv() else {
                    break;
                };
                self.engine.handle(input, self.shared.clock.now());
            }
            self.carry_out();
        }
    }

    /// Inputs that are still queued are taken in, so that no submission goes without its completion.
    fn finish(&mut self) {
        while let Ok(input) = self.inputs.try_recv() {
            self.engine.handle(input, self.shared.clock.now());
        }
        self.engine.abandon();
        self.carry_out();
    }

    fn wait(&mut self) -> Input {
        let Some(at_ms) = self.engine.next_timer_ms() else {
            return self.inputs.recv().unwrap_or(Input::Tick);
        };
        let left_ms = (at_ms - self.shared.clock.now().mono_ms)
            .max(0)
            .unsigned_abs();
        match self.inputs.recv_timeout(Duration::from_millis(left_ms)) {
            Ok(input) => input,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Input::Tick,
        }
    }

    fn carry_out(&mut self) {
        let Effects {
            writes,
            sends,
            completions,
            logs,
        } = self.engine.take_effects();
        for record in logs {
            self.shared.log.push(record);
        }
        if !writes.is_empty() {
            // The writer refuses only after its shutdown, and that is ours to call.
            let _ = self.writer.submit(writes);
        }
        for outgoing in sends {
            self.send(outgoing);
        }
        *self
            .shared
            .stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = self.engine.stats();
        self.shared.queue.push(completions);
    }

    fn send(&self, outgoing: Outgoing) {
        let Outgoing {
            id,
            request,
            money,
            not_after_ms,
            leave_by_ms,
        } = outgoing;
        let sender = self.sender.clone();
        let slot = Slot::new(move |outcome| {
            // The engine is gone only after it has told everybody *unknown*.
            let _ = sender.send(Input::Finished { id, outcome });
        });
        let request = Request {
            method: if request.get {
                Method::Get
            } else {
                Method::Post
            },
            path_and_query: request.path_and_query,
            body: request.body,
            money,
            leave_by: leave_by_ms.map(|at_ms| self.shared.clock.instant(at_ms)),
        };
        self.transport
            .start(request, self.shared.clock.instant(not_after_ms), slot);
    }
}
