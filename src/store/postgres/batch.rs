//! A batch as statements: writes that do not touch each other go together, many of one kind in one statement.
//!
//! Later writes see the earlier ones ([`parts`]). An insert that finds its number there answers with the record as it
//! stands after its neighbours.

use super::failure::Trouble;
use super::parts::{Part, parts};
use super::transaction::Transaction;
use super::{ledger, payments, refunds, row, seals, servers};
use crate::store::{JournalResult, Write, Written};

/// Refuses a batch one write of which the database would not take.
pub(super) fn check(writes: &[Write]) -> JournalResult<()> {
    writes.iter().try_for_each(|write| match write {
        Write::Insert(record) => payments::check(record),
        Write::Update(record) => payments::check_text("bill_no", &record.bill_no),
        Write::Find(bill_no) | Write::AskCancel(bill_no) => {
            payments::check_text("bill_no", bill_no)
        }
        Write::PutSecret { name, .. }
        | Write::DropSecret { name, .. }
        | Write::FindSecret(name) => payments::check_text("name", name),
        _ => Ok(()),
    })
}

/// Carries `writes` out in their order; one answer for each.
pub(super) async fn apply(
    transaction: &mut Transaction<'_>,
    writes: &[Write],
) -> Result<Vec<Written>, Trouble> {
    let mut answers = vec![Written::Stored(0); writes.len()];
    for part in parts(writes) {
        match part {
            Part::Run(run) => run.carry_out(transaction, &mut answers).await?,
            Part::Alone(place, write) => answers[place] = alone(transaction, write).await?,
        }
    }
    Ok(answers)
}

async fn alone(transaction: &mut Transaction<'_>, write: &Write) -> Result<Written, Trouble> {
    match write {
        Write::Insert(record) => refunds::insert(transaction, record).await,
        Write::Update(record) => refunds::free(transaction, record).await,
        Write::Unresolved { after_id, most } => {
            let page = payments::unresolved(transaction.scope, *after_id, *most);
            let rows = transaction.rows(page).await?;
            Ok(Written::Records(row::records(
                &rows,
                transaction.tenure.server,
            )?))
        }
        Write::Prune {
            closed_before_ms,
            sealed_before_ms,
            most,
        } => seals::prune(transaction, *closed_before_ms, *sealed_before_ms, *most).await,
        Write::LeaseToken(lease) => {
            ledger::with_token(transaction, |token, now_ms| {
                token.lease(&lease.by_clock(now_ms))
            })
            .await
        }
        Write::PutToken {
            holder,
            version,
            sealed,
        } => {
            ledger::with_token(transaction, |token, _| {
                token.put(*holder, *version, sealed);
                Written::Stored(0)
            })
            .await
        }
        Write::ReturnLease { holder, unused } => {
            ledger::with_token(transaction, |token, _| {
                token.give_back(*holder, *unused);
                Written::Stored(0)
            })
            .await
        }
        Write::Heartbeat { most, .. } => {
            let beat = servers::beat(transaction, *most).await?;
            Ok(Written::Beat(Box::new(beat)))
        }
        _ => Ok(Written::Stored(0)),
    }
}
