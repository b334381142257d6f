//! Login sessions: which session key each player has now, and which ones they had before.

use crate::ledger::MAX_ROWS;
use crate::quota::Quota;
use crate::sign::Key;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// How many of a player's earlier keys are kept, for telling a stale key from a wrong one.
const MAX_EARLIER: usize = 4;

struct Session {
    key: Arc<Key>,
    since_s: i64,
    expired: bool,
    earlier: VecDeque<Arc<Key>>,
    logins: Quota,
}

impl Session {
    fn replace_key(&mut self, key: Key) {
        let old = std::mem::replace(&mut self.key, Arc::new(key));
        if old.text() != self.key.text() {
            self.earlier.push_front(old);
            self.earlier.truncate(MAX_EARLIER);
        }
    }
}

pub(crate) struct Sessions {
    apps: Vec<HashMap<Box<str>, Session>>,
    valid_s: i64,
}

impl Sessions {
    pub(crate) fn new(apps: usize, valid_s: i64) -> Sessions {
        Sessions {
            apps: (0..apps).map(|_| HashMap::new()).collect(),
            valid_s,
        }
    }

    /// The player's session key, if the session is alive.
    pub(crate) fn current(&self, app: usize, openid: &str, now_s: i64) -> Option<Arc<Key>> {
        let session = self.apps[app].get(openid)?;
        let too_old = self.valid_s > 0 && now_s - session.since_s >= self.valid_s;
        (!session.expired && !too_old).then(|| Arc::clone(&session.key))
    }

    /// The keys the player had before this one.
    pub(crate) fn earlier(&self, app: usize, openid: &str) -> Vec<Arc<Key>> {
        let session = self.apps[app].get(openid);
        session.map_or_else(Vec::new, |session| {
            session.earlier.iter().cloned().collect()
        })
    }

    /// Gives the player a new session; false when there is no room for another player.
    pub(crate) fn set(&mut self, app: usize, openid: &str, key: Key, now_s: i64) -> bool {
        let sessions = &mut self.apps[app];
        if let Some(session) = sessions.get_mut(openid) {
            session.replace_key(key);
            session.since_s = now_s;
            session.expired = false;
            return true;
        }
        if sessions.len() >= MAX_ROWS {
            return false;
        }
        let session = Session {
            key: Arc::new(key),
            since_s: now_s,
            expired: false,
            earlier: VecDeque::new(),
            logins: Quota::per_minute(),
        };
        sessions.insert(openid.into(), session);
        true
    }

    /// Gives the session another key; it ends when it would have ended.
    pub(crate) fn reset_key(&mut self, app: usize, openid: &str, key: Key) {
        if let Some(session) = self.apps[app].get_mut(openid) {
            session.replace_key(key);
        }
    }

    /// Whether the player has ever had a session.
    pub(crate) fn knows(&self, app: usize, openid: &str) -> bool {
        self.apps[app].contains_key(openid)
    }

    /// Ends the player's session; false when there is none.
    pub(crate) fn expire(&mut self, app: usize, openid: &str) -> bool {
        let session = self.apps[app].get_mut(openid);
        session.map(|session| session.expired = true).is_some()
    }

    /// Counts one login against the player's limit; the first login of a player is always free.
    pub(crate) fn may_log_in(&mut self, app: usize, openid: &str, limit: u32, now_s: i64) -> bool {
        let session = self.apps[app].get_mut(openid);
        session.is_none_or(|session| session.logins.take(limit, now_s))
    }
}
