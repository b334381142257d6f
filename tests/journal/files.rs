//! What the SQLite journal does with its files.

use crate::{bill_nos, find, insert, stored};
use rusqlite::{Connection, OpenFlags};
use std::fs;
use std::path::Path;
use wxgame::error::Error;
use wxgame::store::{Journal, sqlite::Sqlite};

pub fn open(path: &Path) -> Result<Sqlite, Error> {
    Sqlite::open(path, "wx1", "production")
}

pub fn directory() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

pub fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// Aim: a power cut in mid-write leaves the commits before it and a journal that opens.
#[test]
fn a_torn_wal_keeps_the_commits_before_the_tear() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut journal = open(&path).expect("opens");
    let numbers: Vec<String> = (0..20).map(|n| format!("bill-{n:02}")).collect();
    for number in &numbers {
        stored(&mut journal, insert(number));
    }
    let database = fs::read(&path).expect("the file");
    let wal = fs::read(directory.path().join("journal.db-wal")).expect("the WAL");
    drop(journal);

    let mut longest = 0;
    for length in (0..=wal.len())
        .step_by(1_777)
        .chain([wal.len() - 1, wal.len()])
    {
        let torn = self::directory();
        let path = torn.path().join("journal.db");
        fs::write(&path, &database).expect("a copy");
        fs::write(torn.path().join("journal.db-wal"), &wal[..length]).expect("a torn copy");
        let mut journal = open(&path).unwrap_or_else(|error| panic!("{length} bytes: {error}"));
        let records = journal.recover().expect("it can be read").records;
        assert_eq!(
            bill_nos(&records),
            numbers[..records.len()],
            "{length} bytes"
        );
        assert!(records.len() >= longest, "{length} bytes");
        longest = records.len();
        stored(&mut journal, insert("after"));
    }
    assert_eq!(longest, numbers.len());
}

/// Aim: operators read with their own SQL while we write.
#[test]
fn others_read_while_we_write() {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut journal = open(&path).expect("opens");
    let reader =
        Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("a reader");
    for n in 1..=10 {
        stored(&mut journal, insert(&format!("bill-{n}")));
        let count: i64 = reader
            .query_row(
                "SELECT count(*) FROM payments WHERE state = 'sending'",
                [],
                |row| row.get(0),
            )
            .expect("it reads");
        assert_eq!(count, n);
    }
    reader
        .execute_batch("BEGIN; SELECT * FROM payments")
        .expect("a long read");
    stored(&mut journal, insert("during"));
    assert!(find(&mut journal, "during").is_some());
}

/// Aim: no other user reads the ledger, and an operator's own choice of mode is respected.
#[test]
fn files_are_private() {
    use std::os::unix::fs::PermissionsExt;
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut journal = open(&path).expect("opens");
    stored(&mut journal, insert("a"));
    let expected = [
        "journal.db",
        "journal.db-shm",
        "journal.db-wal",
        "journal.db.lock",
    ];
    assert_eq!(names_in(directory.path()), expected);
    for name in expected {
        let mode = fs::metadata(directory.path().join(name))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o600, "{name}");
    }
    drop(journal);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("an operator's choice");
    let mut journal = open(&path).expect("opens");
    stored(&mut journal, insert("b"));
    for name in ["journal.db", "journal.db-wal"] {
        let mode = fs::metadata(directory.path().join(name))
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o7777, 0o640, "{name}");
    }
}

/// The descriptors of this process that lead into `directory`, with their flags.
fn descriptors(directory: &Path) -> Vec<u32> {
    let mut flags = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")
        .expect("/proc is there")
        .flatten()
    {
        if !fs::read_link(entry.path()).is_ok_and(|target| target.starts_with(directory)) {
            continue;
        }
        let info = fs::read_to_string(Path::new("/proc/self/fdinfo").join(entry.file_name()))
            .expect("its flags");
        let line = info
            .lines()
            .find_map(|line| line.strip_prefix("flags:"))
            .expect("a line of flags");
        flags.push(u32::from_str_radix(line.trim(), 8).expect("octal"));
    }
    flags
}

/// Aim: every descriptor is closed on exec, and a closed journal leaves none.
#[cfg(target_os = "linux")]
#[test]
fn descriptors_are_close_on_exec_and_do_not_pile_up() {
    const O_CLOEXEC: u32 = 0o2_000_000;
    let directory = directory();
    let real = fs::canonicalize(directory.path()).expect("a directory");
    let path = directory.path().join("journal.db");
    for n in 0..50 {
        let mut journal = open(&path).expect("opens");
        stored(&mut journal, insert(&format!("bill-{n}")));
        let flags = descriptors(&real);
        assert!(
            !flags.is_empty() && flags.len() <= 6,
            "{} descriptors",
            flags.len()
        );
        assert!(
            flags.iter().all(|flags| flags & O_CLOEXEC != 0),
            "{flags:?}"
        );
        drop(journal);
        assert!(descriptors(&real).is_empty());
    }
}
