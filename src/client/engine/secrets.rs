//! Sessions and the token over restarts: in the journal, sealed.

use crate::credential::vault::NONCE_BYTES;
use crate::sign::Secret;
use crate::store::Write;

use super::{ACK_WRITE, Engine};

/// The name under which the token is sealed.
const TOKEN: &str = "access_token";
const SESSION: &str = "session:";

impl Engine {
    /// Takes up what an earlier process has kept. What cannot be opened is dropped: payments then wait for a
    /// session, and a token is fetched.
    pub(super) fn open_secrets(&mut self, sealed: Vec<(String, Vec<u8>)>) {
        if self.settings.operations.vault.is_none() {
            // Nothing can be opened, and nothing says that they are lost.
            return;
        }
        let mut lost = 0;
        for (name, sealed) in sealed {
            let opened = self
                .settings
                .operations
                .vault
                .as_ref()
                .and_then(|vault| vault.open(&name, &sealed));
            match (opened, name.strip_prefix(SESSION)) {
                (Some(key), Some(openid)) => drop(self.sessions.set(openid, key, Vec::new())),
                _ => {
                    lost += 1;
                    self.out.writes.push((
                        ACK_WRITE,
                        Write::DropSecret {
                            name,
                            sealed: Vec::new(),
                        },
                    ));
                }
            }
        }
        if lost > 0 {
            self.log(super::Level::Warn, || {
                format!("{lost} kept sessions cannot be opened with this key and are dropped")
            });
        }
    }

    /// Takes a token that another client or an earlier process has put, if it can be opened and still lives.
    pub(super) fn adopt_token(&mut self, sealed: &[u8]) {
        let vault = self.settings.operations.vault.as_ref();
        let Some(kept) = vault.and_then(|vault| vault.open(&self.token_name(), sealed)) else {
            return;
        };
        let Some((expires_at_ms, token)) = kept.as_str().split_once(' ') else {
            return;
        };
        let Ok(expires_at_ms) = expires_at_ms.parse::<i64>() else {
            return;
        };
        let left_s = (expires_at_ms - self.now.wall_ms) / 1000;
        if left_s > 0 {
            let (now_ms, random) = (self.now.mono_ms, self.next_random());
            self.token
                .fetched(Secret::new(token), left_s, now_ms, random);
        }
    }

    /// Keeps it in the journal. The sealed bytes, where other servers may put others in their place.
    pub(super) fn keep_session(&mut self, openid: &str, key: &Secret) -> Vec<u8> {
        let name = Self::session_name(openid);
        let Some(sealed) = self.seal(&name, key) else {
            return Vec::new();
        };
        let shared = if self.is_shared() {
            sealed.clone()
        } else {
            Vec::new()
        };
        let now_ms = self.now.wall_ms;
        self.out.writes.push((
            ACK_WRITE,
            Write::PutSecret {
                name,
                sealed,
                now_ms,
            },
        ));
        shared
    }

    pub(super) fn session_name(openid: &str) -> String {
        format!("{SESSION}{openid}")
    }

    /// The host wants the player's session_key gone, from memory and journal.
    pub(super) fn forget_session(&mut self, openid: &str) {
        self.sessions.forget(openid);
        self.drop_session(openid);
    }

    /// The journal keeps no session_key of this player any more.
    pub(super) fn drop_session(&mut self, openid: &str) {
        self.drop_kept(Self::session_name(openid), Vec::new());
    }

    /// WeChat refused the session_key of this version. One that another server has kept since stays.
    pub(super) fn refuse_session(&mut self, openid: &str, version: u64) {
        if let Some(sealed) = self.sessions.refuse(openid, version) {
            self.note_refused(openid, &sealed);
            self.drop_kept(Self::session_name(openid), sealed);
        }
    }

    /// Puts the token where every client of the app finds it.
    pub(super) fn keep_token(&mut self, token: &Secret, expires_in_s: i64) {
        let expires_at_ms = self.now.wall_ms + expires_in_s.clamp(0, 86_400) * 1000;
        let kept = zeroize::Zeroizing::new(format!("{expires_at_ms} {}", token.as_str()));
        let name = self.token_name();
        if let Some(sealed) = self.seal(&name, &Secret::new(&kept)) {
            self.put_token(sealed);
        }
    }

    /// Tokens of another server, or by another clock, are sealed under another name: they cannot be opened here.
    fn token_name(&self) -> String {
        format!("{TOKEN}@{}", self.settings.token_realm)
    }

    pub(super) fn put_token(&mut self, sealed: Vec<u8>) {
        if self.settings.operations.vault.is_some() {
            let (holder, version) = (self.holder(), self.fetch.shared);
            self.out.writes.push((
                ACK_WRITE,
                Write::PutToken {
                    holder,
                    version,
                    sealed,
                },
            ));
        }
    }

    fn seal(&mut self, name: &str, secret: &Secret) -> Option<Vec<u8>> {
        let nonce = self.next_nonce();
        let vault = self.settings.operations.vault.as_ref()?;
        Some(vault.seal(name, secret, nonce))
    }

    fn drop_kept(&mut self, name: String, sealed: Vec<u8>) {
        if self.settings.operations.vault.is_some() {
            self.out
                .writes
                .push((ACK_WRITE, Write::DropSecret { name, sealed }));
        }
    }

    /// 16 bytes of chance from the opening and a counter: never the same twice.
    fn next_nonce(&mut self) -> [u8; NONCE_BYTES] {
        self.nonces += 1;
        let mut nonce = [0; NONCE_BYTES];
        nonce[..16].copy_from_slice(&self.settings.operations.nonce_seed);
        nonce[16..].copy_from_slice(&self.nonces.to_be_bytes());
        nonce
    }
}
