//! The table `seals`: what is left of pruned records.

use std::collections::HashMap;
use tokio_postgres::Row;

use super::ask::{Ask, Rows};
use super::failure::Trouble;
use super::session::Scope;
use super::transaction::Transaction;
use super::{ledger, payments, row};
use crate::store::seal::Seal;
use crate::store::{JournalResult, Record, Written, names};

/// The seals of these numbers.
pub(super) fn find<'a>(scope: &'a Scope, numbers: impl IntoIterator<Item = &'a str>) -> Ask<'a> {
    let sql = "SELECT bill_no, kind, state, reason, fingerprint, closed_at_ms FROM wxgame.seals
         WHERE appid = $1 AND environment = $2 AND bill_no = ANY($3)";
    Ask::of(scope, sql).texts(numbers)
}

/// What [`find`] answered, by number.
pub(super) fn by_number(rows: &[Row]) -> JournalResult<HashMap<String, Seal>> {
    let named = |row| Ok((row::get(row, "bill_no")?, row::seal(row)?));
    rows.iter().map(named).collect()
}

/// Makes seals of old records, and removes old seals and secrets; up to `most` of each. What another server is just
/// removing is left to it.
pub(super) async fn prune(
    transaction: &mut Transaction<'_>,
    closed_before_ms: i64,
    sealed_before_ms: i64,
    most: u32,
) -> Result<Written, Trouble> {
    let scope = transaction.scope;
    let closed = transaction
        .rows(payments::closed(scope, closed_before_ms, most))
        .await?;
    let closed = row::records(&closed, transaction.tenure.server)?;
    if !closed.is_empty() {
        let asks = [put(scope, &closed), payments::remove(scope, &closed)];
        transaction.ask(&asks).await?;
    }
    let old = "SELECT bill_no FROM wxgame.seals WHERE appid = $1 AND environment = $2 AND closed_at_ms < $3
         ORDER BY closed_at_ms LIMIT $4 FOR UPDATE SKIP LOCKED";
    let old = Ask::of(scope, old)
        .int(sealed_before_ms)
        .int(i64::from(most));
    let asks = [old, ledger::old_secrets(scope, closed_before_ms, most)];
    let mut replies = transaction.ask(&asks).await?;
    let (seals, secrets) = (
        texts(&replies.next().unwrap_or_default())?,
        texts(&replies.next().unwrap_or_default())?,
    );
    let mut asks = Vec::new();
    if !seals.is_empty() {
        let sql =
            "DELETE FROM wxgame.seals WHERE appid = $1 AND environment = $2 AND bill_no = ANY($3)";
        asks.push(Ask::of(scope, sql).texts(seals.iter().map(String::as_str)));
    }
    if !secrets.is_empty() {
        asks.push(ledger::remove_secrets(
            scope,
            secrets.iter().map(String::as_str),
        ));
    }
    if !asks.is_empty() {
        transaction.ask(&asks).await?;
    }
    Ok(Written::Pruned {
        records: closed.len() as u64,
        seals: seals.len() as u64,
    })
}

/// The texts of the first column.
fn texts(rows: &[Row]) -> JournalResult<Vec<String>> {
    rows.iter()
        .map(|row| row::get(row, row.columns()[0].name()))
        .collect()
}

fn put<'a>(scope: &'a Scope, records: &'a [Record]) -> Ask<'a> {
    let seals: Vec<Seal> = records.iter().map(Seal::of).collect();
    let rows = Rows::beside(Ask::of(scope, ""))
        .texts("bill_no", records.iter().map(|record| &*record.bill_no))
        .texts("kind", seals.iter().map(|seal| names::kind_name(seal.kind)))
        .texts(
            "state",
            seals.iter().map(|seal| names::state_name(seal.state)),
        )
        .texts(
            "reason",
            seals.iter().map(|seal| names::reason_name(seal.reason)),
        )
        .bytes(
            "fingerprint",
            seals.iter().map(|seal| seal.fingerprint.to_vec()),
        )
        .ints("closed_at_ms", seals.iter().map(|seal| seal.closed_at_ms));
    let names = rows.list(&[], str::to_owned);
    let set = rows.list(&["bill_no"], |name| format!("{name} = excluded.{name}"));
    rows.ask(|table| {
        format!(
            "INSERT INTO wxgame.seals (appid, environment, {names}) SELECT $1, $2, {names} FROM {table}
             ON CONFLICT (appid, environment, bill_no) DO UPDATE SET {set}"
        )
    })
}
