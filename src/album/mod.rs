//! `wx.saveImageToPhotosAlbum` for a game that runs outside WeChat: the same contract on the player's own machine.
//!
//! | file | what it holds |
//! |---|---|
//! | [`path`] | which texts name a local file of the game, and which file: pure |
//! | [`consent`] | `scope.writePhotosAlbum`, asked once: pure |
//! | [`errmsg`] | WeChat's words for how a call ended, and their classes: pure |
//! | [`image`] | which files are pictures, by their first bytes: pure |
//! | [`name`] | under which name a picture is saved: pure |
//! | `disk` | the only part that touches the platform |
//! | [`options`] | what an album is opened with |
//!
//! Needs no client, key, journal or network: a game on a player's machine must never hold an app secret.
//! Thread: `wxg-album`.

pub mod completion;
pub mod consent;
mod disk;
pub mod errmsg;
pub mod image;
pub mod name;
pub mod options;
pub mod path;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::{Error, Kind, Result};
use crate::os;
use crate::queue::{Queue, Wait};

use completion::{Call, Completion, CompletionKind, FLAG_NOT_REMEMBERED, FLAG_SHUTDOWN};
use consent::{Answer, Consent, Event, Gate, Step};
use disk::{Disk, Failure};
use errmsg::{Api, Ending};
use options::Options;
use path::Roots;

/// How long closing waits beyond its time-out for a disk that does not answer.
const END_SLACK: Duration = Duration::from_millis(500);

/// One album: the pictures of one game of one user. Any thread at once.
pub struct Album {
    shared: Arc<Shared>,
    roots: Roots,
    queue_capacity: usize,
    last_submission: AtomicU64,
    /// Emptied by the first close: from then on nothing new is accepted.
    events: Mutex<Option<Sender<Event>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the callers share with the thread.
struct Shared {
    disk: Disk,
    queue: Queue<Completion>,
    /// Calls that are not answered yet. Who takes one out answers it.
    open: Mutex<BTreeMap<u64, Call>>,
    /// The host has been asked for consent and has not answered.
    consent_asked: AtomicBool,
    /// The host has been asked to show the settings and has not answered.
    setting_asked: AtomicBool,
    /// Nobody is to be asked any more.
    closing: AtomicBool,
    /// Nothing more is to be saved.
    stop: AtomicBool,
}

impl Album {
    /// Checks the options and starts the thread. Writes nothing.
    pub fn open(options: &Options) -> Result<Self> {
        let checked = options.check()?;
        let shared = Arc::new(Shared {
            disk: checked.disk,
            queue: Queue::default(),
            open: Mutex::default(),
            consent_asked: AtomicBool::new(false),
            setting_asked: AtomicBool::new(false),
            closing: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        });
        let (events, inbox) = channel();
        let body = {
            let shared = Arc::clone(&shared);
            Box::new(move || shared.run(&inbox))
        };
        let thread = os::spawn("wxg-album", body).map_err(|error| {
            Error::new(
                Kind::Unsupported,
                format!("the thread wxg-album could not be started: {error}"),
            )
        })?;
        Ok(Self {
            shared,
            roots: checked.roots,
            queue_capacity: checked.queue_capacity,
            last_submission: AtomicU64::new(0),
            events: Mutex::new(Some(events)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// `wx.saveImageToPhotosAlbum`. What is wrong with the path comes as a completion, as in WeChat.
    pub fn save_image(&self, file_path: &str, user_tag: u64) -> Result<()> {
        let source = path::locate(file_path, &self.roots);
        self.submit(Api::SaveImage, user_tag, |call| {
            Event::SaveImage(call, source)
        })
    }

    /// `wx.authorize` for `scope.writePhotosAlbum`.
    pub fn authorize(&self, user_tag: u64) -> Result<()> {
        self.submit(Api::Authorize, user_tag, Event::Authorize)
    }

    /// `wx.openSetting`.
    pub fn open_setting(&self, user_tag: u64) -> Result<()> {
        self.submit(Api::OpenSetting, user_tag, Event::OpenSetting)
    }

    /// `wx.getSetting`: what the user has said. Reads one small file.
    pub fn setting(&self) -> Result<Consent> {
        self.shared
            .disk
            .kept
            .read()
            .map_err(|failure| Error::new(Kind::Configuration, failure.detail))
    }

    /// What the user did with the dialog for consent.
    pub fn answer_consent(&self, answer: Answer) -> Result<()> {
        let event = Event::ConsentAnswered(answer);
        self.answer(&self.shared.consent_asked, event, "consent")
    }

    /// What the user did with the settings.
    pub fn answer_setting(&self, answer: Answer) -> Result<()> {
        let event = Event::SettingAnswered(answer);
        self.answer(&self.shared.setting_asked, event, "the settings")
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

    /// Refuses new calls, lets pictures be saved for so long, then gives up what is left and what waits for the user.
    /// Returns within `timeout` + 1 s, even if the disk hangs. Any thread, any time, twice.
    pub fn close(&self, timeout: Duration) {
        let timeout = timeout.min(Duration::from_secs(3600 * 24 * 365));
        self.start_closing();
        if !self.ends_within(timeout) {
            self.shared.stop.store(true, Ordering::Relaxed);
            if !self.ends_within(END_SLACK) {
                // The thread is left to itself before others learn of the end: nobody is to wait for it.
                self.thread().take();
                self.shared.give_up(Kind::Closed, HUNG);
                return;
            }
        }
        if let Some(thread) = self.thread().take() {
            // It has told its end and returns at once.
            let _ = thread.join();
        }
    }

    /// After a panic in a call: closes without waiting.
    pub fn break_down(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.start_closing();
    }

    fn start_closing(&self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.events().take();
    }

    fn ends_within(&self, timeout: Duration) -> bool {
        self.shared.queue.wait_for_end(Instant::now() + timeout)
    }

    fn thread(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn events(&self) -> MutexGuard<'_, Option<Sender<Event>>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn submit(&self, api: Api, user_tag: u64, event: impl FnOnce(Call) -> Event) -> Result<()> {
        let events = self.events();
        let events = events.as_ref().ok_or_else(closed)?;
        self.shared.queue.reserve(self.queue_capacity)?;
        let call = Call {
            submission: 1 + self.last_submission.fetch_add(1, Ordering::Relaxed),
            api,
            user_tag,
        };
        self.shared.open().insert(call.submission, call);
        // A thread that breaks down answers what is open then; what comes later nobody would.
        let nobody_listens = events.send(event(call)).is_err() || self.shared.is_stopped();
        if nobody_listens && self.shared.open().remove(&call.submission).is_some() {
            self.shared.queue.release(call.submission);
            return Err(closed());
        }
        Ok(())
    }

    fn answer(&self, asked: &AtomicBool, event: Event, what: &'static str) -> Result<()> {
        let events = self.events();
        let events = events.as_ref().ok_or_else(closed)?;
        if !asked.swap(false, Ordering::AcqRel) {
            return Err(Error::new(
                Kind::WrongState,
                format!("nobody waits for {what}: the question was answered, or became needless"),
            ));
        }
        events.send(event).map_err(|_| closed())
    }
}

impl Drop for Album {
    /// An album that nobody closed ends by itself; nothing is waited for.
    fn drop(&mut self) {
        self.break_down();
    }
}

const SHUT: &str = "the album was closed before the user answered";
const SHUT_EARLY: &str = "the album was closed before the picture was saved: it was not";
const HUNG: &str = "the album was closed while the disk did not answer: a picture that it was about to name may yet appear";
const BROKEN: &str = "the library failed inside and closed this album";

impl Shared {
    /// The thread: until the album is closed.
    fn run(&self, inbox: &Receiver<Event>) {
        let ran = catch_unwind(AssertUnwindSafe(|| {
            let mut gate = Gate::default();
            while let Ok(event) = inbox.recv() {
                self.take_in(&mut gate, event);
            }
        }));
        match ran {
            Ok(()) => self.give_up(Kind::Closed, SHUT),
            Err(_) => {
                self.stop.store(true, Ordering::Relaxed);
                self.give_up(Kind::Panic, BROKEN);
            }
        }
    }

    fn take_in(&self, gate: &mut Gate, event: Event) {
        let steps = match self.disk.kept.read() {
            Ok(consent) => gate.step(event, consent),
            Err(failure) => unread(gate, event, failure),
        };
        if !gate.asks_consent() {
            self.consent_asked.store(false, Ordering::Release);
        }
        if !gate.asks_setting() {
            self.setting_asked.store(false, Ordering::Release);
        }
        for step in steps {
            self.carry_out(step);
        }
    }

    fn carry_out(&self, step: Step) {
        match step {
            // What cannot be written is held in memory, and flagged in each answer.
            Step::Remember(consent) => self.disk.kept.write(consent),
            Step::AskConsent => self.ask(&self.consent_asked, CompletionKind::ConsentNeeded),
            Step::AskSetting => self.ask(&self.setting_asked, CompletionKind::SettingNeeded),
            Step::Save(call, source) => self.complete(self.save(call, &source)),
            Step::Complete(completion) => self.complete(completion),
        }
    }

    fn ask(&self, asked: &AtomicBool, kind: CompletionKind) {
        if !self.closing.load(Ordering::Relaxed) {
            asked.store(true, Ordering::Release);
            self.queue.push(vec![Completion::request(kind)]);
        }
    }

    fn save(&self, call: Call, source: &path::Source) -> Completion {
        if self.is_stopped() {
            return shut(call, Kind::Closed, SHUT_EARLY);
        }
        match self.disk.save(source, &self.stop) {
            Ok(saved_file_path) => Completion {
                saved_file_path,
                ..Completion::answer(call, Ending::Ok).telling(Consent::Granted)
            },
            Err(failure) if failure.ending == Ending::Cancel => {
                shut(call, Kind::Closed, &failure.detail)
            }
            Err(failure) => Completion::answer(call, failure.ending)
                .because(failure.detail)
                .telling(Consent::Granted),
        }
    }

    /// Answers a call, unless it has been given up.
    fn complete(&self, mut completion: Completion) {
        // Held until it is handed out, so that the queue does not end in between.
        let mut open = self.open();
        if open.remove(&completion.submission).is_none() {
            return;
        }
        if completion.consent.is_some()
            && let Some(why) = self.disk.kept.unwritten()
        {
            completion.flags |= FLAG_NOT_REMEMBERED;
            let gap = if completion.detail.is_empty() {
                ""
            } else {
                "; "
            };
            completion.detail = format!("{}{gap}{why}", completion.detail);
        }
        self.queue.push(vec![completion]);
    }

    /// Answers every call that is open, and ends the queue.
    fn give_up(&self, error: Kind, why: &str) {
        let mut open = self.open();
        self.queue.push(
            std::mem::take(&mut *open)
                .into_values()
                .map(|call| shut(call, error, why))
                .collect(),
        );
        self.queue.end(error);
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn open(&self) -> MutexGuard<'_, BTreeMap<u64, Call>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes an event while nobody can tell what the user has said: nothing is asked and nothing saved on a guess.
fn unread(gate: &mut Gate, event: Event, failure: Failure) -> Vec<Step> {
    match event {
        Event::SaveImage(call, Ok(_)) | Event::Authorize(call) | Event::OpenSetting(call) => {
            let answer = Completion::answer(call, failure.ending);
            vec![Step::Complete(answer.because(failure.detail))]
        }
        Event::SettingAnswered(Answer::Cancelled) => {
            gate.fail_settings(failure.ending, &failure.detail)
        }
        // These need no look at what is kept.
        event => gate.step(event, Consent::NotAsked),
    }
}

/// The answer to a call that the closing cut short.
fn shut(call: Call, error: Kind, why: &str) -> Completion {
    Completion {
        error: Some(error),
        flags: FLAG_SHUTDOWN,
        ..Completion::answer(call, Ending::Cancel).because(why)
    }
}

fn closed() -> Error {
    Error::new(Kind::Closed, "the album is closed: nothing new is accepted")
}
