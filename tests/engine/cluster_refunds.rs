//! Money that is to be given back, asked of two servers at once: never more than was paid.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::State;
use wxgame::store::memory::Disk;

use crate::cluster::{server, server_with, two, until_taken_over, wind};
use crate::world::{LATE_WINDOW_MS, TIMEOUT_MS, World, settings_v2};

/// Two servers of a payment of 10 coins that is done and acknowledged.
fn paid(mut servers: [World; 2]) -> [World; 2] {
    servers[0].pay("b1");
    servers[0].answer_code(0);
    let delivery_id = servers[0].only().delivery_id;
    servers[1].ack(delivery_id);
    servers.iter_mut().for_each(|server| server.sent.clear());
    servers
}

fn two_v2() -> [World; 2] {
    let disk = Disk::new();
    [(); 2].map(|()| server_with(&disk, settings_v2()))
}

/// Both servers do this before the journal answers either of them.
fn at_once(servers: &mut [World; 2], first: impl Fn(&mut World), second: impl Fn(&mut World)) {
    let [one, other] = servers;
    (one.disk_hangs, other.disk_hangs) = (true, true);
    first(one);
    second(other);
    // Each finds the payment as it stood before.
    one.answer_held_and_hang();
    other.answer_held_and_hang();
    (one.disk_hangs, other.disk_hangs) = (false, false);
    one.settle();
    other.settle();
}

#[test]
fn a_whole_refund_asked_of_two_servers_at_once_is_one() {
    for servers in [two(), two_v2()] {
        let mut servers = paid(servers);
        at_once(
            &mut servers,
            |one| one.cancel("b1"),
            |other| other.cancel("b1"),
        );
        let [mut one, mut other] = servers;
        wind(&mut [&mut one, &mut other], TIMEOUT_MS + LATE_WINDOW_MS);
        assert_eq!(one.calls(), ["cancelpay"]);
        one.answer_code(0);
        wind(&mut [&mut one, &mut other], 1_000);
        assert!(other.calls().is_empty());
        assert_eq!(one.on_disk("b1").expect("kept").state, State::Rejected);
        for told in [one.told, other.told] {
            let last = told.back().expect("both are told");
            assert_eq!(
                last.outcome,
                if last.kind == Some(CompletionKind::Resolved) {
                    Outcome::Rejected
                } else {
                    Outcome::Done
                }
            );
        }
    }
}

#[test]
fn a_whole_refund_that_its_server_left_is_taken_over_under_the_same_number() {
    let [mut one, mut other] = paid(two_v2());
    one.cancel("b1");
    wind(&mut [&mut one, &mut other], TIMEOUT_MS + LATE_WINDOW_MS);
    let sent = one.sent.pop().expect("it is out").1;
    one.kill();
    until_taken_over(&mut other);
    wind(&mut [&mut other], TIMEOUT_MS + LATE_WINDOW_MS);
    let again = other.sent.pop().expect("it is out again").1;
    let number = |body: &str| {
        let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
        (body["bill_no"].clone(), body["pay_bill_no"].clone())
    };
    assert_eq!(number(&sent), number(&again));
    other.answer_code(90012);
    assert_eq!(other.on_disk("b1").expect("kept").state, State::Rejected);
}

#[test]
fn the_whole_and_a_part_asked_of_two_servers_at_once_are_not_both_given_back() {
    for part_first in [true, false] {
        let mut servers = paid(two_v2());
        if part_first {
            at_once(
                &mut servers,
                |one| one.refund("b1", "r1", 5),
                |other| other.cancel("b1"),
            );
        } else {
            at_once(
                &mut servers,
                |one| one.cancel("b1"),
                |other| other.refund("b1", "r1", 5),
            );
        }
        let [mut one, mut other] = servers;
        wind(&mut [&mut one, &mut other], TIMEOUT_MS + LATE_WINDOW_MS);
        assert_eq!(one.calls(), ["cancelpay"]);
        assert!(other.calls().is_empty());
        assert!(!other.told.is_empty());
        assert!(other.told.iter().all(|told| told.outcome != Outcome::Done));
        one.answer_code(0);
        wind(&mut [&mut one, &mut other], 60_000);
        assert!(other.calls().is_empty());
    }
}

#[test]
fn parts_asked_of_two_servers_at_once_never_give_back_more_than_was_paid() {
    let mut servers = paid(two_v2());
    at_once(
        &mut servers,
        |one| one.refund("b1", "r1", 6),
        |other| other.refund("b1", "r2", 6),
    );
    let [mut one, mut other] = servers;
    assert_eq!((one.calls().len(), other.calls().len()), (1, 0));
    assert_eq!(other.only().error, Some(ErrorKind::WrongState));
    other.refund("b1", "r3", 4);
    assert_eq!(other.calls(), ["cancelpay"]);
    other.refund("b1", "r4", 1);
    assert_eq!(other.only().error, Some(ErrorKind::WrongState));
    one.answer_code(0);
    other.answer_code(0);
    assert_eq!(one.on_disk("b1").expect("kept").refunded, 10);
}

#[test]
fn the_same_part_asked_of_two_servers_is_one() {
    let mut servers = paid(two_v2());
    at_once(
        &mut servers,
        |one| one.refund("b1", "r1", 5),
        |other| other.refund("b1", "r1", 5),
    );
    let [mut one, mut other] = servers;
    assert_eq!((one.calls().len(), other.calls().len()), (1, 0));
    one.answer_code(0);
    wind(&mut [&mut one, &mut other], 1_000);
    assert_eq!(
        (one.only().outcome, other.only().outcome),
        (Outcome::Done, Outcome::Done)
    );
    assert_eq!(one.on_disk("b1").expect("kept").refunded, 5);
}

#[test]
fn a_part_that_its_server_left_is_taken_over_and_frees_what_it_held_only_by_its_end() {
    let [mut one, mut other] = paid(two_v2());
    one.refund("b1", "r1", 6);
    one.kill();
    other.refund("b1", "r2", 6);
    assert_eq!(other.only().error, Some(ErrorKind::WrongState));
    until_taken_over(&mut other);
    assert_eq!(other.calls(), ["cancelpay"]);
    other.answer_code(90012);
    assert_eq!(other.on_disk("r1").expect("kept").state, State::Done);
    let mut third = server(&other.disk);
    assert_eq!(third.on_disk("b1").expect("kept").refunded, 6);
    third.told.clear();
}
