//! One suite for every journal: what a write does, and what a reopening finds.

use crate::{bill_nos, find, insert, record, stored, update};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Journal, Kind, Reason, Record, State, Write, Written, memory, sqlite::Sqlite};

/// Somewhere a journal can be opened again and again.
pub trait Place {
    /// Opens the records of (appid, environment) there.
    fn open(&self, appid: &str, environment: &str) -> Box<dyn Journal>;
}

impl Place for memory::Disk {
    fn open(&self, appid: &str, environment: &str) -> Box<dyn Journal> {
        Box::new(memory::Disk::open(self, appid, environment))
    }
}

impl Place for tempfile::TempDir {
    fn open(&self, appid: &str, environment: &str) -> Box<dyn Journal> {
        let journal = Sqlite::open(&self.path().join("journal.db"), appid, environment);
        Box::new(journal.expect("the journal opens"))
    }
}

/// Each promise, on SQLite, in memory and in PostgreSQL.
///
/// Where servers share a journal, an opening reads no secrets ahead and says who it is; the suite asks for secrets one
/// by one, which all three answer alike. A write over a final answer counts it as replaced, as every such write of the
/// library's does: without that PostgreSQL takes it for a stale one. What SQLite's file and its lock promise
/// (`opening`, `processes`, `files`, `damage`) has no meaning there; what only a shared journal promises is in
/// `cluster`.
macro_rules! promises {
    ($($name:ident),+ $(,)?) => {
        mod on_sqlite { $(#[test] fn $name() { super::$name(&tempfile::tempdir().expect("a directory")); })+ }
        mod in_memory { $(#[test] fn $name() { super::$name(&wxgame::store::memory::Disk::new()); })+ }
        #[cfg(feature = "postgres")]
        mod in_postgres { $(#[test] fn $name() { super::$name(&crate::server::Database::new()); })+ }
    };
}

pub(crate) use promises;

promises!(
    a_number_is_stored_once,
    an_update_keeps_the_parameters,
    an_update_of_an_unknown_number_is_refused,
    an_ack_ends_the_deliveries,
    an_ack_of_an_open_payment_changes_nothing,
    an_ack_of_a_replaced_answer_changes_nothing,
    a_refund_of_an_acked_payment_is_recovered,
    a_batch_is_stored_whole_or_not_at_all,
    later_writes_see_earlier_ones,
    recovery_returns_what_is_unfinished_oldest_first,
    journals_of_other_apps_are_not_seen,
    ids_are_never_given_twice,
    an_empty_batch_is_nothing,
);

/// Aim: the second insert of a number finds the first one's record, whatever it asks for.
fn a_number_is_stored_once(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let id = stored(&mut *journal, insert("a"));
    let mut other = record("a");
    other.amount = 99;
    let answers = journal
        .commit(&[Write::Insert(Box::new(other))])
        .expect("it answers");
    let expected = Record { id, ..record("a") };
    assert_eq!(answers, [Written::Found(Box::new(expected.clone()))]);
    assert_eq!(find(&mut *journal, "a"), Some(expected));
    assert_eq!(find(&mut *journal, "b"), None);
}

/// Aim: an update writes where the payment stands and never what was asked for.
fn an_update_keeps_the_parameters(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let id = stored(&mut *journal, insert("a"));
    let changed = Record {
        id: 0,
        bill_no: "a".into(),
        kind: Kind::Present,
        offer_id: "other".into(),
        pf: "other".into(),
        openid: "other".into(),
        zone_id: "other".into(),
        amount: 1,
        pay_item: "other".into(),
        app_remark: "other".into(),
        user_ip: "other".into(),
        user_tag: 1,
        host_data: b"other".to_vec(),
        created_at_ms: 1,
        state: State::Done,
        reason: Reason::Cancelled,
        refund: true,
        acked: true,
        replaced: 2,
        errcode: -15012,
        errmsg: "余额不足".into(),
        balance: Some(0),
        used_gen_amt: Some(3),
        deadline_at_ms: 2,
        first_sent_at_ms: 3,
        updated_at_ms: 4,
        ..record("a")
    };
    assert_eq!(stored(&mut *journal, update(&changed)), id);
    let expected = Record {
        id,
        state: State::Done,
        reason: Reason::Cancelled,
        refund: true,
        acked: true,
        replaced: 2,
        errcode: -15012,
        errmsg: "余额不足".into(),
        balance: Some(0),
        used_gen_amt: Some(3),
        deadline_at_ms: 2,
        first_sent_at_ms: 3,
        updated_at_ms: 4,
        ..record("a")
    };
    drop(journal);
    assert_eq!(
        find(&mut *place.open("wx1", "production"), "a"),
        Some(expected)
    );
}

/// Aim: an update without a record is an error of that write alone.
fn an_update_of_an_unknown_number_is_refused(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let failure = journal
        .commit(&[update(&record("a"))])
        .expect_err("there is none");
    assert_eq!(failure.error.kind, ErrorKind::NotFound);
    assert!(failure.is_one_write() && !failure.maybe_written);
    assert_eq!(find(&mut *journal, "a"), None);
}

/// Aim: an acknowledged final answer is not delivered again; a second or unknown ack does no harm.
fn an_ack_ends_the_deliveries(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let done = Record {
        state: State::Done,
        ..record("a")
    };
    let id = stored(&mut *journal, Write::Insert(Box::new(done)));
    assert_eq!(bill_nos(&journal.recover().expect("read").records), ["a"]);
    for ack in [id, id, id + 1000, u64::MAX] {
        assert_eq!(stored(&mut *journal, Write::Ack(ack)), ack);
    }
    assert_eq!(journal.recover().expect("read").records, []);
    assert!(find(&mut *journal, "a").is_some_and(|record| record.acked));
}

/// Aim: only final answers are acknowledged, so an early ack cannot hide the answer to come.
fn an_ack_of_an_open_payment_changes_nothing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let id = stored(&mut *journal, insert("a"));
    stored(&mut *journal, Write::Ack(id));
    let record = find(&mut *journal, "a").expect("it is there");
    assert!(!record.acked);
    let done = Record {
        state: State::Done,
        ..record
    };
    stored(&mut *journal, update(&done));
    assert_eq!(bill_nos(&journal.recover().expect("read").records), ["a"]);
}

/// Aim: a late ack of what was answered before a refund does not hide the answer after it.
fn an_ack_of_a_replaced_answer_changes_nothing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let done = Record {
        state: State::Done,
        ..record("a")
    };
    stored(&mut *journal, Write::Insert(Box::new(done)));
    let paid = find(&mut *journal, "a").expect("it is there");
    let refunded = Record {
        state: State::Rejected,
        replaced: 1,
        ..paid.clone()
    };
    stored(&mut *journal, update(&refunded));
    stored(&mut *journal, Write::Ack(paid.delivery_id()));
    let record = find(&mut *journal, "a").expect("it is there");
    assert!(!record.acked);
    stored(&mut *journal, Write::Ack(record.delivery_id()));
    assert!(find(&mut *journal, "a").is_some_and(|record| record.acked));
}

/// Aim: a refund makes a finished payment unfinished again, even if the update leaves it acked.
fn a_refund_of_an_acked_payment_is_recovered(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    for (bill_no, acked) in [("a", false), ("b", true)] {
        let done = Record {
            state: State::Done,
            acked: true,
            ..record(bill_no)
        };
        stored(&mut *journal, Write::Insert(Box::new(done.clone())));
        let refund = Record {
            state: State::Cancelling,
            refund: true,
            acked,
            replaced: 1,
            ..done
        };
        stored(&mut *journal, update(&refund));
    }
    drop(journal);
    let records = place
        .open("wx1", "production")
        .recover()
        .expect("read")
        .records;
    assert_eq!(bill_nos(&records), ["a", "b"]);
}

/// Aim: one bad write keeps the whole batch off the disk.
fn a_batch_is_stored_whole_or_not_at_all(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, insert("old"));
    let changed = Record {
        state: State::Done,
        ..record("old")
    };
    let batch = [
        insert("a"),
        update(&changed),
        update(&record("missing")),
        insert("b"),
    ];
    journal.commit(&batch).expect_err("one write is bad");
    assert_eq!(find(&mut *journal, "a"), None);
    assert_eq!(find(&mut *journal, "b"), None);
    assert!(find(&mut *journal, "old").is_some_and(|record| record.state == State::Sending));
    stored(&mut *journal, insert("a"));
}

/// Aim: within a batch the order of the writes is the order of their effects.
fn later_writes_see_earlier_ones(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let done = Record {
        state: State::Done,
        ..record("a")
    };
    let answers = journal
        .commit(&[
            Write::Find("a".into()),
            insert("a"),
            insert("a"),
            update(&done),
            Write::Find("a".into()),
        ])
        .expect("it answers");
    let [
        Written::Missing,
        Written::Stored(id),
        Written::Found(first),
        Written::Stored(same),
        Written::Found(last),
    ] = &answers[..]
    else {
        panic!("{answers:?}");
    };
    assert_eq!(id, same);
    assert_eq!(
        **first,
        Record {
            id: *id,
            ..record("a")
        }
    );
    assert_eq!(**last, Record { id: *id, ..done });
}

/// Aim: after a restart everything open or undelivered is there, in order, and nothing else.
fn recovery_returns_what_is_unfinished_oldest_first(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let states = [
        ("z-sending", State::Sending, false),
        ("y-acked", State::Done, true),
        ("x-cancelling", State::Cancelling, false),
        ("w-done", State::Done, false),
        ("v-rejected", State::Rejected, false),
        ("u-acked", State::NotSent, true),
        ("t-review", State::NeedsReview, false),
    ];
    let records = states.map(|(bill_no, state, acked)| Record {
        state,
        acked,
        ..record(bill_no)
    });
    let batch = records.map(|record| Write::Insert(Box::new(record)));
    journal.commit(&batch).expect("stored");
    drop(journal);
    let recovered = place
        .open("wx1", "production")
        .recover()
        .expect("read")
        .records;
    let expected = [
        "z-sending",
        "x-cancelling",
        "w-done",
        "v-rejected",
        "t-review",
    ];
    assert_eq!(bill_nos(&recovered), expected);
    assert!(recovered.is_sorted_by_key(|record| record.id));
    assert_eq!(
        recovered[0],
        Record {
            id: recovered[0].id,
            ..record("z-sending")
        }
    );
}

/// Aim: one file may hold many ledgers, and none sees or touches another's numbers.
fn journals_of_other_apps_are_not_seen(place: &dyn Place) {
    let mut first = place.open("wx1", "production");
    let id = stored(
        &mut *first,
        Write::Insert(Box::new(Record {
            state: State::Done,
            ..record("a")
        })),
    );
    for (appid, environment) in [("wx2", "production"), ("wx1", "sandbox")] {
        let mut other = place.open(appid, environment);
        assert_eq!(other.recover().expect("read").records, []);
        assert_eq!(find(&mut *other, "a"), None);
        other
            .commit(&[update(&record("a"))])
            .expect_err("not its record");
        stored(&mut *other, Write::Ack(id));
        let own = stored(&mut *other, insert("a"));
        assert_ne!(own, id);
    }
    let untouched = Record {
        id,
        state: State::Done,
        ..record("a")
    };
    assert_eq!(first.recover().expect("read").records, [untouched]);
}

/// Aim: a delivery id means one record for ever, over restarts and failed batches.
fn ids_are_never_given_twice(place: &dyn Place) {
    let mut seen = Vec::new();
    for n in 0..3 {
        let mut journal = place.open("wx1", "production");
        seen.push(stored(&mut *journal, insert(&format!("a{n}"))));
        journal
            .commit(&[insert("b"), update(&record("missing"))])
            .expect_err("a bad batch");
        stored(&mut *journal, insert(&format!("a{n}-again")));
    }
    assert!(seen.is_sorted_by(|a, b| a < b) && seen[0] > 0, "{seen:?}");
}

/// Aim: nothing asked, nothing done.
fn an_empty_batch_is_nothing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    assert_eq!(journal.commit(&[]), Ok(vec![]));
}
