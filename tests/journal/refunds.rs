//! Refunds of parts: stored together with what they take of their payment, or not at all.

use crate::suite::{Place, promises};
use crate::{find, record, stored, update};
use wxgame::store::{Journal, Kind, Record, State, Unrefundable, Write, Written};

promises!(
    a_refund_takes_its_amount_from_the_payment,
    refunds_never_take_more_than_was_paid,
    a_refund_that_failed_makes_room_again_once,
    only_what_is_done_and_acked_is_given_back,
    a_refund_is_stored_once,
    a_retired_payment_gives_nothing_back,
);

/// A payment of 60 coins, done and acknowledged.
fn paid(place: &dyn Place) -> Box<dyn Journal> {
    let mut journal = place.open("wx1", "production");
    let done = Record {
        state: State::Done,
        acked: true,
        ..record("pay")
    };
    stored(&mut *journal, Write::Insert(Box::new(done)));
    journal
}

fn refund(bill_no: &str, amount: i64) -> Record {
    Record {
        kind: Kind::Refund,
        pay_bill_no: "pay".to_owned(),
        amount,
        ..record(bill_no)
    }
}

fn insert(journal: &mut dyn Journal, record: Record) -> Written {
    let answers = journal.commit(&[Write::Insert(Box::new(record))]);
    answers.expect("it answers").remove(0)
}

fn refunded(journal: &mut dyn Journal) -> i64 {
    find(journal, "pay").expect("it is there").refunded
}

fn a_refund_takes_its_amount_from_the_payment(place: &dyn Place) {
    let mut journal = paid(place);
    assert!(matches!(
        insert(&mut *journal, refund("r1", 20)),
        Written::Stored(_)
    ));
    assert_eq!(refunded(&mut *journal), 20);
    let kept = find(&mut *journal, "r1").expect("it is there");
    assert_eq!((kept.pay_bill_no.as_str(), kept.amount), ("pay", 20));
}

fn refunds_never_take_more_than_was_paid(place: &dyn Place) {
    let mut journal = paid(place);
    let batch = [refund("r1", 50), refund("r2", 11), refund("r3", 10)]
        .map(|refund| Write::Insert(Box::new(refund)));
    let answers = journal.commit(&batch).expect("it answers");
    assert!(matches!(
        answers[..],
        [
            Written::Stored(_),
            Written::Unrefundable(Unrefundable::MoreThanLeft { left: 10 }),
            Written::Stored(_)
        ]
    ));
    assert_eq!(refunded(&mut *journal), 60);
    assert_eq!(find(&mut *journal, "r2"), None);
}

/// Aim: only a refund that certainly gave nothing back makes room, and not twice for one write.
fn a_refund_that_failed_makes_room_again_once(place: &dyn Place) {
    let mut journal = paid(place);
    insert(&mut *journal, refund("r1", 20));
    insert(&mut *journal, refund("r2", 30));
    for (state, left) in [
        (State::NeedsReview, 50),
        (State::Rejected, 30),
        (State::Rejected, 30),
    ] {
        let ended = Record {
            state,
            ..find(&mut *journal, "r1").expect("it is there")
        };
        stored(&mut *journal, update(&ended));
        assert_eq!(refunded(&mut *journal), left, "{state:?}");
    }
    let rejected = Record {
        state: State::NotSent,
        ..refund("r3", 60)
    };
    assert!(matches!(
        insert(&mut *journal, rejected),
        Written::Stored(_)
    ));
    assert_eq!(refunded(&mut *journal), 30);
}

fn only_what_is_done_and_acked_is_given_back(place: &dyn Place) {
    let mut journal = place.open("wx1", "production");
    let unknown = Written::Unrefundable(Unrefundable::Unknown);
    assert_eq!(insert(&mut *journal, refund("r1", 1)), unknown);
    stored(&mut *journal, Write::Insert(Box::new(record("pay"))));
    let not_done = Written::Unrefundable(Unrefundable::NotDone);
    assert_eq!(insert(&mut *journal, refund("r1", 1)), not_done);
    let done = Record {
        state: State::Done,
        ..find(&mut *journal, "pay").expect("it is there")
    };
    stored(&mut *journal, update(&done));
    let not_acked = Written::Unrefundable(Unrefundable::NotAcked);
    assert_eq!(insert(&mut *journal, refund("r1", 1)), not_acked);
    stored(&mut *journal, Write::Ack(done.delivery_id()));
    assert!(matches!(
        insert(&mut *journal, refund("r1", 1)),
        Written::Stored(_)
    ));
    let of_a_refund = Record {
        pay_bill_no: "r1".to_owned(),
        ..refund("r2", 1)
    };
    assert_eq!(insert(&mut *journal, of_a_refund), not_done);
}

fn a_refund_is_stored_once(place: &dyn Place) {
    let mut journal = paid(place);
    insert(&mut *journal, refund("r1", 60));
    assert!(matches!(
        insert(&mut *journal, refund("r1", 60)),
        Written::Found(_)
    ));
    assert_eq!(refunded(&mut *journal), 60);
}

fn a_retired_payment_gives_nothing_back(place: &dyn Place) {
    let mut journal = paid(place);
    let prune = Write::Prune {
        closed_before_ms: i64::MAX,
        sealed_before_ms: i64::MIN,
        most: 10,
    };
    journal.commit(&[prune]).expect("it prunes");
    let unknown = Written::Unrefundable(Unrefundable::Unknown);
    assert_eq!(insert(&mut *journal, refund("r1", 1)), unknown);
}
