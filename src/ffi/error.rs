//! What a failed call has to say, as an object the caller owns.

use crate::error::Error;

use super::boundary::{Text, guard_plain, not_null, wxg_str};
use super::status::{WXG_ERR_NULL_ARGUMENT, status_of, wxg_status};

/// Why a call failed. Set by a call on failure only, where the caller passes a place for it; owned by the
/// caller, who frees it with `wxg_error_free`. Not changed after it is made: any thread may read it. Holds no
/// key, token or session.
pub struct wxg_error {
    status: wxg_status,
    field: Text,
    message: Text,
}

impl wxg_error {
    pub(super) fn boxed(error: Error) -> *mut wxg_error {
        Box::into_raw(Box::new(wxg_error {
            status: status_of(error.kind),
            field: Text::new(error.field.to_owned()),
            message: Text::new(error.message.into_owned()),
        }))
    }
}

/// The status the failed call returned; WXG_ERR_NULL_ARGUMENT for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_error_status(error: *const wxg_error) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { error.as_ref() }.map_or(WXG_ERR_NULL_ARGUMENT, |error| error.status)
}

/// The field or parameter at fault, empty where none is. `*out_field` is borrowed until the error is freed.
/// Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_error_field(
    error: *const wxg_error,
    out_field: *mut wxg_str,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { read(error, out_field, |error| &error.field) }
}

/// What was tried, what came of it and how to mend it, in English. `*out_message` is borrowed until the error is
/// freed. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_error_message(
    error: *const wxg_error,
    out_message: *mut wxg_str,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { read(error, out_message, |error| &error.message) }
}

unsafe fn read(
    error: *const wxg_error,
    out: *mut wxg_str,
    text: impl FnOnce(&wxg_error) -> &Text,
) -> wxg_status {
    guard_plain(|| {
        not_null(out, "out")?;
        // SAFETY: not NULL, the caller says writable.
        unsafe { out.write(wxg_str::EMPTY) };
        not_null(error, "error")?;
        // SAFETY: not NULL, the caller says alive.
        unsafe { out.write(text(&*error).view()) };
        Ok(())
    })
}

/// Frees an error; NULL does nothing. Its texts must not be read afterwards. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_error_free(error: *mut wxg_error) {
    guard_plain(|| {
        if !error.is_null() {
            // SAFETY: made by `boxed`, and the caller frees it once.
            drop(unsafe { Box::from_raw(error) });
        }
        Ok(())
    });
}
