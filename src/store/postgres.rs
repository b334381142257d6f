//! The journal in a PostgreSQL database, which many servers share.
//!
//! A record that is not over belongs to one server, by a lease that it keeps; who loses the lease loses what it had,
//! and writes nothing of it any more ([`session`]). A commit is durable where the database has said so: two round
//! trips, however many writes ride on it ([`batch`]). A COMMIT whose answer is lost is asked about before anything
//! is answered. `postgres/v1.sql` is the schema and its manual.

mod ask;
mod batch;
mod failure;
mod ledger;
mod line;
mod parts;
mod payments;
mod refunds;
mod row;
mod run;
mod schema;
mod seals;
mod servers;
mod session;
mod tls;
mod transaction;
mod url;

use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::{Instant, timeout};

use self::failure::Trouble;
use self::line::Line;
use self::session::Session;
use self::url::Target;
use super::{Journal, JournalResult, Recovered, Write, Written};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::os::BlockedSignals;

/// How long a close may take to tell the others.
const FAREWELL: Duration = Duration::from_secs(1);

/// What is journaled for one (appid, environment) in a PostgreSQL database. One thread at a time.
///
/// Any number of clients, in any number of processes, may have one open for the same pair. Each call ends within ten
/// seconds, and connects again where that is needed.
pub struct Postgres {
    session: Session,
    /// The latest time that this journal has stored.
    latest_ms: i64,
    // Last: what the session drops belongs to it.
    runtime: Option<Runtime>,
}

impl Postgres {
    /// Opens the journal in the database of this URL, and creates its tables there if they are missing.
    ///
    /// `postgres://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?sslmode=verify-full&sslrootcert=CA.pem`: of several
    /// hosts the first that takes writes. TLS with a verified certificate is required unless `sslmode=disable` is
    /// written or every host is this machine. `lease_ms`, greater than 0: after so long without a heartbeat others
    /// may take over what this client has. `environment` is `production` or `sandbox`.
    ///
    /// Blocks for up to ten seconds. Fails with `Configuration` where the URL is wrong, the database cannot be
    /// reached or used or would lose commits; `JournalNewer`, `JournalCorrupt`. Never shows the URL.
    pub fn open(url: &str, lease_ms: i64, appid: &str, environment: &str) -> Result<Postgres> {
        if appid.is_empty() || appid.contains('\0') {
            return Err(Error::invalid("appid", "is empty, or has a NUL character"));
        }
        if !matches!(environment, "production" | "sandbox") {
            return Err(Error::invalid(
                "environment",
                "is neither production nor sandbox",
            ));
        }
        if lease_ms <= 0 {
            return Err(Error::invalid("lease_ms", "is not greater than 0"));
        }
        if Handle::try_current().is_ok() {
            let message = "an async runtime runs on this thread, which must not block; open the journal on another one";
            return Err(Error::new(ErrorKind::Unsupported, message));
        }
        let line = Line::to(Target::of(url)?)?;
        let scope = (appid.to_owned(), environment.to_owned());
        let mut journal = Postgres {
            session: Session::new(line, scope, lease_ms),
            latest_ms: 0,
            runtime: Some(runtime()?),
        };
        let by = Instant::now() + session::CALL;
        let opened = journal.run(async |session| {
            schema::migrate(&mut session.line, by).await?;
            session.register(by).await
        });
        opened.map_err(|trouble: Trouble| trouble.opening(journal.session.line.address()))?;
        journal.session.heard();
        Ok(journal)
    }

    /// Runs `work` on this thread.
    fn run<T>(&mut self, work: impl AsyncFnOnce(&mut Session) -> T) -> T {
        // A lookup of the database's name has a thread of its own: the host's handlers never run on it.
        let _blocked = BlockedSignals::now();
        let runtime = self
            .runtime
            .as_ref()
            .expect("there is a runtime until the journal is dropped");
        runtime.block_on(work(&mut self.session))
    }
}

/// One thread, the caller's, and one more for the time of a name's lookup.
fn runtime() -> Result<Runtime> {
    let built = Builder::new_current_thread()
        .enable_all()
        .thread_name("wxg-journal")
        .max_blocking_threads(1)
        .thread_keep_alive(Duration::from_secs(1))
        .build();
    built.map_err(|error| {
        let message = format!("the journal cannot be set up: {error}");
        Error::new(ErrorKind::Configuration, message).about("journal")
    })
}

impl Journal for Postgres {
    fn recover(&mut self) -> JournalResult<Recovered> {
        let noted_ms = self.latest_ms;
        let recovered = self.run(async |session| session.write(servers::recover).await)?;
        self.session.heard();
        Ok(Recovered {
            latest_ms: recovered.latest_ms.max(noted_ms),
            ..recovered
        })
    }

    fn commit(&mut self, writes: &[Write]) -> JournalResult<Vec<Written>> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        batch::check(writes)?;
        let reads = writes.iter().all(Write::is_read);
        let written = self.run(async |session| {
            let work = async |transaction: &mut transaction::Transaction<'_>| {
                batch::apply(transaction, writes).await
            };
            match reads {
                true => session.read(work).await,
                false => session.write(work).await,
            }
        })?;
        let times = writes
            .iter()
            .zip(&written)
            .filter_map(|(write, written)| write.time_stored(written));
        self.latest_ms = times.fold(self.latest_ms, i64::max);
        if writes
            .iter()
            .any(|write| matches!(write, Write::Heartbeat { .. }))
        {
            self.session.heard();
            self.session.unmark();
            self.note_time();
        }
        Ok(written)
    }
}

impl Postgres {
    /// Tells the others the latest time. A statement of its own: they share its row, and nobody is to keep it locked
    /// between two round trips. Where it fails, the next one tells more.
    fn note_time(&mut self) {
        let latest_ms = self.latest_ms;
        self.run(async |session| {
            let noted = timeout(FAREWELL, session.note_time(latest_ms)).await;
            if !matches!(noted, Ok(Ok(()))) {
                // What is still under way on that connection is not waited for by the next commit.
                session.line.hang_up().await;
            }
        });
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let latest_ms = self.latest_ms;
        self.run(async |session| {
            let _ = timeout(FAREWELL, session.close(latest_ms)).await;
        });
        // Not waiting for a lookup that hangs.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
