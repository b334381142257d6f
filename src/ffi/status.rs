//! The frozen status numbers. Numbers are only added; a retired one stays listed.

use std::ffi::c_char;

use crate::error::Kind;

/// What a call came to: `WXG_OK` or one of `WXG_ERR_…`. Numbers never change their meaning; new ones may come,
/// so treat a number you do not know as a failure.
pub type wxg_status = i32;

/// Success.
pub const WXG_OK: wxg_status = 0;
/// A pointer that must not be NULL is NULL. Nothing was done.
pub const WXG_ERR_NULL_ARGUMENT: wxg_status = 1;
/// A value breaks a rule: `wxg_error_field` names it, `wxg_error_message` the rule. Nothing was done.
pub const WXG_ERR_INVALID_ARGUMENT: wxg_status = 2;
/// A struct has fields set which this version of the library does not know. Nothing was done.
pub const WXG_ERR_UNSUPPORTED_STRUCT: wxg_status = 3;
/// This build or platform cannot do it.
pub const WXG_ERR_UNSUPPORTED: wxg_status = 4;
/// The client, or album, is closed. From poll and wait: and everything has been handed out.
pub const WXG_ERR_CLOSED: wxg_status = 5;
/// As many submissions as `queue_capacity` wait for completion or polling. Poll, then try again.
pub const WXG_ERR_QUEUE_FULL: wxg_status = 6;
/// The wait is over. What was waited for goes on: its completion comes to the queue with its user_tag.
pub const WXG_ERR_TIMEOUT: wxg_status = 7;
/// The library failed inside and closed this client, or album. Open a new one: the journal recovers.
pub const WXG_ERR_PANIC: wxg_status = 8;
/// The client, or album, was opened before a fork and belongs to the parent process. Open one in the child.
pub const WXG_ERR_FORKED: wxg_status = 9;
/// A file or folder that the options name cannot be used: the journal's path, ca_file, or a folder of an album. The
/// message says how to mend it.
pub const WXG_ERR_CONFIGURATION: wxg_status = 10;
/// Another process, or another client of this appid and environment, has the journal open.
pub const WXG_ERR_JOURNAL_IN_USE: wxg_status = 11;
/// The journal cannot be read or written: the disk is full, or failing.
pub const WXG_ERR_JOURNAL: wxg_status = 12;
/// The journal file is damaged. Restore it from a backup; do not delete it while payments may be open.
pub const WXG_ERR_JOURNAL_CORRUPT: wxg_status = 13;
/// The journal was written by a newer version of this library.
pub const WXG_ERR_JOURNAL_NEWER: wxg_status = 14;
/// The bill_no is known with other parameters. Nothing was sent.
pub const WXG_ERR_BILL_NO_CONFLICT: wxg_status = 15;
/// The journal does not know this bill_no. Nothing was sent.
pub const WXG_ERR_NOT_FOUND: wxg_status = 16;
/// The payment does not stand where this is possible; the message says where it stands. Of an album: nobody waits for
/// this answer.
pub const WXG_ERR_WRONG_STATE: wxg_status = 17;

pub(super) fn status_of(kind: Kind) -> wxg_status {
    match kind {
        Kind::NullArgument => WXG_ERR_NULL_ARGUMENT,
        Kind::InvalidArgument => WXG_ERR_INVALID_ARGUMENT,
        Kind::UnsupportedStruct => WXG_ERR_UNSUPPORTED_STRUCT,
        Kind::Unsupported => WXG_ERR_UNSUPPORTED,
        Kind::Closed => WXG_ERR_CLOSED,
        Kind::QueueFull => WXG_ERR_QUEUE_FULL,
        Kind::TimedOut => WXG_ERR_TIMEOUT,
        Kind::Panic => WXG_ERR_PANIC,
        Kind::Forked => WXG_ERR_FORKED,
        Kind::Configuration => WXG_ERR_CONFIGURATION,
        Kind::JournalInUse => WXG_ERR_JOURNAL_IN_USE,
        Kind::Journal => WXG_ERR_JOURNAL,
        Kind::JournalCorrupt => WXG_ERR_JOURNAL_CORRUPT,
        Kind::JournalNewer => WXG_ERR_JOURNAL_NEWER,
        Kind::BillNoConflict => WXG_ERR_BILL_NO_CONFLICT,
        Kind::NotFound => WXG_ERR_NOT_FOUND,
        Kind::WrongState => WXG_ERR_WRONG_STATE,
    }
}

/// The name of a status, such as `"WXG_ERR_CLOSED"`. Static, NUL-terminated, never NULL; an unknown number
/// gives `"WXG_ERR_UNKNOWN_STATUS"`. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn wxg_status_text(status: wxg_status) -> *const c_char {
    let text = match status {
        WXG_OK => c"WXG_OK",
        WXG_ERR_NULL_ARGUMENT => c"WXG_ERR_NULL_ARGUMENT",
        WXG_ERR_INVALID_ARGUMENT => c"WXG_ERR_INVALID_ARGUMENT",
        WXG_ERR_UNSUPPORTED_STRUCT => c"WXG_ERR_UNSUPPORTED_STRUCT",
        WXG_ERR_UNSUPPORTED => c"WXG_ERR_UNSUPPORTED",
        WXG_ERR_CLOSED => c"WXG_ERR_CLOSED",
        WXG_ERR_QUEUE_FULL => c"WXG_ERR_QUEUE_FULL",
        WXG_ERR_TIMEOUT => c"WXG_ERR_TIMEOUT",
        WXG_ERR_PANIC => c"WXG_ERR_PANIC",
        WXG_ERR_FORKED => c"WXG_ERR_FORKED",
        WXG_ERR_CONFIGURATION => c"WXG_ERR_CONFIGURATION",
        WXG_ERR_JOURNAL_IN_USE => c"WXG_ERR_JOURNAL_IN_USE",
        WXG_ERR_JOURNAL => c"WXG_ERR_JOURNAL",
        WXG_ERR_JOURNAL_CORRUPT => c"WXG_ERR_JOURNAL_CORRUPT",
        WXG_ERR_JOURNAL_NEWER => c"WXG_ERR_JOURNAL_NEWER",
        WXG_ERR_BILL_NO_CONFLICT => c"WXG_ERR_BILL_NO_CONFLICT",
        WXG_ERR_NOT_FOUND => c"WXG_ERR_NOT_FOUND",
        WXG_ERR_WRONG_STATE => c"WXG_ERR_WRONG_STATE",
        _ => c"WXG_ERR_UNKNOWN_STATUS",
    };
    text.as_ptr()
}
