//! The way of a write from the engine to the disk, and what may be broken on it.

use wxgame::store::{State, Write};

use crate::disk::Answers;
use crate::scenario::Broken;
use crate::wire::mistake;
use crate::world::{Batch, World};

impl World {
    /// Queues a batch for the disk. What comes back is answered before it is durable.
    pub fn hand_over(&mut self, mut writes: Vec<(u64, Write)>) -> Answers {
        if writes.is_empty() {
            return Vec::new();
        }
        let answered = writes.iter().any(|(_, write)| match write {
            Write::Insert(record) | Write::Update(record) => match self.scenario.broken {
                Some(Broken::SentBeforeWritten) => !record.state.is_final(),
                Some(Broken::ShownBeforeWritten) => record.state.is_final(),
                _ => false,
            },
            _ => false,
        });
        let (done, rejected) = (State::Done, State::Rejected);
        for (_, write) in &mut writes {
            match self.scenario.broken {
                Some(Broken::DuplicateIsRefusal) => mistake(write, done, rejected),
                Some(Broken::DuplicateIsNotGivenBack) => mistake(write, rejected, done),
                _ => {}
            }
        }
        let early = writes
            .iter()
            .filter(|_| answered)
            .map(|(id, write)| (*id, Ok(self.disk.foretell(write))))
            .collect();
        self.batches.push_back(Batch { writes, answered });
        early
    }

    /// Makes a batch durable; its answers come back.
    pub fn commit(&mut self, mut batch: Batch) -> Answers {
        let dropped = |write: &Write| match (self.scenario.broken, write) {
            (Some(Broken::AckDropped), Write::Ack(_)) => true,
            (Some(Broken::NotSealed), Write::Insert(record) | Write::Update(record)) => {
                record.state.is_final()
            }
            _ => false,
        };
        let lost: Answers = batch
            .writes
            .iter()
            .filter(|(_, write)| dropped(write))
            .map(|(id, write)| (*id, Ok(self.disk.foretell(write))))
            .collect();
        for (_, write) in &batch.writes {
            if let Write::Ack(id) = write {
                self.host.ack_is_durable(&self.disk, *id);
            }
        }
        batch.writes.retain(|(_, write)| !dropped(write));
        let mut answers = self.disk.commit(&batch.writes);
        answers.extend(lost);
        self.look_at_the_disk();
        answers
    }
}
