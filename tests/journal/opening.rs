//! When the SQLite journal opens, and what it says when it does not.

use crate::files::{directory, names_in, open};
use crate::{insert, stored};
use rusqlite::Connection;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use wxgame::error::{Error, Kind};
use wxgame::store::{Journal, sqlite::Sqlite};

fn refused(path: &Path) -> Error {
    match open(path) {
        Ok(_) => panic!("{} opened", path.display()),
        Err(error) => error,
    }
}

/// Aim: the same pair twice is refused with a remedy, under any name of the file, and free after a close.
#[test]
fn the_same_pair_is_open_once() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let link = directory.path().join("link.db");
    let journal = open(&path).expect("the first opens");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    let roundabout = directory.path().join(".").join("journal.db");
    for name in [&path, &link, &roundabout] {
        let error = refused(name);
        assert_eq!((error.kind, error.field), (Kind::JournalInUse, "journal"));
        assert!(error.message.contains("close that client"), "{error}");
    }
    drop(journal);
    open(&link).expect("free again");
}

/// Aim: clients of one process with different pairs share one file and its lock.
#[test]
fn different_pairs_share_a_file() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut production = open(&path).expect("opens");
    let mut sandbox = Sqlite::open(&path, "wx1", "sandbox").expect("shares");
    let mut other = Sqlite::open(&path, "wx2", "production").expect("shares");
    for journal in [&mut production, &mut sandbox, &mut other] {
        stored(journal, insert("a"));
    }
    drop(production);
    assert_eq!(refused_pair(&path, "wx2").kind, Kind::JournalInUse);
    open(&path).expect("the first pair is free again");
}

fn refused_pair(path: &Path, appid: &str) -> Error {
    match Sqlite::open(path, appid, "production") {
        Ok(_) => panic!("it opened"),
        Err(error) => error,
    }
}

/// Aim: many clients may open one fresh file at the same moment.
#[test]
fn opening_at_once_is_safe() {
    const CLIENTS: usize = 8;
    for _ in 0..10 {
        let directory = directory();
        let path = directory.path().join("journal.db");
        let start = Barrier::new(CLIENTS);
        std::thread::scope(|scope| {
            for n in 0..CLIENTS {
                let (path, start) = (&path, &start);
                scope.spawn(move || {
                    start.wait();
                    let mut journal =
                        Sqlite::open(path, &format!("wx{n}"), "sandbox").expect("opens");
                    stored(&mut journal, insert("a"));
                });
            }
        });
    }
}

/// Aim: a path that cannot be used is refused by name, with the remedy, and nothing is created.
#[test]
fn an_unusable_path_names_itself_and_creates_nothing() {
    let directory = directory();
    let file = directory.path().join("file");
    fs::write(&file, "text").expect("a file");
    let dangling = directory.path().join("dangling");
    std::os::unix::fs::symlink(directory.path().join("nowhere"), &dangling).expect("a link");
    let before = names_in(directory.path());
    let cases: [(PathBuf, &str); 6] = [
        (
            directory.path().join("missing/journal.db"),
            "create that directory",
        ),
        (file.join("journal.db"), "directory"),
        (directory.path().to_owned(), "not a regular file"),
        (dangling, "link to nothing"),
        (PathBuf::from("/proc/journal.db"), "must be writable"),
        (PathBuf::new(), "names no file"),
    ];
    for (path, remedy) in cases {
        let error = refused(&path);
        assert_eq!(
            (error.kind, error.field),
            (Kind::Configuration, "journal"),
            "{error}"
        );
        assert!(error.message.contains(&*path.to_string_lossy()), "{error}");
        assert!(error.message.contains(remedy), "{error}");
    }
    assert_eq!(names_in(directory.path()), before);
    assert_eq!(fs::read(&file).expect("the file"), b"text");
}

/// Aim: only the two environments there are, and an appid, make a ledger.
#[test]
fn a_ledger_needs_an_appid_and_an_environment() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    for (appid, environment, field) in [("", "sandbox", "appid"), ("wx1", "test", "environment")] {
        let error = Sqlite::open(&path, appid, environment)
            .map(drop)
            .expect_err("refused");
        assert_eq!((error.kind, error.field), (Kind::InvalidArgument, field));
    }
    assert!(names_in(directory.path()).is_empty());
}

/// Aim: what is not a database is told as that, kept as it is, and the lock is given back.
#[test]
fn a_file_that_is_no_database_is_kept_and_refused() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let text = "This is not a database, but somebody's only copy of a letter.\n".repeat(100);
    fs::write(&path, &text).expect("a letter");
    for _ in 0..2 {
        assert_eq!(refused(&path).kind, Kind::JournalCorrupt);
    }
    assert_eq!(fs::read_to_string(&path).expect("the letter"), text);
}

/// Aim: another program's database never gets our tables.
#[test]
fn a_database_of_another_program_is_kept_and_refused() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let other = Connection::open(&path).expect("a database");
    other
        .execute_batch("CREATE TABLE theirs (x)")
        .expect("their table");
    drop(other);
    let before = fs::read(&path).expect("their file");
    assert_eq!(refused(&path).kind, Kind::Configuration);
    assert_eq!(fs::read(&path).expect("their file"), before);
}

/// Aim: a journal of a later version is left alone, and the message says which version is needed.
#[test]
fn a_newer_journal_is_refused_untouched() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    drop(open(&path).expect("opens"));
    let later = Connection::open(&path).expect("a later version");
    later
        .pragma_update(None, "user_version", 99)
        .expect("its number");
    drop(later);
    let error = refused(&path);
    assert_eq!(error.kind, Kind::JournalNewer);
    assert!(error.message.contains("99"), "{error}");
}

/// Aim: damage inside the file is an error with its own kind, not a panic and not an empty ledger.
#[test]
fn a_damaged_journal_is_told_as_damaged() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut journal = open(&path).expect("opens");
    for n in 0..200 {
        stored(&mut journal, insert(&format!("bill-{n}")));
    }
    drop(journal);
    let mut bytes = fs::read(&path).expect("the file");
    let half = bytes.len() / 2;
    bytes[4096..half].fill(0xA5);
    fs::write(&path, bytes).expect("the damage");
    let kind = match open(&path) {
        Err(error) => error.kind,
        Ok(mut journal) => journal.recover().expect_err("it is damaged").error.kind,
    };
    assert_eq!(kind, Kind::JournalCorrupt);
}
