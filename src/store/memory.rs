//! The journal in memory, for tests: nothing outlives the process, and it fails on request.
//!
//! A [`Disk`] plays the file and a [`Memory`] the open journal on it. A test keeps the disk, so it can crash
//! a client and open the journal again, or make the next commits fail, hang or vanish.

mod ledger;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use self::ledger::Ledger;
use super::token::SharedToken;
use super::{Journal, JournalError, JournalResult, Recovered, Write, Written};

/// What journals in memory are opened on; a clone is the same disk. Any thread at once.
#[derive(Clone, Default)]
pub struct Disk {
    shared: Arc<Shared>,
}

/// What is journaled for one (appid, environment) on a [`Disk`]. One thread at a time.
pub struct Memory {
    disk: Disk,
    scope: Scope,
}

type Scope = (String, String);

#[derive(Default)]
struct Shared {
    contents: Mutex<Contents>,
    changed: Condvar,
}

#[derive(Default)]
struct Contents {
    ledgers: HashMap<Scope, Ledger>,
    /// By appid.
    tokens: HashMap<String, SharedToken>,
    last_id: u64,
    commits: u64,
    /// Whose commit was the last.
    last: Option<Scope>,
    script: VecDeque<Failure>,
    blocked: bool,
    waiting: usize,
}

struct Failure {
    error: JournalError,
    stored: bool,
}

impl Disk {
    /// An empty disk of its own.
    pub fn new() -> Disk {
        Disk::default()
    }

    /// Opens the records of (appid, environment) as they stand.
    pub fn open(&self, appid: &str, environment: &str) -> Memory {
        Memory {
            disk: self.clone(),
            scope: (appid.to_owned(), environment.to_owned()),
        }
    }

    /// The next `times` commits store nothing and fail with `error`.
    pub fn fail_next(&self, times: usize, error: JournalError) {
        self.script(times, error, false);
    }

    /// The next `times` commits are stored, and fail with `error` all the same: the flush that got lost.
    pub fn fail_next_but_store(&self, times: usize, error: JournalError) {
        self.script(times, error, true);
    }

    /// Commits do not answer until [`Disk::unblock`]: a disk that hangs.
    pub fn block(&self) {
        self.contents().blocked = true;
    }

    /// Lets waiting commits go on.
    pub fn unblock(&self) {
        self.contents().blocked = false;
        self.shared.changed.notify_all();
    }

    /// Waits until a commit hangs on [`Disk::block`].
    pub fn wait_until_held(&self) {
        let free = |contents: &mut Contents| !contents.blocked || contents.waiting == 0;
        let contents = self.shared.changed.wait_while(self.contents(), free);
        drop(contents.unwrap_or_else(PoisonError::into_inner));
    }

    /// Takes the last commit back: a disk that lied about its flush. Once per commit.
    pub fn lose_last_commit(&self) {
        let mut contents = self.contents();
        if let Some(last) = contents.last.take()
            && let Some(ledger) = contents.ledgers.get_mut(&last)
        {
            ledger.take_back();
        }
    }

    /// How many commits have been stored.
    pub fn commits(&self) -> u64 {
        self.contents().commits
    }

    fn script(&self, times: usize, error: JournalError, stored: bool) {
        let failures = (0..times).map(|_| Failure {
            error: error.clone(),
            stored,
        });
        self.contents().script.extend(failures);
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.shared
            .contents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    /// The same records, opened again, as after a crash.
    pub fn reopen(&self) -> Memory {
        self.disk.open(&self.scope.0, &self.scope.1)
    }
}

impl Journal for Memory {
    fn recover(&mut self) -> JournalResult<Recovered> {
        let contents = self.disk.contents();
        let ledger = contents.ledgers.get(&self.scope);
        let token = contents.tokens.get(&self.scope.0);
        Ok(Recovered {
            token: token
                .filter(|token| !token.sealed.is_empty())
                .map(|token| (token.version, token.sealed.clone())),
            ..ledger.map(Ledger::recover).unwrap_or_default()
        })
    }

    fn commit(&mut self, writes: &[Write]) -> JournalResult<Vec<Written>> {
        let mut contents = self.disk.contents();
        contents.waiting += 1;
        self.disk.shared.changed.notify_all();
        let unblocked = self
            .disk
            .shared
            .changed
            .wait_while(contents, |contents| contents.blocked);
        contents = unblocked.unwrap_or_else(PoisonError::into_inner);
        contents.waiting -= 1;
        match contents.script.pop_front() {
            None => contents.commit(&self.scope, writes),
            Some(failure) if failure.stored => {
                contents.commit(&self.scope, writes).and(Err(failure.error))
            }
            Some(failure) => Err(failure.error),
        }
    }
}

impl Contents {
    fn commit(&mut self, scope: &Scope, writes: &[Write]) -> JournalResult<Vec<Written>> {
        let ledger = self.ledgers.entry(scope.clone()).or_default();
        let token = self.tokens.entry(scope.0.clone()).or_default();
        let token_before = token.clone();
        ledger.begin();
        let written: JournalResult<Vec<Written>> = writes
            .iter()
            .map(|write| ledger.apply(write, &mut self.last_id, token))
            .collect();
        match written {
            Ok(_) => {
                self.commits += 1;
                self.last = Some(scope.clone());
            }
            Err(_) => {
                ledger.take_back();
                *token = token_before;
            }
        }
        written
    }
}
