//! A game's server small enough to be trusted: it takes pushes, keeps them, and answers as it is told.

use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use wxgame_sandbox::sign::Key;

use super::{PATIENCE, eventually};

/// One push as it came over the wire.
#[derive(Clone, Debug)]
pub struct Received {
    pub target: String,
    pub content_type: String,
    pub body: String,
}

impl Received {
    /// A parameter of the query; empty when it is not there.
    pub fn query(&self, name: &str) -> &str {
        let (_, query) = self.target.split_once('?').expect("a query");
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(known, _)| *known == name);
        values.next().map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The Payload of a plain message, read.
    pub fn payload(&self) -> Value {
        payload_of(&self.json())
    }
}

pub fn payload_of(message: &Value) -> Value {
    let payload = message["MiniGame"]["Payload"].as_str();
    let payload = payload.unwrap_or_else(|| panic!("no Payload in {message}"));
    serde_json::from_str(payload).expect("JSON in the Payload")
}

/// Whether the message is signed with this app key.
pub fn pay_event_sig_fits(message: &Value, app_key: &str) -> bool {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (event, own) = (text(&message["Event"]), &message["MiniGame"]);
    let signed = format!("{event}&{}", text(&own["Payload"]));
    Key::new(app_key).sign(&signed) == text(&own["PayEventSig"])
}

#[derive(Clone)]
pub enum Reply {
    Http(u16, String),
    /// Reads the push and says nothing until the other side goes away.
    Silence,
}

pub fn success() -> Reply {
    Reply::Http(200, r#"{"ErrCode":0,"ErrMsg":"Success"}"#.to_owned())
}

pub fn failure() -> Reply {
    Reply::Http(200, r#"{"ErrCode":99999,"ErrMsg":"later"}"#.to_owned())
}

/// Answers with the replies in turn, and with the last one from then on.
pub struct Endpoint {
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Endpoint {
    pub fn new(replies: &[Reply]) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let endpoint = Endpoint {
            url: format!("http://{address}/push"),
            received: Arc::default(),
            replies: Arc::new(Mutex::new(replies.iter().cloned().collect())),
        };
        let received = Arc::clone(&endpoint.received);
        let replies = Arc::clone(&endpoint.replies);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let Some(push) = read(&stream) else { continue };
                received.lock().expect("no panic").push(push);
                let reply = {
                    let mut replies = replies.lock().expect("no panic");
                    match replies.len() {
                        1 => replies[0].clone(),
                        _ => replies.pop_front().expect("a reply"),
                    }
                };
                answer(stream, &reply);
            }
        });
        endpoint
    }

    pub fn reply_from_now_on(&self, reply: Reply) {
        *self.replies.lock().expect("no panic") = VecDeque::from([reply]);
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic").clone()
    }

    /// Waits until so many pushes have come.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        let what = format!("{count} pushes");
        eventually(&what, || self.received().len() >= count);
        let received = self.received();
        assert_eq!(received.len(), count, "{received:?}");
        received
    }

    pub fn config(&self, changes: Value) -> String {
        let mut config = json!({ "url": self.url, "token": "AAAAA", "timeout_ms": 10_000 });
        let fields = config.as_object_mut().expect("an object");
        fields.extend(changes.as_object().expect("an object").clone());
        config.to_string()
    }
}

fn read(stream: &TcpStream) -> Option<Received> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    assert!(line.starts_with("POST "), "{line}");
    let target = line.split(' ').nth(1)?.to_owned();
    let (mut length, mut content_type) = (0, String::new());
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let lower = line.trim().to_ascii_lowercase();
        match lower.split_once(": ") {
            Some(("content-length", value)) => length = value.parse().ok()?,
            Some(("content-type", value)) => content_type = value.to_owned(),
            _ if lower.is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Received {
        target,
        content_type,
        body: String::from_utf8(body).expect("UTF-8"),
    })
}

fn answer(mut stream: TcpStream, reply: &Reply) {
    match reply {
        Reply::Http(status, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            // The sandbox may have gone away meanwhile.
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
        Reply::Silence => {
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
}
