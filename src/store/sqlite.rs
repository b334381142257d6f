//! The journal in a SQLite file: the default.
//!
//! WAL with `synchronous=FULL`, so a commit is on the disk when it returns. Other processes may read the
//! file with `sqlite3` while we run (not this process: two copies of SQLite in one process take away each
//! other's locks). `sqlite/v1.sql` is the schema and its manual.

mod claim;
mod failure;
mod ledger;
mod payments;
mod row;
mod schema;
mod seals;

use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

use self::claim::Claim;
use super::{
    Journal, JournalError, JournalResult, Kind, Record, Recovered, Unrefundable, Write, Written,
};
use crate::error::{Error, Kind as ErrorKind, Result};

/// How long a commit waits for another client or program that is writing the same file.
const BUSY: Duration = Duration::from_secs(5);

/// How many prepared statements are kept: more than there are, so that none is prepared twice.
const STATEMENTS: usize = 32;

/// What is journaled for one (appid, environment) in a SQLite file. One thread at a time.
///
/// Clients of one process with different (appid, environment) may share one file.
pub struct Sqlite {
    // Before the claim: SQLite lets go of the file before the lock does.
    conn: Connection,
    claim: Claim,
    /// The latest time that this connection has noted; what others noted before may be later.
    latest_ms: i64,
}

impl Sqlite {
    /// Opens the journal at `path`, which is created (mode 0600) if it is not there; its directory must be.
    /// `environment` is `production` or `sandbox`. Also makes `<path>.lock`, `-wal` and `-shm` beside it.
    ///
    /// Fails with `JournalInUse` while another process has it open, or this one for the same pair;
    /// `JournalNewer`, `JournalCorrupt`; `Configuration` where the path cannot be used.
    pub fn open(path: &Path, appid: &str, environment: &str) -> Result<Sqlite> {
        if appid.is_empty() {
            return Err(Error::invalid("appid", "is empty"));
        }
        if !matches!(environment, "production" | "sandbox") {
            return Err(Error::invalid(
                "environment",
                "is neither production nor sandbox",
            ));
        }
        let claim = Claim::new(path, (appid.to_owned(), environment.to_owned()))?;
        let turn = claim.set_up();
        let conn = connect(claim.path())?;
        if claim.is_first() {
            // On a full disk they end by themselves, a little later.
            let _ = ledger::end_leases(&conn);
        }
        drop(turn);
        Ok(Sqlite {
            conn,
            claim,
            latest_ms: 0,
        })
    }

    fn apply(&self, write: &Write) -> JournalResult<Written> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        let applied = match write {
            Write::Insert(record) => self.insert(record),
            Write::Update(record) => match self.update(record) {
                Ok(Some(id)) => Ok(Written::Stored(id)),
                Ok(None) => return Err(JournalError::unknown_bill_no(&record.bill_no)),
                Err(error) => Err(error),
            },
            Write::Ack(id) => payments::ack(conn, scope, *id).map(|()| Written::Stored(*id)),
            Write::Find(bill_no) => self.find(bill_no),
            Write::Unresolved { after_id, most } => {
                payments::unresolved(conn, scope, *after_id, *most).map(Written::Records)
            }
            Write::Prune {
                closed_before_ms,
                sealed_before_ms,
                most,
            } => seals::prune(conn, scope, *closed_before_ms, *sealed_before_ms, *most),
            Write::PutSecret {
                name,
                sealed,
                now_ms,
            } => {
                ledger::put_secret(conn, scope, name, sealed, *now_ms).map(|()| Written::Stored(0))
            }
            Write::DropSecret { name, sealed } => {
                ledger::drop_secret(conn, scope, name, sealed).map(|()| Written::Stored(0))
            }
            Write::FindSecret(name) => ledger::secret(conn, scope, name).map(Written::Secret),
            Write::LeaseToken(lease) => ledger::with_token(conn, scope, |token| token.lease(lease)),
            Write::PutToken {
                holder,
                version,
                sealed,
            } => ledger::with_token(conn, scope, |token| {
                token.put(*holder, *version, sealed);
                Written::Stored(0)
            }),
            Write::ReturnLease { holder, unused } => ledger::with_token(conn, scope, |token| {
                token.give_back(*holder, *unused);
                Written::Stored(0)
            }),
            // One process owns the file: it keeps no lease, and nobody else drives anything.
            Write::Heartbeat { .. } => Ok(Written::Beat(Box::default())),
            Write::AskCancel(_) => Ok(Written::Stored(0)),
        };
        applied.map_err(|error| failure::not_written(&error))
    }

    fn insert(&self, record: &Record) -> rusqlite::Result<Written> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        if let Some(seal) = seals::find(conn, scope, &record.bill_no)? {
            return Ok(seal.answer(Some(record)));
        }
        if let Some(number) = record.other_number()
            && let Some(known) = self.find(&number)?.of_same_item()
        {
            return Ok(known);
        }
        match payments::insert(conn, scope, record)? {
            Some(id) if record.kind == Kind::Refund => self.insert_refund(record, id),
            Some(id) => Ok(Written::Stored(id)),
            None => self.find(&record.bill_no),
        }
    }

    /// A refund that was just inserted stays only if its payment leaves room for it.
    fn insert_refund(&self, refund: &Record, id: u64) -> rusqlite::Result<Written> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        if refund.gave_nothing_back() {
            return Ok(Written::Stored(id));
        }
        let refused = match payments::find(conn, scope, &refund.pay_bill_no)? {
            Some(payment) => payment.refuses(refund),
            None => Some(Unrefundable::Unknown),
        };
        if let Some(why) = refused {
            payments::remove(conn, scope, id)?;
            return Ok(Written::Unrefundable(why));
        }
        payments::reserve(conn, scope, &refund.pay_bill_no, refund.amount)?;
        Ok(Written::Stored(id))
    }

    fn update(&self, record: &Record) -> rusqlite::Result<Option<u64>> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        if record.kind == Kind::Refund && record.gave_nothing_back() {
            let before = payments::find(conn, scope, &record.bill_no)?;
            if before.is_some_and(|before| !before.gave_nothing_back()) {
                payments::reserve(conn, scope, &record.pay_bill_no, -record.amount)?;
            }
        }
        payments::update(conn, scope, record)
    }

    fn find(&self, bill_no: &str) -> rusqlite::Result<Written> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        if let Some(record) = payments::find(conn, scope, bill_no)? {
            return Ok(Written::Found(Box::new(record)));
        }
        Ok(match seals::find(conn, scope, bill_no)? {
            Some(seal) => seal.answer(None),
            None => Written::Missing,
        })
    }

    /// All of `writes` in the open transaction, and the latest time they bring; that time, once it is stored.
    fn apply_all(&self, writes: &[Write]) -> JournalResult<(Vec<Written>, i64)> {
        let written = writes
            .iter()
            .map(|write| self.apply(write))
            .collect::<JournalResult<Vec<Written>>>()?;
        let times = writes
            .iter()
            .zip(&written)
            .filter_map(|(write, written)| write.time_stored(written));
        let latest_ms = times.fold(self.latest_ms, i64::max);
        if latest_ms > self.latest_ms {
            ledger::note_time(&self.conn, self.claim.scope(), latest_ms)
                .map_err(|error| failure::not_written(&error))?;
        }
        Ok((written, latest_ms))
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.conn.prepare_cached(sql)?.execute([]).map(drop)
    }

    /// Ends a transaction that a failure has left open. Where that fails too, the next commit tries again.
    fn settle(&self) -> rusqlite::Result<()> {
        if self.conn.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK")
    }
}

impl Journal for Sqlite {
    fn recover(&mut self) -> JournalResult<Recovered> {
        let (conn, scope) = (&self.conn, self.claim.scope());
        let read = || -> rusqlite::Result<Recovered> {
            let token = ledger::token(conn, scope)?;
            Ok(Recovered {
                token: (!token.sealed.is_empty()).then_some((token.version, token.sealed)),
                records: payments::unfinished(conn, scope)?,
                secrets: ledger::secrets(conn, scope)?,
                latest_ms: ledger::latest_ms(conn, scope)?,
                tenure: None,
            })
        };
        read().map_err(|error| failure::not_written(&error))
    }

    fn commit(&mut self, writes: &[Write]) -> JournalResult<Vec<Written>> {
        let begin = if writes.iter().all(Write::is_read) {
            "BEGIN"
        } else {
            "BEGIN IMMEDIATE"
        };
        self.settle()
            .and_then(|()| self.execute(begin))
            .map_err(|error| failure::not_written(&error))?;
        let committed = self
            .apply_all(writes)
            .and_then(|applied| match self.execute("COMMIT") {
                Ok(()) => Ok(applied),
                Err(error) => Err(failure::in_commit(&error)),
            });
        match committed {
            Ok((written, latest_ms)) => {
                self.latest_ms = latest_ms;
                Ok(written)
            }
            Err(failure) => {
                // This failure is the one to tell; `settle` is tried again before the next BEGIN.
                let _ = self.settle();
                Err(failure)
            }
        }
    }

    fn bytes(&self) -> u64 {
        let mut log = self.claim.path().as_os_str().to_owned();
        log.push("-wal");
        let size = |path: &Path| path.metadata().map_or(0, |file| file.len());
        size(self.claim.path()) + size(Path::new(&log))
    }
}

/// A connection to the file at `path`, checked, set up and migrated. Never creates the file: the claim has.
fn connect(path: &Path) -> Result<Connection> {
    let failed = |error| failure::opening(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut conn = Connection::open_with_flags(path, flags).map_err(failed)?;
    if conn.is_readonly("main").map_err(failed)? {
        let message = format!(
            "cannot use {} as the journal: it is read-only; this user must be able to write it",
            path.display()
        );
        return Err(Error::new(ErrorKind::Configuration, message).about("journal"));
    }
    conn.busy_timeout(BUSY).map_err(failed)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    schema::check(&conn, path)?;
    let mode: String = conn
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(failed)?;
    if mode != "wal" {
        let message = format!(
            "cannot use {} as the journal: its file system cannot do WAL; use a local disk",
            path.display()
        );
        return Err(Error::new(ErrorKind::Configuration, message).about("journal"));
    }
    conn.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA fullfsync = ON;             -- macOS: fsync alone does not reach the disk there
         PRAGMA checkpoint_fullfsync = ON;
         PRAGMA wal_autocheckpoint = 1000;  -- pages: 4 MiB of WAL, then into the file
         PRAGMA journal_size_limit = 8388608; -- and what a long reader has made longer shrinks again
         PRAGMA mmap_size = 0;              -- a failing disk is an error here, not a SIGBUS
         PRAGMA temp_store = MEMORY;        -- reads no TMPDIR
         PRAGMA trusted_schema = OFF;",
    )
    .map_err(failed)?;
    schema::migrate(&mut conn, path)?;
    Ok(conn)
}

#[cfg(test)]
mod tests;
