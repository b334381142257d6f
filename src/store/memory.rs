//! The journal in memory, for tests: nothing outlives the process, and it fails on request.
//!
//! A [`Disk`] plays the file and a [`Memory`] the open journal on it. A test keeps the disk, so it can crash
//! a client and open the journal again, or make the next commits fail, hang or vanish. [`Disk::join`] opens it as one of
//! many servers that share it.

mod ledger;
mod sharing;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use self::ledger::Ledger;
use self::sharing::Sharing;
use super::token::SharedToken;
use super::{Journal, JournalError, JournalResult, Record, Recovered, Tenure, Write, Written};

/// What journals in memory are opened on; a clone is the same disk. Any thread at once.
#[derive(Clone, Default)]
pub struct Disk {
    shared: Arc<Shared>,
}

/// What is journaled for one (appid, environment) on a [`Disk`]. One thread at a time.
pub struct Memory {
    disk: Disk,
    scope: Scope,
    /// Where it shares the journal.
    seat: Option<Seat>,
}

/// The place of an open journal among the servers that share it.
struct Seat {
    tenure: Tenure,
    /// The name that the client has been told last.
    told: u64,
    /// Records that were taken over by a commit whose answer was lost.
    unheard: BTreeSet<u64>,
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
    sharing: HashMap<Scope, Sharing>,
    /// The clock of the leases.
    now_ms: i64,
    last_id: u64,
    last_server: u64,
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
            seat: None,
        }
    }

    /// The same, as one of the servers that share them.
    pub fn join(&self, appid: &str, environment: &str, lease_ms: i64) -> Memory {
        let mut memory = self.open(appid, environment);
        let tenure = self.contents().join(&memory.scope, lease_ms);
        memory.seat = Some(Seat {
            tenure,
            told: tenure.server,
            unheard: BTreeSet::new(),
        });
        memory
    }

    /// Winds the clock of the leases on: those that end by then may be taken from their servers.
    pub fn advance(&self, ms: i64) {
        self.contents().now_ms += ms;
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
    /// The process dies: nobody else may take what it has before its lease is over.
    pub fn kill(mut self) {
        self.seat = None;
    }

    /// The same records, opened again, as after a crash.
    pub fn reopen(&self) -> Memory {
        self.disk.open(&self.scope.0, &self.scope.1)
    }
}

impl Journal for Memory {
    fn recover(&mut self) -> JournalResult<Recovered> {
        let mut contents = self.disk.contents();
        let tenure = self.seat.as_ref().map(|seat| seat.tenure);
        let shared = tenure.map(|tenure| contents.recover(&self.scope, tenure.server));
        let ledger = contents.ledgers.get(&self.scope);
        let token = contents.tokens.get(&self.scope.0);
        let mut recovered = Recovered {
            token: token
                .filter(|token| !token.sealed.is_empty())
                .map(|token| (token.version, token.sealed.clone())),
            tenure,
            ..ledger.map(Ledger::recover).unwrap_or_default()
        };
        if let Some(records) = shared {
            recovered.records = records;
            recovered.secrets.clear();
        }
        Ok(recovered)
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
        let failure = contents.script.pop_front();
        if let Some(failure) = failure.as_ref().filter(|failure| !failure.stored) {
            return Err(failure.error.clone());
        }
        let written = contents.commit(&self.scope, &mut self.seat, writes)?;
        let beats = written.iter().filter_map(|written| match written {
            Written::Beat(beat) => Some(beat),
            _ => None,
        });
        for (seat, beat) in self.seat.iter_mut().zip(beats) {
            if failure.is_some() {
                let taken = beat.taken.iter().map(|record| record.id);
                seat.unheard.extend(taken);
            } else {
                seat.told = beat.tenure.server;
                seat.unheard.clear();
            }
        }
        match failure {
            Some(failure) => Err(failure.error),
            None => Ok(written),
        }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(seat) = &self.seat
            && let Some(sharing) = self.disk.contents().sharing.get_mut(&self.scope)
        {
            sharing.leave(seat.tenure.server);
        }
    }
}

impl Contents {
    fn join(&mut self, scope: &Scope, lease_ms: i64) -> Tenure {
        self.last_server += 1;
        let server = self.last_server;
        let sharing = self.sharing.entry(scope.clone()).or_default();
        sharing.join(server, self.now_ms + lease_ms);
        Tenure { server, lease_ms }
    }

    fn recover(&mut self, scope: &Scope, server: u64) -> Vec<Record> {
        let ledger = self.ledgers.entry(scope.clone()).or_default();
        let sharing = self.sharing.entry(scope.clone()).or_default();
        sharing.recover(server, ledger, self.now_ms)
    }

    fn commit(
        &mut self,
        scope: &Scope,
        seat: &mut Option<Seat>,
        writes: &[Write],
    ) -> JournalResult<Vec<Written>> {
        if let Some(Seat { tenure: held, .. }) = seat
            && !self
                .sharing
                .entry(scope.clone())
                .or_default()
                .is_alive(held.server)
        {
            // Others were free to take what it had: it goes on under another name.
            *held = self.join(scope, held.lease_ms);
        }
        let ledger = self.ledgers.entry(scope.clone()).or_default();
        let token = self.tokens.entry(scope.0.clone()).or_default();
        let token_before = token.clone();
        let sharing = self.sharing.entry(scope.clone()).or_default();
        let sharing_before = sharing.clone();
        ledger.begin();
        let written: JournalResult<Vec<Written>> = writes
            .iter()
            .map(|write| match &*seat {
                None => ledger.apply(write, &mut self.last_id, token),
                Some(seat) => {
                    let desk = Desk {
                        ledger,
                        sharing,
                        token,
                        last_id: &mut self.last_id,
                        now_ms: self.now_ms,
                    };
                    desk.apply_of(seat, write)
                }
            })
            .collect();
        match written {
            Ok(_) => {
                self.commits += 1;
                self.last = Some(scope.clone());
            }
            Err(_) => {
                ledger.take_back();
                *token = token_before;
                *sharing = sharing_before;
            }
        }
        written
    }
}

/// All that one write of a server may touch.
struct Desk<'a> {
    ledger: &'a mut Ledger,
    sharing: &'a mut Sharing,
    token: &'a mut SharedToken,
    last_id: &'a mut u64,
    now_ms: i64,
}

impl Desk<'_> {
    fn apply_of(self, seat: &Seat, write: &Write) -> JournalResult<Written> {
        let server = seat.tenure.server;
        let known = sharing::number(write).and_then(|number| self.ledger.known(number).cloned());
        match (write, &known) {
            (Write::Heartbeat { most, .. }, _) => {
                let renamed = server != seat.told;
                let most = if renamed { 0 } else { *most as usize };
                self.ledger.apply(write, self.last_id, self.token)?;
                let beat = self.sharing.beat(seat, self.ledger, self.now_ms, most);
                return Ok(Written::Beat(Box::new(beat)));
            }
            (Write::AskCancel(_), Some(known)) => self.sharing.ask_cancel(known),
            (Write::Update(record), Some(known))
                if !self.sharing.may_update(server, known, record) =>
            {
                let found = self.sharing.seen_by(server, known.clone());
                return Ok(Written::Found(Box::new(found)));
            }
            (Write::LeaseToken(lease), _) => {
                return Ok(self.token.lease(&lease.by_clock(self.now_ms)));
            }
            _ => {}
        }
        let written = self.ledger.apply(write, self.last_id, self.token)?;
        let changes = matches!(write, Write::Insert(_) | Write::Update(_) | Write::Ack(_));
        if let (true, Written::Stored(id)) = (changes, &written)
            && let Some(record) = self.ledger.record(Record::of_delivery(*id).0)
            && (record.acked || !matches!(write, Write::Ack(_)))
        {
            self.sharing.written(server, record);
        }
        Ok(self.sharing.answer_to(server, written))
    }
}
