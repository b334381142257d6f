//! Histories that once broke a promise, step by step, as the simulation found them.

use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::store::{Generation, Kind};

use crate::choice::Chooser;
use crate::explore::{follow, report, sent};
use crate::scenario::{Bounds, Scenario};
use crate::steps::{Fault, Step};
use crate::wechat::HOUR_MS;

use Step::{Ack, Answer, Cancel, Commit, Crash, Fail, Float, Land, Late, Leap, Submit};

/// Plays one history and lets it end calmly.
fn keeps_its_promises(kind: Kind, sleeps: bool, steps: &[Step]) {
    let bounds = Bounds {
        fates: 2,
        crashes: 2,
        cancels: 2,
        refunds: 2,
        leaps: 1,
        faults: 2,
        repeats: 2,
        ..Bounds::default()
    };
    let scenario = Scenario {
        free: true,
        sleeps,
        ..Scenario::bounded("one history", Generation::V1, &[kind], 1, bounds)
    };
    if let Some(finding) = follow(&scenario, steps) {
        report(&scenario, &finding);
    }
}

/// Submitted, looked up, a token fetched, written, and out.
const OUT: [Step; 4] = [Submit(0), Commit, Answer(0), Commit];
/// And answered, written, told and acknowledged.
const DONE: [Step; 4] = [Answer(0), Commit, Ack, Commit];
/// A part: its payment looked up, itself written, out, answered, written and told.
const PART_DONE: [Step; 5] = [Submit(1), Commit, Commit, Answer(0), Commit];

#[test]
fn two_refunds_asked_for_at_once_are_one() {
    let steps = [&OUT[..], &DONE, &[Cancel(0), Cancel(0)]].concat();
    keeps_its_promises(Kind::Pay, false, &steps);
}

#[test]
fn a_known_answer_that_came_too_late_for_its_submission_is_told_all_the_same() {
    let done = [Answer(0), Commit, Crash(0)];
    let late = [Submit(0), Leap(RESEND_LIMIT_MS), Land, Commit];
    keeps_its_promises(Kind::Pay, false, &[&OUT[..], &done, &late].concat());
}

#[test]
fn an_unknown_told_while_the_journal_hung_is_resolved_though_the_journal_fails() {
    let steps = [
        Submit(0),
        Leap(RESEND_LIMIT_MS),
        Land,
        Fail(Fault::NotWritten),
    ];
    keeps_its_promises(Kind::Pay, false, &steps);
}

#[test]
fn a_payment_cancelled_after_a_write_that_may_be_on_the_disk_is_cancelled_on_the_disk_too() {
    let steps = [&OUT[..3], &[Fail(Fault::Stored), Cancel(0), Commit]].concat();
    keeps_its_promises(Kind::Pay, false, &steps);
}

#[test]
fn a_finished_payment_is_not_taken_for_a_new_one_after_a_write_that_failed() {
    let again = [Answer(0), Commit, Submit(0), Fail(Fault::Stored), Ack];
    keeps_its_promises(Kind::Present, false, &[&OUT[..], &again].concat());
}

#[test]
fn a_cancel_that_could_not_be_written_is_not_told_as_if_it_were() {
    let steps = [
        Submit(0),
        Cancel(0),
        Commit,
        Fail(Fault::NotWritten),
        Commit,
    ];
    keeps_its_promises(Kind::Pay, false, &steps);
}

/// The same, of a payment that is done and acknowledged and of one part of it.
fn keeps_its_promises_about_a_part(part: i64, steps: &[Step]) {
    let bounds = Bounds {
        leaps: 2,
        repeats: 2,
        ..Bounds::default()
    };
    let orders = [Kind::Pay, Kind::Refund];
    let scenario = Scenario {
        free: true,
        part,
        paid_ago_ms: Some(0),
        ..Scenario::bounded("one history", Generation::V2, &orders, 1, bounds)
    };
    if let Some(finding) = follow(&scenario, steps) {
        report(&scenario, &finding);
    }
}

#[test]
fn a_known_part_is_answered_while_its_finished_payment_is_asked_about() {
    let steps = [&PART_DONE[..], &[Submit(0), Submit(1)]].concat();
    keeps_its_promises_about_a_part(5, &steps);
}

#[test]
fn a_known_part_is_answered_after_47_hours_too() {
    let late = [Leap(RESEND_LIMIT_MS), Land, Submit(1)];
    keeps_its_promises_about_a_part(5, &[&PART_DONE[..], &late].concat());
}

#[test]
fn a_part_that_is_refused_after_it_was_told_as_unknown_is_resolved() {
    let longer = Leap(48 * HOUR_MS + 1_000);
    let hangs = [Leap(RESEND_LIMIT_MS), Land, longer, Land];
    let steps = [&[Submit(1), Commit][..], &hangs, &[Commit]].concat();
    keeps_its_promises_about_a_part(11, &steps);
}

/// What a seed or a list of choices led to once, it must lead to again: so the order in which payments go on may
/// not hang on a hash.
#[test]
fn the_same_inputs_lead_to_the_same_history() {
    let bounds = Bounds {
        fates: 9,
        crashes: 3,
        ..Bounds::default()
    };
    let scenario = Scenario {
        free: true,
        ..Scenario::bounded(
            "the same again",
            Generation::V1,
            &[Kind::Present; 8],
            1,
            bounds,
        )
    };
    for seed in 0..20 {
        let [first, second] = [0; 2].map(|_| sent(&scenario, &mut Chooser::seeded(seed)));
        assert_eq!(first, second, "seed {seed}");
    }
}

#[test]
fn a_machine_that_slept_for_two_days_sends_nothing_more() {
    let slept = [Float(0), Leap(48 * HOUR_MS + 1_000), Late(0), Land];
    keeps_its_promises(Kind::Present, true, &[&OUT[..], &slept].concat());
}
