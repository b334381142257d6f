//! The signatures of `vectors/midas_v1.json`, through `sign` and through the requests of `api`.

use serde_json::{Map, Value};
use wxgame::api::{App, Call, Environment, Order, midas_v1};
use wxgame::sign::{AppKey, Secret, explain, hex_text, midas_v1 as sign};

fn vectors() -> Value {
    serde_json::from_str(include_str!("vectors/midas_v1.json")).expect("the vectors are JSON")
}

fn each(check: impl Fn(&Value, &Value)) {
    let all = vectors();
    let vectors = all["vectors"].as_array().expect("a list");
    assert!(vectors.len() >= 9);
    for vector in vectors {
        assert!(text(vector, "source").len() > 20);
        check(&all, vector);
    }
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name]
        .as_str()
        .unwrap_or_else(|| panic!("{name} is text"))
}

/// The fields of a vector, values as they are signed; in reverse, so that sorting has something to do.
fn fields(vector: &Value) -> Vec<(String, String)> {
    let object = vector["fields"].as_object().expect("an object");
    let plain = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    object
        .iter()
        .rev()
        .map(|(name, value)| (name.clone(), plain(value)))
        .collect()
}

fn borrowed(fields: &[(String, String)]) -> Vec<(&str, &str)> {
    fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect()
}

#[test]
fn sign_reproduces_every_vector_and_explains_it() {
    each(|all, vector| {
        let app_key = AppKey::new(text(all, "app_key")).expect("a usable key");
        let session_key = Secret::new(text(all, "session_key"));
        let path = text(vector, "path");
        let owned = fields(vector);
        let mut fields = borrowed(&owned);
        let sig = sign::sig(path, &fields, &app_key).expect("good fields");
        assert_eq!(hex_text(&sig), text(vector, "sig"));
        assert_eq!(
            explain::explain_sig(path, &fields).as_deref(),
            Ok(text(vector, "explain_sig"))
        );

        fields.extend([
            ("sig", hex_text(&sig)),
            ("access_token", text(all, "access_token")),
        ]);
        let mp_sig = sign::mp_sig(path, &fields, &session_key).expect("good fields");
        assert_eq!(hex_text(&mp_sig), text(vector, "mp_sig"));
        assert_eq!(
            explain::explain_mp_sig(path, &fields).as_deref(),
            Ok(text(vector, "explain_mp_sig"))
        );
    });
}

#[test]
fn api_builds_every_vector_or_says_what_is_wrong_with_it() {
    each(|all, vector| {
        let field = |name: &str| vector["fields"][name].as_str().unwrap_or_default();
        let path = text(vector, "path");
        let environment = if path.contains("/sandbox/") {
            Environment::Sandbox
        } else {
            Environment::Production
        };
        let app = App {
            appid: field("appid").into(),
            offer_id: field("offer_id").into(),
            pf: field("pf").into(),
            environment,
            app_key: AppKey::new(text(all, "app_key")).expect("a usable key"),
            mp_sig: true,
        };
        let (call, amount) = match text(vector, "call") {
            "pay" => (Call::Pay, "amt"),
            "cancelpay" => (Call::CancelPay, ""),
            "getbalance" => (Call::GetBalance, ""),
            "present" => (Call::Present, "present_counts"),
            other => panic!("no call {other}"),
        };
        let order = Order {
            openid: field("openid"),
            zone_id: field("zone_id"),
            bill_no: field("bill_no"),
            amount: vector["fields"][amount].as_i64().unwrap_or(0),
            pay_item: field("pay_item"),
            app_remark: field("app_remark"),
            user_ip: field("user_ip"),
        };
        let session_key = Secret::new(text(all, "session_key"));
        let ts = vector["fields"]["ts"].as_i64().expect("a number");
        let built = midas_v1::build(
            &app,
            call,
            &order,
            Some(&session_key),
            text(all, "access_token"),
            ts,
        );
        if order.user_ip == "127.0.0.1" {
            assert_eq!(built.err().map(|error| error.field), Some("user_ip"));
            return;
        }
        let request = built.unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(!request.get);
        assert_eq!(
            request.path_and_query,
            format!("{path}?access_token={}", text(all, "access_token"))
        );

        let mut expected: Map<String, Value> =
            vector["fields"].as_object().expect("an object").clone();
        expected.insert("sig".into(), vector["sig"].clone());
        expected.insert("mp_sig".into(), vector["mp_sig"].clone());
        let body: Value = serde_json::from_slice(&request.body).expect("the body is JSON");
        assert_eq!(body, Value::Object(expected));
    });
}
