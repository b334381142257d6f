//! What must hold of servers that share a journal: the invariants of one engine, whichever of them drives, and
//!
//! | | |
//! |---|---|
//! | I1 | nothing leaves after the lease of its server, nor while the lease of an older request's server lasts |

use wxgame::store::{Record, State};

use super::world::{Flight, World};
use crate::wechat::{AMOUNT, Call};
use crate::world::TIMEOUT_MS;

impl World {
    /// A money request is about to leave.
    pub fn check_departure(&mut self, flight: &Flight) {
        let request = &flight.request;
        let state = self.record(request.order).map(|record| record.state);
        let due = match request.call {
            Call::Cancel => State::Cancelling,
            _ => State::Sending,
        };
        let same = |other: &&Flight| other.request.order == request.order;
        let others = self.flights.iter().filter(same);
        let mut others =
            others.filter(|other| other.left && self.servers[other.server].journal.is_some());
        let wrong = if state != Some(due) {
            Some(format!(
                "{:?} is sent while the disk says {state:?}",
                request.call
            ))
        } else if self.now_ms > flight.not_after_ms
            || flight.not_after_ms > self.now_ms + TIMEOUT_MS
        {
            Some("a request carries a wrong not_after".to_owned())
        } else if self.now_ms > flight.leave_by_ms {
            Some("a request leaves after the lease of its server".to_owned())
        } else if others.any(|other| {
            World::same_lease(other, flight)
                || other.server != flight.server && other.leave_by_ms > self.now_ms
        }) {
            Some("two attempts of one payment are out at once".to_owned())
        } else {
            None
        };
        if let Some(wrong) = wrong {
            self.violate("I1", wrong);
        }
    }

    /// The disk has changed.
    pub fn look_at_the_disk(&mut self) {
        for at in 0..self.orders.len() {
            let Some(record) = self.record(at) else {
                continue;
            };
            let order = &mut self.orders[at];
            order.acked_by = match order.acked_by {
                None if record.acked => Some(self.commits),
                acked_by => acked_by.filter(|_| record.acked),
            };
            if order.cancel_asked && record.refund && order.sealed == Some(State::Done) {
                // The host itself has asked for its coins back: the finished payment is open again.
                order.sealed = None;
                order.told = None;
            }
            let state = record.state;
            match order.sealed {
                Some(sealed) if sealed != state => {
                    self.violate("I7", format!("{sealed:?} became {state:?} on the disk"));
                }
                None if state.is_final() => order.sealed = Some(state),
                _ => {}
            }
            if state == State::NeedsReview {
                let reason = record.reason;
                self.violate("I7", format!("review ({reason:?}) where all behave"));
            }
        }
    }

    /// Holds after every step.
    pub fn check(&mut self) {
        if self.wechat.contradicted {
            self.violate("I2", "one number came with two sets of parameters");
        }
        for at in 0..self.orders.len() {
            let order = &self.orders[at];
            let answers = [order.sealed, order.told];
            let says = |state| answers.contains(&Some(state));
            let net = self.wechat.net[at];
            if net != 0 && net != AMOUNT {
                self.violate("I3", format!("{net} coins of {AMOUNT} are gone"));
            } else if says(State::Done) && net != AMOUNT {
                self.violate("I3", "done, but the coins are not gone");
            } else if (says(State::Rejected) || says(State::NotSent)) && net != 0 {
                self.violate("I4", format!("{answers:?}, but the coins are gone"));
            }
        }
    }

    /// Holds when nothing more can happen.
    pub fn check_end(&mut self) {
        if let Some(submission) = self.unanswered() {
            self.violate("I6", format!("submission {submission} never completes"));
        }
        if !self.is_settled() {
            self.violate("I7", "an order stays without an acknowledged answer");
        }
    }

    /// Every order has its end, somebody was told, and the journal knows that.
    pub fn is_settled(&self) -> bool {
        let over = |at: usize| {
            let order = &self.orders[at];
            let record = self.record(at);
            let acked = |record: &Record| {
                let id = record.delivery_id();
                let mut servers = self.servers.iter();
                record.acked || servers.any(|server| server.ack_given.contains(&id))
            };
            order.placed
                && order.told.is_some()
                && record.is_some_and(|record| record.state.is_final() && acked(&record))
        };
        (0..self.orders.len()).all(over) && self.unanswered().is_none()
    }
}
