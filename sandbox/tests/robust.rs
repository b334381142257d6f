//! Whatever comes in, something sensible goes out, and the next client is served.

mod common;

use common::{Client, PATIENCE, errcode, exchange, raw, request, start};
use serde_json::{Value, json};
use wxgame_sandbox::{Env, Rules, Sandbox};

fn still_serves(sandbox: &Sandbox) {
    assert_eq!(
        exchange(sandbox, "GET", "/sandbox/stats", b"").status(),
        200
    );
}

#[test]
fn a_body_over_one_mebibyte_is_413() {
    let sandbox = start(Rules::default());
    let big = vec![b'x'; (1 << 20) + 1];
    let head = request("POST", "/cgi-bin/midas/pay", &big);
    assert_eq!(raw(&sandbox, &head, PATIENCE).status(), 413);
    // Nor does it wait for what a client has announced and never sends.
    let head = &head[..head.len() - big.len()];
    assert_eq!(raw(&sandbox, head, PATIENCE).status(), 413);
    let full = vec![b' '; 1 << 20];
    let wire = exchange(&sandbox, "POST", "/cgi-bin/midas/pay?access_token=T", &full);
    assert_eq!(errcode(&wire.json()), 40001);
    still_serves(&sandbox);
}

#[test]
fn a_chunked_body_is_read_like_any_other() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let fields = client.signed("getbalance", json!({}));
    let body = Value::Object(fields).to_string();
    let (one, two) = body.split_at(body.len() / 2);
    let bytes = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
        client.target("getbalance"),
        one.len(),
        two.len(),
    );
    let wire = raw(&sandbox, bytes.as_bytes(), PATIENCE);
    assert_eq!(wire.status(), 200);
    assert!(String::from_utf8_lossy(wire.body()).contains("\"errcode\":0"));
}

#[test]
fn malformed_http_is_400_and_closes() {
    let sandbox = start(Rules::default());
    for bytes in [
        &b"\r\n\r\n\x00\x01\x02\r\n\r\n"[..],
        b"HELLO\r\n\r\n",
        b"POST / HTTP/9.9\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nbad header\r\n\r\n",
    ] {
        let wire = raw(&sandbox, bytes, PATIENCE);
        assert_eq!(wire.status(), 400, "{:?}", String::from_utf8_lossy(bytes));
    }
    still_serves(&sandbox);
}

#[test]
fn several_requests_go_over_one_connection() {
    let sandbox = start(Rules::default());
    let one = "GET /sandbox/clock HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /sandbox/clock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let wire = raw(&sandbox, format!("{one}{one}{last}").as_bytes(), PATIENCE);
    let text = String::from_utf8_lossy(&wire.bytes).into_owned();
    assert_eq!(text.matches("HTTP/1.1 200").count(), 3, "{text}");
    assert_eq!(sandbox.stats().connections, 1);
}

#[test]
fn deeply_nested_and_odd_json_is_answered() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let target = client.target("pay");
    let nested = "[".repeat(200_000);
    for body in [
        nested.as_bytes(),
        b"{\"amt\":1e999}",
        b"{\"amt\":123456789012345678901234567890}",
        b"{\"a\":\"\\ud800\"}",
        b"\xff\xfe",
        b"null",
        b"{\"openid\":\"\\u0000\"}",
    ] {
        let answer = errcode(&exchange(&sandbox, "POST", &target, body).json());
        assert!([47001, 40101, 90018].contains(&answer), "{answer}");
    }
    still_serves(&sandbox);
}

/// Spoils good bodies byte by byte with a small generator, so that a failure repeats.
#[test]
fn spoilt_bodies_are_always_answered_and_never_charged() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(1000, 0);
    let fields = client.signed(
        "pay",
        json!({ "bill_no": "b1", "amt": 1, "pay_item": "钻" }),
    );
    let good = Value::Object(fields).to_string().into_bytes();
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 33) as usize % below
    };
    for _ in 0..1000 {
        let mut body = good.clone();
        for _ in 0..=random(3) {
            let at = random(body.len());
            match random(3) {
                0 => body[at] = random(256) as u8,
                1 => body.truncate(at.max(1)),
                _ => body.insert(at, b"{}[]\",:0 \\"[random(10)]),
            }
        }
        let wire = exchange(&sandbox, "POST", &client.target("pay"), &body);
        let answer = errcode(&wire.json());
        // A space between two fields spoils nothing.
        let same =
            serde_json::from_slice::<Value>(&body).ok() == serde_json::from_slice(&good).ok();
        assert!(same || answer != 0, "{}", String::from_utf8_lossy(&body));
    }
    assert!(client.charged("b1") <= 1);
    still_serves(&sandbox);
}

#[test]
fn many_clients_at_once_are_charged_once_per_number() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(1_000, 0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for n in 0..25 {
                    let answer = client.pay(&format!("b{n}"), 1);
                    assert!([0, 90012].contains(&answer), "{answer}");
                }
            });
        }
    });
    assert_eq!(client.balance(), 975);
    let stats = sandbox.stats();
    assert_eq!(stats.answers["pay"]["0"], 25);
    assert_eq!(stats.answers["pay"]["90012"], 175);
    assert_eq!(sandbox.requests().len(), 200);
}

#[test]
fn the_list_of_requests_is_bounded() {
    let sandbox = start(Rules::default());
    for _ in 0..300 {
        exchange(&sandbox, "POST", "/cgi-bin/midas/pay", b"");
    }
    assert_eq!(sandbox.requests().len(), 256);
    assert_eq!(sandbox.stats().requests["pay"], 300);
}
