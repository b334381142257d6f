//! The table `servers`: who has which records, and who takes over.

use std::ops::RangeInclusive;
use tokio_postgres::Row;

use super::ask::Ask;
use super::failure::Trouble;
use super::payments::{self, UNFINISHED};
use super::session::Scope;
use super::transaction::{NOW_MS, Transaction};
use super::{ledger, row};
use crate::store::names::COLUMNS;
use crate::store::{Beat, JournalResult, Record, Recovered};

/// How many records an opening takes over.
const OPENING: u32 = 1_000;

/// How long the row of a dead server stays, so that it can still ask what became of its last COMMIT.
const DEAD_MS: i64 = 3_600_000;

const PROLONG: &str = "UPDATE wxgame.servers SET lease_until_ms = %now + $2,
         since_ms = CASE WHEN lease_until_ms < %now THEN %now ELSE least(since_ms, %now) END
     WHERE id = $1";

/// Servers whose lease is over, but those in the middle of a transaction: that ends by itself, or is ended. Told only by
/// a server whose own lease has held for a while: after an outage of the database all have been silent.
const LAPSED: &str = "SELECT id FROM wxgame.servers
     WHERE appid = $1 AND environment = $2 AND dead = 0 AND lease_until_ms < %now
         AND EXISTS (SELECT 1 FROM wxgame.servers AS me WHERE me.id = $3 AND me.since_ms <= %now - $4)
     FOR UPDATE SKIP LOCKED";

/// Keeps this server's lease, and takes over up to `most` records that nobody has any more.
pub(super) async fn beat(transaction: &mut Transaction<'_>, most: u32) -> Result<Beat, Trouble> {
    let (scope, me) = (transaction.scope, transaction.me());
    bury(transaction).await?;
    let dead = "SELECT id FROM wxgame.servers WHERE appid = $1 AND environment = $2 AND dead = 1";
    let cancels = "SELECT bill_no FROM wxgame.payments
         WHERE appid = $1 AND environment = $2 AND owner = $3 AND cancel_asked = 1 ORDER BY id";
    let mut owners = ids(&transaction.rows(Ask::of(scope, dead)).await?)?;
    owners.push(0);
    let mut taken = unheard(transaction).await?;
    // Its writes of an earlier name may still be on their way: they must not be taken for those of this one.
    let most = if transaction.knows_itself { most } else { 0 };
    taken.extend(take(transaction, owners, most).await?);
    let marks = forget_marks(me, &transaction.old_marks);
    let mut replies = transaction
        .ask(&[
            marks,
            Ask::of(scope, cancels).int(me),
            ledger::noted_ms(scope),
            forget_dead(scope),
        ])
        .await?
        .skip(1);
    let cancels = replies.next().unwrap_or_default();
    let latest_ms = ledger::read_latest_ms(&replies.next().unwrap_or_default())?;
    let forgotten = ids(&replies.next().unwrap_or_default())?;
    if !forgotten.is_empty() {
        let marks = "DELETE FROM wxgame.commits WHERE server = ANY($1)";
        transaction.ask(&[Ask::new(marks).ints(forgotten)]).await?;
    }
    Ok(Beat {
        tenure: transaction.tenure,
        taken,
        latest_ms,
        cancels: cancels
            .iter()
            .map(|row| row::get(row, "bill_no"))
            .collect::<JournalResult<_>>()?,
    })
}

/// What this server has, and up to [`OPENING`] records that no living server has: also those of rows that somebody
/// has deleted.
pub(super) async fn recover(transaction: &mut Transaction<'_>) -> Result<Recovered, Trouble> {
    let (scope, me) = (transaction.scope, transaction.me());
    bury(transaction).await?;
    let abandoned = format!(
        "SELECT DISTINCT p.owner AS id FROM wxgame.payments AS p
         WHERE p.appid = $1 AND p.environment = $2 AND {UNFINISHED}
             AND NOT EXISTS (SELECT 1 FROM wxgame.servers AS s WHERE s.id = p.owner AND s.dead = 0)"
    );
    let owners = ids(&transaction.rows(Ask::of(scope, abandoned)).await?)?;
    take(transaction, owners, OPENING).await?;
    let asks = [
        payments::unfinished(scope, me),
        ledger::token(scope),
        ledger::latest_ms(scope),
    ];
    let mut replies = transaction.ask(&asks).await?;
    let mut next = || replies.next().unwrap_or_default();
    let records = row::records(&next(), transaction.tenure.server)?;
    let token = ledger::read_token(&next())?;
    Ok(Recovered {
        records,
        secrets: Vec::new(),
        token: (!token.sealed.is_empty()).then_some((token.version, token.sealed)),
        latest_ms: ledger::read_latest_ms(&next())?,
        tenure: Some(transaction.tenure),
    })
}

/// Keeps this server's lease, and marks those as dead who have not.
async fn bury(transaction: &mut Transaction<'_>) -> Result<(), Trouble> {
    let scope = transaction.scope;
    let prolong = Ask::new(PROLONG.replace("%now", NOW_MS))
        .int(transaction.me())
        .int(transaction.tenure.lease_ms);
    let lapsed = Ask::of(scope, LAPSED.replace("%now", NOW_MS))
        .int(transaction.me())
        .int(transaction.tenure.lease_ms / 2);
    let mut replies = transaction.ask(&[prolong, lapsed]).await?.skip(1);
    let lapsed = ids(&replies.next().unwrap_or_default())?;
    if !lapsed.is_empty() {
        let sql = "UPDATE wxgame.servers SET dead = 1 WHERE id = ANY($1)";
        transaction.ask(&[Ask::new(sql).ints(lapsed)]).await?;
    }
    Ok(())
}

/// Takes the oldest unfinished records of `owners` over, up to `most`; those that others are just taking are theirs.
///
/// `id + 0`: nearly every row has owner 0, and a planner that expects many unfinished ones among them would walk all
/// rows in the order of the primary key until it has found enough. So only the index of unfinished ones serves.
async fn take(
    transaction: &mut Transaction<'_>,
    owners: Vec<i64>,
    most: u32,
) -> Result<Vec<Record>, Trouble> {
    if owners.is_empty() || most == 0 {
        return Ok(Vec::new());
    }
    let scope = transaction.scope;
    let free = format!(
        "SELECT id FROM wxgame.payments
         WHERE appid = $1 AND environment = $2 AND owner = ANY($3) AND {UNFINISHED}
         ORDER BY id + 0 LIMIT $4 FOR UPDATE SKIP LOCKED"
    );
    let free = Ask::of(scope, free).ints(owners).int(i64::from(most));
    let free = ids(&transaction.rows(free).await?)?;
    if free.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "UPDATE wxgame.payments SET owner = $1 WHERE id = ANY($2) RETURNING {COLUMNS}, owner"
    );
    let rows = transaction
        .rows(Ask::new(sql).int(transaction.me()).ints(free))
        .await?;
    let mut taken = row::records(&rows, transaction.tenure.server)?;
    taken.sort_by_key(|record| record.id);
    let ids = taken.iter().map(|record| record.id.cast_signed());
    transaction.taken.extend(ids);
    Ok(taken)
}

/// What this server took over with a commit whose answer was lost, and still has.
async fn unheard(transaction: &mut Transaction<'_>) -> Result<Vec<Record>, Trouble> {
    if transaction.unheard.is_empty() {
        return Ok(Vec::new());
    }
    let (scope, me) = (transaction.scope, transaction.me());
    let ids = transaction.unheard.iter().copied();
    let rows = transaction
        .rows(payments::unfinished_of(scope, me, ids))
        .await?;
    Ok(row::records(&rows, transaction.tenure.server)?)
}

/// Removes the rows of servers that have nothing left and can ask no more.
fn forget_dead(scope: &Scope) -> Ask<'_> {
    let sql = format!(
        "DELETE FROM wxgame.servers WHERE id IN
             (SELECT s.id FROM wxgame.servers AS s
              WHERE s.appid = $1 AND s.environment = $2 AND s.dead = 1 AND s.lease_until_ms < {NOW_MS} - {DEAD_MS}
                  AND NOT EXISTS (SELECT 1 FROM wxgame.payments AS p
                      WHERE p.appid = $1 AND p.environment = $2 AND p.owner = s.id AND {UNFINISHED})
              FOR UPDATE SKIP LOCKED)
         RETURNING id"
    );
    Ask::of(scope, sql)
}

/// Removes marks of `me` that nobody will ask about, by their keys: versions that are dead already are not met.
fn forget_marks<'a>(me: i64, marks: &RangeInclusive<i64>) -> Ask<'a> {
    Ask::new("DELETE FROM wxgame.commits WHERE server = $1 AND batch BETWEEN $2 AND $3")
        .int(me)
        .int(*marks.start())
        .int(*marks.end())
}

/// Gives everything back: others take it over at once.
pub(super) fn resign<'a>(scope: &'a Scope, me: i64, marks: &RangeInclusive<i64>) -> [Ask<'a>; 3] {
    let dead = "UPDATE wxgame.servers SET dead = 1 WHERE id = $1";
    let gone = format!(
        "DELETE FROM wxgame.servers WHERE id = $3 AND NOT EXISTS (SELECT 1 FROM wxgame.payments AS p
             WHERE p.appid = $1 AND p.environment = $2 AND p.owner = $3 AND {UNFINISHED})"
    );
    [
        Ask::new(dead).int(me),
        Ask::of(scope, gone).int(me),
        forget_marks(me, marks),
    ]
}

fn ids(rows: &[Row]) -> JournalResult<Vec<i64>> {
    rows.iter().map(|row| row::get(row, "id")).collect()
}
