//! Parts of a finished payment that are given back: each once, together never more than was paid.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{JournalError, Kind, Reason};

use crate::world::{HOUR_MS, World, said};

/// A payment of 10 coins, done and acknowledged.
fn paid() -> World {
    let mut world = World::ready_v2();
    world.pay("b1");
    world.answer_code(0);
    let told = world.only();
    world.ack(told.delivery_id);
    world.sent.clear();
    world
}

#[test]
fn a_part_is_given_back_under_its_own_number() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    let sent: serde_json::Value = serde_json::from_str(&world.sent[0].1).expect("JSON");
    assert_eq!(world.calls(), ["cancelpay"]);
    assert_eq!(sent["pay_bill_no"], "b1");
    assert_eq!(sent["bill_no"], "r1");
    assert_eq!(sent["amount"], 4);
    world.answer_code(0);
    let told = world.only();
    assert_eq!(
        said(&told),
        (CompletionKind::CancelPay, Outcome::Done, Reason::None)
    );
    assert_eq!(
        (
            told.bill_no.as_str(),
            told.refund_bill_no.as_str(),
            told.amount
        ),
        ("b1", "r1", 4)
    );
    assert_eq!(told.payment, Some(Kind::Refund));
    assert_ne!(told.delivery_id, 0);
    assert_eq!(world.on_disk("b1").expect("journaled").refunded, 4);
}

#[test]
fn the_same_part_again_is_answered_and_not_sent_again() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    world.refund("b1", "r1", 4);
    world.answer_code(0);
    assert_eq!(world.next().outcome, Outcome::Done);
    assert_eq!(world.only().outcome, Outcome::Done);
    world.refund("b1", "r1", 4);
    assert_eq!(world.only().outcome, Outcome::Done);
    assert_eq!(world.calls(), ["cancelpay"]);
    world.refund("b1", "r1", 5);
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
}

#[test]
fn a_part_is_tried_with_its_number_until_its_own_answer() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    world.lose_answer();
    world.wind_until_out(HOUR_MS);
    world.answer_code(-1);
    let mut world = world.crash_and_reopen_v2(1_000);
    world.log_in();
    world.wind_until_out(HOUR_MS);
    let last = &world.sent.last().expect("sent").1;
    assert!(last.contains(r#""bill_no":"r1""#), "{last}");
    world.answer_code(90012);
    let told = world
        .told
        .iter()
        .find(|told| told.kind == Some(CompletionKind::Resolved))
        .expect("resolved");
    assert_eq!((told.outcome, told.amount), (Outcome::Done, 4));
}

#[test]
fn a_number_that_somebody_else_has_used_needs_review() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    world.answer_code(90012);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::CancelPay,
            Outcome::NeedsReview,
            Reason::Duplicate
        )
    );
}

#[test]
fn a_payment_that_wechat_does_not_know_needs_review() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    world.answer_code(90000);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::CancelPay,
            Outcome::NeedsReview,
            Reason::RefundUnknown
        )
    );
}

#[test]
fn more_than_is_left_is_refused_before_anything_is_sent() {
    let mut world = paid();
    world.refund("b1", "r1", 7);
    world.answer_code(0);
    world.next();
    world.refund("b1", "r2", 4);
    let told = world.only();
    assert_eq!(told.error, Some(ErrorKind::WrongState));
    assert!(told.errmsg.contains("3 coins"), "{}", told.errmsg);
    assert_eq!(world.calls(), ["cancelpay"]);
    assert_eq!(world.on_disk("r2"), None);
}

#[test]
fn two_parts_at_once_take_no_more_than_there_is() {
    let mut world = paid();
    world.refund("b1", "r1", 6);
    world.refund("b1", "r2", 6);
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    assert_eq!(world.calls(), ["cancelpay"]);
}

#[test]
fn a_refused_part_makes_room_for_another() {
    let mut world = paid();
    world.refund("b1", "r1", 7);
    world.answer_code(90018);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::CancelPay,
            Outcome::Rejected,
            Reason::Configuration
        )
    );
    world.refund("b1", "r2", 10);
    world.answer_code(0);
    assert_eq!(world.only().outcome, Outcome::Done);
}

#[test]
fn whole_and_parts_do_not_mix() {
    let mut world = paid();
    world.refund("b1", "r1", 1);
    world.cancel("b1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    world.answer_code(0);
    world.told.clear();
    world.cancel("b1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));

    let mut world = paid();
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.told.clear();
    world.refund("b1", "r1", 1);
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    assert_eq!(world.calls(), ["cancelpay"]);
}

#[test]
fn only_a_pay_that_is_done_and_acknowledged_is_given_back() {
    let mut world = World::ready_v2();
    world.refund("b1", "r1", 1);
    assert_eq!(world.only().error, Some(ErrorKind::NotFound));
    world.pay("b1");
    world.refund("b1", "r1", 1);
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    world.answer_code(0);
    world.told.clear();
    world.refund("b1", "r1", 1);
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_refund_cannot_be_cancelled_and_its_number_not_be_paid_with() {
    let mut world = paid();
    world.refund("b1", "r1", 1);
    world.cancel("r1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    world.pay("r1");
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
}

#[test]
fn a_part_that_the_journal_does_not_take_is_not_sent() {
    let mut world = paid();
    world
        .disk
        .fail_next(2, JournalError::not_written("the disk is full"));
    world.refund("b1", "r1", 1);
    world.wind(HOUR_MS);
    assert!(world.calls().is_empty());
    assert_eq!(world.on_disk("b1").expect("journaled").refunded, 0);
}

#[test]
fn the_whole_is_given_back_once_with_a_number_made_of_the_payments() {
    let mut world = paid();
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.answer_code(0);
    let told = world
        .told
        .iter()
        .find(|told| told.kind == Some(CompletionKind::Resolved))
        .expect("the answer follows the quiet time");
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::Rejected, Reason::Cancelled)
    );
}

/// Aim: the same number asks about the same refund, however late.
#[test]
fn a_known_part_is_answered_after_48_hours_and_a_new_one_refused() {
    let mut world = paid();
    world.refund("b1", "r1", 4);
    world.answer_code(0);
    let done = world.only();
    world.ack(done.delivery_id);
    world.wind(48 * HOUR_MS);
    world.told.clear();
    world.refund("b1", "r1", 4);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::CancelPay, Outcome::Done, Reason::None)
    );
    world.refund("b1", "r2", 4);
    let refused = world.only();
    assert_eq!(refused.error, Some(ErrorKind::WrongState));
    assert_eq!(refused.refund_bill_no, "r2");
    assert_eq!(world.calls(), ["cancelpay"]);
}

/// Aim: who was told *unknown* hears that the journal refused it.
#[test]
fn a_part_that_the_journal_refuses_late_is_resolved() {
    let mut world = paid();
    world.refund("b1", "r1", 8);
    world.answer_code(0);
    let done = world.only();
    world.ack(done.delivery_id);
    world.disk_hangs = true;
    world.refund("b1", "r2", 8);
    world.answer_held_and_hang();
    world.wind(40_000);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    world.disk_hangs = false;
    world.settle();
    let resolved = world.only();
    assert_eq!(resolved.kind, Some(CompletionKind::Resolved));
    assert_eq!(
        (resolved.error, resolved.refund_bill_no.as_str()),
        (Some(ErrorKind::WrongState), "r2")
    );
}
