//! Login sessions: which session key each player has now, and which ones they had before.

use crate::ledger::MAX_ROWS;
use crate::quota::{MINUTE_S, Quota};
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
        let key = Arc::new(key);
        if let Some(session) = sessions.get_mut(openid) {
            let old = std::mem::replace(&mut session.key, key);
            if old.text() != session.key.text() {
                session.earlier.push_front(old);
                session.earlier.truncate(MAX_EARLIER);
            }
            session.since_s = now_s;
            session.expired = false;
            return true;
        }
        if sessions.len() >= MAX_ROWS {
            return false;
        }
        let session = Session {
            key,
            since_s: now_s,
            expired: false,
            earlier: VecDeque::new(),
            logins: Quota::default(),
        };
        sessions.insert(openid.into(), session);
        true
    }

    /// Ends the player's session; false when there is none.
    pub(crate) fn expire(&mut self, app: usize, openid: &str) -> bool {
        let session = self.apps[app].get_mut(openid);
        session.map(|session| session.expired = true).is_some()
    }

    /// Counts one login against the player's limit; the first login of a player is always free.
    pub(crate) fn may_log_in(&mut self, app: usize, openid: &str, limit: u32, now_s: i64) -> bool {
        let session = self.apps[app].get_mut(openid);
        session.is_none_or(|session| session.logins.take(limit, MINUTE_S, now_s))
    }
}
