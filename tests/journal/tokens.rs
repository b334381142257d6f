//! One suite for every journal: the access_token that the clients of an appid share.

use crate::suite::{Place, promises};
use crate::{record, stored, update};
use wxgame::store::sqlite::Sqlite;
use wxgame::store::{Journal, Lease, Write, Written};

promises!(
    production_and_sandbox_share_a_token_and_other_apps_do_not,
    a_token_comes_back_after_a_reopening,
    a_failed_batch_leaves_the_token_and_its_lease,
);

fn ask(holder: u64, known: u64) -> Write {
    Write::LeaseToken(Lease {
        holder,
        known,
        refused: false,
        now_ms: 1_000,
        until_ms: 16_000,
        day: 1,
        most_per_day: 100,
    })
}

fn put(holder: u64, version: u64) -> Write {
    Write::PutToken {
        holder,
        version,
        sealed: vec![0, 159, 146, 150],
    }
}

fn answer(journal: &mut dyn Journal, write: Write) -> Written {
    let mut answers = journal.commit(&[write]).expect("it answers");
    answers.pop().expect("one answer")
}

fn production_and_sandbox_share_a_token_and_other_apps_do_not(place: &dyn Place) {
    let mut production = place.open("wx1", "production");
    let mut sandbox = place.open("wx1", "sandbox");
    let mut other = place.open("wx2", "production");
    assert_eq!(answer(&mut *production, ask(1, 0)), Written::Leased);
    assert!(matches!(answer(&mut *sandbox, ask(2, 0)), Written::Busy));
    assert_eq!(answer(&mut *other, ask(3, 0)), Written::Leased);
    // Versions are 64 bits of chance.
    stored(&mut *production, put(1, u64::MAX));
    let shared = Written::Token {
        version: u64::MAX,
        sealed: vec![0, 159, 146, 150],
    };
    assert_eq!(answer(&mut *sandbox, ask(2, 0)), shared);
    assert!(matches!(answer(&mut *other, ask(4, 0)), Written::Busy));
}

fn a_token_comes_back_after_a_reopening(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    assert_eq!(journal.recover().expect("read").token, None);
    stored(&mut *journal, put(1, 7));
    drop(journal);
    let recovered = place.open("wx1", "sandbox").recover().expect("read");
    assert_eq!(recovered.token, Some((7, vec![0, 159, 146, 150])));
}

fn a_failed_batch_leaves_the_token_and_its_lease(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let batch = [ask(1, 0), put(1, 7), update(&record("missing"))];
    journal.commit(&batch).expect_err("one write is bad");
    assert_eq!(journal.recover().expect("read").token, None);
    assert_eq!(answer(&mut *journal, ask(2, 0)), Written::Leased);
}

/// Aim: a restart in the middle of a token request keeps nobody waiting for the end of a dead client's lease.
#[test]
fn a_lease_ends_with_the_process_that_held_it() {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let path = directory.path().join("journal.db");
    let open = |environment| Sqlite::open(&path, "wx1", environment).expect("opens");
    let mut dies = open("production");
    assert_eq!(
        dies.commit(&[ask(1, 0)]).expect("stored"),
        [Written::Leased]
    );
    let mut beside = open("sandbox");
    assert_eq!(
        beside.commit(&[ask(2, 0)]).expect("stored"),
        [Written::Busy]
    );
    drop((dies, beside));
    let mut again = open("production");
    assert_eq!(
        again.commit(&[ask(3, 0)]).expect("stored"),
        [Written::Leased]
    );
}
