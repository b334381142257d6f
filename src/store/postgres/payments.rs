//! The table `payments`: one row for each record.

use std::borrow::Cow;

use super::ask::{Ask, Rows};
use super::session::Scope;
use crate::error::Error;
use crate::store::names::{self, COLUMNS};
use crate::store::{JournalError, JournalResult, Record};

/// The states of [`Record::is_unresolved`], as the index spells them.
const UNRESOLVED: &str = "state IN ('sending', 'cancelling', 'needs_review')";

/// [`Record::is_closed`], as the index spells it.
pub(super) const CLOSED: &str = "acked = 1 AND state IN ('done', 'rejected', 'not_sent')";

/// What a server has to have, as the index spells it.
pub(super) const UNFINISHED: &str =
    "(acked = 0 OR state IN ('sending', 'cancelling', 'awaiting_payment'))";

/// How a record is acknowledged: then nobody needs to have it.
const ACK: &str = "UPDATE wxgame.payments AS p SET acked = 1, owner = 0
     FROM unnest($3::bigint[], $4::bigint[]) AS n (id, replaced)
     WHERE p.id = n.id AND p.replaced = n.replaced AND p.appid = $1 AND p.environment = $2
         AND p.acked = 0 AND p.state NOT IN ('sending', 'cancelling', 'awaiting_payment')";

const ASK_CANCEL: &str = "UPDATE wxgame.payments SET cancel_asked = 1
     WHERE appid = $1 AND environment = $2 AND bill_no = ANY($3) AND state = 'sending'";

const REMOVE: &str =
    "DELETE FROM wxgame.payments WHERE appid = $1 AND environment = $2 AND id = ANY($3)";

const RESERVE: &str = "UPDATE wxgame.payments SET refunded = refunded + $4
     WHERE appid = $1 AND environment = $2 AND bill_no = $3";

/// Refuses what the database would not take, or not give back as it was.
pub(super) fn check(record: &Record) -> JournalResult<()> {
    if let Some(error) = record.refused() {
        return Err(JournalError {
            error,
            maybe_written: false,
        });
    }
    for (field, text) in [
        ("bill_no", &record.bill_no),
        ("offer_id", &record.offer_id),
        ("pf", &record.pf),
        ("openid", &record.openid),
        ("zone_id", &record.zone_id),
        ("pay_item", &record.pay_item),
        ("app_remark", &record.app_remark),
        ("user_ip", &record.user_ip),
        ("pay_bill_no", &record.pay_bill_no),
    ] {
        check_text(field, text)?;
    }
    Ok(())
}

/// Refuses a text that the database would not take.
pub(super) fn check_text(field: &'static str, text: &str) -> JournalResult<()> {
    match text.contains('\0') {
        true => Err(JournalError {
            error: Error::invalid(field, "the journal takes no U+0000"),
            maybe_written: false,
        }),
        false => Ok(()),
    }
}

/// Stores records whose number has no seal and is not there: answers their `bill_no` and `id`.
///
/// An item that is there under its other number, or was delivered under it, is there.
pub(super) fn insert<'a>(scope: &'a Scope, me: i64, records: &[&'a Record]) -> Ask<'a> {
    let all = || records.iter().copied();
    let rows = standing(Rows::beside(Ask::of(scope, "")), me, records)
        .texts(
            "generation",
            all().map(|record| names::generation_name(record.generation)),
        )
        .texts("offer_id", all().map(|record| &*record.offer_id))
        .texts("kind", all().map(|record| names::kind_name(record.kind)))
        .texts("pf", all().map(|record| &*record.pf))
        .texts("openid", all().map(|record| &*record.openid))
        .texts("zone_id", all().map(|record| &*record.zone_id))
        .ints("amount", all().map(|record| record.amount))
        .texts("pay_item", all().map(|record| &*record.pay_item))
        .texts("app_remark", all().map(|record| &*record.app_remark))
        .texts("user_ip", all().map(|record| &*record.user_ip))
        .ints("goods_price", all().map(|record| record.goods_price))
        .texts("pay_bill_no", all().map(|record| &*record.pay_bill_no))
        .ints(
            "user_tag",
            all().map(|record| record.user_tag.cast_signed()),
        )
        .bytes("host_data", all().map(|record| &*record.host_data))
        .ints("created_at_ms", all().map(|record| record.created_at_ms))
        .optional_texts("other_number", all().map(Record::other_number))
        .ints("place", (0..).take(records.len()));
    let names = rows.list(&["other_number", "place"], str::to_owned);
    rows.ask(|table| {
        format!(
            "INSERT INTO wxgame.payments (appid, environment, refunded, {names})
             SELECT $1, $2, 0, {names} FROM {table}
             WHERE NOT EXISTS (SELECT 1 FROM wxgame.seals AS s
                     WHERE s.appid = $1 AND s.environment = $2 AND s.bill_no = n.bill_no OFFSET 0)
                 AND NOT EXISTS (SELECT 1 FROM wxgame.seals AS s
                     WHERE s.appid = $1 AND s.environment = $2 AND s.bill_no = n.other_number
                         AND s.kind = 'item' AND s.state = 'done' OFFSET 0)
             ORDER BY n.place
             ON CONFLICT DO NOTHING RETURNING bill_no, id"
        )
    })
}

/// Writes where payments stand, if this server may: answers their `bill_no` and `id`.
///
/// It may write what it has; and what is in nobody's hands any more, if its writer knows how that stands.
///
/// `OFFSET 0` here and above: each number is looked up by itself. A planner that has no statistics yet takes one appid
/// for a handful of rows, and would read all of them to join.
pub(super) fn update<'a>(scope: &'a Scope, me: i64, records: &[&'a Record]) -> Ask<'a> {
    let refunded = records.iter().map(|record| record.refunded);
    let rows =
        standing(Rows::beside(Ask::of(scope, "").int(me)), me, records).ints("refunded", refunded);
    let set = rows.list(&["bill_no", "refunded"], |name| {
        format!("{name} = n.{name}")
    });
    rows.ask(|table| {
        format!(
            "UPDATE wxgame.payments AS p SET {set},
                 cancel_asked = CASE WHEN n.state = 'sending' THEN p.cancel_asked ELSE 0 END
             FROM {table} CROSS JOIN LATERAL
                 (SELECT id FROM wxgame.payments WHERE appid = $1 AND environment = $2 AND bill_no = n.bill_no
                  OFFSET 0) AS k
             WHERE p.id = k.id
                 AND (p.owner = $3 OR ((p.replaced < n.replaced OR p.state = 'awaiting_payment')
                     AND p.state NOT IN ('sending', 'cancelling') AND p.refunded = n.refunded))
             RETURNING p.bill_no, p.id"
        )
    })
}

/// The columns that an update writes, and the number.
fn standing<'a>(rows: Rows<'a>, me: i64, records: &[&'a Record]) -> Rows<'a> {
    let all = || records.iter().copied();
    rows.texts("bill_no", all().map(|record| &*record.bill_no))
        .texts("state", all().map(|record| names::state_name(record.state)))
        .texts(
            "reason",
            all().map(|record| names::reason_name(record.reason)),
        )
        .ints("refund", all().map(|record| i64::from(record.refund)))
        .ints("acked", all().map(|record| i64::from(record.acked)))
        .ints("replaced", all().map(|record| i64::from(record.replaced)))
        .ints("errcode", all().map(|record| i64::from(record.errcode)))
        .mended("errmsg", all().map(|record| without_nul(&record.errmsg)))
        .optional_ints("balance", all().map(|record| record.balance))
        .optional_ints("used_gen_amt", all().map(|record| record.used_gen_amt))
        .mended(
            "push_event",
            all().map(|record| without_nul(&record.push_event)),
        )
        .mended("payload", all().map(|record| without_nul(&record.payload)))
        .ints("deadline_at_ms", all().map(|record| record.deadline_at_ms))
        .ints(
            "first_sent_at_ms",
            all().map(|record| record.first_sent_at_ms),
        )
        .ints("updated_at_ms", all().map(|record| record.updated_at_ms))
        .ints(
            "owner",
            all().map(|record| if record.is_unfinished() { me } else { 0 }),
        )
}

/// What WeChat said. An answer is kept whatever is in it, and the database takes no U+0000.
fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{FFFD}").into(),
        false => text.into(),
    }
}

/// Marks final records as acknowledged, unless another answer has replaced the one that its delivery id names.
pub(super) fn ack(scope: &Scope, delivery_ids: impl Iterator<Item = u64>) -> Ask<'_> {
    let (ids, replaced): (Vec<i64>, Vec<i64>) = delivery_ids
        .map(Record::of_delivery)
        .map(|(id, replaced)| (id.cast_signed(), i64::from(replaced)))
        .unzip();
    Ask::of(scope, ACK).ints(ids).ints(replaced)
}

/// Asks for the cancellation of what is being sent.
pub(super) fn ask_cancel<'a>(
    scope: &'a Scope,
    numbers: impl IntoIterator<Item = &'a str>,
) -> Ask<'a> {
    Ask::of(scope, ASK_CANCEL).texts(numbers)
}

/// The records of these numbers, in no order.
pub(super) fn find<'a>(scope: &'a Scope, numbers: impl IntoIterator<Item = &'a str>) -> Ask<'a> {
    let condition = "bill_no = ANY($3)";
    Ask::of(scope, select(condition)).texts(numbers)
}

/// The record of this number, which nobody else writes until the end of the transaction.
pub(super) fn lock<'a>(scope: &'a Scope, number: &'a str) -> Ask<'a> {
    Ask::of(scope, select("bill_no = $3 FOR UPDATE")).text(number)
}

/// A page of what is open or needs review.
pub(super) fn unresolved(scope: &Scope, after_id: u64, most: u32) -> Ask<'_> {
    Ask::of(
        scope,
        select(&format!("id > $3 AND {UNRESOLVED} ORDER BY id LIMIT $4")),
    )
    .int(i64::try_from(after_id).unwrap_or(i64::MAX))
    .int(i64::from(most))
}

/// What `me` has, oldest first.
pub(super) fn unfinished(scope: &Scope, me: i64) -> Ask<'_> {
    Ask::of(
        scope,
        select(&format!("owner = $3 AND {UNFINISHED} ORDER BY id")),
    )
    .int(me)
}

/// Of these records, those that `me` has, oldest first.
pub(super) fn unfinished_of(scope: &Scope, me: i64, ids: impl Iterator<Item = i64>) -> Ask<'_> {
    let condition = format!("owner = $3 AND id = ANY($4) AND {UNFINISHED} ORDER BY id");
    Ask::of(scope, select(&condition)).int(me).ints(ids)
}

/// The oldest closed records, up to `most`, but those that another server is just pruning.
pub(super) fn closed(scope: &Scope, before_ms: i64, most: u32) -> Ask<'_> {
    let condition = format!(
        "{CLOSED} AND updated_at_ms < $3 ORDER BY updated_at_ms, id LIMIT $4 FOR UPDATE SKIP LOCKED"
    );
    Ask::of(scope, select(&condition))
        .int(before_ms)
        .int(i64::from(most))
}

/// Removes records by their ids.
pub(super) fn remove<'a>(scope: &'a Scope, records: &[Record]) -> Ask<'a> {
    let ids = records.iter().map(|record| record.id.cast_signed());
    Ask::of(scope, REMOVE).ints(ids)
}

/// Reserves coins of a payment for a refund, or, if `coins` is negative, makes room again.
pub(super) fn reserve<'a>(scope: &'a Scope, number: &'a str, coins: i64) -> Ask<'a> {
    Ask::of(scope, RESERVE).text(number).int(coins)
}

fn select(condition: &str) -> String {
    format!(
        "SELECT {COLUMNS}, owner FROM wxgame.payments WHERE appid = $1 AND environment = $2 AND {condition}"
    )
}
