//! Records and seals as rows.

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::error::{Error, Kind};
use crate::store::names::{generation_named, kind_named, reason_named, state_named};
use crate::store::seal::Seal;
use crate::store::{JournalError, JournalResult, Record};

/// The record in a row that has all of [`crate::store::names::COLUMNS`] and `owner`; `me` reads it.
pub(super) fn record(row: &Row, me: u64) -> JournalResult<Record> {
    let mut record = Record {
        id: unsigned(row, "id")?,
        bill_no: get(row, "bill_no")?,
        kind: named(row, "kind", kind_named)?,
        generation: named(row, "generation", generation_named)?,
        offer_id: get(row, "offer_id")?,
        pf: get(row, "pf")?,
        openid: get(row, "openid")?,
        zone_id: get(row, "zone_id")?,
        amount: get(row, "amount")?,
        pay_item: get(row, "pay_item")?,
        app_remark: get(row, "app_remark")?,
        user_ip: get(row, "user_ip")?,
        goods_price: get(row, "goods_price")?,
        pay_bill_no: get(row, "pay_bill_no")?,
        user_tag: unsigned(row, "user_tag")?,
        host_data: get(row, "host_data")?,
        state: named(row, "state", state_named)?,
        reason: named(row, "reason", reason_named)?,
        refund: flag(row, "refund")?,
        acked: flag(row, "acked")?,
        replaced: small(row, "replaced")?,
        refunded: get(row, "refunded")?,
        errcode: small(row, "errcode")?,
        errmsg: get(row, "errmsg")?,
        balance: get(row, "balance")?,
        used_gen_amt: get(row, "used_gen_amt")?,
        push_event: get(row, "push_event")?,
        payload: get(row, "payload")?,
        created_at_ms: get(row, "created_at_ms")?,
        deadline_at_ms: get(row, "deadline_at_ms")?,
        first_sent_at_ms: get(row, "first_sent_at_ms")?,
        updated_at_ms: get(row, "updated_at_ms")?,
        elsewhere: false,
    };
    record.elsewhere = record.is_unfinished() && unsigned(row, "owner")? != me;
    Ok(record)
}

/// The records in `rows`, in their order.
pub(super) fn records(rows: &[Row], me: u64) -> JournalResult<Vec<Record>> {
    rows.iter().map(|row| record(row, me)).collect()
}

/// The seal in a row of `seals`.
pub(super) fn seal(row: &Row) -> JournalResult<Seal> {
    let fingerprint: &[u8] = get(row, "fingerprint")?;
    Ok(Seal {
        kind: named(row, "kind", kind_named)?,
        state: named(row, "state", state_named)?,
        reason: named(row, "reason", reason_named)?,
        fingerprint: fingerprint
            .try_into()
            .map_err(|_| corrupt(row, "fingerprint", "is not of 16 bytes"))?,
        closed_at_ms: get(row, "closed_at_ms")?,
    })
}

/// The value of a column.
pub(super) fn get<'a, T: FromSql<'a>>(row: &'a Row, column: &str) -> JournalResult<T> {
    row.try_get(column)
        .map_err(|error| corrupt(row, column, &format!("cannot be read ({error})")))
}

/// 64 bits that the database shows as signed.
pub(super) fn unsigned(row: &Row, column: &str) -> JournalResult<u64> {
    get::<i64>(row, column).map(i64::cast_unsigned)
}

fn small<T: TryFrom<i64>>(row: &Row, column: &str) -> JournalResult<T> {
    T::try_from(get(row, column)?).map_err(|_| corrupt(row, column, "is out of range"))
}

fn flag(row: &Row, column: &str) -> JournalResult<bool> {
    get::<i16>(row, column).map(|value| value != 0)
}

fn named<T>(row: &Row, column: &str, named: fn(&str) -> Option<T>) -> JournalResult<T> {
    let text: &str = get(row, column)?;
    named(text).ok_or_else(|| corrupt(row, column, &format!("is the unknown {text:?}")))
}

/// A value of a type or name that this library never wrote.
fn corrupt(row: &Row, column: &str, what: &str) -> JournalError {
    let bill_no: &str = row.try_get("bill_no").unwrap_or_default();
    JournalError {
        error: Error::new(
            Kind::JournalCorrupt,
            format!("the journal failed: the {column} of record {bill_no:?} {what}"),
        ),
        maybe_written: false,
    }
}
