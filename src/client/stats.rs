//! Counters and gauges of one client.

use crate::api::{Call, errcode::Class};

/// How many calls are counted apart: pay, cancel_pay, get_balance, present.
pub const CALLS: usize = 4;
/// How many classes of answers are counted apart, `NotSent` and `Unknown` (no answer at all) included.
pub const CLASSES: usize = 10;
/// Column of requests that were not sent.
pub const NOT_SENT: usize = 8;
/// Column of requests whose fate is unknown because no whole answer came.
pub const NO_ANSWER: usize = 9;

/// A snapshot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Submissions taken.
    pub submitted: u64,
    /// Completions given out or waiting to be polled.
    pub completed: u64,
    /// Open payments that have not been sent yet.
    pub open_waiting: u64,
    /// Open payments that may have been executed.
    pub open_unknown: u64,
    /// Open payments that have turned to cancel.
    pub open_cancelling: u64,
    /// Open payments that wait for an operator.
    pub open_held: u64,
    /// Age of the oldest open payment that may have been executed, from its first send; 0 without one.
    pub oldest_unknown_age_ms: u64,
    /// Payments that need review, as far as this process has met them.
    pub needs_review: u64,
    /// Requests under way.
    pub in_flight: u64,
    /// Final answers shown and not yet acknowledged.
    pub unacked: u64,
    /// Requests that repeated an earlier one of the same payment.
    pub retries: u64,
    /// Answers by call (pay, cancel_pay, get_balance, present) and class.
    pub answers: [[u64; CLASSES]; CALLS],
    /// access_token requests.
    pub token_requests: u64,
    /// Age of the access_token in milliseconds, -1 without one.
    pub token_age_ms: i64,
    /// Milliseconds from send to answer, of all answered requests, added up.
    pub latency_sum_ms: u64,
    /// How many answers `latency_sum_ms` counts.
    pub latency_count: u64,
    /// The slowest of them.
    pub latency_max_ms: u64,
    /// WeChat's clock (its `Date` header) minus ours, in milliseconds; 0 until an answer came.
    pub clock_skew_ms: i64,
    /// Players with a session_key.
    pub sessions: u64,
    /// Records taken over from servers that are heard no more.
    pub taken_over: u64,
    /// How often this server's lease had ended.
    pub leases_lost: u64,
}

/// The column of a class.
pub fn column(class: Class) -> usize {
    match class {
        Class::Done => 0,
        Class::Unknown => 1,
        Class::Session => 2,
        Class::Token => 3,
        Class::Duplicate => 4,
        Class::Refused => 5,
        Class::Configuration => 6,
        Class::Quota => 7,
    }
}

/// The row of a call.
pub fn row(call: Call) -> usize {
    match call {
        Call::Pay => 0,
        Call::CancelPay => 1,
        Call::GetBalance => 2,
        Call::Present => 3,
    }
}
