//! One suite for every journal: what a seal answers for the record that it stands for.

use crate::retention::{DAY_MS, closed, one, prune, sealed, store};
use crate::suite::{Place, promises};
use crate::{bill_nos, find, insert, record, stored, update};
use wxgame::store::{Kind, Reason, Record, State, Write, Written};

promises!(
    a_pruned_number_is_sealed,
    a_seal_outlives_a_reopening_and_ends,
    an_id_of_a_pruned_record_is_not_given_again,
);

/// Aim: a pruned number cannot be used again, and says whether it is asked for the same payment.
fn a_pruned_number_is_sealed(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let rejected = Record {
        state: State::Rejected,
        reason: Reason::BalanceTooLow,
        ..closed("a", 1)
    };
    let id = store(&mut *journal, &rejected);
    assert_eq!(prune(&mut *journal, 2, 10), 1);

    let (state, reason) = (State::Rejected, Reason::BalanceTooLow);
    let found = one(&mut *journal, Write::Find("a".into()));
    assert_eq!(found, sealed(state, reason, None));
    let again = Record {
        user_tag: 1,
        user_ip: "198.51.100.7".into(),
        host_data: b"other".to_vec(),
        created_at_ms: 5,
        ..record("a")
    };
    let answer = one(&mut *journal, Write::Insert(Box::new(again)));
    assert_eq!(answer, sealed(state, reason, Some(true)));
    let others = [
        Record {
            amount: 61,
            ..record("a")
        },
        Record {
            kind: Kind::Present,
            ..record("a")
        },
        Record {
            openid: "o-other".into(),
            ..record("a")
        },
    ];
    for other in others {
        let answer = one(&mut *journal, Write::Insert(Box::new(other)));
        assert_eq!(answer, sealed(state, reason, Some(false)));
    }
    journal
        .commit(&[update(&record("a"))])
        .expect_err("there is no record to update");
    assert_eq!(stored(&mut *journal, Write::Ack(id)), id);
    let found = one(&mut *journal, Write::Find("a".into()));
    assert_eq!(found, sealed(state, reason, None), "nothing has changed");
    assert_eq!(journal.recover().expect("read").records, []);
}

/// Aim: a seal is as durable as a record, until it is old enough; then the number is unknown.
fn a_seal_outlives_a_reopening_and_ends(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    store(&mut *journal, &closed("a", DAY_MS));
    assert_eq!(prune(&mut *journal, DAY_MS + 1, 10), 1);
    drop(journal);
    let mut journal = place.open("wx1", "production");
    let found = one(&mut *journal, Write::Find("a".into()));
    assert_eq!(found, sealed(State::Done, Reason::None, None));
    for (sealed_before_ms, seals) in [(DAY_MS, 0), (DAY_MS + 1, 1), (i64::MAX, 0)] {
        let prune = Write::Prune {
            closed_before_ms: i64::MIN,
            sealed_before_ms,
            most: 10,
        };
        let expected = Written::Pruned { records: 0, seals };
        assert_eq!(one(&mut *journal, prune), expected);
    }
    assert_eq!(find(&mut *journal, "a"), None);
    stored(&mut *journal, insert("a"));
}

/// Aim: a delivery id means one record for ever, also when the newest record was pruned.
fn an_id_of_a_pruned_record_is_not_given_again(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let pruned = store(&mut *journal, &closed("a", 1));
    assert_eq!(prune(&mut *journal, 2, 1), 1);
    drop(journal);
    let mut journal = place.open("wx1", "production");
    assert!(stored(&mut *journal, insert("b")) > pruned);
    assert_eq!(bill_nos(&journal.recover().expect("read").records), ["b"]);
}
