//! The transport under test, and what came of a call.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use wxgame::transport::ureq::{Ureq, UreqOptions};
use wxgame::transport::{Method, Outcome, Reply, Request, Slot, Spawn, Transport};

/// Longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(20);
/// A time that is meant to run out.
pub const SHORT: Duration = Duration::from_millis(200);

pub fn spawn() -> Spawn {
    Arc::new(|name, work| {
        assert!(name.starts_with("wxg-"), "{name}");
        // As small a stack as the library gives.
        let builder = thread::Builder::new().name(name.into());
        builder.stack_size(512 * 1024).spawn(work)
    })
}

pub fn with(options: UreqOptions) -> Ureq {
    Ureq::new(options, spawn()).unwrap()
}

pub fn client(base_url: &str) -> Ureq {
    with(UreqOptions {
        base_url: base_url.into(),
        ..UreqOptions::default()
    })
}

pub fn post(path_and_query: &str) -> Request {
    Request {
        method: Method::Post,
        path_and_query: path_and_query.into(),
        body: b"{\"coins\":10}".to_vec(),
        money: true,
        leave_by: None,
    }
}

pub fn start(client: &Ureq, request: Request, time: Duration) -> Receiver<Outcome> {
    let (tell, told) = channel();
    let slot = Slot::new(move |outcome| drop(tell.send(outcome)));
    client.start(request, Instant::now() + time, slot);
    told
}

pub fn wait(told: &Receiver<Outcome>) -> Outcome {
    told.recv_timeout(LONG + LONG)
        .expect("every request has an outcome")
}

pub fn send(client: &Ureq, request: Request, time: Duration) -> Outcome {
    wait(&start(client, request, time))
}

#[track_caller]
pub fn reply(outcome: Outcome) -> Reply {
    match outcome {
        Outcome::Reply(reply) => reply,
        other => panic!("expected a reply: {other:?}"),
    }
}

#[track_caller]
pub fn not_sent(outcome: Outcome) -> String {
    match outcome {
        Outcome::NotSent(reason) => reason,
        other => panic!("expected not sent: {other:?}"),
    }
}

#[track_caller]
pub fn unknown(outcome: Outcome) -> String {
    match outcome {
        Outcome::Unknown(reason) => reason,
        other => panic!("expected unknown: {other:?}"),
    }
}
