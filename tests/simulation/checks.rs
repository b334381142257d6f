//! What must hold: the invariants of the payment engine, looked at after every step and at the end.
//!
//! | | |
//! |---|---|
//! | I1 | nothing is sent that is not durably journaled, nor after its `not_after`, nor after 47 hours |
//! | I2 | one bill_no never carries two sets of parameters |
//! | I3 | *done*: the coins are gone exactly once, until the host itself refunds; never more comes back than was paid |
//! | I4 | *rejected*, *not sent*: the coins are not gone and never will be by this number |
//! | I5 | unknown is never reported as anything else; what is told is on the disk |
//! | I6 | one completion per submission and process; final answers again until acknowledged |
//! | I7 | a final answer never changes; when all behave, every payment reaches one |

use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::store::{Kind, Reason, State};

use crate::wechat::{Call, Request};
use crate::world::{TIMEOUT_MS, World};

impl World {
    /// A money request is about to leave.
    pub fn check_departure(&mut self, request: &Request, not_after_ms: i64) {
        let order = &self.host.orders[request.order];
        let written = self.disk.find(&order.bill_no).map(|record| record.state);
        let due = match request.call {
            Call::Cancel if order.kind != Kind::Refund => State::Cancelling,
            _ => State::Sending,
        };
        let first_ms = order.first_sent_ms.unwrap_or(self.now_ms);
        let wrong = if written != Some(due) {
            Some(format!(
                "{:?} is sent while the disk says {written:?}",
                request.call
            ))
        } else if self.now_ms > not_after_ms || not_after_ms > self.now_ms + TIMEOUT_MS {
            Some("a request carries a wrong not_after".to_owned())
        } else if self.now_ms >= first_ms + RESEND_LIMIT_MS {
            Some(format!("{:?} is sent after 47 hours", request.call))
        } else if self.flights.iter().any(|flight| {
            flight.request.order == request.order && flight.request.call != Call::Token
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
        for at in 0..self.host.orders.len() {
            let order = &mut self.host.orders[at];
            let Some(record) = self.disk.find(&order.bill_no) else {
                if let Some(state) = order.sealed {
                    self.violate("I7", format!("{state:?} is gone from the disk"));
                }
                continue;
            };
            let state = record.state;
            if order.refund && record.refund && order.sealed == Some(State::Done) {
                // The host itself has asked for its coins back: the finished payment is open again.
                order.sealed = None;
                order.told = None;
                order.acked = false;
                order.ack_given = false;
            }
            match order.sealed {
                Some(sealed) if sealed != state => {
                    self.violate("I7", format!("{sealed:?} became {state:?} on the disk"));
                }
                None if state.is_final() => order.sealed = Some(state),
                _ => {}
            }
            self.check_review(at);
        }
    }

    /// A person is bothered only where nothing else is left.
    fn check_review(&mut self, at: usize) {
        let order = &self.host.orders[at];
        if order.sealed != Some(State::NeedsReview) {
            return;
        }
        let Some(record) = self.disk.find(&order.bill_no) else {
            return;
        };
        // Where a first write had to be repeated, the clock has run since the first try.
        let aged = self.wall_ms() - record.first_sent_at_ms >= RESEND_LIMIT_MS - 60_000;
        let forgotten = || {
            let paid = &self.host.orders[0].bill_no;
            order.kind == Kind::Refund && !self.wechat.is_known(paid, self.now_ms)
        };
        let right = match record.reason {
            Reason::Expired => aged && self.excused,
            Reason::RefundUnknown => forgotten(),
            _ => false,
        };
        if !right {
            let reason = record.reason;
            self.violate("I7", format!("review ({reason:?}) where all behave"));
        }
    }

    /// Holds after every step.
    pub fn check(&mut self) {
        if self.wechat.contradicted {
            self.violate("I2", "one number came with two sets of parameters");
        }
        for at in 0..self.host.orders.len() {
            let order = &self.host.orders[at];
            let net = self.wechat.net[at];
            let answers = [order.sealed, order.told];
            let says = |state| answers.contains(&Some(state));
            if net != 0 && net != order.amount {
                let what = format!("{net} coins of {} are gone", order.amount);
                self.violate("I3", what);
            } else if says(State::Done) && net != order.amount {
                self.violate("I3", "done, but the coins are not gone");
            } else if (says(State::Rejected) || says(State::NotSent)) && net != 0 {
                self.violate("I4", format!("{answers:?}, but the coins are gone"));
            }
        }
        self.check_parts();
    }

    /// Holds when nothing more can happen.
    pub fn check_end(&mut self) {
        if let Some(submission) = self.host.unanswered() {
            self.violate("I6", format!("submission {submission} never completes"));
        }
        for at in 0..self.host.orders.len() {
            let order = &self.host.orders[at];
            let told = order.told.is_some() || order.refused;
            if order.placed && (!told || !self.is_acked(order)) {
                let what = format!("{} stays without an acknowledged answer", order.bill_no);
                self.violate("I7", what);
            } else if order.owed {
                self.violate("I6", format!("{} is never resolved", order.bill_no));
            }
        }
    }
}
