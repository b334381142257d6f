//! A COMMIT whose answer is lost is answered as stored exactly when it is.

use crate::proxy::{Cut, Proxy};
use crate::retention::closed;
use crate::server::{Database, LEASE_MS};
use crate::{find, insert, record, stored, update};
use wxgame::store::postgres::Postgres;
use wxgame::store::{Journal, Kind, Lease, Record, State, Write, Written};

const COMMIT: &str = "; COMMIT\0";

/// A server whose line to the database can be cut.
fn behind(database: &Database) -> (Postgres, Proxy) {
    let proxy = Proxy::to(database.address());
    let url = format!(
        "postgres://postgres@127.0.0.1:{}/{}",
        proxy.port(),
        database.name()
    );
    let journal = Postgres::open(&url, LEASE_MS, "wx1", "production").expect("it opens");
    (journal, proxy)
}

/// One of everything that would tell if it were carried out twice.
fn batch() -> Vec<Write> {
    let refund = Record {
        kind: Kind::Refund,
        pay_bill_no: "pay".to_owned(),
        amount: 20,
        ..record("refund")
    };
    vec![
        insert("known"),
        insert("new"),
        Write::Insert(Box::new(refund)),
        update(&Record {
            state: State::Done,
            ..record("open")
        }),
        Write::LeaseToken(Lease {
            holder: 1,
            known: 0,
            refused: false,
            now_ms: 0,
            until_ms: 60_000,
            day: 1,
            most_per_day: 100,
        }),
        Write::Prune {
            closed_before_ms: 500,
            sealed_before_ms: i64::MIN,
            most: 10,
        },
        Write::Find("new".into()),
    ]
}

fn prepare(journal: &mut Postgres) {
    for bill_no in ["known", "open"] {
        stored(journal, insert(bill_no));
    }
    for (bill_no, updated_at_ms) in [("pay", 1_000), ("old", 400)] {
        stored(
            journal,
            Write::Insert(Box::new(closed(bill_no, updated_at_ms))),
        );
    }
}

/// What a batch that was carried out once has answered, and left behind.
fn is_stored_once(database: &Database, answers: &[Written]) {
    let [
        Written::Found(known),
        Written::Stored(id),
        Written::Stored(_),
        Written::Stored(_),
        Written::Leased,
        Written::Pruned {
            records: 1,
            seals: 0,
        },
        Written::Found(new),
    ] = answers
    else {
        panic!("{answers:?}");
    };
    assert_eq!((known.bill_no.as_str(), new.id), ("known", *id));
    let sql = database.sql();
    assert_eq!(sql.number("SELECT count(*) FROM wxgame.payments"), 5);
    assert_eq!(
        sql.number("SELECT refunded FROM wxgame.payments WHERE bill_no = 'pay'"),
        20
    );
    assert_eq!(sql.number("SELECT requests FROM wxgame.tokens"), 1);
    assert_eq!(sql.number("SELECT count(*) FROM wxgame.seals"), 1);
}

/// Aim: wherever in a commit the line is cut, the batch is carried out once, and answered as if nothing had been.
#[test]
fn a_cut_line_changes_no_answer() {
    for cut in [
        Cut::Before("BEGIN ISOLATION"),
        Cut::AnswerOf("BEGIN ISOLATION"),
        Cut::Before("INSERT INTO wxgame.tokens"),
        Cut::AnswerOf("INSERT INTO wxgame.seals"),
        Cut::Before(COMMIT),
        Cut::AnswerOf(COMMIT),
    ] {
        let database = Database::new();
        let (mut journal, proxy) = behind(&database);
        prepare(&mut journal);
        proxy.cut(cut, || {});
        let answers = journal.commit(&batch()).expect("it is stored");
        assert!(proxy.has_cut());
        is_stored_once(&database, &answers);
    }
}

/// Aim: also where another server has ended this one's lease in the meantime.
#[test]
fn a_lease_that_ends_meanwhile_changes_no_answer() {
    for cut in [Cut::Before(COMMIT), Cut::AnswerOf(COMMIT)] {
        let database = Database::new();
        let (mut journal, proxy) = behind(&database);
        prepare(&mut journal);
        let sql = database.sql();
        proxy.cut(cut, move || {
            sql.run("UPDATE wxgame.servers SET dead = 1");
        });
        let mut answers = journal.commit(&batch()).expect("it is answered");
        assert!(proxy.has_cut());
        if let (Cut::Before(_), Written::Found(open)) = (cut, &answers[3]) {
            // Not stored before the lease ended, and not this server's after it.
            assert!(open.elsewhere && open.state == State::Sending);
            answers[3] = Written::Stored(open.id);
        }
        is_stored_once(&database, &answers);
    }
}

/// Aim: also where the answer does not come, and the line looks well.
#[test]
fn an_answer_that_never_comes_is_asked_for() {
    let database = Database::new();
    let (mut journal, proxy) = behind(&database);
    prepare(&mut journal);
    proxy.cut(Cut::SilentAnswerOf(COMMIT), || {});
    let answers = journal.commit(&batch()).expect("it is stored");
    assert!(proxy.has_cut());
    is_stored_once(&database, &answers);
}

/// Aim: where nobody can be asked the answer is that nobody knows, within the time that a call may take.
#[test]
fn a_commit_that_nobody_can_be_asked_about_may_be_written() {
    let database = Database::new();
    let (mut journal, proxy) = behind(&database);
    proxy.cut_for_good(Cut::AnswerOf(COMMIT));
    let failure = journal
        .commit(&[insert("a")])
        .expect_err("the database is gone");
    assert!(failure.maybe_written, "{}", failure.error);
    proxy.refuse(false);
    assert!(find(&mut journal, "a").is_some());
    assert!(matches!(
        journal.commit(&[insert("a")]).expect("it answers")[..],
        [Written::Found(_)]
    ));
}

/// Aim: what was taken over with an answer that nobody heard is told with the next one: else nobody would drive it.
#[test]
fn what_was_taken_over_unheard_is_told_again() {
    let database = Database::new();
    let (mut journal, proxy) = behind(&database);
    let mut other = database.server();
    for bill_no in ["a", "b"] {
        stored(&mut other, insert(bill_no));
    }
    drop(other);
    let beat = || [Write::Heartbeat { now_ms: 1, most: 1 }];
    proxy.cut_for_good(Cut::AnswerOf(COMMIT));
    let failure = journal.commit(&beat()).expect_err("the database is gone");
    assert!(failure.maybe_written, "{}", failure.error);
    proxy.refuse(false);
    let mut taken = Vec::new();
    for _ in 0..2 {
        match journal.commit(&beat()).expect("it answers").remove(0) {
            Written::Beat(beat) => {
                taken.extend(beat.taken.into_iter().map(|record| record.bill_no))
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken, ["a", "b"]);
}

/// Aim: the mark of a commit is gone with the server's row: then nobody knows either.
#[test]
fn a_commit_without_its_mark_may_be_written() {
    let database = Database::new();
    let (mut journal, proxy) = behind(&database);
    let sql = database.sql();
    proxy.cut(Cut::AnswerOf(COMMIT), move || {
        sql.run("DELETE FROM wxgame.servers");
    });
    let failure = journal
        .commit(&[insert("a")])
        .expect_err("the mark is gone");
    assert!(failure.maybe_written, "{}", failure.error);
    assert!(find(&mut journal, "a").is_some());
}

/// Aim: a line that is cut before COMMIT and stays cut has written nothing, and the answer says so.
#[test]
fn what_was_never_committed_is_not_written() {
    let database = Database::new();
    let (mut journal, proxy) = behind(&database);
    proxy.cut_for_good(Cut::AnswerOf("BEGIN ISOLATION"));
    let failure = journal
        .commit(&[insert("a")])
        .expect_err("the database is gone");
    assert!(
        !failure.maybe_written && !failure.is_one_write(),
        "{}",
        failure.error
    );
    proxy.refuse(false);
    assert_eq!(find(&mut journal, "a"), None);
}
