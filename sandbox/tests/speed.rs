//! How fast it is. Not run by default, for it means something only in a release build on an idle machine:
//!
//! ```text
//! cargo test --release -p wxgame-sandbox --test speed -- --ignored --nocapture
//! ```

mod common;

use common::{Client, start};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;
use wxgame_sandbox::{Env, Rules};

const CONNECTIONS: usize = 32;
const REQUESTS: usize = 100_000;

#[test]
#[ignore = "a measurement"]
fn one_core_plays_twenty_thousand_payments_a_second() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(REQUESTS as i64, 0);
    let requests: Vec<Vec<u8>> = (0..REQUESTS)
        .map(|n| {
            let fields = client.signed("pay", json!({ "bill_no": format!("b{n}"), "amt": 1 }));
            let body = Value::Object(fields).to_string();
            let request = common::request("POST", &client.target("pay"), body.as_bytes());
            let text = String::from_utf8(request).expect("ASCII");
            text.replace("Connection: close\r\n", "").into_bytes()
        })
        .collect();
    let address = sandbox.http_url().expect("HTTP").replace("http://", "");
    let connect = |_| TcpStream::connect(&address).expect("it listens");
    let mut streams: Vec<TcpStream> = (0..CONNECTIONS).map(connect).collect();
    let mut buffer = [0; 4096];
    let begun = Instant::now();
    for wave in requests.chunks(CONNECTIONS) {
        for (stream, request) in streams.iter_mut().zip(wave) {
            stream.write_all(request).expect("it reads");
        }
        for stream in streams.iter_mut().take(wave.len()) {
            // An answer is far smaller than the buffer and is written at once.
            let got = stream.read(&mut buffer).expect("it answers");
            assert!(buffer[..got].ends_with(b"}"));
        }
    }
    let per_s = REQUESTS as f64 / begun.elapsed().as_secs_f64();
    println!("{per_s:.0} payments a second");
    assert_eq!(client.balance(), 0);
    assert!(per_s > 20_000.0, "{per_s:.0}");
}
