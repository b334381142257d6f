//! How time passes.

use wxgame::client::submission::Input;

use super::world::{LEASE_MS, World};

/// No history takes so long while all goes well in the end.
const LONGEST_MS: i64 = 7_200_000;

impl World {
    /// Lets time pass until something happens that somebody may act on.
    pub fn wait(&mut self) {
        self.eventful = false;
        let until_ms = self.now_ms + 5 * LEASE_MS;
        if self.now_ms > LONGEST_MS {
            self.violate("I7", "an order has no end after hours");
        }
        while self.now_ms < until_ms {
            let Some(at_ms) = self.next_moment() else {
                return;
            };
            self.pass((at_ms - self.now_ms).max(0));
            for at in 0..self.servers.len() {
                let due = self.servers[at].engine.next_timer_ms();
                if self.servers[at].is_up() && due.is_some_and(|due| due <= self.now_ms) {
                    self.feed(at, Input::Tick);
                }
                if let Some(order) = self.forgotten(at) {
                    self.orders[order].resubmitted = true;
                    self.submit(at, order);
                }
            }
            let resting = |until_ms: i64| until_ms <= self.now_ms;
            let rested = self.servers.iter().any(|server| {
                server.still_until_ms.is_some_and(resting)
                    || server
                        .silent_until_ms
                        .is_some_and(|(until, _)| resting(until))
            });
            let overdue = self.flights.iter().any(|flight| {
                self.now_ms > flight.not_after_ms && self.servers[flight.server].is_up()
            });
            let late = self.floating.iter().any(|late| late.by_ms <= self.now_ms);
            if self.eventful || rested || overdue || late {
                return;
            }
        }
    }

    /// When something happens by itself.
    fn next_moment(&self) -> Option<i64> {
        let up = self.servers.iter().filter(|server| server.is_up());
        let timers = up.filter_map(|server| server.engine.next_timer_ms());
        let out = self.flights.iter();
        let out = out.filter(|flight| self.servers[flight.server].is_up());
        let out = out.map(|flight| flight.not_after_ms + 1);
        let late = self.floating.iter().map(|late| late.by_ms);
        let resting = self.servers.iter().flat_map(|server| {
            let silent = server.silent_until_ms.map(|(until_ms, _)| until_ms);
            server.still_until_ms.into_iter().chain(silent)
        });
        timers.chain(out).chain(late).chain(resting).min()
    }
}
