//! What comes back: opaque, read into one struct, freed.

use std::mem::size_of;

use crate::client::completion::{Completion, FLAG_REDELIVERED, FLAG_SEALED, FLAG_SHUTDOWN};

use super::boundary::{
    Bytes, Sized32, Text, clear_struct, guard_plain, not_null, write_struct, wxg_str,
};
use super::status::{WXG_OK, status_of, wxg_status};

/// The answer to a pay.
pub const WXG_KIND_PAY: u32 = 1;
/// The answer to a present.
pub const WXG_KIND_PRESENT: u32 = 2;
/// The answer to a get_balance.
pub const WXG_KIND_GET_BALANCE: u32 = 3;
/// The answer to a cancel_pay.
pub const WXG_KIND_CANCEL_PAY: u32 = 4;
/// The answer to a login.
pub const WXG_KIND_LOGIN: u32 = 5;
/// The final answer of a payment that was unknown, that an earlier process began, or that has not been
/// acknowledged. Answers no submission; user_tag is the payment's.
pub const WXG_KIND_RESOLVED: u32 = 6;
/// Calls of the player `openid` wait for a session_key: log the player in, or set one. Asked once for all of them.
pub const WXG_KIND_SESSION_NEEDED: u32 = 7;

/// What is known of one payment.
pub const WXG_KIND_PAYMENT: u32 = 8;
/// The answer to an operator's decision.
pub const WXG_KIND_SETTLE: u32 = 9;
/// The answer to an operator's release of a held payment.
pub const WXG_KIND_RESUME: u32 = 10;
/// The answer to a check_session.
pub const WXG_KIND_CHECK_SESSION: u32 = 12;
/// The answer to a reset_session.
pub const WXG_KIND_RESET_SESSION: u32 = 13;
/// The client needs an access_token from you: `wxg_client_set_access_token`. Asked once, however many calls wait; again
/// a minute later while there is still none, and when the one you gave ends soon or WeChat refuses it. Only with
/// WXG_TOKEN_SOURCE_HOST.
pub const WXG_KIND_TOKEN_NEEDED: u32 = 14;

/// No answer about a payment: input is needed, or `status` says why there is none.
pub const WXG_OUTCOME_NONE: u32 = 0;
/// It happened, once. Grant what was bought, then acknowledge.
pub const WXG_OUTCOME_DONE: u32 = 1;
/// It did not happen and never will under this number; `reason` tells why.
pub const WXG_OUTCOME_REJECTED: u32 = 2;
/// Nothing of it ever left, nor will.
pub const WXG_OUTCOME_NOT_SENT: u32 = 3;
/// It may have happened. Grant nothing, take nothing back, use no other number: the journal keeps it, and the final
/// answer comes as WXG_KIND_RESOLVED.
pub const WXG_OUTCOME_UNKNOWN: u32 = 4;
/// The library can neither finish nor deny it; a person must look. No grant, no refusal, never a new number.
pub const WXG_OUTCOME_NEEDS_REVIEW: u32 = 5;

/// Nothing to add.
pub const WXG_REASON_NONE: u32 = 0;
/// The player has too few coins.
pub const WXG_REASON_BALANCE_TOO_LOW: u32 = 1;
/// No valid session_key until the deadline: log the player in and take a new bill_no; this one took nothing.
pub const WXG_REASON_SESSION: u32 = 2;
/// WeChat gave no access_token, or the quota was used up, until the deadline.
pub const WXG_REASON_CREDENTIAL: u32 = 3;
/// WeChat refused the request as wrong: key, offer_id, zone_id or another parameter. See errcode and errmsg.
pub const WXG_REASON_CONFIGURATION: u32 = 4;
/// Cancelled: by you, or because its outcome stayed unknown for `unknown_patience_ms`.
pub const WXG_REASON_CANCELLED: u32 = 5;
/// Somebody else had used this bill_no before.
pub const WXG_REASON_DUPLICATE: u32 = 6;
/// WeChat could not be reached until the deadline.
pub const WXG_REASON_NETWORK: u32 = 7;
/// No answer within 47 hours.
pub const WXG_REASON_EXPIRED: u32 = 8;
/// WeChat does not know the order that was to be given back.
pub const WXG_REASON_REFUND_UNKNOWN: u32 = 9;
/// The deadline passed before anything could be sent.
pub const WXG_REASON_DEADLINE: u32 = 10;
/// The journal could not be written, so nothing was sent.
pub const WXG_REASON_JOURNAL: u32 = 11;
/// An operator decided.
pub const WXG_REASON_SETTLED: u32 = 12;

/// The payment is not open, or not in this process.
pub const WXG_WAITING_NOTHING: u32 = 0;
/// It waits for a session_key of the player.
pub const WXG_WAITING_SESSION: u32 = 1;
/// It waits for an access_token.
pub const WXG_WAITING_TOKEN: u32 = 2;
/// It waits for the end of a back-off.
pub const WXG_WAITING_BACK_OFF: u32 = 3;
/// It waits until its cancel may be sent.
pub const WXG_WAITING_QUIET_TIME: u32 = 4;
/// It waits for WeChat's answer.
pub const WXG_WAITING_ANSWER: u32 = 5;
/// It waits for the journal.
pub const WXG_WAITING_JOURNAL: u32 = 6;
/// It is held and waits for an operator.
pub const WXG_WAITING_OPERATOR: u32 = 7;

/// Delivered again, because no acknowledgement of an earlier delivery is in the journal.
pub const WXG_FLAG_REDELIVERED: u64 = 1;
/// The client was closed before a better answer came.
pub const WXG_FLAG_SHUTDOWN: u64 = 2;
/// The record was retired after `retain_days`: only how it ended is still known.
pub const WXG_FLAG_SEALED: u64 = 4;
// Numbers, not names, for the header shows what stands here.
const _: () = assert!(WXG_FLAG_REDELIVERED == FLAG_REDELIVERED);
const _: () = assert!(WXG_FLAG_SHUTDOWN == FLAG_SHUTDOWN && WXG_FLAG_SEALED == FLAG_SEALED);

/// `balance` was told.
pub const WXG_HAS_BALANCE: u32 = 1;
/// `gen_balance` was told.
pub const WXG_HAS_GEN_BALANCE: u32 = 2;
/// `used_gen_amt` was told.
pub const WXG_HAS_USED_GEN_AMT: u32 = 4;
/// `save_amt` was told.
pub const WXG_HAS_SAVE_AMT: u32 = 8;
/// `save_sum` was told.
pub const WXG_HAS_SAVE_SUM: u32 = 16;
/// `cost_sum` was told.
pub const WXG_HAS_COST_SUM: u32 = 32;
/// `present_sum` was told.
pub const WXG_HAS_PRESENT_SUM: u32 = 64;
/// `first_save` was told.
pub const WXG_HAS_FIRST_SAVE: u32 = 128;

/// One completion: opaque, read with `wxg_completion_read`, yours to free with `wxg_completion_free`. It owns its
/// data and may outlive its client. Not changed after it is made: any thread may read it.
pub struct wxg_completion {
    view: wxg_completion_view,
    /// What the view's texts point into.
    _texts: [Text; 6],
    _host_data: Bytes,
}

/// A completion as it can be read. Initialise with WXG_COMPLETION_VIEW_INIT. Its texts are borrowed until the
/// completion is freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_completion_view {
    /// sizeof(wxg_completion_view), set by WXG_COMPLETION_VIEW_INIT.
    pub struct_size: u32,
    /// WXG_KIND_…
    pub kind: u32,
    /// WXG_OUTCOME_…
    pub outcome: u32,
    /// WXG_REASON_…: why a payment stands where it stands.
    pub reason: u32,
    /// WXG_OK, or an error of the library itself: WXG_ERR_BILL_NO_CONFLICT, WXG_ERR_NOT_FOUND,
    /// WXG_ERR_WRONG_STATE, WXG_ERR_JOURNAL, WXG_ERR_CLOSED …
    pub status: wxg_status,
    /// WeChat's errcode; 0 also where no answer came. `wxg_errcode_help` explains it.
    pub errcode: i32,
    /// Which payment call it is about, also for WXG_KIND_RESOLVED: WXG_KIND_PAY or WXG_KIND_PRESENT; 0 none.
    pub payment_kind: u32,
    /// WXG_HAS_… of the amounts that WeChat told.
    pub has: u32,
    /// WXG_FLAG_…
    pub flags: u64,
    /// Yours.
    pub user_tag: u64,
    /// For `wxg_client_ack`, once you have acted on a final answer; 0 where there is nothing to acknowledge.
    pub delivery_id: u64,
    /// Coins of the payment.
    pub amount: i64,
    /// Coins after the call, gifts included.
    pub balance: i64,
    /// Gift coins.
    pub gen_balance: i64,
    /// Gift coins that the payment used.
    pub used_gen_amt: i64,
    /// Coins topped up, in all.
    pub save_amt: i64,
    /// Coins obtained, in all.
    pub save_sum: i64,
    /// Coins spent, in all.
    pub cost_sum: i64,
    /// Coins given, in all.
    pub present_sum: i64,
    /// WeChat's first_save flag, 0 or 1.
    pub first_save: u32,
    /// WXG_CLASS_… of errcode from `wxg_midas_v1_parse`; else 0.
    pub errcode_class: u32,
    /// The journal's number of the record, for paging; 0 without one.
    pub record_id: u64,
    /// When the payment was submitted, Unix time in milliseconds; 0 unknown.
    pub created_at_ms: i64,
    /// When it was first sent, Unix time in milliseconds; 0 never.
    pub first_sent_at_ms: i64,
    /// WXG_WAITING_…: what an open payment waits for; with kind WXG_KIND_PAYMENT.
    pub waiting_for: u32,
    /// 0.
    pub reserved: u32,
    /// The payment's number.
    pub bill_no: wxg_str,
    /// The player.
    pub openid: wxg_str,
    /// The zone.
    pub zone_id: wxg_str,
    /// The item.
    pub pay_item: wxg_str,
    /// From a login, where the account has one.
    pub unionid: wxg_str,
    /// WeChat's errmsg, or the library's own words.
    pub errmsg: wxg_str,
    /// What you gave with the payment.
    pub host_data: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_completion_view {}

impl wxg_completion {
    pub(super) fn boxed(completion: Completion) -> *mut wxg_completion {
        Self::boxed_with_class(completion, 0)
    }

    pub(super) fn boxed_with_class(
        completion: Completion,
        errcode_class: u32,
    ) -> *mut wxg_completion {
        let account = completion.account;
        let mut has = 0;
        let mut told = |bit: u32, amount: Option<i64>| {
            has |= if amount.is_some() { bit } else { 0 };
            amount.unwrap_or(0)
        };
        let texts = [
            completion.bill_no,
            completion.openid,
            completion.zone_id,
            completion.pay_item,
            completion.unionid,
            completion.errmsg,
        ]
        .map(Text::new);
        let host_data = Bytes::new(completion.host_data);
        let mut view = wxg_completion_view {
            struct_size: size_of::<wxg_completion_view>() as u32,
            kind: completion.kind.map_or(0, |kind| kind as u32),
            outcome: completion.outcome as u32,
            reason: completion.reason as u32,
            status: completion.error.map_or(WXG_OK, status_of),
            errcode: completion.errcode,
            payment_kind: completion.payment.map_or(0, |kind| kind as u32),
            has: 0,
            flags: completion.flags,
            user_tag: completion.user_tag,
            delivery_id: completion.delivery_id,
            amount: completion.amount,
            balance: told(WXG_HAS_BALANCE, account.balance),
            gen_balance: told(WXG_HAS_GEN_BALANCE, account.gen_balance),
            used_gen_amt: told(WXG_HAS_USED_GEN_AMT, account.used_gen_amt),
            save_amt: told(WXG_HAS_SAVE_AMT, account.save_amt),
            save_sum: told(WXG_HAS_SAVE_SUM, account.save_sum),
            cost_sum: told(WXG_HAS_COST_SUM, account.cost_sum),
            present_sum: told(WXG_HAS_PRESENT_SUM, account.present_sum),
            first_save: told(WXG_HAS_FIRST_SAVE, account.first_save.map(i64::from)) as u32,
            errcode_class,
            record_id: completion.record_id,
            created_at_ms: completion.created_at_ms,
            first_sent_at_ms: completion.first_sent_at_ms,
            waiting_for: completion.waiting_for as u32,
            reserved: 0,
            bill_no: texts[0].view(),
            openid: texts[1].view(),
            zone_id: texts[2].view(),
            pay_item: texts[3].view(),
            unionid: texts[4].view(),
            errmsg: texts[5].view(),
            host_data: host_data.view(),
        };
        view.has = has;
        // The texts own their bytes on the heap: moving them into the box moves none of those.
        Box::into_raw(Box::new(wxg_completion {
            view,
            _texts: texts,
            _host_data: host_data,
        }))
    }
}

/// Reads a completion into `*out_view`, whose struct_size says how much of it you know. The texts in it are
/// borrowed until the completion is freed, and each is followed by a NUL. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (struct_size), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_completion_read(
    completion: *const wxg_completion,
    out_view: *mut wxg_completion_view,
) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { clear_struct(out_view) };
    guard_plain(|| {
        not_null(completion, "completion")?;
        // SAFETY: not NULL, the caller says alive; out_view by its own size.
        unsafe { write_struct(&(*completion).view, out_view) }
    })
}

/// Frees a completion; NULL does nothing. Nothing read from it must be used afterwards. Freeing does not
/// acknowledge. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_completion_free(completion: *mut wxg_completion) {
    guard_plain(|| {
        if !completion.is_null() {
            // SAFETY: made by `boxed`, and the caller frees it once.
            drop(unsafe { Box::from_raw(completion) });
        }
        Ok(())
    });
}
