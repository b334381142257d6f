//! The pool with a scripted carrier instead of a network.

use super::*;
use crate::transport::Method;
use crate::transport::crew::plain_spawn;
use std::io;
use std::sync::mpsc;

const LONG: Duration = Duration::from_secs(20);

fn job(name: &str, time_left: Duration) -> (Job, Receiver<Outcome>) {
    let (tell, told) = mpsc::channel();
    let job = Job {
        request: Request {
            method: Method::Get,
            path_and_query: name.into(),
            body: Vec::new(),
            money: true,
            leave_by: None,
        },
        due: Due::new(Instant::now() + time_left, None),
        slot: Slot::new(move |outcome| tell.send(outcome).unwrap()),
    };
    (job, told)
}

/// One thread whose carrier says it has begun, then waits for a word: "panic", or the reason to give.
fn held() -> (Arc<Pool>, Receiver<()>, Sender<&'static str>) {
    let (begin, begun) = channel();
    let (word, words) = channel();
    let words = Arc::new(Mutex::new(words));
    let pool = Pool::new(
        Crew::new(plain_spawn()),
        1,
        Box::new(move || {
            let (begin, words) = (begin.clone(), Arc::clone(&words));
            Box::new(move |_, _| {
                begin.send(()).unwrap();
                match lock(&words).recv_timeout(LONG) {
                    Ok("panic") => std::panic::resume_unwind(Box::new("scripted")),
                    Ok(word) => Outcome::Unknown(word.into()),
                    Err(_) => Outcome::Unknown("never told".into()),
                }
            })
        }),
    );
    (pool, begun, word)
}

#[test]
fn too_late_in_the_queue_is_not_sent_while_all_threads_are_busy() {
    let (pool, begun, word) = held();
    let (first, first_told) = job("/first", LONG);
    pool.start(first);
    begun.recv_timeout(LONG).unwrap();
    let (second, second_told) = job("/second", Duration::from_millis(60));
    let (third, third_told) = job("/third", Duration::from_millis(20));
    pool.start(second);
    pool.start(third);
    assert!(matches!(
        third_told.recv_timeout(LONG),
        Ok(Outcome::NotSent(_))
    ));
    assert!(matches!(
        second_told.recv_timeout(LONG),
        Ok(Outcome::NotSent(_))
    ));
    word.send("done").unwrap();
    assert_eq!(
        first_told.recv_timeout(LONG),
        Ok(Outcome::Unknown("done".into()))
    );
    assert!(begun.try_recv().is_err(), "nothing else was carried");
}

#[test]
fn what_waits_is_carried_in_order_by_the_one_thread() {
    let (pool, begun, word) = held();
    let jobs: Vec<_> = (0..20).map(|_| job("/", LONG)).collect();
    let mut told = Vec::new();
    for (job, outcome) in jobs {
        pool.start(job);
        told.push(outcome);
    }
    for outcome in told {
        begun.recv_timeout(LONG).unwrap();
        word.send("done").unwrap();
        assert_eq!(
            outcome.recv_timeout(LONG),
            Ok(Outcome::Unknown("done".into()))
        );
    }
    assert_eq!(lock(&pool.desk).hired, 1);
}

#[test]
fn a_panic_is_unknown_and_the_thread_goes_on() {
    let (pool, begun, word) = held();
    for (say, expected) in [("panic", "gave the request up"), ("done", "done")] {
        let (job, told) = job("/", LONG);
        pool.start(job);
        begun.recv_timeout(LONG).unwrap();
        word.send(say).unwrap();
        let Ok(Outcome::Unknown(reason)) = told.recv_timeout(LONG) else {
            panic!("expected unknown");
        };
        assert!(reason.contains(expected), "{reason}");
    }
    assert_eq!(lock(&pool.desk).hired, 1);
}

#[test]
fn closing_leaves_what_waits_unsent_and_sends_the_idle_home() {
    let (pool, begun, word) = held();
    let (first, first_told) = job("/first", LONG);
    let (second, second_told) = job("/second", LONG);
    pool.start(first);
    begun.recv_timeout(LONG).unwrap();
    pool.start(second);
    pool.close();
    assert!(matches!(
        second_told.recv_timeout(LONG),
        Ok(Outcome::NotSent(_))
    ));
    word.send("done").unwrap();
    assert!(first_told.recv_timeout(LONG).is_ok());
    let (third, third_told) = job("/third", LONG);
    pool.start(third);
    assert!(matches!(
        third_told.recv_timeout(LONG),
        Ok(Outcome::NotSent(_))
    ));
    assert!(pool.crew.join_timeout(LONG));
    assert_eq!(lock(&pool.desk).threads, 0);
}

#[test]
fn one_after_the_other_is_one_thread() {
    let (pool, begun, word) = held();
    let pool = Pool::new(
        Arc::clone(&pool.crew),
        64,
        Box::new(move || (pool.new_carry)()),
    );
    for _ in 0..100 {
        let (job, told) = job("/", LONG);
        pool.start(job);
        begun.recv_timeout(LONG).unwrap();
        word.send("done").unwrap();
        told.recv_timeout(LONG).unwrap();
    }
    assert_eq!(lock(&pool.desk).hired, 1);
}

#[test]
fn a_machine_that_slept_past_the_time_knows_by_the_wall_clock() {
    let mut due = Due::new(Instant::now() + LONG, None);
    assert!(!due.is_past());
    due.wall = Some(SystemTime::now() - LONG);
    assert!(due.is_past());
}

/// Aim: a lease that ends stops what has not begun to leave, and cuts no answer short.
#[test]
fn the_moment_to_leave_by_comes_before_the_moment_to_give_up() {
    let now = Instant::now();
    let due = Due::new(now + LONG, Some(now));
    assert!(due.is_past());
    assert_eq!(due.not_after, now + LONG);
    assert!(!Due::new(now + LONG, Some(now + LONG + LONG)).is_past());
    assert!(Due::new(now, Some(now + LONG)).is_past());
}

#[test]
fn no_thread_to_be_had_is_not_sent() {
    let crew = Crew::new(Arc::new(|_, _| Err(io::ErrorKind::WouldBlock.into())));
    let pool = Pool::new(crew, 4, Box::new(|| panic!("there is no thread to carry")));
    let (job, told) = job("/", LONG);
    pool.start(job);
    assert!(matches!(told.try_recv(), Ok(Outcome::NotSent(_))));
}
