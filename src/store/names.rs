//! The words of the SQL journals: columns, kinds, states and reasons, as they stand in every database.

use super::{Generation, Kind, Reason, State};

/// Every column of a record, but the scope, which is the journal's own.
pub(super) const COLUMNS: &str = "id, generation, offer_id, bill_no, kind, pf, openid, zone_id, amount, \
     pay_item, app_remark, user_ip, goods_price, pay_bill_no, user_tag, host_data, created_at_ms, state, reason, refund, \
     acked, replaced, refunded, errcode, errmsg, balance, used_gen_amt, push_event, payload, deadline_at_ms, first_sent_at_ms, updated_at_ms";

/// The names of an enum on disk, both ways. A name is never changed: old files hold it.
macro_rules! names {
    ($name:ident, $named:ident, $type:ty, { $($value:path => $text:literal),+ $(,)? }) => {
        pub(super) fn $name(value: $type) -> &'static str {
            match value { $($value => $text),+ }
        }
        pub(super) fn $named(text: &str) -> Option<$type> {
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
