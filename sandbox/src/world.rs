//! All that the sandbox knows, and the one lock around it.
//!
//! Signatures are checked outside the lock. Under it there are only look-ups and the ledger's own step, and
//! nobody holds it while waiting for anything.

use crate::answer::Answer;
use crate::call::{Call, Env};
use crate::clock::{self, Clock};
use crate::codes::Codes;
use crate::config::{App, Config, TsClock};
use crate::fault::{Act, When};
use crate::game_params;
use crate::late::{Late, Waiting};
use crate::ledger::{Deal, Ledger, Verdict};
use crate::products::Products;
use crate::pushes::Pushes;
use crate::random::Random;
use crate::record::{Record, Stats};
use crate::script::{Play, Script, Subject};
use crate::sessions::Sessions;
use crate::sign::Key;
use crate::tokens::Tokens;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// An app's signing keys, ready for use: production's and the payment sandbox's.
pub(crate) struct AppKeys {
    keys: [Key; 2],
}

impl AppKeys {
    fn new(app: &App) -> AppKeys {
        AppKeys {
            keys: [Key::new(&app.app_key), Key::new(&app.sandbox_app_key)],
        }
    }

    pub(crate) fn of(&self, env: Env) -> &Key {
        &self.keys[env.index()]
    }
}

#[derive(Default)]
pub(crate) struct Connections {
    pub(crate) accepted: AtomicU64,
    pub(crate) open: AtomicU64,
    pub(crate) tls_failed: AtomicU64,
    pub(crate) errors: AtomicU64,
}

pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) keys: Vec<AppKeys>,
    pub(crate) clock: Clock,
    pub(crate) connections: Connections,
    /// Woken when a push may have become due.
    pub(crate) push_due: Notify,
    state: Mutex<State>,
}

/// Everything that changes.
pub(crate) struct State {
    pub(crate) ledger: Ledger,
    pub(crate) tokens: Tokens,
    pub(crate) sessions: Sessions,
    pub(crate) codes: Codes,
    pub(crate) script: Script,
    pub(crate) waiting: Waiting,
    pub(crate) record: Record,
    pub(crate) random: Random,
    pub(crate) products: Products,
    pub(crate) pushes: Pushes,
    pub(crate) epoch: u64,
}

impl State {
    fn new(config: &Config, epoch: u64) -> State {
        let apps = config.rules.apps.len();
        State {
            ledger: Ledger::new(&config.rules),
            tokens: Tokens::new(apps),
            sessions: Sessions::new(apps, config.rules.session_valid_s),
            codes: Codes::default(),
            script: Script::new(&config.faults, config.seed),
            waiting: Waiting::default(),
            record: Record::default(),
            // Faults have chances of their own, so that a login more or less does not change them.
            random: Random::new(config.seed ^ 0x5bd1_e995_7b93_d2a7),
            products: Products::new(apps),
            pushes: Pushes::new(apps, config.seed),
            epoch,
        }
    }
}

/// What became of one request.
#[derive(Default)]
pub(crate) struct Played {
    /// The call's own answer; nothing when it has not been executed.
    pub(crate) answer: Option<Answer>,
    /// What the call came to; nothing when it was refused or has not been executed.
    pub(crate) executed: Option<i64>,
    /// The fault that was played.
    pub(crate) play: Option<Play>,
    /// What is executed once the answer has left.
    pub(crate) after: Vec<Late>,
    /// What is executed after a time, in milliseconds.
    pub(crate) after_ms: Option<(u64, Late)>,
    pub(crate) bill_no: Option<String>,
    /// The environment, when the path does not tell it.
    pub(crate) env: Option<Env>,
}

impl Played {
    /// A request that never came as far as faults and coins.
    pub(crate) fn refused(answer: Answer, bill_no: Option<String>) -> Played {
        Played {
            answer: Some(answer),
            bill_no,
            ..Played::default()
        }
    }

    fn act(&self) -> Act {
        self.play.as_ref().map_or(Act::Yes, |play| play.act)
    }

    fn execute_as(&mut self, answer: Answer) {
        self.executed = Some(answer.errcode);
        self.answer = Some(answer);
    }
}

impl World {
    pub(crate) fn new(config: Config) -> World {
        World {
            keys: config.rules.apps.iter().map(AppKeys::new).collect(),
            clock: Clock::default(),
            connections: Connections::default(),
            push_due: Notify::new(),
            state: Mutex::new(State::new(&config, 0)),
            config,
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn app(&self, appid: &str) -> Option<usize> {
        let apps = &self.config.rules.apps;
        apps.iter().position(|app| app.appid == appid)
    }

    /// The clock that a request's time stamp is held against.
    pub(crate) fn ts_now_s(&self) -> i64 {
        match self.config.rules.ts_clock {
            TsClock::Real => clock::real_s(),
            TsClock::Sandbox => self.clock.now_s(),
        }
    }

    /// Puts everything back to how it was at the start.
    pub(crate) fn reset(&self) {
        self.clock.reset();
        let mut state = self.lock();
        *state = State::new(&self.config, state.epoch + 1);
    }

    /// Plays the first fault that fits; executes the call unless the fault says otherwise.
    pub(crate) fn play(
        &self,
        subject: &Subject<'_>,
        execute: impl FnOnce(&mut State) -> Answer,
    ) -> Played {
        let mut state = self.lock();
        let mut played = Played {
            play: state.script.pick(subject),
            bill_no: subject.bill_no.map(str::to_owned),
            env: subject.env,
            ..Played::default()
        };
        match played.act() {
            Act::No | Act::Later => {}
            Act::Revoke => played.answer = Some(self.revoke(&mut state)),
            Act::Yes => played.execute_as(execute(&mut state)),
        }
        played
    }

    /// The same for a call that moves coins, which may also be executed later.
    pub(crate) fn play_deal(&self, call: Call, deal: Deal) -> Played {
        let now_s = self.clock.now_s();
        let mut state = self.lock();
        let kind = call.gives_or_takes();
        if !state.ledger.note_attempt(&deal, kind, now_s) {
            let answer = Answer::error(90018, "parameter error: the sandbox holds no more orders");
            return Played::refused(answer, Some(deal.bill_no));
        }
        let mut played = Played {
            play: state.script.pick(&Subject {
                call,
                env: Some(deal.env),
                bill_no: Some(&deal.bill_no),
                pay_bill_no: deal.pay_bill_no.as_deref(),
                openid: Some(&deal.openid),
            }),
            after: state.waiting.set_off(&deal, call),
            bill_no: Some(deal.bill_no.clone()),
            env: Some(deal.env),
            ..Played::default()
        };
        match played.act() {
            Act::No => {}
            Act::Revoke => played.answer = Some(self.revoke(&mut state)),
            Act::Yes => played.execute_as(self.execute(&mut state, call, &deal, now_s)),
            Act::Later => {
                let epoch = state.epoch;
                let late = Late { call, deal, epoch };
                let later = played.play.as_ref().and_then(|play| play.later);
                match later.map_or((When::Answer, 0), |later| (later.when, later.ms)) {
                    (When::Answer, _) => played.after.push(late),
                    (When::Ms, ms) => played.after_ms = Some((ms, late)),
                    (when, _) => played.after.extend(state.waiting.keep(when, late)),
                }
            }
        }
        played
    }

    /// What a request comes to whose access token is revoked while it is on its way.
    fn revoke(&self, state: &mut State) -> Answer {
        state.tokens.revoke_all(self.clock.now_s());
        Answer::code(40001)
    }

    /// Executes what has been waiting, unless the sandbox was reset since.
    pub(crate) fn execute_late(&self, late: Vec<Late>) {
        let now_s = self.clock.now_s();
        let mut state = self.lock();
        for late in late {
            if late.epoch == state.epoch {
                let answer = self.execute(&mut state, late.call, &late.deal, now_s);
                state.record.note_late(answer.errcode);
            }
        }
    }

    fn execute(&self, state: &mut State, call: Call, deal: &Deal, now_s: i64) -> Answer {
        let verdict = match call {
            Call::Present | Call::GamePresent => state.ledger.present(deal, now_s),
            Call::CancelPay | Call::GameCancelPay => state.ledger.cancel(deal, now_s),
            _ => state.ledger.pay(deal, now_s),
        };
        let (balance, used_gen_amt) = match verdict {
            Verdict::Refused(errcode) => return Answer::code_of(call, errcode),
            Verdict::Bad(field, why) => return game_params::bad(field, why),
            Verdict::Done {
                balance,
                used_gen_amt,
            } => (balance, used_gen_amt),
        };
        let rules = &self.config.rules;
        let answer = Answer::ok().with("bill_no", deal.bill_no.as_str());
        match call {
            Call::CancelPay => answer,
            Call::GameCancelPay if !rules.cancel_tells_balance => answer,
            Call::Present | Call::GamePresent => answer.with("balance", balance),
            Call::GamePay | Call::GameCancelPay => answer
                .with("balance", balance)
                .with("used_present_amount", used_gen_amt),
            _ => answer
                .with("balance", balance)
                .with(rules.used_gen_name.name(), used_gen_amt),
        }
    }

    pub(crate) fn stats(&self) -> Stats {
        let (rules, now_s) = (&self.config.rules, self.clock.now_s());
        let mut stats = {
            let state = self.lock();
            let mut stats = state.record.stats();
            let apps = 0..rules.apps.len();
            let quotas = apps.flat_map(|app| state.tokens.quotas(app, rules, now_s));
            stats.token_quotas = quotas.collect();
            stats
        };
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        stats.connections = count(&self.connections.accepted);
        stats.connections_open = count(&self.connections.open);
        stats.tls_failed = count(&self.connections.tls_failed);
        stats.connection_errors = count(&self.connections.errors);
        stats
    }
}
