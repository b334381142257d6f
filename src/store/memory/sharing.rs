//! What servers that share a journal in memory have of it, by the rules of the journal in a database.

use std::collections::{BTreeMap, BTreeSet};

use super::Seat;
use super::ledger::Ledger;
use crate::store::{Beat, Record, State, Write, Written};

/// The most records that an opening takes over.
const TAKEN_AT_OPENING: usize = 1_000;

/// Who has which record of one ledger. Nobody has what is over: it is in neither map.
#[derive(Clone, Default)]
pub(super) struct Sharing {
    owners: BTreeMap<u64, u64>,
    /// Records that their server was asked to cancel.
    cancels: BTreeSet<u64>,
    /// When the lease of each living server ends, on the disk's own clock.
    leases: BTreeMap<u64, i64>,
}

impl Sharing {
    /// A new server, whose lease ends then.
    pub(super) fn join(&mut self, server: u64, until_ms: i64) {
        self.leases.insert(server, until_ms);
    }

    /// Whether nobody was free to take what this server has.
    pub(super) fn is_alive(&self, server: u64) -> bool {
        self.leases.contains_key(&server)
    }

    /// The server ends: its neighbours may take over at once.
    pub(super) fn leave(&mut self, server: u64) {
        self.leases.remove(&server);
    }

    /// Who may write this record now: its server, or anybody who ends an order that awaits its payment, or replaces a
    /// final answer as it believes it to stand.
    pub(super) fn may_update(&self, server: u64, known: &Record, new: &Record) -> bool {
        let replaces = known.state == State::AwaitingPayment
            || known.state.is_final() && known.replaced < new.replaced;
        self.owners.get(&known.id) == Some(&server) || replaces && known.refunded == new.refunded
    }

    /// Notes who has the record after `server` has written it.
    pub(super) fn written(&mut self, server: u64, record: &Record) {
        if record.state.is_final() {
            self.cancels.remove(&record.id);
        }
        if record.is_unfinished() {
            self.owners.insert(record.id, server);
        } else {
            self.owners.remove(&record.id);
        }
    }

    /// The record as `server` sees it.
    pub(super) fn seen_by(&self, server: u64, mut record: Record) -> Record {
        // What nobody has yet is for a heartbeat to take.
        record.elsewhere = record.is_unfinished() && self.owners.get(&record.id) != Some(&server);
        record
    }

    /// As [`Sharing::seen_by`], for whatever a write answered.
    pub(super) fn answer_to(&self, server: u64, written: Written) -> Written {
        match written {
            Written::Found(record) => Written::Found(Box::new(self.seen_by(server, *record))),
            Written::Records(records) => {
                let seen = records
                    .into_iter()
                    .map(|record| self.seen_by(server, record));
                Written::Records(seen.collect())
            }
            other => other,
        }
    }

    pub(super) fn ask_cancel(&mut self, record: &Record) {
        if record.state == State::Sending {
            self.cancels.insert(record.id);
        }
    }

    pub(super) fn beat(&mut self, seat: &Seat, ledger: &Ledger, now_ms: i64, most: usize) -> Beat {
        let tenure = seat.tenure;
        self.join(tenure.server, now_ms + tenure.lease_ms);
        let ours = |record: &&Record| self.owners.get(&record.id) == Some(&tenure.server);
        let unheard = ledger.unfinished().filter(ours);
        let unheard = unheard.filter(|record| seat.unheard.contains(&record.id));
        let mut taken: Vec<Record> = unheard.cloned().collect();
        taken.extend(self.take(tenure.server, ledger, now_ms, most));
        let cancels = self
            .cancels
            .iter()
            .filter(|id| self.owners.get(id) == Some(&tenure.server))
            .filter_map(|id| ledger.record(*id))
            .map(|record| record.bill_no.clone());
        Beat {
            tenure,
            cancels: cancels.collect(),
            taken,
            latest_ms: ledger.latest_ms(),
        }
    }

    /// What an opening finds: all that it has, and what nobody alive has.
    pub(super) fn recover(&mut self, server: u64, ledger: &Ledger, now_ms: i64) -> Vec<Record> {
        self.take(server, ledger, now_ms, TAKEN_AT_OPENING);
        let ours = ledger.unfinished();
        ours.filter(|record| self.owners.get(&record.id) == Some(&server))
            .cloned()
            .collect()
    }

    /// Servers whose lease is over are none any more, and what they have left is there to take.
    fn take(&mut self, server: u64, ledger: &Ledger, now_ms: i64, most: usize) -> Vec<Record> {
        self.leases.retain(|_, until_ms| *until_ms > now_ms);
        let leases = &self.leases;
        let owners = &self.owners;
        let left = ledger.unfinished().filter(|record| {
            let owner = owners.get(&record.id);
            owner.is_none_or(|owner| !leases.contains_key(owner))
        });
        let taken: Vec<Record> = left.take(most).cloned().collect();
        for record in &taken {
            self.owners.insert(record.id, server);
        }
        taken
    }
}

/// The number of the record that a write is about, where its server matters.
pub(super) fn number(write: &Write) -> Option<&str> {
    match write {
        Write::Insert(record) | Write::Update(record) => Some(&record.bill_no),
        Write::AskCancel(bill_no) => Some(bill_no),
        _ => None,
    }
}
