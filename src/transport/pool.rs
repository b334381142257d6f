//! Requests in, outcomes out: a bounded number of threads, started on demand.
//!
//! A free thread takes a request at once, the one that worked last first, for its connection is the
//! warmest. When all are busy requests wait in order; one whose time passes while it waits is *not sent*.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant, SystemTime};

use super::crew::{Crew, lock, wait_timeout};
use super::{Outcome, Request, Slot};

/// How long a thread without work stays.
const IDLE: Duration = Duration::from_secs(30);
/// How many requests may wait for a thread; the next one is *not sent*.
const MAX_WAITING: usize = 65_536;
const TOO_LATE: &str = "its time was over before a thread was free to send it";

/// The last moment at which a request may begin to leave, by both clocks: a machine that slept has a
/// monotonic clock that stood still and a wall clock that tells. The wall clock can only make it earlier.
#[derive(Clone, Copy)]
pub(super) struct Due {
    /// When the transport gives up.
    pub(super) not_after: Instant,
    /// No byte leaves after this.
    leave_by: Instant,
    wall: Option<SystemTime>,
}

impl Due {
    pub(super) fn new(not_after: Instant, leave_by: Option<Instant>) -> Self {
        let leave_by = leave_by.map_or(not_after, |leave_by| leave_by.min(not_after));
        let left = leave_by.saturating_duration_since(Instant::now());
        Self {
            not_after,
            leave_by,
            wall: SystemTime::now().checked_add(left),
        }
    }

    pub(super) fn is_past(&self) -> bool {
        Instant::now() >= self.leave_by || self.wall.is_some_and(|wall| SystemTime::now() > wall)
    }
}

/// One request on its way through the pool.
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) due: Due,
    pub(super) slot: Slot,
}

impl Job {
    fn not_sent(self, why: &str) {
        self.slot.finish(Outcome::NotSent(why.into()));
    }

    fn too_late(self) {
        self.not_sent(TOO_LATE);
    }
}

/// Carries one request to the server and its answer back. Each thread has its own.
pub(super) type Carry = Box<dyn FnMut(&Request, Due) -> Outcome>;

/// The threads and what waits for them. Any thread at once.
pub(super) struct Pool {
    crew: Arc<Crew>,
    max_threads: usize,
    new_carry: Box<dyn Fn() -> Carry + Send + Sync>,
    desk: Mutex<Desk>,
    late: Condvar,
}

#[derive(Default)]
struct Desk {
    closed: bool,
    waiting: VecDeque<Job>,
    idle: Vec<(usize, Sender<Option<Job>>)>,
    threads: usize,
    hired: usize,
    /// Whether the thread that watches over `waiting` is running.
    watched: bool,
}

enum Next {
    Carry(Job),
    Wait,
    Leave,
}

impl Pool {
    pub(super) fn new(
        crew: Arc<Crew>,
        max_threads: usize,
        new_carry: Box<dyn Fn() -> Carry + Send + Sync>,
    ) -> Arc<Self> {
        Arc::new(Self {
            crew,
            max_threads,
            new_carry,
            desk: Mutex::default(),
            late: Condvar::new(),
        })
    }

    /// Hands `job` to a free thread, a new thread, or the queue. Returns at once.
    pub(super) fn start(self: &Arc<Self>, job: Job) {
        let mut desk = lock(&self.desk);
        if desk.closed {
            drop(desk);
            return job.not_sent("the transport is shut down");
        }
        if let Some((_, seat)) = desk.idle.pop() {
            // The one who sits there left the list of the idle only now, and so is still listening.
            let _ = seat.send(Some(job));
            return;
        }
        if desk.waiting.len() >= MAX_WAITING {
            drop(desk);
            return job.not_sent("too many requests are waiting to be sent");
        }
        desk.waiting.push_back(job);
        if desk.threads < self.max_threads {
            desk.threads += 1;
            desk.hired += 1;
            let number = desk.hired;
            drop(desk);
            self.hire(number);
        } else {
            let watch = !std::mem::replace(&mut desk.watched, true);
            drop(desk);
            if watch {
                self.hire_watcher();
            } else {
                self.late.notify_one();
            }
        }
    }

    /// Starts nothing more: what waits is *not sent*, who is idle goes home.
    pub(super) fn close(&self) {
        let mut desk = lock(&self.desk);
        desk.closed = true;
        let waiting = std::mem::take(&mut desk.waiting);
        for (_, seat) in desk.idle.drain(..) {
            let _ = seat.send(None);
        }
        drop(desk);
        self.late.notify_all();
        for job in waiting {
            job.not_sent("the transport was shut down before it was sent");
        }
    }

    fn hire(self: &Arc<Self>, number: usize) {
        let pool = Arc::clone(self);
        let started = self
            .crew
            .start(&format!("wxg-http-{number}"), move || pool.work(number));
        let Err(error) = started else { return };
        let mut desk = lock(&self.desk);
        desk.threads -= 1;
        if desk.threads > 0 {
            // Those who are here will come to it.
            return;
        }
        let waiting = std::mem::take(&mut desk.waiting);
        drop(desk);
        for job in waiting {
            job.not_sent(&format!("no thread could be started to send it: {error}"));
        }
    }

    fn work(&self, number: usize) {
        let mut carry = (self.new_carry)();
        let (seat, calls) = channel();
        let mut done: Option<(Slot, Outcome)> = None;
        loop {
            // Ready for the next before the last is told: who answers an outcome with another request
            // then finds this thread, and its warm connection.
            let next = self.ready(number, &seat);
            if let Some((slot, outcome)) = done.take() {
                // A panic in there is the listener's, who has been told all there is.
                let _ = catch_unwind(AssertUnwindSafe(|| slot.finish(outcome)));
            }
            let job = match next {
                Next::Carry(job) => Some(job),
                Next::Wait => self.wait(number, &calls),
                Next::Leave => None,
            };
            let Some(Job { request, due, slot }) = job else {
                return;
            };
            if due.is_past() {
                done = Some((slot, Outcome::NotSent(TOO_LATE.into())));
                continue;
            }
            match catch_unwind(AssertUnwindSafe(|| carry(&request, due))) {
                Ok(outcome) => done = Some((slot, outcome)),
                Err(_) => {
                    // Unfinished, so *unknown*. What the courier was in the middle of is not trusted.
                    drop(slot);
                    carry = (self.new_carry)();
                }
            }
        }
    }

    /// Takes the next job, or a seat among the idle, or leave: then the thread is no longer counted.
    fn ready(&self, number: usize, seat: &Sender<Option<Job>>) -> Next {
        let mut desk = lock(&self.desk);
        if desk.closed {
            desk.threads -= 1;
            return Next::Leave;
        }
        if let Some(job) = desk.waiting.pop_front() {
            return Next::Carry(job);
        }
        desk.idle.push((number, seat.clone()));
        Next::Wait
    }

    /// Waits on the seat for a job; without one the thread is no longer counted.
    fn wait(&self, number: usize, calls: &Receiver<Option<Job>>) -> Option<Job> {
        let call = calls.recv_timeout(IDLE);
        let mut desk = lock(&self.desk);
        let call = call.unwrap_or_else(|_| {
            // Whoever takes a seat off the list sends to it under the same lock: if ours is gone, the
            // call is there.
            desk.idle.retain(|(other, _)| *other != number);
            calls.try_recv().ok().flatten()
        });
        if call.is_none() {
            desk.threads -= 1;
        }
        call
    }

    fn hire_watcher(self: &Arc<Self>) {
        let pool = Arc::clone(self);
        if self
            .crew
            .start("wxg-http-queue", move || pool.watch())
            .is_err()
        {
            // Then who waits too long is told when a thread comes to it.
            lock(&self.desk).watched = false;
        }
    }

    /// Reports what waits as *not sent* the moment its time is over, busy as all threads may be.
    fn watch(&self) {
        let mut desk = lock(&self.desk);
        loop {
            let (late, waiting) = std::mem::take(&mut desk.waiting)
                .into_iter()
                .partition(|job| job.due.is_past());
            desk.waiting = waiting;
            let next = desk.waiting.iter().map(|job| job.due.leave_by).min();
            desk.watched = next.is_some();
            if !late.is_empty() {
                let watched = desk.watched;
                drop(desk);
                let late: VecDeque<Job> = late;
                late.into_iter().for_each(Job::too_late);
                if !watched {
                    return;
                }
                desk = lock(&self.desk);
                continue;
            }
            let Some(next) = next else { return };
            let left = next.saturating_duration_since(Instant::now());
            desk = wait_timeout(&self.late, desk, left);
        }
    }
}

#[cfg(test)]
mod tests;
