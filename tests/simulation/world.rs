//! Everything round the engine: the process it lives in, the disk, the requests that are out, WeChat, the clock.

use std::collections::VecDeque;

use wxgame::client::engine::{Effects, Engine, Now, Outgoing};
use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::client::submission::Input;
use wxgame::sign::Secret;
use wxgame::store::{State, Write};
use wxgame::transport;

use crate::disk::Disk;
use crate::host::Host;
use crate::scenario::{Bounds, Broken, Scenario};
use crate::steps::Step;
use crate::wechat::{Call, Refund, Request, WeChat};
use crate::wire::{Arrived, mistold, now, read, settings};

pub const TIMEOUT_MS: i64 = 10_000;
/// D, for the engine and for the simulated WeChat.
pub const LATE_WINDOW_MS: i64 = 600_000;
/// Where the clock of a new process stands.
const MONO_MS: i64 = 5_000;

/// A promise that was broken, by the number of its invariant.
#[derive(Clone, Debug)]
pub struct Violation {
    pub invariant: &'static str,
    pub what: String,
}

/// A request that is out and whose outcome the engine waits for.
#[derive(Clone)]
pub struct Flight {
    pub id: u64,
    pub request: Request,
    /// On the world's clock.
    pub not_after_ms: i64,
    /// The process stood still meanwhile: the request is a late one too, and no answer comes in time.
    pub overslept: bool,
    /// It was signed with a session_key that WeChat has refused.
    pub stale: bool,
}

/// A request that the engine has given up, or that outlived its process: WeChat may still execute it.
pub struct Floating {
    pub id: u64,
    pub process: u32,
    pub request: Request,
    /// Executed by then or never.
    pub by_ms: i64,
}

/// Writes handed over together: durable together or not at all.
pub struct Batch {
    pub writes: Vec<(u64, Write)>,
    /// Broken on purpose: answered before it is durable.
    pub answered: bool,
}

/// One history as it unfolds.
pub struct World {
    pub scenario: Scenario,
    pub left: Bounds,
    pub now_ms: i64,
    pub engine: Engine,
    /// Counts the processes, from 1 on.
    pub process: u32,
    started_ms: i64,
    /// Broken on purpose: by so much the engine's clocks are behind.
    pub behind_ms: i64,
    /// By so much the monotonic clock alone is behind: it stood while the machine slept.
    pub slept_ms: i64,
    /// A leap that is under way, and where it ends.
    pub leaping_to_ms: Option<i64>,
    pub disk: Disk,
    pub batches: VecDeque<Batch>,
    pub flights: Vec<Flight>,
    pub floating: Vec<Floating>,
    pub wechat: WeChat,
    pub host: Host,
    /// WeChat has refused the session_key, and the player has not logged in since.
    pub stale: bool,
    /// The process stood still, the player stayed away, or the host left its answers lying: an order may grow too old.
    pub excused: bool,
    pub steps: Vec<Step>,
    /// Every money request that left: of which order, and when.
    pub sent: Vec<(usize, i64)>,
    pub violation: Option<Violation>,
    /// A process has just started: until its first input the engine is nothing but what the disk says.
    pub fresh: bool,
    /// Nothing more happens.
    pub ended: bool,
}

impl World {
    pub fn new(scenario: &Scenario) -> Self {
        let mut wechat = WeChat::new(scenario.server, scenario.purse, scenario.orders.len());
        match scenario.broken {
            Some(Broken::ForgetsSoon) => wechat = wechat.remembering(LATE_WINDOW_MS),
            Some(Broken::MindChanged) => wechat = wechat.changing_its_mind(),
            _ => {}
        }
        let mut world = Self {
            left: scenario.bounds,
            now_ms: 0,
            engine: Engine::new(settings(scenario), Vec::new(), 7, now(MONO_MS, 0)),
            process: 0,
            started_ms: 0,
            behind_ms: 0,
            slept_ms: 0,
            leaping_to_ms: None,
            disk: Disk::new(scenario.broken != Some(Broken::PartNotReserved)),
            batches: VecDeque::new(),
            flights: Vec::new(),
            floating: Vec::new(),
            wechat,
            host: Host::new(&scenario.orders, scenario.part),
            stale: false,
            excused: false,
            steps: Vec::new(),
            sent: Vec::new(),
            violation: None,
            fresh: false,
            ended: false,
            scenario: scenario.clone(),
        };
        world.start();
        world.feed(Input::SetSession {
            openid: "o1".into(),
            session_key: Secret::new("c2Vzc2lvbg=="),
        });
        if let Some(ago_ms) = scenario.paid_ago_ms {
            world.pay_first(ago_ms);
        }
        world
    }

    /// Takes the calm way until the first order is paid and acknowledged, and lets so much time pass.
    fn pay_first(&mut self, ago_ms: i64) {
        let mut options = Vec::new();
        while !self.host.orders[0].acked {
            self.options(&mut options);
            self.take(options[0]);
        }
        self.now_ms += ago_ms;
        self.feed(Input::Tick);
    }

    /// A process starts and opens the journal.
    fn start(&mut self) {
        self.process += 1;
        self.started_ms = self.now_ms - self.behind_ms - self.slept_ms;
        let mut records = self.disk.recover();
        self.host.process_started(&records);
        match self.scenario.broken {
            Some(Broken::NotRedelivered) => records.retain(|record| !record.state.is_final()),
            Some(Broken::PayAfterCancel) => records
                .iter_mut()
                .filter(|record| record.state == State::Cancelling)
                .for_each(|record| record.state = State::Sending),
            _ => {}
        }
        let seed = 7 + u64::from(self.process);
        self.engine = Engine::new(settings(&self.scenario), records, seed, self.now());
        self.absorb();
    }

    /// The process is gone. Batches in the queue are durable or not; requests that are out float.
    pub fn die(&mut self, durable: usize) {
        for batch in std::mem::take(&mut self.batches).into_iter().take(durable) {
            self.commit(batch);
        }
        if self.scenario.broken == Some(Broken::WriteLost) {
            self.disk.lose_last_batch();
        }
        for flight in std::mem::take(&mut self.flights) {
            self.float(flight);
        }
        self.host.process_died();
    }

    /// Starts the next process a second later.
    pub fn restart(&mut self) {
        self.now_ms += 1_000;
        self.start();
        self.fresh = true;
    }

    /// The moment, as the engine's clocks show it.
    pub fn now(&self) -> Now {
        let shown_ms = self.now_ms - self.behind_ms;
        now(
            MONO_MS + shown_ms - self.slept_ms - self.started_ms,
            shown_ms,
        )
    }

    /// The world's moment of a time on the engine's monotonic clock.
    pub fn world_ms(&self, mono_ms: i64) -> i64 {
        mono_ms - MONO_MS + self.started_ms + self.behind_ms + self.slept_ms
    }

    pub fn wall_ms(&self) -> i64 {
        self.now().wall_ms
    }

    /// Gives the engine one input and takes what comes of it.
    pub fn feed(&mut self, mut input: Input) {
        if let Input::Finished {
            outcome: wxgame::transport::Outcome::Reply(reply),
            ..
        } = &mut input
        {
            // WeChat's clock is the true one.
            reply.date_unix_s = Some((crate::wire::WALL_MS + self.now_ms) / 1000);
        }
        let now = self.now();
        self.engine.handle(input, now);
        self.absorb();
    }

    /// Takes over what the engine wants done.
    pub fn absorb(&mut self) {
        let Effects {
            writes,
            sends,
            completions,
            ..
        } = self.engine.take_effects();
        let early = self.hand_over(writes);
        for outgoing in sends {
            self.depart(outgoing);
        }
        for mut completion in completions {
            if completion.errcode == 90012 {
                completion.outcome = mistold(self.scenario.broken, &completion);
            }
            if self.scenario.broken == Some(Broken::ToldTwice) {
                self.hear(completion.clone());
            }
            self.hear(completion);
        }
        if !early.is_empty() {
            self.feed(Input::Committed(early));
        }
    }

    /// A request leaves the engine.
    fn depart(&mut self, outgoing: Outgoing) {
        let not_after_ms = self.world_ms(outgoing.not_after_ms);
        let arrived = read(self.scenario.generation, &outgoing);
        let call = arrived.call;
        let mut request = self.request(arrived);
        let order = request.order;
        if call != Call::Token {
            self.check_departure(&request, not_after_ms);
            self.sent.push((order, self.now_ms));
            let order = &mut self.host.orders[order];
            order.sends += 1;
            order.first_sent_ms.get_or_insert(self.now_ms);
            if order.sends > 1 && call != Call::Cancel {
                match self.scenario.broken {
                    Some(Broken::NewNumberOnRetry) => {
                        request.bill_no += &format!("-{}", order.sends)
                    }
                    Some(Broken::NewAmountOnRetry) => request.parameters ^= 2,
                    _ => {}
                }
            }
            if let Some(refund) = &mut request.refund {
                refund.bill_no += &match self.scenario.broken {
                    Some(Broken::NewRefundNumberOnRetry) => format!("-{}", order.sends),
                    Some(Broken::NewRefundNumberAfterRestart) => format!("-{}", self.process),
                    _ => String::new(),
                };
            }
        }
        self.flights.push(Flight {
            stale: self.stale && call != Call::Token,
            id: outgoing.id,
            request,
            not_after_ms,
            overslept: false,
        });
    }

    /// A request as one of an order: a part is an order of its own, the whole one of the payment's.
    fn request(&self, arrived: Arrived) -> Request {
        let part = arrived.refund.as_ref();
        let part = part.and_then(|(number, _)| self.host.find(number));
        let refund = arrived.refund.map(|(bill_no, amount)| Refund {
            bill_no,
            amount,
            part: part.is_some(),
        });
        Request {
            call: arrived.call,
            order: part.unwrap_or_else(|| self.host.order_of(&arrived.bill_no)),
            bill_no: arrived.bill_no,
            refund,
            parameters: arrived.parameters,
        }
    }

    /// Nobody waits for this request any more.
    pub fn float(&mut self, flight: Flight) {
        if flight.request.call == Call::Token || flight.overslept {
            return;
        }
        let by_ms = match self.scenario.broken {
            Some(Broken::LateWithoutEnd) => self.now_ms.max(flight.not_after_ms) + RESEND_LIMIT_MS,
            _ => flight.not_after_ms + LATE_WINDOW_MS,
        };
        self.floating.push(Floating {
            id: flight.id,
            process: self.process,
            request: flight.request,
            by_ms,
        });
    }

    /// How the engine learns that nothing is known of a request.
    pub fn lose(&mut self, id: u64, outcome: transport::Outcome) {
        let outcome = match self.scenario.broken {
            Some(Broken::UnknownIsNotSent) => transport::Outcome::NotSent("given up".into()),
            _ => outcome,
        };
        self.feed(Input::Finished { id, outcome });
    }

    pub fn violate(&mut self, invariant: &'static str, what: impl Into<String>) {
        self.violation.get_or_insert(Violation {
            invariant,
            what: what.into(),
        });
    }
}
