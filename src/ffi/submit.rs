//! The calls: one submit each, and for each a twin that waits.

use crate::api::game_v2::CoinType;
use crate::client::submission::Ask;
use crate::client::{Client, With};
use crate::error::{Error, Result};
use crate::store::Kind;

use super::boundary::{not_null, out, read_struct, reserved_is_zero, wait};
use super::client::wxg_client;
use super::completion::wxg_completion;
use super::error::wxg_error;
use super::options::{
    WXG_COIN_TYPE_GAME, WXG_COIN_TYPE_RECHARGE_CENTRE, flag, wxg_cancel_pay_options,
    wxg_get_balance_options, wxg_login_options, wxg_pay_options, wxg_present_options,
    wxg_session_options,
};
use super::status::wxg_status;

/// A checked request: what to do and until when, and its tag.
pub(super) type Asked = ((Ask, i64), u64);

unsafe fn pay(client: &Client, options: *const wxg_pay_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    // SAFETY: as above.
    let order = unsafe { options.read()? };
    let with = With {
        user_tag: options.user_tag,
        deadline_ms: options.deadline_ms,
        sent_before: flag("sent_before", options.sent_before)?,
        // SAFETY: as above.
        host_data: unsafe { options.host_data.read_bytes("host_data")? },
    };
    let asked = client.payment(Kind::Pay, &order, &with)?;
    Ok((asked, options.user_tag))
}

unsafe fn present(client: &Client, options: *const wxg_present_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    // SAFETY: as above.
    let order = unsafe { options.read()? };
    let with = With {
        user_tag: options.user_tag,
        deadline_ms: options.deadline_ms,
        sent_before: flag("sent_before", options.sent_before)?,
        // SAFETY: as above.
        host_data: unsafe { options.host_data.read_bytes("host_data")? },
    };
    let asked = client.payment(Kind::Present, &order, &with)?;
    Ok((asked, options.user_tag))
}

unsafe fn cancel_pay(client: &Client, options: *const wxg_cancel_pay_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    reserved_is_zero(options.reserved)?;
    // SAFETY: as above.
    let (bill_no, refund_bill_no) = unsafe {
        (
            options.bill_no.read("bill_no")?,
            options.refund_bill_no.read("refund_bill_no")?,
        )
    };
    Ok((
        client.cancel_pay(bill_no, refund_bill_no, options.amount, options.deadline_ms)?,
        options.user_tag,
    ))
}

unsafe fn get_balance(client: &Client, options: *const wxg_get_balance_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    // SAFETY: as above.
    let order = unsafe { options.read()? };
    let coin_type = match options.coin_type {
        WXG_COIN_TYPE_GAME => CoinType::Game,
        WXG_COIN_TYPE_RECHARGE_CENTRE => CoinType::RechargeCentre,
        _ => {
            return Err(Error::invalid(
                "coin_type",
                "must be 0 (game) or 1 (recharge centre)",
            ));
        }
    };
    Ok((
        client.get_balance(&order, coin_type, options.deadline_ms)?,
        options.user_tag,
    ))
}

unsafe fn login(client: &Client, options: *const wxg_login_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    reserved_is_zero(options.reserved)?;
    // SAFETY: as above.
    let js_code = unsafe { options.js_code.read("js_code")? };
    Ok((
        client.login(js_code, options.deadline_ms)?,
        options.user_tag,
    ))
}

unsafe fn session(
    options: *const wxg_session_options,
    ask: impl FnOnce(&str, i64) -> Result<(Ask, i64)>,
) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    let options = unsafe { read_struct(options)? };
    reserved_is_zero(options.reserved)?;
    // SAFETY: as above.
    let openid = unsafe { options.openid.read("openid")? };
    Ok((ask(openid, options.deadline_ms)?, options.user_tag))
}

unsafe fn check_session(client: &Client, options: *const wxg_session_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    unsafe { session(options, |openid, ms| client.check_session(openid, ms)) }
}

unsafe fn reset_session(client: &Client, options: *const wxg_session_options) -> Result<Asked> {
    // SAFETY: handed on to the caller.
    unsafe { session(options, |openid, ms| client.reset_session(openid, ms)) }
}

pub(super) unsafe fn submit(
    client: *mut wxg_client,
    error: *mut *mut wxg_error,
    ask: impl FnOnce(&Client) -> Result<Asked>,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        wxg_client::guard(client, out(error), |client| {
            let (asked, user_tag) = ask(client)?;
            client.submit(asked, user_tag)
        })
    }
}

/// Asks, waits, and hands the completion out.
pub(super) unsafe fn call(
    client: *mut wxg_client,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
    ask: impl FnOnce(&Client) -> Result<Asked>,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        let mut place = out(out_completion);
        wxg_client::guard(client, out(error), |client| {
            not_null(out_completion, "out_completion")?;
            let (asked, user_tag) = ask(client)?;
            let completion = client.call(asked, user_tag, wait(timeout_ms))?;
            if let Some(place) = place.as_mut() {
                **place = wxg_completion::boxed(completion);
            }
            Ok(())
        })
    }
}

/// Asks WeChat to take `options->amount` coins from a player.
///
/// Copies, checks and enqueues: no disk, no network, may be called inside a frame. One completion of kind
/// WXG_KIND_PAY comes later. If its outcome is WXG_OUTCOME_UNKNOWN the library goes on, also after a restart, and
/// the final answer comes as WXG_KIND_RESOLVED. The payment is in the journal before it is sent. A bill_no that the
/// journal knows with the same parameters is answered from it; with others it completes with status
/// WXG_ERR_BILL_NO_CONFLICT.
///
/// `options` may be freed on return. Any thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_UNSUPPORTED_STRUCT,
/// WXG_ERR_QUEUE_FULL (poll, then try again), WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_pay(
    client: *mut wxg_client,
    options: *const wxg_pay_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| pay(client, options)) }
}

/// Asks WeChat to give `options->amount` coins to a player. As `wxg_client_submit_pay`, with kind
/// WXG_KIND_PRESENT; a gift cannot be cancelled.
///
/// Returns what `wxg_client_submit_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_present(
    client: *mut wxg_client,
    options: *const wxg_present_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| present(client, options)) }
}

/// Undoes a payment of this journal. One under way turns to cancel and is sent no more; one that is done and
/// acknowledged is given back, for 47 hours after it was sent, the whole or, with a refund_bill_no and an amount, a part
/// (WXG_GENERATION_V2). One completion of kind WXG_KIND_CANCEL_PAY comes:
/// WXG_OUTCOME_DONE (the coins are back, or were never taken), WXG_OUTCOME_REJECTED (the payment is done and
/// stays), WXG_OUTCOME_UNKNOWN (the library goes on; no cancel leaves before `late_window_ms` after the last pay
/// could have arrived), or outcome WXG_OUTCOME_NONE with status WXG_ERR_NOT_FOUND or WXG_ERR_WRONG_STATE. The
/// payment's own submission is answered as well.
///
/// A part is a journal record of its own: WXG_OUTCOME_DONE (the coins are back), WXG_OUTCOME_REJECTED or
/// WXG_OUTCOME_NOT_SENT (they are not and will not be by this refund_bill_no), WXG_OUTCOME_UNKNOWN (the library goes on,
/// the final answer comes as WXG_KIND_RESOLVED), to be acknowledged as a payment is.
///
/// Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_pay` returns; WXG_ERR_UNSUPPORTED (generation) for a part with Midas v1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_cancel_pay(
    client: *mut wxg_client,
    options: *const wxg_cancel_pay_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| cancel_pay(client, options)) }
}

/// Reads a player's coins. One completion of kind WXG_KIND_GET_BALANCE comes. Nothing is journaled; repeated by
/// itself until the deadline where no answer came. Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_pay` returns; WXG_ERR_UNSUPPORTED (coin_type) for the recharge centre with Midas v1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_get_balance(
    client: *mut wxg_client,
    options: *const wxg_get_balance_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| get_balance(client, options)) }
}

/// Logs a player in with the js_code of `wx.login`. One completion of kind WXG_KIND_LOGIN comes, with openid and,
/// where bound, unionid; the session_key stays inside the library and payments that waited for it go on. A
/// js_code is sent once: after WXG_OUTCOME_UNKNOWN ask the game client for a new one. Copies, checks and enqueues.
/// Any thread.
///
/// Returns what `wxg_client_submit_pay` returns; WXG_ERR_INVALID_ARGUMENT (app_secret) also where the client was opened
/// without one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_login(
    client: *mut wxg_client,
    options: *const wxg_login_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| login(client, options)) }
}

/// Asks WeChat whether the session_key that is kept of a player is still good. One completion of kind
/// WXG_KIND_CHECK_SESSION comes: WXG_OUTCOME_DONE (it is); WXG_OUTCOME_REJECTED with WXG_REASON_SESSION (there is none,
/// or it is not, errcode 87009: it is forgotten, log the player in), WXG_REASON_CREDENTIAL or WXG_REASON_CONFIGURATION
/// (WeChat refused to tell); WXG_OUTCOME_UNKNOWN or WXG_OUTCOME_NOT_SENT (no answer until the deadline, after
/// repeating). Not needed before a payment, which finds out by itself. Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_check_session(
    client: *mut wxg_client,
    options: *const wxg_session_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| check_session(client, options)) }
}

/// Has WeChat replace the session_key of a player, such as after it may have leaked; the new one stays inside the
/// library and ends when the old one would have. One completion of kind WXG_KIND_RESET_SESSION comes:
/// WXG_OUTCOME_DONE; WXG_OUTCOME_REJECTED with WXG_REASON_SESSION (there is none, or it was stale: log the player in),
/// WXG_REASON_CREDENTIAL or WXG_REASON_CONFIGURATION (WeChat refused); WXG_OUTCOME_NOT_SENT; WXG_OUTCOME_UNKNOWN (no
/// answer came, and it is not sent again: WeChat may have replaced the key; or another one came meanwhile, which stays).
/// Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_reset_session(
    client: *mut wxg_client,
    options: *const wxg_session_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| reset_session(client, options)) }
}

/// `wxg_client_submit_pay`, then waits for its completion, `timeout_ms` at the most (negative: without limit; it
/// comes by the deadline anyhow). `*out_completion` is yours to free.
///
/// WXG_ERR_TIMEOUT means that the waiting is over, never that the payment is: its completion then comes to the
/// queue with its user_tag. WXG_OK means that there is a completion: its outcome tells what became of the payment.
/// Any thread.
///
/// Returns WXG_OK, WXG_ERR_TIMEOUT, and what `wxg_client_submit_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_pay(
    client: *mut wxg_client,
    options: *const wxg_pay_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            pay(client, options)
        })
    }
}

/// `wxg_client_submit_present`, then waits as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_present(
    client: *mut wxg_client,
    options: *const wxg_present_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            present(client, options)
        })
    }
}

/// `wxg_client_submit_cancel_pay`, then waits as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_cancel_pay(
    client: *mut wxg_client,
    options: *const wxg_cancel_pay_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            cancel_pay(client, options)
        })
    }
}

/// `wxg_client_submit_get_balance`, then waits as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_get_balance(
    client: *mut wxg_client,
    options: *const wxg_get_balance_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            get_balance(client, options)
        })
    }
}

/// `wxg_client_submit_login`, then waits as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_login(
    client: *mut wxg_client,
    options: *const wxg_login_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            login(client, options)
        })
    }
}

/// `wxg_client_submit_check_session`, then waits as `wxg_client_pay` does.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_check_session(
    client: *mut wxg_client,
    options: *const wxg_session_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            check_session(client, options)
        })
    }
}

/// `wxg_client_submit_reset_session`, then waits as `wxg_client_pay` does.
///
/// Returns what `wxg_client_pay` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_reset_session(
    client: *mut wxg_client,
    options: *const wxg_session_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            reset_session(client, options)
        })
    }
}
