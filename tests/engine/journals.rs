//! A journal that fails or hangs: nothing is sent, nothing is lost, nothing is said too early.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{JournalError, Reason, State};

use crate::world::{World, said};

#[test]
fn a_full_disk_before_the_first_send_means_not_sent_and_says_why() {
    let mut world = World::ready();
    world.full_disk(1);
    world.pay("b1");
    let told = world.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Pay, Outcome::NotSent, Reason::Journal)
    );
    assert_eq!(told.error, Some(ErrorKind::Journal));
    assert!(world.calls().is_empty() && world.on_disk("b1").is_none());
}

#[test]
fn a_failed_first_write_of_a_known_number_gives_the_known_answer() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    world.told.clear();
    world.full_disk(1);
    world.pay("b1");
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
}

#[test]
fn a_journal_that_can_neither_be_written_nor_read_gives_no_answer_but_unknown_until_it_can() {
    let mut world = World::ready();
    world.full_disk(1_000);
    world.pay("b1");
    assert!(world.told.is_empty() && world.calls().is_empty());
    world.wind(31_000);
    let told = world.only();
    assert_eq!(told.outcome, Outcome::Unknown);
    assert_eq!(told.errmsg, "the disk is full");
    world.wind(3_600_000);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::NotSent, Reason::Journal)
    );
    assert!(world.calls().is_empty());
}

#[test]
fn a_journal_that_can_be_read_again_in_time_lets_the_payment_go_on_or_says_not_sent() {
    let mut world = World::ready();
    world.full_disk(3);
    world.pay("b1");
    world.wind(5_000);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::NotSent, Reason::Journal)
    );
}

#[test]
fn an_outcome_that_cannot_be_written_is_shown_when_it_can() {
    let mut world = World::ready();
    world.pay("b1");
    world.full_disk(3);
    world.answer_code(0);
    assert!(world.told.is_empty());
    world.wind(10_000);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(world.calls(), ["pay"], "nothing is sent again for it");
}

#[test]
fn a_payment_in_doubt_goes_on_while_the_disk_is_full() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.full_disk(1_000_000);
    world.wind_until_out(2_000);
    assert_eq!(world.calls(), ["pay", "pay"]);
}

#[test]
fn a_turn_that_cannot_be_written_sends_neither_pay_nor_cancel() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.full_disk(1_000_000);
    world.cancel("b1");
    world.wind(3_600_000);
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_first_write_that_may_have_reached_the_disk_is_neither_sent_nor_denied_until_it_is_certain() {
    for stored in [false, true] {
        let mut world = World::ready();
        let failure = JournalError {
            maybe_written: true,
            ..JournalError::not_written("I/O error")
        };
        if stored {
            world.disk.fail_next_but_store(1, failure);
        } else {
            world.disk.fail_next(1, failure);
        }
        world.pay("b1");
        assert!(world.told.is_empty() && world.calls().is_empty());
        world.wind_until_out(2_000);
        assert_eq!(
            world
                .on_disk("b1")
                .expect("written before it is sent")
                .state,
            State::Sending
        );
        world.answer_code(0);
        assert_eq!(world.only().outcome, Outcome::Done);
    }
}

#[test]
fn a_disk_that_hangs_past_the_deadline_makes_the_answer_unknown_not_wrong() {
    let mut world = World::ready();
    world.disk_hangs = true;
    world.pay("b1");
    world.wind(40_000);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    world.disk_hangs = false;
    world.settle();
    assert!(
        world.calls().is_empty(),
        "nobody is charged after the deadline"
    );
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::NotSent, Reason::Deadline)
    );
}

#[test]
fn an_outcome_that_cannot_be_written_past_the_deadline_is_tried_again_without_haste() {
    let mut world = World::ready();
    world.pay("b1");
    world.full_disk(1_000_000);
    world.answer_code(0);
    let before = world.disk.commits();
    world.wind(3_600_000);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    assert_eq!(world.disk.commits(), before);
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_cancel_that_could_not_be_written_is_told_as_not_sent() {
    let mut world = World::new();
    world.pay("b1");
    world.full_disk(1);
    world.cancel("b1");
    let told: Vec<_> = world
        .told
        .iter()
        .filter(|told| told.kind == Some(CompletionKind::Pay))
        .collect();
    assert_eq!(
        (told.len(), told[0].outcome, told[0].reason),
        (1, Outcome::NotSent, Reason::Journal)
    );
}

#[test]
fn a_cancel_after_a_write_that_may_be_on_the_disk_is_on_the_disk_before_it_is_told() {
    let mut world = World::ready();
    let failure = JournalError {
        maybe_written: true,
        ..JournalError::not_written("I/O error")
    };
    world.disk.fail_next_but_store(1, failure);
    world.pay("b1");
    world.cancel("b1");
    assert_eq!(world.next().outcome, Outcome::Rejected);
    assert_eq!(
        world.on_disk("b1").expect("journaled").state,
        State::Rejected
    );
}

#[test]
fn a_finished_payment_is_not_taken_for_a_new_one_after_a_write_that_failed() {
    let mut world = World::ready();
    world.present("p1");
    world.answer_code(0);
    world.told.clear();
    let failure = JournalError {
        maybe_written: true,
        ..JournalError::not_written("I/O error")
    };
    world.disk.fail_next(1, failure);
    world.present("p1");
    world.wind(5_000);
    assert_eq!(world.only().outcome, Outcome::Done);
    assert_eq!(world.calls(), ["present"]);
}
