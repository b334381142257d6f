//! cancel_pay: of a payment waiting, on its way, unknown, done, and the answers to it.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Reason, State};

use crate::world::{HOUR_MS, LATE_WINDOW_MS, World, said};

fn done_and_acked() -> World {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let told = world.only();
    world.ack(told.delivery_id);
    world
}

/// A cancel that is out.
fn cancelling() -> World {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.cancel("b1");
    assert_eq!(
        world.on_disk("b1").expect("journaled").state,
        State::Cancelling
    );
    world.wind_until_out(HOUR_MS);
    assert_eq!(world.calls(), ["pay", "cancelpay"]);
    world.told.clear();
    world
}

#[test]
fn a_payment_that_waits_for_a_session_is_cancelled_without_a_request() {
    let mut world = World::new();
    world.pay("b1");
    world.cancel("b1");
    world
        .told
        .retain(|told| told.kind != Some(CompletionKind::SessionNeeded));
    assert_eq!(
        said(&world.next()),
        (CompletionKind::Pay, Outcome::Rejected, Reason::Cancelled)
    );
    assert_eq!(
        said(&world.only()),
        (CompletionKind::CancelPay, Outcome::Done, Reason::Cancelled)
    );
    assert!(world.calls().is_empty());
}

#[test]
fn done_wins_when_the_pay_under_way_succeeds() {
    let mut world = World::ready();
    world.pay("b1");
    world.cancel("b1");
    world.answer_code(0);
    assert_eq!(
        said(&world.next()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(
        said(&world.only()),
        (CompletionKind::CancelPay, Outcome::Rejected, Reason::None)
    );
}

#[test]
fn every_answer_to_a_cancel_means_what_the_table_says() {
    for errcode in [0, 90015, 90000] {
        let mut world = cancelling();
        world.answer_code(errcode);
        assert_eq!(
            said(&world.only()),
            (
                CompletionKind::Resolved,
                Outcome::Rejected,
                Reason::Cancelled
            ),
            "{errcode}"
        );
    }
    let mut world = cancelling();
    world.answer_code(90014);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
    for errcode in [
        -1, 90016, 90012, 90013, 90011, 90017, 90018, 40101, 45009, 12345,
    ] {
        let mut world = cancelling();
        world.answer_code(errcode);
        assert!(world.told.is_empty(), "{errcode} decides nothing");
        world.wind_until_out(HOUR_MS);
        assert_eq!(
            world.calls(),
            ["pay", "cancelpay", "cancelpay"],
            "{errcode}: the same cancel again"
        );
        world.answer_code(90015);
        assert_eq!(world.only().outcome, Outcome::Rejected);
    }
}

#[test]
fn no_cancel_leaves_before_the_last_pay_can_have_arrived() {
    let mut world = World::ready();
    world.pay("b1");
    let not_after_ms = world.out[0].not_after_ms;
    world.lose_answer();
    world.cancel("b1");
    world.wind(not_after_ms + LATE_WINDOW_MS - 1 - world.now_ms);
    assert_eq!(world.calls(), ["pay"]);
    world.wind(1);
    assert_eq!(world.calls(), ["pay", "cancelpay"]);
}

#[test]
fn a_process_that_was_stopped_counts_the_quiet_time_from_when_it_learnt_of_the_outcome() {
    let mut world = World::ready();
    world.pay("b1");
    // Stopped between the last look at the clock and the write; the bytes leave when it wakes.
    world.wind(HOUR_MS);
    world.lose_answer();
    let learnt_at_ms = world.now_ms;
    world.cancel("b1");
    world.wind(LATE_WINDOW_MS - 1);
    assert_eq!(world.now_ms, learnt_at_ms + LATE_WINDOW_MS - 1);
    assert_eq!(world.calls(), ["pay"]);
    world.wind(1);
    assert_eq!(world.calls(), ["pay", "cancelpay"]);
}

#[test]
fn an_ack_of_the_answer_before_a_refund_is_no_ack_of_the_answer_after_it() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let paid = world.only().delivery_id;
    world.ack(paid);
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.told.clear();
    world.answer_code(0);
    let refunded = world.only().delivery_id;
    assert_ne!(refunded, paid);
    world.ack(paid);
    assert!(!world.on_disk("b1").expect("journaled").acked);
    world = world.crash_and_reopen(1000);
    assert_eq!(world.next().delivery_id, refunded);
    world.ack(refunded);
    assert!(world.on_disk("b1").expect("journaled").acked);
}

#[test]
fn a_finished_payment_is_given_back_only_after_its_ack() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    world.told.clear();
    world.cancel("b1");
    let told = world.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::None, Some(ErrorKind::WrongState))
    );
    let mut world = done_and_acked();
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.told.clear();
    world.answer_code(0);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Resolved,
            Outcome::Rejected,
            Reason::Cancelled
        )
    );
    assert!(world.on_disk("b1").expect("journaled").refund);
}

#[test]
fn a_refund_waits_only_for_pays_that_may_still_be_on_their_way() {
    let mut world = done_and_acked();
    world.wind(HOUR_MS);
    world.cancel("b1");
    assert_eq!(
        world.calls(),
        ["pay", "cancelpay"],
        "an hour later none can be"
    );
    let mut world = done_and_acked();
    world.cancel("b1");
    assert_eq!(world.calls(), ["pay"], "at once one can be");
}

#[test]
fn a_refund_of_an_order_wechat_does_not_know_needs_a_person() {
    let mut world = done_and_acked();
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.told.clear();
    world.answer_code(90000);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Resolved,
            Outcome::NeedsReview,
            Reason::RefundUnknown
        )
    );
}

#[test]
fn a_refund_is_refused_once_wechat_may_have_forgotten_the_number() {
    let mut world = done_and_acked();
    world.wind(47 * HOUR_MS);
    world.cancel("b1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_cancel_of_an_unknown_number_sends_nothing() {
    let mut world = World::ready();
    world.cancel("never-heard-of");
    let told = world.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::None, Some(ErrorKind::NotFound))
    );
    assert!(world.calls().is_empty());
}

#[test]
fn a_present_cannot_be_cancelled_and_says_so() {
    let mut world = World::ready();
    world.present("p1");
    world.cancel("p1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    world.answer_code(0);
    world.told.clear();
    world.cancel("p1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
}

#[test]
fn a_rejected_payment_is_cancelled_by_saying_so() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(90013);
    world.told.clear();
    world.cancel("b1");
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::CancelPay,
            Outcome::Done,
            Reason::BalanceTooLow
        )
    );
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn two_cancels_of_a_finished_payment_are_one_turn() {
    let mut world = done_and_acked();
    world.wind(HOUR_MS);
    world.disk_hangs = true;
    world.cancel("b1");
    world.cancel("b1");
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.calls(), ["pay", "cancelpay"], "one request");
    world.answer_code(0);
    let answers: Vec<Outcome> = world.told.iter().map(|told| told.outcome).collect();
    assert_eq!(answers, [Outcome::Done, Outcome::Done]);
}
