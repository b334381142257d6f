//! A final answer comes again until it is acknowledged; retries keep to their rate.

use wxgame::client::completion::{CompletionKind, FLAG_REDELIVERED, Outcome};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::submission::Ask;
use wxgame::store::{Kind, Reason};

use crate::world::{HOUR_MS, World, said, settings};

#[test]
fn an_answer_that_is_not_acknowledged_comes_again_after_a_minute_with_all_its_data() {
    let mut world = World::ready();
    let mut record = world.record(Kind::Pay, "b1");
    record.host_data = b"order \0 7".to_vec();
    world.submit(
        Ask::Payment {
            record: Box::new(record),
            sent_before: false,
        },
        1,
        30_000,
    );
    world.answer_code(0);
    let first = world.only();
    for _ in 0..3 {
        world.wind(59_999);
        assert!(world.told.is_empty());
        world.wind(1);
        let again = world.only();
        assert_eq!(
            said(&again),
            (CompletionKind::Resolved, Outcome::Done, Reason::None)
        );
        assert_eq!(
            (again.flags, again.delivery_id, again.user_tag),
            (FLAG_REDELIVERED, first.delivery_id, 1)
        );
        assert_eq!(
            (
                again.host_data.as_slice(),
                again.amount,
                again.zone_id.as_str()
            ),
            (b"order \0 7".as_slice(), 10, "1")
        );
    }
    world.ack(first.delivery_id);
    world.wind(3_600_000);
    assert!(world.told.is_empty());
}

#[test]
fn an_acknowledgement_that_the_disk_lost_is_asked_for_again() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let delivery_id = world.only().delivery_id;
    world.full_disk(1);
    world.ack(delivery_id);
    let mut world = world.crash_and_reopen(1_000);
    assert_eq!(world.only().delivery_id, delivery_id);
}

#[test]
fn no_more_than_256_answers_are_outstanding_again() {
    let mut world = World::ready();
    for n in 0..300 {
        world.pay(&format!("b{n}"));
        world.answer_code(0);
    }
    world.told.clear();
    world.wind(60_000);
    assert_eq!(world.told.len(), 256);
    world.wind(60_000);
    assert_eq!(world.told.len(), 512, "the same 256 again");
    let acked: Vec<u64> = world.told.drain(..).map(|told| told.delivery_id).collect();
    acked.into_iter().for_each(|id| world.ack(id));
    world.wind(60_000);
    assert_eq!(world.told.len(), 44, "then the rest");
}

#[test]
fn unknown_and_repeated_acknowledgements_do_nothing() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let delivery_id = world.only().delivery_id;
    for id in [99_999, delivery_id, delivery_id] {
        world.ack(id);
    }
    world.wind(120_000);
    assert!(world.told.is_empty());
}

#[test]
fn redelivery_can_be_left_to_the_next_open() {
    let operations = Operations {
        redeliver_after_ms: -1,
        ..Operations::default()
    };
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let mut world = world.crash_and_reopen_with(
        Settings {
            operations,
            ..settings()
        },
        0,
    );
    world.only();
    world.wind(3_600_000);
    assert!(world.told.is_empty());
}

#[test]
fn all_retries_together_keep_to_their_rate_and_new_payments_go_first() {
    let operations = Operations {
        retry_per_s: 10,
        ..Operations::default()
    };
    let mut world = World::ready();
    (0..100).for_each(|n| world.pay(&format!("b{n}")));
    let mut world = world.crash_and_reopen_with(
        Settings {
            operations,
            ..settings()
        },
        1_000,
    );
    world.log_in();
    world.give_token();
    world.wind(5_000);
    let retries = world.calls().len();
    assert!(
        (45..=55).contains(&retries),
        "10 a second: {retries} in 5 s"
    );
    world.pay("new");
    assert!(
        world
            .sent
            .last()
            .expect("sent")
            .1
            .contains(r#""bill_no":"new""#),
        "at once"
    );
    world.wind(10_000);
    assert!(
        world.calls().len() <= 106,
        "each payment once, for nothing was answered"
    );
}

#[test]
fn an_answer_that_was_replaced_while_it_waited_to_be_delivered_is_not_delivered() {
    let mut world = World::ready();
    for n in 0..300 {
        world.pay(&format!("b{n}"));
        world.answer_code(0);
    }
    let last = world.told.back().expect("paid").delivery_id;
    let mut world = world.crash_and_reopen_ready(1_000);
    assert_eq!(world.told.len(), 256, "the rest waits for acks");
    let first: Vec<u64> = world.told.drain(..).map(|told| told.delivery_id).collect();
    // The host has kept the id of the last one, and gives that payment back.
    world.ack(last);
    world.cancel("b299");
    world.wind_until_out(HOUR_MS);
    world.told.clear();
    world.answer_code(0);
    let refunded = world
        .told
        .drain(..)
        .find(|told| told.bill_no == "b299")
        .expect("resolved");
    assert_eq!(refunded.outcome, Outcome::Rejected);
    world.ack(refunded.delivery_id);
    first.into_iter().for_each(|id| world.ack(id));
    let late: Vec<_> = world
        .told
        .iter()
        .map(|told| told.bill_no.as_str())
        .collect();
    assert_eq!(late.len(), 43, "{late:?}");
    assert!(!late.contains(&"b299"));
}
