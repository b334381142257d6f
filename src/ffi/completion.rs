//! What comes back: opaque, read into one struct, freed.

use crate::error::{Error, Result};

use super::boundary::{clear_struct, guard_plain, not_null, write_struct};
use super::status::wxg_status;
use super::view::{Parts, Texts, wxg_completion_view, wxg_goods_view};

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
/// The answer to an item_order.
pub const WXG_KIND_ITEM_ORDER: u32 = 15;
/// The answer to a query_order.
pub const WXG_KIND_QUERY_ORDER: u32 = 16;
/// What a push told, and what to answer it.
pub const WXG_KIND_PUSH: u32 = 17;
/// The answer to a save_image of a `wxg_album`.
pub const WXG_KIND_SAVE_IMAGE: u32 = 18;
/// The answer to an authorize of a `wxg_album`.
pub const WXG_KIND_AUTHORIZE: u32 = 19;
/// The answer to an open_setting of a `wxg_album`.
pub const WXG_KIND_OPEN_SETTING: u32 = 20;
/// Calls of a `wxg_album` wait for the user's consent: show your dialog, then `wxg_album_answer_consent`. Asked once for
/// all of them.
pub const WXG_KIND_CONSENT_NEEDED: u32 = 21;
/// Calls of a `wxg_album` wait for the settings: show them, then `wxg_album_answer_setting`. Asked once for all of them.
pub const WXG_KIND_SETTING_NEEDED: u32 = 22;

/// No answer about a payment: input is needed, or `status` says why there is none.
pub const WXG_OUTCOME_NONE: u32 = 0;
/// It happened, once. Act on it, then acknowledge: look at `kind` and `payment_kind` first. Of a pay, present or item order
/// grant what was bought; of WXG_KIND_CANCEL_PAY coins went back; of a push `push_event` says what.
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
/// The player may pay the item order now. Grant nothing: the journal keeps it, and a push or WXG_KIND_RESOLVED tells.
pub const WXG_OUTCOME_AWAITING_PAYMENT: u32 = 6;

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
/// No answer within 47 hours; of an item order: nobody could be asked for 30 days.
pub const WXG_REASON_EXPIRED: u32 = 8;
/// WeChat does not know the order that was to be given back.
pub const WXG_REASON_REFUND_UNKNOWN: u32 = 9;
/// The deadline passed before anything could be sent.
pub const WXG_REASON_DEADLINE: u32 = 10;
/// The journal could not be written, so nothing was sent.
pub const WXG_REASON_JOURNAL: u32 = 11;
/// An operator decided.
pub const WXG_REASON_SETTLED: u32 = 12;
/// WeChat said of an item order of 24 hours that it is not paid.
pub const WXG_REASON_NOT_PAID: u32 = 13;
/// WeChat knows no such purchase, or not yet.
pub const WXG_REASON_ORDER_UNKNOWN: u32 = 14;
/// WeChat told of another player, item or quantity than was ordered under this number.
pub const WXG_REASON_MISMATCH: u32 = 15;

/// The payment is not open, or nobody drives it just now.
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
/// It waits for the player to pay.
pub const WXG_WAITING_PLAYER: u32 = 8;
/// Another server that shares the journal drives it.
pub const WXG_WAITING_SERVER: u32 = 9;

/// Delivered again, because no acknowledgement of an earlier delivery is in the journal.
pub const WXG_FLAG_REDELIVERED: u64 = 1;
/// The client, or album, was closed before a better answer came.
pub const WXG_FLAG_SHUTDOWN: u64 = 2;
/// The record was retired after `retain_days`: only how it ended is still known.
pub const WXG_FLAG_SEALED: u64 = 4;
/// This journal ordered no such item: a push alone told of it, such as of a purchase in the mall. It is signed, so deliver
/// it; what is to be delivered to whom you know from the push.
pub const WXG_FLAG_NOT_ORDERED: u64 = 8;
/// The user's answer could not be written into user_data_path (`detail` says why): it holds while this album is open, then
/// the user is asked again. Only where nothing there can be changed at all, what was kept before comes back.
pub const WXG_FLAG_NOT_REMEMBERED: u64 = 16;
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
    /// What is in a gift pack.
    goods: Box<[wxg_goods_view]>,
    /// What the texts of both point into.
    _texts: Texts,
}

impl wxg_completion {
    pub(super) fn of_parts(parts: Parts) -> *mut wxg_completion {
        // The texts own their bytes on the heap: moving them into the box moves none of those.
        Box::into_raw(Box::new(wxg_completion {
            view: parts.view,
            goods: parts.goods,
            _texts: parts.texts,
        }))
    }
}

/// Hands out what `take` takes: at most `capacity` completions, and their count.
///
/// # Safety
/// Both outputs are NULL or may be written; `out_completions` has room for `capacity`.
pub(super) unsafe fn hand_out<C>(
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
    take: impl FnOnce(usize) -> Result<C>,
) -> Result<()>
where
    C: ExactSizeIterator<Item = *mut wxg_completion>,
{
    not_null(out_completions, "out_completions")?;
    not_null(out_count, "out_count")?;
    if capacity == 0 {
        return Err(Error::invalid("capacity", "must be at least 1"));
    }
    let taken = take(capacity)?;
    // SAFETY: neither is NULL, and no more than `capacity` were taken.
    unsafe { put(out_completions, out_count, taken) };
    Ok(())
}

/// Writes completions behind one another, and their count.
///
/// # Safety
/// Both outputs may be written; `out_completions` has room for all of them.
pub(super) unsafe fn put(
    out_completions: *mut *mut wxg_completion,
    out_count: *mut usize,
    completions: impl ExactSizeIterator<Item = *mut wxg_completion>,
) {
    // SAFETY: the caller's promise.
    unsafe {
        *out_count = completions.len();
        for (index, completion) in completions.enumerate() {
            *out_completions.add(index) = completion;
        }
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

/// Reads what is in a gift pack (WXG_PUSH_GIFT), one kind of goods at a time: `index` runs from 0 to below goods_count of
/// the view. Its text is borrowed until the completion is freed. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (index or struct_size), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_completion_goods(
    completion: *const wxg_completion,
    index: usize,
    out_view: *mut wxg_goods_view,
) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { clear_struct(out_view) };
    guard_plain(|| {
        not_null(completion, "completion")?;
        not_null(out_view, "out_view")?;
        // SAFETY: not NULL, the caller says alive.
        let completion = unsafe { &*completion };
        let goods = completion.goods.get(index);
        let goods = goods.ok_or_else(|| Error::invalid("index", "must be below goods_count"))?;
        // SAFETY: out_view by its own size, says the caller.
        unsafe { write_struct(goods, out_view) }
    })
}

/// Frees a completion; NULL does nothing. Nothing read from it must be used afterwards. Freeing does not
/// acknowledge. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_completion_free(completion: *mut wxg_completion) {
    guard_plain(|| {
        if !completion.is_null() {
            // SAFETY: made by `of_parts`, and the caller frees it once.
            drop(unsafe { Box::from_raw(completion) });
        }
        Ok(())
    });
}
