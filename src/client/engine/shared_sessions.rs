//! session_keys that servers of one journal find there: a player may log in at one and pay at another.
//!
//! ```text
//!   a call waits for a session_key ─► is there one in the journal? ──yes──► everybody goes on
//!                                            │ no, or one that WeChat has refused
//!                                            ▼
//!                             the host is asked, once, and the journal looked at again meanwhile
//! ```

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};

use crate::sign::Secret;
use crate::store::{JournalError, Write, Written};

use super::{Engine, SESSION_TIMER};

/// A session_key that calls wait for is looked for again after this.
const LOOK_AGAIN_MS: i64 = 5_000;
/// As many refused session_keys are remembered.
const REFUSED: usize = 4_096;

/// What is known of the journal's session_keys.
#[derive(Default)]
pub(super) struct SharedSessions {
    /// Whose session_key is being looked for in the journal, by write.
    reads: HashMap<u64, String>,
    /// The same players.
    looked_for: HashSet<String>,
    /// Whose session_key the host was asked for, and when the journal is looked at again: the player may come back to
    /// another server.
    asked_for: HashMap<String, i64>,
    /// The same in order of time; some have been found since.
    looks: VecDeque<(i64, String)>,
    /// Sealed session_keys that WeChat has refused, by player: found again, they are none.
    refused: HashMap<String, Vec<u8>>,
}

impl Engine {
    /// The servers find each other's session_keys in the journal.
    pub(super) fn shares_sessions(&self) -> bool {
        self.is_shared() && self.settings.operations.vault.is_some()
    }

    /// Looks in the journal for a session_key that another server has kept there. False where none can be.
    pub(super) fn find_session(&mut self, openid: &str) -> bool {
        if !self.shares_sessions() {
            return false;
        }
        if self.shared_sessions.looked_for.insert(openid.to_owned()) {
            let id = self.new_id();
            self.shared_sessions.reads.insert(id, openid.to_owned());
            let name = Self::session_name(openid);
            self.out.writes.push((id, Write::FindSecret(name)));
        }
        true
    }

    /// Whether this write looked for a session_key; if so it has been dealt with.
    pub(super) fn session_read(&mut self, id: u64, answer: &Result<Written, JournalError>) -> bool {
        let Some(openid) = self.shared_sessions.reads.remove(&id) else {
            return false;
        };
        self.shared_sessions.looked_for.remove(&openid);
        if self.sessions.get(&openid).is_some() {
            // Set meanwhile, and whoever waited has gone on.
            return true;
        }
        match self.kept_session(&openid, answer) {
            Some((key, sealed)) => self.adopt_session(&openid, key, sealed),
            None => self.no_session_kept(&openid),
        }
        true
    }

    fn kept_session(
        &self,
        openid: &str,
        answer: &Result<Written, JournalError>,
    ) -> Option<(Secret, Vec<u8>)> {
        let Ok(Written::Secret(Some(sealed))) = answer else {
            return None;
        };
        let refused = self.shared_sessions.refused.get(openid);
        if refused.is_some_and(|refused| refused == sealed) {
            return None;
        }
        let vault = self.settings.operations.vault.as_ref()?;
        let key = vault.open(&Self::session_name(openid), sealed)?;
        Some((key, sealed.clone()))
    }

    /// Calls about the session_key itself are over; all others wait for one.
    fn no_session_kept(&mut self, openid: &str) {
        let waiting = self.wait_for_session.get(openid).cloned();
        for id in waiting.unwrap_or_default() {
            if self.read_is_about_session(id) {
                self.forget_session_wait(openid, id);
                self.drive_read(id);
            }
        }
        if self.wait_for_session.contains_key(openid) {
            let again_ms = self.now.mono_ms + LOOK_AGAIN_MS;
            let asked = self
                .shared_sessions
                .asked_for
                .insert(openid.to_owned(), again_ms);
            if asked.is_none() {
                self.ask_for_session(openid);
            }
            if self.shared_sessions.looks.is_empty() {
                self.timers.push(Reverse((again_ms, SESSION_TIMER)));
            }
            let look = (again_ms, openid.to_owned());
            self.shared_sessions.looks.push_back(look);
        }
    }

    /// Looks again for what is still waited for.
    pub(super) fn look_for_sessions(&mut self) {
        while let Some((at_ms, openid)) = self.shared_sessions.looks.pop_front() {
            if at_ms > self.now.mono_ms {
                self.timers.push(Reverse((at_ms, SESSION_TIMER)));
                return self.shared_sessions.looks.push_front((at_ms, openid));
            }
            if self.shared_sessions.asked_for.get(&openid) == Some(&at_ms) && !self.is_closing() {
                self.find_session(&openid);
            }
        }
    }

    /// Nobody waits for this session_key any more.
    pub(super) fn session_wait_is_over(&mut self, openid: &str) {
        self.shared_sessions.asked_for.remove(openid);
    }

    /// WeChat has refused this session_key, whatever becomes of its removal.
    pub(super) fn note_refused(&mut self, openid: &str, sealed: &[u8]) {
        if self.shared_sessions.refused.len() >= REFUSED {
            self.shared_sessions.refused.clear();
        }
        if self.is_shared() {
            self.shared_sessions
                .refused
                .insert(openid.to_owned(), sealed.to_vec());
        }
    }
}
