//! One suite for every journal: what pruning takes, and what it leaves.

use crate::suite::{Place, promises};
use crate::{find, insert, record, stored, update};
use wxgame::store::{Journal, Kind, Reason, Record, State, Write, Written};

promises!(
    only_what_is_closed_and_old_is_pruned,
    what_needs_review_is_kept_until_it_is_settled,
    a_pruning_takes_the_oldest_and_no_more_than_asked,
    a_pruning_is_seen_by_later_writes_of_its_batch,
    a_failed_batch_prunes_nothing,
    ledgers_prune_only_their_own,
);

pub const DAY_MS: i64 = 86_400_000;

/// A payment that is done, acked and was last written at `updated_at_ms`.
pub fn closed(bill_no: &str, updated_at_ms: i64) -> Record {
    Record {
        state: State::Done,
        acked: true,
        updated_at_ms,
        ..record(bill_no)
    }
}

pub fn store(journal: &mut dyn Journal, record: &Record) -> u64 {
    stored(journal, Write::Insert(Box::new(record.clone())))
}

pub fn one(journal: &mut dyn Journal, write: Write) -> Written {
    journal.commit(&[write]).expect("it answers").remove(0)
}

/// Prunes records before `closed_before_ms` and no seal; how many went.
pub fn prune(journal: &mut dyn Journal, closed_before_ms: i64, most: u32) -> u64 {
    match one(journal, pruning(closed_before_ms, most)) {
        Written::Pruned { records, seals: 0 } => records,
        other => panic!("{other:?}"),
    }
}

pub fn pruning(closed_before_ms: i64, most: u32) -> Write {
    Write::Prune {
        closed_before_ms,
        sealed_before_ms: i64::MIN,
        most,
    }
}

pub fn sealed(state: State, reason: Reason, same: Option<bool>) -> Written {
    Written::Sealed {
        kind: Kind::Pay,
        state,
        reason,
        same,
    }
}

/// Aim: what is open, not acked or young stays, however often it is pruned.
fn only_what_is_closed_and_old_is_pruned(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let mut kept = Vec::new();
    for state in [State::Sending, State::Cancelling, State::NeedsReview] {
        for acked in [false, true] {
            let bill_no = format!("{state:?}-{acked}");
            kept.push(Record {
                state,
                acked,
                ..closed(&bill_no, 1)
            });
        }
    }
    for state in [State::Done, State::Rejected, State::NotSent] {
        let name = |what: &str| format!("{state:?}-{what}");
        kept.push(Record {
            state,
            acked: false,
            replaced: 0,
            ..closed(&name("unacked"), 1)
        });
        kept.push(Record {
            state,
            ..closed(&name("young"), DAY_MS)
        });
        let gone = Record {
            state,
            ..closed(&name("old"), DAY_MS - 1)
        };
        store(&mut *journal, &gone);
    }
    for record in &mut kept {
        record.id = store(&mut *journal, record);
    }
    assert_eq!(prune(&mut *journal, DAY_MS, 100), 3);
    assert_eq!(prune(&mut *journal, DAY_MS, 100), 0);
    drop(journal);
    let mut journal = place.open("wx1", "production");
    // Where servers share the journal, this one has what it has taken over.
    journal.recover().expect("read");
    for record in kept {
        assert_eq!(find(&mut *journal, &record.bill_no), Some(record));
    }
    for state in [State::Done, State::Rejected, State::NotSent] {
        let found = one(&mut *journal, Write::Find(format!("{state:?}-old")));
        assert_eq!(found, sealed(state, Reason::None, None));
    }
}

/// Aim: nothing that a person still has to look at goes away by itself.
fn what_needs_review_is_kept_until_it_is_settled(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let review = Record {
        state: State::NeedsReview,
        reason: Reason::Expired,
        ..closed("a", 1)
    };
    store(&mut *journal, &review);
    assert_eq!(prune(&mut *journal, i64::MAX, 10), 0);
    let settled = Record {
        state: State::Rejected,
        reason: Reason::Settled,
        acked: false,
        replaced: 1,
        updated_at_ms: 2,
        ..review
    };
    let id = stored(&mut *journal, update(&settled));
    assert_eq!(prune(&mut *journal, i64::MAX, 10), 0);
    let settled = Record { id, ..settled };
    stored(&mut *journal, Write::Ack(settled.delivery_id()));
    assert_eq!(prune(&mut *journal, i64::MAX, 10), 1);
    let found = one(&mut *journal, Write::Find("a".into()));
    assert_eq!(found, sealed(State::Rejected, Reason::Settled, None));
}

/// Aim: a pruning holds a commit up no longer than asked, and begins with what is oldest.
fn a_pruning_takes_the_oldest_and_no_more_than_asked(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let names: Vec<String> = (0..10).map(|n| format!("bill-{n}")).collect();
    for (n, name) in names.iter().enumerate().rev() {
        store(&mut *journal, &closed(name, n as i64));
    }
    let left = |journal: &mut dyn Journal| -> Vec<bool> {
        let is_left =
            |name: &String| matches!(one(journal, Write::Find(name.clone())), Written::Found(_));
        names.iter().map(is_left).collect()
    };
    assert_eq!(prune(&mut *journal, 9, 0), 0);
    assert_eq!(prune(&mut *journal, 9, 4), 4);
    let kept = left(&mut *journal);
    assert_eq!(kept, [[false; 4].as_slice(), &[true; 6]].concat());
    assert_eq!(prune(&mut *journal, 9, 4), 4);
    assert_eq!(prune(&mut *journal, 9, 4), 1);
    assert_eq!(prune(&mut *journal, 9, 4), 0);
    assert_eq!(
        left(&mut *journal),
        [[false; 9].as_slice(), &[true]].concat()
    );

    for (most, records, seals) in [(4, 1, 4), (4, 0, 4), (4, 0, 2), (4, 0, 0)] {
        let prune = Write::Prune {
            closed_before_ms: i64::MAX,
            sealed_before_ms: i64::MAX,
            most,
        };
        assert_eq!(
            one(&mut *journal, prune),
            Written::Pruned { records, seals }
        );
    }
    assert_eq!(find(&mut *journal, "bill-9"), None);
}

/// Aim: within a batch a pruning has its place like every other write.
fn a_pruning_is_seen_by_later_writes_of_its_batch(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let answers = journal.commit(&[
        Write::Insert(Box::new(closed("a", 1))),
        Write::Find("a".into()),
        pruning(2, 10),
        Write::Find("a".into()),
        insert("a"),
        insert("b"),
    ]);
    let answers = answers.expect("it answers");
    assert!(
        matches!(
            &answers[..],
            [
                Written::Stored(_),
                Written::Found(_),
                Written::Pruned {
                    records: 1,
                    seals: 0
                },
                Written::Sealed { same: None, .. },
                Written::Sealed {
                    same: Some(true),
                    ..
                },
                Written::Stored(_),
            ]
        ),
        "{answers:?}"
    );
}

/// Aim: a batch that fails leaves neither half a pruning nor a seal.
fn a_failed_batch_prunes_nothing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    for n in 0..5 {
        store(&mut *journal, &closed(&format!("bill-{n}"), n));
    }
    assert_eq!(prune(&mut *journal, 1, 10), 1);
    let everything = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MAX,
        most: 10,
    };
    journal
        .commit(&[everything, update(&record("missing"))])
        .expect_err("one write is bad");
    let found = one(&mut *journal, Write::Find("bill-0".into()));
    assert!(matches!(found, Written::Sealed { .. }), "{found:?}");
    for n in 1..5 {
        assert!(find(&mut *journal, &format!("bill-{n}")).is_some());
    }
}

/// Aim: one file may hold many ledgers, and none prunes another's.
fn ledgers_prune_only_their_own(place: &dyn Place) {
    let mut first = place.open("wx1", "production");
    let mut second = place.open("wx1", "sandbox");
    for journal in [&mut first, &mut second] {
        store(&mut **journal, &closed("a", 1));
    }
    assert_eq!(prune(&mut *first, i64::MAX, 10), 1);
    assert!(find(&mut *second, "a").is_some());
    assert_eq!(find(&mut *second, "b"), None);
    let seals = Write::Prune {
        closed_before_ms: i64::MIN,
        sealed_before_ms: i64::MAX,
        most: 10,
    };
    let nothing = Written::Pruned {
        records: 0,
        seals: 0,
    };
    assert_eq!(one(&mut *second, seals), nothing);
    let found = one(&mut *first, Write::Find("a".into()));
    assert!(matches!(found, Written::Sealed { .. }), "{found:?}");
}
