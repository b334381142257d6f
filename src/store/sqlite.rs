//! The journal in a SQLite file: the default.
//!
//! WAL with `synchronous=FULL`, so a commit is on the disk when it returns. Other processes may read the
//! file with `sqlite3` while we run (not this process: two copies of SQLite in one process take away each
//! other's locks). `sqlite/v1.sql` is the schema and its manual.

mod claim;
mod failure;
mod row;
mod schema;

use rusqlite::{Connection, OpenFlags, OptionalExtension, named_params, params};
use std::path::Path;
use std::time::Duration;

use self::claim::{Claim, Scope};
use super::{Journal, JournalError, JournalResult, Record, Write, Written};
use crate::error::{Error, Kind as ErrorKind, Result};

/// How long a commit waits for another client or program that is writing the same file.
const BUSY: Duration = Duration::from_secs(5);

/// The records of one (appid, environment) in a SQLite file. One thread at a time.
///
/// Clients of one process with different (appid, environment) may share one file.
pub struct Sqlite {
    // Before the claim: SQLite lets go of the file before the lock does.
    conn: Connection,
    claim: Claim,
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
        drop(turn);
        Ok(Sqlite { conn, claim })
    }

    fn apply(&self, write: &Write) -> JournalResult<Written> {
        match write {
            Write::Insert(record) => self.insert(record),
            Write::Update(record) => self.update(record),
            Write::Ack(id) => self.ack(*id),
            Write::Find(bill_no) => self.find(bill_no),
        }
    }

    fn insert(&self, record: &Record) -> JournalResult<Written> {
        let (appid, environment) = self.claim.scope();
        let inserted: Option<i64> = self
            .conn
            .prepare_cached(
                "INSERT INTO payments (appid, environment, generation, offer_id, bill_no, kind, pf, openid,
                     zone_id, amount, pay_item, app_remark, user_ip, user_tag, created_at_ms, state, reason,
                     refund, acked, errcode, errmsg, balance, used_gen_amt, deadline_at_ms, first_sent_at_ms,
                     updated_at_ms)
                 VALUES (:appid, :environment, :generation, :offer_id, :bill_no, :kind, :pf, :openid,
                     :zone_id, :amount, :pay_item, :app_remark, :user_ip, :user_tag, :created_at_ms, :state,
                     :reason, :refund, :acked, :errcode, :errmsg, :balance, :used_gen_amt, :deadline_at_ms,
                     :first_sent_at_ms, :updated_at_ms)
                 ON CONFLICT (appid, environment, bill_no) DO NOTHING RETURNING id",
            )
            .and_then(|mut statement| {
                let values = named_params! {
                    ":appid": appid,
                    ":environment": environment,
                    ":generation": row::generation_name(record.generation),
                    ":offer_id": record.offer_id,
                    ":bill_no": record.bill_no,
                    ":kind": row::kind_name(record.kind),
                    ":pf": record.pf,
                    ":openid": record.openid,
                    ":zone_id": record.zone_id,
                    ":amount": record.amount,
                    ":pay_item": record.pay_item,
                    ":app_remark": record.app_remark,
                    ":user_ip": record.user_ip,
                    ":user_tag": record.user_tag.cast_signed(),
                    ":created_at_ms": record.created_at_ms,
                    ":state": row::state_name(record.state),
                    ":reason": row::reason_name(record.reason),
                    ":refund": record.refund,
                    ":acked": record.acked,
                    ":errcode": record.errcode,
                    ":errmsg": record.errmsg,
                    ":balance": record.balance,
                    ":used_gen_amt": record.used_gen_amt,
                    ":deadline_at_ms": record.deadline_at_ms,
                    ":first_sent_at_ms": record.first_sent_at_ms,
                    ":updated_at_ms": record.updated_at_ms,
                };
                statement.query_row(values, |row| row.get(0)).optional()
            })
            .map_err(|error| failure::not_written(&error))?;
        match inserted {
            Some(id) => Ok(Written::Stored(id.cast_unsigned())),
            None => self.find(&record.bill_no),
        }
    }

    fn update(&self, record: &Record) -> JournalResult<Written> {
        let (appid, environment) = self.claim.scope();
        let updated: Option<i64> = self
            .conn
            .prepare_cached(
                "UPDATE payments SET state = :state, reason = :reason, refund = :refund, acked = :acked,
                     errcode = :errcode, errmsg = :errmsg, balance = :balance, used_gen_amt = :used_gen_amt,
                     deadline_at_ms = :deadline_at_ms, first_sent_at_ms = :first_sent_at_ms,
                     updated_at_ms = :updated_at_ms
                 WHERE appid = :appid AND environment = :environment AND bill_no = :bill_no RETURNING id",
            )
            .and_then(|mut statement| {
                let values = named_params! {
                    ":appid": appid,
                    ":environment": environment,
                    ":bill_no": record.bill_no,
                    ":state": row::state_name(record.state),
                    ":reason": row::reason_name(record.reason),
                    ":refund": record.refund,
                    ":acked": record.acked,
                    ":errcode": record.errcode,
                    ":errmsg": record.errmsg,
                    ":balance": record.balance,
                    ":used_gen_amt": record.used_gen_amt,
                    ":deadline_at_ms": record.deadline_at_ms,
                    ":first_sent_at_ms": record.first_sent_at_ms,
                    ":updated_at_ms": record.updated_at_ms,
                };
                statement.query_row(values, |row| row.get(0)).optional()
            })
            .map_err(|error| failure::not_written(&error))?;
        match updated {
            Some(id) => Ok(Written::Stored(id.cast_unsigned())),
            None => Err(JournalError::unknown_bill_no(&record.bill_no)),
        }
    }

    fn ack(&self, id: u64) -> JournalResult<Written> {
        let (appid, environment) = self.claim.scope();
        self.conn
            .prepare_cached(
                "UPDATE payments SET acked = 1 WHERE id = ? AND appid = ? AND environment = ?
                 AND acked = 0 AND state NOT IN ('sending', 'cancelling')",
            )
            .and_then(|mut statement| {
                statement.execute(params![id.cast_signed(), appid, environment])
            })
            .map_err(|error| failure::not_written(&error))?;
        Ok(Written::Stored(id))
    }

    fn find(&self, bill_no: &str) -> JournalResult<Written> {
        let (appid, environment) = self.claim.scope();
        let columns = row::COLUMNS;
        let found = self
            .conn
            .prepare_cached(&format!(
                "SELECT {columns} FROM payments WHERE appid = ? AND environment = ? AND bill_no = ?"
            ))
            .and_then(|mut statement| {
                statement
                    .query_row(params![appid, environment, bill_no], row::record)
                    .optional()
            })
            .map_err(|error| failure::not_written(&error))?;
        Ok(match found {
            Some(record) => Written::Found(Box::new(record)),
            None => Written::Missing,
        })
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
    fn recover(&mut self) -> JournalResult<Vec<Record>> {
        recover(&self.conn, self.claim.scope()).map_err(|error| failure::not_written(&error))
    }

    fn commit(&mut self, writes: &[Write]) -> JournalResult<Vec<Written>> {
        let reads_only = writes.iter().all(|write| matches!(write, Write::Find(_)));
        self.settle()
            .and_then(|()| {
                self.execute(if reads_only {
                    "BEGIN"
                } else {
                    "BEGIN IMMEDIATE"
                })
            })
            .map_err(|error| failure::not_written(&error))?;
        let committed = writes
            .iter()
            .map(|write| self.apply(write))
            .collect::<JournalResult<Vec<Written>>>()
            .and_then(|written| match self.execute("COMMIT") {
                Ok(()) => Ok(written),
                Err(error) => Err(failure::in_commit(&error)),
            });
        if committed.is_err() {
            // The failure already on its way is the one to tell; `settle` is tried again before the next BEGIN.
            let _ = self.settle();
        }
        committed
    }
}

fn recover(conn: &Connection, (appid, environment): &Scope) -> rusqlite::Result<Vec<Record>> {
    let columns = row::COLUMNS;
    conn.prepare_cached(&format!(
        "SELECT {columns} FROM payments WHERE appid = ? AND environment = ?
         AND (acked = 0 OR state IN ('sending', 'cancelling')) ORDER BY id"
    ))?
    .query_map(params![appid, environment], row::record)?
    .collect()
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
