//! Servers that share one journal: what a dead one leaves is taken over, and ends as it would have ended there.

use wxgame::client::completion::{CompletionKind, FLAG_REDELIVERED, Outcome};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::flow::RESEND_LIMIT_MS;
use wxgame::client::submission::Input;
use wxgame::store::memory::Disk;
use wxgame::store::{Reason, State};

use crate::world::{HOUR_MS, LATE_WINDOW_MS, TIMEOUT_MS, WALL_MS, World, said, settings};

pub const LEASE_MS: i64 = 15_000;
/// A server looks for what others have left this often.
pub const BEAT_MS: i64 = LEASE_MS / 3;

/// A server with a token that knows player o1.
pub fn server(disk: &Disk) -> World {
    server_with(disk, settings())
}

pub fn server_with(disk: &Disk, settings: Settings) -> World {
    World::server(disk, settings, LEASE_MS, 0).made_ready()
}

/// Two of them.
pub fn two() -> [World; 2] {
    let disk = Disk::new();
    [server(&disk), server(&disk)]
}

/// Winds the clock of these servers and of the leases. One that is not named stands still.
pub fn wind(servers: &mut [&mut World], ms: i64) {
    let end_ms = servers[0].now_ms + ms;
    while servers[0].now_ms < end_ms {
        let now_ms = servers[0].now_ms;
        let timers = servers.iter().filter_map(|one| one.engine.next_timer_ms());
        let next_ms = timers.min().unwrap_or(end_ms).clamp(now_ms + 1, end_ms);
        servers[0].disk.advance(next_ms - now_ms);
        for one in servers.iter_mut() {
            one.wind(next_ms - now_ms);
        }
    }
}

/// A server that stood still goes on, now.
pub fn wake(server: &mut World, now_ms: i64) {
    server.now_ms = now_ms;
    server.handle(Input::Tick);
}

/// Until the lease of a server that is heard no more is over, and another has looked.
pub fn until_taken_over(server: &mut World) {
    wind(&mut [server], LEASE_MS + BEAT_MS);
}

#[test]
fn a_dead_servers_payment_is_taken_over_after_its_lease_and_not_before() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    assert_eq!(dead.calls(), ["pay"]);
    dead.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    assert!(other.calls().is_empty());
    wind(&mut [&mut other], BEAT_MS);
    assert_eq!(other.calls(), ["pay"]);
    other.answer_code(90012);
    let told = other.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
    assert_eq!(other.engine.stats().taken_over, 1);
}

#[test]
fn what_is_taken_over_is_rejected_through_the_cancel_where_coins_are_missing() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    dead.kill();
    until_taken_over(&mut other);
    other.answer_code(90013);
    assert!(
        other.told.is_empty(),
        "the first attempt may yet be executed"
    );
    wind(&mut [&mut other], TIMEOUT_MS + LATE_WINDOW_MS);
    assert_eq!(other.calls(), ["pay", "cancelpay"]);
    other.answer_code(90015);
    let told = other.only();
    assert_eq!(said(&told).1, Outcome::Rejected);
    assert_eq!(told.reason, Reason::BalanceTooLow);
}

#[test]
fn what_is_taken_over_is_cancelled_after_timeout_and_late_window_and_not_before() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    dead.lose_answer();
    dead.cancel("b1");
    assert_eq!(dead.on_disk("b1").expect("kept").state, State::Cancelling);
    dead.kill();
    let mut taken_ms = 0;
    while other.engine.stats().taken_over == 0 {
        wind(&mut [&mut other], 1);
        taken_ms = other.now_ms;
    }
    wind(&mut [&mut other], TIMEOUT_MS + LATE_WINDOW_MS - 1);
    assert!(other.calls().is_empty(), "taken over at {taken_ms}");
    wind(&mut [&mut other], 1);
    assert_eq!(other.calls(), ["cancelpay"]);
    other.answer_code(0);
    assert_eq!(said(&other.only()).1, Outcome::Rejected);
}

#[test]
fn what_is_taken_over_is_as_old_as_its_first_send_and_goes_to_review_at_47_hours() {
    let [mut dead, mut other] = two();
    dead.present("b1");
    dead.kill();
    let mut last_sent_ms = 0;
    while other.now_ms < RESEND_LIMIT_MS + HOUR_MS && other.told.is_empty() {
        wind(&mut [&mut other], 60_000);
        if !other.out.is_empty() {
            last_sent_ms = other.now_ms;
            other.answer_dated(r#"{"errcode":-1}"#, 0);
        }
    }
    let told = other.only();
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::NeedsReview, Reason::Expired)
    );
    let ended_ms = other.on_disk("b1").expect("kept").updated_at_ms - WALL_MS;
    assert_eq!(ended_ms, RESEND_LIMIT_MS);
    assert!((RESEND_LIMIT_MS - HOUR_MS..=RESEND_LIMIT_MS + 60_000).contains(&last_sent_ms));
}

#[test]
fn a_final_answer_that_a_dead_server_left_is_delivered_by_another() {
    let [mut dead, mut other] = two();
    dead.pay("b1");
    dead.answer_code(0);
    let delivery_id = dead.only().delivery_id;
    dead.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    assert!(other.told.is_empty());
    wind(&mut [&mut other], BEAT_MS);
    let told = other.only();
    assert_eq!(
        (told.outcome, told.delivery_id),
        (Outcome::Done, delivery_id)
    );
    assert_eq!(told.flags, FLAG_REDELIVERED);
}

#[test]
fn a_clean_close_hands_over_with_the_next_heartbeat() {
    let [mut closed, mut other] = two();
    closed.pay("b1");
    closed.lose_answer();
    let until_ms = closed.now_ms;
    closed.handle(Input::Close { until_ms });
    drop(closed);
    wind(&mut [&mut other], BEAT_MS);
    assert_eq!(other.calls(), ["pay"]);
}

#[test]
fn what_is_taken_over_is_held_where_recoveries_are() {
    let disk = Disk::new();
    let mut dead = server(&disk);
    let holding = Settings {
        operations: Operations {
            hold: true,
            ..Operations::default()
        },
        ..settings()
    };
    let mut other = server_with(&disk, holding);
    dead.pay("b1");
    dead.kill();
    until_taken_over(&mut other);
    wind(&mut [&mut other], HOUR_MS);
    assert!(other.calls().is_empty() && other.told.is_empty());
    assert_eq!(other.engine.stats().open_held, 1);
}

/// Three servers, of which two find the dead one's lease over at the same moment.
#[test]
fn one_of_many_takes_a_payment_over() {
    let disk = Disk::new();
    let [mut dead, mut second, mut third] = [(); 3].map(|()| server(&disk));
    for n in 0..5 {
        dead.pay(&format!("b{n}"));
    }
    dead.kill();
    wind(&mut [&mut second, &mut third], LEASE_MS + BEAT_MS);
    assert_eq!(second.calls().len() + third.calls().len(), 5);
}

/// A number is forgotten after 48 hours: a clock that is behind must not make it younger.
#[test]
fn what_is_taken_over_is_as_old_as_by_its_own_servers_clock() {
    let [mut dead, mut other] = two();
    other.slept_ms = -2 * HOUR_MS;
    dead.present("b1");
    wind(&mut [&mut dead, &mut other], 46 * HOUR_MS);
    dead.kill();
    let mut last_sent_ms = 0;
    while other.now_ms < RESEND_LIMIT_MS + 3 * HOUR_MS {
        wind(&mut [&mut other], 60_000);
        other.give_token_if_asked();
        if !other.out.is_empty() {
            last_sent_ms = other.now_ms;
            other.answer_dated(r#"{"errcode":-1}"#, 2 * HOUR_MS);
        }
    }
    assert!(last_sent_ms > 46 * HOUR_MS, "it was taken over");
    assert!(last_sent_ms <= RESEND_LIMIT_MS, "{last_sent_ms}");
}

/// A record that nobody has, as after an import: the heartbeat that takes it decides who drives it.
#[test]
fn what_nobody_has_yet_is_not_sent_by_whoever_is_asked_for_it() {
    let [mut one, mut other] = two();
    let mut alone = World::with(settings(), one.disk.clone(), 0).made_ready();
    alone.pay("b1");
    one.pay("b1");
    other.pay("b1");
    assert_eq!(one.calls().len() + other.calls().len(), 0);
    wind(&mut [&mut one, &mut other], BEAT_MS);
    assert_eq!(one.calls().len() + other.calls().len(), 1);
}
