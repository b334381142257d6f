//! Look-ups that are scripted, at times that are given.

use super::*;
use crate::transport::crew::plain_spawn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

const LONG: Duration = Duration::from_secs(20);

fn names(look_up: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Arc<Names> {
    Names::new(Crew::new(plain_spawn()), Box::new(look_up))
}

fn address(last: u8) -> Vec<IpAddr> {
    vec![Ipv4Addr::new(192, 0, 2, last).into()]
}

/// Names that answer 192.0.2.1, then 192.0.2.2, and so on, with the count of questions.
fn counting() -> (Arc<Names>, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = names(move |_| Ok(address(1 + count.fetch_add(1, Ordering::SeqCst) as u8)));
    (names, asked)
}

#[test]
fn many_calls_ask_once() {
    let (names, asked) = counting();
    let now = Instant::now();
    for _ in 0..1000 {
        assert_eq!(
            names.resolve("pay.example", now, now + LONG),
            Ok(address(1))
        );
    }
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn an_old_answer_serves_while_the_next_is_looked_up() {
    let (names, asked) = counting();
    let now = Instant::now();
    assert_eq!(
        names.resolve("pay.example", now, now + LONG),
        Ok(address(1))
    );
    let later = Instant::now() + FRESH;
    // Not waited for: the time to wait is over already.
    assert_eq!(names.resolve("pay.example", later, now), Ok(address(1)));
    assert!(names.crew.join_timeout(LONG));
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert_eq!(
        names.resolve("pay.example", Instant::now(), now),
        Ok(address(2))
    );
}

#[test]
fn when_look_ups_fail_an_answer_serves_ten_minutes_and_no_longer() {
    let asked = AtomicUsize::new(0);
    let names = names(move |_| match asked.fetch_add(1, Ordering::SeqCst) {
        0 => Ok(address(1)),
        _ => Err(io::Error::other("no such name")),
    });
    let now = Instant::now();
    assert_eq!(
        names.resolve("pay.example", now, now + LONG),
        Ok(address(1))
    );
    let answered = Instant::now();
    assert_eq!(
        names.resolve("pay.example", answered + FRESH, now),
        Ok(address(1))
    );
    assert!(names.crew.join_timeout(LONG));
    let late = answered + STALE - Duration::from_secs(1);
    assert_eq!(names.resolve("pay.example", late, now), Ok(address(1)));
    assert!(names.crew.join_timeout(LONG));
    let too_late = answered + STALE;
    assert_eq!(
        lock(&names.table).names["pay.example"].answer_within(STALE, too_late),
        None
    );
}

#[test]
fn a_failure_is_told_and_not_asked_again_at_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = names(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Err(io::Error::other("no such name"))
    });
    let now = Instant::now();
    let expected = Err(NoAddress::Because("no such name".into()));
    assert_eq!(names.resolve("pay.example", now, now + LONG), expected);
    assert_eq!(names.resolve("pay.example", now, now + LONG), expected);
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    assert_eq!(
        names.resolve("pay.example", Instant::now() + RETRY, now + LONG),
        expected
    );
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[test]
fn a_look_up_that_hangs_holds_nobody_and_is_not_started_twice() {
    let (let_go, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = names(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let _ = lock(&held).recv();
        Ok(address(1))
    });
    for _ in 0..3 {
        let now = Instant::now();
        let answer = names.resolve("pay.example", now, now + Duration::from_millis(50));
        assert_eq!(answer, Err(NoAddress::InTime));
    }
    drop(let_go);
    assert!(names.crew.join_timeout(LONG));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[test]
fn closing_ends_a_wait() {
    let (let_go, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let names = names(move |_| {
        let _ = lock(&held).recv();
        Ok(address(1))
    });
    let waiter = {
        let names = Arc::clone(&names);
        std::thread::spawn(move || {
            names.resolve("pay.example", Instant::now(), Instant::now() + LONG)
        })
    };
    names.close();
    assert_eq!(waiter.join().unwrap(), Err(NoAddress::InTime));
    drop(let_go);
}

#[test]
fn addresses_and_localhost_are_never_looked_up() {
    let names = names(|_| panic!("no look-up was needed"));
    let now = Instant::now();
    for host in ["127.0.0.1", "[::1]", "::1", "localhost", "LocalHost"] {
        assert!(names.resolve(host, now, now).is_ok(), "{host}");
    }
}
