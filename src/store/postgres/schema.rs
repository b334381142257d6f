//! The versions of the schema, and how a database comes to have the newest one.
//!
//! Servers of two versions run side by side while an operator exchanges one for the other: a schema that is newer
//! than a library is used as it is, as long as it says that this version may.

use tokio::time::{Instant, sleep};
use tokio_postgres::error::SqlState;

use super::ask::Ask;
use super::failure::{Trouble, is_state};
use super::line::Line;
use super::row;
use super::transaction;
use crate::error::{Error, Kind};
use crate::store::JournalError;

/// `MIGRATIONS[n]` takes a database from version n to n + 1, and may be run again. Only ever added to. A new word for a
/// kind, state or reason is a version that older ones cannot read: it raises `readable_from`.
const MIGRATIONS: [&str; 1] = [include_str!("v1.sql")];

const TRIES: u32 = 20;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Keeps two servers from migrating at once.
const LOCKED: &str = "SELECT version FROM wxgame.schema WHERE one = 1 FOR UPDATE";

/// Brings the schema to the newest version, unless it is there or newer. Whoever opens at the same time does the
/// same: one is first, the others find it done.
pub(super) async fn migrate(line: &mut Line, by: Instant) -> Result<(), Trouble> {
    let mut tries = 0;
    loop {
        let trouble = match try_to_migrate(line, by).await {
            Ok(()) => return Ok(()),
            Err(trouble) => trouble,
        };
        line.hang_up().await;
        tries += 1;
        if tries >= TRIES || !has_raced(&trouble) {
            return Err(trouble);
        }
        sleep(PAUSE).await;
    }
}

async fn try_to_migrate(line: &mut Line, by: Instant) -> Result<(), Trouble> {
    let link = line.link(by).await?;
    let settings = "SELECT current_setting('synchronous_commit', true) AS synchronous_commit,
         current_setting('fsync', true) AS fsync, current_setting('server_encoding', true) AS encoding,
         (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = 'wxgame') AS schemas,
         (SELECT count(*) FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE n.nspname = 'wxgame' AND c.relname = 'schema') AS tables";
    let rows = link
        .ask(None, &[Ask::new(settings)], by)
        .await?
        .next()
        .unwrap_or_default();
    let Some(row) = rows.first() else {
        return Err(corrupt("the database says nothing about itself").into());
    };
    transaction::check_settings(row)?;
    if row::get::<Option<&str>>(row, "encoding")?.is_some_and(|encoding| encoding != "UTF8") {
        let why = "its encoding is not UTF8; create the database with ENCODING 'UTF8'";
        return Err(failed(Kind::Configuration, why.to_owned()).into());
    }
    let has_schema = row::get::<i64>(row, "schemas")? > 0;
    let version = match row::get::<i64>(row, "tables")? {
        0 => 0,
        _ => {
            let version = "SELECT version, readable_from FROM wxgame.schema WHERE one = 1";
            let rows = link
                .ask(None, &[Ask::new(version)], by)
                .await?
                .next()
                .unwrap_or_default();
            let Some(row) = rows.first() else {
                return Err(corrupt("wxgame.schema says no version").into());
            };
            known(row::get(row, "version")?, row::get(row, "readable_from")?)?
        }
    };
    if version >= MIGRATIONS.len() {
        return Ok(());
    }
    if version > 0 {
        let begin = format!("BEGIN; {LOCKED}");
        let locked = link.simple(&begin, by).await?;
        if locked != Some(version.to_string()) {
            // Another one was faster: look again.
            return Err(Trouble::Crossed);
        }
    } else {
        link.simple("BEGIN", by).await?;
    }
    // Who may not create it finds it there; who may need not.
    if !has_schema {
        link.simple("CREATE SCHEMA IF NOT EXISTS wxgame", by)
            .await?;
    }
    for migration in &MIGRATIONS[version..] {
        link.simple(migration, by).await?;
    }
    link.simple("COMMIT", by).await.map(drop)
}

/// The version that a database has, if this library may use it.
fn known(version: i64, readable_from: i64) -> Result<usize, JournalError> {
    let newest = MIGRATIONS.len();
    if readable_from > newest as i64 {
        return Err(failed(
            Kind::JournalNewer,
            format!(
                "its schema has version {version}, which versions from {readable_from} on may use; this library knows {newest}; \
                 run the version that wrote it, or a later one"
            ),
        ));
    }
    usize::try_from(version).map_err(|_| corrupt("wxgame.schema says a version that never was one"))
}

/// Two servers create the same thing at the same moment: the later one is told in one of these ways.
fn has_raced(trouble: &Trouble) -> bool {
    let ways = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_SCHEMA,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::T_R_SERIALIZATION_FAILURE,
        SqlState::T_R_DEADLOCK_DETECTED,
    ];
    matches!(trouble, Trouble::Crossed) || is_state(trouble, &ways)
}

fn corrupt(why: &str) -> JournalError {
    failed(Kind::JournalCorrupt, why.to_owned())
}

fn failed(kind: Kind, why: String) -> JournalError {
    JournalError {
        error: Error::new(kind, why),
        maybe_written: false,
    }
}
