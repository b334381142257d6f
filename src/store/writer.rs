//! The journal's own thread: one commit at a time, and everything that queues up meanwhile rides on the next.
//!
//! ```text
//!   submit ──► queue ──► up to 512 writes ──► one commit ──► on_done, once
//!                                               │ one write is at fault
//!                                               └──► halves, each a commit, until it stands alone
//! ```

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Journal, JournalError, Write, Written};
use crate::error::{Error, Kind as ErrorKind, Result};

/// The most writes one commit carries.
pub const BATCH: usize = 512;

/// What came of the writes of one commit, each with the token it was submitted under, in order.
pub type Answers = Vec<(u64, std::result::Result<Written, JournalError>)>;

/// Starts a named thread; the caller's, because it blocks signals there.
pub type Spawn<'a> = &'a dyn Fn(&str, Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>>;

/// A journal on a thread of its own, `wxg-journal`. Any thread at once.
///
/// Dropping it is [`Writer::shutdown`] without waiting.
pub struct Writer {
    queue: Mutex<Option<Sender<Submission>>>,
    stats: Arc<WriterStats>,
    end: Arc<End>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

type Submission = Vec<(u64, Write)>;

/// What the writer has done so far. Any thread at once.
#[derive(Default)]
pub struct WriterStats {
    commits: AtomicU64,
    writes: AtomicU64,
    failed: AtomicU64,
    waiting: AtomicU64,
    bytes: AtomicU64,
    last_error: Mutex<Option<Error>>,
}

impl WriterStats {
    /// Commits that succeeded.
    pub fn commits(&self) -> u64 {
        self.commits.load(Relaxed)
    }

    /// Writes that were answered without an error.
    pub fn writes(&self) -> u64 {
        self.writes.load(Relaxed)
    }

    /// Writes that were answered with an error.
    pub fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }

    /// Writes that were submitted and are not answered yet.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Relaxed)
    }

    /// [`Journal::bytes`] after the last commit.
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// The last error.
    pub fn last_error(&self) -> Option<Error> {
        locked(&self.last_error).clone()
    }
}

impl Writer {
    /// Gives `journal` its thread, started by `spawn`. `on_done` is called there, once per batch; it must not
    /// block, for nothing is written meanwhile.
    pub fn start(
        journal: Box<dyn Journal>,
        spawn: Spawn<'_>,
        on_done: Box<dyn FnMut(Answers) + Send>,
    ) -> Result<Writer> {
        let (queue, submissions) = channel();
        let stats = Arc::<WriterStats>::default();
        let end = Arc::<End>::default();
        stats.bytes.store(journal.bytes(), Relaxed);
        let work = Work {
            journal,
            broken: None,
            on_done,
            stats: Arc::clone(&stats),
        };
        let ended = Ended(Arc::clone(&end));
        let run = Box::new(move || {
            // The journal is closed first, then the end is told: who waits may open it again at once.
            let _ended = ended;
            work.run(&submissions);
        });
        let thread = spawn("wxg-journal", run).map_err(|error| {
            Error::new(
                ErrorKind::Journal,
                format!("the journal's thread could not be started: {error}"),
            )
        })?;
        Ok(Writer {
            queue: Mutex::new(Some(queue)),
            stats,
            end,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Queues `writes` and returns at once. They are answered through `on_done`, each exactly once.
    /// After [`Writer::shutdown`] they are given back: nothing of them was or will be written.
    pub fn submit(&self, writes: Vec<(u64, Write)>) -> std::result::Result<(), Vec<(u64, Write)>> {
        let queue = locked(&self.queue);
        let Some(queue) = queue.as_ref() else {
            return Err(writes);
        };
        let count = writes.len() as u64;
        self.stats.waiting.fetch_add(count, Relaxed);
        queue.send(writes).map_err(|refused| {
            self.stats.waiting.fetch_sub(count, Relaxed);
            refused.0
        })
    }

    /// Counters that outlive the writer.
    pub fn stats(&self) -> Arc<WriterStats> {
        Arc::clone(&self.stats)
    }

    /// Asks the thread to answer what is queued, close the journal and end. Does not wait.
    pub fn shutdown(&self) {
        drop(locked(&self.queue).take());
    }

    /// Waits for the end of the thread after [`Writer::shutdown`]: true once the journal is closed. False
    /// after `patience`: the disk hangs; the thread owns all it needs and ends when the disk answers.
    pub fn join_timeout(&self, patience: Duration) -> bool {
        let ended =
            self.end
                .changed
                .wait_timeout_while(locked(&self.end.ended), patience, |ended| !*ended);
        let (ended, _) = ended.unwrap_or_else(PoisonError::into_inner);
        if !*ended {
            return false;
        }
        drop(ended);
        let thread = locked(&self.thread).take();
        // A thread that has told its end has nothing left to panic with.
        let _ = thread.map(JoinHandle::join);
        true
    }
}

/// Whether the thread has ended.
#[derive(Default)]
struct End {
    ended: Mutex<bool>,
    changed: Condvar,
}

/// Tells the end when it is dropped, however the thread ends.
struct Ended(Arc<End>);

impl Drop for Ended {
    fn drop(&mut self) {
        *locked(&self.0.ended) = true;
        self.0.changed.notify_all();
    }
}

/// What the thread owns.
struct Work {
    journal: Box<dyn Journal>,
    /// Why the journal is not asked any more: it panicked.
    broken: Option<JournalError>,
    on_done: Box<dyn FnMut(Answers) + Send>,
    stats: Arc<WriterStats>,
}

impl Work {
    /// Commits what comes until nobody can submit any more and nothing is queued.
    fn run(mut self, submissions: &Receiver<Submission>) {
        let mut queue = VecDeque::new();
        loop {
            if queue.is_empty() {
                match submissions.recv() {
                    Ok(writes) => queue.extend(writes),
                    Err(_) => return,
                }
            }
            while queue.len() < BATCH {
                match submissions.try_recv() {
                    Ok(writes) => queue.extend(writes),
                    Err(_) => break,
                }
            }
            let (tokens, writes): (Vec<u64>, Vec<Write>) =
                queue.drain(..queue.len().min(BATCH)).unzip();
            if tokens.is_empty() {
                continue;
            }
            let mut results = Vec::with_capacity(writes.len());
            self.commit(&writes, &mut results);
            self.answer(tokens.into_iter().zip(results).collect());
        }
    }

    /// One commit of `writes`; where one of them is at fault, of their halves, so that it fails alone.
    fn commit(
        &mut self,
        writes: &[Write],
        results: &mut Vec<std::result::Result<Written, JournalError>>,
    ) {
        let error = match self.commit_once(writes) {
            Ok(written) => {
                self.stats.commits.fetch_add(1, Relaxed);
                self.stats.bytes.store(self.journal.bytes(), Relaxed);
                return results.extend(written.into_iter().map(Ok));
            }
            Err(error) => error,
        };
        if writes.len() > 1 && error.is_one_write() {
            let (first, second) = writes.split_at(writes.len() / 2);
            self.commit(first, results);
            return self.commit(second, results);
        }
        *locked(&self.stats.last_error) = Some(error.error.clone());
        results.extend(writes.iter().map(|_| Err(error.clone())));
    }

    /// Asks the journal, unless it has panicked before.
    fn commit_once(&mut self, writes: &[Write]) -> std::result::Result<Vec<Written>, JournalError> {
        if let Some(error) = &self.broken {
            return Err(error.clone());
        }
        let committed = catch_unwind(AssertUnwindSafe(|| self.journal.commit(writes)));
        let what = match committed {
            Ok(Ok(written)) if written.len() != writes.len() => "answered some writes only",
            Ok(answer) => return answer,
            Err(_) => "panicked",
        };
        let error = JournalError {
            error: Error::new(
                ErrorKind::Panic,
                format!("the journal {what}, a bug; close the client, the next open recovers"),
            ),
            maybe_written: true,
        };
        self.broken = Some(error.clone());
        Err(error)
    }

    fn answer(&mut self, answers: Answers) {
        let failed = answers.iter().filter(|(_, result)| result.is_err()).count() as u64;
        let answered = answers.len() as u64;
        self.stats.failed.fetch_add(failed, Relaxed);
        self.stats.writes.fetch_add(answered - failed, Relaxed);
        self.stats.waiting.fetch_sub(answered, Relaxed);
        if catch_unwind(AssertUnwindSafe(|| (self.on_done)(answers))).is_err() {
            *locked(&self.stats.last_error) = Some(Error::new(
                ErrorKind::Panic,
                "the receiver of the journal's answers panicked",
            ));
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
