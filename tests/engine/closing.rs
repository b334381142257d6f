//! Closing: every submission completes, and no more is said than is certain.

use wxgame::client::completion::{CompletionKind, FLAG_SHUTDOWN, Outcome};
use wxgame::client::submission::Input;
use wxgame::store::Reason;

use crate::world::{World, said};

fn close(world: &mut World, timeout_ms: i64) {
    let until_ms = world.now_ms + timeout_ms;
    world.handle(Input::Close { until_ms });
}

#[test]
fn what_waits_without_a_trace_is_not_sent_and_what_is_out_may_finish() {
    let mut world = World::ready();
    world.pay("b1");
    let mut record = world.record(wxgame::store::Kind::Pay, "b2");
    record.openid = "o2".into();
    world.submit(
        wxgame::client::submission::Ask::Payment {
            record: Box::new(record),
            sent_before: false,
        },
        2,
        30_000,
    );
    world.told.clear();
    close(&mut world, 5_000);
    let told = world.only();
    assert_eq!(
        (told.outcome, told.flags, told.user_tag),
        (Outcome::NotSent, FLAG_SHUTDOWN, 2)
    );
    assert!(!world.engine.is_closed());
    world.answer_code(0);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert!(world.engine.is_closed());
}

#[test]
fn what_is_still_out_at_the_time_out_is_unknown() {
    let mut world = World::ready();
    (0..64).for_each(|n| world.pay(&format!("b{n}")));
    close(&mut world, 5_000);
    world.wind(5_000);
    assert!(world.engine.is_closed());
    world.engine.abandon();
    world.settle();
    assert_eq!(world.told.len(), 64);
    assert!(
        world
            .told
            .iter()
            .all(|told| told.outcome == Outcome::Unknown && told.flags == FLAG_SHUTDOWN)
    );
}

#[test]
fn an_unknown_payment_is_not_retried_while_closing_and_goes_on_after_the_next_open() {
    let mut world = World::ready();
    world.pay("b1");
    close(&mut world, 60_000);
    world.lose_answer();
    let told = world.only();
    assert_eq!(
        (told.outcome, told.flags),
        (Outcome::Unknown, FLAG_SHUTDOWN)
    );
    assert!(world.engine.is_closed());
    let mut world = world.crash_and_reopen_ready(1_000);
    world.answer_code(90012);
    assert_eq!(world.only().outcome, Outcome::Done);
}

#[test]
fn a_payment_whose_first_write_is_under_way_is_unknown() {
    let mut world = World::ready();
    world.disk_hangs = true;
    world.pay("b1");
    close(&mut world, 1_000);
    world.wind(1_000);
    world.engine.abandon();
    world.settle();
    assert_eq!(world.only().outcome, Outcome::Unknown);
}

#[test]
fn nothing_new_is_sent_while_closing() {
    let mut world = World::ready();
    world.pay("b1");
    world.not_sent();
    world.submit_balance("o1");
    world.lose_answer();
    close(&mut world, 60_000);
    let calls = world.calls().len();
    world.log_in();
    world.wind(30_000);
    assert_eq!(world.calls().len(), calls);
    assert_eq!(world.told.len(), 2, "both are answered");
}

#[test]
fn a_close_does_not_wait_for_what_was_only_being_looked_up() {
    let mut world = World::new();
    world.disk_hangs = true;
    world.pay("b1");
    close(&mut world, 60_000);
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.only().outcome, Outcome::NotSent);
    world.handle(Input::Tick);
    assert!(world.engine.is_closed());
}
