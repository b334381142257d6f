//! How a push is signed and sealed on its way to the game's server, written from WeChat's description.
//!
//! A push proves where it comes from with a SHA-1 over the sorted parts of what both sides know. In safe mode its
//! message is also encrypted: AES-256 in CBC mode, the first half of the key as IV, over
//!
//! ```text
//! 16 random bytes | length, 4 bytes, big endian | message | appid | padding to a multiple of 32
//! ```

use crate::sign::hex;
use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use libaes::Cipher;
use ring::digest;

/// Padding fills up to a multiple of this: twice the block of AES.
const PADDED: usize = 32;

/// The last of the 43 characters carries two bits more than the key has, and they need not be zero.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// `signature` over token, timestamp and nonce; with the encrypted message as a fourth part, `msg_signature`.
pub fn push_signature(parts: &[&str]) -> String {
    let mut parts = parts.to_vec();
    parts.sort_unstable();
    let text = parts.concat();
    hex(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref())
}

/// The key of safe mode.
pub struct AesKey([u8; 32]);

impl AesKey {
    /// Reads an EncodingAESKey of 43 characters; nothing when it is not one.
    pub fn new(encoding_aes_key: &str) -> Option<AesKey> {
        let bytes = LENIENT.decode(format!("{encoding_aes_key}=")).ok()?;
        bytes.try_into().ok().map(AesKey)
    }

    /// The text that stands in `Encrypt`.
    pub fn seal(&self, random: &[u8; 16], message: &str, appid: &str) -> String {
        self.encrypt(plain(random, message, appid, |length| length))
    }

    /// The same with padding that says it has no length, which nobody may accept.
    pub(crate) fn seal_badly(&self, random: &[u8; 16], message: &str, appid: &str) -> String {
        self.encrypt(plain(random, message, appid, |_| 0))
    }

    fn encrypt(&self, plain: Vec<u8>) -> String {
        let mut cipher = Cipher::new_256(&self.0);
        cipher.set_auto_padding(false);
        STANDARD.encode(cipher.cbc_encrypt(&self.0[..16], &plain))
    }
}

/// What is encrypted. `padding` makes of the padding's length the byte that it is written with.
fn plain(random: &[u8; 16], message: &str, appid: &str, padding: fn(u8) -> u8) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut plain = random.to_vec();
    plain.extend(length.to_be_bytes());
    plain.extend(message.as_bytes());
    plain.extend(appid.as_bytes());
    let missing = PADDED - plain.len() % PADDED;
    let byte = padding(missing as u8);
    plain.resize(plain.len() + missing, byte);
    plain
}
