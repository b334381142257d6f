//! What proves a message push, and what opens it (WeChat's page "message-push").
//!
//! ```text
//! signature     = hex(SHA-1(token, timestamp, nonce in byte order))              covers no byte of the body
//! msg_signature = hex(SHA-1(token, timestamp, nonce, Encrypt in byte order))
//! Encrypt       = base64(AES-256-CBC(16 random bytes | length, 4 bytes, big endian | message | appid | padding))
//! PayEventSig   = hex(HMAC-SHA256(AppKey, Event & Payload)): `game_v2::sign_named`
//! ```
//!
//! The padding is PKCS#7 with blocks of 32 bytes, the key what the 43 characters of EncodingAESKey decode to, the
//! IV its first 16 bytes.

use std::fmt;

use aes::Aes256;
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, STANDARD};
use cbc::Decryptor;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::Secret;
use crate::error::{Error, Result};

/// A SHA-1 value as 40 lower-case hex digits, on the stack.
pub type Sha1Digest = [u8; 40];

/// `signature` of a push's query: says who asks, but nothing about the body.
pub fn signature(token: &Secret, timestamp: &str, nonce: &str) -> Sha1Digest {
    sorted_sha1(&mut [token.as_str(), timestamp, nonce])
}

/// `msg_signature` of an encrypted push.
pub fn msg_signature(token: &Secret, timestamp: &str, nonce: &str, encrypt: &str) -> Sha1Digest {
    sorted_sha1(&mut [token.as_str(), timestamp, nonce, encrypt])
}

/// Whether the signature that came is the one that was made, in a time that does not tell where they differ.
pub fn holds(made: &[u8], given: &str) -> bool {
    made.ct_eq(given.as_bytes()).into()
}

fn sorted_sha1(texts: &mut [&str]) -> Sha1Digest {
    texts.sort_unstable();
    let mut hasher = Sha1::new();
    for text in texts {
        hasher.update(text.as_bytes());
    }
    let mut digits = [0; 40];
    hex::encode_to_slice(hasher.finalize(), &mut digits).expect("20 bytes are 40 hex digits");
    digits
}

const AES_KEY_CHARACTERS: usize = 43;
const AES_KEY_BYTES: usize = 32;
const IV_BYTES: usize = 16;
/// Random bytes and the length, before the message.
const HEAD_BYTES: usize = 16 + 4;
/// What the padding fills up to; AES itself knows 16.
const PADDED_TO: usize = 32;

/// 43 characters hold 258 bits, and consoles give out keys with the last two set.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    NO_PAD.with_decode_allow_trailing_bits(true),
);

/// EncodingAESKey, ready to open pushes with. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct AesKey(Zeroizing<Box<[u8]>>);

/// What was in an `Encrypt`.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// The message, JSON or XML.
    pub message: String,
    /// For whom it was encrypted: to be compared with one's own appid.
    pub appid: String,
}

impl AesKey {
    /// Takes EncodingAESKey as the console shows it: 43 characters.
    pub fn new(text: &str) -> Result<Self> {
        let mut key = Zeroizing::new(vec![0; AES_KEY_BYTES].into_boxed_slice());
        let decoded = if text.len() == AES_KEY_CHARACTERS {
            LENIENT.decode_slice(text, &mut key).ok()
        } else {
            None
        };
        if decoded != Some(AES_KEY_BYTES) {
            return Err(Error::invalid(
                "push_aes_key",
                "must be the 43 letters and digits that the console shows as EncodingAESKey, without blanks, \
                 line ends or a `=`",
            ));
        }
        Ok(Self(key))
    }

    /// Opens `encrypt`, whose msg_signature must have held: what is wrong is told exactly, which a stranger must not
    /// learn.
    pub fn decrypt(&self, encrypt: &str) -> Result<Opened> {
        let mut bytes = STANDARD
            .decode(encrypt)
            .map_err(|_| damaged("is not base64"))?;
        if bytes.is_empty() || bytes.len() % PADDED_TO != 0 {
            return Err(damaged("does not hold whole blocks of 32 bytes"));
        }
        let plain = Decryptor::<Aes256>::new_from_slices(&self.0, &self.0[..IV_BYTES])
            .expect("the key has 32 bytes and the IV 16")
            .decrypt_padded::<NoPadding>(&mut bytes)
            .expect("32 is a multiple of 16");
        let plain = without_padding(plain).ok_or_else(|| {
            damaged("has a wrong padding: is push_aes_key the EncodingAESKey of the console?")
        })?;
        let (head, rest) = plain
            .split_at_checked(HEAD_BYTES)
            .ok_or_else(|| damaged("is too short to hold a message"))?;
        let length = u32::from_be_bytes([head[16], head[17], head[18], head[19]]);
        let (message, appid) = usize::try_from(length)
            .ok()
            .and_then(|length| rest.split_at_checked(length))
            .ok_or_else(|| damaged("gives its message a length that it does not have"))?;
        Ok(Opened {
            message: text(message)?,
            appid: text(appid)?,
        })
    }
}

impl fmt::Debug for AesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesKey(***)")
    }
}

fn without_padding(plain: &[u8]) -> Option<&[u8]> {
    let pad = *plain.last()?;
    let length = usize::from(pad);
    if !(1..=PADDED_TO).contains(&length) {
        return None;
    }
    let (rest, padding) = plain.split_at_checked(plain.len().checked_sub(length)?)?;
    padding.iter().all(|&byte| byte == pad).then_some(rest)
}

fn text(bytes: &[u8]) -> Result<String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| damaged("does not hold text in UTF-8"))
}

fn damaged(what: &'static str) -> Error {
    Error::invalid("Encrypt", what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cbc::Encryptor;
    use cbc::cipher::BlockModeEncrypt;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    /// Encrypts bytes that the caller has padded.
    fn encrypted(padded: &[u8]) -> String {
        let key = AesKey::new(KEY).expect("a good key");
        let mut bytes = padded.to_vec();
        let length = bytes.len();
        Encryptor::<Aes256>::new_from_slices(&key.0, &key.0[..IV_BYTES])
            .expect("the lengths are right")
            .encrypt_padded::<NoPadding>(&mut bytes, length)
            .expect("whole blocks");
        STANDARD.encode(bytes)
    }

    fn why(encrypt: &str) -> String {
        let key = AesKey::new(KEY).expect("a good key");
        let error = key.decrypt(encrypt).err().expect("this cannot be opened");
        assert_eq!(error.field, "Encrypt");
        error.message.into_owned()
    }

    /// 16 random bytes, the length, the rest, and `pad` bytes of padding.
    fn plain(length: u32, rest: &[u8], pad: u8) -> Vec<u8> {
        let mut plain = b"aaaabbbbccccdddd".to_vec();
        plain.extend_from_slice(&length.to_be_bytes());
        plain.extend_from_slice(rest);
        plain.extend(std::iter::repeat_n(pad, usize::from(pad)));
        plain
    }

    #[test]
    fn a_key_is_43_characters_of_base64_whatever_its_spare_bits() {
        for good in [KEY, &"A".repeat(43), &"/+".repeat(22)[1..]] {
            assert!(AesKey::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            &KEY[1..],
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG=",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF=",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEF ",
            "abcdefghijklmnopqrstuvwxyz0123456789-_CDEFG",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDé",
        ] {
            let error = AesKey::new(bad).expect_err(bad);
            assert_eq!(error.field, "push_aes_key");
            assert!(bad.is_empty() || !error.message.contains(bad));
        }
    }

    #[test]
    fn a_key_never_shows_itself() {
        let key = AesKey::new(KEY).expect("a good key");
        assert_eq!(format!("{key:?}"), "AesKey(***)");
    }

    #[test]
    fn every_length_of_padding_is_taken_off() {
        let key = AesKey::new(KEY).expect("a good key");
        for message in 0..64_u8 {
            let text = "m".repeat(usize::from(message));
            let rest = [text.as_bytes(), b"wx1"].concat();
            let pad = 32 - (HEAD_BYTES + rest.len()) % 32;
            let bytes = plain(u32::from(message), &rest, u8::try_from(pad).expect("small"));
            let opened = key.decrypt(&encrypted(&bytes)).expect("well made");
            assert_eq!((opened.message, opened.appid), (text, "wx1".to_owned()));
        }
    }

    #[test]
    fn what_is_damaged_is_refused_by_name() {
        let rest = b"0123456789ab";
        let good = plain(9, rest, 32);
        assert!(AesKey::new(KEY).unwrap().decrypt(&encrypted(&good)).is_ok());

        for not_base64 in ["%", "AAAA\n", "AA", "AAB=", "hyzAe4Oz_-"] {
            assert!(why(not_base64).contains("base64"), "{not_base64}");
        }
        for size in [0, 16, 48] {
            assert!(why(&encrypted(&good[..size])).contains("whole blocks"));
        }
        for (place, byte) in [(63, 0), (63, 33), (63, 255), (63, 31), (32, 7)] {
            let mut bad = good.clone();
            bad[place] = byte;
            assert!(why(&encrypted(&bad)).contains("padding"), "{place} {byte}");
        }
        let short = [[5_u8; 16].as_slice(), &[16; 16]].concat();
        assert!(why(&encrypted(&short)).contains("too short"));
        assert!(why(&encrypted(&[32; 32])).contains("too short"));
        for length in [13, u32::MAX] {
            assert!(why(&encrypted(&plain(length, rest, 32))).contains("length"));
        }
        for (length, rest) in [(12, [0xff; 12]), (0, [0xff; 12])] {
            assert!(why(&encrypted(&plain(length, &rest, 32))).contains("UTF-8"));
        }
    }

    #[test]
    fn a_signature_holds_only_when_all_of_it_is_there() {
        let made = signature(&Secret::new("AAAAA"), "1714037059", "486452656");
        let text = std::str::from_utf8(&made).expect("hex");
        assert_eq!(text, "899cf89e464efb63f54ddac96b0a0a235f53aa78");
        assert!(holds(&made, text));
        for other in [
            "",
            &text[1..],
            &text.to_uppercase(),
            &text.replace('8', "9"),
        ] {
            assert!(!holds(&made, other), "{other}");
        }
    }
}
