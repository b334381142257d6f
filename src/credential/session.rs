//! The session_keys of the players, newest wins.

use std::collections::HashMap;

use crate::sign::Secret;

struct Session {
    key: Secret,
    version: u64,
}

/// session_key by openid.
#[derive(Default)]
pub struct Sessions {
    by_openid: HashMap<String, Session>,
    last_version: u64,
}

impl Sessions {
    /// Keeps `key` as the player's session_key; an older one is forgotten.
    pub fn set(&mut self, openid: &str, key: Secret) {
        self.last_version += 1;
        let version = self.last_version;
        self.by_openid
            .insert(openid.to_owned(), Session { key, version });
    }

    /// The player's session_key and its version.
    pub fn get(&self, openid: &str) -> Option<(&Secret, u64)> {
        self.by_openid.get(openid).map(|s| (&s.key, s.version))
    }

    /// Forgets the session_key that WeChat has just refused, unless a newer one has come meanwhile.
    /// True when it did.
    pub fn refuse(&mut self, openid: &str, version: u64) -> bool {
        let newest = self
            .by_openid
            .get(openid)
            .is_some_and(|s| s.version == version);
        if newest {
            self.by_openid.remove(openid);
        }
        newest
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
        sessions.set("o1", Secret::new("old"));
        let (_, old) = sessions.get("o1").expect("it was just set");
        sessions.set("o1", Secret::new("new"));
        sessions.refuse("o1", old);
        let (key, new) = sessions
            .get("o1")
            .expect("a late refusal of the old key keeps the new one");
        assert_eq!(key.as_bytes(), b"new");
        sessions.refuse("o1", new);
        assert!(sessions.get("o1").is_none());
    }
}
