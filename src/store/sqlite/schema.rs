//! The versions of the schema, and how a file comes to have the newest one.

use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

use super::failure;
use crate::error::{Error, Kind, Result};

/// `MIGRATIONS[n]` takes a file from version n to n + 1. Only ever appended to.
const MIGRATIONS: [&str; 1] = [include_str!("v1.sql")];

/// Marks a database as ours (`WXGJ`), so that a wrong path never gets our tables.
const APPLICATION_ID: i32 = 0x5758_474A;

/// Refuses a file that is not a journal, or a newer one. Changes nothing.
pub(super) fn check(conn: &Connection, path: &Path) -> Result<()> {
    version(conn, path).map(drop)
}

/// Brings a checked file to the newest version, in one transaction; writes nothing if it is there already.
pub(super) fn migrate(conn: &mut Connection, path: &Path) -> Result<()> {
    if version(conn, path)? == MIGRATIONS.len() {
        return Ok(());
    }
    let failed = |error| failure::opening(path, &error);
    let transaction = conn
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(failed)?;
    // Another client of this process may have been faster: ask again now that nobody can be.
    let from = version(&transaction, path)?;
    for migration in &MIGRATIONS[from..] {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(failed)?;
    transaction
        .pragma_update(None, "user_version", MIGRATIONS.len() as i64)
        .map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// The version of the file, 0 for an empty one; at most the newest we know.
fn version(conn: &Connection, path: &Path) -> Result<usize> {
    let read = || -> rusqlite::Result<(i64, i32, i64)> {
        conn.query_row(
            "SELECT (SELECT count(*) FROM sqlite_schema), application_id, user_version
             FROM pragma_application_id, pragma_user_version",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
    };
    let (objects, application_id, version) =
        read().map_err(|error| failure::opening(path, &error))?;
    if objects == 0 && application_id == 0 && version == 0 {
        return Ok(0);
    }
    if application_id != APPLICATION_ID {
        return Err(Error::new(
            Kind::Configuration,
            format!(
                "{} is a database of another program; name a file of the journal's own",
                path.display()
            ),
        )
        .about("journal"));
    }
    match usize::try_from(version) {
        Ok(known) if (1..=MIGRATIONS.len()).contains(&known) => Ok(known),
        Ok(newer) if newer > MIGRATIONS.len() => Err(Error::new(
            Kind::JournalNewer,
            format!(
                "{} has schema version {newer}, this library knows up to {}; run the version that wrote it, or a later one",
                path.display(),
                MIGRATIONS.len()
            ),
        )
        .about("journal")),
        _ => Err(Error::new(
            Kind::JournalCorrupt,
            format!("{} says it has schema version {version}, which never was one", path.display()),
        )
        .about("journal")),
    }
}
