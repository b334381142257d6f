//! What the PostgreSQL journal does when the database is in trouble.

use crate::server::{Database, Own};
use crate::{find, insert, record, stored, update};
use std::thread;
use std::time::Duration;
use wxgame::error::Kind;
use wxgame::store::postgres::Postgres;
use wxgame::store::{Journal, JournalError, State, Write, Written};

fn refused(journal: &mut Postgres, write: Write) -> JournalError {
    let failure = journal
        .commit(&[write])
        .expect_err("the database is in trouble");
    assert!(!failure.maybe_written, "{}", failure.error);
    failure
}

/// Every insert of a record in the database fails in this way, `times` times, or always.
fn fail_inserts(database: &Database, sqlstate: &str, times: Option<u32>) {
    let condition = times.map_or("true".to_owned(), |times| {
        format!("nextval('tries') <= {times}")
    });
    database.sql().run(&format!(
        "CREATE SEQUENCE IF NOT EXISTS tries;
         CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF {condition} THEN RAISE EXCEPTION 'as the test wants it' USING ERRCODE = '{sqlstate}'; END IF;
             RETURN new;
         END $$;
         DROP TRIGGER IF EXISTS fail ON wxgame.payments;
         CREATE TRIGGER fail BEFORE INSERT ON wxgame.payments FOR EACH ROW EXECUTE FUNCTION fail()"
    ));
}

/// Ends every other connection to the database.
const END_OTHERS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()";

/// Aim: a restart of the database between two commits is not even noticed; while it is down nothing is written.
#[test]
fn a_database_may_be_restarted() {
    let own = Own::start(&[]);
    let mut journal = Postgres::open(own.url(), 60_000, "wx1", "production").expect("it opens");
    stored(&mut journal, insert("a"));
    for mode in ["fast", "immediate"] {
        own.control("restart", mode);
        assert!(find(&mut journal, "a").is_some(), "{mode}");
        own.control("restart", mode);
        stored(&mut journal, insert(mode));
    }
    own.control("stop", "fast");
    let failure = refused(&mut journal, insert("b"));
    assert_eq!(failure.error.kind, Kind::Journal);
    assert!(journal.recover().is_err());
    own.control("start", "");
    assert_eq!(find(&mut journal, "b"), None);
    stored(&mut journal, insert("b"));
    assert_eq!(journal.recover().expect("read").records.len(), 4);
}

/// Aim: a connection that ends in mid-transaction takes nothing with it: the batch is made again, whole.
#[test]
fn a_connection_that_is_killed_in_mid_transaction_loses_nothing() {
    let database = Database::new();
    let mut journal = database.server();
    stored(&mut journal, insert("locked"));
    let locker = database.sql();
    locker.run("BEGIN; SELECT 1 FROM wxgame.payments WHERE bill_no = 'locked' FOR UPDATE");
    let done = crate::Record {
        state: State::Done,
        ..record("locked")
    };
    let commit = thread::spawn(move || {
        let answers = journal.commit(&[insert("new"), update(&done)]);
        (journal, answers)
    });
    let watch = database.sql();
    for _ in 0..2 {
        let pid = waiting(&watch);
        watch.run(&format!("SELECT pg_terminate_backend({pid})"));
        while watch.number(&format!(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = {pid}"
        )) > 0
        {
            thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(watch.number("SELECT count(*) FROM wxgame.payments"), 1);
    }
    waiting(&watch);
    locker.run("COMMIT");
    let (_journal, answers) = commit.join().expect("no panic");
    assert!(matches!(
        answers.expect("stored")[..],
        [Written::Stored(_), Written::Stored(_)]
    ));
    assert_eq!(watch.number("SELECT count(*) FROM wxgame.payments"), 2);
}

/// The backend of this database that waits for a lock, once one does.
fn waiting(watch: &crate::server::Sql) -> i64 {
    let sql = "SELECT pid FROM pg_stat_activity
         WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name = 'wxgame'";
    loop {
        if let [row] = &watch.run(sql)[..] {
            return row[0]
                .as_ref()
                .and_then(|pid| pid.parse().ok())
                .expect("a pid");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Aim: a conflict with another transaction is nobody's fault and is not seen by the host.
#[test]
fn a_conflict_is_tried_again() {
    for sqlstate in ["40001", "40P01"] {
        let database = Database::new();
        let mut journal = database.server();
        fail_inserts(&database, sqlstate, Some(3));
        stored(&mut journal, insert("a"));
        assert_eq!(
            database
                .sql()
                .number("SELECT count(*) FROM wxgame.payments"),
            1
        );
        fail_inserts(&database, sqlstate, None);
        let failure = refused(&mut journal, insert("b"));
        assert_eq!(failure.error.kind, Kind::Journal);
        assert_eq!(find(&mut journal, "b"), None);
    }
}

/// Aim: of two transactions that wait for each other the database ends ours, and we make it again.
#[test]
fn a_deadlock_is_made_again() {
    let database = Database::new();
    let mut journal = database.server();
    for bill_no in ["a", "b", "c"] {
        stored(&mut journal, insert(bill_no));
    }
    let lock = |bill_no: &str| {
        format!("SELECT 1 FROM wxgame.payments WHERE bill_no = '{bill_no}' FOR UPDATE")
    };
    let (other, gate, watch) = (database.sql(), database.sql(), database.sql());
    // The other one never looks for deadlocks: the journal's is the one that ends.
    other.run("SET deadlock_timeout = '1h'; BEGIN");
    other.run(&lock("c"));
    gate.run("BEGIN");
    gate.run(&lock("b"));
    let set = |bill_no: &str| {
        update(&crate::Record {
            first_sent_at_ms: 9,
            ..record(bill_no)
        })
    };
    let find = |bill_no: &str| Write::Find(bill_no.into());
    // Finds between them keep their order.
    let batch = [set("a"), find("a"), set("b"), find("b"), set("c")];
    let commit = thread::spawn(move || (journal.commit(&batch), journal));
    waiting(&watch);
    let other = thread::spawn(move || {
        other.run("SET LOCAL application_name = 'other'");
        other.run(&lock("a"));
        other.run("COMMIT");
    });
    let blocked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'other' AND wait_event_type = 'Lock'";
    while watch.number(blocked) == 0 {
        thread::sleep(Duration::from_millis(5));
    }
    gate.run("COMMIT");
    other.join().expect("no panic");
    let (answers, _journal) = commit.join().expect("no panic");
    assert_eq!(answers.expect("stored").len(), 5);
    assert_eq!(
        watch.number("SELECT count(*) FROM wxgame.payments WHERE first_sent_at_ms = 9"),
        3
    );
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    watch.run("SELECT pg_stat_clear_snapshot()");
    while watch.number(deadlocks) == 0 {
        thread::sleep(Duration::from_millis(20));
    }
}

/// Aim: a full disk is told as that; nothing is written, and the journal goes on when there is room again.
#[test]
fn a_full_disk_is_told_and_writes_nothing() {
    let database = Database::new();
    let mut journal = database.server();
    fail_inserts(&database, "53100", None);
    let failure = refused(&mut journal, insert("a"));
    assert!(!failure.is_one_write());
    assert!(
        failure.error.message.contains("disk is full"),
        "{}",
        failure.error
    );
    database.sql().run("DROP TRIGGER fail ON wxgame.payments");
    assert_eq!(find(&mut journal, "a"), None);
    stored(&mut journal, insert("a"));
}

/// Aim: what a DBA's own rule refuses is that write's fault, and its neighbours may go on.
#[test]
fn a_refused_value_is_the_fault_of_one_write() {
    let database = Database::new();
    let mut journal = database.server();
    database
        .sql()
        .run("ALTER TABLE wxgame.payments ADD CHECK (bill_no <> 'bad')");
    let failure = journal
        .commit(&[insert("good"), insert("bad")])
        .expect_err("one is refused");
    assert!(failure.is_one_write(), "{}", failure.error);
    assert_eq!(find(&mut journal, "good"), None);
    stored(&mut journal, insert("good"));
}

/// Aim: a character that PostgreSQL has no room for is refused by field, and in an answer of WeChat's replaced, so
/// that no payment stays open for it.
#[test]
fn a_nul_is_refused_from_the_host_and_replaced_from_wechat() {
    let database = Database::new();
    let mut journal = database.server();
    let bad = crate::Record {
        app_remark: "a\0b".into(),
        ..record("a")
    };
    let failure = refused(&mut journal, Write::Insert(Box::new(bad)));
    assert_eq!(failure.error.field, "app_remark");
    assert!(failure.is_one_write());
    for write in [
        Write::Find("\0".into()),
        Write::FindSecret("\0".into()),
        insert("\0"),
    ] {
        assert!(refused(&mut journal, write).is_one_write());
    }
    stored(&mut journal, insert("a"));
    let told = crate::Record {
        errmsg: "no\0".into(),
        payload: "{\0}".into(),
        ..record("a")
    };
    stored(&mut journal, update(&told));
    let told = find(&mut journal, "a").expect("it is there");
    assert_eq!(
        (told.errmsg.as_str(), told.payload.as_str()),
        ("no\u{FFFD}", "{\u{FFFD}}")
    );
}

/// Aim: a lock that another program keeps holds nobody up for long, and nothing is written.
#[test]
fn a_lock_that_stays_is_given_up() {
    let database = Database::new();
    let mut journal = database.server();
    stored(&mut journal, insert("a"));
    let locker = database.sql();
    locker.run("BEGIN; LOCK TABLE wxgame.payments");
    let failure = refused(&mut journal, insert("b"));
    assert!(failure.error.message.contains("lock"), "{}", failure.error);
    locker.run("COMMIT");
    assert_eq!(find(&mut journal, "b"), None);
    stored(&mut journal, insert("b"));
}

/// Aim: settings under which a crash loses commits are refused, also where they come while the journal is open.
#[test]
fn a_database_that_forgets_is_refused() {
    let database = Database::new();
    let mut journal = database.server();
    let sql = database.sql();
    let name = database.name();
    sql.run(&format!(
        "ALTER DATABASE {name} SET synchronous_commit = off"
    ));
    sql.run(END_OTHERS);
    let failure = refused(&mut journal, insert("a"));
    assert!(
        failure.error.message.contains("synchronous_commit"),
        "{}",
        failure.error
    );
    let error = Postgres::open(database.url(), 60_000, "wx1", "production").map(drop);
    let error = error.expect_err("it would forget");
    assert_eq!((error.kind, error.field), (Kind::Configuration, "journal"));
    assert!(error.message.contains("synchronous_commit"), "{error}");
    for level in ["on", "local", "remote_write", "remote_apply"] {
        sql.run(&format!(
            "ALTER DATABASE {name} SET synchronous_commit = {level}"
        ));
        sql.run(END_OTHERS);
        stored(&mut journal, insert(level));
    }
    assert_eq!(find(&mut journal, "a"), None);
}

#[test]
fn a_server_without_fsync_is_refused() {
    let own = Own::start(&["fsync=off"]);
    let error = Postgres::open(own.url(), 60_000, "wx1", "production").map(drop);
    let error = error.expect_err("it would forget");
    assert_eq!(error.kind, Kind::Configuration);
    assert!(error.message.contains("fsync"), "{error}");
}

/// Aim: after a failover the journal does not stay on the one that takes no writes any more.
#[test]
fn a_database_that_takes_no_writes_is_refused_until_it_does() {
    let database = Database::new();
    let mut journal = database.server();
    let sql = database.sql();
    let name = database.name();
    sql.run(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = on"
    ));
    sql.run(END_OTHERS);
    let failure = refused(&mut journal, insert("a"));
    assert!(
        failure.error.message.contains("does not allow writes"),
        "{}",
        failure.error
    );
    let error = Postgres::open(database.url(), 60_000, "wx1", "production").map(drop);
    assert_eq!(
        error.expect_err("it takes no writes").kind,
        Kind::Configuration
    );
    sql.run("SET default_transaction_read_only = off");
    sql.run(&format!(
        "ALTER DATABASE {name} SET default_transaction_read_only = off"
    ));
    stored(&mut journal, insert("a"));
}

/// Aim: a value that this library never wrote is told as damage, with the record that has it.
#[test]
fn a_value_nobody_wrote_is_told() {
    let database = Database::new();
    let mut journal = database.server();
    stored(&mut journal, insert("a"));
    let sql = database.sql();
    sql.run("UPDATE wxgame.payments SET reason = 'whim'");
    let failure = refused(&mut journal, Write::Find("a".into()));
    assert_eq!(failure.error.kind, Kind::JournalCorrupt);
    assert!(failure.error.message.contains("whim") && failure.error.message.contains("\"a\""));
    sql.run("DROP TABLE wxgame.seals");
    let failure = refused(&mut journal, insert("b"));
    assert!(
        failure.error.message.contains("missing"),
        "{}",
        failure.error
    );
}
