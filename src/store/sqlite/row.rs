//! Records and seals as rows.

use rusqlite::{Row, types::Type};

use crate::store::Record;
use crate::store::names::{generation_named, kind_named, reason_named, state_named};
use crate::store::seal::Seal;

/// The record in a row that has all of [`COLUMNS`].
pub(super) fn record(row: &Row<'_>) -> rusqlite::Result<Record> {
    Ok(Record {
        id: row.get::<_, i64>("id")?.cast_unsigned(),
        bill_no: row.get("bill_no")?,
        kind: named(row, "kind", kind_named)?,
        generation: named(row, "generation", generation_named)?,
        offer_id: row.get("offer_id")?,
        pf: row.get("pf")?,
        openid: row.get("openid")?,
        zone_id: row.get("zone_id")?,
        amount: row.get("amount")?,
        pay_item: row.get("pay_item")?,
        app_remark: row.get("app_remark")?,
        user_ip: row.get("user_ip")?,
        goods_price: row.get("goods_price")?,
        pay_bill_no: row.get("pay_bill_no")?,
        user_tag: row.get::<_, i64>("user_tag")?.cast_unsigned(),
        host_data: row.get("host_data")?,
        state: named(row, "state", state_named)?,
        reason: named(row, "reason", reason_named)?,
        refund: row.get("refund")?,
        acked: row.get("acked")?,
        replaced: row.get("replaced")?,
        refunded: row.get("refunded")?,
        errcode: row.get("errcode")?,
        errmsg: row.get("errmsg")?,
        balance: row.get("balance")?,
        used_gen_amt: row.get("used_gen_amt")?,
        push_event: row.get("push_event")?,
        payload: row.get("payload")?,
        created_at_ms: row.get("created_at_ms")?,
        deadline_at_ms: row.get("deadline_at_ms")?,
        first_sent_at_ms: row.get("first_sent_at_ms")?,
        updated_at_ms: row.get("updated_at_ms")?,
        elsewhere: false,
    })
}

/// The seal in a row of `seals`.
pub(super) fn seal(row: &Row<'_>) -> rusqlite::Result<Seal> {
    Ok(Seal {
        kind: named(row, "kind", kind_named)?,
        state: named(row, "state", state_named)?,
        reason: named(row, "reason", reason_named)?,
        fingerprint: row.get("fingerprint")?,
        closed_at_ms: row.get("closed_at_ms")?,
    })
}

fn named<T>(row: &Row<'_>, column: &str, named: fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    named(&text).ok_or_else(|| {
        let bill_no = row.get::<_, String>("bill_no").unwrap_or_default();
        let why = format!("record {bill_no:?} has the unknown {column} {text:?}");
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why.into())
    })
}
