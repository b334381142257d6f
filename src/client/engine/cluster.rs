//! Servers that share one journal: the lease of this one, what it takes over, what others have.
//!
//! ```text
//!   heartbeat ─► journal ─► the lease is prolonged ─► what waited for it is sent
//!                  │ under another name: others were free to take what was ours ─► each is looked at anew
//!                  ├ what servers without a lease have left ─► taken up as after a restart
//!                  └ what other servers were asked to cancel ─► cancelled
//! ```
//!
//! Nothing of a payment leaves after the lease that it was sent under ([`super::Outgoing::leave_by_ms`]). What was sent
//! before is in doubt for whoever takes it over, as after a crash. A payment that another server drives is watched here
//! only while somebody waits for its answer.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::client::flow::{Event, Payment};
use crate::client::log::Level;
use crate::error::Kind as ErrorKind;
use crate::store::{Beat, JournalError, Record, Tenure, Write, Written};

use super::entry::{Asker, Entry, Looking};
use super::{ACK_WRITE, Engine, HEARTBEAT, Now};

/// So much is taken over with one heartbeat; while there is more, the next follows at once.
const TAKEN_AT_ONCE: u32 = 256;
/// A heartbeat that failed is repeated after this.
const BEAT_AGAIN_MS: i64 = 500;
/// What another server drives is looked at again after this.
const WATCH_MS: i64 = 500;

/// This client among those that share its journal.
#[derive(Default)]
pub(super) struct Cluster {
    /// None where nobody shares.
    tenure: Option<Tenure>,
    lease_until_ms: i64,
    /// The same on the wall clock, which does not stand while the machine sleeps.
    lease_until_wall_ms: i64,
    /// The latest time that any server has written.
    latest_ms: i64,
    /// When the heartbeat that is under way was asked for.
    asked_at: Option<Now>,
    /// Payments that wait for the lease.
    pub(super) waiting: BTreeSet<u64>,
}

impl Engine {
    /// Others may share the journal.
    pub(super) fn is_shared(&self) -> bool {
        self.cluster.tenure.is_some()
    }

    /// Whether what is ours is certainly ours still.
    pub(super) fn has_lease(&self) -> bool {
        let Now { mono_ms, wall_ms } = self.now;
        !self.is_shared()
            || mono_ms < self.cluster.lease_until_ms && wall_ms < self.cluster.lease_until_wall_ms
    }

    /// The wall clock, for the age of what others have sent: one that is behind theirs makes nothing younger.
    pub(super) fn ledger_wall_ms(&self) -> i64 {
        self.now.wall_ms.max(self.cluster.latest_ms)
    }

    /// What is sent must have begun to leave by then.
    pub(super) fn leave_by_ms(&self) -> Option<i64> {
        self.is_shared().then_some(self.cluster.lease_until_ms)
    }

    /// The opening has brought a place among the servers. Its lease counts from the first heartbeat on.
    pub(super) fn join(&mut self, tenure: Option<Tenure>) {
        self.cluster.tenure = tenure;
        self.cluster.lease_until_ms = self.now.mono_ms;
        if self.is_shared() {
            self.heartbeat();
        }
    }

    /// Keeps the lease; a client that is closing takes nothing over.
    pub(super) fn heartbeat(&mut self) {
        if self.cluster.asked_at.is_some() {
            return;
        }
        self.cluster.asked_at = Some(self.now);
        let now_ms = self.now.wall_ms;
        let most = if self.is_closing() { 0 } else { TAKEN_AT_ONCE };
        self.out
            .writes
            .push((HEARTBEAT, Write::Heartbeat { now_ms, most }));
    }

    /// The journal's answer to a heartbeat.
    pub(super) fn beaten(&mut self, answer: Result<Written, JournalError>) {
        let asked_at = self.cluster.asked_at.take().unwrap_or(self.now);
        let beat = match answer {
            Ok(Written::Beat(beat)) => *beat,
            Ok(_) => return,
            Err(failure) => {
                self.log(Level::Warn, || {
                    format!(
                        "no heartbeat reached the journal, nothing is sent once the lease is over: {}",
                        failure.error
                    )
                });
                let again_ms = self.now.mono_ms + BEAT_AGAIN_MS;
                return self.timers.push(Reverse((again_ms, HEARTBEAT)));
            }
        };
        let Beat {
            tenure,
            taken,
            cancels,
            latest_ms,
        } = beat;
        self.cluster.latest_ms = self.cluster.latest_ms.max(latest_ms);
        let before = self.cluster.tenure.replace(tenure);
        let renamed = before.is_some_and(|before| before.server != tenure.server);
        // A tenth is left for clocks that run unevenly.
        let lease_ms = tenure.lease_ms / 10 * 9;
        self.cluster.lease_until_ms = asked_at.mono_ms + lease_ms;
        self.cluster.lease_until_wall_ms = asked_at.wall_ms + lease_ms;
        if renamed {
            self.lose_everything();
        }
        let all_taken = taken.len() < TAKEN_AT_ONCE as usize && !renamed;
        self.take_over(taken, &cancels);
        for bill_no in cancels {
            if let Some(&id) = self.by_bill_no.get(&bill_no) {
                self.drive(id, Event::Cancel);
            }
        }
        for id in std::mem::take(&mut self.cluster.waiting) {
            self.drive(id, Event::Wake);
        }
        if all_taken || self.is_closing() {
            let next_ms = asked_at.mono_ms + tenure.lease_ms / 3;
            self.timers.push(Reverse((next_ms, HEARTBEAT)));
        } else {
            self.heartbeat();
        }
    }

    fn take_over(&mut self, taken: Vec<Record>, cancels: &[String]) {
        if taken.is_empty() {
            return;
        }
        self.stats.taken_over += taken.len() as u64;
        self.log(Level::Warn, || {
            format!(
                "{} records taken over from servers that are heard no more",
                taken.len()
            )
        });
        let wall_ms = self.ledger_wall_ms();
        for record in taken {
            let cancels = cancels.contains(&record.bill_no);
            self.take_up(record, wall_ms, cancels);
        }
    }

    /// The lease had ended, and others were free to take what was ours. What the journal has is theirs, or comes back
    /// with a heartbeat. What has not reached it yet does so under the new name.
    fn lose_everything(&mut self) {
        self.stats.leases_lost += 1;
        self.log(Level::Error, || {
            "this server's lease had ended: other servers may have taken over its payments; \
             did the process stand still, or the database?"
                .into()
        });
        let stored: Vec<u64> = self
            .payments
            .iter()
            .filter(|(_, entry)| entry.payment.is_stored())
            .map(|(id, _)| *id)
            .collect();
        for id in stored {
            if let Some(entry) = self.remove(id) {
                let id = self.set_aside(entry.payment.record, entry.askers, entry.told_unknown);
                self.look(id, Looking::Elsewhere);
            }
        }
        let resting = self.items.iter().filter(|(_, item)| item.is_at_rest());
        let resting: Vec<u64> = resting.map(|(id, _)| *id).collect();
        for id in resting {
            self.remove_item(id);
        }
    }

    /// Another server drives the payment of these submissions: they wait until the journal has its final answer.
    pub(super) fn watch(&mut self, known: Record, askers: Vec<Asker>, told_unknown: bool) {
        if askers.is_empty() && !told_unknown {
            return;
        }
        let at_ms = self.now.mono_ms + WATCH_MS;
        let id = self.set_aside(known, askers, told_unknown);
        if let Some(entry) = self.payments.get_mut(&id) {
            entry.look_again = Some((at_ms, Looking::Elsewhere));
        }
        if self.is_closing() {
            self.give_up_payment(id);
        } else {
            self.arm(id);
        }
    }

    /// The journal has lost a record: a ledger never may. Nobody can say what came of it.
    pub(super) fn vanished(&mut self, id: u64) {
        let Some(entry) = self.remove(id) else { return };
        let record = &entry.payment.record;
        self.log(Level::Error, || {
            format!(
                "{}: the journal knows it no more: was the database set back to an older state?",
                record.bill_no
            )
        });
        for asker in &entry.askers {
            let mut told = asker.answer(record).into_unknown();
            told.error = Some(ErrorKind::Journal);
            self.complete(told);
        }
    }

    fn set_aside(&mut self, record: Record, askers: Vec<Asker>, told_unknown: bool) -> u64 {
        let payment = Payment::maybe_sent_before(
            record,
            self.now.mono_ms,
            self.now.wall_ms,
            &self.settings.limits,
        );
        let mut entry = Entry::new(payment, None);
        entry.askers = askers;
        entry.owed = told_unknown;
        entry.told_unknown = told_unknown;
        self.insert(entry)
    }

    /// Asks the server that drives this payment to cancel it.
    pub(super) fn ask_cancel(&mut self, bill_no: &str) {
        self.out
            .writes
            .push((ACK_WRITE, Write::AskCancel(bill_no.to_owned())));
    }
}
