//! Final answers of servers that share a journal: one server delivers each until it is acknowledged, anywhere.

use wxgame::client::completion::{Completion, CompletionKind, FLAG_REDELIVERED, Outcome};
use wxgame::client::submission::{Ask, Input, Operator};
use wxgame::store::{State, Write};

use crate::cluster::{BEAT_MS, LEASE_MS, two, until_taken_over, wind};
use crate::world::World;

const MINUTE_MS: i64 = 60_000;

/// Two servers; the first has told its host of a payment, and nobody has acted on it.
fn told_and_not_acked() -> ([World; 2], u64) {
    let [mut owner, mut other] = two();
    owner.pay("b1");
    owner.answer_code(0);
    let delivery_id = owner.only().delivery_id;
    wind(&mut [&mut owner, &mut other], 1);
    ([owner, other], delivery_id)
}

fn redelivered(told: &Completion) -> bool {
    told.kind == Some(CompletionKind::Resolved) && told.flags == FLAG_REDELIVERED
}

#[test]
fn one_server_delivers_a_final_answer_until_it_is_acknowledged() {
    let ([mut owner, mut other], _) = told_and_not_acked();
    wind(&mut [&mut owner, &mut other], 3 * MINUTE_MS);
    assert_eq!(owner.told.len(), 3);
    assert!(owner.told.iter().all(redelivered));
    assert!(other.told.is_empty());
}

#[test]
fn an_ack_at_any_server_ends_the_deliveries() {
    let ([mut owner, mut other], delivery_id) = told_and_not_acked();
    other.ack(delivery_id);
    assert!(owner.on_disk("b1").expect("kept").acked);
    wind(&mut [&mut owner, &mut other], 10 * MINUTE_MS);
    assert!(owner.told.is_empty() && other.told.is_empty());
    assert_eq!(owner.engine.stats().unacked, 0);
}

#[test]
fn the_neighbour_delivers_after_a_death_and_after_a_close() {
    for closes in [false, true] {
        let ([mut owner, mut other], delivery_id) = told_and_not_acked();
        if closes {
            let until_ms = owner.now_ms;
            owner.handle(Input::Close { until_ms });
            drop(owner);
            wind(&mut [&mut other], BEAT_MS);
        } else {
            owner.kill();
            until_taken_over(&mut other);
        }
        let told = other.only();
        assert!(redelivered(&told));
        assert_eq!(
            (told.delivery_id, told.outcome),
            (delivery_id, Outcome::Done)
        );
        other.ack(delivery_id);
        wind(&mut [&mut other], 10 * MINUTE_MS);
        assert!(other.told.is_empty());
    }
}

#[test]
fn a_server_whose_deliveries_were_taken_over_delivers_them_no_more() {
    let ([mut owner, mut other], delivery_id) = told_and_not_acked();
    wind(&mut [&mut other], LEASE_MS + BEAT_MS);
    assert_eq!(other.told.len(), 1);
    owner.now_ms = other.now_ms;
    owner.handle(Input::Tick);
    wind(&mut [&mut owner, &mut other], 5 * MINUTE_MS);
    assert!(owner.told.is_empty(), "{:?}", owner.told);
    assert_eq!(other.told.len(), 6);
    owner.ack(delivery_id);
    other.told.clear();
    wind(&mut [&mut owner, &mut other], 5 * MINUTE_MS);
    assert!(other.told.is_empty() && owner.told.is_empty());
}

#[test]
fn an_answer_that_was_acked_elsewhere_before_its_server_died_is_not_delivered() {
    let ([owner, mut other], delivery_id) = told_and_not_acked();
    other.ack(delivery_id);
    owner.kill();
    wind(&mut [&mut other], 10 * MINUTE_MS);
    assert!(other.told.is_empty());
}

/// The decision of a person went in under the new name, and nothing but the answer to its write was lost on the way.
#[test]
fn a_decision_that_was_being_written_when_the_lease_was_lost_is_delivered_until_acknowledged() {
    let [mut one, mut other] = two();
    one.pay("b1");
    one.answer_code(90012);
    let review = one.only();
    assert_eq!(review.outcome, Outcome::NeedsReview);
    one.ack(review.delivery_id);
    wind(&mut [&mut other], LEASE_MS + BEAT_MS);
    one.now_ms = other.now_ms;
    one.disk_hangs = true;
    one.handle(Input::Tick);
    one.submit(
        Ask::Operator(Operator::Settle {
            bill_no: "b1".into(),
            done: true,
        }),
        9,
        30_000,
    );
    // The question for the record is answered while the news of the lost lease is still on its way.
    let at = one
        .held
        .iter()
        .position(|(_, write)| matches!(write, Write::Find(_)));
    let find = one.held.remove(at.expect("a question"));
    let beats = std::mem::replace(&mut one.held, vec![find]);
    one.answer_held_and_hang();
    one.held.splice(0..0, beats);
    one.disk_hangs = false;
    one.settle();
    assert_eq!(one.on_disk("b1").expect("kept").state, State::Done);
    wind(&mut [&mut one, &mut other], 5 * MINUTE_MS);
    let delivered: Vec<_> = one.told.iter().filter(|told| redelivered(told)).collect();
    assert!(delivered.len() >= 4, "{:?}", one.told);
}
