//! The way of a server's writes to the shared journal, and of its answers back.

use wxgame::store::{Journal, JournalError, Write};

use super::scenario::Broken;
use super::world::World;
use crate::disk::Answers;

impl World {
    /// What the journal answers now.
    pub fn answers(&mut self, at: usize) -> Option<Answers> {
        let server = &mut self.servers[at];
        let silent = server.silent_until_ms;
        if silent.is_none()
            && let Some(answers) = server.unheard.take()
        {
            return Some(answers);
        }
        let commits = silent.is_none_or(|(_, commits)| commits) && server.unheard.is_none();
        if !commits || server.queue.is_empty() || server.journal.is_none() {
            return None;
        }
        let batch = std::mem::take(&mut server.queue);
        let answers = self.commit(at, batch);
        if silent.is_some() {
            self.servers[at].unheard = Some(answers);
            return None;
        }
        Some(answers)
    }

    fn commit(&mut self, at: usize, batch: Vec<(u64, Write)>) -> Answers {
        let broken = self.scene.broken;
        self.commits += 1;
        let server = &mut self.servers[at];
        server.commit = self.commits;
        let failure = JournalError {
            maybe_written: true,
            ..JournalError::not_written("the connection was lost")
        };
        match server.fault.take() {
            Some(true) => self.disk.fail_next_but_store(1, failure),
            Some(false) => self.disk.fail_next(1, failure),
            None => {}
        }
        let Some(journal) = &mut server.journal else {
            return Vec::new();
        };
        let (ids, writes): (Vec<u64>, Vec<Write>) = batch.into_iter().unzip();
        let answers = if broken == Some(Broken::AnybodyUpdates) {
            let mut anybody = self.disk.open("wx1234567", "production");
            let written = writes.iter().map(|write| match write {
                Write::Update(_) => anybody.commit(std::slice::from_ref(write)),
                _ => journal.commit(std::slice::from_ref(write)),
            });
            let written: Result<Vec<_>, _> = written.collect();
            written.map(|written| written.concat())
        } else {
            journal.commit(&writes)
        };
        let answers: Vec<_> = match answers {
            Ok(written) => written.into_iter().map(Ok).collect(),
            Err(failure) => vec![Err(failure); ids.len()],
        };
        let mut answers: Answers = ids.into_iter().zip(answers).collect();
        for ((_, answer), write) in answers.iter_mut().zip(&writes) {
            self.spoil(at, write, answer);
        }
        self.look_at_the_disk();
        answers
    }
}
