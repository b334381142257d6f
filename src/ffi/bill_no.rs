//! Numbers of orders: they need no handle.

use std::ffi::c_char;

use crate::client::bill_no;

use super::boundary::{guard, not_null, out};
use super::error::wxg_error;
use super::status::wxg_status;

/// Bytes that `wxg_bill_no_new` writes: 26 characters and a NUL.
pub const WXG_BILL_NO_SIZE: usize = 27;

/// Makes a new bill_no: 26 digits and capital letters, ordered by time, random beyond that, unique over
/// machines and restarts. Writes it with a NUL to `out_bill_no`, which has room for `WXG_BILL_NO_SIZE` bytes.
/// Store it with your order *before* you submit it, and keep it for every retry. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_UNSUPPORTED (the system gave no random bytes), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_bill_no_new(
    out_bill_no: *mut c_char,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promise on `error`.
    let error = unsafe { out(error) };
    if !out_bill_no.is_null() {
        // SAFETY: the caller promises room for WXG_BILL_NO_SIZE bytes.
        unsafe { out_bill_no.write_bytes(0, WXG_BILL_NO_SIZE) };
    }
    guard(error, || {
        not_null(out_bill_no, "out_bill_no")?;
        let bill_no = bill_no::new()?;
        // SAFETY: the caller promises room for WXG_BILL_NO_SIZE bytes; bill_no has one less.
        unsafe {
            std::ptr::copy_nonoverlapping(bill_no.as_ptr().cast(), out_bill_no, bill_no.len());
            out_bill_no.add(bill_no.len()).write(0);
        }
        Ok(())
    })
}
