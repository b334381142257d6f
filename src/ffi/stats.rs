//! Counters and gauges.

use std::mem::size_of;

use crate::client::stats::{CLASSES, Stats};

use super::boundary::{Sized32, clear_struct, write_struct};
use super::client::wxg_client;
use super::status::{WXG_OK, status_of, wxg_status};

/// How many columns the answers have. The first are indexed by WXG_CLASS_… minus 1; behind them
/// WXG_ANSWERS_NOT_SENT and WXG_ANSWERS_NO_ANSWER; the rest are 0 until a later version uses them.
pub const WXG_ANSWERS_SIZE: usize = 16;
/// Column of requests of which nothing left this machine.
pub const WXG_ANSWERS_NOT_SENT: usize = 8;
/// Column of requests to which no whole answer came.
pub const WXG_ANSWERS_NO_ANSWER: usize = 9;

/// What a client has done and holds. Initialise with WXG_STATS_INIT. Counters begin at 0 when the client is opened.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_stats {
    /// sizeof(wxg_stats), set by WXG_STATS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Submissions taken by the engine.
    pub submitted: u64,
    /// Completions made, requests for input included.
    pub completed: u64,
    /// Completions that wait to be polled.
    pub queue_depth: u64,
    /// Open payments of which no attempt is unaccounted for.
    pub open_waiting: u64,
    /// Open payments that may have been executed. Watch this one.
    pub open_unknown: u64,
    /// Open payments that have turned to cancel.
    pub open_cancelling: u64,
    /// Open payments that are held and wait for an operator.
    pub open_held: u64,
    /// Age of the oldest payment that may have been executed, from its first send; 0 without one. Alert on this.
    pub oldest_unknown_age_ms: u64,
    /// Payments that need review, as far as this process has met them. Alert on this.
    pub needs_review: u64,
    /// Requests under way, the access_token's excepted.
    pub in_flight: u64,
    /// Final answers handed out, or waiting to be, and not acknowledged.
    pub unacked: u64,
    /// Requests that repeated an earlier one of the same submission.
    pub retries: u64,
    /// Answers to pay.
    pub pay_answers: [u64; WXG_ANSWERS_SIZE],
    /// Answers to cancelPay.
    pub cancel_pay_answers: [u64; WXG_ANSWERS_SIZE],
    /// Answers to getBalance.
    pub get_balance_answers: [u64; WXG_ANSWERS_SIZE],
    /// Answers to present.
    pub present_answers: [u64; WXG_ANSWERS_SIZE],
    /// From send to answer, all answered requests added up.
    pub latency_sum_ms: u64,
    /// How many answers that sum counts.
    pub latency_count: u64,
    /// The slowest of them.
    pub latency_max_ms: u64,
    /// Requests for an access_token.
    pub token_requests: u64,
    /// Age of the access_token; -1 without one.
    pub token_age_ms: i64,
    /// WeChat's clock minus ours, to the second WeChat tells; 0 until an answer came. Payments carry our time: keep
    /// this small.
    pub clock_skew_ms: i64,
    /// Players with a session_key.
    pub sessions: u64,
    /// Journal commits.
    pub journal_commits: u64,
    /// Journal writes those commits carried.
    pub journal_writes: u64,
    /// Journal writes that failed.
    pub journal_failed: u64,
    /// Journal writes waiting for a commit; on a shared journal the heartbeats among them.
    pub journal_waiting: u64,
    /// Log records dropped because nobody polled them.
    pub log_dropped: u64,
    /// Bytes of the journal's files, the write-ahead log included; 0 for `memory:` and `postgres:`.
    pub journal_bytes: u64,
    /// Status of the journal's last failure, WXG_OK without one. The log tells why. Alert on a change of
    /// journal_failed; this says what it was.
    pub journal_error: wxg_status,
    /// 0.
    pub reserved2: u32,
    /// Payments, orders and final answers taken over from servers that are heard no more.
    pub taken_over: u64,
    /// How often this client's lease had ended, so that others were free to take over what it had. Each is a pause of
    /// the process, or a database out of reach, longer than lease_ms.
    pub leases_lost: u64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_stats {}

fn widened(row: &[u64; CLASSES]) -> [u64; WXG_ANSWERS_SIZE] {
    std::array::from_fn(|column| row.get(column).copied().unwrap_or(0))
}

/// Reads the client's counters and gauges as of the engine's last turn. Works on a closed client too. Cheap; any
/// thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (struct_size), WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_stats(
    client: *mut wxg_client,
    out_stats: *mut wxg_stats,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and sizes.
    unsafe {
        clear_struct(out_stats);
        wxg_client::guard(client, None, |client| {
            let (engine, journal, queue_depth, log_dropped) = client.stats();
            let Stats { answers, .. } = &engine;
            let stats = wxg_stats {
                struct_size: size_of::<wxg_stats>() as u32,
                reserved: 0,
                submitted: engine.submitted,
                completed: engine.completed,
                queue_depth: queue_depth as u64,
                open_waiting: engine.open_waiting,
                open_unknown: engine.open_unknown,
                open_cancelling: engine.open_cancelling,
                open_held: engine.open_held,
                oldest_unknown_age_ms: engine.oldest_unknown_age_ms,
                needs_review: engine.needs_review,
                in_flight: engine.in_flight,
                unacked: engine.unacked,
                retries: engine.retries,
                pay_answers: widened(&answers[0]),
                cancel_pay_answers: widened(&answers[1]),
                get_balance_answers: widened(&answers[2]),
                present_answers: widened(&answers[3]),
                latency_sum_ms: engine.latency_sum_ms,
                latency_count: engine.latency_count,
                latency_max_ms: engine.latency_max_ms,
                token_requests: engine.token_requests,
                token_age_ms: engine.token_age_ms,
                clock_skew_ms: engine.clock_skew_ms,
                sessions: engine.sessions,
                journal_commits: journal.commits(),
                journal_writes: journal.writes(),
                journal_failed: journal.failed(),
                journal_waiting: journal.waiting(),
                log_dropped,
                journal_bytes: journal.bytes(),
                journal_error: journal
                    .last_error()
                    .map_or(WXG_OK, |error| status_of(error.kind)),
                reserved2: 0,
                taken_over: engine.taken_over,
                leases_lost: engine.leases_lost,
            };
            write_struct(&stats, out_stats)
        })
    }
}
