//! A body behind a signature that holds in plain mode, and in safe mode behind one that does not: the envelope is
//! read, and without a PayEventSig nothing may come of it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wxgame::api::Environment;
use wxgame::api::push::{Receiver, Verdict, What, receive};
use wxgame::sign::push::{AesKey, signature};
use wxgame::sign::{AppKey, Secret};

fuzz_target!(|body: &[u8]| {
    let app_key = AppKey::new("12345").expect("a usable key");
    let token = Secret::new("AAAAA");
    let aes_key = AesKey::new(&"A".repeat(43)).expect("a good key");
    let signature = signature(&token, "1714037059", "486452656");
    let signature = std::str::from_utf8(&signature).expect("hex digits are ASCII");
    let query = format!("signature={signature}&timestamp=1714037059&nonce=486452656");
    for aes_key in [None, Some(&aes_key)] {
        let receiver = Receiver {
            appid: "wxba5fad812f8e6fb9",
            environment: Environment::Production,
            app_key: &app_key,
            token: &token,
            aes_key,
        };
        let marked = format!("{query}&encrypt_type=aes&msg_signature={signature}");
        let query = if aes_key.is_some() { &marked } else { &query };
        let received = receive(&receiver, query, body);
        assert!(!matches!(received.what, What::Event(_)));
        received.answer(Verdict::Success);
        receive(&receiver, &String::from_utf8_lossy(body), body);
    }
});
