//! Completions on their way to the host: polled by any thread, or handed to the one caller who waits for it.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::error::{Error, Kind, Result};
#[cfg(unix)]
use crate::os::WakeFd;

/// What a queue carries.
pub trait Numbered {
    /// The number of the submission that it answers; 0 for what answers none.
    fn submission(&self) -> u64;
}

/// What a blocking call got.
pub enum Waited<C> {
    /// Its completion.
    Completion(Box<C>),
    /// The time is over; the completion will come to the queue.
    TimedOut,
}

/// The queue of one handle. Any thread at once.
pub struct Queue<C> {
    inner: Mutex<Inner<C>>,
    /// Rung for those who take.
    changed: Condvar,
    /// Rung for those who wait for the end: apart, so that no completion wakes one of these in a taker's place.
    over: Condvar,
}

struct Inner<C> {
    ready: VecDeque<C>,
    /// Blocking callers by submission, each with a bell of its own, so that an answer wakes one thread.
    waiters: HashMap<u64, Waiter<C>>,
    /// Accepted submissions whose completion has not been handed out.
    outstanding: usize,
    ended: Option<Kind>,
    #[cfg(unix)]
    wake: Option<WakeFd>,
}

struct Waiter<C> {
    completion: Option<Box<C>>,
    bell: Arc<Condvar>,
}

impl<C> Default for Queue<C> {
    fn default() -> Self {
        Self {
            inner: Mutex::new(Inner {
                ready: VecDeque::new(),
                waiters: HashMap::new(),
                outstanding: 0,
                ended: None,
                #[cfg(unix)]
                wake: None,
            }),
            changed: Condvar::new(),
            over: Condvar::new(),
        }
    }
}

impl<C: Numbered> Queue<C> {
    /// Counts one more accepted submission, unless `capacity` of them are outstanding already.
    pub fn reserve(&self, capacity: usize) -> Result<()> {
        let mut inner = self.lock();
        if inner.outstanding >= capacity {
            return Err(Error::new(
                Kind::QueueFull,
                "as many submissions as queue_capacity allows are waiting for completion or polling: poll, then try again",
            ));
        }
        inner.outstanding += 1;
        Ok(())
    }

    /// Takes back a reservation whose submission was not accepted after all.
    pub fn release(&self, submission: u64) {
        let mut inner = self.lock();
        inner.outstanding -= 1;
        inner.waiters.remove(&submission);
    }

    /// Announces a blocking caller, before its submission is made.
    pub fn announce(&self, submission: u64) {
        let waiter = Waiter {
            completion: None,
            bell: Arc::default(),
        };
        self.lock().waiters.insert(submission, waiter);
    }

    /// Hands out completions.
    pub fn push(&self, completions: Vec<C>) {
        if completions.is_empty() {
            return;
        }
        let mut inner = self.lock();
        let mut queued = 0;
        for completion in completions {
            match inner.waiters.get_mut(&completion.submission()) {
                Some(waiter) => {
                    waiter.completion = Some(Box::new(completion));
                    waiter.bell.notify_one();
                }
                None => {
                    inner.ready.push_back(completion);
                    queued += 1;
                }
            }
        }
        inner.show_wake();
        drop(inner);
        match queued {
            0 => {}
            1 => self.changed.notify_one(),
            _ => self.changed.notify_all(),
        }
    }

    /// No completion will come any more.
    pub fn end(&self, why: Kind) {
        let mut inner = self.lock();
        inner.ended.get_or_insert(why);
        inner.show_wake();
        inner
            .waiters
            .values()
            .for_each(|waiter| waiter.bell.notify_one());
        drop(inner);
        self.changed.notify_all();
        self.over.notify_all();
    }

    /// True once [`Queue::end`] was called.
    pub fn has_ended(&self) -> bool {
        self.lock().ended.is_some()
    }

    /// Waits until [`Queue::end`] was called, at most until then.
    pub fn wait_for_end(&self, until: Instant) -> bool {
        let mut inner = self.lock();
        while inner.ended.is_none() {
            let Some(left) = until
                .checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())
            else {
                return false;
            };
            inner = self
                .over
                .wait_timeout(inner, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        true
    }

    /// Takes up to `most` completions; waits for the first one, at most until then (`None`: no limit).
    pub fn take(&self, most: usize, until: Wait) -> Result<Vec<C>> {
        let mut inner = self.lock();
        loop {
            if !inner.ready.is_empty() {
                return Ok(inner.take(most));
            }
            if let Some(why) = inner.ended {
                return Err(ended(why));
            }
            let Some(guard) = park(&self.changed, inner, until) else {
                return Ok(Vec::new());
            };
            inner = guard;
        }
    }

    /// Waits for the completion of one announced submission.
    pub fn take_one(&self, submission: u64, until: Wait) -> Waited<C> {
        let mut inner = self.lock();
        let bell = inner
            .waiters
            .get(&submission)
            .map(|waiter| Arc::clone(&waiter.bell))
            .unwrap_or_default();
        while inner.ended.is_none()
            && inner
                .waiters
                .get(&submission)
                .is_some_and(|waiter| waiter.completion.is_none())
        {
            match park(&bell, inner, until) {
                Some(guard) => inner = guard,
                None => {
                    // The time is over; the answer may still have come before this lock.
                    inner = self.lock();
                    break;
                }
            }
        }
        match inner
            .waiters
            .remove(&submission)
            .and_then(|waiter| waiter.completion)
        {
            Some(completion) => {
                inner.outstanding -= 1;
                Waited::Completion(completion)
            }
            None => Waited::TimedOut,
        }
    }

    /// How many completions wait to be polled.
    pub fn depth(&self) -> usize {
        self.lock().ready.len()
    }

    /// The descriptor that is readable while [`Queue::take`] would return at once. Made on the first call.
    #[cfg(unix)]
    pub fn wake_fd(&self) -> Result<i32> {
        let mut inner = self.lock();
        if inner.wake.is_none() {
            inner.wake = Some(WakeFd::new().map_err(|error| {
                Error::new(Kind::Unsupported, format!("no pipe could be made: {error}"))
            })?);
            inner.show_wake();
        }
        Ok(inner.wake.as_ref().map_or(-1, WakeFd::as_raw_fd))
    }

    fn lock(&self) -> MutexGuard<'_, Inner<C>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps until the bell rings; nothing when the time is over, and then the lock is given back.
fn park<'a, C>(
    bell: &Condvar,
    inner: MutexGuard<'a, Inner<C>>,
    until: Wait,
) -> Option<MutexGuard<'a, Inner<C>>> {
    match until {
        Wait::Not => None,
        Wait::Forever => Some(bell.wait(inner).unwrap_or_else(PoisonError::into_inner)),
        Wait::Until(at) => {
            let left = at
                .checked_duration_since(Instant::now())
                .filter(|left| !left.is_zero())?;
            Some(
                bell.wait_timeout(inner, left)
                    .unwrap_or_else(PoisonError::into_inner)
                    .0,
            )
        }
    }
}

/// How long to wait.
#[derive(Clone, Copy, Debug)]
pub enum Wait {
    /// Not at all.
    Not,
    /// Until then.
    Until(Instant),
    /// Without limit.
    Forever,
}

impl<C: Numbered> Inner<C> {
    fn take(&mut self, most: usize) -> Vec<C> {
        let count = most.min(self.ready.len());
        let taken: Vec<C> = self.ready.drain(..count).collect();
        self.outstanding -= taken
            .iter()
            .filter(|completion| completion.submission() != 0)
            .count();
        #[cfg(unix)]
        if self.ready.is_empty()
            && self.ended.is_none()
            && let Some(wake) = &self.wake
        {
            wake.clear();
        }
        taken
    }

    fn show_wake(&self) {
        #[cfg(unix)]
        if let Some(wake) = &self.wake
            && (!self.ready.is_empty() || self.ended.is_some())
        {
            wake.set();
        }
    }
}

fn ended(why: Kind) -> Error {
    match why {
        Kind::Panic => Error::new(
            Kind::Panic,
            "the library failed inside and closed this handle; open a new one",
        ),
        _ => Error::new(Kind::Closed, "it is closed and nothing is left to hand out"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    struct Answer;

    impl Numbered for Answer {
        fn submission(&self) -> u64 {
            0
        }
    }

    #[test]
    fn a_completion_wakes_a_taker_though_others_wait_for_the_end() {
        let queue = Queue::default();
        let limit = Instant::now() + Duration::from_secs(60);
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| assert!(queue.wait_for_end(limit)));
            }
            let taker = threads.spawn(|| {
                let taken = queue.take(1, Wait::Until(limit)).expect("it is open");
                (taken.len(), Instant::now() < limit)
            });
            queue.push(vec![Answer]);
            assert_eq!(taker.join().expect("it takes"), (1, true));
            queue.end(Kind::Closed);
        });
    }
}
