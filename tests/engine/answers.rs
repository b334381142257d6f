//! Each cell of the table: an answer to pay or present, with no other attempt open and with one.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::store::{Reason, State};

use crate::world::{HOUR_MS, PATIENCE_MS, World, said};

/// A pay of which one attempt is open and a second is out.
fn with_one_open() -> World {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.wind_until_out(2_000);
    assert_eq!(world.calls(), ["pay", "pay"]);
    world
}

#[test]
fn a_pay_that_is_answered_with_0_is_done_after_two_commits() {
    let mut world = World::ready();
    let before = world.disk.commits();
    world.pay("b1");
    world.answer(r#"{"errcode":0,"balance":90,"used_gen_amt":3,"bill_no":"b1"}"#);
    let told = world.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(
        (
            told.account.balance,
            told.account.used_gen_amt,
            told.user_tag,
            told.amount
        ),
        (Some(90), Some(3), 1, 10)
    );
    assert_ne!(told.delivery_id, 0);
    assert_eq!(world.disk.commits() - before, 2);
}

#[test]
fn every_first_answer_means_what_the_table_says() {
    let cells = [
        (0, Outcome::Done, Reason::None),
        (90012, Outcome::NeedsReview, Reason::Duplicate),
        (90013, Outcome::Rejected, Reason::BalanceTooLow),
        (90011, Outcome::Rejected, Reason::Configuration),
        (90017, Outcome::Rejected, Reason::Configuration),
        (90018, Outcome::Rejected, Reason::Configuration),
        (40101, Outcome::Rejected, Reason::Configuration),
    ];
    for (errcode, outcome, reason) in cells {
        let mut world = World::ready();
        world.pay("b1");
        world.answer_code(errcode);
        assert_eq!(
            said(&world.only()),
            (CompletionKind::Pay, outcome, reason),
            "{errcode}"
        );
        assert!(world.on_disk("b1").expect("journaled").state.is_final());
        world.wind(48 * HOUR_MS);
        assert_eq!(world.calls(), ["pay"], "final is final");
    }
}

#[test]
fn every_answer_with_another_attempt_open_means_what_the_table_says() {
    let final_cells = [(0, Outcome::Done), (90012, Outcome::Done)];
    for (errcode, outcome) in final_cells {
        let mut world = with_one_open();
        world.answer_code(errcode);
        assert_eq!(world.only().outcome, outcome, "{errcode}");
    }
    for errcode in [
        -1, 90011, 90017, 90018, 40101, 45009, 45011, 90000, 90014, 90016, 12345,
    ] {
        let mut world = with_one_open();
        world.answer_code(errcode);
        world.wind(40_000);
        assert_eq!(
            world.next().outcome,
            Outcome::Unknown,
            "{errcode} decides nothing while an attempt is open"
        );
        world.wind_until_out(500_000);
        world.answer_code(0);
        assert_eq!(
            said(&world.only()),
            (CompletionKind::Resolved, Outcome::Done, Reason::None),
            "{errcode}"
        );
    }
}

#[test]
fn too_few_coins_with_an_attempt_open_turns_to_cancel_after_the_quiet_time() {
    let mut world = with_one_open();
    world.answer_code(90013);
    assert_eq!(
        world.on_disk("b1").expect("journaled").state,
        State::Cancelling
    );
    world.wind(60_000);
    assert_eq!(world.next().outcome, Outcome::Unknown);
    world.wind(500_000);
    assert_eq!(
        world.calls(),
        ["pay", "pay"],
        "no cancel before the late window is over"
    );
    world.wind_until_out(HOUR_MS);
    assert_eq!(world.calls(), ["pay", "pay", "cancelpay"]);
    world.answer_code(90000);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::Resolved,
            Outcome::Rejected,
            Reason::BalanceTooLow
        )
    );
}

#[test]
fn an_answer_that_is_no_answer_leaves_the_payment_unknown() {
    let bodies = [
        "",
        "<html>",
        "{}",
        r#"{"errcode":"0"}"#,
        r#"{"errcode":0,"bill_no":"other"}"#,
        r#"{"errcode":-1}"#,
    ];
    for body in bodies {
        let mut world = World::ready();
        world.pay("b1");
        world.answer(body);
        world.wind_until_out(2_000);
        assert_eq!(world.calls(), ["pay", "pay"], "{body}");
        world.answer_code(90012);
        assert_eq!(
            said(&world.only()),
            (CompletionKind::Pay, Outcome::Done, Reason::None),
            "{body}"
        );
    }
}

#[test]
fn a_retry_keeps_everything_but_time_and_signatures() {
    let world = with_one_open();
    let parts = |body: &str| {
        let value: serde_json::Value = serde_json::from_str(body).expect("JSON");
        let mut object = value.as_object().expect("an object").clone();
        for changing in ["ts", "sig", "mp_sig"] {
            object.remove(changing).expect("it is there");
        }
        object
    };
    assert_eq!(parts(&world.sent[0].1), parts(&world.sent[1].1));
}

#[test]
fn a_payment_that_is_not_sent_is_tried_again_until_its_deadline() {
    let mut world = World::ready();
    world.pay("b1");
    while world.now_ms < 29_000 {
        if !world.out.is_empty() {
            world.not_sent();
        }
        world.wind(500);
    }
    if !world.out.is_empty() {
        world.not_sent();
    }
    world.wind(2_000);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::NotSent, Reason::Network)
    );
    assert_eq!(world.on_disk("b1").expect("sealed").state, State::NotSent);
    assert!(world.calls().len() > 3);
}

#[test]
fn nothing_is_sent_after_47_hours_and_a_person_must_look() {
    let mut world = World::ready();
    world.present("p1");
    for _ in 0..2_000 {
        world.lose_answers();
        world.wind(100_000);
    }
    assert!(world.now_ms > 48 * HOUR_MS);
    assert_eq!(world.next().outcome, Outcome::Unknown);
    assert_eq!(
        said(&world.next()),
        (
            CompletionKind::Resolved,
            Outcome::NeedsReview,
            Reason::Expired
        )
    );
    assert_eq!(
        world.on_disk("p1").expect("journaled").state,
        State::NeedsReview
    );
}

#[test]
fn an_unknown_pay_is_retried_for_its_patience_and_then_cancelled() {
    let mut world = World::ready();
    world.pay("b1");
    while world.now_ms < PATIENCE_MS - 60_000 {
        world.lose_answers();
        world.wind(10_000);
    }
    assert!(!world.calls().contains(&"cancelpay"));
    while !world.calls().contains(&"cancelpay") {
        world.lose_answers();
        world.wind(10_000);
    }
    let last_pay = world
        .calls()
        .iter()
        .rposition(|call| *call == "pay")
        .expect("there were pays");
    let first_cancel = world
        .calls()
        .iter()
        .position(|call| *call == "cancelpay")
        .expect("there is a cancel");
    assert!(last_pay < first_cancel, "no pay after a cancel");
    world.answer_code(0);
    assert_eq!(world.next().outcome, Outcome::Unknown);
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
fn a_present_is_never_cancelled() {
    let mut world = World::ready();
    world.present("p1");
    for _ in 0..500 {
        world.lose_answers();
        world.wind(60_000);
    }
    assert!(world.calls().iter().all(|call| *call == "present"));
    world.wind_until_out(HOUR_MS);
    world.answer_code(90012);
    assert_eq!(world.next().outcome, Outcome::Unknown);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
}

#[test]
fn an_answer_that_comes_after_the_deadline_resolves_what_was_called_unknown() {
    let mut world = World::ready();
    world.pay("b1");
    world.wind(31_000);
    let told = world.only();
    assert_eq!((said(&told).1, told.delivery_id), (Outcome::Unknown, 0));
    world.answer_code(0);
    let told = world.only();
    assert_eq!(
        (said(&told), told.user_tag),
        ((CompletionKind::Resolved, Outcome::Done, Reason::None), 1)
    );
}
