//! What the journal's thread promises. No test waits for time to pass: the memory disk holds and lets go.

use crate::{bill_nos, insert, record, update};
use std::collections::HashSet;
use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use wxgame::error::Kind;
use wxgame::store::memory::Disk;
use wxgame::store::sqlite::Sqlite;
use wxgame::store::writer::{Answers, BATCH, Writer};
use wxgame::store::{Journal, JournalError, JournalResult, Record, Recovered, Write, Written};

const LONG: Duration = Duration::from_secs(60);

fn spawn(name: &str, run: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(run)
}

fn writer(journal: impl Journal + 'static) -> (Writer, Receiver<Answers>) {
    let (done, answers) = channel();
    let on_done = Box::new(move |batch| done.send(batch).expect("the test listens"));
    let writer = Writer::start(Box::new(journal), &spawn, on_done);
    (writer.expect("the thread starts"), answers)
}

fn submit(writer: &Writer, token: u64, write: Write) {
    writer
        .submit(vec![(token, write)])
        .expect("the writer is open");
}

fn next(answers: &Receiver<Answers>) -> Answers {
    answers.recv_timeout(LONG).expect("the writer answers")
}

fn tokens(answers: &Answers) -> Vec<u64> {
    answers.iter().map(|(token, _)| *token).collect()
}

/// A journal with a bug.
struct Panicking;

impl Journal for Panicking {
    fn recover(&mut self) -> JournalResult<Recovered> {
        Ok(Recovered::default())
    }

    fn commit(&mut self, _: &[Write]) -> JournalResult<Vec<Written>> {
        panic!("a bug in the journal");
    }
}

/// Aim: what queues up during one commit rides on the next, in the order of submission.
#[test]
fn writes_that_queue_up_share_a_commit() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    disk.block();
    submit(&writer, 0, insert("bill-0"));
    disk.wait_until_held();
    for n in 1..=100 {
        submit(&writer, n, insert(&format!("bill-{n}")));
    }
    assert_eq!(writer.stats().waiting(), 101);
    disk.unblock();
    assert_eq!(tokens(&next(&answers)), [0]);
    let batch = next(&answers);
    assert_eq!(tokens(&batch), (1..=100).collect::<Vec<u64>>());
    assert!(
        batch
            .iter()
            .all(|(_, result)| matches!(result, Ok(Written::Stored(_))))
    );
    assert_eq!(disk.commits(), 2);
    let stats = writer.stats();
    assert_eq!(
        (
            stats.commits(),
            stats.writes(),
            stats.failed(),
            stats.waiting()
        ),
        (2, 101, 0, 0)
    );
    assert_eq!(stats.last_error(), None);
}

/// Aim: a commit has a stated limit, also for one large submission.
#[test]
fn a_commit_carries_at_most_a_batch() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    let writes = (0..2 * BATCH as u64 + 3).map(|n| (n, insert(&format!("bill-{n}"))));
    writer.submit(writes.collect()).expect("the writer is open");
    let sizes = [
        next(&answers).len(),
        next(&answers).len(),
        next(&answers).len(),
    ];
    assert_eq!(sizes, [BATCH, BATCH, 3]);
}

/// Aim: one bad write fails alone; its neighbours are stored in their order.
#[test]
fn a_bad_write_does_not_fail_its_neighbours() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    let bad = Record {
        amount: -1,
        ..record("bad")
    };
    let mut writes: Vec<(u64, Write)> = (0..20)
        .map(|n| (n, insert(&format!("bill-{n:02}"))))
        .collect();
    writes[7].1 = update(&record("missing"));
    writes[13].1 = Write::Insert(Box::new(bad));
    writer.submit(writes).expect("the writer is open");
    let batch = next(&answers);
    assert_eq!(tokens(&batch), (0..20).collect::<Vec<u64>>());
    for (token, result) in &batch {
        match (token, result) {
            (7, Err(failure)) => assert_eq!(failure.error.kind, Kind::NotFound),
            (13, Err(failure)) => assert_eq!(failure.error.kind, Kind::InvalidArgument),
            (_, result) => assert!(result.is_ok(), "{token}: {result:?}"),
        }
    }
    let stored = disk.open("wx1", "sandbox").recover().expect("read").records;
    let expected: Vec<String> = (0..20)
        .filter(|n| ![7, 13].contains(n))
        .map(|n| format!("bill-{n:02}"))
        .collect();
    assert_eq!(bill_nos(&stored), expected);
    assert_eq!((writer.stats().writes(), writer.stats().failed()), (18, 2));
}

/// Aim: a failing disk fails the whole batch with one attempt, and the next batch is tried again.
#[test]
fn a_failing_disk_fails_the_batch_once() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    disk.fail_next(1, JournalError::not_written("the disk is full"));
    let writes: Vec<(u64, Write)> = (0..10).map(|n| (n, insert(&format!("bill-{n}")))).collect();
    writer.submit(writes.clone()).expect("the writer is open");
    let batch = next(&answers);
    assert_eq!(batch.len(), 10);
    assert!(
        batch
            .iter()
            .all(|(_, result)| result.as_ref().is_err_and(|failure| !failure.maybe_written))
    );
    assert_eq!(disk.commits(), 0);
    let told = writer.stats().last_error();
    assert_eq!(told.expect("it failed").message, "the disk is full");
    writer.submit(writes).expect("the writer is open");
    assert!(next(&answers).iter().all(|(_, result)| result.is_ok()));
}

/// Aim: *maybe written* reaches the engine, and what the disk holds is found again.
#[test]
fn a_lost_flush_is_reported_as_maybe_written() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    let failure = JournalError {
        maybe_written: true,
        ..JournalError::not_written("I/O error")
    };
    disk.fail_next_but_store(1, failure.clone());
    submit(&writer, 1, insert("a"));
    assert_eq!(next(&answers), [(1, Err(failure))]);
    submit(&writer, 2, insert("a"));
    assert!(matches!(&next(&answers)[..], [(2, Ok(Written::Found(_)))]));
    submit(&writer, 3, insert("b"));
    next(&answers);
    disk.lose_last_commit();
    assert_eq!(
        bill_nos(&disk.open("wx1", "sandbox").recover().expect("read").records),
        ["a"]
    );
}

/// Aim: everything accepted before the shutdown is written and answered; nothing after it is accepted.
#[test]
fn a_shutdown_loses_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("journal.db");
    let (writer, answers) = writer(Sqlite::open(&path, "wx1", "sandbox").expect("opens"));
    let accepted: HashSet<u64> = thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| {
                let writer = &writer;
                scope.spawn(move || {
                    let mut accepted = Vec::new();
                    for n in 0..500 {
                        let token = thread * 1_000 + n;
                        if (thread, n) == (0, 100) {
                            writer.shutdown();
                        }
                        match writer.submit(vec![(token, insert(&token.to_string()))]) {
                            Ok(()) => accepted.push(token),
                            Err(refused) => assert_eq!(refused.len(), 1),
                        }
                    }
                    accepted
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert!(writer.join_timeout(LONG));
    assert!(writer.join_timeout(LONG), "and again");
    let answered: Vec<u64> = answers
        .try_iter()
        .flat_map(|batch| tokens(&batch))
        .collect();
    assert_eq!(answered.len(), accepted.len());
    assert_eq!(answered.into_iter().collect::<HashSet<_>>(), accepted);
    // The journal is closed by now: it opens again at once, and holds what was accepted.
    let stored = Sqlite::open(&path, "wx1", "sandbox")
        .expect("free")
        .recover()
        .expect("read")
        .records;
    let stored: HashSet<u64> = stored
        .iter()
        .map(|record| record.bill_no.parse().expect("a token"))
        .collect();
    assert_eq!(stored, accepted);
}

/// Aim: a hung disk does not hold up the close, and what it was given is answered if it ever comes back.
#[test]
fn a_hung_disk_does_not_hold_up_the_close() {
    let disk = Disk::new();
    let (writer, answers) = writer(disk.open("wx1", "sandbox"));
    disk.block();
    submit(&writer, 1, insert("a"));
    disk.wait_until_held();
    submit(&writer, 2, insert("b"));
    writer.shutdown();
    assert!(!writer.join_timeout(Duration::from_millis(1)));
    assert!(!writer.join_timeout(Duration::ZERO));
    let stats = writer.stats();
    drop(writer);
    disk.unblock();
    assert_eq!(tokens(&next(&answers)), [1]);
    assert_eq!(tokens(&next(&answers)), [2]);
    assert!(answers.recv_timeout(LONG).is_err(), "the thread has ended");
    assert_eq!(stats.writes(), 2);
}

/// Aim: a bug in the journal is an answer, now and from then on, never a silence.
#[test]
fn a_panic_of_the_journal_is_answered() {
    let (writer, answers) = writer(Panicking);
    for token in 0..3 {
        submit(&writer, token, insert("a"));
        let batch = next(&answers);
        let [(answered, Err(failure))] = &batch[..] else {
            panic!("{batch:?}");
        };
        assert_eq!(*answered, token);
        assert_eq!(failure.error.kind, Kind::Panic);
        assert!(failure.maybe_written);
    }
    let told = writer.stats().last_error().expect("it failed");
    assert!(told.message.contains("panicked"));
    writer.shutdown();
    assert!(writer.join_timeout(LONG));
}

/// Aim: a thread that cannot be started is an error, not a writer that never answers.
#[test]
fn a_thread_that_cannot_start_is_an_error() {
    let refuse = |_: &str, _: Box<dyn FnOnce() + Send>| Err(io::Error::other("no threads left"));
    let journal = Disk::new().open("wx1", "sandbox");
    let error = Writer::start(Box::new(journal), &refuse, Box::new(drop)).map(drop);
    let error = error.expect_err("there is no thread");
    assert_eq!(error.kind, Kind::Journal);
    assert!(error.message.contains("no threads left"), "{error}");
}

/// Aim: the thread can be told apart in a debugger.
#[test]
fn the_thread_has_a_name() {
    let (told, name) = channel();
    let on_done = Box::new(move |_| {
        let name = thread::current().name().map(str::to_owned);
        told.send(name).expect("the test listens");
    });
    let journal = Disk::new().open("wx1", "sandbox");
    let writer = Writer::start(Box::new(journal), &spawn, on_done).expect("the thread starts");
    submit(&writer, 1, insert("a"));
    assert_eq!(
        name.recv_timeout(LONG).expect("an answer").as_deref(),
        Some("wxg-journal")
    );
}
