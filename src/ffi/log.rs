//! Log records, pulled.

use std::mem::size_of;

use crate::error::{Error, Result};

use super::boundary::{Sized32, Text, clear_struct, guard_plain, not_null, write_struct, wxg_str};
use super::client::wxg_client;
use super::status::wxg_status;

/// One log record: opaque, read with `wxg_log_record_read`, yours to free with `wxg_log_record_free`. May outlive
/// its client; any thread may read it.
pub struct wxg_log_record {
    view: wxg_log_record_view,
    _message: Text,
}

/// A log record as it can be read. Initialise with WXG_LOG_RECORD_VIEW_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_log_record_view {
    /// sizeof(wxg_log_record_view), set by WXG_LOG_RECORD_VIEW_INIT.
    pub struct_size: u32,
    /// WXG_LOG_ERROR to WXG_LOG_DEBUG.
    pub level: i32,
    /// Unix time in milliseconds.
    pub time_ms: i64,
    /// What happened, in English. Holds no body, key, token or whole openid. Borrowed until the record is freed.
    pub message: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_log_record_view {}

/// Takes up to `capacity` log records, oldest first; `*out_count` may be 0. The client keeps 1,024; when it had to
/// drop some, a record of its own says how many. Works on a closed client too. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (capacity 0), WXG_ERR_FORKED, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_poll_log(
    client: *mut wxg_client,
    out_records: *mut *mut wxg_log_record,
    capacity: usize,
    out_count: *mut usize,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers; out_records has room for `capacity`.
    unsafe {
        if let Some(count) = out_count.as_mut() {
            *count = 0;
        }
        wxg_client::guard(client, None, |client| {
            not_null(out_records, "out_records")?;
            not_null(out_count, "out_count")?;
            if capacity == 0 {
                return Err(Error::invalid("capacity", "must be at least 1"));
            }
            while *out_count < capacity {
                let Some(record) = client.pop_log() else {
                    return Ok(());
                };
                let message = Text::new(record.message);
                let view = wxg_log_record_view {
                    struct_size: size_of::<wxg_log_record_view>() as u32,
                    level: record.level as i32,
                    time_ms: record.time_ms,
                    message: message.view(),
                };
                *out_records.add(*out_count) = Box::into_raw(Box::new(wxg_log_record {
                    view,
                    _message: message,
                }));
                *out_count += 1;
            }
            Result::Ok(())
        })
    }
}

/// Reads a log record into `*out_view`. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (struct_size), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_log_record_read(
    record: *const wxg_log_record,
    out_view: *mut wxg_log_record_view,
) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { clear_struct(out_view) };
    guard_plain(|| {
        not_null(record, "record")?;
        // SAFETY: not NULL, the caller says alive; out_view by its own size.
        unsafe { write_struct(&(*record).view, out_view) }
    })
}

/// Frees a log record; NULL does nothing. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_log_record_free(record: *mut wxg_log_record) {
    guard_plain(|| {
        if !record.is_null() {
            // SAFETY: made by poll_log, and the caller frees it once.
            drop(unsafe { Box::from_raw(record) });
        }
        Ok(())
    });
}
