//! One client: a journal, a transport and an engine for one (appid, environment).
//!
//! | file | what it holds |
//! |---|---|
//! | `asks` | what the host asks for: checked, and made a submission |
//! | `push` | what WeChat posts: verified, journaled, answered |
//! | [`flow`] | what happens to one payment: pure |
//! | [`engine`] | all payments, reads and credentials: input in, effects out |
//! | [`runner`] | the engine's thread |
//! | [`options`] | what a client is opened with |
//!
//! Threads: `wxg-engine`, `wxg-journal`, and the transport's.

mod asks;
pub mod bill_no;
pub mod completion;
pub mod engine;
pub mod flow;
pub mod log;
pub mod options;
mod push;
pub mod runner;
pub mod stats;
pub mod submission;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::api::{Environment, check};
use crate::credential::token::Source;
use crate::error::{Error, Kind, Result};
use crate::os;
use crate::queue::{Queue, Wait, Waited};
use crate::sign::{AppKey, Secret};
use crate::store::memory::Disk;
use crate::store::sqlite::Sqlite;
use crate::store::writer::{Writer, WriterStats};
use crate::store::{Generation, Journal};
use crate::transport::Transport;
use crate::transport::ureq::{Ureq, UreqOptions};

pub use asks::With;
use completion::Completion;
use engine::{Engine, Settings};
use log::{Log, LogRecord};
use options::{Checked, JournalPlace, Options, PushKeys};
use runner::{Clock, Runner, Shared};
use stats::Stats;
use submission::{Ask, Input, Submission};

/// What closing may take beyond its time-out, shared out over the threads to end.
const END_SLACK: Duration = Duration::from_millis(300);
const JOURNAL_SLACK: Duration = Duration::from_millis(350);
const TRANSPORT_SLACK: Duration = Duration::from_millis(250);

/// A client. Any thread at once.
pub struct Client {
    shared: Arc<Shared>,
    /// Emptied by the first close: from then on nothing new is accepted.
    submissions: RwLock<Option<Sender<Input>>>,
    inputs: Sender<Input>,
    last_submission: AtomicU64,
    app: AppFields,
    /// What pushes are verified with, where they are taken.
    push: Option<PushKeys>,
    /// The key that is in force; the engine has its own copy.
    app_key: RwLock<AppKey>,
    /// The host brings the access_token.
    host_brings_token: bool,
    /// There is an AppSecret to log in with.
    has_app_secret: bool,
    deadline_ms: i64,
    queue_capacity: usize,
    writer: Arc<Writer>,
    writer_stats: Arc<WriterStats>,
    transport: Arc<dyn Transport>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What every record carries of its app.
struct AppFields {
    generation: Generation,
    appid: String,
    environment: Environment,
    offer_id: String,
    pf: String,
}

/// What the client, not the payment, decides.
pub struct Defaults {
    /// For submissions that name no deadline.
    pub deadline_ms: i64,
    /// Submissions that may wait for completion and polling.
    pub queue_capacity: usize,
    /// How far the client's wall clock is off: for the host's own tests.
    pub clock_offset_ms: i64,
    /// What pushes are verified with, where they are taken.
    pub push: Option<PushKeys>,
}

impl Client {
    /// Checks the options, opens the journal, takes up what it holds. Sends nothing by itself but what the
    /// journal holds as open.
    pub fn open(options: &Options) -> Result<Self> {
        let checked = Checked::new(options)?;
        let transport = Arc::new(Ureq::new(
            UreqOptions {
                base_url: checked.base_url,
                ca_file: checked.ca_file,
                proxy: checked.proxy,
                connect_timeout_ms: checked.connect_timeout_ms,
                max_threads: checked.in_flight_limit,
            },
            Arc::new(os::spawn),
        )?);
        let app = &checked.settings.app;
        let environment = match app.environment {
            Environment::Production => "production",
            Environment::Sandbox => "sandbox",
        };
        let journal: Box<dyn Journal> = match checked.journal {
            JournalPlace::Memory => Box::new(Disk::new().open(&app.appid, environment)),
            JournalPlace::Sqlite(path) => Box::new(Sqlite::open(&path, &app.appid, environment)?),
            JournalPlace::Postgres { url, lease_ms } => {
                shared_journal(&url, lease_ms, &app.appid, environment)?
            }
        };
        let defaults = Defaults {
            deadline_ms: checked.deadline_ms,
            queue_capacity: checked.queue_capacity,
            clock_offset_ms: checked.clock_offset_ms,
            push: checked.push,
        };
        Self::with_parts(checked.settings, defaults, journal, transport)
    }

    /// A client over any journal and transport.
    pub fn with_parts(
        mut settings: Settings,
        defaults: Defaults,
        mut journal: Box<dyn Journal>,
        transport: Arc<dyn Transport>,
    ) -> Result<Self> {
        let recovered = journal
            .recover()
            .map_err(|failure| failure.error.about("journal"))?;
        let mut seed = [0; 8];
        os::fill_random(&mut seed)?;
        os::fill_random(&mut settings.operations.nonce_seed)?;
        let app = AppFields {
            generation: settings.generation,
            appid: settings.app.appid.clone(),
            environment: settings.app.environment,
            offer_id: settings.app.offer_id.clone(),
            pf: settings.app.pf.clone(),
        };
        let app_key = RwLock::new(settings.app.app_key.clone());
        let host_brings_token = settings.token_source == Source::Host;
        let has_app_secret = !settings.app_secret.as_str().is_empty();
        let shared = Arc::new(Shared {
            queue: Queue::default(),
            log: Log::new(settings.log_level),
            stats: Mutex::default(),
            clock: Clock::start(defaults.clock_offset_ms),
        });
        let (inputs, receiver) = channel();
        let committed = inputs.clone();
        let on_done = Box::new(move |answers| {
            let _ = committed.send(Input::Committed(answers));
        });
        let writer = Arc::new(Writer::start(journal, &os::spawn, on_done)?);
        let runner = Runner {
            engine: Engine::new(
                settings,
                recovered,
                u64::from_ne_bytes(seed),
                shared.clock.now(),
            ),
            inputs: receiver,
            sender: inputs.clone(),
            shared: Arc::clone(&shared),
            writer: Arc::clone(&writer),
            transport: Arc::clone(&transport),
        };
        let thread = os::spawn("wxg-engine", Box::new(move || runner.run())).map_err(|error| {
            Error::new(
                Kind::Unsupported,
                format!("the engine's thread could not be started: {error}"),
            )
        })?;
        Ok(Self {
            shared,
            submissions: RwLock::new(Some(inputs.clone())),
            inputs,
            last_submission: AtomicU64::new(0),
            app,
            push: defaults.push,
            app_key,
            host_brings_token,
            has_app_secret,
            deadline_ms: defaults.deadline_ms,
            queue_capacity: defaults.queue_capacity,
            writer_stats: writer.stats(),
            writer,
            transport,
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Hands a checked request to the engine. No disk, no network.
    pub fn submit(&self, (ask, deadline_ms): (Ask, i64), user_tag: u64) -> Result<()> {
        self.accept(ask, deadline_ms, user_tag, false).map(|_| ())
    }

    /// The same, and waits for its completion. A time-out only stops the waiting: the completion then comes
    /// to the queue with its user_tag.
    pub fn call(
        &self,
        (ask, deadline_ms): (Ask, i64),
        user_tag: u64,
        wait: Wait,
    ) -> Result<Completion> {
        let submission = self.accept(ask, deadline_ms, user_tag, true)?;
        match self.shared.queue.take_one(submission, wait) {
            Waited::Completion(completion) => Ok(*completion),
            Waited::TimedOut => Err(Error::new(
                Kind::TimedOut,
                "the wait is over but not the request: its completion comes to the queue with this user_tag",
            )),
        }
    }

    fn accept(&self, ask: Ask, deadline_ms: i64, user_tag: u64, waits: bool) -> Result<u64> {
        let submissions = self
            .submissions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(sender) = submissions.as_ref() else {
            return Err(closed());
        };
        self.shared.queue.reserve(self.queue_capacity)?;
        let id = self.last_submission.fetch_add(1, Ordering::Relaxed) + 1;
        if waits {
            self.shared.queue.announce(id);
        }
        let submission = Submission {
            id,
            user_tag,
            deadline_ms,
            ask,
        };
        if sender.send(Input::Submit(submission)).is_err() {
            self.shared.queue.release(id);
            return Err(closed());
        }
        Ok(id)
    }

    /// Keeps a session_key that the host has got by itself.
    pub fn set_session(&self, openid: &str, session_key: &str) -> Result<()> {
        check::id("openid", openid)?;
        let session_key = Secret::new(session_key);
        check::session_key(&session_key)?;
        let openid = openid.to_owned();
        self.inputs
            .send(Input::SetSession {
                openid,
                session_key,
            })
            .map_err(|_| closed())
    }

    /// Forgets a player's session_key, in memory and in the journal.
    pub fn forget_session(&self, openid: &str) -> Result<()> {
        check::id("openid", openid)?;
        let openid = openid.to_owned();
        self.inputs
            .send(Input::ForgetSession { openid })
            .map_err(|_| closed())
    }

    /// The access_token that the host has got by itself, for so long from now.
    pub fn set_access_token(&self, access_token: &str, expires_in_s: i64) -> Result<()> {
        if !self.host_brings_token {
            return Err(Error::new(
                Kind::WrongState,
                "this client fetches its access_token itself: open it with token_source host to set one",
            ));
        }
        check::access_token(access_token)?;
        if !(1..=86_400).contains(&expires_in_s) {
            return Err(Error::invalid(
                "expires_in_s",
                "must be 1 to 86,400 seconds, as WeChat told it",
            ));
        }
        let access_token = Secret::new(access_token);
        self.inputs
            .send(Input::SetAccessToken {
                access_token,
                expires_in_s,
            })
            .map_err(|_| closed())
    }

    /// Another AppKey for this environment, such as the console gives after a reset.
    pub fn set_app_key(&self, app_key: &str) -> Result<()> {
        let app_key = AppKey::new(app_key)?;
        *self.app_key.write().unwrap_or_else(PoisonError::into_inner) = app_key.clone();
        self.inputs
            .send(Input::SetAppKey(app_key))
            .map_err(|_| closed())
    }

    /// Notes that the host has acted on a final answer. Enqueued; a lost ack means that it is delivered again.
    pub fn ack(&self, delivery_id: u64) -> Result<()> {
        if delivery_id == 0 {
            return Err(Error::invalid(
                "delivery_id",
                "is 0: this completion needs no acknowledgement",
            ));
        }
        self.inputs
            .send(Input::Ack(delivery_id))
            .map_err(|_| closed())
    }

    /// Takes up to `most` completions, waiting for the first.
    pub fn take(&self, most: usize, wait: Wait) -> Result<Vec<Completion>> {
        self.shared.queue.take(most, wait)
    }

    /// A descriptor that is readable while there is something to take.
    #[cfg(unix)]
    pub fn wake_fd(&self) -> Result<i32> {
        self.shared.queue.wake_fd()
    }

    /// The oldest log record.
    pub fn pop_log(&self) -> Option<LogRecord> {
        self.shared.log.pop()
    }

    /// Counters and gauges, with the journal's and the queues' own.
    pub fn stats(&self) -> (Stats, &WriterStats, usize, u64) {
        let stats = self
            .shared
            .stats
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        (
            stats,
            &self.writer_stats,
            self.shared.queue.depth(),
            self.shared.log.dropped(),
        )
    }

    /// Refuses new work, lets what is under way finish for so long, completes the rest with flag SHUTDOWN.
    /// Returns within `timeout` + 1 s, whatever hangs. Any thread, any time, twice.
    pub fn close(&self, timeout: Duration) {
        let timeout = timeout.min(Duration::from_secs(3600 * 24 * 365));
        self.start_closing(timeout);
        if !self
            .shared
            .queue
            .wait_for_end(Instant::now() + timeout + END_SLACK)
        {
            return;
        }
        if let Some(thread) = self
            .thread
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
        {
            // It has told its end and returns at once.
            let _ = thread.join();
        }
        self.writer.join_timeout(JOURNAL_SLACK);
        self.transport.join_timeout(TRANSPORT_SLACK);
    }

    /// After a panic in a call: closes without waiting. State after a panic is not to be trusted with money.
    pub fn break_down(&self) {
        self.start_closing(Duration::ZERO);
    }

    /// The first half of [`Client::close`]: returns at once.
    fn start_closing(&self, timeout: Duration) {
        self.submissions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let timeout_ms = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        let until_ms = self.shared.clock.now().mono_ms.saturating_add(timeout_ms);
        let _ = self.inputs.send(Input::Close { until_ms });
    }
}

impl Drop for Client {
    /// A client that nobody closed ends by itself; nothing is waited for.
    fn drop(&mut self) {
        self.start_closing(Duration::ZERO);
    }
}

/// The journal in a database that servers share.
#[cfg(feature = "postgres")]
fn shared_journal(
    url: &Secret,
    lease_ms: i64,
    appid: &str,
    environment: &str,
) -> Result<Box<dyn Journal>> {
    let journal =
        crate::store::postgres::Postgres::open(url.as_str(), lease_ms, appid, environment);
    Ok(Box::new(journal?))
}

#[cfg(not(feature = "postgres"))]
fn shared_journal(_: &Secret, _: i64, _: &str, _: &str) -> Result<Box<dyn Journal>> {
    Err(Error::new(
        Kind::Unsupported,
        "this library was built without the postgres journal: build it with feature `postgres`",
    )
    .about("journal"))
}

fn closed() -> Error {
    Error::new(
        Kind::Closed,
        "the client is closed: nothing new is accepted",
    )
}
