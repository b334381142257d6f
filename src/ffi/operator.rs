//! What an operator asks of a journal, and decides.

use crate::client::Client;
use crate::client::submission::Operator;
use crate::error::{Error, Result};

use super::boundary::{not_null, out, wait, wxg_str};
use super::client::wxg_client;
use super::completion::{WXG_OUTCOME_DONE, WXG_OUTCOME_REJECTED, put, wxg_completion};
use super::error::wxg_error;
use super::status::wxg_status;
use super::submit::call;

unsafe fn ask(
    client: *mut wxg_client,
    bill_no: *const wxg_str,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
    operator: impl FnOnce(String) -> Result<Operator>,
) -> wxg_status {
    let asked = |client: &Client| {
        not_null(bill_no, "bill_no")?;
        // SAFETY: not NULL, and its text is the caller's promise.
        let bill_no = unsafe { (*bill_no).read("bill_no")? };
        Ok((client.operator(operator(bill_no.to_owned())?, 0)?, 0))
    };
    // SAFETY: handed on to the caller.
    unsafe { call(client, timeout_ms, out_completion, error, asked) }
}

/// Looks one payment up: `*out_completion`, of kind WXG_KIND_PAYMENT, says where it stands, since when, and what it
/// waits for. Outcome WXG_OUTCOME_NONE with status WXG_ERR_NOT_FOUND: this journal never sent it. Nothing is sent.
/// The completion is yours to free. Waits for the journal, `timeout_ms` at the most (negative: without limit). Any
/// thread.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (bill_no), WXG_ERR_TIMEOUT,
/// WXG_ERR_QUEUE_FULL, WXG_ERR_CLOSED, WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_payment(
    client: *mut wxg_client,
    bill_no: *const wxg_str,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        ask(
            client,
            bill_no,
            timeout_ms,
            out_completion,
            error,
            |bill_no| Ok(Operator::Payment { bill_no }),
        )
    }
}

/// Lists the payments that are open, parked or held, or that need review, oldest first: up to `capacity` (1 to 1,024)
/// completions of kind WXG_KIND_PAYMENT with a record_id above `after_id` (0 for the first page, then the last
/// record_id of the page before). Item orders that wait for their player are not among them. Fewer than `capacity` means
/// that there are no more. Each is yours to free. Waits as `wxg_client_payment` does. Any thread.
///
/// Returns what `wxg_client_payment` returns, and WXG_ERR_JOURNAL (it cannot be read).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_list_unresolved(
    client: *mut wxg_client,
    after_id: u64,
    timeout_ms: i64,
    out_completions: *mut *mut wxg_completion,
    capacity: usize,
    out_count: *mut usize,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers; out_completions has room for `capacity`.
    unsafe {
        if let Some(count) = out_count.as_mut() {
            *count = 0;
        }
        wxg_client::guard(client, out(error), |client: &Client| {
            not_null(out_completions, "out_completions")?;
            not_null(out_count, "out_count")?;
            let most = match u32::try_from(capacity) {
                Ok(most @ 1..=LONGEST_PAGE) => most,
                _ => return Err(Error::invalid("capacity", "must be 1 to 1,024")),
            };
            let operator = Operator::Unresolved { after_id, most };
            let told = client.call(client.operator(operator, 0)?, 0, wait(timeout_ms))?;
            if let Some(kind) = told.error {
                return Err(Error::new(kind, told.errmsg));
            }
            let page = told.page.into_iter().map(wxg_completion::boxed);
            put(out_completions, out_count, page);
            Ok(())
        })
    }
}

/// The longest page of a listing.
const LONGEST_PAGE: u32 = 1_024;

/// Decides a payment that needs review, or is held: `outcome` is WXG_OUTCOME_DONE or WXG_OUTCOME_REJECTED, as the
/// person found out with WeChat. The decision is journaled, final, and delivered like any final answer.
/// `*out_completion`, of kind WXG_KIND_SETTLE, says where the payment now stands, or has outcome WXG_OUTCOME_NONE and
/// status WXG_ERR_WRONG_STATE (it is closed, or goes on by itself) or WXG_ERR_NOT_FOUND. Waits as
/// `wxg_client_payment` does. Any thread.
///
/// Returns what `wxg_client_payment` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_settle(
    client: *mut wxg_client,
    bill_no: *const wxg_str,
    outcome: u32,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        ask(
            client,
            bill_no,
            timeout_ms,
            out_completion,
            error,
            |bill_no| {
                let done = match outcome {
                    WXG_OUTCOME_DONE => true,
                    WXG_OUTCOME_REJECTED => false,
                    _ => {
                        return Err(Error::invalid(
                            "outcome",
                            "must be WXG_OUTCOME_DONE or WXG_OUTCOME_REJECTED",
                        ));
                    }
                };
                Ok(Operator::Settle { bill_no, done })
            },
        )
    }
}

/// Lets a payment go on that is held because the client was opened with WXG_RECOVERY_HOLD. `*out_completion`, of
/// kind WXG_KIND_RESUME, says what it now waits for, or has status WXG_ERR_WRONG_STATE or WXG_ERR_NOT_FOUND. Waits
/// as `wxg_client_payment` does. Any thread.
///
/// Returns what `wxg_client_payment` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_resume(
    client: *mut wxg_client,
    bill_no: *const wxg_str,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        ask(
            client,
            bill_no,
            timeout_ms,
            out_completion,
            error,
            |bill_no| Ok(Operator::Resume { bill_no }),
        )
    }
}
