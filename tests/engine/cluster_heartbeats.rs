//! Heartbeats: what they bring reaches the engine, however they fail, page by page.

use wxgame::client::submission::Input;
use wxgame::store::{JournalError, State, Write};

use crate::cluster::{BEAT_MS, LEASE_MS, server, two, until_taken_over, wind};
use crate::world::World;

fn lost() -> JournalError {
    JournalError {
        maybe_written: true,
        ..JournalError::not_written("the connection was lost")
    }
}

#[test]
fn a_heartbeat_that_fails_is_repeated() {
    let mut one = server(&Default::default());
    one.full_disk(1);
    wind(&mut [&mut one], BEAT_MS);
    one.pay("b1");
    wind(&mut [&mut one], LEASE_MS - 1);
    one.lose_answer();
    wind(&mut [&mut one], BEAT_MS);
    assert_eq!(one.calls(), ["pay", "pay"], "the lease was kept");
    assert!(one.logs.iter().any(|line| line.contains("no heartbeat")));
}

/// What a heartbeat took over is this server's on the disk, though the answer was lost.
#[test]
fn what_a_heartbeat_took_over_is_driven_though_its_answer_was_lost() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    dead.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    other.disk.fail_next_but_store(1, lost());
    wind(&mut [&mut other], 4 * LEASE_MS);
    assert_eq!(other.calls(), ["pay"]);
}

#[test]
fn a_full_page_is_followed_at_once_by_the_next() {
    let [mut dead, mut other] = two();
    for n in 0..600 {
        dead.pay(&format!("b{n}"));
    }
    dead.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    let before = other.engine.stats().taken_over;
    wind(&mut [&mut other], 1);
    assert_eq!((before, other.engine.stats().taken_over), (0, 600));
}

fn closing_with_something_out(world: &mut World) {
    world.submit_balance("o1");
    let until_ms = world.now_ms + 10 * LEASE_MS;
    world.handle(Input::Close { until_ms });
}

#[test]
fn a_client_that_is_closing_takes_nothing_over_and_keeps_its_lease() {
    let [mut dead, mut closing] = two();
    let mut third = server(&dead.disk);
    dead.pay("b1");
    dead.kill();
    closing.pay("b2");
    closing_with_something_out(&mut closing);
    wind(&mut [&mut closing], 3 * LEASE_MS);
    assert_eq!(closing.calls(), ["pay", "getbalance"]);
    assert_eq!(closing.engine.stats().taken_over, 0);
    third.now_ms = closing.now_ms;
    third.handle(Input::Tick);
    wind(&mut [&mut third, &mut closing], LEASE_MS);
    assert_eq!(
        third.calls(),
        ["pay"],
        "the dead one's, not the closing one's"
    );
    closing.answer_call("pay", r#"{"errcode":0,"balance":1}"#);
    assert_eq!(closing.on_disk("b2").expect("kept").state, State::Done);
}

#[test]
fn there_is_one_heartbeat_at_a_time() {
    let mut one = server(&Default::default());
    one.disk_hangs = true;
    wind(&mut [&mut one], 4 * LEASE_MS);
    let beats = one.held.iter();
    let beats = beats.filter(|(_, write)| matches!(write, Write::Heartbeat { .. }));
    assert_eq!(beats.count(), 1);
}

#[test]
fn what_was_taken_over_once_is_not_handed_out_twice_for_a_name_that_changed() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    dead.answer_code(0);
    dead.kill();
    until_taken_over(&mut other);
    assert_eq!(other.told.len(), 1);
    // Its lease is over in turn, and it is the first to notice.
    other.now_ms += 2 * LEASE_MS;
    other.disk.advance(2 * LEASE_MS);
    drop(server(&other.disk));
    other.handle(Input::Tick);
    wind(&mut [&mut other], BEAT_MS);
    let again: Vec<_> = other.told.iter().map(|told| told.delivery_id).collect();
    assert!(again.len() <= 2, "{again:?}");
    // And from then on it comes again once a minute, not twice.
    let before = other.told.len();
    wind(&mut [&mut other], 10 * 60_000);
    assert!(other.told.len() - before <= 10, "{}", other.told.len());
}
