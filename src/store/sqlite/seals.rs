//! The table `seals`: what is left of pruned records.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::claim::Scope;
use super::{payments, row};
use crate::store::Written;
use crate::store::names;
use crate::store::seal::Seal;

/// How a number is looked up that has no record.
pub(super) const FIND: &str =
    "SELECT bill_no, kind, state, reason, fingerprint, closed_at_ms FROM seals
     WHERE appid = ? AND environment = ? AND bill_no = ?";

/// How old seals are removed.
pub(super) const DROP: &str =
    "DELETE FROM seals WHERE appid = ?1 AND environment = ?2 AND bill_no IN
     (SELECT bill_no FROM seals WHERE appid = ?1 AND environment = ?2 AND closed_at_ms < ?3
      ORDER BY closed_at_ms, bill_no LIMIT ?4)";

/// The seal of this number.
pub(super) fn find(
    conn: &Connection,
    (appid, environment): &Scope,
    bill_no: &str,
) -> Result<Option<Seal>> {
    conn.prepare_cached(FIND)?
        .query_row(params![appid, environment, bill_no], row::seal)
        .optional()
}

/// Makes seals of old records, and removes old seals; up to `most` of each.
pub(super) fn prune(
    conn: &Connection,
    scope: &Scope,
    closed_before_ms: i64,
    sealed_before_ms: i64,
    most: u32,
) -> Result<Written> {
    let records = payments::take_closed(conn, scope, closed_before_ms, most)?;
    for record in &records {
        put(conn, scope, &record.bill_no, &Seal::of(record))?;
    }
    let (appid, environment) = scope;
    let seals =
        conn.prepare_cached(DROP)?
            .execute(params![appid, environment, sealed_before_ms, most])?;
    Ok(Written::Pruned {
        records: records.len() as u64,
        seals: seals as u64,
    })
}

fn put(conn: &Connection, (appid, environment): &Scope, bill_no: &str, seal: &Seal) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO seals
             (appid, environment, bill_no, kind, state, reason, fingerprint, closed_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        appid,
        environment,
        bill_no,
        names::kind_name(seal.kind),
        names::state_name(seal.state),
        names::reason_name(seal.reason),
        seal.fingerprint,
        seal.closed_at_ms,
    ];
    conn.prepare_cached(sql)?.execute(values).map(drop)
}
