//! Final answers on their way to the host, again and again until it has acted; and what may be forgotten then.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};

use crate::client::completion::{Completion, CompletionKind, FLAG_REDELIVERED};
use crate::client::log::Level;
use crate::store::{JournalError, Record, Write, Written};

use super::{ACK_WRITE, Engine, PRUNE, PRUNE_TIMER, REDELIVERY_TIMER};

/// As many answers as are outstanding again at a time; the next follows an ack.
const OUTSTANDING: usize = 256;
/// More unacknowledged answers than this are not followed in memory; the next open delivers them.
const FOLLOWED: usize = 1 << 20;
/// What could not be read is looked at again after this, where nothing comes again by itself.
const UNREAD_AGAIN_MS: i64 = 60_000;
/// So much is pruned in one commit, and that often while there is more.
const PRUNE_AT_ONCE: u32 = 256;
const PRUNE_AGAIN_MS: i64 = 1_000;
const PRUNE_EVERY_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// What has been delivered and not acknowledged.
#[derive(Default)]
pub(super) struct Deliveries {
    /// Of an earlier process, not handed out yet: delivery id and number.
    waiting: VecDeque<(u64, String)>,
    /// Handed out, by delivery id: the number of the payment.
    unacked: HashMap<u64, String>,
    /// Of those, the ones that were handed out more than once.
    again: HashSet<u64>,
    /// When to look at which again, in order of time.
    due: VecDeque<(i64, u64)>,
    /// Being read from the journal, to be handed out again.
    reading: HashMap<u64, u64>,
}

impl Deliveries {
    /// Unacknowledged answers that are known of.
    pub(super) fn count(&self) -> usize {
        self.waiting.len() + self.unacked.len()
    }

    /// Whether this answer has been handed out, or is about to be.
    fn follows(&self, delivery_id: u64) -> bool {
        self.unacked.contains_key(&delivery_id)
            || self.waiting.iter().any(|(id, _)| *id == delivery_id)
    }

    /// Nothing more is handed out by itself.
    pub(super) fn stop(&mut self) {
        self.waiting.clear();
        self.due.clear();
    }
}

impl Engine {
    /// Follows a final answer that is being handed out for the first time.
    pub(super) fn follow_delivery(&mut self, record: &Record) {
        let delivery_id = record.delivery_id();
        for earlier in record.earlier_delivery_ids() {
            self.deliveries.unacked.remove(&earlier);
            self.deliveries.again.remove(&earlier);
        }
        if delivery_id != 0 && self.deliveries.unacked.len() < FOLLOWED {
            self.deliveries
                .unacked
                .insert(delivery_id, record.bill_no.clone());
            self.look_again(delivery_id);
        }
    }

    /// Takes up a final answer of an earlier process, or of another server, that was read just now.
    pub(super) fn recover_delivery(&mut self, record: &Record) {
        let delivery_id = record.delivery_id();
        if self.deliveries.follows(delivery_id) {
            // Ours all the time, but for a lease that was lost and that nobody took.
            return;
        }
        let bill_no = record.bill_no.clone();
        if self.outstanding() < OUTSTANDING {
            self.deliveries.unacked.insert(delivery_id, bill_no);
            self.hand_out_again(record);
        } else {
            self.deliveries.waiting.push_back((delivery_id, bill_no));
        }
    }

    /// Hands out more answers of earlier processes as there is room, each as the journal has it by now.
    fn deliver(&mut self) {
        while self.outstanding() < OUTSTANDING {
            let Some((delivery_id, bill_no)) = self.deliveries.waiting.pop_front() else {
                return;
            };
            self.deliveries.unacked.insert(delivery_id, bill_no.clone());
            self.read_delivery(delivery_id, bill_no);
        }
    }

    fn outstanding(&self) -> usize {
        self.deliveries.again.len() + self.deliveries.reading.len()
    }

    fn read_delivery(&mut self, delivery_id: u64, bill_no: String) {
        let id = self.new_id();
        self.deliveries.reading.insert(id, delivery_id);
        self.out.writes.push((id, Write::Find(bill_no)));
    }

    pub(super) fn ack(&mut self, delivery_id: u64) {
        self.out.writes.push((ACK_WRITE, Write::Ack(delivery_id)));
        self.deliveries.unacked.remove(&delivery_id);
        self.deliveries.again.remove(&delivery_id);
        self.deliver();
    }

    /// A final answer in the journal that nobody is following: its write was taken for failed.
    pub(super) fn deliver_if_forgotten(&mut self, record: &Record) {
        let delivery_id = record.delivery_id();
        let ours = !record.elsewhere && record.state.is_final() && !record.acked;
        if !ours || self.deliveries.follows(delivery_id) || self.is_closing() {
            return;
        }
        let bill_no = record.bill_no.clone();
        self.deliveries.unacked.insert(delivery_id, bill_no.clone());
        self.read_delivery(delivery_id, bill_no);
    }

    fn hand_out_again(&mut self, record: &Record) {
        self.deliveries.again.insert(record.delivery_id());
        let mut completion = Completion::of_record(CompletionKind::Resolved, record);
        completion.flags |= FLAG_REDELIVERED;
        self.complete(completion);
        self.look_again(record.delivery_id());
    }

    fn look_again(&mut self, delivery_id: u64) {
        let after_ms = self.settings.operations.redeliver_after_ms;
        if after_ms >= 0 {
            self.look_after(delivery_id, after_ms);
        }
    }

    /// All with one pause, so that what is due stands in order of time.
    fn look_after(&mut self, delivery_id: u64, after_ms: i64) {
        if self.is_closing() {
            return;
        }
        let due_ms = self.now.mono_ms + after_ms;
        if self.deliveries.due.is_empty() {
            self.timers.push(Reverse((due_ms, REDELIVERY_TIMER)));
        }
        self.deliveries.due.push_back((due_ms, delivery_id));
    }

    /// Reads what is due again from the journal; acknowledged answers have fallen out on the way.
    pub(super) fn redeliver_due(&mut self) {
        let now_ms = self.now.mono_ms;
        while let Some(&(due_ms, delivery_id)) = self.deliveries.due.front() {
            if due_ms > now_ms {
                return self.timers.push(Reverse((due_ms, REDELIVERY_TIMER)));
            }
            self.deliveries.due.pop_front();
            let Some(bill_no) = self.deliveries.unacked.get(&delivery_id).cloned() else {
                continue;
            };
            if self.outstanding() < OUTSTANDING || self.deliveries.again.contains(&delivery_id) {
                self.read_delivery(delivery_id, bill_no);
            } else {
                self.look_again(delivery_id);
            }
        }
    }

    /// Whether this write's answer was about a delivery; if so it has been dealt with.
    pub(super) fn delivery_read(
        &mut self,
        id: u64,
        answer: &Result<Written, JournalError>,
    ) -> bool {
        let Some(delivery_id) = self.deliveries.reading.remove(&id) else {
            return false;
        };
        let waits = self.deliveries.unacked.contains_key(&delivery_id);
        match answer {
            Ok(Written::Found(record))
                if waits
                    && record.state.is_final()
                    && !record.acked
                    && !record.elsewhere
                    && record.delivery_id() == delivery_id =>
            {
                self.hand_out_again(record)
            }
            Err(_) if waits => {
                let after_ms = self.settings.operations.redeliver_after_ms;
                self.look_after(
                    delivery_id,
                    if after_ms < 0 {
                        UNREAD_AGAIN_MS
                    } else {
                        after_ms
                    },
                );
            }
            // Acknowledged meanwhile, or replaced by another answer, or open again because it is being given back, or
            // another server delivers it now.
            _ => {
                self.deliveries.unacked.remove(&delivery_id);
                self.deliveries.again.remove(&delivery_id);
                self.deliver();
            }
        }
        true
    }

    /// Asks the journal to forget a little of what is closed, acknowledged and old enough.
    pub(super) fn prune(&mut self) {
        let operations = &self.settings.operations;
        let before = |days: i64| self.now.wall_ms - days * DAY_MS;
        self.out.writes.push((
            PRUNE,
            Write::Prune {
                closed_before_ms: before(operations.retain_days),
                sealed_before_ms: before(operations.seal_days),
                most: PRUNE_AT_ONCE,
            },
        ));
    }

    pub(super) fn pruned(&mut self, answer: &Result<Written, JournalError>) {
        let full = u64::from(PRUNE_AT_ONCE);
        let again_ms = match answer {
            Ok(Written::Pruned { records, seals }) if *records >= full || *seals >= full => {
                PRUNE_AGAIN_MS
            }
            Err(failure) => {
                let message = failure.error.message.clone();
                self.log(Level::Warn, || {
                    format!("old records could not be removed from the journal: {message}")
                });
                PRUNE_EVERY_MS
            }
            _ => PRUNE_EVERY_MS,
        };
        self.timers
            .push(Reverse((self.now.mono_ms + again_ms, PRUNE_TIMER)));
    }
}
