//! One suite for every journal: pages of what is unresolved, and questions between changes.

use crate::suite::{Place, promises};
use crate::{bill_nos, insert, record, stored, update};
use wxgame::store::{Journal, Record, State, Write, Written};

promises!(
    what_is_unresolved_comes_in_pages,
    a_resolved_payment_leaves_the_pages,
    the_ends_of_the_range_are_ordinary,
    reads_and_writes_mix_in_one_batch,
    reads_alone_change_nothing,
);

fn unresolved(journal: &mut dyn Journal, after_id: u64, most: u32) -> Vec<Record> {
    let answers = journal.commit(&[Write::Unresolved { after_id, most }]);
    match answers.expect("it can be read").remove(0) {
        Written::Records(records) => records,
        other => panic!("{other:?}"),
    }
}

/// Aim: a ledger of any size can be gone through, page by page, each record once and in order.
fn what_is_unresolved_comes_in_pages(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let mut other = place.open("wx2", "production");
    let states = [
        State::Sending,
        State::Done,
        State::Cancelling,
        State::Rejected,
        State::NeedsReview,
        State::NotSent,
    ];
    let mut expected = Vec::new();
    for n in 0..24 {
        let state = states[n % states.len()];
        let submitted = Record {
            state,
            acked: n >= 12,
            ..record(&format!("bill-{n:02}"))
        };
        stored(&mut *other, Write::Insert(Box::new(submitted.clone())));
        let id = stored(&mut *journal, Write::Insert(Box::new(submitted.clone())));
        if !state.is_final() || state == State::NeedsReview {
            expected.push(Record { id, ..submitted });
        }
    }
    for most in [1, 5, 12, 100] {
        let mut all = Vec::new();
        loop {
            let after_id = all.last().map_or(0, |record: &Record| record.id);
            let page = unresolved(&mut *journal, after_id, most);
            assert!(page.len() <= most as usize);
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        assert_eq!(all, expected, "pages of {most}");
    }
}

/// Aim: the pages show where payments stand now.
fn a_resolved_payment_leaves_the_pages(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    for bill_no in ["a", "b", "c"] {
        stored(&mut *journal, insert(bill_no));
    }
    let done = Record {
        state: State::Done,
        ..record("b")
    };
    stored(&mut *journal, update(&done));
    assert_eq!(bill_nos(&unresolved(&mut *journal, 0, 10)), ["a", "c"]);
    let refund = Record {
        state: State::Cancelling,
        ..record("b")
    };
    stored(&mut *journal, update(&refund));
    assert_eq!(bill_nos(&unresolved(&mut *journal, 0, 10)), ["a", "b", "c"]);
}

/// Aim: no argument is out of range.
fn the_ends_of_the_range_are_ordinary(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let id = stored(&mut *journal, insert("a"));
    for (after_id, most, expected) in [
        (0, 0, 0),
        (0, u32::MAX, 1),
        (id - 1, 1, 1),
        (id, 1, 0),
        (i64::MAX as u64, 1, 0),
        (i64::MAX as u64 + 1, 1, 0),
        (u64::MAX, u32::MAX, 0),
    ] {
        let page = unresolved(&mut *journal, after_id, most);
        assert_eq!(page.len(), expected, "after {after_id}, {most}");
    }
}

/// Aim: within a batch a question sees the changes before it and none after it.
fn reads_and_writes_mix_in_one_batch(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let page = || Write::Unresolved {
        after_id: 0,
        most: 10,
    };
    let done = Record {
        state: State::Done,
        ..record("a")
    };
    let answers = journal.commit(&[
        page(),
        insert("a"),
        Write::Find("b".into()),
        insert("b"),
        page(),
        update(&done),
        Write::Find("a".into()),
        page(),
    ]);
    let answers = answers.expect("it answers");
    let [
        Written::Records(none),
        Written::Stored(_),
        Written::Missing,
        Written::Stored(_),
        Written::Records(both),
        Written::Stored(_),
        Written::Found(found),
        Written::Records(rest),
    ] = &answers[..]
    else {
        panic!("{answers:?}");
    };
    assert_eq!(none, &[]);
    assert_eq!(bill_nos(both), ["a", "b"]);
    assert_eq!(found.state, State::Done);
    assert_eq!(bill_nos(rest), ["b"]);
}

/// Aim: a batch of questions leaves the ledger as it is.
fn reads_alone_change_nothing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, insert("a"));
    let before = journal.recover().expect("read");
    let questions = [
        Write::Find("a".into()),
        Write::Find("b".into()),
        Write::Unresolved {
            after_id: 0,
            most: 10,
        },
    ];
    let first = journal.commit(&questions).expect("it answers");
    assert_eq!(journal.commit(&questions).expect("it answers"), first);
    assert_eq!(journal.recover().expect("read"), before);
}
