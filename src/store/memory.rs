//! The journal in memory, for tests: nothing outlives the process, and it fails on request.
//!
//! A [`Disk`] plays the file and a [`Memory`] the open journal on it. A test keeps the disk, so it can crash
//! a client and open the journal again, or make the next commits fail, hang or vanish. It only ever grows.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{Journal, JournalError, JournalResult, Record, Write, Written};
use crate::error::Error;

/// What journals in memory are opened on; a clone is the same disk. Any thread at once.
#[derive(Clone, Default)]
pub struct Disk {
    shared: Arc<Shared>,
}

/// The records of one (appid, environment) on a [`Disk`]. One thread at a time.
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
    last_id: u64,
    commits: u64,
    /// How to take the last commit back: what its records were before, newest change last.
    undo: Vec<Undo>,
    script: VecDeque<Failure>,
    blocked: bool,
    waiting: usize,
}

#[derive(Default)]
struct Ledger {
    records: BTreeMap<u64, Record>,
    by_bill_no: HashMap<String, u64>,
}

struct Undo {
    scope: Scope,
    id: u64,
    before: Option<Record>,
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
        self.contents().take_back();
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
    fn recover(&mut self) -> JournalResult<Vec<Record>> {
        let contents = self.disk.contents();
        let records = contents
            .ledgers
            .get(&self.scope)
            .map(|ledger| ledger.records.values());
        Ok(records
            .into_iter()
            .flatten()
            .filter(|record| !record.acked || !record.state.is_final())
            .cloned()
            .collect())
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
        self.undo.clear();
        let written: JournalResult<Vec<Written>> = writes
            .iter()
            .map(|write| self.apply(scope, write))
            .collect();
        match written {
            Ok(_) => self.commits += 1,
            Err(_) => self.take_back(),
        }
        written
    }

    fn apply(&mut self, scope: &Scope, write: &Write) -> JournalResult<Written> {
        let ledger = self.ledgers.entry(scope.clone()).or_default();
        match write {
            Write::Find(bill_no) => Ok(match ledger.find(bill_no) {
                Some(record) => Written::Found(Box::new(record.clone())),
                None => Written::Missing,
            }),
            Write::Insert(record) => {
                if let Some(known) = ledger.find(&record.bill_no) {
                    return Ok(Written::Found(Box::new(known.clone())));
                }
                if record.amount <= 0 {
                    return Err(JournalError {
                        error: Error::invalid("amount", "the journal takes amounts greater than 0"),
                        maybe_written: false,
                    });
                }
                self.last_id += 1;
                let mut record = Record::clone(record);
                record.id = self.last_id;
                Ok(self.put(scope, record))
            }
            Write::Update(record) => match ledger.find(&record.bill_no) {
                Some(known) => {
                    let updated = updated(known, record);
                    Ok(self.put(scope, updated))
                }
                None => Err(JournalError::unknown_bill_no(&record.bill_no)),
            },
            Write::Ack(id) => match ledger.records.get(id) {
                Some(record) if record.state.is_final() => {
                    let acked = Record {
                        acked: true,
                        ..record.clone()
                    };
                    Ok(self.put(scope, acked))
                }
                _ => Ok(Written::Stored(*id)),
            },
        }
    }

    fn put(&mut self, scope: &Scope, record: Record) -> Written {
        let ledger = self.ledgers.entry(scope.clone()).or_default();
        let id = record.id;
        ledger.by_bill_no.insert(record.bill_no.clone(), id);
        let before = ledger.records.insert(id, record);
        self.undo.push(Undo {
            scope: scope.clone(),
            id,
            before,
        });
        Written::Stored(id)
    }

    fn take_back(&mut self) {
        while let Some(Undo { scope, id, before }) = self.undo.pop() {
            let ledger = self.ledgers.entry(scope).or_default();
            match before {
                Some(record) => drop(ledger.records.insert(id, record)),
                None => {
                    if let Some(record) = ledger.records.remove(&id) {
                        ledger.by_bill_no.remove(&record.bill_no);
                    }
                }
            }
        }
    }
}

impl Ledger {
    fn find(&self, bill_no: &str) -> Option<&Record> {
        self.records.get(self.by_bill_no.get(bill_no)?)
    }
}

/// `known` with everything of `new` that an update may change.
fn updated(known: &Record, new: &Record) -> Record {
    Record {
        state: new.state,
        reason: new.reason,
        refund: new.refund,
        acked: new.acked,
        errcode: new.errcode,
        errmsg: new.errmsg.clone(),
        balance: new.balance,
        used_gen_amt: new.used_gen_amt,
        deadline_at_ms: new.deadline_at_ms,
        first_sent_at_ms: new.first_sent_at_ms,
        updated_at_ms: new.updated_at_ms,
        ..known.clone()
    }
}
