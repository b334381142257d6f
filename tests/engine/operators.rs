//! An operator asks, decides and releases; a restored journal is held; a number may have been sent before.

use wxgame::client::completion::{CompletionKind, FLAG_SEALED, Outcome, WaitingFor};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::submission::{Ask, Input, Operator};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Kind, Reason, State};

use crate::world::{HOUR_MS, World, resume, said, settings, settle};

const DAY_MS: i64 = 24 * HOUR_MS;

fn payment(bill_no: &str) -> Operator {
    Operator::Payment {
        bill_no: bill_no.into(),
    }
}

fn holding() -> Settings {
    Settings {
        operations: Operations {
            hold: true,
            ..Operations::default()
        },
        ..settings()
    }
}

/// A journal with one payment that was out when the process died, opened on hold.
fn held() -> World {
    let mut world = World::ready();
    world.pay("b1");
    world.crash_and_reopen_with(holding(), 1_000)
}

#[test]
fn a_payment_is_looked_up_wherever_it_stands() {
    let mut world = World::ready();
    let told = world.operate(payment("b1"));
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::None, Some(ErrorKind::NotFound))
    );
    world.pay("b1");
    let told = world.operate(payment("b1"));
    assert_eq!(
        (told.kind, told.outcome, told.waiting_for),
        (
            Some(CompletionKind::Payment),
            Outcome::Unknown,
            WaitingFor::Answer
        )
    );
    assert!(told.first_sent_at_ms > 0 && told.record_id > 0);
    world.answer_code(0);
    world.told.clear();
    let told = world.operate(payment("b1"));
    assert_eq!(
        (told.outcome, told.waiting_for, told.user_tag),
        (Outcome::Done, WaitingFor::Nothing, 9)
    );
}

#[test]
fn what_is_unresolved_is_listed_in_pages_with_what_it_waits_for() {
    let mut world = World::ready();
    (0..5).for_each(|n| world.pay(&format!("b{n}")));
    world.answer_call("pay", r#"{"errcode":0,"balance":1}"#);
    world.answer_call("pay", r#"{"errcode":90012}"#);
    world.answer_call("pay", r#"{"errcode":-1}"#);
    world.told.clear();
    let page = world
        .operate(Operator::Unresolved {
            after_id: 0,
            most: 2,
        })
        .page;
    let numbers = |page: &[wxgame::client::completion::Completion]| {
        page.iter()
            .map(|told| (told.bill_no.clone(), told.outcome, told.waiting_for))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        numbers(&page),
        [
            ("b1".into(), Outcome::NeedsReview, WaitingFor::Nothing),
            ("b2".into(), Outcome::Unknown, WaitingFor::BackOff)
        ]
    );
    let after_id = page[1].record_id;
    let page = world
        .operate(Operator::Unresolved { after_id, most: 10 })
        .page;
    assert_eq!(
        numbers(&page),
        [
            ("b3".into(), Outcome::Unknown, WaitingFor::Answer),
            ("b4".into(), Outcome::Unknown, WaitingFor::Answer)
        ]
    );
}

#[test]
fn payments_that_wait_before_their_first_write_are_listed_behind_those_of_the_journal() {
    let mut world = World::ready();
    world.pay("stored");
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    (0..3).for_each(|n| world.pay(&format!("parked{n}")));
    world.told.clear();
    let (mut after_id, mut listed) = (0, Vec::new());
    loop {
        let page = world
            .operate(Operator::Unresolved { after_id, most: 2 })
            .page;
        let Some(last) = page.last() else { break };
        after_id = last.record_id;
        listed.extend(
            page.iter()
                .map(|told| (told.bill_no.clone(), told.waiting_for)),
        );
    }
    let mut expected = vec![("stored".to_owned(), WaitingFor::Answer)];
    expected.extend((0..3).map(|n| (format!("parked{n}"), WaitingFor::Session)));
    assert_eq!(listed, expected);
}

#[test]
fn a_decision_that_could_not_be_written_is_not_told() {
    let mut world = held();
    world.full_disk(10);
    world.submit(Ask::Operator(settle("b1", true)), 9, 30_000);
    let told = world.operate(payment("b1"));
    assert_eq!(
        (told.outcome, told.delivery_id, told.waiting_for),
        (Outcome::Unknown, 0, WaitingFor::Journal)
    );
}

#[test]
fn what_needs_review_is_settled_once_by_a_person_and_delivered() {
    for (done, outcome) in [(true, Outcome::Done), (false, Outcome::Rejected)] {
        let mut world = World::ready();
        world.pay("b1");
        world.answer_code(90012);
        world.told.clear();
        world.submit(Ask::Operator(settle("b1", done)), 9, 30_000);
        assert_eq!(
            said(&world.next()),
            (CompletionKind::Settle, outcome, Reason::Settled)
        );
        let told = world.only();
        assert_eq!(
            said(&told),
            (CompletionKind::Resolved, outcome, Reason::Settled)
        );
        let settled = world.on_disk("b1").expect("journaled");
        assert_eq!(settled.delivery_id(), told.delivery_id);
        let again = world.operate(settle("b1", !done));
        assert_eq!(
            (again.outcome, again.error),
            (Outcome::None, Some(ErrorKind::WrongState))
        );
        assert_eq!(world.calls(), ["pay"]);
    }
}

#[test]
fn nothing_that_goes_on_by_itself_or_is_closed_can_be_settled() {
    let mut world = World::ready();
    world.pay("b1");
    assert_eq!(
        world.operate(settle("b1", true)).error,
        Some(ErrorKind::WrongState)
    );
    world.answer_code(90013);
    world.told.clear();
    assert_eq!(
        world.operate(settle("b1", true)).error,
        Some(ErrorKind::WrongState)
    );
    assert_eq!(
        world.operate(settle("b2", true)).error,
        Some(ErrorKind::NotFound)
    );
}

#[test]
fn a_held_payment_is_listed_and_not_sent_until_it_is_resumed() {
    let mut world = held();
    world.log_in();
    world.wind(HOUR_MS);
    assert!(world.sent.is_empty() && world.told.is_empty());
    let page = world
        .operate(Operator::Unresolved {
            after_id: 0,
            most: 10,
        })
        .page;
    assert_eq!(page[0].waiting_for, WaitingFor::Operator);
    let told = world.operate(resume("b1"));
    assert_eq!(
        (told.kind, told.error),
        (Some(CompletionKind::Resume), None)
    );
    world.wind_until_out(HOUR_MS);
    // An hour is more than its patience: it turns to cancel.
    assert_eq!(world.calls(), ["cancelpay"]);
    world.answer_code(90015);
    assert_eq!(world.only().outcome, Outcome::Rejected);
    assert_eq!(
        world.operate(resume("b1")).error,
        Some(ErrorKind::WrongState)
    );
}

#[test]
fn a_held_payment_can_be_settled_without_a_request() {
    let mut world = held();
    world.submit(Ask::Operator(settle("b1", true)), 9, 30_000);
    assert_eq!(
        said(&world.next()),
        (CompletionKind::Settle, Outcome::Done, Reason::Settled)
    );
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::Settled)
    );
    assert!(world.calls().is_empty());
}

#[test]
fn new_payments_are_not_held() {
    let mut world = held();
    world.log_in();
    world.pay("b2");
    world.give_token();
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_number_that_may_have_been_sent_before_takes_90012_for_done() {
    let mut world = World::ready();
    let record = Box::new(world.record(Kind::Pay, "b1"));
    world.submit(
        Ask::Payment {
            record,
            sent_before: true,
        },
        1,
        30_000,
    );
    world.answer_code(90012);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
}

#[test]
fn a_number_that_may_have_been_sent_before_is_on_disk_before_anything_is_waited_for() {
    let mut world = World::new();
    let record = Box::new(world.record(Kind::Pay, "b1"));
    world.submit(
        Ask::Payment {
            record,
            sent_before: true,
        },
        1,
        30_000,
    );
    assert_eq!(world.on_disk("b1").expect("at once").state, State::Sending);
    world.wind(31_000);
    world
        .told
        .retain(|told| told.kind == Some(CompletionKind::Pay));
    assert_eq!(
        world.only().outcome,
        Outcome::Unknown,
        "never rejected: it may have been sent"
    );
}

#[test]
fn a_retired_number_gives_its_end_and_nothing_else() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(90013);
    let delivery_id = world.only().delivery_id;
    world.ack(delivery_id);
    world.wind(91 * DAY_MS);
    let mut world = world.crash_and_reopen_ready(0);
    world.pay("b1");
    let told = world.only();
    assert_eq!(
        (said(&told).1, told.reason, told.flags),
        (Outcome::Rejected, Reason::BalanceTooLow, FLAG_SEALED)
    );
    let mut record = world.record(Kind::Pay, "b1");
    record.amount = 11;
    world.submit(
        Ask::Payment {
            record: Box::new(record),
            sent_before: false,
        },
        1,
        30_000,
    );
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
    let told = world.operate(payment("b1"));
    assert_eq!((told.outcome, told.flags), (Outcome::Rejected, FLAG_SEALED));
    world.cancel("b1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
    assert!(!world.calls().contains(&"pay"));
}

#[test]
fn what_is_not_acknowledged_is_never_retired() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(0);
    world.wind(91 * DAY_MS);
    assert_eq!(world.on_disk("b1").expect("kept").state, State::Done);
}

#[test]
fn two_decisions_on_one_payment_are_not_both_taken() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(90012);
    world.told.clear();
    world.disk_hangs = true;
    world.submit(Ask::Operator(settle("b1", true)), 9, 30_000);
    world.submit(Ask::Operator(settle("b1", false)), 10, 30_000);
    world.disk_hangs = false;
    world.settle();
    let decided: Vec<_> = world
        .told
        .iter()
        .map(|told| (told.user_tag, told.outcome, told.error))
        .collect();
    assert!(
        decided.contains(&(10, Outcome::None, Some(ErrorKind::WrongState))),
        "{decided:?}"
    );
    assert_eq!(world.on_disk("b1").expect("journaled").state, State::Done);
}

#[test]
fn needs_review_counts_what_needs_one_and_nothing_else() {
    let mut world = World::ready();
    world.pay("held");
    let mut world = world.crash_and_reopen_with(holding(), 1_000);
    world.log_in();
    world.pay("review");
    world.give_token();
    world.answer_code(90012);
    assert_eq!(world.engine.stats().needs_review, 1);
    world.told.clear();
    world.submit(Ask::Operator(settle("held", true)), 9, 30_000);
    assert_eq!(world.engine.stats().needs_review, 1);
    world.submit(Ask::Operator(settle("review", true)), 9, 30_000);
    assert_eq!(world.engine.stats().needs_review, 0);
}
