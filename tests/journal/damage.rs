//! What the SQLite journal does with files in which bits have flipped: an error, never a panic.
//!
//! The WAL has checksums, so damage there is seen. The file has none: a bit of a text or a number may come
//! back changed, as from every database without them; what is asked here is that nothing worse happens.

use crate::files::{directory, open};
use crate::{bill_nos, insert, record, stored, update};
use std::fs;
use std::path::Path;
use wxgame::error::{Error, Kind};
use wxgame::store::{Journal, Record, State, Write};

/// A closed journal of 100 payments, a third of them closed, with seals and secrets, as bytes.
fn journal() -> Vec<u8> {
    let directory = directory();
    let path = directory.path().join("journal.db");
    let mut journal = open(&path).expect("opens");
    let mut batch: Vec<Write> = (0..100)
        .map(|n| {
            let closed = n % 3 == 0;
            Write::Insert(Box::new(Record {
                state: if closed { State::Done } else { State::Sending },
                acked: closed,
                host_data: vec![n; usize::from(n)],
                ..record(&format!("bill-{n:03}"))
            }))
        })
        .collect();
    batch.push(Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MIN,
        most: 10,
    });
    batch.push(Write::PutSecret {
        name: "token".into(),
        sealed: vec![7; 200],
        now_ms: 1,
    });
    journal.commit(&batch).expect("stored");
    drop(journal);
    fs::read(&path).expect("the file")
}

/// Everything a journal can be asked, each for itself; the errors.
fn use_it(journal: &mut dyn Journal) -> Vec<Error> {
    let mut errors = Vec::new();
    errors.extend(journal.recover().err().map(|failure| failure.error));
    let mut writes: Vec<Write> = (0..100)
        .map(|n| Write::Find(format!("bill-{n:03}")))
        .collect();
    writes.push(Write::Unresolved {
        after_id: 0,
        most: 1_000,
    });
    writes.extend([
        insert("new"),
        insert("bill-001"),
        update(&record("bill-002")),
    ]);
    writes.push(Write::Ack(2));
    writes.push(Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MAX,
        most: 1_000,
    });
    writes.push(Write::DropSecret {
        name: "token".into(),
        sealed: Vec::new(),
    });
    for write in writes {
        errors.extend(journal.commit(&[write]).err().map(|failure| failure.error));
    }
    errors
}

/// Opens and uses a file of these bytes; the errors.
fn meets(path: &Path, bytes: &[u8]) -> Vec<Error> {
    fs::write(path, bytes).expect("the damaged file");
    match open(path) {
        Err(error) => vec![error],
        Ok(mut journal) => use_it(&mut journal),
    }
}

/// Aim: a flipped byte anywhere in the header is told at opening, or does no harm.
#[test]
fn a_damaged_header_is_told() {
    let journal = journal();
    let mut told = 0;
    for at in 0..100 {
        let directory = directory();
        let mut bytes = journal.clone();
        bytes[at] ^= 0xFF;
        let errors = meets(&directory.path().join("journal.db"), &bytes);
        for error in &errors {
            let expected = match at {
                // The version of the schema, and whose file it is.
                60..64 | 68..72 => matches!(
                    error.kind,
                    Kind::JournalNewer | Kind::JournalCorrupt | Kind::Configuration
                ),
                _ => matches!(error.kind, Kind::JournalCorrupt | Kind::Journal),
            };
            assert!(expected, "byte {at}: {:?}: {error}", error.kind);
        }
        told += usize::from(!errors.is_empty());
    }
    assert!(told > 30, "{told} of 100");
}

/// Aim: damage in any page is an error of its own kind where it is seen, and never a panic.
#[test]
fn a_damaged_page_is_told() {
    let journal = journal();
    let pages = journal.len() / 4096;
    assert!(pages > 10, "{pages} pages");
    let mut told = 0;
    for page in 0..pages {
        // The head of a page, which says what it is; and its end, where the rows are.
        for (from, to) in [(0, 12), (2_000, 2_100), (4_000, 4_096)] {
            let directory = directory();
            let mut bytes = journal.clone();
            let start = if page == 0 { 100 } else { 0 };
            for byte in &mut bytes[page * 4096 + from.max(start)..page * 4096 + to.max(start)] {
                *byte ^= 0xA5;
            }
            let errors = meets(&directory.path().join("journal.db"), &bytes);
            for error in &errors {
                let expected = [
                    Kind::JournalCorrupt,
                    Kind::Journal,
                    Kind::InvalidArgument,
                    Kind::NotFound,
                ];
                assert!(
                    expected.contains(&error.kind),
                    "page {page}, {from}: {error}"
                );
                assert!(!error.message.is_empty());
            }
            told += usize::from(
                errors
                    .iter()
                    .any(|error| error.kind == Kind::JournalCorrupt),
            );
        }
    }
    assert!(told > pages, "{told} of {}", 3 * pages);
}

/// Aim: a file that ends too early is told. (Not one of 0 bytes, or of 1, which SQLite takes for 0: that is a
/// new journal.)
#[test]
fn a_file_cut_short_is_told() {
    let journal = journal();
    for length in [
        2,
        15,
        16,
        99,
        100,
        511,
        512,
        4_095,
        4_096,
        8_192,
        journal.len() / 2,
        journal.len() - 4_096,
    ] {
        let directory = directory();
        let errors = meets(&directory.path().join("journal.db"), &journal[..length]);
        assert!(
            errors
                .iter()
                .any(|error| error.kind == Kind::JournalCorrupt),
            "{length} bytes: {errors:?}"
        );
    }
}

/// Aim: a flipped bit in the WAL takes the commits from there on with it, and none before.
#[test]
fn a_flipped_bit_in_the_wal_keeps_the_commits_before_it() {
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

    let mut seen = Vec::new();
    let header = (0..32).step_by(4);
    for at in header.chain((32..wal.len()).step_by(wal.len() / 48)) {
        let flipped = self::directory();
        let path = flipped.path().join("journal.db");
        let mut bytes = wal.clone();
        bytes[at] ^= 1 << (at % 8);
        fs::write(&path, &database).expect("a copy");
        fs::write(flipped.path().join("journal.db-wal"), &bytes).expect("a damaged copy");
        let mut journal = open(&path).unwrap_or_else(|error| panic!("byte {at}: {error}"));
        let records = journal.recover().expect("it can be read").records;
        assert_eq!(bill_nos(&records), numbers[..records.len()], "byte {at}");
        stored(&mut journal, insert("after"));
        seen.push(records.len());
    }
    assert!(seen[8..].is_sorted(), "{seen:?}");
    assert!(
        seen.contains(&0) && seen.iter().any(|count| *count > 15),
        "{seen:?}"
    );
}
