//! What needs a scripted look-up; the phase table is in `tests/transport.rs`.

use super::*;
use crate::transport::crew::plain_spawn;
use crate::transport::{Method, Outcome};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

const LONG: Duration = Duration::from_secs(20);

fn start(client: &Ureq, time: Duration) -> Receiver<Outcome> {
    let (tell, told) = channel();
    let request = Request {
        method: Method::Get,
        path_and_query: "/".into(),
        body: Vec::new(),
        money: true,
        leave_by: None,
    };
    let slot = Slot::new(move |outcome| tell.send(outcome).unwrap());
    client.start(request, Instant::now() + time, slot);
    told
}

fn not_sent(told: &Receiver<Outcome>) -> String {
    match told.recv_timeout(LONG) {
        Ok(Outcome::NotSent(reason)) => reason,
        other => panic!("expected not sent: {other:?}"),
    }
}

/// A client whose look-up hangs until the sender is dropped, and a sign that it has begun.
fn with_hanging_look_up() -> (Ureq, std::sync::mpsc::Sender<()>, Receiver<()>) {
    let (let_go, held) = channel::<()>();
    let (begin, begun) = channel();
    let held = Mutex::new(held);
    let options = UreqOptions {
        connect_timeout_ms: 60_000,
        ..UreqOptions::default()
    };
    let look_up = move |_: &str| {
        begin.send(()).unwrap();
        let _ = held.lock().unwrap().recv();
        Err(std::io::ErrorKind::NotFound.into())
    };
    let client = Ureq::with_look_up(options, plain_spawn(), Box::new(look_up)).unwrap();
    (client, let_go, begun)
}

#[test]
fn dns_that_hangs_is_not_sent_when_the_time_is_over() {
    let (client, let_go, _begun) = with_hanging_look_up();
    let begun = Instant::now();
    let reason = not_sent(&start(&client, Duration::from_millis(100)));
    assert_eq!(
        reason,
        "api.weixin.qq.com: the name was not resolved in time"
    );
    assert!(begun.elapsed() < Duration::from_secs(2));
    drop(let_go);
}

#[test]
fn a_shutdown_does_not_wait_for_dns() {
    let (client, let_go, begun) = with_hanging_look_up();
    let told = start(&client, LONG);
    begun.recv_timeout(LONG).unwrap();
    client.shutdown();
    not_sent(&told);
    assert!(
        !client.join_timeout(Duration::from_millis(20)),
        "the look-up still hangs"
    );
    drop(let_go);
    assert!(client.join_timeout(LONG));
}

#[test]
fn many_calls_look_the_name_up_once() {
    // Nobody listens there, so that every call fails after its look-up.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let options = UreqOptions {
        base_url: format!("https://pay.example:{port}"),
        ..UreqOptions::default()
    };
    let look_up = move |host: &str| {
        assert_eq!(host, "pay.example");
        count.fetch_add(1, Ordering::SeqCst);
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    };
    let client = Ureq::with_look_up(options, plain_spawn(), Box::new(look_up)).unwrap();
    let told: Vec<_> = (0..100).map(|_| start(&client, LONG)).collect();
    for told in &told {
        assert!(not_sent(told).contains("refused"));
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn limits_are_refused_by_name() {
    let with = |connect_timeout_ms, max_threads| {
        let options = UreqOptions {
            connect_timeout_ms,
            max_threads,
            ..UreqOptions::default()
        };
        Ureq::new(options, plain_spawn())
            .err()
            .map(|error| error.field)
    };
    assert_eq!(with(0, 0), None);
    assert_eq!(with(60_000, 1_024), None);
    assert_eq!(with(60_001, 1), Some("connect_timeout_ms"));
    assert_eq!(with(1, 1_025), Some("max_threads"));
}
