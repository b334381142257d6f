//! The one error of this library: what kind, about which field, and how to mend it.

use std::borrow::Cow;
use std::fmt;

/// What went wrong, in the order of the C status numbers (`ffi::status`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A pointer that must not be NULL was NULL.
    NullArgument,
    /// A value breaks a rule; the error names the field and the rule.
    InvalidArgument,
    /// An options struct has a size, or a set field, this version does not know.
    UnsupportedStruct,
    /// This build or platform cannot do it.
    Unsupported,
    /// The client has been closed.
    Closed,
    /// As many submissions as allowed are waiting; poll, then try again.
    QueueFull,
    /// The wait ended before its answer came. The payment goes on.
    TimedOut,
    /// The library failed inside; the client was closed, the journal recovers.
    Panic,
    /// The handle was opened before a `fork` and belongs to the parent.
    Forked,
    /// The options do not fit together, or a file they name cannot be used.
    Configuration,
    /// Another client or process has this journal open.
    JournalInUse,
    /// The journal cannot be opened, read or written.
    Journal,
    /// The journal file is damaged.
    JournalCorrupt,
    /// The journal was written by a newer version of this library.
    JournalNewer,
    /// The bill_no is known with other parameters; nothing was sent.
    BillNoConflict,
    /// The journal does not know this bill_no.
    NotFound,
    /// The record is not in a state that allows this.
    WrongState,
}

/// An error that a person can act on. Never holds a key, a token or a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure.
    pub kind: Kind,
    /// The field or parameter at fault, empty where none is.
    pub field: &'static str,
    /// What was tried, what came of it, how to mend it.
    pub message: Cow<'static, str>,
}

impl Error {
    /// An error about no field in particular.
    pub fn new(kind: Kind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            field: "",
            message: message.into(),
        }
    }

    /// A refused value: `field` breaks the rule that `message` states.
    pub fn invalid(field: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind: Kind::InvalidArgument,
            field,
            message: message.into(),
        }
    }

    /// The same error, naming `field`.
    #[must_use]
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

impl std::error::Error for Error {}

/// The result of everything in this library that can fail.
pub type Result<T> = std::result::Result<T, Error>;
