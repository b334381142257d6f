//! The session_keys of the players, newest wins.

use std::collections::{BTreeMap, HashMap};

use crate::sign::Secret;

/// As many players are remembered; beyond that the one whose login is the oldest has to log in again.
pub const REMEMBERED: usize = 1 << 20;

struct Session {
    key: Secret,
    version: u64,
    /// As it stands in a journal that servers share; empty in others.
    sealed: Vec<u8>,
}

/// session_key by openid.
pub struct Sessions {
    room: usize,
    by_openid: HashMap<String, Session>,
    by_age: BTreeMap<u64, String>,
    last_version: u64,
}

impl Default for Sessions {
    fn default() -> Self {
        Self::with_room(REMEMBERED)
    }
}

impl Sessions {
    /// Remembers as many players.
    pub fn with_room(room: usize) -> Self {
        Self {
            room,
            by_openid: HashMap::new(),
            by_age: BTreeMap::new(),
            last_version: 0,
        }
    }

    /// Keeps `key`, sealed as given, as the player's session_key; an older one is forgotten. Returns the player who had to make room.
    pub fn set(&mut self, openid: &str, key: Secret, sealed: Vec<u8>) -> Option<String> {
        self.last_version += 1;
        let version = self.last_version;
        let session = Session {
            key,
            version,
            sealed,
        };
        if let Some(before) = self.by_openid.insert(openid.to_owned(), session) {
            self.by_age.remove(&before.version);
        }
        self.by_age.insert(version, openid.to_owned());
        if self.by_openid.len() <= self.room {
            return None;
        }
        let (_, oldest) = self.by_age.pop_first()?;
        self.by_openid.remove(&oldest);
        Some(oldest)
    }

    /// The player's session_key and its version.
    pub fn get(&self, openid: &str) -> Option<(&Secret, u64)> {
        self.by_openid.get(openid).map(|s| (&s.key, s.version))
    }

    /// Forgets the session_key that WeChat has just refused, unless a newer one has come meanwhile. The sealed bytes
    /// that it was set with, when it did.
    pub fn refuse(&mut self, openid: &str, version: u64) -> Option<Vec<u8>> {
        if self.by_openid.get(openid)?.version != version {
            return None;
        }
        self.by_age.remove(&version);
        self.by_openid.remove(openid).map(|session| session.sealed)
    }

    /// Forgets the player's session_key.
    pub fn forget(&mut self, openid: &str) {
        if let Some(session) = self.by_openid.remove(openid) {
            self.by_age.remove(&session.version);
        }
    }

    /// How many players have one.
    pub fn len(&self) -> usize {
        self.by_openid.len()
    }

    /// True when nobody has one.
    pub fn is_empty(&self) -> bool {
        self.by_openid.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_session_is_forgotten_only_while_it_is_the_newest() {
        let mut sessions = Sessions::default();
        sessions.set("o1", Secret::new("old"), vec![]);
        let (_, old) = sessions.get("o1").expect("it was just set");
        sessions.set("o1", Secret::new("new"), vec![]);
        sessions.refuse("o1", old);
        let (key, new) = sessions
            .get("o1")
            .expect("a late refusal of the old key keeps the new one");
        assert_eq!(key.as_bytes(), b"new");
        sessions.refuse("o1", new);
        assert!(sessions.get("o1").is_none());
    }

    #[test]
    fn the_oldest_login_makes_room_for_the_newest() {
        let mut sessions = Sessions::with_room(3);
        for n in 0..3 {
            assert!(
                sessions
                    .set(&n.to_string(), Secret::new("k"), vec![])
                    .is_none()
            );
        }
        sessions.set("0", Secret::new("again"), vec![]);
        assert_eq!(
            sessions.set("new", Secret::new("k"), vec![]).as_deref(),
            Some("1")
        );
        assert_eq!(sessions.len(), 3);
    }
}
