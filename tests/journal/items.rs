//! An item that was ordered and one that a push told of are one item if they have one number.

use crate::suite::{Place, promises};
use crate::{find, record, stored};
use wxgame::store::{Journal, Kind, Record, State, Write, Written};

promises!(
    an_item_is_stored_once_whichever_way_it_came_first,
    a_payment_of_the_same_number_is_another_thing,
    what_was_retired_as_unpaid_is_not_in_the_way,
);

fn item(bill_no: &str, state: State) -> Record {
    Record {
        kind: Kind::Item,
        state,
        acked: state != State::AwaitingPayment,
        ..record(bill_no)
    }
}

fn insert(journal: &mut dyn Journal, record: Record) -> Written {
    let answers = journal.commit(&[Write::Insert(Box::new(record))]);
    answers.expect("it answers").remove(0)
}

fn an_item_is_stored_once_whichever_way_it_came_first(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    for (first, second) in [("item:a", "a"), ("b", "item:b")] {
        stored(
            &mut *journal,
            Write::Insert(Box::new(item(first, State::Done))),
        );
        let Written::Found(known) = insert(&mut *journal, item(second, State::AwaitingPayment))
        else {
            panic!("{second} is {first}");
        };
        assert_eq!(known.bill_no, first);
        assert_eq!(find(&mut *journal, second), None);
    }
    let prune = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MIN,
        most: 10,
    };
    journal.commit(&[prune]).expect("it prunes");
    assert!(matches!(
        insert(&mut *journal, item("a", State::AwaitingPayment)),
        Written::Sealed {
            state: State::Done,
            same: Some(false),
            ..
        }
    ));
}

fn a_payment_of_the_same_number_is_another_thing(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(&mut *journal, Write::Insert(Box::new(record("a"))));
    let pushed = insert(&mut *journal, item("item:a", State::Done));
    assert!(matches!(pushed, Written::Stored(_)));
}

fn what_was_retired_as_unpaid_is_not_in_the_way(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    stored(
        &mut *journal,
        Write::Insert(Box::new(item("a", State::Rejected))),
    );
    let prune = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MIN,
        most: 10,
    };
    journal.commit(&[prune]).expect("it prunes");
    let pushed = insert(&mut *journal, item("item:a", State::Done));
    assert!(matches!(pushed, Written::Stored(_)));
}
