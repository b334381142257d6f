//! A client small enough to be trusted: raw sockets, and signatures made field by field.

#![allow(dead_code)] // every test file uses its own part of this

pub mod endpoint;

use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use wxgame_sandbox::sign::{self, Key};
use wxgame_sandbox::{Config, Env, Rules, Sandbox};

pub const APP_KEY: &str = "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u";
pub const SANDBOX_APP_KEY: &str = "sandbox-app-key-0123456789abcdef";
pub const SECRET: &str = "sandbox-app-secret";
pub const OPENID: &str = "oPlayer_1";

/// A sandbox with these rules and nothing but HTTP.
pub fn start(rules: Rules) -> Sandbox {
    let config = Config {
        https: None,
        rules,
        ..Config::default()
    };
    Sandbox::start(config).expect("a free port on loopback")
}

pub fn now_s() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.expect("a clock after 1970").as_secs() as i64
}

/// What came back on the wire, and how it ended.
#[derive(Debug)]
pub struct Wire {
    pub bytes: Vec<u8>,
    pub end: io::Result<()>,
}

impl Wire {
    pub fn head(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes).into_owned();
        text.split("\r\n\r\n").next().unwrap_or_default().to_owned()
    }

    pub fn status(&self) -> u16 {
        let head = self.head();
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok());
        status.unwrap_or_else(|| panic!("no status in {self:?}"))
    }

    pub fn body(&self) -> &[u8] {
        let end = self.bytes.windows(4).position(|w| w == b"\r\n\r\n");
        &self.bytes[end.map_or(self.bytes.len(), |at| at + 4)..]
    }

    pub fn content_length(&self) -> usize {
        let head = self.head().to_ascii_lowercase();
        let line = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        line.expect("a Content-Length").parse().expect("a number")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body()).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }
}

/// Writes these bytes and reads until the connection ends, or for `patience`.
pub fn raw(sandbox: &Sandbox, bytes: &[u8], patience: Duration) -> Wire {
    let address = sandbox
        .http_url()
        .expect("HTTP is on")
        .replace("http://", "");
    let mut stream = TcpStream::connect(address).expect("the sandbox listens");
    stream.set_read_timeout(Some(patience)).expect("a time-out");
    stream.write_all(bytes).expect("the sandbox reads");
    let mut wire = Wire {
        bytes: Vec::new(),
        end: Ok(()),
    };
    wire.end = stream.read_to_end(&mut wire.bytes).map(|_| ());
    wire
}

pub fn request(method: &str, target: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub const PATIENCE: Duration = Duration::from_secs(10);

pub fn exchange(sandbox: &Sandbox, method: &str, target: &str, body: &[u8]) -> Wire {
    raw(sandbox, &request(method, target, body), PATIENCE)
}

pub fn get(sandbox: &Sandbox, target: &str) -> Value {
    exchange(sandbox, "GET", target, b"").json()
}

pub fn post(sandbox: &Sandbox, target: &str, body: &Value) -> Value {
    exchange(sandbox, "POST", target, body.to_string().as_bytes()).json()
}

/// A player with a session, and a server with a token.
pub struct Client<'a> {
    pub sandbox: &'a Sandbox,
    pub access_token: String,
    pub session_key: String,
    pub env: Env,
    pub openid: String,
}

impl Client<'_> {
    pub fn new(sandbox: &Sandbox, env: Env) -> Client<'_> {
        let client = Client {
            sandbox,
            access_token: "TOKEN".to_owned(),
            session_key: "V7Q38/i2KXaqrQyl2Yx9Hg==".to_owned(),
            env,
            openid: OPENID.to_owned(),
        };
        sandbox
            .set_token(&client.access_token, 7200)
            .expect("a good token");
        sandbox
            .set_session(&client.openid, &client.session_key)
            .expect("a good session");
        client
    }

    pub fn path(&self, call: &str) -> String {
        match self.env {
            Env::Production => format!("/cgi-bin/midas/{call}"),
            Env::Sandbox => format!("/cgi-bin/midas/sandbox/{call}"),
        }
    }

    pub fn app_key(&self) -> &'static str {
        match self.env {
            Env::Production => APP_KEY,
            Env::Sandbox => SANDBOX_APP_KEY,
        }
    }

    /// The fields of a call before they are signed.
    pub fn fields(&self, extra: Value) -> Map<String, Value> {
        let common = json!({
            "openid": self.openid, "appid": "wx1234567", "offer_id": "12345678",
            "ts": now_s(), "zone_id": "1", "pf": "android",
        });
        let (Value::Object(mut fields), Value::Object(extra)) = (common, extra) else {
            panic!("the extra fields are an object");
        };
        fields.extend(extra);
        fields
    }

    /// Signs as a client should.
    pub fn signed(&self, call: &str, extra: Value) -> Map<String, Value> {
        let mut fields = self.fields(extra);
        let (path, app_key) = (self.path(call), Key::new(self.app_key()));
        let sig = sign::sig(&pairs(&fields), &path, &app_key);
        self.add_signatures(&mut fields, &path, sig);
        fields
    }

    pub fn add_signatures(&self, fields: &mut Map<String, Value>, path: &str, sig: String) {
        let session_key = Key::new(self.session_key.as_str());
        let mp_sig = sign::mp_sig(&pairs(fields), &self.access_token, &sig, path, &session_key);
        fields.insert("sig".to_owned(), sig.into());
        fields.insert("mp_sig".to_owned(), mp_sig.into());
    }

    pub fn send(&self, call: &str, fields: &Map<String, Value>) -> Wire {
        let body = Value::Object(fields.clone()).to_string();
        exchange(self.sandbox, "POST", &self.target(call), body.as_bytes())
    }

    pub fn target(&self, call: &str) -> String {
        format!("{}?access_token={}", self.path(call), self.access_token)
    }

    /// A whole call over a socket of its own, and what came back.
    pub fn wire(&self, call: &str, extra: Value) -> Wire {
        self.send(call, &self.signed(call, extra))
    }

    pub fn call(&self, call: &str, extra: Value) -> Value {
        self.wire(call, extra).json()
    }

    pub fn errcode(&self, call: &str, extra: Value) -> i64 {
        errcode(&self.call(call, extra))
    }

    pub fn pay(&self, bill_no: &str, amt: i64) -> i64 {
        self.errcode("pay", json!({ "bill_no": bill_no, "amt": amt }))
    }

    pub fn cancel(&self, bill_no: &str) -> i64 {
        self.errcode("cancelpay", json!({ "bill_no": bill_no }))
    }

    pub fn present(&self, bill_no: &str, counts: i64) -> i64 {
        self.errcode(
            "present",
            json!({ "bill_no": bill_no, "present_counts": counts }),
        )
    }

    pub fn top_up(&self, amt: i64, gift: i64) {
        let done = self.sandbox.top_up(self.env, &self.openid, "1", amt, gift);
        done.expect("a good top-up");
    }

    pub fn balance(&self) -> i64 {
        self.sandbox.player(self.env, &self.openid, "1").balance
    }

    pub fn charged(&self, bill_no: &str) -> u64 {
        let order = self.sandbox.order(self.env, bill_no);
        order.map_or(0, |order| order.charged)
    }

    pub fn fault(&self, fault: Value) {
        let done = self.sandbox.add_faults_json(&fault.to_string());
        done.expect("a good fault");
    }
}

pub fn errcode(answer: &Value) -> i64 {
    let errcode = answer["errcode"].as_i64();
    errcode.unwrap_or_else(|| panic!("no errcode in {answer}"))
}

/// The fields as they are signed.
pub fn pairs(fields: &Map<String, Value>) -> Vec<(&str, Cow<'_, str>)> {
    let text = |value: &'_ Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let all = fields
        .iter()
        .map(|(name, value)| (name.as_str(), Cow::Owned(text(value))));
    all.collect()
}

/// Waits for something that another thread is about to do.
pub fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = std::time::Instant::now() + PATIENCE;
    while !done() {
        assert!(
            std::time::Instant::now() < deadline,
            "never happened: {what}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The same player and server in virtual payment 2.0.
pub struct Game<'a> {
    pub client: Client<'a>,
}

impl Game<'_> {
    pub fn new(sandbox: &Sandbox, env: Env) -> Game<'_> {
        Game {
            client: Client::new(sandbox, env),
        }
    }

    pub fn uri(call: &str) -> String {
        format!("/wxa/game/{call}")
    }

    /// The fields of a call; what is null in `extra` is left out.
    pub fn fields(&self, extra: Value) -> Map<String, Value> {
        let env = i32::from(self.client.env == Env::Sandbox);
        let common = json!({
            "openid": self.client.openid, "offer_id": "12345678", "ts": now_s(), "zone_id": "1", "env": env,
        });
        let (Value::Object(mut fields), Value::Object(extra)) = (common, extra) else {
            panic!("the extra fields are an object");
        };
        fields.extend(extra);
        fields.retain(|_, value| !value.is_null());
        fields
    }

    pub fn body(&self, extra: Value) -> String {
        Value::Object(self.fields(extra)).to_string()
    }

    pub fn signature(&self, body: &str) -> String {
        sign::signature(body, &Key::new(self.client.session_key.as_str()))
    }

    pub fn pay_sig(&self, call: &str, body: &str) -> String {
        let app_key = Key::new(self.client.app_key());
        sign::pay_sig(&Game::uri(call), body, &app_key)
    }

    pub fn target(&self, call: &str, signature: &str, pay_sig: &str) -> String {
        format!(
            "{}?access_token={}&signature={signature}&sig_method=hmac_sha256&pay_sig={pay_sig}",
            Game::uri(call),
            self.client.access_token
        )
    }

    /// Signs these bytes as a client should, and sends them.
    pub fn send(&self, call: &str, body: &str) -> Wire {
        let target = self.target(call, &self.signature(body), &self.pay_sig(call, body));
        exchange(self.client.sandbox, "POST", &target, body.as_bytes())
    }

    /// Sends these bytes with these signatures.
    pub fn send_with(&self, call: &str, body: &str, signature: &str, pay_sig: &str) -> Value {
        let target = self.target(call, signature, pay_sig);
        exchange(self.client.sandbox, "POST", &target, body.as_bytes()).json()
    }

    pub fn wire(&self, call: &str, extra: Value) -> Wire {
        self.send(call, &self.body(extra))
    }

    pub fn call(&self, call: &str, extra: Value) -> Value {
        self.wire(call, extra).json()
    }

    pub fn errcode(&self, call: &str, extra: Value) -> i64 {
        errcode(&self.call(call, extra))
    }

    pub fn pay(&self, bill_no: &str, amount: i64) -> i64 {
        self.errcode("pay", json!({ "bill_no": bill_no, "amount": amount }))
    }

    pub fn refund(&self, bill_no: &str, pay_bill_no: &str, amount: i64) -> i64 {
        let refund = json!({ "bill_no": bill_no, "pay_bill_no": pay_bill_no, "amount": amount });
        self.errcode("cancelpay", refund)
    }

    pub fn present(&self, bill_no: &str, amount: i64) -> i64 {
        self.errcode("present", json!({ "bill_no": bill_no, "amount": amount }))
    }

    pub fn query(&self, out_trade_no: &str, biz_id: i64) -> Value {
        let query = json!({ "out_trade_no": out_trade_no, "biz_id": biz_id });
        self.call("queryorderinfo", query)
    }
}
