//! The tables `secrets`, `tokens` and `ledgers`: what a ledger holds besides its payments.

use tokio_postgres::Row;

use super::ask::{Ask, Rows};
use super::failure::Trouble;
use super::payments::{CLOSED, UNFINISHED};
use super::row;
use super::session::Scope;
use super::transaction::{NOW_MS, Transaction};
use crate::store::token::SharedToken;
use crate::store::{JournalError, JournalResult, Written};

/// Secrets to keep: name, bytes, when.
pub(super) type NewSecret<'a> = (&'a str, &'a [u8], i64);

/// Keeps secrets under their names.
pub(super) fn put_secrets<'a>(scope: &'a Scope, secrets: &[NewSecret<'a>]) -> Ask<'a> {
    let all = || secrets.iter().copied();
    Rows::beside(Ask::of(scope, ""))
        .texts("name", all().map(|(name, ..)| name))
        .bytes("sealed", all().map(|(_, sealed, _)| sealed))
        .ints("updated_at_ms", all().map(|(.., now_ms)| now_ms))
        .ask(|table| {
            format!(
                "INSERT INTO wxgame.secrets (appid, environment, name, sealed, updated_at_ms)
                 SELECT $1, $2, name, sealed, updated_at_ms FROM {table}
                 ON CONFLICT (appid, environment, name)
                     DO UPDATE SET sealed = excluded.sealed, updated_at_ms = excluded.updated_at_ms"
            )
        })
}

/// Removes secrets that are still these, or whatever they are where no bytes are given.
pub(super) fn drop_secrets<'a>(scope: &'a Scope, secrets: &[(&'a str, &'a [u8])]) -> Ask<'a> {
    let all = || secrets.iter().copied();
    Rows::beside(Ask::of(scope, ""))
        .texts("name", all().map(|(name, _)| name))
        .bytes("sealed", all().map(|(_, sealed)| sealed))
        .ask(|table| {
            format!(
                "DELETE FROM wxgame.secrets AS s USING {table}
                 WHERE s.appid = $1 AND s.environment = $2 AND s.name = n.name
                     AND (length(n.sealed) = 0 OR s.sealed = n.sealed)"
            )
        })
}

/// The secrets of these names.
pub(super) fn find_secrets<'a>(
    scope: &'a Scope,
    names: impl IntoIterator<Item = &'a str>,
) -> Ask<'a> {
    let sql = "SELECT name, sealed FROM wxgame.secrets WHERE appid = $1 AND environment = $2 AND name = ANY($3)";
    Ask::of(scope, sql).texts(names)
}

/// The names of the oldest secrets, up to `most`.
pub(super) fn old_secrets(scope: &Scope, before_ms: i64, most: u32) -> Ask<'_> {
    let sql = "SELECT name FROM wxgame.secrets WHERE appid = $1 AND environment = $2 AND updated_at_ms < $3
         ORDER BY updated_at_ms LIMIT $4 FOR UPDATE SKIP LOCKED";
    Ask::of(scope, sql).int(before_ms).int(i64::from(most))
}

/// Removes secrets, whatever they are.
pub(super) fn remove_secrets<'a>(
    scope: &'a Scope,
    names: impl IntoIterator<Item = &'a str>,
) -> Ask<'a> {
    let sql = "DELETE FROM wxgame.secrets WHERE appid = $1 AND environment = $2 AND name = ANY($3)";
    Ask::of(scope, sql).texts(names)
}

/// What the clients of this appid share.
pub(super) fn token((appid, _): &Scope) -> Ask<'_> {
    let sql = "SELECT version, sealed, holder, leased_until_ms, day, requests FROM wxgame.tokens WHERE appid = $1";
    Ask::new(sql).text(appid)
}

/// What [`token`] answered.
pub(super) fn read_token(rows: &[Row]) -> JournalResult<SharedToken> {
    let Some(row) = rows.first() else {
        return Ok(SharedToken::default());
    };
    Ok(SharedToken {
        version: row::unsigned(row, "version")?,
        sealed: row::get(row, "sealed")?,
        holder: row::unsigned(row, "holder")?,
        leased_until_ms: row::get(row, "leased_until_ms")?,
        day: row::get(row, "day")?,
        requests: u32::try_from(row::get::<i64>(row, "requests")?).unwrap_or(u32::MAX),
    })
}

/// Changes what they share, one server after the other, and answers what `change` says of it and of the time, which
/// is the database's.
pub(super) async fn with_token(
    transaction: &mut Transaction<'_>,
    change: impl FnOnce(&mut SharedToken, i64) -> Written,
) -> Result<Written, Trouble> {
    let scope = transaction.scope;
    let there =
        "INSERT INTO wxgame.tokens (appid, version, sealed, holder, leased_until_ms, day, requests)
         VALUES ($1, 0, '', 0, 0, 0, 0) ON CONFLICT (appid) DO NOTHING";
    let mut lock = token(scope);
    lock.sql = format!("{} FOR UPDATE", lock.sql).into();
    // A statement of its own: the wait for the lock is over by then.
    let clock = Ask::new(format!("SELECT {NOW_MS} AS now_ms"));
    let mut replies = transaction
        .ask(&[Ask::new(there).text(&scope.0), lock, clock])
        .await?
        .skip(1);
    let before = read_token(&replies.next().unwrap_or_default())?;
    let clock = replies.next().unwrap_or_default();
    let now_ms = clock.first().map_or(Ok(0), |row| row::get(row, "now_ms"))?;
    let mut token = before.clone();
    let written = change(&mut token, now_ms);
    if token != before {
        let sql = "UPDATE wxgame.tokens SET version = $2, sealed = $3, holder = $4, leased_until_ms = $5, day = $6,
             requests = $7 WHERE appid = $1";
        let ask = Ask::new(sql)
            .text(&scope.0)
            .int(token.version.cast_signed())
            .bytes(&token.sealed)
            .int(token.holder.cast_signed())
            .int(token.leased_until_ms)
            .int(token.day)
            .int(i64::from(token.requests));
        transaction.ask(&[ask]).await?;
    }
    Ok(written)
}

/// The latest time that anybody has noted, and those of the records that are there.
pub(super) fn latest_ms(scope: &Scope) -> Ask<'_> {
    let sql = format!(
        "SELECT greatest(0,
             (SELECT latest_ms FROM wxgame.ledgers WHERE appid = $1 AND environment = $2),
             (SELECT updated_at_ms FROM wxgame.payments WHERE appid = $1 AND environment = $2 AND {CLOSED}
                 ORDER BY updated_at_ms DESC LIMIT 1),
             (SELECT max(updated_at_ms) FROM wxgame.payments WHERE appid = $1 AND environment = $2 AND {UNFINISHED})
         ) AS latest_ms"
    );
    Ask::of(scope, sql)
}

/// The latest time that anybody has noted: each server does with its heartbeats.
pub(super) fn noted_ms(scope: &Scope) -> Ask<'_> {
    let sql = "SELECT latest_ms FROM wxgame.ledgers WHERE appid = $1 AND environment = $2";
    Ask::of(scope, sql)
}

/// What [`latest_ms`] or [`noted_ms`] answered.
pub(super) fn read_latest_ms(rows: &[Row]) -> Result<i64, JournalError> {
    rows.first().map_or(Ok(0), |row| row::get(row, "latest_ms"))
}

/// Notes a time, unless a later one is noted.
pub(super) fn note_time(scope: &Scope, time_ms: i64) -> Ask<'_> {
    let sql = "INSERT INTO wxgame.ledgers AS l (appid, environment, latest_ms) VALUES ($1, $2, $3)
         ON CONFLICT (appid, environment) DO UPDATE SET latest_ms = greatest(l.latest_ms, excluded.latest_ms)";
    Ask::of(scope, sql).int(time_ms)
}
