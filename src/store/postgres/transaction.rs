//! Statements that are carried out together or not at all, behind the fence that keeps others out.

use std::ops::RangeInclusive;
use tokio::time::Instant;
use tokio_postgres::Row;

use super::ask::Ask;
use super::failure::Trouble;
use super::line::{Link, Replies};
use super::row;
use super::session::Scope;
use crate::error::{Error, Kind};
use crate::store::{JournalError, JournalResult, Tenure};

/// The clock of the database, which all servers share: Unix milliseconds.
pub(super) const NOW_MS: &str = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

/// What the database keeps to. Nobody waits long for a lock; and a server that was stopped in the middle of a
/// transaction keeps its own for no longer than it can make use of them.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = 7000; \
     SET LOCAL lock_timeout = 3000; SET LOCAL idle_in_transaction_session_timeout = 5000";

/// Keeps others from taking what this server has until the transaction ends; none where they were free to. Leaves
/// the mark by which a COMMIT without an answer is known.
const FENCE: &str = "INSERT INTO wxgame.commits (server, batch)
     SELECT id, $2 FROM wxgame.servers WHERE id = $1 AND dead = 0 FOR UPDATE
     RETURNING current_setting('synchronous_commit', true) AS synchronous_commit,
         current_setting('fsync', true) AS fsync";

/// What is under way: statements of one transaction, or, where nothing is changed, each for itself.
pub(super) struct Transaction<'a> {
    pub(super) link: &'a Link,
    pub(super) by: Instant,
    pub(super) scope: &'a Scope,
    pub(super) tenure: Tenure,
    /// The client takes itself for this server.
    pub(super) knows_itself: bool,
    /// Records that the client has perhaps not been told of.
    pub(super) unheard: &'a [i64],
    /// Records that this transaction takes over.
    pub(super) taken: Vec<i64>,
    /// The marks that nobody will ask about any more, and this transaction removes.
    pub(super) old_marks: RangeInclusive<i64>,
    /// The mark of this transaction, until it has begun.
    pub(super) fence: Option<i64>,
}

impl Transaction<'_> {
    /// Sends `asks` in this order; what they answer.
    pub(super) async fn ask(&mut self, asks: &[Ask<'_>]) -> Result<Replies, Trouble> {
        let Some(batch) = self.fence.take() else {
            return self.link.ask(None, asks, self.by).await;
        };
        let fence = Ask::new(FENCE).int(self.me()).int(batch);
        let asks = std::iter::once(&fence).chain(asks);
        let mut replies = self.link.ask(Some(BEGIN), asks, self.by).await?;
        match replies.next().and_then(|rows| rows.into_iter().next()) {
            Some(row) => check_settings(&row)?,
            None => return Err(Trouble::Fenced),
        }
        Ok(replies)
    }

    /// Sends one statement; its rows.
    pub(super) async fn rows(&mut self, ask: Ask<'_>) -> Result<Vec<Row>, Trouble> {
        Ok(self.ask(&[ask]).await?.next().unwrap_or_default())
    }

    /// This server, as the database shows it.
    pub(super) fn me(&self) -> i64 {
        self.tenure.server.cast_signed()
    }
}

/// Refuses a database that forgets what it has committed. The row has `synchronous_commit` and `fsync`.
pub(super) fn check_settings(row: &Row) -> JournalResult<()> {
    let refused = |why: &'static str| {
        Err(JournalError {
            error: Error::new(Kind::Journal, why),
            maybe_written: false,
        })
    };
    if row::get::<Option<&str>>(row, "synchronous_commit")? == Some("off") {
        return refused(
            "synchronous_commit is off for this user or database: it would lose payments in a crash; set it to on",
        );
    }
    if row::get::<Option<&str>>(row, "fsync")? == Some("off") {
        return refused(
            "fsync is off in this database: it would lose payments in a crash; set it to on",
        );
    }
    Ok(())
}
