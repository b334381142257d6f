//! The process dies and comes back on the same disk.

use wxgame::client::completion::{CompletionKind, FLAG_REDELIVERED, Outcome};
use wxgame::store::{Reason, State};

use crate::world::{HOUR_MS, LATE_WINDOW_MS, TIMEOUT_MS, World, said};

#[test]
fn a_payment_on_its_way_when_the_process_dies_is_resolved_after_it() {
    let mut world = World::ready();
    world.pay("b1");
    let mut world = world.crash_and_reopen_ready(1_000);
    world.answer_code(90012);
    let told = world.only();
    assert_eq!(
        (said(&told), told.user_tag),
        ((CompletionKind::Resolved, Outcome::Done, Reason::None), 1)
    );
}

#[test]
fn asking_again_for_an_open_payment_attaches_to_it() {
    let mut world = World::ready();
    world.pay("b1");
    let mut world = world.crash_and_reopen_ready(1_000);
    world.pay("b1");
    assert_eq!(world.out.len(), 1, "no second request");
    world.answer_code(90012);
    assert_eq!(
        said(&world.next()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(
        world.only().kind,
        Some(CompletionKind::Resolved),
        "the earlier process's submission is answered too"
    );
}

#[test]
fn a_final_answer_comes_again_after_every_restart_until_it_is_acknowledged() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    let first = world.only();
    let mut world = world.crash_and_reopen(1_000);
    let again = world.only();
    assert_eq!(
        said(&again),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
    assert_eq!(
        (again.flags & FLAG_REDELIVERED, again.delivery_id),
        (FLAG_REDELIVERED, first.delivery_id)
    );
    let mut world = world.crash_and_reopen(1_000);
    let delivery_id = world.only().delivery_id;
    world.ack(delivery_id);
    let world = world.crash_and_reopen(1_000);
    assert!(world.told.is_empty());
}

#[test]
fn no_more_than_256_old_answers_are_outstanding_at_once() {
    let mut world = World::ready();
    for n in 0..300 {
        world.pay(&format!("b{n}"));
        world.answer_code(0);
    }
    let mut world = world.crash_and_reopen(1_000);
    assert_eq!(world.told.len(), 256);
    let delivery_id = world.next().delivery_id;
    world.ack(delivery_id);
    assert_eq!(world.told.len(), 256, "an ack makes room for the next");
}

#[test]
fn a_turn_to_cancel_survives_and_waits_its_quiet_time_anew() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.cancel("b1");
    let mut world = world.crash_and_reopen_ready(1_000);
    world.wind(TIMEOUT_MS + LATE_WINDOW_MS - 1);
    assert!(
        world
            .calls()
            .iter()
            .all(|call| *call != "cancelpay" && *call != "pay")
    );
    world.wind(1);
    assert_eq!(world.calls().last(), Some(&"cancelpay"));
    world.answer_code(0);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Resolved,
            Outcome::Rejected,
            Reason::Cancelled
        )
    );
}

#[test]
fn an_open_payment_found_after_47_hours_is_not_sent_again() {
    let mut world = World::ready();
    world.pay("b1");
    let mut world = world.crash_and_reopen(47 * HOUR_MS);
    assert!(
        world.told.is_empty(),
        "not before WeChat's clock has been seen"
    );
    world.give_token_dated(0);
    let told = world.only();
    assert_eq!(
        said(&told),
        (
            CompletionKind::Resolved,
            Outcome::NeedsReview,
            Reason::Expired
        )
    );
    assert!(world.calls().is_empty());
}

#[test]
fn a_clock_that_is_ahead_puts_nothing_in_review_once_two_answers_agree_that_it_is() {
    let mut world = World::ready();
    world.pay("b1");
    let mut world = world.crash_and_reopen(47 * HOUR_MS);
    world.log_in();
    world.give_token_dated(-47 * HOUR_MS);
    assert!(
        world.told.is_empty() && world.calls().is_empty(),
        "one answer is not enough"
    );
    world.wind(10_000);
    world.give_token_dated(-47 * HOUR_MS);
    assert_eq!(
        world.calls(),
        ["pay"],
        "a minute old, as WeChat's clock has it"
    );
    world.answer_code(90012);
    assert_eq!(world.only().outcome, Outcome::Done);
}

#[test]
fn a_machine_that_slept_for_two_days_sends_nothing_more() {
    let mut world = World::ready();
    world.present("p1");
    world.lose_answer();
    world.sleep(48 * HOUR_MS);
    assert_eq!(world.next().outcome, Outcome::Unknown);
    assert!(
        world.told.is_empty(),
        "not before WeChat's clock has been seen"
    );
    world.give_token_dated(0);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Resolved,
            Outcome::NeedsReview,
            Reason::Expired
        )
    );
    assert_eq!(world.calls(), ["present"]);
}

#[test]
fn a_clock_that_was_set_back_makes_no_payment_younger() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(-1);
    world.wind(46 * HOUR_MS);
    world.pay("later");
    world.lose_answers();
    let mut world = world.crash_and_reopen(-46 * HOUR_MS);
    world.log_in();
    world.give_token_dated(0);
    for _ in 0..20 {
        world.wind(HOUR_MS / 10);
        world.lose_answers();
    }
    let review: Vec<_> = world
        .told
        .iter()
        .filter(|told| told.outcome == Outcome::NeedsReview)
        .collect();
    assert!(review.iter().all(|told| told.bill_no == "b1") && !review.is_empty());
}

#[test]
fn a_known_number_with_the_same_parameters_gets_the_same_answer_without_a_request() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(90013);
    world.told.clear();
    let mut world = world.crash_and_reopen_ready(1_000);
    world.told.clear();
    world.pay("b1");
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Pay,
            Outcome::Rejected,
            Reason::BalanceTooLow
        )
    );
    assert!(!world.calls().contains(&"pay"));
}

#[test]
fn a_known_number_with_other_parameters_is_a_conflict_whether_open_or_closed() {
    use wxgame::client::submission::Ask;
    use wxgame::error::Kind as ErrorKind;
    use wxgame::store::Kind;
    for closed in [false, true] {
        let mut world = World::ready();
        world.pay("b1");
        if closed {
            world.answer_code(0);
        }
        world.told.clear();
        let mut record = world.record(Kind::Pay, "b1");
        record.amount = 11;
        world.submit(
            Ask::Payment {
                record: Box::new(record),
                sent_before: false,
            },
            5,
            30_000,
        );
        let told = world.only();
        assert_eq!(
            (told.outcome, told.error, told.user_tag),
            (Outcome::None, Some(ErrorKind::BillNoConflict), 5)
        );
        assert!(told.errmsg.contains("amount"));
        assert_eq!(world.calls(), ["pay"]);
    }
}

#[test]
fn the_disk_says_sending_before_the_first_byte_and_final_before_the_host_hears_of_it() {
    let mut world = World::ready();
    world.disk_hangs = true;
    world.pay("b1");
    assert!(world.out.is_empty(), "nothing is sent that is not on disk");
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.out.len(), 1);
    world.disk_hangs = true;
    world.answer_code(0);
    assert!(
        world.told.is_empty(),
        "nothing is shown that is not on disk"
    );
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.only().outcome, Outcome::Done);
    assert_eq!(world.on_disk("b1").expect("journaled").state, State::Done);
}
