//! The values of `vectors/push.json`, through `sign` and through `receive`.

use serde_json::Value;
use wxgame::api::Environment;
use wxgame::api::push::{Event, Receiver, What, receive};
use wxgame::sign::push::{AesKey, msg_signature, signature};
use wxgame::sign::{AppKey, Secret, game_v2, hex_text};

use crate::craft;

fn each(list: &str, least: usize, check: impl Fn(&dyn Fn(&str) -> Option<String>)) {
    let all: Value =
        serde_json::from_str(include_str!("../vectors/push.json")).expect("the vectors are JSON");
    let vectors = all[list].as_array().expect("a list");
    assert!(vectors.len() >= least);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str().map(str::to_owned);
        assert!(text("source").is_some_and(|source| source.len() > 20));
        check(&text);
    }
}

fn app_key() -> AppKey {
    AppKey::new(craft::APP_KEY).expect("a usable key")
}

#[test]
fn the_published_signatures_come_out_and_the_echo_is_given() {
    each("signatures", 3, |text| {
        let need = |name: &str| text(name).expect("given");
        let token = Secret::new(&need("token"));
        let made = signature(&token, &need("timestamp"), &need("nonce"));
        assert_eq!(std::str::from_utf8(&made), Ok(need("signature").as_str()));

        let Some(echostr) = text("echostr") else {
            return;
        };
        let query = format!(
            "signature={}&echostr={echostr}&timestamp={}&nonce={}",
            need("signature"),
            need("timestamp"),
            need("nonce")
        );
        let receiver = Receiver {
            appid: craft::APPID,
            environment: Environment::Production,
            app_key: &app_key(),
            token: &token,
            aes_key: None,
        };
        assert_eq!(receive(&receiver, &query, b"").what, What::Echo(echostr));
    });
}

#[test]
fn the_published_messages_are_opened_and_their_signatures_come_out() {
    each("encrypted", 4, |text| {
        let need = |name: &str| text(name).expect("given");
        let key = AesKey::new(&need("aes_key")).expect("a good key");
        let opened = key.decrypt(&need("encrypt")).expect("it was published");
        assert_eq!(
            (opened.message, opened.appid),
            (need("message"), need("appid"))
        );
        // What the tests encrypt for themselves is what WeChat would.
        let made = craft::encrypt(
            &need("aes_key"),
            &need("random"),
            &need("message"),
            &need("appid"),
        );
        assert_eq!(made, need("encrypt"));

        let Some(token) = text("token") else {
            return;
        };
        let token = Secret::new(&token);
        let made = msg_signature(&token, &need("timestamp"), &need("nonce"), &need("encrypt"));
        assert_eq!(
            std::str::from_utf8(&made),
            Ok(need("msg_signature").as_str())
        );

        let query = format!(
            "timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
            need("timestamp"),
            need("nonce"),
            need("msg_signature")
        );
        let body = format!(
            "{{\"ToUserName\":\"gh_1\",\"Encrypt\":\"{}\"}}",
            need("encrypt")
        );
        let receiver = Receiver {
            appid: &need("appid"),
            environment: Environment::Production,
            app_key: &app_key(),
            token: &token,
            aes_key: Some(&key),
        };
        let What::Other { message, .. } = receive(&receiver, &query, body.as_bytes()).what else {
            panic!("it is not of payment");
        };
        assert_eq!(message, need("message"));
    });
}

#[test]
fn our_own_pay_event_sig_stays_and_its_push_is_taken() {
    each("pay_event_sigs", 1, |text| {
        let need = |name: &str| text(name).expect("given");
        let (event, payload, sig) = (need("event"), need("payload"), need("pay_event_sig"));
        let app_key = AppKey::new(&need("app_key")).expect("a usable key");
        let made = game_v2::sign_named(&event, payload.as_bytes(), &app_key);
        assert_eq!(hex_text(&made), sig);

        let push = craft::plain(&craft::json_event(&event, &payload, &sig, ""));
        let receiver = Receiver {
            appid: craft::APPID,
            environment: Environment::Production,
            app_key: &app_key,
            token: &Secret::new(craft::TOKEN),
            aes_key: None,
        };
        let what = receive(&receiver, &push.query, &push.body).what;
        assert!(matches!(what, What::Event(Event::Goods(_))), "{what:?}");
    });
}
