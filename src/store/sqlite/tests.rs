//! What only the inside of the SQLite journal can show: a full disk, damage, query plans and its settings.

mod full_disk;
mod large;

use super::*;
use crate::store::{Generation, Kind, State};
use tempfile::TempDir;

fn record(bill_no: &str) -> Record {
    Record {
        offer_id: "12345678".to_owned(),
        pf: "android".to_owned(),
        openid: "o-player".to_owned(),
        zone_id: "1".to_owned(),
        amount: 60,
        user_tag: 7,
        created_at_ms: 1_700_000_000_000,
        deadline_at_ms: 1_700_000_030_000,
        updated_at_ms: 1_700_000_000_000,
        ..Record::new(Kind::Pay, Generation::V1, bill_no)
    }
}

fn insert(bill_no: &str) -> Write {
    Write::Insert(Box::new(record(bill_no)))
}

fn large(bill_no: &str) -> Write {
    let mut record = record(bill_no);
    record.app_remark = "x".repeat(100_000);
    Write::Insert(Box::new(record))
}

fn journal() -> (TempDir, Sqlite) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let journal = Sqlite::open(&directory.path().join("journal.db"), "wx1", "sandbox");
    (directory, journal.expect("a fresh journal opens"))
}

fn pragma(journal: &Sqlite, name: &str) -> i64 {
    let value = journal
        .conn
        .pragma_query_value(None, name, |row| row.get(0));
    value.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Aim: a COMMIT that fails takes nothing with it and leaves no transaction open.
#[test]
fn a_refused_commit_leaves_the_journal_usable() {
    let (_directory, mut journal) = journal();
    journal
        .conn
        .execute_batch("BEGIN")
        .expect("a transaction is left open");
    journal
        .commit(&[insert("a")])
        .expect("the next commit clears it away");
    journal
        .conn
        .execute_batch(
            "CREATE TEMP TABLE parent (id INTEGER PRIMARY KEY);
             CREATE TEMP TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
             CREATE TEMP TRIGGER broken AFTER INSERT ON main.payments BEGIN INSERT INTO child VALUES (1); END;
             PRAGMA foreign_keys = ON;",
        )
        .expect("a constraint that only COMMIT sees");
    let failure = journal.commit(&[insert("b")]).expect_err("COMMIT refuses");
    assert!(!failure.maybe_written, "{}", failure.error);
    assert!(journal.conn.is_autocommit());
    journal
        .conn
        .execute_batch("DROP TRIGGER broken")
        .expect("the cause is gone");
    let stored = journal.commit(&[insert("b")]).expect("the retry succeeds");
    assert!(matches!(stored[0], Written::Stored(_)));
}

/// Aim: a delivery id is not given again even after its record has been removed.
#[test]
fn the_id_of_a_removed_record_stays_taken() {
    let (_directory, mut journal) = journal();
    let first = journal.commit(&[insert("a")]).expect("stored");
    journal
        .conn
        .execute_batch("DELETE FROM payments")
        .expect("the newest record is removed");
    assert_ne!(journal.commit(&[insert("b")]).expect("stored"), first);
}

/// Aim: a record that nobody can understand is told as damage, with its number, not guessed at.
#[test]
fn an_unreadable_record_is_damage() {
    let (_directory, mut journal) = journal();
    journal.commit(&[insert("a")]).expect("stored");
    journal
        .conn
        .execute_batch("UPDATE payments SET reason = 'whim'")
        .expect("somebody meddles");
    let failure = journal.recover().expect_err("the reason is unknown");
    assert_eq!(failure.error.kind, ErrorKind::JournalCorrupt);
    assert!(failure.error.message.contains("whim"), "{}", failure.error);
}

/// Aim: a text that is not text any more is damage, not a failing disk.
#[test]
fn a_broken_text_is_damage() {
    let (_directory, mut journal) = journal();
    journal.commit(&[insert("a")]).expect("stored");
    journal
        .conn
        .execute_batch("UPDATE payments SET openid = CAST(x'6f2dff' AS TEXT)")
        .expect("a bit has flipped");
    let failure = journal.recover().expect_err("it is not UTF-8");
    assert_eq!(failure.error.kind, ErrorKind::JournalCorrupt);
}

/// Aim: a dropped secret leaves no row behind, and neither does one that was replaced.
#[test]
fn a_dropped_secret_leaves_no_row() {
    let (_directory, mut journal) = journal();
    let name = || "token".to_owned();
    let put = |sealed| Write::PutSecret {
        name: name(),
        sealed,
        now_ms: 1,
    };
    let rows = |journal: &Sqlite| {
        let sql = "SELECT count(*) FROM secrets";
        let count = journal.conn.query_row(sql, [], |row| row.get::<_, i64>(0));
        count.expect("it is counted")
    };
    journal.commit(&[put(vec![1]), put(vec![2])]).expect("kept");
    assert_eq!(rows(&journal), 1);
    let dropped = journal.commit(&[Write::DropSecret {
        name: name(),
        sealed: Vec::new(),
    }]);
    dropped.expect("dropped");
    assert_eq!(rows(&journal), 0);
}

/// Aim: a question waits for nobody who is writing, and a change says who is in the way.
#[test]
fn questions_do_not_wait_for_other_writers() {
    let (directory, mut journal) = journal();
    journal.commit(&[insert("a")]).expect("stored");
    journal
        .conn
        .busy_timeout(Duration::ZERO)
        .expect("impatient");
    let other = Connection::open(directory.path().join("journal.db")).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("it writes");
    let unresolved = Write::Unresolved {
        after_id: 0,
        most: 10,
    };
    let questions = [Write::Find("a".into()), unresolved];
    let answers = journal.commit(&questions).expect("nobody is in the way");
    assert!(
        matches!(&answers[..], [Written::Found(_), Written::Records(page)] if page.len() == 1),
        "{answers:?}"
    );
    let failure = journal.commit(&[insert("b")]).expect_err("it is locked");
    assert!(!failure.maybe_written && !failure.is_one_write());
    assert!(failure.error.message.contains("another program"));
}

/// Aim: what the documentation promises about durability and readers is what the connection is set to.
#[test]
fn commits_are_flushed_and_others_may_read() {
    let (_directory, journal) = journal();
    assert_eq!(pragma(&journal, "synchronous"), 2, "FULL");
    assert_eq!(pragma(&journal, "mmap_size"), 0);
    let text = |name| {
        let value = journal
            .conn
            .pragma_query_value(None, name, |row| row.get::<_, String>(0));
        value.unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    assert_eq!(text("journal_mode"), "wal");
    assert_eq!(text("locking_mode"), "normal");
}

/// Aim: the WAL does not grow with the ledger, nor stay large after a long reader.
#[test]
fn the_wal_stays_bounded() {
    let (directory, mut journal) = journal();
    let wal = directory.path().join("journal.db-wal");
    let size = || std::fs::metadata(&wal).expect("the WAL is there").len();
    for n in 0..200 {
        journal
            .commit(&[large(&format!("bill-{n}"))])
            .expect("stored");
        assert!(
            size() < 8 << 20,
            "{} bytes of WAL after {n} commits",
            size()
        );
    }
    let reader = Connection::open(directory.path().join("journal.db")).expect("a reader");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM payments")
        .expect("it begins");
    for n in 200..400 {
        journal
            .commit(&[large(&format!("bill-{n}"))])
            .expect("stored");
    }
    assert!(size() > 8 << 20, "a reader holds the WAL");
    drop(reader);
    journal.commit(&[insert("c"), large("d")]).expect("stored");
    journal.commit(&[insert("e"), large("f")]).expect("stored");
    assert!(size() <= 8 << 20, "{} bytes of WAL are left", size());
}
