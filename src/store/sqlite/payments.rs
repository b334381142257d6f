//! The table `payments`: one row for each record.

use rusqlite::{Connection, OptionalExtension, Result, ToSql, named_params, params};

use super::claim::Scope;
use super::row;
use crate::store::Record;
use crate::store::names::{self, COLUMNS};

/// The states of [`Record::is_unresolved`], as the index spells them.
const UNRESOLVED: &str = "state IN ('sending', 'cancelling', 'needs_review')";

/// [`Record::is_closed`], as the index spells it.
const CLOSED: &str = "acked = 1 AND state IN ('done', 'rejected', 'not_sent')";

/// What an opening takes up again, as the index spells it.
const UNFINISHED: &str = "(acked = 0 OR state IN ('sending', 'cancelling', 'awaiting_payment'))";

/// How a record is updated.
pub(super) const UPDATE: &str =
    "UPDATE payments SET state = :state, reason = :reason, refund = :refund, acked = :acked,
             replaced = :replaced, errcode = :errcode, errmsg = :errmsg, balance = :balance, used_gen_amt = :used_gen_amt,
             push_event = :push_event, payload = :payload,
             deadline_at_ms = :deadline_at_ms, first_sent_at_ms = :first_sent_at_ms,
             updated_at_ms = :updated_at_ms
         WHERE appid = :appid AND environment = :environment AND bill_no = :bill_no RETURNING id";

/// How a record is acknowledged.
pub(super) const ACK: &str =
    "UPDATE payments SET acked = 1 WHERE id = ? AND replaced = ? AND appid = ? AND environment = ?
         AND acked = 0 AND state NOT IN ('sending', 'cancelling', 'awaiting_payment')";

/// Stores a record; the id, or none where the number is there already.
pub(super) fn insert(
    conn: &Connection,
    (appid, environment): &Scope,
    record: &Record,
) -> Result<Option<u64>> {
    let sql =
        "INSERT INTO payments (appid, environment, generation, offer_id, bill_no, kind, pf, openid,
             zone_id, amount, pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data,
             created_at_ms, state, reason, refund, acked, replaced, refunded, errcode, errmsg, balance, used_gen_amt,
             push_event, payload, deadline_at_ms, first_sent_at_ms, updated_at_ms)
         VALUES (:appid, :environment, :generation, :offer_id, :bill_no, :kind, :pf, :openid,
             :zone_id, :amount, :pay_item, :app_remark, :user_ip, :goods_price, :pay_bill_no, :user_tag, :host_data,
             :created_at_ms, :state, :reason, :refund, :acked, :replaced, 0, :errcode, :errmsg, :balance, :used_gen_amt,
             :push_event, :payload, :deadline_at_ms, :first_sent_at_ms, :updated_at_ms)
         ON CONFLICT (appid, environment, bill_no) DO NOTHING RETURNING id";
    let values = named_params! {
        ":appid": appid,
        ":environment": environment,
        ":generation": names::generation_name(record.generation),
        ":offer_id": record.offer_id,
        ":bill_no": record.bill_no,
        ":kind": names::kind_name(record.kind),
        ":pf": record.pf,
        ":openid": record.openid,
        ":zone_id": record.zone_id,
        ":amount": record.amount,
        ":pay_item": record.pay_item,
        ":app_remark": record.app_remark,
        ":user_ip": record.user_ip,
        ":goods_price": record.goods_price,
        ":pay_bill_no": record.pay_bill_no,
        ":user_tag": record.user_tag.cast_signed(),
        ":host_data": record.host_data,
        ":created_at_ms": record.created_at_ms,
        ":state": names::state_name(record.state),
        ":reason": names::reason_name(record.reason),
        ":refund": record.refund,
        ":acked": record.acked,
        ":replaced": record.replaced,
        ":errcode": record.errcode,
        ":errmsg": record.errmsg,
        ":balance": record.balance,
        ":used_gen_amt": record.used_gen_amt,
        ":push_event": record.push_event,
        ":payload": record.payload,
        ":deadline_at_ms": record.deadline_at_ms,
        ":first_sent_at_ms": record.first_sent_at_ms,
        ":updated_at_ms": record.updated_at_ms,
    };
    id(conn, sql, values)
}

/// Writes where a payment stands; the id, or none where its number is not there.
pub(super) fn update(
    conn: &Connection,
    (appid, environment): &Scope,
    record: &Record,
) -> Result<Option<u64>> {
    let values = named_params! {
        ":appid": appid,
        ":environment": environment,
        ":bill_no": record.bill_no,
        ":state": names::state_name(record.state),
        ":reason": names::reason_name(record.reason),
        ":refund": record.refund,
        ":acked": record.acked,
        ":replaced": record.replaced,
        ":errcode": record.errcode,
        ":errmsg": record.errmsg,
        ":balance": record.balance,
        ":used_gen_amt": record.used_gen_amt,
        ":push_event": record.push_event,
        ":payload": record.payload,
        ":deadline_at_ms": record.deadline_at_ms,
        ":first_sent_at_ms": record.first_sent_at_ms,
        ":updated_at_ms": record.updated_at_ms,
    };
    id(conn, UPDATE, values)
}

fn id(conn: &Connection, sql: &str, values: &[(&str, &dyn ToSql)]) -> Result<Option<u64>> {
    let id: Option<i64> = conn
        .prepare_cached(sql)?
        .query_row(values, |row| row.get(0))
        .optional()?;
    Ok(id.map(i64::cast_unsigned))
}

/// Marks a final record as acknowledged, unless another answer has replaced the one that this names.
pub(super) fn ack(conn: &Connection, (appid, environment): &Scope, delivery_id: u64) -> Result<()> {
    let (id, replaced) = Record::of_delivery(delivery_id);
    conn.prepare_cached(ACK)?
        .execute(params![id.cast_signed(), replaced, appid, environment])
        .map(drop)
}

/// Removes a record that was inserted in the same transaction.
pub(super) fn remove(conn: &Connection, (appid, environment): &Scope, id: u64) -> Result<()> {
    conn.prepare_cached("DELETE FROM payments WHERE appid = ? AND environment = ? AND id = ?")?
        .execute(params![appid, environment, id.cast_signed()])
        .map(drop)
}

/// Reserves coins of a payment for a refund, or, if `coins` is negative, makes room again.
pub(super) fn reserve(
    conn: &Connection,
    (appid, environment): &Scope,
    bill_no: &str,
    coins: i64,
) -> Result<()> {
    let sql = "UPDATE payments SET refunded = refunded + ?
         WHERE appid = ? AND environment = ? AND bill_no = ?";
    conn.prepare_cached(sql)?
        .execute(params![coins, appid, environment, bill_no])
        .map(drop)
}

/// The record of this number.
pub(super) fn find(
    conn: &Connection,
    (appid, environment): &Scope,
    bill_no: &str,
) -> Result<Option<Record>> {
    conn.prepare_cached(&find_sql())?
        .query_row(params![appid, environment, bill_no], row::record)
        .optional()
}

/// What an opening takes up again, oldest first.
pub(super) fn unfinished(conn: &Connection, (appid, environment): &Scope) -> Result<Vec<Record>> {
    conn.prepare_cached(&unfinished_sql())?
        .query_map(params![appid, environment], row::record)?
        .collect()
}

/// A page of what is open or needs review.
pub(super) fn unresolved(
    conn: &Connection,
    (appid, environment): &Scope,
    after_id: u64,
    most: u32,
) -> Result<Vec<Record>> {
    let after_id = i64::try_from(after_id).unwrap_or(i64::MAX);
    conn.prepare_cached(&unresolved_sql())?
        .query_map(params![appid, environment, after_id, most], row::record)?
        .collect()
}

/// Takes the oldest closed records away, up to `most`.
pub(super) fn take_closed(
    conn: &Connection,
    (appid, environment): &Scope,
    before_ms: i64,
    most: u32,
) -> Result<Vec<Record>> {
    conn.prepare_cached(&take_closed_sql())?
        .query_map(params![appid, environment, before_ms, most], row::record)?
        .collect()
}

pub(super) fn find_sql() -> String {
    format!("SELECT {COLUMNS} FROM payments WHERE appid = ? AND environment = ? AND bill_no = ?")
}

pub(super) fn unfinished_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM payments WHERE appid = ? AND environment = ? AND {UNFINISHED} ORDER BY id"
    )
}

pub(super) fn unresolved_sql() -> String {
    format!(
        "SELECT {COLUMNS} FROM payments WHERE appid = ? AND environment = ? AND id > ? AND {UNRESOLVED}
         ORDER BY id LIMIT ?"
    )
}

pub(super) fn take_closed_sql() -> String {
    format!(
        "DELETE FROM payments WHERE id IN
             (SELECT id FROM payments WHERE appid = ? AND environment = ? AND updated_at_ms < ? AND {CLOSED}
              ORDER BY updated_at_ms, id LIMIT ?)
         RETURNING {COLUMNS}"
    )
}
