//! What SQLite's errors mean for the host: which kind, what to do, and whether the disk may hold the change.

use rusqlite::ErrorCode;
use std::path::Path;

use crate::error::{Error, Kind};
use crate::store::JournalError;

const FULL: &str = "the disk is full, free some space";

/// An error while the journal at `path` was being opened.
pub(super) fn opening(path: &Path, error: &rusqlite::Error) -> Error {
    let kind = match kind_of(error) {
        Kind::InvalidArgument => Kind::Journal,
        kind => kind,
    };
    let message = format!("cannot open {}: {}", path.display(), explained(error));
    Error::new(kind, message).about("journal")
}

/// An error before COMMIT, or in a read: the disk does not hold the change.
pub(super) fn not_written(error: &rusqlite::Error) -> JournalError {
    JournalError {
        error: journal(error),
        maybe_written: false,
    }
}

/// An error in COMMIT: the disk may hold the change unless SQLite says why it cannot.
///
/// A full disk is such a reason: COMMIT writes its mark last, and what ran out of room is not complete.
/// An I/O error is none: the mark may have been written and only its flush have failed, and then the
/// change comes back with the next open.
pub(super) fn in_commit(error: &rusqlite::Error) -> JournalError {
    let certain = matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::CannotOpen
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::ConstraintViolation
        )
    );
    JournalError {
        error: journal(error),
        maybe_written: !certain,
    }
}

fn journal(error: &rusqlite::Error) -> Error {
    Error::new(
        kind_of(error),
        format!("the journal failed: {}", explained(error)),
    )
}

fn kind_of(error: &rusqlite::Error) -> Kind {
    use rusqlite::Error as E;
    match error {
        // A value of a type or name that this library never wrote.
        E::FromSqlConversionFailure(..)
        | E::Utf8Error(..)
        | E::InvalidColumnType(..)
        | E::IntegralValueOutOfRange(..) => Kind::JournalCorrupt,
        _ => match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Kind::JournalCorrupt,
            Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig) => Kind::InvalidArgument,
            _ => Kind::Journal,
        },
    }
}

fn explained(error: &rusqlite::Error) -> String {
    let remedy = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => FULL,
        Some(ErrorCode::ReadOnly) => {
            "it is read-only, give this user the right to write it and its directory"
        }
        Some(ErrorCode::CannotOpen) => {
            "its file cannot be opened, see that it and its directory are there"
        }
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program keeps it locked, end that program's transaction"
        }
        // Opening maps the file `-shm`: a full disk shows there first.
        Some(ErrorCode::SystemIoFailure)
            if error
                .sqlite_error()
                .is_some_and(|told| told.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE) =>
        {
            FULL
        }
        Some(ErrorCode::SystemIoFailure) => {
            "the disk answers with an I/O error, see the system's log"
        }
        Some(ErrorCode::NotADatabase) => {
            "it is not a journal; name another file, or put back the right one"
        }
        Some(ErrorCode::DatabaseCorrupt) => {
            "it is damaged; keep it aside, `sqlite3 <file> .recover` may save it"
        }
        _ => return error.to_string(),
    };
    format!("{remedy} ({error})")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::ffi;

    fn sqlite(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    /// Aim: *maybe written* is said exactly where the disk may hold the change.
    #[test]
    fn only_an_unexplained_failure_of_commit_may_have_written() {
        for code in [
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_READONLY_DBMOVED,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_BUSY,
            ffi::SQLITE_BUSY_SNAPSHOT,
            ffi::SQLITE_LOCKED,
            ffi::SQLITE_CONSTRAINT,
        ] {
            assert!(!in_commit(&sqlite(code)).maybe_written, "code {code}");
        }
        for code in [
            ffi::SQLITE_IOERR,
            ffi::SQLITE_IOERR_FSYNC,
            ffi::SQLITE_IOERR_WRITE,
            ffi::SQLITE_NOMEM,
            ffi::SQLITE_CORRUPT,
        ] {
            assert!(in_commit(&sqlite(code)).maybe_written, "code {code}");
            assert!(!not_written(&sqlite(code)).maybe_written, "code {code}");
        }
    }

    /// Aim: damage is told apart from a failing disk.
    #[test]
    fn damage_has_its_own_kind() {
        assert_eq!(
            in_commit(&sqlite(ffi::SQLITE_CORRUPT)).error.kind,
            Kind::JournalCorrupt
        );
        assert_eq!(
            not_written(&sqlite(ffi::SQLITE_NOTADB)).error.kind,
            Kind::JournalCorrupt
        );
        assert_eq!(
            not_written(&sqlite(ffi::SQLITE_IOERR_READ)).error.kind,
            Kind::Journal
        );
    }
}
