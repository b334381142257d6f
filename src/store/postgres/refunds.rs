//! Refunds of parts: stored together with what they take of their payment.

use super::failure::Trouble;
use super::transaction::Transaction;
use super::{payments, row, seals};
use crate::store::{JournalError, Record, Unrefundable, Written};

/// Stores a refund if its payment leaves room for it. One after the other: the payment is locked meanwhile.
pub(super) async fn insert(
    transaction: &mut Transaction<'_>,
    refund: &Record,
) -> Result<Written, Trouble> {
    let (scope, me) = (transaction.scope, transaction.me());
    let number = refund.bill_no.as_str();
    let asks = [
        payments::lock(scope, &refund.pay_bill_no),
        seals::find(scope, [number]),
        payments::find(scope, [number]),
    ];
    let mut replies = transaction.ask(&asks).await?;
    let mut next = || replies.next().unwrap_or_default();
    let payment = row::records(&next(), transaction.tenure.server)?;
    let seals = seals::by_number(&next())?;
    let known = row::records(&next(), transaction.tenure.server)?;
    if let Some(seal) = seals.get(number) {
        return Ok(seal.answer(Some(refund)));
    }
    if let Some(known) = known.into_iter().next() {
        return Ok(Written::Found(Box::new(known)));
    }
    let refused = match payment.first() {
        Some(payment) => payment.refuses(refund),
        None => Some(Unrefundable::Unknown),
    };
    if let Some(why) = refused {
        return Ok(Written::Unrefundable(why));
    }
    let asks = [
        payments::insert(scope, me, &[refund]),
        seals::find(scope, [number]),
        payments::reserve(scope, &refund.pay_bill_no, refund.amount),
    ];
    let mut replies = transaction.ask(&asks).await?;
    let stored = replies.next().unwrap_or_default();
    let sealed = replies.next().unwrap_or_default();
    match stored.first() {
        Some(row) if sealed.is_empty() => Ok(Written::Stored(row::unsigned(row, "id")?)),
        _ => Err(Trouble::Crossed),
    }
}

/// Writes a refund that gives nothing back, and makes room again in its payment, once.
pub(super) async fn free(
    transaction: &mut Transaction<'_>,
    refund: &Record,
) -> Result<Written, Trouble> {
    let (scope, me) = (transaction.scope, transaction.me());
    let asks = [
        payments::lock(scope, &refund.bill_no),
        payments::update(scope, me, &[refund]),
    ];
    let mut replies = transaction.ask(&asks).await?;
    let before = replies.next().unwrap_or_default();
    let Some(before) = row::records(&before, transaction.tenure.server)?
        .into_iter()
        .next()
    else {
        return Err(JournalError::unknown_bill_no(&refund.bill_no).into());
    };
    let updated = replies.next().unwrap_or_default();
    let Some(row) = updated.first() else {
        return Ok(Written::Found(Box::new(before)));
    };
    if !before.gave_nothing_back() {
        let room = payments::reserve(scope, &refund.pay_bill_no, -refund.amount);
        transaction.ask(&[room]).await?;
    }
    Ok(Written::Stored(row::unsigned(row, "id")?))
}
