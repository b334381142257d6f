//! A disk without room: a small one of its own where this test may mount one, else a limit on the file.

use super::*;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Where the journal is, and how its room is taken and given back.
enum Room {
    /// A file system of 1 MiB, and a file that takes what is left of it.
    Disk(Mounted),
    /// Only SQLite's own limit on the pages of the file.
    Limit(TempDir),
}

struct Mounted(TempDir);

impl Drop for Mounted {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.0.path().display());
        }
    }
}

impl Room {
    fn new() -> Room {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "wxgame-test"])
            .arg(directory.path())
            .output();
        let why = match mounted {
            Ok(output) if output.status.success() => return Room::Disk(Mounted(directory)),
            Ok(output) => String::from_utf8_lossy(&output.stderr).into_owned(),
            Err(error) => error.to_string(),
        };
        eprintln!("no small disk ({}); limits the file instead", why.trim());
        Room::Limit(directory)
    }

    fn path(&self) -> PathBuf {
        match self {
            Room::Disk(Mounted(directory)) | Room::Limit(directory) => {
                directory.path().join("journal.db")
            }
        }
    }

    /// Takes all room but `left` bytes.
    fn fill(&self, journal: &Sqlite, left: u64) {
        let Room::Disk(Mounted(directory)) = self else {
            return limit(journal, pragma(journal, "page_count"));
        };
        let path = directory.path().join("ballast");
        let mut ballast = File::create(&path).expect("a file");
        while ballast.write_all(&[0; 4096]).is_ok() {}
        let full = ballast.metadata().expect("its size").len();
        ballast.set_len(full - left).expect("some room");
    }

    /// Gives the room back.
    fn free(&self, journal: &Sqlite) {
        match self {
            Room::Disk(Mounted(directory)) => {
                fs::remove_file(directory.path().join("ballast")).expect("gone")
            }
            Room::Limit(_) => limit(journal, 1_000_000),
        }
    }
}

fn limit(journal: &Sqlite, pages: i64) {
    journal
        .conn
        .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        .expect("the limit is set");
}

/// A journal of 500 payments, every fourth of them closed, all of it in the file itself.
fn filled(room: &Room) -> Sqlite {
    let open = || Sqlite::open(&room.path(), "wx1", "sandbox").expect("opens");
    let mut journal = open();
    let payments = (0..500).map(|n| {
        let mut record = record(&format!("bill-{n:03}"));
        if n % 4 == 0 {
            record.state = State::Done;
            record.acked = true;
        }
        Write::Insert(Box::new(record))
    });
    journal
        .commit(&payments.collect::<Vec<_>>())
        .expect("there is room");
    drop(journal);
    open()
}

/// What `write` meets on a full disk: an error that says so and is certain, no change, questions answered;
/// and success once there is room, at the latest after a reopening.
fn meets_a_full_disk(write: &Write, is_there: fn(&mut Sqlite) -> bool) {
    for left in [0, 4_096, 12_288, 32_768] {
        let room = Room::new();
        let mut journal = filled(&room);
        room.fill(&journal, left);
        for _ in 0..3 {
            let failure = journal
                .commit(std::slice::from_ref(write))
                .expect_err("there is no room");
            assert_eq!(failure.error.kind, ErrorKind::Journal);
            let message = &failure.error.message;
            assert!(message.contains("disk is full"), "{left} left: {message}");
            assert!(!failure.maybe_written && !failure.is_one_write());
            assert!(!is_there(&mut journal), "{left} left");
        }
        assert_eq!(journal.recover().expect("read").records.len(), 375);
        room.free(&journal);
        drop(journal);
        let mut journal = Sqlite::open(&room.path(), "wx1", "sandbox").expect("opens");
        assert!(!is_there(&mut journal), "it never was");
        room.fill(&journal, left);
        journal
            .commit(std::slice::from_ref(write))
            .expect_err("there is no room");
        room.free(&journal);
        journal
            .commit(std::slice::from_ref(write))
            .expect("there is room again, without a reopening");
        assert!(is_there(&mut journal));
    }
}

fn find(journal: &mut Sqlite, bill_no: &str) -> Written {
    let answers = journal.commit(&[Write::Find(bill_no.into())]);
    answers.expect("a question needs no room").remove(0)
}

/// Aim: a payment that finds no room is not stored, not even half, and may be submitted again.
#[test]
fn an_insert_that_finds_no_room_is_not_stored() {
    meets_a_full_disk(&large("new"), |journal| {
        find(journal, "new") != Written::Missing
    });
}

/// Aim: an outcome that finds no room leaves the payment where it stood.
#[test]
fn an_update_that_finds_no_room_changes_nothing() {
    let mut done = record("bill-001");
    done.state = State::Done;
    done.errmsg = "x".repeat(100_000);
    let update = Write::Update(Box::new(done));
    meets_a_full_disk(
        &update,
        |journal| matches!(find(journal, "bill-001"), Written::Found(record) if record.state == State::Done),
    );
}

/// Aim: a pruning that finds no room leaves every record, and no seal beside one.
#[test]
fn a_pruning_that_finds_no_room_prunes_nothing() {
    let prune = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MIN,
        most: 1_000,
    };
    meets_a_full_disk(&prune, |journal| {
        let count = |sql: &str| {
            let count = journal.conn.query_row(sql, [], |row| row.get::<_, i64>(0));
            count.expect("it is counted")
        };
        let left = count("SELECT count(*) FROM payments");
        let seals = count("SELECT count(*) FROM seals");
        assert_eq!(left + seals, 500);
        seals > 0
    });
}

/// Aim: an opening that finds no room says so or succeeds, and takes nothing with it.
#[test]
fn an_opening_that_finds_no_room_loses_nothing() {
    let room = Room::new();
    let journal = filled(&room);
    room.fill(&journal, 0);
    drop(journal);
    match Sqlite::open(&room.path(), "wx1", "sandbox") {
        Ok(mut journal) => {
            assert_eq!(journal.recover().expect("read").records.len(), 375);
        }
        Err(error) => assert_eq!(error.kind, ErrorKind::Journal, "{error}"),
    }
    if let Room::Disk(Mounted(directory)) = &room {
        fs::remove_file(directory.path().join("ballast")).expect("gone");
    }
    let mut journal = Sqlite::open(&room.path(), "wx1", "sandbox").expect("opens");
    assert_eq!(journal.recover().expect("read").records.len(), 375);
    journal.commit(&[insert("new")]).expect("there is room");
}
