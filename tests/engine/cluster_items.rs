//! Item orders and pushes at servers that share a journal: paid is delivered once, wherever it is learnt.

use wxgame::client::completion::{Completion, CompletionKind, FLAG_REDELIVERED, Outcome, Verdict};
use wxgame::client::submission::Ask;
use wxgame::store::memory::Disk;
use wxgame::store::{Reason, State};

use crate::cluster::{BEAT_MS, LEASE_MS, server_with, until_taken_over, wake, wind};
use crate::items::order;
use crate::pushes::of_order;
use crate::world::{HOUR_MS, World, settings_v2};

const MINUTE_MS: i64 = 60_000;
const PAID: &str = r#"{"errcode":0,"pay_state":2,"deliver_state":1,"product_id":"sword"}"#;
const UNPAID: &str = r#"{"errcode":0,"pay_state":1,"deliver_state":1,"product_id":"sword"}"#;

fn two_v2() -> [World; 2] {
    let disk = Disk::new();
    [(); 2].map(|()| server_with(&disk, settings_v2()))
}

/// Two servers; the player has the strings of an order from the first.
fn ordered() -> [World; 2] {
    let [mut one, mut other] = two_v2();
    order(&mut one, "t1");
    one.told.clear();
    wind(&mut [&mut one, &mut other], 1);
    [one, other]
}

fn push(world: &mut World) -> Completion {
    world.submit(Ask::Push(Box::new(of_order("t1"))), 0, 30_000);
    let told = world.only();
    assert_eq!(told.kind, Some(CompletionKind::Push));
    told
}

fn verdict(told: &Completion) -> Verdict {
    let push = told.push.as_ref().expect("a push");
    push.verdict.expect("a verdict")
}

/// How often the goods are to be delivered by what the hosts were told, redeliveries of one answer counted once.
fn deliveries(servers: &[World]) -> usize {
    let told = servers.iter().flat_map(|server| &server.told);
    let told = told.filter(|told| told.outcome == Outcome::Done);
    let told = told.filter(|told| match told.kind {
        Some(CompletionKind::Push) => verdict(told) == Verdict::Deliver,
        Some(CompletionKind::Resolved) => told.flags != FLAG_REDELIVERED,
        _ => false,
    });
    told.count()
}

#[test]
fn a_push_at_another_server_than_the_one_that_ordered_is_delivered_there_and_nowhere_else() {
    let [mut one, mut other] = ordered();
    let told = push(&mut other);
    assert_eq!(verdict(&told), Verdict::Deliver);
    assert!(told.delivery_id > 0);
    // The first still believes that the player may pay, and asks.
    wind(&mut [&mut one, &mut other], MINUTE_MS + 1);
    assert_eq!(one.calls(), ["queryorderinfo"]);
    one.answer(PAID);
    other.ack(told.delivery_id);
    other.told.clear();
    wind(&mut [&mut one, &mut other], 10 * MINUTE_MS);
    assert!(one.told.is_empty() && other.told.is_empty());
    assert_eq!(verdict(&push(&mut one)), Verdict::AlreadyDelivered);
}

#[test]
fn paid_by_query_and_by_push_at_once_is_delivered_once() {
    for push_first in [true, false] {
        let [mut one, mut other] = ordered();
        wind(&mut [&mut one, &mut other], MINUTE_MS + 1);
        (one.disk_hangs, other.disk_hangs) = (true, true);
        one.answer(PAID);
        other.submit(Ask::Push(Box::new(of_order("t1"))), 0, 30_000);
        other.answer_held_and_hang();
        let servers = if push_first {
            [&mut other, &mut one]
        } else {
            [&mut one, &mut other]
        };
        for server in servers {
            server.disk_hangs = false;
            server.settle();
        }
        assert_eq!(deliveries(&[one, other]), 1);
    }
}

#[test]
fn written_off_at_one_and_paid_by_push_at_another_is_delivered_once() {
    let [mut one, mut other] = ordered();
    for _ in 0..30 {
        wind(&mut [&mut one, &mut other], HOUR_MS);
        while !one.out.is_empty() {
            one.give_token_if_asked();
            one.answer_dated(UNPAID, 0);
        }
        other.lose_answers();
    }
    assert!(one.told.iter().all(|told| told.reason == Reason::NotPaid));
    assert_eq!(one.on_disk("t1").expect("kept").state, State::Rejected);
    one.told.clear();
    let told = push(&mut other);
    assert_eq!(verdict(&told), Verdict::Deliver);
    wind(&mut [&mut one, &mut other], 5 * MINUTE_MS);
    let redelivered = one
        .told
        .iter()
        .any(|told| told.outcome == Outcome::Rejected);
    assert!(!redelivered, "what was replaced is delivered no more");
    other.told.push_back(told);
    assert_eq!(deliveries(&[one, other]), 1);
}

#[test]
fn written_off_while_a_push_comes_at_another_is_delivered_once() {
    for push_first in [true, false] {
        let [mut one, mut other] = ordered();
        for _ in 0..23 {
            wind(&mut [&mut one, &mut other], HOUR_MS);
            while !one.out.is_empty() {
                one.give_token_if_asked();
                one.answer_dated(UNPAID, 0);
            }
        }
        wind(&mut [&mut one, &mut other], HOUR_MS + MINUTE_MS);
        one.give_token_if_asked();
        (one.disk_hangs, other.disk_hangs) = (true, true);
        one.answer_dated(UNPAID, 0);
        other.submit(Ask::Push(Box::new(of_order("t1"))), 0, 30_000);
        other.answer_held_and_hang();
        let servers = if push_first {
            [&mut other, &mut one]
        } else {
            [&mut one, &mut other]
        };
        for server in servers {
            server.disk_hangs = false;
            server.settle();
        }
        assert_eq!(one.on_disk("t1").expect("kept").state, State::Done);
        assert_eq!(deliveries(&[one, other]), 1);
    }
}

#[test]
fn a_push_repeated_at_another_server_is_not_delivered_there_too() {
    let [mut one, mut other] = two_v2();
    // Nobody here ordered it.
    let first = push(&mut one);
    assert_eq!(verdict(&first), Verdict::Deliver);
    assert_eq!(verdict(&push(&mut other)), Verdict::AlreadyDelivered);
    assert_eq!(verdict(&push(&mut one)), Verdict::AlreadyDelivered);
    wind(&mut [&mut one, &mut other], 2 * MINUTE_MS);
    assert_eq!((one.told.len(), other.told.len()), (2, 0));
    other.ack(first.delivery_id);
    one.told.clear();
    wind(&mut [&mut one, &mut other], 2 * MINUTE_MS);
    assert!(one.told.is_empty());
}

#[test]
fn a_push_at_two_servers_at_once_is_delivered_once() {
    let mut servers = ordered();
    for server in &mut servers {
        server.disk_hangs = true;
        server.submit(Ask::Push(Box::new(of_order("t1"))), 0, 30_000);
    }
    servers[1].answer_held_and_hang();
    for server in &mut servers {
        server.disk_hangs = false;
        server.settle();
    }
    assert_eq!(deliveries(&servers), 1);
}

#[test]
fn a_pushed_item_whose_server_died_untold_is_delivered_by_the_next() {
    let [mut one, mut other] = ordered();
    push(&mut one);
    one.kill();
    assert_eq!(verdict(&push(&mut other)), Verdict::AlreadyDelivered);
    until_taken_over(&mut other);
    let told = other.only();
    assert_eq!(
        (told.outcome, told.flags),
        (Outcome::Done, FLAG_REDELIVERED)
    );
}

#[test]
fn an_order_of_a_dead_server_goes_on_being_watched() {
    let [one, mut other] = ordered();
    one.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    wind(&mut [&mut other], BEAT_MS + MINUTE_MS);
    assert_eq!(other.calls(), ["queryorderinfo"]);
    other.answer(PAID);
    assert_eq!(other.only().outcome, Outcome::Done);
}

#[test]
fn the_same_order_at_another_server_gives_the_same_strings() {
    let [mut one, mut other] = two_v2();
    order(&mut one, "t1");
    order(&mut other, "t1");
    let (first, second) = (one.only(), other.only());
    assert_eq!(first.strings, second.strings);
    assert_eq!(second.outcome, Outcome::AwaitingPayment);
    // Both watch it, and one tells.
    wind(&mut [&mut one, &mut other], MINUTE_MS + 1);
    one.answer(PAID);
    other.answer(PAID);
    assert_eq!(deliveries(&[one, other]), 1);
}

#[test]
fn a_server_that_lost_its_lease_leaves_its_orders_to_who_took_them() {
    let [mut one, mut other] = ordered();
    wind(&mut [&mut other], LEASE_MS + BEAT_MS);
    wake(&mut one, other.now_ms);
    wind(&mut [&mut one, &mut other], 2 * MINUTE_MS);
    assert!(one.calls().is_empty());
    assert_eq!(other.calls(), ["queryorderinfo"]);
    other.answer(PAID);
    assert_eq!(deliveries(&[one, other]), 1);
}
