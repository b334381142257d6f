//! What the journal answers, broken on purpose.

use wxgame::store::{Journal, JournalError, Record, State, Write, Written};

use super::scenario::Broken;
use super::world::World;

impl World {
    /// Breaks on purpose what the journal answers.
    pub fn spoil(&mut self, at: usize, write: &Write, answer: &mut Result<Written, JournalError>) {
        let server = &mut self.servers[at];
        match (self.scene.broken, write, answer) {
            (Some(Broken::LeaseTooLong), _, Ok(Written::Beat(beat))) => {
                beat.tenure.lease_ms *= 4;
            }
            (Some(Broken::NameKept), _, Ok(Written::Beat(beat))) => {
                beat.tenure.server = server.name;
            }
            (Some(Broken::NothingTaken), _, Ok(Written::Beat(beat))) => beat.taken.clear(),
            (Some(Broken::TakenAsNew), _, Ok(Written::Beat(beat))) => {
                let sending = |record: &Record| record.state == State::Sending;
                let (lost, kept) = std::mem::take(&mut beat.taken)
                    .into_iter()
                    .partition(sending);
                beat.taken = kept;
                let lost: Vec<Record> = lost;
                server
                    .taken
                    .extend(lost.into_iter().map(|record| record.bill_no));
            }
            (Some(Broken::TakenAsNew), Write::Insert(record), Ok(answer))
                if server.taken.contains(&record.bill_no) =>
            {
                if let Written::Found(known) = answer {
                    *answer = Written::Stored(known.id);
                }
            }
            (Some(Broken::TakenByAll), _, Ok(Written::Beat(beat))) if !beat.taken.is_empty() => {
                let taken = beat.taken.iter().filter(|record| !record.state.is_final());
                let taken: Vec<_> = taken.map(|record| record.bill_no.clone()).collect();
                for (other, server) in self.servers.iter_mut().enumerate() {
                    if other != at && server.is_up() {
                        server.taken.extend(taken.iter().cloned());
                    }
                }
            }
            (Some(Broken::TakenByAll), _, Ok(Written::Beat(beat))) => {
                for bill_no in std::mem::take(&mut server.taken) {
                    let mut journal = self.disk.open("wx1234567", "production");
                    let found = journal.commit(&[Write::Find(bill_no)]);
                    if let Some(Written::Found(record)) = found.ok().and_then(|mut all| all.pop()) {
                        beat.taken.push(*record);
                    }
                }
            }
            _ => {}
        }
    }

    /// Numbers that a broken server takes for new ones.
    pub fn forgotten(&mut self, at: usize) -> Option<usize> {
        if self.scene.broken != Some(Broken::TakenAsNew) {
            return None;
        }
        let bill_no = self.servers[at].taken.first()?;
        self.orders
            .iter()
            .position(|order| order.bill_no == *bill_no && !order.resubmitted)
    }
}
