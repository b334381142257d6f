//! Sessions and the token over restarts: in the journal, sealed.

use crate::credential::vault::NONCE_BYTES;
use crate::sign::Secret;
use crate::store::Write;

use super::{ACK_WRITE, Engine};

const TOKEN: &str = "access_token";
const SESSION: &str = "session:";

impl Engine {
    /// Takes up what an earlier process has kept. What cannot be opened is dropped: payments then wait for a
    /// session, and a token is fetched.
    pub(super) fn open_secrets(&mut self, sealed: Vec<(String, Vec<u8>)>) {
        let mut lost = 0;
        for (name, sealed) in sealed {
            let opened = self
                .settings
                .operations
                .vault
                .as_ref()
                .and_then(|vault| vault.open(&name, &sealed));
            match (opened, name.strip_prefix(SESSION)) {
                (Some(key), Some(openid)) => drop(self.sessions.set(openid, key)),
                (Some(token), None) if name == TOKEN => self.adopt_token(&token),
                _ => {
                    lost += 1;
                    self.out
                        .writes
                        .push((ACK_WRITE, Write::DropSecret { name }));
                }
            }
        }
        if lost > 0 {
            self.log(super::Level::Warn, || {
                format!(
                    "{lost} kept sessions and tokens cannot be opened with this key and are dropped"
                )
            });
        }
    }

    fn adopt_token(&mut self, kept: &Secret) {
        let Some((expires_at_ms, token)) = kept.as_str().split_once(' ') else {
            return;
        };
        let Ok(expires_at_ms) = expires_at_ms.parse::<i64>() else {
            return;
        };
        let left_s = (expires_at_ms - self.now.wall_ms) / 1000;
        if left_s > 0 {
            self.token
                .fetched(Secret::new(token), left_s, self.now.mono_ms);
        }
    }

    pub(super) fn keep_session(&mut self, openid: &str, key: &Secret) {
        self.keep(format!("{SESSION}{openid}"), key);
    }

    /// The journal keeps no session_key of this player any more.
    pub(super) fn forget_session(&mut self, openid: &str) {
        self.drop_kept(format!("{SESSION}{openid}"));
    }

    /// WeChat refused the session_key of this version.
    pub(super) fn refuse_session(&mut self, openid: &str, version: u64) {
        if self.sessions.refuse(openid, version) {
            self.forget_session(openid);
        }
    }

    pub(super) fn keep_token(&mut self, token: &Secret, expires_in_s: i64) {
        let expires_at_ms = self.now.wall_ms + expires_in_s.clamp(0, 86_400) * 1000;
        let kept = zeroize::Zeroizing::new(format!("{expires_at_ms} {}", token.as_str()));
        self.keep(TOKEN.to_owned(), &Secret::new(&kept));
    }

    /// WeChat refused the access_token of this version.
    pub(super) fn refuse_token(&mut self, version: u64) {
        if self.token.refuse(version) {
            self.drop_kept(TOKEN.to_owned());
        }
    }

    fn keep(&mut self, name: String, secret: &Secret) {
        let nonce = self.next_nonce();
        let Some(vault) = &self.settings.operations.vault else {
            return;
        };
        let sealed = vault.seal(&name, secret, nonce);
        let now_ms = self.now.wall_ms;
        self.out.writes.push((
            ACK_WRITE,
            Write::PutSecret {
                name,
                sealed,
                now_ms,
            },
        ));
    }

    fn drop_kept(&mut self, name: String) {
        if self.settings.operations.vault.is_some() {
            self.out
                .writes
                .push((ACK_WRITE, Write::DropSecret { name }));
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
