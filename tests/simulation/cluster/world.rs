//! Servers on one ledger: their engines, the journal they share, the requests that are out, WeChat, one clock.

use wxgame::client::engine::{Engine, Outgoing};
use wxgame::client::submission::Input;
use wxgame::sign::Secret;
use wxgame::store::memory::{Disk, Memory};
use wxgame::store::{Journal, Record, Write, Written};
use wxgame::transport::Outcome;

use super::host::{Asked, Order};
use super::scenario::{Bounds, Broken, Servers};
use super::steps::Step;
use crate::disk::Answers;
use crate::scenario::Scenario;
use crate::wechat::{AMOUNT, Call, Refund, Request, Server as Terms, WeChat};
use crate::wire::{WALL_MS, now, read, reply, reply_code, settings};
use crate::world::Violation;

pub const LEASE_MS: i64 = 6_000;
/// Shorter than in earnest, so that less happens in between.
pub const LATE_WINDOW_MS: i64 = 30_000;
const PATIENCE_MS: i64 = 60_000;
/// A server that stands still, or whose journal is silent, goes on by then.
pub const STILL_MS: i64 = 3 * LEASE_MS;

/// One server.
pub struct Server {
    pub engine: Engine,
    /// None once it is dead.
    pub journal: Option<Memory>,
    /// The name that it was opened with.
    pub name: u64,
    /// Writes that the journal has not answered.
    pub queue: Vec<(u64, Write)>,
    /// What it has answered, and nobody has heard.
    pub unheard: Option<Answers>,
    /// The process stands still until then.
    pub still_until_ms: Option<i64>,
    /// The journal is silent until then, and whether it goes on committing.
    pub silent_until_ms: Option<(i64, bool)>,
    /// How the next commit fails: whether it is stored all the same.
    pub fault: Option<bool>,
    pub asked: Vec<Asked>,
    /// Final answers to acknowledge: delivery ids.
    pub to_ack: Vec<u64>,
    /// And those that have been: where the journal did not get that, they come again after a restart.
    pub ack_given: Vec<u64>,
    /// Which commit its answers are of.
    pub commit: u64,
    /// Numbers that it was handed as left by another.
    pub taken: Vec<String>,
}

impl Server {
    pub fn is_up(&self) -> bool {
        self.journal.is_some() && self.still_until_ms.is_none()
    }
}

/// A request that is out and whose outcome its server waits for.
#[derive(Clone)]
pub struct Flight {
    pub server: usize,
    pub id: u64,
    pub request: Request,
    pub made_ms: i64,
    pub not_after_ms: i64,
    pub leave_by_ms: i64,
    /// Its first byte is on the way.
    pub left: bool,
    /// What WeChat has answered, and the server has not heard.
    pub reply: Option<i32>,
    /// How many leases its server had lost when it was made.
    leases_lost: u64,
}

/// A request that nobody waits for: WeChat may still execute it.
pub struct Floating {
    pub request: Request,
    /// Executed by then or never.
    pub by_ms: i64,
}

/// One history as it unfolds.
pub struct World {
    pub scene: Servers,
    pub left: Bounds,
    pub now_ms: i64,
    pub disk: Disk,
    pub servers: Vec<Server>,
    pub flights: Vec<Flight>,
    pub floating: Vec<Floating>,
    pub wechat: WeChat,
    pub orders: Vec<Order>,
    pub submissions: u64,
    pub commits: u64,
    pub steps: Vec<Step>,
    pub violation: Option<Violation>,
    pub ended: bool,
    /// Something happened that somebody may want to act on.
    pub eventful: bool,
}

impl World {
    pub fn new(scene: &Servers) -> Self {
        let terms = Terms {
            number_first: Some(scene.number_first),
            reusable: Some(true),
            confirms: false,
        };
        let orders = scene.orders.iter().enumerate();
        let mut world = Self {
            left: scene.bounds,
            now_ms: 0,
            disk: Disk::new(),
            servers: Vec::new(),
            flights: Vec::new(),
            floating: Vec::new(),
            wechat: WeChat::new(terms, scene.purse, scene.orders.len()),
            orders: orders.map(|(at, kind)| Order::new(at, *kind)).collect(),
            submissions: 0,
            commits: 0,
            steps: Vec::new(),
            violation: None,
            ended: false,
            eventful: false,
            scene: scene.clone(),
        };
        for _ in 0..scene.servers {
            let server = world.open();
            world.servers.push(server);
            world.log_in(world.servers.len() - 1);
            // Their heartbeats do not fall together.
            world.pass(700);
        }
        world
    }

    /// A server that has just opened the journal.
    pub fn open(&mut self) -> Server {
        let mut journal = self.disk.join("wx1234567", "production", LEASE_MS);
        let recovered = journal.recover().expect("memory can be read");
        let name = recovered.tenure.map_or(0, |tenure| tenure.server);
        let scenario = Scenario::bounded(
            "",
            self.scene.generation,
            &self.scene.orders,
            0,
            Default::default(),
        );
        let mut settings = settings(&scenario);
        settings.limits.late_window_ms = LATE_WINDOW_MS;
        settings.limits.unknown_patience_ms = PATIENCE_MS;
        Server {
            engine: Engine::new(settings, recovered, 7 + name, now(self.now_ms, self.now_ms)),
            journal: Some(journal),
            name,
            queue: Vec::new(),
            unheard: None,
            still_until_ms: None,
            silent_until_ms: None,
            fault: None,
            asked: Vec::new(),
            to_ack: Vec::new(),
            ack_given: Vec::new(),
            commit: 0,
            taken: Vec::new(),
        }
    }

    pub fn log_in(&mut self, at: usize) {
        self.feed(
            at,
            Input::SetSession {
                openid: "o1".into(),
                session_key: Secret::new("c2Vzc2lvbg=="),
            },
        );
    }

    /// Lets time pass, of which nobody hears yet.
    pub fn pass(&mut self, ms: i64) {
        let early = self.scene.broken == Some(Broken::LeasesEndEarly);
        self.disk.advance(if early { 3 * ms } else { ms });
        self.now_ms += ms;
    }

    pub fn record(&self, order: usize) -> Option<Record> {
        let find = Write::Find(self.orders[order].bill_no.clone());
        let mut journal = self.disk.open("wx1234567", "production");
        match journal.commit(&[find]).expect("memory answers").pop() {
            Some(Written::Found(record)) => Some(*record),
            _ => None,
        }
    }

    /// Gives an engine one input and carries out what comes of it.
    pub fn feed(&mut self, at: usize, mut input: Input) {
        if let Input::Finished {
            outcome: Outcome::Reply(reply),
            ..
        } = &mut input
        {
            reply.date_unix_s = Some((WALL_MS + self.now_ms) / 1000);
        }
        let moment = now(self.now_ms, self.now_ms);
        self.servers[at].engine.handle(input, moment);
        self.carry_out(at);
    }

    /// Carries out what an engine wants, as far as the journal answers.
    pub fn carry_out(&mut self, at: usize) {
        loop {
            let effects = self.servers[at].engine.take_effects();
            self.servers[at].queue.extend(effects.writes);
            let sends = effects.sends.into_iter();
            let tokens: Vec<_> = sends.filter_map(|out| self.depart(at, out)).collect();
            for completion in effects.completions {
                self.hear(at, completion);
            }
            let token = |id| {
                let outcome = reply(200, r#"{"access_token":"TOKEN","expires_in":7200}"#);
                Input::Finished { id, outcome }
            };
            let mut inputs: Vec<Input> = tokens.into_iter().map(token).collect();
            inputs.extend(self.answers(at).map(Input::Committed));
            if inputs.is_empty() {
                return;
            }
            let moment = now(self.now_ms, self.now_ms);
            for input in inputs {
                self.servers[at].engine.handle(input, moment);
            }
        }
    }

    /// A request leaves an engine. That of a token is answered at once: its id.
    fn depart(&mut self, at: usize, outgoing: Outgoing) -> Option<u64> {
        let arrived = read(self.scene.generation, &outgoing);
        if arrived.call == Call::Token {
            return Some(outgoing.id);
        }
        self.eventful = true;
        let named = |order: &Order| order.bill_no == arrived.bill_no;
        let request = Request {
            call: arrived.call,
            order: self.orders.iter().position(named).unwrap_or_default(),
            bill_no: arrived.bill_no.clone(),
            refund: arrived.refund.map(|(bill_no, amount)| Refund {
                bill_no,
                amount,
                part: false,
            }),
            parameters: arrived.parameters,
        };
        let flight = Flight {
            server: at,
            id: outgoing.id,
            request,
            made_ms: self.now_ms,
            not_after_ms: outgoing.not_after_ms,
            leave_by_ms: outgoing.leave_by_ms.unwrap_or(i64::MIN),
            left: true,
            reply: None,
            leases_lost: self.servers[at].engine.stats().leases_lost,
        };
        self.check_departure(&flight);
        self.flights.push(flight);
        None
    }

    /// Whether two requests were made under one lease.
    pub fn same_lease(one: &Flight, other: &Flight) -> bool {
        one.server == other.server && one.leases_lost == other.leases_lost
    }

    /// Nobody waits for this request any more.
    pub fn float(&mut self, flight: Flight) {
        if flight.left && flight.reply.is_none() {
            self.floating.push(Floating {
                by_ms: flight.not_after_ms + LATE_WINDOW_MS,
                request: flight.request,
            });
        }
    }

    /// WeChat executes a request.
    pub fn execute(&mut self, request: &Request) -> i32 {
        self.wechat.execute(request, false, self.now_ms)
    }

    pub fn reply(&mut self, flight: &Flight, code: i32) {
        let outcome = reply_code(code);
        let id = flight.id;
        self.feed(flight.server, Input::Finished { id, outcome });
    }

    pub fn top_up(&mut self) {
        self.wechat.purse += AMOUNT;
    }

    pub fn violate(&mut self, invariant: &'static str, what: impl Into<String>) {
        self.violation.get_or_insert(Violation {
            invariant,
            what: what.into(),
        });
    }
}
