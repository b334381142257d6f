//! What the database's errors mean for the host: which kind, what to do, and whether a second try may help.

use std::error::Error as _;
use tokio_postgres::error::{DbError, Severity, SqlState};

use crate::error::{Error, Kind};
use crate::store::JournalError;

/// Why a try did not come to its end.
pub(super) enum Trouble {
    /// The host is told; another try would end the same way.
    Final(JournalError),
    /// What the database said, or what became of the connection.
    Driver(tokio_postgres::Error),
    /// The time was over.
    Late,
    /// This server counts as dead: others were free to take what it had.
    Fenced,
    /// Another server changed the same numbers at the same moment.
    Crossed,
    /// Nobody can say any more whether the COMMIT before was carried out.
    Untold,
}

impl From<tokio_postgres::Error> for Trouble {
    fn from(error: tokio_postgres::Error) -> Self {
        Trouble::Driver(error)
    }
}

impl From<JournalError> for Trouble {
    fn from(error: JournalError) -> Self {
        Trouble::Final(error)
    }
}

impl Trouble {
    /// Whether another try may succeed.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Trouble::Fenced | Trouble::Crossed => true,
            Trouble::Final(_) | Trouble::Late | Trouble::Untold => false,
            Trouble::Driver(error) => match error.as_db_error() {
                Some(told) => passes(told.code()),
                // Without a word of the database: the connection was lost, or there was none to be had.
                None => !is_tls(error),
            },
        }
    }

    /// Whether the database has certainly undone what it was asked to commit.
    pub(super) fn is_undone(&self) -> bool {
        matches!(self, Trouble::Driver(error) if error.code().is_some_and(is_conflict))
    }

    /// Whether the connection can be used again after a ROLLBACK.
    pub(super) fn leaves_connection(&self) -> bool {
        match self {
            Trouble::Final(_) | Trouble::Fenced | Trouble::Crossed | Trouble::Untold => true,
            Trouble::Late => false,
            Trouble::Driver(error) => error.as_db_error().is_some_and(|told| {
                told.parsed_severity() == Some(Severity::Error)
                    && *told.code() != SqlState::READ_ONLY_SQL_TRANSACTION
            }),
        }
    }

    /// For the host. `maybe_written`: a COMMIT before has had no answer.
    pub(super) fn told(self, address: &str, maybe_written: bool) -> JournalError {
        let error = match self {
            Trouble::Final(failure) => {
                return JournalError {
                    maybe_written: failure.maybe_written || maybe_written,
                    ..failure
                };
            }
            Trouble::Driver(error) => Error::new(
                kind_of(&error),
                format!("the journal failed: {}", explained(&error, address)),
            ),
            Trouble::Late => Error::new(
                Kind::Journal,
                format!(
                    "the journal failed: {address} did not answer in time; see whether it is overloaded, or a lock is held there"
                ),
            ),
            Trouble::Fenced | Trouble::Crossed => Error::new(
                Kind::Journal,
                format!(
                    "the journal failed: other servers got in the way at {address} again and again"
                ),
            ),
            Trouble::Untold => Error::new(
                Kind::Journal,
                format!(
                    "the journal failed: {address} lost the answer of a COMMIT, and the row of this server in wxgame.servers is gone"
                ),
            ),
        };
        JournalError {
            error,
            maybe_written,
        }
    }

    /// For who opens the journal.
    pub(super) fn opening(self, address: &str) -> Error {
        let (kind, why) = match self {
            Trouble::Final(failure) => (failure.error.kind, failure.error.message.into_owned()),
            Trouble::Driver(error) => (kind_of(&error), explained(&error, "")),
            Trouble::Late => (
                Kind::Journal,
                "it did not answer in time; see that host, port and firewall are right".to_owned(),
            ),
            Trouble::Fenced | Trouble::Crossed | Trouble::Untold => (
                Kind::Journal,
                "other servers got in the way again and again".to_owned(),
            ),
        };
        let kind = match kind {
            Kind::JournalCorrupt | Kind::JournalNewer => kind,
            _ => Kind::Configuration,
        };
        let message = format!("cannot open the journal in {address}: {why}");
        Error::new(kind, message).about("journal")
    }
}

/// The SQLSTATE of an error of the database's.
pub(super) fn is_state(trouble: &Trouble, states: &[SqlState]) -> bool {
    matches!(trouble, Trouble::Driver(error) if error.code().is_some_and(|code| states.contains(code)))
}

/// Two transactions got in each other's way, and the database has undone this one.
fn is_conflict(code: &SqlState) -> bool {
    *code == SqlState::T_R_SERIALIZATION_FAILURE || *code == SqlState::T_R_DEADLOCK_DETECTED
}

fn passes(code: &SqlState) -> bool {
    is_conflict(code)
        || [
            SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            // A standby now: the next connection looks for the one that takes writes.
            SqlState::READ_ONLY_SQL_TRANSACTION,
            SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
            // A transaction of a connection that is no more holds it, until the database ends that.
            SqlState::LOCK_NOT_AVAILABLE,
        ]
        .contains(code)
        || code.code().starts_with("08")
}

fn is_tls(error: &tokio_postgres::Error) -> bool {
    // The driver keeps the kind of its errors to itself.
    error.to_string() == "error performing TLS handshake"
}

fn kind_of(error: &tokio_postgres::Error) -> Kind {
    match error.code() {
        Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => {
            Kind::JournalCorrupt
        }
        // Data that it does not take: 22 data exception, 23 constraint, 54 program limit.
        Some(code) if ["22", "23", "54"].contains(&&code.code()[..2]) => Kind::InvalidArgument,
        _ => Kind::Journal,
    }
}

/// What to do, then the driver's words; at `address`, where that is to be told.
fn explained(error: &tokio_postgres::Error, address: &str) -> String {
    let told = words(error);
    let told = match address {
        "" => told,
        address => format!("{address}: {told}"),
    };
    match error
        .as_db_error()
        .and_then(remedy)
        .or_else(|| is_tls(error).then_some(TLS))
    {
        Some(remedy) => format!("{remedy} ({told})"),
        None => told,
    }
}

const TLS: &str = "TLS with a verified certificate is required, see that the server has it on (ssl = on), that its \
     certificate is for the host that the URL names, and that sslrootcert names the CA that signed it";

fn remedy(told: &DbError) -> Option<&'static str> {
    let code = told.code();
    let is = |state: SqlState| *code == state;
    Some(match () {
        () if is(SqlState::DISK_FULL) => "the database's disk is full, free some space",
        () if is(SqlState::OUT_OF_MEMORY) => "the database is out of memory",
        () if is(SqlState::TOO_MANY_CONNECTIONS) => {
            "the database takes no more connections, raise max_connections or use a pooler"
        }
        () if is(SqlState::READ_ONLY_SQL_TRANSACTION) => {
            "it takes no writes, name the primary, or all hosts one of which is it"
        }
        () if is(SqlState::INSUFFICIENT_PRIVILEGE) => {
            "this user lacks a right: CREATE on the database (or on a schema wxgame that is there) to create the \
             tables, else USAGE on the schema wxgame, SELECT, INSERT, UPDATE and DELETE on its tables and USAGE on \
             its sequence; a DBA may create them instead, see the manual"
        }
        () if is(SqlState::INVALID_PASSWORD)
            || is(SqlState::INVALID_AUTHORIZATION_SPECIFICATION) =>
        {
            "see that user and password are right, and that pg_hba.conf lets this user in from here"
        }
        () if is(SqlState::INVALID_CATALOG_NAME) => "there is no such database, create it first",
        () if is(SqlState::UNDEFINED_TABLE)
            || is(SqlState::UNDEFINED_COLUMN)
            || is(SqlState::INVALID_SCHEMA_NAME) =>
        {
            "a part of the schema wxgame is missing, put it back from a backup"
        }
        () if is(SqlState::LOCK_NOT_AVAILABLE) || is(SqlState::QUERY_CANCELED) => {
            "another program keeps rows of the schema wxgame locked, or the database is overloaded"
        }
        () if is(SqlState::ADMIN_SHUTDOWN)
            || is(SqlState::CRASH_SHUTDOWN)
            || is(SqlState::CANNOT_CONNECT_NOW) =>
        {
            "the database is starting or stopping, see its log"
        }
        () if is(SqlState::DATA_CORRUPTED) || is(SqlState::INDEX_CORRUPTED) => {
            "the database is damaged, put it back from a backup"
        }
        () => return None,
    })
}

/// What the database or the driver says, without the values that a detail may quote.
fn words(error: &tokio_postgres::Error) -> String {
    if let Some(told) = error.as_db_error() {
        return format!("{}, SQLSTATE {}", told.message(), told.code().code());
    }
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Aim: only what may end better is tried again.
    #[test]
    fn a_second_try_is_for_what_passes() {
        for code in [
            "40001", "40P01", "40003", "57P01", "57P02", "57P03", "53300", "25006", "08006",
            "08P01", "55P03",
        ] {
            assert!(passes(&SqlState::from_code(code)), "{code}");
        }
        for code in [
            "53100", "42501", "42P01", "23514", "22021", "57014", "28P01", "3D000", "XX001",
        ] {
            assert!(!passes(&SqlState::from_code(code)), "{code}");
        }
    }

    /// Aim: after a COMMIT, only what says that it was undone is taken for undone.
    #[test]
    fn only_a_conflict_is_undone_for_certain() {
        for (code, undone) in [
            ("40001", true),
            ("40P01", true),
            ("40003", false),
            ("57P01", false),
            ("08006", false),
        ] {
            assert_eq!(is_conflict(&SqlState::from_code(code)), undone, "{code}");
        }
    }
}
