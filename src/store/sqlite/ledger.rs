//! The tables `secrets`, `tokens` and `ledgers`: what a ledger holds besides its payments.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::claim::Scope;
use crate::store::Written;
use crate::store::token::SharedToken;

/// How an opening reads the secrets.
pub(super) const SECRETS: &str =
    "SELECT name, sealed FROM secrets WHERE appid = ? AND environment = ? ORDER BY name";

/// Every secret with its name.
pub(super) fn secrets(
    conn: &Connection,
    (appid, environment): &Scope,
) -> Result<Vec<(String, Vec<u8>)>> {
    conn.prepare_cached(SECRETS)?
        .query_map(params![appid, environment], |row| {
            Ok((row.get("name")?, row.get("sealed")?))
        })?
        .collect()
}

/// Keeps a secret under `name`.
pub(super) fn put_secret(
    conn: &Connection,
    (appid, environment): &Scope,
    name: &str,
    sealed: &[u8],
    now_ms: i64,
) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO secrets (appid, environment, name, sealed, updated_at_ms)
         VALUES (?, ?, ?, ?, ?)";
    conn.prepare_cached(sql)?
        .execute(params![appid, environment, name, sealed, now_ms])
        .map(drop)
}

/// Removes the secret of this name, if it is `sealed`, or whatever it is if that is empty.
pub(super) fn drop_secret(
    conn: &Connection,
    (appid, environment): &Scope,
    name: &str,
    sealed: &[u8],
) -> Result<()> {
    let sql = "DELETE FROM secrets WHERE appid = ? AND environment = ? AND name = ?
         AND (length(?4) = 0 OR sealed = ?4)";
    conn.prepare_cached(sql)?
        .execute(params![appid, environment, name, sealed])
        .map(drop)
}

/// The secret of this name.
pub(super) fn secret(
    conn: &Connection,
    (appid, environment): &Scope,
    name: &str,
) -> Result<Option<Vec<u8>>> {
    conn.prepare_cached(
        "SELECT sealed FROM secrets WHERE appid = ? AND environment = ? AND name = ?",
    )?
    .query_row(params![appid, environment, name], |row| row.get("sealed"))
    .optional()
}

/// What the clients of this appid share.
pub(super) fn token(conn: &Connection, (appid, _): &Scope) -> Result<SharedToken> {
    let sql = "SELECT version, sealed, holder, leased_until_ms, day, requests FROM tokens WHERE appid = ?";
    let token = conn
        .prepare_cached(sql)?
        .query_row(params![appid], |row| {
            Ok(SharedToken {
                version: row.get::<_, i64>("version")?.cast_unsigned(),
                sealed: row.get("sealed")?,
                holder: row.get::<_, i64>("holder")?.cast_unsigned(),
                leased_until_ms: row.get("leased_until_ms")?,
                day: row.get("day")?,
                requests: row.get("requests")?,
            })
        })
        .optional()?;
    Ok(token.unwrap_or_default())
}

/// Ends the leases of clients that are no more.
pub(super) fn end_leases(conn: &Connection) -> Result<()> {
    conn.execute("UPDATE tokens SET holder = 0 WHERE holder <> 0", [])
        .map(drop)
}

/// Changes what they share, and answers what `change` says of it.
pub(super) fn with_token(
    conn: &Connection,
    scope: &Scope,
    change: impl FnOnce(&mut SharedToken) -> Written,
) -> Result<Written> {
    let before = token(conn, scope)?;
    let mut token = before.clone();
    let written = change(&mut token);
    if token != before {
        let sql = "INSERT OR REPLACE INTO tokens
             (appid, version, sealed, holder, leased_until_ms, day, requests) VALUES (?, ?, ?, ?, ?, ?, ?)";
        conn.prepare_cached(sql)?.execute(params![
            scope.0,
            token.version.cast_signed(),
            token.sealed,
            token.holder.cast_signed(),
            token.leased_until_ms,
            token.day,
            token.requests
        ])?;
    }
    Ok(written)
}

/// The latest time ever written, 0 if none was.
pub(super) fn latest_ms(conn: &Connection, (appid, environment): &Scope) -> Result<i64> {
    let latest = conn
        .prepare_cached("SELECT latest_ms FROM ledgers WHERE appid = ? AND environment = ?")?
        .query_row(params![appid, environment], |row| row.get(0))
        .optional()?;
    Ok(latest.unwrap_or(0))
}

/// Notes a time, unless a later one is noted.
pub(super) fn note_time(
    conn: &Connection,
    (appid, environment): &Scope,
    time_ms: i64,
) -> Result<()> {
    let sql = "INSERT INTO ledgers (appid, environment, latest_ms) VALUES (?, ?, ?)
         ON CONFLICT (appid, environment) DO UPDATE SET latest_ms = max(latest_ms, excluded.latest_ms)";
    conn.prepare_cached(sql)?
        .execute(params![appid, environment, time_ms])
        .map(drop)
}
