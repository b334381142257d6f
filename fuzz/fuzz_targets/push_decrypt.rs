//! `Encrypt` as it comes, opened: first as text, then as the bytes that its base64 would hold.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxgame::sign::push::AesKey;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of whole groups of three bytes.
fn base64(bytes: &[u8]) -> String {
    let digit = |bits: u32| char::from(ALPHABET[(bits & 63) as usize]);
    let groups = bytes.chunks_exact(3).map(|three| {
        let bits = u32::from_be_bytes([0, three[0], three[1], three[2]]);
        [
            digit(bits >> 18),
            digit(bits >> 12),
            digit(bits >> 6),
            digit(bits),
        ]
    });
    groups.flatten().collect()
}

fuzz_target!(|bytes: &[u8]| {
    let key = AesKey::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").expect("a good key");
    let text = String::from_utf8_lossy(bytes);
    let (_, _) = (AesKey::new(&text), key.decrypt(&text));
    if let Ok(opened) = key.decrypt(&base64(bytes)) {
        assert!(20 + opened.message.len() + opened.appid.len() < bytes.len());
    }
});
