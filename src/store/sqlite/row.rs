//! Records and seals as rows: the names on disk, and both ways between them and ours.

use rusqlite::{Row, types::Type};

use crate::store::seal::Seal;
use crate::store::{Generation, Kind, Reason, Record, State};

/// Every column of a record, in the order of the schema; the scope is the journal's own.
pub(super) const COLUMNS: &str = "id, generation, offer_id, bill_no, kind, pf, openid, zone_id, amount, \
     pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms, state, reason, refund, \
     acked, replaced, refunded, errcode, errmsg, balance, used_gen_amt, push_event, payload, deadline_at_ms, first_sent_at_ms, updated_at_ms";

/// The names of an enum on disk, both ways. A name is never changed: old files hold it.
macro_rules! names {
    ($name:ident, $named:ident, $type:ty, { $($value:path => $text:literal),+ $(,)? }) => {
        pub(super) fn $name(value: $type) -> &'static str {
            match value { $($value => $text),+ }
        }
        fn $named(text: &str) -> Option<$type> {
            match text { $($text => Some($value),)+ _ => None }
        }
    };
}

names!(kind_name, kind_named, Kind, {
    Kind::Pay => "pay",
    Kind::Present => "present",
    Kind::Refund => "refund",
    Kind::Item => "item",
    Kind::Push => "push",
});

names!(generation_name, generation_named, Generation, {
    Generation::V1 => "v1",
    Generation::V2 => "v2",
});

names!(state_name, state_named, State, {
    State::Sending => "sending",
    State::Cancelling => "cancelling",
    State::Done => "done",
    State::Rejected => "rejected",
    State::NotSent => "not_sent",
    State::NeedsReview => "needs_review",
    State::AwaitingPayment => "awaiting_payment",
});

names!(reason_name, reason_named, Reason, {
    Reason::None => "none",
    Reason::BalanceTooLow => "balance_too_low",
    Reason::Session => "session",
    Reason::Credential => "credential",
    Reason::Configuration => "configuration",
    Reason::Cancelled => "cancelled",
    Reason::Duplicate => "duplicate",
    Reason::Network => "network",
    Reason::Expired => "expired",
    Reason::RefundUnknown => "refund_unknown",
    Reason::Deadline => "deadline",
    Reason::Journal => "journal",
    Reason::Settled => "settled",
    Reason::NotPaid => "not_paid",
    Reason::OrderUnknown => "order_unknown",
    Reason::Mismatch => "mismatch",
});

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
