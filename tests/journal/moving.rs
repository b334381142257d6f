//! A journal moves from its file into the ledger that servers share: `scripts/ledger_copy.sh`.

use std::path::Path;
use std::process::{Command, Output};

use crate::record;
use crate::server::Database;
use wxgame::store::{Generation, Journal, Kind, Record, State, Write, Written, sqlite::Sqlite};

fn copy(journal: &Path, database: &Database) -> Output {
    Command::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/scripts/ledger_copy.sh"
    ))
    .arg(journal)
    .arg(database.url())
    .output()
    .expect("scripts/ledger_copy.sh runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// One of each state, with texts and bytes that are easily lost on the way.
fn records() -> Vec<Record> {
    let states = [
        State::Sending,
        State::Cancelling,
        State::Done,
        State::Rejected,
        State::NotSent,
        State::NeedsReview,
        State::AwaitingPayment,
    ];
    let mut records: Vec<Record> = states
        .into_iter()
        .enumerate()
        .map(|(n, state)| Record {
            state,
            zone_id: String::new(),
            app_remark: "quote \" and comma, line\nand back\\slash 剑".into(),
            host_data: vec![0, 1, 0x5c, 0x80, 0xff, n as u8],
            user_tag: u64::MAX - n as u64,
            errmsg: String::new(),
            balance: (n % 2 == 0).then_some(n as i64),
            ..record(&format!("bill-{n}"))
        })
        .collect();
    records.push(Record {
        host_data: Vec::new(),
        state: State::Done,
        acked: true,
        updated_at_ms: 1_700_000_000_500,
        ..record("closed")
    });
    records.push(Record {
        state: State::Done,
        amount: 5,
        pay_bill_no: "closed".into(),
        ..Record::new(Kind::Refund, Generation::V2, "part")
    });
    records
}

fn find(journal: &mut dyn Journal, bill_no: &str) -> Record {
    let answers = journal.commit(&[Write::Find(bill_no.to_owned())]);
    match answers.expect("it can be read").remove(0) {
        Written::Found(found) => Record { id: 0, ..*found },
        other => panic!("{bill_no}: {other:?}"),
    }
}

/// A file with all of these, a seal, a session and a token.
fn file(path: &Path) {
    let mut journal = Sqlite::open(path, "wx1", "production").expect("it opens");
    let sealed = Record {
        state: State::Rejected,
        acked: true,
        updated_at_ms: 1,
        ..record("sealed")
    };
    let mut writes = vec![
        Write::Insert(Box::new(sealed)),
        Write::Prune {
            closed_before_ms: 2,
            sealed_before_ms: 0,
            most: 9,
        },
        Write::PutSecret {
            name: "session:o1".into(),
            sealed: vec![0, 255, b','],
            now_ms: 1_700_000_000_900,
        },
        Write::PutToken {
            holder: 1,
            version: u64::MAX,
            sealed: vec![0, 254],
        },
    ];
    writes.extend(
        records()
            .into_iter()
            .map(|record| Write::Insert(Box::new(record))),
    );
    journal.commit(&writes).expect("it is written");
}

#[test]
fn a_journal_moves_whole_and_goes_on() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("pay.journal");
    file(&path);
    let database = Database::new();
    let copied = copy(&path, &database);
    assert!(copied.status.success(), "{}", text(&copied.stderr));

    let mut journal = database.server();
    let recovered = journal.recover().expect("read");
    assert_eq!(recovered.token, Some((u64::MAX, vec![0, 254])));
    assert_eq!(recovered.latest_ms, 1_700_000_000_900);
    let resumed: Vec<&str> = recovered
        .records
        .iter()
        .map(|record| record.bill_no.as_str())
        .collect();
    let unfinished = records();
    let unfinished = unfinished.iter().filter(|record| !record.acked);
    let unfinished: Vec<&str> = unfinished.map(|record| record.bill_no.as_str()).collect();
    assert_eq!(resumed, unfinished, "all that is not over, oldest first");
    for expected in records() {
        let refunded = if expected.bill_no == "closed" { 5 } else { 0 };
        let expected = Record {
            refunded,
            ..expected
        };
        assert_eq!(find(&mut journal, &expected.bill_no), expected);
    }
    let answers = journal.commit(&[
        Write::Insert(Box::new(record("sealed"))),
        Write::FindSecret("session:o1".into()),
    ]);
    let answers = answers.expect("it answers");
    assert!(
        matches!(
            answers[0],
            Written::Sealed {
                same: Some(true),
                ..
            }
        ),
        "{:?}",
        answers[0]
    );
    assert_eq!(answers[1], Written::Secret(Some(vec![0, 255, b','])));
}

#[test]
fn a_number_that_is_there_already_stops_the_copy_and_nothing_is_half_done() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("pay.journal");
    file(&path);
    let database = Database::new();
    let mut journal = database.server();
    let there = Write::Insert(Box::new(record("bill-3")));
    journal.commit(&[there]).expect("written");
    let refused = copy(&path, &database);
    assert!(!refused.status.success());
    let told = text(&refused.stderr);
    assert!(told.contains("nothing was copied"), "{told}");
    let rows = database
        .sql()
        .number("SELECT count(*) FROM wxgame.payments");
    assert_eq!(rows, 1);
}

#[test]
fn a_journal_that_is_open_is_not_copied() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("pay.journal");
    file(&path);
    let open = Sqlite::open(&path, "wx1", "production").expect("it opens");
    let database = Database::new();
    let refused = copy(&path, &database);
    let told = text(&refused.stderr);
    assert!(told.contains("is open in a server"), "{told}");
    drop(open);
    assert!(copy(&path, &database).status.success());
}
