//! Secrets at rest: session_keys and tokens are in the journal only sealed.
//!
//! XChaCha20-Poly1305; the key comes from the option `journal_key`, else from the AppSecret, by
//! HMAC-SHA256 under a fixed label. The name of a secret is sealed with it, so that one cannot be put in
//! the place of another. What cannot be opened is dropped: payments never depend on it.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::sign::Secret;

/// Bytes of chance that a sealing needs. Never the same twice.
pub const NONCE_BYTES: usize = 24;
const LABEL: &[u8] = b"wxgame journal key 1";

/// Seals with the newest key, opens with any that was given. Any thread at once.
pub struct Vault {
    ciphers: Vec<XChaCha20Poly1305>,
}

impl Vault {
    /// `key` seals; `previous`, where given, still opens.
    pub fn new(key: &Secret, previous: Option<&Secret>) -> Self {
        let ciphers = [Some(key), previous]
            .into_iter()
            .flatten()
            .map(cipher)
            .collect();
        Self { ciphers }
    }

    /// `secret` under `name`, as it may be written to a disk.
    pub fn seal(&self, name: &str, secret: &Secret, nonce: [u8; NONCE_BYTES]) -> Vec<u8> {
        let payload = Payload {
            msg: secret.as_bytes(),
            aad: name.as_bytes(),
        };
        let sealed = self.ciphers[0]
            .encrypt(&XNonce::from(nonce), payload)
            .expect("a secret is far shorter than the cipher's limit");
        [nonce.as_slice(), &sealed].concat()
    }

    /// What was sealed under `name`; nothing where no key fits or a bit has changed.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Option<Secret> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        let nonce = XNonce::from(*nonce);
        self.ciphers.iter().find_map(|cipher| {
            let payload = Payload {
                msg: sealed,
                aad: name.as_bytes(),
            };
            let opened = Zeroizing::new(cipher.decrypt(&nonce, payload).ok()?);
            Some(Secret::new(std::str::from_utf8(&opened).ok()?))
        })
    }
}

fn cipher(key: &Secret) -> XChaCha20Poly1305 {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(LABEL);
    let derived = Zeroizing::new(<[u8; 32]>::from(mac.finalize().into_bytes()));
    XChaCha20Poly1305::new(&Key::from(*derived))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    #[test]
    fn what_is_sealed_opens_and_shows_nothing_of_itself() {
        let vault = Vault::new(&secret("key"), None);
        let sealed = vault.seal(
            "session:o1",
            &secret("V7Q38/i2KXaqrQyl2Yx9Hg=="),
            [7; NONCE_BYTES],
        );
        assert_eq!(
            vault
                .open("session:o1", &sealed)
                .expect("it opens")
                .as_str(),
            "V7Q38/i2KXaqrQyl2Yx9Hg=="
        );
        assert!(!sealed.windows(5).any(|part| part == b"V7Q38"));
    }

    #[test]
    fn a_changed_bit_a_wrong_name_a_wrong_key_or_a_stump_opens_nothing() {
        let vault = Vault::new(&secret("key"), None);
        let sealed = vault.seal("session:o1", &secret("s"), [7; NONCE_BYTES]);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open("session:o1", &changed).is_none());
            assert!(vault.open("session:o1", &sealed[..at]).is_none());
        }
        assert!(vault.open("session:o2", &sealed).is_none());
        assert!(
            Vault::new(&secret("other"), None)
                .open("session:o1", &sealed)
                .is_none()
        );
    }

    #[test]
    fn a_previous_key_still_opens_and_no_longer_seals() {
        let old = Vault::new(&secret("old"), None);
        let new = Vault::new(&secret("new"), Some(&secret("old")));
        assert!(
            new.open("token", &old.seal("token", &secret("t"), [1; NONCE_BYTES]))
                .is_some()
        );
        assert!(
            old.open("token", &new.seal("token", &secret("t"), [1; NONCE_BYTES]))
                .is_none()
        );
    }
}
