//! The threads of a transport: started through the host's rules, counted, joined at the end.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Starts a named thread. Given from outside, because what a guest's thread must look like (its signal
/// mask above all) is not this room's business.
pub type Spawn =
    Arc<dyn Fn(&str, Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> + Send + Sync>;

/// All threads of one transport. Any thread at once.
pub(super) struct Crew {
    spawn: Spawn,
    roll: Mutex<Roll>,
    left: Condvar,
}

#[derive(Default)]
struct Roll {
    alive: usize,
    handles: Vec<JoinHandle<()>>,
}

impl Crew {
    pub(super) fn new(spawn: Spawn) -> Arc<Self> {
        Arc::new(Self {
            spawn,
            roll: Mutex::default(),
            left: Condvar::new(),
        })
    }

    /// Runs `work` on a new thread called `name`.
    pub(super) fn start(
        self: &Arc<Self>,
        name: &str,
        work: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        self.roll().alive += 1;
        // The member signs off when it is dropped: after the work, or with it if it never starts.
        let member = Member(Arc::clone(self));
        let handle = (self.spawn)(
            name,
            Box::new(move || {
                let _member = member;
                work();
            }),
        )?;
        let mut roll = self.roll();
        roll.handles.retain(|handle| !handle.is_finished());
        roll.handles.push(handle);
        Ok(())
    }

    /// Waits until every thread has ended; false if some are still running after `timeout`.
    pub(super) fn join_timeout(&self, timeout: Duration) -> bool {
        let until = Instant::now() + timeout;
        let mut roll = self.roll();
        while roll.alive > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            roll = wait_timeout(&self.left, roll, left);
        }
        let handles = std::mem::take(&mut roll.handles);
        drop(roll);
        for handle in handles {
            // Each has signed off and is on its last instructions. A panic has been dealt with where it
            // happened, so there is nothing left to learn from the result.
            let _ = handle.join();
        }
        true
    }

    fn roll(&self) -> MutexGuard<'_, Roll> {
        lock(&self.roll)
    }
}

struct Member(Arc<Crew>);

impl Drop for Member {
    fn drop(&mut self) {
        self.0.roll().alive -= 1;
        self.0.left.notify_all();
    }
}

/// Locks, also after a panic elsewhere: no lock of this room is held while anything half done is in it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a notice, at most `timeout`; the caller looks at its condition again either way.
pub(super) fn wait_timeout<'a, T>(
    condvar: &Condvar,
    guard: MutexGuard<'a, T>,
    timeout: Duration,
) -> MutexGuard<'a, T> {
    condvar
        .wait_timeout(guard, timeout)
        .unwrap_or_else(PoisonError::into_inner)
        .0
}

#[cfg(test)]
pub(super) fn plain_spawn() -> Spawn {
    Arc::new(|name, work| std::thread::Builder::new().name(name.into()).spawn(work))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn joining_waits_for_the_last_thread_but_not_for_ever() {
        let crew = Crew::new(plain_spawn());
        let (end, ended) = mpsc::channel::<()>();
        crew.start("wxg-test", move || assert!(ended.recv().is_err()))
            .unwrap();
        assert!(!crew.join_timeout(Duration::from_millis(50)));
        drop(end);
        assert!(crew.join_timeout(Duration::from_secs(10)));
    }

    #[test]
    fn a_thread_that_cannot_start_is_not_waited_for() {
        let crew = Crew::new(Arc::new(|_, _| Err(io::ErrorKind::WouldBlock.into())));
        crew.start("wxg-test", || ()).unwrap_err();
        assert!(crew.join_timeout(Duration::ZERO));
    }
}
