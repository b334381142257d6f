//! One server's place in a shared journal, and transactions that are carried out once or not at all.
//!
//! ```text
//!   BEGIN, fence, statements ──► … ──► COMMIT ──► stored
//!      │ lost, or a conflict            │ no answer
//!      └──► again                       └──► its row in `commits` tells whether it was stored; if not, again
//! ```

use std::time::Duration;
use tokio::time::{Instant, sleep};

use super::ask::Ask;
use super::failure::Trouble;
use super::line::{Line, Link};
use super::transaction::{BEGIN, NOW_MS, Transaction};
use super::{ledger, servers};
use crate::os;
use crate::store::{JournalError, JournalResult, Tenure};

/// How long a call may take in all.
pub(super) const CALL: Duration = Duration::from_secs(10);

/// How much of it is left for asking what became of a COMMIT.
const READ_BACK: Duration = Duration::from_secs(3);

/// How often a batch is tried that is certainly not stored.
const TRIES: u32 = 8;

/// The first try after the first one is made at once: most often the connection was idle and is dead.
const PAUSES: [Duration; 6] = [
    Duration::ZERO,
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

/// A time-out in COMMIT would end its wait for a standby, and it would say that all is well.
const COMMIT: &str = "SET LOCAL statement_timeout = 0; COMMIT";

/// An (appid, environment).
pub(super) type Scope = (String, String);

/// One open journal.
pub(super) struct Session {
    pub(super) line: Line,
    pub(super) scope: Scope,
    pub(super) tenure: Tenure,
    /// How many transactions it has begun.
    batches: i64,
    /// Of those, so many are known by no mark any more.
    unmarked: i64,
    /// The server that the client takes itself for.
    pub(super) told: u64,
    /// Records that it took over and has perhaps not been told of.
    pub(super) unheard: Vec<i64>,
}

/// A COMMIT without an answer.
struct Lost<T> {
    answer: T,
    server: u64,
    batch: i64,
    trouble: Trouble,
}

impl Session {
    pub(super) fn new(line: Line, scope: Scope, lease_ms: i64) -> Session {
        Session {
            line,
            scope,
            tenure: Tenure {
                server: 0,
                lease_ms,
            },
            batches: 0,
            unmarked: 0,
            told: 0,
            unheard: Vec::new(),
        }
    }

    /// The client has been told who it is, and what it has taken over.
    pub(super) fn heard(&mut self) {
        self.told = self.tenure.server;
        self.unheard.clear();
    }

    /// The last transaction has removed the marks of those before it.
    pub(super) fn unmark(&mut self) {
        self.unmarked = self.batches - 1;
    }

    /// Runs `work` in one transaction, again where that helps, and answers once it is certainly stored.
    pub(super) async fn write<T>(
        &mut self,
        work: impl AsyncFn(&mut Transaction<'_>) -> Result<T, Trouble>,
    ) -> JournalResult<T> {
        let by = Instant::now() + CALL;
        let mut lost = None;
        let mut tries = 0;
        loop {
            let trouble = match self.try_to_write(&work, &mut lost, by).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            tries += 1;
            if !trouble.leaves_connection() {
                self.line.hang_up().await;
            }
            let again = match trouble {
                Trouble::Untold => false,
                _ if lost.is_some() => true,
                _ => trouble.is_passing() && tries < TRIES,
            };
            let pause = pause_after(tries);
            if !again || Instant::now() + pause >= by {
                return Err(trouble.told(self.line.address(), lost.is_some()));
            }
            sleep(pause).await;
        }
    }

    /// Runs `work`, which changes nothing.
    pub(super) async fn read<T>(
        &mut self,
        work: impl AsyncFn(&mut Transaction<'_>) -> Result<T, Trouble>,
    ) -> JournalResult<T> {
        let by = Instant::now() + CALL;
        let mut tries = 0;
        loop {
            let trouble = match self.try_to_read(&work, by).await {
                Ok(answer) => return Ok(answer),
                Err(trouble) => trouble,
            };
            tries += 1;
            if !trouble.leaves_connection() {
                self.line.hang_up().await;
            }
            let pause = pause_after(tries);
            if !trouble.is_passing() || tries >= TRIES || Instant::now() + pause >= by {
                return Err(trouble.told(self.line.address(), false));
            }
            sleep(pause).await;
        }
    }

    async fn try_to_read<T>(
        &mut self,
        work: &impl AsyncFn(&mut Transaction<'_>) -> Result<T, Trouble>,
        by: Instant,
    ) -> Result<T, Trouble> {
        let mut reading = Transaction {
            link: self.line.link(by).await?,
            by,
            scope: &self.scope,
            tenure: self.tenure,
            knows_itself: true,
            unheard: &[],
            taken: Vec::new(),
            old_marks: 0..=0,
            fence: None,
        };
        work(&mut reading).await
    }

    async fn try_to_write<T>(
        &mut self,
        work: &impl AsyncFn(&mut Transaction<'_>) -> Result<T, Trouble>,
        lost: &mut Option<Lost<T>>,
        by: Instant,
    ) -> Result<T, Trouble> {
        if let Some(before) = lost.take() {
            match self.read_back(before.server, before.batch, by).await {
                Ok(true) => return Ok(before.answer),
                Ok(false) if before.trouble.is_passing() => {}
                Ok(false) => return Err(before.trouble),
                Err(trouble) => {
                    *lost = Some(before);
                    self.line.hang_up().await;
                    return Err(trouble);
                }
            }
        }
        if self.tenure.server == 0 {
            self.register(by).await?;
        }
        let by = by - READ_BACK;
        self.batches += 1;
        let (server, batch) = (self.tenure.server, self.batches);
        let link = self.line.link(by).await?;
        let mut transaction = Transaction {
            link,
            by,
            scope: &self.scope,
            tenure: self.tenure,
            knows_itself: self.told == self.tenure.server,
            unheard: &self.unheard,
            taken: Vec::new(),
            old_marks: self.unmarked + 1..=batch - 1,
            fence: Some(batch),
        };
        let worked = work(&mut transaction).await;
        let taken = transaction.taken;
        let answer = match worked {
            Ok(answer) => answer,
            Err(trouble) => {
                self.give_up(&trouble, by).await;
                return Err(trouble);
            }
        };
        self.unheard.extend(taken);
        match link.simple(COMMIT, by).await {
            Ok(_) => Ok(answer),
            Err(trouble) if trouble.is_undone() => Err(trouble),
            Err(trouble) => {
                self.line.hang_up().await;
                *lost = Some(Lost {
                    answer,
                    server,
                    batch,
                    trouble,
                });
                Err(Trouble::Late)
            }
        }
    }

    /// Undoes what `trouble` has interrupted, so that the connection can be used again, or ends it.
    async fn give_up(&mut self, trouble: &Trouble, by: Instant) {
        let undone = trouble.leaves_connection()
            && match self.line.link(by).await {
                Ok(link) => link.simple("ROLLBACK", by).await.is_ok(),
                Err(_) => false,
            };
        if !undone {
            self.line.hang_up().await;
        }
        if matches!(trouble, Trouble::Fenced) {
            // The next try registers anew.
            self.tenure.server = 0;
        }
    }

    /// Whether a COMMIT without an answer was carried out. The row is locked as long as that is not decided. What was
    /// stored counts once a COMMIT after it has been answered: a synchronous standby then has both.
    async fn read_back(&mut self, server: u64, batch: i64, by: Instant) -> Result<bool, Trouble> {
        let server = server.cast_signed();
        let link = self.line.link(by).await?;
        // The second statement looks when the wait for the lock is over.
        let sql = format!(
            "{BEGIN}; SELECT id FROM wxgame.servers WHERE id = {server} FOR UPDATE;
             SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM wxgame.servers WHERE id = {server}) THEN 'gone'
                 WHEN EXISTS (SELECT 1 FROM wxgame.commits WHERE server = {server} AND batch = {batch}) THEN 'stored'
                 ELSE 'not stored' END;
             {COMMIT}"
        );
        match link.simple(&sql, by).await?.as_deref() {
            Some("stored") => Ok(true),
            Some("not stored") => Ok(false),
            _ => Err(Trouble::Untold),
        }
    }

    /// Takes a place among the servers, under a name that there never was.
    pub(super) async fn register(&mut self, by: Instant) -> Result<(), Trouble> {
        let mut chance = [0; 8];
        os::fill_random(&mut chance).map_err(|error| JournalError {
            error,
            maybe_written: false,
        })?;
        let server = (u64::from_be_bytes(chance) >> 1).max(1);
        let name = format!("{} ({})", self.line.application_name(), std::process::id());
        let ask = Ask::of(
            &self.scope,
            format!(
                "INSERT INTO wxgame.servers (id, appid, environment, name, started_at_ms, lease_until_ms, since_ms, dead)
                 SELECT $3, $1, $2, $4, now_ms, now_ms + $5, now_ms, 0 FROM (SELECT {NOW_MS} AS now_ms) AS clock"
            ),
        )
        .int(server.cast_signed())
        .text(&name)
        .int(self.tenure.lease_ms);
        self.line.link(by).await?.ask(None, &[ask], by).await?;
        self.tenure.server = server;
        Ok(())
    }

    /// Notes a time for all servers, in a statement of its own.
    pub(super) async fn note_time(&mut self, latest_ms: i64) -> Result<(), Trouble> {
        let by = Instant::now() + CALL;
        let ask = ledger::note_time(&self.scope, latest_ms);
        let link = self.line.link(by).await?;
        briefly(link, &[ask], by).await
    }

    /// Hands everything over to the other servers, and hangs up.
    pub(super) async fn close(&mut self, latest_ms: i64) -> Result<(), Trouble> {
        if self.tenure.server != 0 {
            let by = Instant::now() + CALL;
            let marks = self.unmarked + 1..=self.batches;
            let [dead, gone, marks] =
                servers::resign(&self.scope, self.tenure.server.cast_signed(), &marks);
            let asks = [ledger::note_time(&self.scope, latest_ms), dead, gone, marks];
            briefly(self.line.link(by).await?, &asks, by).await?;
        }
        self.line.hang_up().await;
        Ok(())
    }
}

/// How long to wait after so many tries.
fn pause_after(tries: u32) -> Duration {
    PAUSES[(tries as usize - 1).min(PAUSES.len() - 1)]
}

/// What nobody waits for, in a transaction of its own that waits for nobody either.
async fn briefly(link: &Link, asks: &[Ask<'_>], by: Instant) -> Result<(), Trouble> {
    let begin = "BEGIN; SET LOCAL lock_timeout = 500; SET LOCAL statement_timeout = 1000";
    link.ask(Some(begin), asks, by).await?;
    link.simple("COMMIT", by).await.map(drop)
}
