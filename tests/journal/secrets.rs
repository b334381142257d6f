//! One suite for every journal: sealed secrets, and the latest time that was written.

use crate::suite::{Place, promises};
use crate::{insert, record, stored, update};
use wxgame::store::{Journal, Record, Recovered, State, Write, Written};

promises!(
    secrets_come_back_after_a_reopening,
    a_dropped_secret_is_gone,
    secrets_of_other_ledgers_are_not_seen,
    a_failed_batch_keeps_the_old_secrets,
    the_latest_time_only_grows,
    the_latest_time_survives_pruning,
    a_failed_batch_leaves_the_latest_time,
);

fn put(name: &str, sealed: &[u8]) -> Write {
    Write::PutSecret {
        name: name.to_owned(),
        sealed: sealed.to_vec(),
        now_ms: 1,
    }
}

fn drop_secret(name: &str) -> Write {
    Write::DropSecret {
        name: name.to_owned(),
        sealed: Vec::new(),
    }
}

/// The secrets of these names, as far as there are any.
fn secrets(journal: &mut dyn Journal, names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let finds: Vec<Write> = names
        .iter()
        .map(|name| Write::FindSecret(name.to_string()))
        .collect();
    let answers = journal.commit(&finds).expect("they can be read");
    let found = names
        .iter()
        .zip(answers)
        .filter_map(|(name, answer)| match answer {
            Written::Secret(sealed) => Some((name.to_string(), sealed?)),
            other => panic!("{other:?}"),
        });
    found.collect()
}

fn latest_ms(journal: &mut dyn Journal) -> i64 {
    journal.recover().expect("read").latest_ms
}

/// Aim: opaque bytes come back as they were, whatever is in them, the last ones under each name.
fn secrets_come_back_after_a_reopening(place: &dyn Place) {
    const NAMES: [&str; 4] = ["", "never there", "session:o-玩家", "token"];
    let every_byte: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    let mut journal = place.open("wx1", "production");
    assert_eq!(secrets(&mut *journal, &NAMES), []);
    let answers = journal.commit(&[
        put("session:o-玩家", &every_byte),
        put("token", b"old"),
        put("token", b"\0new\0"),
        put("", b""),
    ]);
    assert_eq!(answers, Ok(vec![Written::Stored(0); 4]));
    let expected = [
        (String::new(), vec![]),
        ("session:o-玩家".to_owned(), every_byte),
        ("token".to_owned(), b"\0new\0".to_vec()),
    ];
    assert_eq!(secrets(&mut *journal, &NAMES), expected);
    drop(journal);
    let mut journal = place.open("wx1", "production");
    assert_eq!(secrets(&mut *journal, &NAMES), expected);
    let ahead = journal.recover().expect("read");
    if ahead.tenure.is_none() {
        assert_eq!(ahead.secrets, expected);
    }
}

/// Aim: what was dropped does not come back, and dropping twice does no harm.
fn a_dropped_secret_is_gone(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, put("a", b"1"));
    stored(&mut *journal, put("b", b"2"));
    for name in ["a", "a", "never there"] {
        assert_eq!(stored(&mut *journal, drop_secret(name)), 0);
    }
    let left = [("b".to_owned(), b"2".to_vec())];
    assert_eq!(secrets(&mut *journal, &["a", "b"]), left);
    let answers = journal.commit(&[put("a", b"3"), drop_secret("a"), drop_secret("b")]);
    answers.expect("stored");
    drop(journal);
    let mut journal = place.open("wx1", "production");
    assert_eq!(secrets(&mut *journal, &["a", "b"]), []);
}

/// Aim: one file may hold many ledgers, and none sees or drops another's secrets.
fn secrets_of_other_ledgers_are_not_seen(place: &dyn Place) {
    let mut first = place.open("wx1", "production");
    stored(&mut *first, put("token", b"first"));
    for (appid, environment) in [("wx2", "production"), ("wx1", "sandbox")] {
        let mut other = place.open(appid, environment);
        let empty = Recovered {
            tenure: None,
            ..other.recover().expect("read")
        };
        assert_eq!(empty, Recovered::default());
        assert_eq!(secrets(&mut *other, &["token"]), []);
        stored(&mut *other, drop_secret("token"));
        stored(&mut *other, put("token", b"other"));
        let expected = [("token".to_owned(), b"other".to_vec())];
        assert_eq!(secrets(&mut *other, &["token"]), expected);
    }
    let expected = [("token".to_owned(), b"first".to_vec())];
    assert_eq!(secrets(&mut *first, &["token"]), expected);
}

/// Aim: secrets are part of their batch.
fn a_failed_batch_keeps_the_old_secrets(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, put("a", b"1"));
    let batch = [
        put("a", b"2"),
        put("b", b"2"),
        drop_secret("a"),
        update(&record("missing")),
    ];
    journal.commit(&batch).expect_err("one write is bad");
    let expected = [("a".to_owned(), b"1".to_vec())];
    assert_eq!(secrets(&mut *journal, &["a", "b"]), expected);
}

/// Aim: a clock that was set back is noticed: every time written counts, the highest stays.
fn the_latest_time_only_grows(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    assert_eq!(latest_ms(&mut *journal), 0);
    let at = |bill_no: &str, updated_at_ms| Record {
        updated_at_ms,
        ..record(bill_no)
    };
    let insert_at = |bill_no, time_ms| Write::Insert(Box::new(at(bill_no, time_ms)));
    let put_at = |now_ms| Write::PutSecret {
        name: "token".into(),
        sealed: vec![],
        now_ms,
    };
    for (write, expected) in [
        (insert_at("early", -5), 0),
        (insert_at("a", 100), 100),
        (insert_at("b", 90), 100),
        (update(&at("a", 120)), 120),
        (update(&at("a", 121)), 121),
        (update(&at("a", 50)), 121),
        (put_at(130), 130),
        (put_at(110), 130),
        (drop_secret("token"), 130),
    ] {
        stored(&mut *journal, write);
        assert_eq!(latest_ms(&mut *journal), expected);
    }
    let refused = journal.commit(&[insert_at("a", 999)]).expect("it answers");
    assert!(matches!(refused[0], Written::Found(_)));
    assert_eq!(latest_ms(&mut *journal), 130, "nothing was stored");
    drop(journal);
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, insert_at("c", 125));
    assert_eq!(latest_ms(&mut *journal), 130);
    stored(&mut *journal, insert_at("d", 131));
    assert_eq!(latest_ms(&mut *journal), 131);
    assert_eq!(latest_ms(&mut *place.open("wx1", "sandbox")), 0);
}

/// Aim: an empty ledger still knows what time it was.
fn the_latest_time_survives_pruning(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let closed = Record {
        state: State::Rejected,
        acked: true,
        updated_at_ms: 5_000,
        ..record("a")
    };
    stored(&mut *journal, Write::Insert(Box::new(closed)));
    let prune = Write::Prune {
        closed_before_ms: 6_000,
        sealed_before_ms: 6_000,
        most: 10,
    };
    let answers = journal.commit(&[prune]).expect("pruned");
    assert_eq!(
        answers,
        [Written::Pruned {
            records: 1,
            seals: 1
        }]
    );
    drop(journal);
    assert_eq!(latest_ms(&mut *place.open("wx1", "production")), 5_000);
}

/// Aim: what is not on the disk does not count.
fn a_failed_batch_leaves_the_latest_time(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let future = Record {
        updated_at_ms: i64::MAX,
        ..record("a")
    };
    let batch = [Write::Insert(Box::new(future)), update(&record("missing"))];
    journal.commit(&batch).expect_err("one write is bad");
    assert_eq!(latest_ms(&mut *journal), 0);
    stored(&mut *journal, insert("a"));
    let expected = record("a").updated_at_ms;
    assert_eq!(latest_ms(&mut *journal), expected);
}

/// Aim: no log line and no failed assertion shows a secret, not even an encrypted one.
#[test]
fn a_write_does_not_show_its_secret() {
    let shown = format!("{:?} {:#?}", put("token", b"\x7b\x7b"), put("token", b"{{"));
    assert!(shown.contains("token") && !shown.contains("123"), "{shown}");
}
