//! Everything round the engine: the journal's disk, WeChat's answers, the clock, the host.

use std::collections::VecDeque;

use wxgame::api::game_v2::CoinType;
use wxgame::api::game_v2::query_order::Business;
use wxgame::api::{App, Environment};
use wxgame::client::completion::{Completion, CompletionKind, Outcome};
use wxgame::client::engine::{Engine, Now, Operations, Outgoing, Settings};
use wxgame::client::flow::{Limits, RESEND_LIMIT_MS};
use wxgame::client::log::Level;
use wxgame::client::submission::{Ask, Input, Operator, Part, ReadCall, Submission};
use wxgame::credential::token::Source;
use wxgame::sign::{AppKey, Secret};
use wxgame::store::memory::{Disk, Memory};
use wxgame::store::{Generation, Journal, JournalError, Kind, Reason, Record, Write};
use wxgame::transport;

pub const HOUR_MS: i64 = 3_600_000;
pub const WALL_MS: i64 = 1_700_000_000_000;
pub const TIMEOUT_MS: i64 = 10_000;
pub const LATE_WINDOW_MS: i64 = 600_000;
pub const PATIENCE_MS: i64 = 1_800_000;

/// One engine and its world.
pub struct World {
    pub disk: Disk,
    journal: Memory,
    pub engine: Engine,
    generation: Generation,
    pub now_ms: i64,
    /// The steady clock stood for so long while the wall clock went on.
    pub slept_ms: i64,
    /// Requests that are out.
    pub out: Vec<Outgoing>,
    /// What the host has been told and has not looked at.
    pub told: VecDeque<Completion>,
    /// Everything that has been asked of WeChat: call and body, in order.
    pub sent: Vec<(String, String)>,
    pub logs: Vec<String>,
    /// Writes are held back while this is set.
    pub disk_hangs: bool,
    pub held: Vec<(u64, Write)>,
    last_submission: u64,
}

pub fn settings() -> Settings {
    Settings {
        app: App {
            appid: "wx1234567".into(),
            offer_id: "12345678".into(),
            pf: "android".into(),
            environment: Environment::Production,
            app_key: AppKey::new("app-key").expect("a good key"),
            mp_sig: true,
        },
        app_secret: Secret::new("app-secret"),
        token_source: Source::Stable,
        token_requests_per_day: 500,
        token_realm: String::new(),
        generation: Generation::V1,
        limits: Limits {
            timeout_ms: TIMEOUT_MS,
            late_window_ms: LATE_WINDOW_MS,
            unknown_patience_ms: PATIENCE_MS,
            resend_limit_ms: RESEND_LIMIT_MS,
        },
        log_level: Some(Level::Debug),
        operations: Operations::default(),
    }
}

pub fn settings_v2() -> Settings {
    let mut settings = settings();
    settings.generation = Generation::V2;
    settings.app.pf = String::new();
    settings
}

impl World {
    pub fn new() -> Self {
        Self::on(Disk::new(), 0)
    }

    /// A world whose engine has a token and knows player o1.
    pub fn ready() -> Self {
        Self::new().made_ready()
    }

    /// The same of a client of virtual payment 2.0.
    pub fn ready_v2() -> Self {
        Self::with(settings_v2(), Disk::new(), 0).made_ready()
    }

    /// The same, with a token and player o1 logged in.
    pub fn made_ready(mut self) -> Self {
        self.log_in();
        self.submit_balance("o1");
        self.give_token();
        self.answer(r#"{"errcode":0,"balance":0}"#);
        self.told.clear();
        self.sent.clear();
        self
    }

    /// The process is killed and started again as a client of virtual payment 2.0, without session and token.
    pub fn crash_and_reopen_v2(self, ms: i64) -> Self {
        self.crash_and_reopen_with(settings_v2(), ms)
    }

    /// A world whose app signs without `mp_sig`.
    pub fn without_mp_sig() -> Self {
        let mut settings = settings();
        settings.app.mp_sig = false;
        Self::with(settings, Disk::new(), 0)
    }

    fn on(disk: Disk, now_ms: i64) -> Self {
        Self::with(settings(), disk, now_ms)
    }

    /// The process is killed and started again with other settings.
    pub fn crash_and_reopen_with(self, settings: Settings, ms: i64) -> Self {
        let Self {
            disk,
            now_ms,
            journal,
            ..
        } = self;
        drop(journal);
        Self::with(settings, disk, now_ms + ms)
    }

    /// One server of those that share the journal on this disk.
    pub fn server(disk: &Disk, settings: Settings, lease_ms: i64, now_ms: i64) -> Self {
        let journal = disk.join("wx1234567", "production", lease_ms);
        Self::opened(settings, disk.clone(), journal, now_ms)
    }

    /// The server dies without a word. What was out may still reach WeChat.
    pub fn kill(self) {
        self.journal.kill();
    }

    pub fn operate(&mut self, operator: Operator) -> Completion {
        self.submit(Ask::Operator(operator), 9, 30_000);
        self.only()
    }

    pub fn with(settings: Settings, disk: Disk, now_ms: i64) -> Self {
        let journal = disk.open("wx1234567", "production");
        Self::opened(settings, disk, journal, now_ms)
    }

    fn opened(settings: Settings, disk: Disk, mut journal: Memory, now_ms: i64) -> Self {
        let recovered = journal.recover().expect("memory can be read");
        let now = Now {
            mono_ms: now_ms,
            wall_ms: WALL_MS + now_ms,
        };
        let mut world = Self {
            generation: settings.generation,
            engine: Engine::new(settings, recovered, 7, now),
            journal,
            disk,
            now_ms,
            slept_ms: 0,
            out: Vec::new(),
            told: VecDeque::new(),
            sent: Vec::new(),
            logs: Vec::new(),
            disk_hangs: false,
            held: Vec::new(),
            last_submission: 0,
        };
        world.settle();
        world
    }

    /// The process is killed and started again on the same disk, `ms` later. Nothing that was out is heard of.
    pub fn crash_and_reopen(self, ms: i64) -> Self {
        let Self {
            disk,
            now_ms,
            journal,
            ..
        } = self;
        drop(journal);
        Self::on(disk, now_ms + ms)
    }

    /// The same, with player o1 logged in and a token.
    pub fn crash_and_reopen_ready(self, ms: i64) -> Self {
        let mut world = self.crash_and_reopen(ms);
        world.log_in();
        world.submit_balance("o1");
        if world.out.iter().any(|out| call_of(out) == "stable_token") {
            world.give_token();
        }
        world.answer_call("getbalance", r#"{"errcode":0,"balance":0}"#);
        world.told.retain(|told| {
            told.kind != Some(CompletionKind::GetBalance)
                && told.kind != Some(CompletionKind::SessionNeeded)
        });
        world
    }

    pub fn handle(&mut self, input: Input) {
        let now = Now {
            mono_ms: self.now_ms,
            wall_ms: WALL_MS + self.now_ms + self.slept_ms,
        };
        self.engine.handle(input, now);
        self.settle();
    }

    /// Carries out what the engine wants; the disk answers at once unless it hangs.
    pub fn settle(&mut self) {
        loop {
            let effects = self.engine.take_effects();
            self.logs
                .extend(effects.logs.into_iter().map(|record| record.message));
            self.told.extend(effects.completions);
            for out in effects.sends {
                assert!(
                    out.not_after_ms >= self.now_ms,
                    "nothing is started too late"
                );
                let body = String::from_utf8(out.request.body.clone()).expect("bodies are UTF-8");
                self.sent.push((call_of(&out), body));
                self.out.push(out);
            }
            self.held.extend(effects.writes);
            if self.held.is_empty() || self.disk_hangs {
                return;
            }
            let (ids, writes): (Vec<u64>, Vec<Write>) =
                std::mem::take(&mut self.held).into_iter().unzip();
            let answers = match self.journal.commit(&writes) {
                Ok(written) => ids.into_iter().zip(written.into_iter().map(Ok)).collect(),
                Err(failure) => ids
                    .into_iter()
                    .map(|id| (id, Err(failure.clone())))
                    .collect(),
            };
            let now = Now {
                mono_ms: self.now_ms,
                wall_ms: WALL_MS + self.now_ms + self.slept_ms,
            };
            self.engine.handle(Input::Committed(answers), now);
        }
    }

    /// The journal answers what it has been asked so far, and then hangs.
    pub fn answer_held_and_hang(&mut self) {
        let (ids, writes): (Vec<u64>, Vec<Write>) =
            std::mem::take(&mut self.held).into_iter().unzip();
        let answers = self.journal.commit(&writes).expect("memory answers");
        self.disk_hangs = true;
        let answers = ids.into_iter().zip(answers.into_iter().map(Ok)).collect();
        self.handle(Input::Committed(answers));
    }

    pub fn log_in(&mut self) {
        self.handle(Input::SetSession {
            openid: "o1".into(),
            session_key: Secret::new("c2Vzc2lvbg=="),
        });
    }

    pub fn give_token(&mut self) {
        self.answer_call(
            "stable_token",
            r#"{"access_token":"TOKEN","expires_in":7200}"#,
        );
    }

    pub fn submit(&mut self, ask: Ask, user_tag: u64, deadline_ms: i64) {
        self.last_submission += 1;
        self.handle(Input::Submit(Submission {
            id: self.last_submission,
            user_tag,
            deadline_ms,
            ask,
        }));
    }

    pub fn pay(&mut self, bill_no: &str) {
        let record = self.record(Kind::Pay, bill_no);
        self.submit(
            Ask::Payment {
                record: Box::new(record),
                sent_before: false,
            },
            1,
            30_000,
        );
    }

    pub fn present(&mut self, bill_no: &str) {
        let record = self.record(Kind::Present, bill_no);
        self.submit(
            Ask::Payment {
                record: Box::new(record),
                sent_before: false,
            },
            1,
            30_000,
        );
    }

    pub fn cancel(&mut self, bill_no: &str) {
        self.submit(
            Ask::CancelPay {
                bill_no: bill_no.into(),
                part: None,
            },
            2,
            30_000,
        );
    }

    /// Gives a part of a payment back.
    pub fn refund(&mut self, bill_no: &str, refund_bill_no: &str, amount: i64) {
        self.submit(
            Ask::CancelPay {
                bill_no: bill_no.into(),
                part: Some(Part {
                    refund_bill_no: refund_bill_no.into(),
                    amount,
                }),
            },
            4,
            30_000,
        );
    }

    pub fn submit_balance(&mut self, openid: &str) {
        let call = ReadCall::GetBalance {
            openid: openid.into(),
            zone_id: "1".into(),
            user_ip: String::new(),
            coin_type: CoinType::Game,
        };
        self.submit(Ask::Read(call), 3, 30_000);
    }

    pub fn record(&self, kind: Kind, bill_no: &str) -> Record {
        let now_ms = WALL_MS + self.now_ms;
        Record {
            offer_id: "12345678".into(),
            pf: match self.generation {
                Generation::V1 => "android".into(),
                Generation::V2 => String::new(),
            },
            openid: "o1".into(),
            zone_id: "1".into(),
            amount: 10,
            user_tag: 1,
            created_at_ms: now_ms,
            deadline_at_ms: now_ms + 30_000,
            updated_at_ms: now_ms,
            ..Record::new(kind, self.generation, bill_no)
        }
    }

    /// Ends the one request that is out.
    fn finish(&mut self, at: usize, outcome: transport::Outcome) {
        let out = self.out.remove(at);
        self.handle(Input::Finished {
            id: out.id,
            outcome,
        });
    }

    /// The one request that is out is answered by a WeChat whose clock differs from ours by so much.
    pub fn answer_dated(&mut self, body: &str, skew_ms: i64) {
        assert_eq!(self.out.len(), 1, "one request is out: {:?}", self.sent);
        let date_unix_s = Some((WALL_MS + self.now_ms + self.slept_ms + skew_ms) / 1000);
        let reply = transport::Reply {
            status: 200,
            body: body.as_bytes().to_vec(),
            date_unix_s,
        };
        self.finish(0, transport::Outcome::Reply(reply));
    }

    /// The one request that is out is answered.
    pub fn answer(&mut self, body: &str) {
        assert_eq!(self.out.len(), 1, "one request is out: {:?}", self.sent);
        self.finish(0, reply(body));
    }

    /// The first request that is out for this call is answered.
    pub fn answer_call(&mut self, call: &str, body: &str) {
        let at = self
            .out
            .iter()
            .position(|out| call_of(out) == call)
            .unwrap_or_else(|| panic!("no {call} is out"));
        self.finish(at, reply(body));
    }

    /// The token request that is out is answered by a WeChat whose clock differs from ours by so much.
    pub fn give_token_dated(&mut self, skew_ms: i64) {
        let at = self
            .out
            .iter()
            .position(|out| call_of(out) == "stable_token")
            .expect("a token request is out");
        let date_unix_s = Some((WALL_MS + self.now_ms + self.slept_ms + skew_ms) / 1000);
        let body = br#"{"access_token":"TOKEN","expires_in":7200}"#.to_vec();
        let reply = transport::Reply {
            status: 200,
            body,
            date_unix_s,
        };
        self.finish(at, transport::Outcome::Reply(reply));
    }

    /// The host asks about an item purchase of player o1.
    pub fn query(&mut self, out_trade_no: &str) {
        let call = ReadCall::QueryOrder {
            openid: "o1".into(),
            zone_id: "1".into(),
            user_ip: String::new(),
            out_trade_no: out_trade_no.into(),
            business: Business::Item,
        };
        self.submit(Ask::Read(call), 6, 30_000);
    }

    pub fn give_token_if_asked(&mut self) {
        if self.out.iter().any(|out| call_of(out) == "stable_token") {
            self.give_token();
        }
    }

    /// WeChat answers with a code.
    pub fn answer_code(&mut self, errcode: i32) {
        self.answer(&format!(r#"{{"errcode":{errcode},"errmsg":"m"}}"#));
    }

    /// The same for everything that is out, if anything is. A token request is answered.
    pub fn lose_answers(&mut self) {
        while !self.out.is_empty() {
            match self
                .out
                .iter()
                .position(|out| call_of(out) == "stable_token")
            {
                Some(_) => self.give_token(),
                None => self.finish(
                    0,
                    transport::Outcome::Unknown("the answer did not come".into()),
                ),
            }
        }
    }

    /// Nobody will ever know what became of the one request that is out.
    pub fn lose_answer(&mut self) {
        assert_eq!(self.out.len(), 1, "one request is out");
        self.finish(
            0,
            transport::Outcome::Unknown("the answer did not come".into()),
        );
    }

    /// Nothing of the request that is out has left.
    pub fn not_sent(&mut self) {
        assert_eq!(self.out.len(), 1, "one request is out");
        self.finish(0, transport::Outcome::NotSent("connection refused".into()));
    }

    /// The machine sleeps: only the wall clock goes on.
    pub fn sleep(&mut self, ms: i64) {
        self.slept_ms += ms;
        self.handle(Input::Tick);
    }

    /// Winds the clock, firing every timer on the way.
    pub fn wind(&mut self, ms: i64) {
        let end_ms = self.now_ms + ms;
        while let Some(at) = self.engine.next_timer_ms().filter(|at| *at <= end_ms) {
            self.now_ms = at.max(self.now_ms);
            self.handle(Input::Tick);
            if self.engine.is_closed() {
                break;
            }
        }
        self.now_ms = end_ms;
        self.handle(Input::Tick);
    }

    /// Winds until a request is out, at most so long.
    pub fn wind_until_out(&mut self, most_ms: i64) {
        let end_ms = self.now_ms + most_ms;
        loop {
            if self.out.iter().any(|out| call_of(out) == "stable_token") {
                self.give_token();
            }
            if !self.out.is_empty() {
                return;
            }
            let at = self
                .engine
                .next_timer_ms()
                .filter(|at| *at <= end_ms)
                .expect("something is sent in time");
            self.now_ms = at.max(self.now_ms);
            self.handle(Input::Tick);
        }
    }

    /// Winds until a token request is out, until then at the most.
    pub fn wind_until_token(&mut self, end_ms: i64) {
        while !self.out.iter().any(|out| call_of(out).contains("token")) {
            let at = self.engine.next_timer_ms().filter(|at| *at <= end_ms);
            self.now_ms = at.expect("a token is asked for in time").max(self.now_ms);
            self.handle(Input::Tick);
        }
    }

    /// The next thing the host was told.
    pub fn next(&mut self) -> Completion {
        self.told.pop_front().expect("the host was told something")
    }

    /// The one thing the host was told.
    pub fn only(&mut self) -> Completion {
        assert_eq!(
            self.told.len(),
            1,
            "the host was told one thing: {:#?}",
            self.told
        );
        self.next()
    }

    pub fn ack(&mut self, delivery_id: u64) {
        self.handle(Input::Ack(delivery_id));
    }

    /// What the disk holds of one payment.
    pub fn on_disk(&self, bill_no: &str) -> Option<Record> {
        let mut journal = self.disk.open("wx1234567", "production");
        match journal
            .commit(&[Write::Find(bill_no.into())])
            .expect("memory can be read")
            .remove(0)
        {
            wxgame::store::Written::Found(record) => Some(*record),
            _ => None,
        }
    }

    /// Calls that were made, without the token's.
    pub fn calls(&self) -> Vec<&str> {
        self.sent
            .iter()
            .map(|(call, _)| call.as_str())
            .filter(|call| *call != "stable_token")
            .collect()
    }

    pub fn full_disk(&self, times: usize) {
        self.disk
            .fail_next(times, JournalError::not_written("the disk is full"));
    }
}

pub fn reply(body: &str) -> transport::Outcome {
    transport::Outcome::Reply(transport::Reply {
        status: 200,
        body: body.as_bytes().to_vec(),
        date_unix_s: None,
    })
}

fn call_of(out: &Outgoing) -> String {
    let path = out
        .request
        .path_and_query
        .split('?')
        .next()
        .unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

/// What a completion says, in short.
pub fn said(completion: &Completion) -> (CompletionKind, Outcome, Reason) {
    (
        completion.kind.expect("every completion has a kind"),
        completion.outcome,
        completion.reason,
    )
}

/// An operator's decision.
pub fn settle(bill_no: &str, done: bool) -> Operator {
    Operator::Settle {
        bill_no: bill_no.into(),
        done,
    }
}

/// An operator lets a held payment go on.
pub fn resume(bill_no: &str) -> Operator {
    Operator::Resume {
        bill_no: bill_no.into(),
    }
}
