//! When two histories have come to the same point: what follows need be walked only once.
//!
//! The engine keeps its state to itself, but a process that has just started knows nothing except the disk and
//! the clock. So points are compared there, and only there. Times are compared as distances from now.

use std::hash::{DefaultHasher, Hash, Hasher};

use wxgame::store::State;

use crate::world::World;

impl World {
    /// A digest of everything that can matter from here on, if a process has just started.
    pub fn digest_of_fresh_start(&mut self) -> Option<u64> {
        if !std::mem::take(&mut self.fresh) {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        self.hash_disk(&mut hasher);
        self.hash_host(&mut hasher);
        self.wechat.state(self.now_ms).hash(&mut hasher);
        for late in &self.floating {
            let request = &late.request;
            (request.call, request.order, &request.bill_no).hash(&mut hasher);
            (late.by_ms - self.now_ms).hash(&mut hasher);
        }
        for flight in &self.flights {
            (flight.request.call, flight.not_after_ms - self.now_ms).hash(&mut hasher);
        }
        (self.process, self.batches.len(), self.left).hash(&mut hasher);
        (self.stale, self.excused).hash(&mut hasher);
        Some(hasher.finish())
    }

    fn hash_disk(&self, hasher: &mut DefaultHasher) {
        let wall_ms = self.wall_ms();
        for order in &self.host.orders {
            let record = self.disk.find(&order.bill_no);
            record.is_some().hash(hasher);
            if let Some(record) = record {
                (record.id, record.state as u8, record.reason as u8).hash(hasher);
                (record.refund, record.acked, record.replaced, record.errcode).hash(hasher);
                record.refunded.hash(hasher);
                (
                    record.created_at_ms - wall_ms,
                    record.updated_at_ms - wall_ms,
                )
                    .hash(hasher);
                (
                    record.deadline_at_ms - wall_ms,
                    record.first_sent_at_ms - wall_ms,
                )
                    .hash(hasher);
            }
        }
    }

    fn hash_host(&self, hasher: &mut DefaultHasher) {
        let number = |state: Option<State>| state.map(|state| state as u8);
        for order in &self.host.orders {
            (order.placed, order.acked, order.ack_given, order.refund).hash(hasher);
            (number(order.told), number(order.sealed), order.owed).hash(hasher);
            (order.ask_again, order.sends).hash(hasher);
            (order.refused, order.cancel_asked).hash(hasher);
            order
                .first_sent_ms
                .map(|at_ms| at_ms - self.now_ms)
                .hash(hasher);
        }
        (self.host.session_wanted, &self.host.to_ack).hash(hasher);
    }
}
