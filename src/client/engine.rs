//! The engine: every payment, read and credential of one client. Input in, effects out; no IO, no clock.
//!
//! [`super::runner`] owns the thread that feeds it and carries its effects out. A test can do the same by hand.

mod clock;
mod cluster;
mod delivery;
mod drive;
mod entry;
mod items;
mod operator;
mod payments;
mod pushes;
mod reads;
mod refunds;
mod secrets;
mod shared_sessions;
mod telling;
mod tokens;
mod watch;
mod wire;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};

use crate::api::{App, HttpRequest};
use crate::credential::session::Sessions;
use crate::credential::token::{Source, Token};
use crate::credential::vault::Vault;
use crate::sign::{AppKey, Secret};
use crate::store::{Generation, Recovered, Write};

use super::completion::{Completion, CompletionKind, FLAG_SHUTDOWN};
use super::flow::Limits;
use super::log::{Level, LogRecord, mask_openid};
use super::stats::Stats;
use super::submission::{Ask, Input, Submission};

use clock::Witness;
use cluster::Cluster;
use delivery::Deliveries;
use entry::{Asker, Entry, Lookup};
use items::Item;
use operator::Question;
use pushes::PendingPush;
use reads::Read;
use shared_sessions::SharedSessions;
use tokens::Fetch;

/// A journal write that has just begun may take this much longer than the host's deadline.
const WRITE_GRACE_MS: i64 = 1000;
/// The one access_token request that may be under way.
const TOKEN_REQUEST: u64 = 1;
/// Timers that belong to no call.
const REDELIVERY_TIMER: u64 = 2;
const PRUNE_TIMER: u64 = 3;
/// The write that removes what is old.
const PRUNE: u64 = 4;
/// The write that asks to be the one who fetches the access_token.
const TOKEN_LEASE: u64 = 5;
/// The write that keeps this server's lease, and the timer of the next.
const HEARTBEAT: u64 = 6;
/// The timer of session_keys that another server may have kept by now.
const SESSION_TIMER: u64 = 7;
const LAST_FIXED_ID: u64 = 15;
/// Answers to these writes are not waited for.
const ACK_WRITE: u64 = 0;

/// The moment of an input.
#[derive(Clone, Copy, Debug)]
pub struct Now {
    /// Milliseconds on a clock that never goes back.
    pub mono_ms: i64,
    /// Unix milliseconds.
    pub wall_ms: i64,
}

/// What one client was opened with, as far as the engine cares.
pub struct Settings {
    /// appid, offer_id, environment, AppKey.
    pub app: App,
    /// AppSecret, for the access_token and logins; empty where the host brings the tokens.
    pub app_secret: Secret,
    /// Where the access_token comes from.
    pub token_source: Source,
    /// Requests for one a day at the most, days counted in UTC+8.
    pub token_requests_per_day: u32,
    /// Tells tokens of different servers apart that share a journal.
    pub token_realm: String,
    /// Which payment API.
    pub generation: Generation,
    /// The payment rules' numbers.
    pub limits: Limits,
    /// The most verbose level that is kept; what nobody reads is not written.
    pub log_level: Option<Level>,
    /// How the journal and its deliveries are run.
    pub operations: Operations,
}

/// How the journal and its deliveries are run.
pub struct Operations {
    /// The most retries a second, all payments together.
    pub retry_per_s: i64,
    /// A final answer that is not acknowledged comes again after this; negative: at the next open only.
    pub redeliver_after_ms: i64,
    /// What the journal holds as open is listed, not driven, until an operator says so.
    pub hold: bool,
    /// Closed and acknowledged records are removed after this; negative: never.
    pub retain_days: i64,
    /// And their seals after this.
    pub seal_days: i64,
    /// Seals sessions and tokens in the journal; without one they are not kept.
    pub vault: Option<Vault>,
    /// Chance for the vault, new at every opening.
    pub nonce_seed: [u8; 16],
}

impl Default for Operations {
    fn default() -> Self {
        Self {
            retry_per_s: 200,
            redeliver_after_ms: 60_000,
            hold: false,
            retain_days: 90,
            seal_days: 400,
            vault: None,
            nonce_seed: [0; 16],
        }
    }
}

/// One request to start.
pub struct Outgoing {
    /// Comes back in [`Input::Finished`].
    pub id: u64,
    /// What to send.
    pub request: HttpRequest,
    /// It moves money.
    pub money: bool,
    /// No byte leaves after this, on the engine's clock; then the transport gives up.
    pub not_after_ms: i64,
    /// Nor after this: the payment may be another server's by then. None where no other may have it.
    pub leave_by_ms: Option<i64>,
}

/// What the engine wants done. The order inside each list is kept; `writes` come before what depends on
/// them by construction, since a payment asks for its send only after its write has been answered.
#[derive(Default)]
pub struct Effects {
    /// For the journal.
    pub writes: Vec<(u64, Write)>,
    /// For the transport.
    pub sends: Vec<Outgoing>,
    /// For the host.
    pub completions: Vec<Completion>,
    /// For the log.
    pub logs: Vec<LogRecord>,
}

/// All of one client's work.
pub struct Engine {
    settings: Settings,
    now: Now,
    random: u64,
    last_id: u64,
    payments: BTreeMap<u64, Entry>,
    by_bill_no: HashMap<String, u64>,
    lookups: BTreeMap<u64, Lookup>,
    questions: BTreeMap<u64, Question>,
    reads: BTreeMap<u64, Read>,
    /// How many refunds of parts are under way, by their payment's number.
    refunds: HashMap<String, u32>,
    items: BTreeMap<u64, Item>,
    items_by_number: HashMap<String, u64>,
    /// Item orders that are due to be asked about and cannot be before their player logs in again.
    items_of_player: HashMap<String, BTreeSet<u64>>,
    pushes: BTreeMap<u64, PendingPush>,
    sessions: Sessions,
    cluster: Cluster,
    shared_sessions: SharedSessions,
    token: Token,
    fetch: Fetch,
    wait_for_session: HashMap<String, BTreeSet<u64>>,
    wait_for_token: BTreeSet<u64>,
    timers: BinaryHeap<Reverse<(i64, u64)>>,
    deliveries: Deliveries,
    witness: Witness,
    /// How far the wall clock has leapt ahead of the steady one: the machine slept.
    slept_ms: i64,
    /// Payments that may have been executed, by their first send.
    in_doubt: BTreeSet<(i64, u64)>,
    /// Records that need review, as far as they have been met.
    reviews: BTreeSet<u64>,
    nonces: u64,
    /// When the next retry may leave, in microseconds.
    retry_slot_us: i64,
    /// The same for questions about item orders, which hold no payment up.
    item_slot_us: i64,
    closing_until_ms: Option<i64>,
    stats: Stats,
    out: Effects,
}

impl Engine {
    /// An engine that takes up what the journal holds. `seed` feeds the jitter of its back-offs.
    pub fn new(settings: Settings, recovered: impl Into<Recovered>, seed: u64, now: Now) -> Self {
        let token_requests_per_day = settings.token_requests_per_day;
        let mut engine = Self {
            settings,
            now,
            random: seed | 1,
            last_id: LAST_FIXED_ID,
            payments: BTreeMap::new(),
            by_bill_no: HashMap::new(),
            lookups: BTreeMap::new(),
            questions: BTreeMap::new(),
            reads: BTreeMap::new(),
            refunds: HashMap::new(),
            items: BTreeMap::new(),
            items_by_number: HashMap::new(),
            items_of_player: HashMap::new(),
            pushes: BTreeMap::new(),
            sessions: Sessions::default(),
            cluster: Cluster::default(),
            shared_sessions: SharedSessions::default(),
            token: Token::new(token_requests_per_day),
            fetch: Fetch::default(),
            wait_for_session: HashMap::new(),
            wait_for_token: BTreeSet::new(),
            timers: BinaryHeap::new(),
            deliveries: Deliveries::default(),
            witness: Witness::default(),
            slept_ms: 0,
            in_doubt: BTreeSet::new(),
            reviews: BTreeSet::new(),
            nonces: 0,
            retry_slot_us: 0,
            item_slot_us: 0,
            closing_until_ms: None,
            stats: Stats {
                token_age_ms: -1,
                ..Stats::default()
            },
            out: Effects::default(),
        };
        engine.recover(recovered.into());
        engine
    }

    /// Takes one input at `now`.
    pub fn handle(&mut self, input: Input, now: Now) {
        let input = self.advance_clock(input, now);
        match input {
            Input::Submit(submission) => self.submit(submission),
            Input::SetSession {
                openid,
                session_key,
            } => self.set_session(&openid, session_key),
            Input::ForgetSession { openid } => self.forget_session(&openid),
            Input::SetAccessToken {
                access_token,
                expires_in_s,
            } => self.take_token(access_token, expires_in_s),
            Input::SetAppKey(app_key) => self.set_app_key(app_key),
            Input::Ack(delivery_id) => self.ack(delivery_id),
            Input::Committed(answers) => answers
                .into_iter()
                .for_each(|(id, answer)| self.committed(id, answer)),
            Input::Finished {
                id: TOKEN_REQUEST,
                outcome,
            } => self.token_finished(outcome),
            Input::Finished { id, outcome } if self.reads.contains_key(&id) => {
                self.read_finished(id, outcome)
            }
            Input::Finished { id, outcome } if self.items.contains_key(&id) => {
                self.item_asked(id, outcome)
            }
            Input::Finished { id, outcome } => self.payment_finished(id, outcome),
            Input::Close { until_ms } => self.close(until_ms),
            Input::Tick => {}
        }
        self.fire_timers();
    }

    /// What is to be done since the last call.
    pub fn take_effects(&mut self) -> Effects {
        let mut effects = std::mem::take(&mut self.out);
        for outgoing in &mut effects.sends {
            outgoing.not_after_ms -= self.slept_ms;
            outgoing.leave_by_ms = outgoing.leave_by_ms.map(|at| at - self.slept_ms);
        }
        effects
    }

    /// When to send [`Input::Tick`] if nothing else happens.
    pub fn next_timer_ms(&self) -> Option<i64> {
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let next = match (timer, self.closing_until_ms) {
            (Some(at), Some(until)) => Some(at.min(until)),
            (at, until) => at.or(until),
        };
        next.map(|at| at - self.slept_ms)
    }

    /// True once a close has nothing left to wait for.
    pub fn is_closed(&self) -> bool {
        let Some(until_ms) = self.closing_until_ms else {
            return false;
        };
        self.now.mono_ms >= until_ms
            || (self.payments.is_empty()
                && self.reads.is_empty()
                && self.lookups.is_empty()
                && self.pushes.is_empty()
                && self.items.values().all(Item::is_at_rest)
                && self.questions.is_empty())
    }

    /// The engine will not be fed again: every submission still waiting completes now, with flag SHUTDOWN.
    /// What certainly left no trace in the journal is *not sent*; all else the next open resumes: *unknown*.
    pub fn abandon(&mut self) {
        let payments: Vec<u64> = self.payments.keys().copied().collect();
        payments.into_iter().for_each(|id| self.give_up_payment(id));
        let lookups: Vec<u64> = self.lookups.keys().copied().collect();
        lookups.into_iter().for_each(|id| self.give_up_lookup(id));
        let reads: Vec<u64> = self.reads.keys().copied().collect();
        reads.into_iter().for_each(|id| self.give_up_read(id));
        let questions: Vec<u64> = self.questions.keys().copied().collect();
        questions
            .into_iter()
            .for_each(|id| self.give_up_question(id));
        let items: Vec<u64> = self.items.keys().copied().collect();
        items.into_iter().for_each(|id| self.give_up_item(id));
        let pushes = std::mem::take(&mut self.pushes);
        pushes
            .into_values()
            .for_each(|push| self.give_up_push(push));
    }

    /// Counters and gauges as of now.
    pub fn stats(&self) -> Stats {
        let mut stats = self.stats.clone();
        stats.sessions = self.sessions.len() as u64;
        let oldest = self
            .in_doubt
            .first()
            .map_or(0, |(at, _)| self.now.mono_ms - at);
        stats.oldest_unknown_age_ms = oldest.max(0).unsigned_abs();
        stats.token_age_ms = self.token.age_ms(self.now.mono_ms).unwrap_or(-1);
        stats.unacked = self.deliveries.count() as u64;
        stats.needs_review = self.reviews.len() as u64;
        stats
    }

    fn submit(&mut self, submission: Submission) {
        self.stats.submitted += 1;
        let Submission {
            id,
            user_tag,
            deadline_ms,
            ask,
        } = submission;
        let asker = Asker::new(id, user_tag, self.now.mono_ms + deadline_ms);
        match ask {
            Ask::Payment {
                record,
                sent_before,
            } => self.submit_payment(*record, sent_before, asker),
            Ask::CancelPay { bill_no, part } => self.submit_cancel(bill_no, part, asker),
            Ask::ItemOrder(record) => self.submit_item(*record, asker),
            Ask::Push(event) => self.submit_push(*event, asker),
            Ask::Read(call) => self.submit_read(call, asker),
            Ask::Operator(operator) => self.submit_operator(operator, asker),
        }
    }

    fn set_session(&mut self, openid: &str, key: Secret) {
        let sealed = self.keep_session(openid, &key);
        self.adopt_session(openid, key, sealed);
    }

    /// A session_key that is kept already: whoever waits for one goes on.
    fn adopt_session(&mut self, openid: &str, key: Secret, sealed: Vec<u8>) {
        if let Some(oldest) = self.sessions.set(openid, key, sealed)
            && !self.is_shared()
        {
            self.drop_session(&oldest);
        }
        let waiting = self.wait_for_session.remove(openid).unwrap_or_default();
        self.session_wait_is_over(openid);
        self.log(Level::Info, || {
            format!(
                "session_key of {} set, {} calls go on",
                mask_openid(openid),
                waiting.len()
            )
        });
        waiting.into_iter().for_each(|id| self.wake(id));
        let items = self.items_of_player.remove(openid).unwrap_or_default();
        items.into_iter().for_each(|id| self.ask_about_item(id));
    }

    /// Another AppKey: payments that were refused as wrong are tried again at once.
    fn set_app_key(&mut self, app_key: AppKey) {
        self.settings.app.app_key = app_key;
        let open: Vec<u64> = self.payments.keys().copied().collect();
        self.log(Level::Info, || {
            format!("app_key replaced; {} open payments go on", open.len())
        });
        open.into_iter()
            .for_each(|id| self.drive(id, super::flow::Event::Mended));
    }

    /// Waits for a session_key, which is asked for once however many calls of the player wait. Another server may have it.
    fn await_session(&mut self, openid: &str, id: u64) {
        let waiting = self.wait_for_session.entry(openid.to_owned()).or_default();
        let first = waiting.is_empty();
        waiting.insert(id);
        if first && !self.find_session(openid) {
            self.ask_for_session(openid);
        }
    }

    /// Asks the host for a session_key.
    fn ask_for_session(&mut self, openid: &str) {
        self.log(Level::Info, || {
            format!("calls of {} wait for a session_key", mask_openid(openid))
        });
        self.complete(Completion {
            kind: Some(CompletionKind::SessionNeeded),
            openid: openid.to_owned(),
            errmsg: "log this player in again (wx.login, then wxg_client_submit_login), or set a session_key".into(),
            ..Completion::default()
        });
    }

    /// A call that is over waits for nothing any more.
    fn forget_wait(&mut self, openid: &str, id: u64) {
        self.forget_session_wait(openid, id);
        self.wait_for_token.remove(&id);
        self.cluster.waiting.remove(&id);
    }

    fn forget_session_wait(&mut self, openid: &str, id: u64) {
        if let Some(waiting) = self.wait_for_session.get_mut(openid) {
            waiting.remove(&id);
            if waiting.is_empty() {
                self.wait_for_session.remove(openid);
                self.session_wait_is_over(openid);
            }
        }
    }

    fn wake(&mut self, id: u64) {
        if self.reads.contains_key(&id) {
            self.drive_read(id);
        } else if self.items.contains_key(&id) {
            self.wake_item(id);
        } else {
            self.drive(id, super::flow::Event::Wake);
        }
    }

    fn close(&mut self, until_ms: i64) {
        let until_ms = self
            .closing_until_ms
            .map_or(until_ms, |earlier| earlier.min(until_ms));
        self.closing_until_ms = Some(until_ms);
        self.deliveries.stop();
        let idle: Vec<u64> = self
            .payments
            .iter()
            .filter(|(_, entry)| entry.is_idle())
            .map(|(id, _)| *id)
            .collect();
        idle.into_iter().for_each(|id| self.give_up_payment(id));
        let idle: Vec<u64> = self
            .reads
            .iter()
            .filter(|(_, read)| read.is_idle())
            .map(|(id, _)| *id)
            .collect();
        idle.into_iter().for_each(|id| self.give_up_read(id));
        let idle: Vec<u64> = self
            .items
            .iter()
            .filter(|(_, item)| item.is_idle())
            .map(|(id, _)| *id)
            .collect();
        idle.into_iter().for_each(|id| self.give_up_item(id));
    }

    /// Each timer that is due fires once; one that is due again at once waits for the next turn, behind what has
    /// come in meanwhile.
    fn fire_timers(&mut self) {
        let mut due = Vec::new();
        while let Some(&Reverse((at, id))) = self.timers.peek() {
            if at > self.now.mono_ms {
                break;
            }
            self.timers.pop();
            due.push(id);
        }
        for id in due {
            match id {
                TOKEN_REQUEST => self.token_timer(),
                REDELIVERY_TIMER => self.redeliver_due(),
                HEARTBEAT => self.heartbeat(),
                SESSION_TIMER => self.look_for_sessions(),
                PRUNE_TIMER => self.prune(),
                _ if self.questions.contains_key(&id) => self.give_up_question(id),
                _ if self.reads.contains_key(&id) => self.read_timer(id),
                _ if self.lookups.contains_key(&id) => self.lookup_timer(id),
                _ if self.items.contains_key(&id) => self.item_timer(id),
                _ => self.payment_timer(id),
            }
        }
    }

    fn complete(&mut self, completion: Completion) {
        self.stats.completed += 1;
        self.out.completions.push(completion);
    }

    fn complete_for_shutdown(&mut self, mut completion: Completion) {
        completion.flags |= FLAG_SHUTDOWN;
        self.complete(completion);
    }

    fn log(&mut self, level: Level, message: impl FnOnce() -> String) {
        if self.settings.log_level.is_some_and(|most| level <= most) {
            self.out.logs.push(LogRecord {
                level,
                time_ms: self.now.wall_ms,
                message: message(),
            });
        }
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// xorshift64*: enough for jitter, and the same again from the same seed.
    fn next_random(&mut self) -> u32 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) as u32
    }

    fn is_closing(&self) -> bool {
        self.closing_until_ms.is_some()
    }
}
