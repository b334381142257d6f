//! The signature of a login state, `sig_method=hmac_sha256`: WeChat's page "session-signature".

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::midas_v1::digits;
use super::{HexDigest, Secret};

/// Over the body as it is sent, of which a GET has none. The session_key is used as text.
pub fn signature(session_key: &Secret, body: &[u8]) -> HexDigest {
    let mut mac = Hmac::<Sha256>::new_from_slice(session_key.as_bytes())
        .expect("HMAC takes a key of any length");
    mac.update(body);
    digits(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::hex_text;
    use serde_json::Value;

    #[test]
    fn the_signature_comes_out_as_published() {
        let all: Value = serde_json::from_str(include_str!("../../tests/vectors/login_state.json"))
            .expect("the vectors are JSON");
        let text = |value: &Value, name: &str| value[name].as_str().expect("text").to_owned();
        let vectors = all["vectors"].as_array().expect("a list");
        assert!(vectors.len() >= 2);
        for vector in vectors {
            assert!(text(vector, "source").len() > 20);
            let made = signature(
                &Secret::new(&text(&all, "session_key")),
                text(vector, "body").as_bytes(),
            );
            assert_eq!(hex_text(&made), text(vector, "signature"));
        }
    }
}
