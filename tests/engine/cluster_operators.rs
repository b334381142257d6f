//! An operator at one of several servers: sees what all of them have, and decides nothing of what another drives.

use wxgame::client::completion::{CompletionKind, Outcome, WaitingFor};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::submission::{Ask, Operator};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::memory::Disk;
use wxgame::store::{Reason, State};

use crate::cluster::{server, server_with, two, until_taken_over, wind};
use crate::world::{World, resume, said, settings, settle};

fn list(world: &mut World) -> Vec<(String, WaitingFor)> {
    let page = world.operate(Operator::Unresolved {
        after_id: 0,
        most: 10,
    });
    let told = page.page.into_iter();
    told.map(|told| (told.bill_no, told.waiting_for)).collect()
}

#[test]
fn the_list_shows_what_another_server_drives_as_waiting_for_it() {
    let [mut one, mut other] = two();
    one.pay("b1");
    assert_eq!(list(&mut other), [("b1".into(), WaitingFor::Server)]);
    assert_eq!(list(&mut one), [("b1".into(), WaitingFor::Answer)]);
    let told = other.operate(Operator::Payment {
        bill_no: "b1".into(),
    });
    assert_eq!(
        (told.outcome, told.waiting_for),
        (Outcome::Unknown, WaitingFor::Server)
    );
    // While somebody waits for it here, too.
    other.pay("b1");
    assert_eq!(list(&mut other), [("b1".into(), WaitingFor::Server)]);
}

#[test]
fn what_another_server_drives_is_neither_resumed_nor_settled_here() {
    for watched in [false, true] {
        let [mut one, mut other] = two();
        one.pay("b1");
        if watched {
            other.pay("b1");
        }
        for operator in [resume("b1"), settle("b1", true), settle("b1", false)] {
            let told = other.operate(operator);
            assert_eq!(
                (told.outcome, told.error),
                (Outcome::None, Some(ErrorKind::WrongState))
            );
            assert!(told.errmsg.contains("another server"), "{}", told.errmsg);
        }
        assert_eq!(one.on_disk("b1").expect("kept").state, State::Sending);
    }
}

#[test]
fn a_review_that_another_server_delivers_is_settled_here_once() {
    let [mut one, mut other] = two();
    one.pay("b1");
    one.answer_code(90012);
    let review = one.only();
    other.submit(Ask::Operator(settle("b1", true)), 9, 30_000);
    assert_eq!(
        said(&other.next()),
        (CompletionKind::Settle, Outcome::Done, Reason::Settled)
    );
    let resolved = other.only();
    assert_eq!(said(&resolved).0, CompletionKind::Resolved);
    assert_ne!(resolved.delivery_id, review.delivery_id);
    // The first server delivers the review no more, and an ack of it is none of the decision.
    one.ack(review.delivery_id);
    wind(&mut [&mut one, &mut other], 5 * 60_000);
    assert!(one.told.is_empty(), "{:?}", one.told);
    assert_eq!(other.told.len(), 5);
    assert_eq!(
        one.operate(settle("b1", false)).error,
        Some(ErrorKind::WrongState)
    );
}

#[test]
fn two_decisions_at_two_servers_at_once_are_not_both_taken() {
    let [mut one, mut other] = two();
    one.pay("b1");
    one.answer_code(90012);
    one.told.clear();
    for (server, done) in [(&mut one, true), (&mut other, false)] {
        server.disk_hangs = true;
        let ask = Ask::Operator(settle("b1", done));
        server.submit(ask, 9, 30_000);
        server.answer_held_and_hang();
    }
    for server in [&mut one, &mut other] {
        server.disk_hangs = false;
        server.settle();
    }
    assert_eq!(one.on_disk("b1").expect("kept").state, State::Done);
    let told = other.only();
    assert_eq!(
        (said(&told).0, told.outcome),
        (CompletionKind::Settle, Outcome::Done),
        "what the other one has decided"
    );
}

#[test]
fn what_is_taken_over_on_hold_is_listed_resumed_and_settled_where_it_is() {
    let disk = Disk::new();
    let mut dead = server(&disk);
    let holding = || Settings {
        operations: Operations {
            hold: true,
            ..Operations::default()
        },
        ..settings()
    };
    let mut holds = server_with(&disk, holding());
    dead.pay("b1");
    dead.pay("b2");
    dead.kill();
    until_taken_over(&mut holds);
    let held = |number: &str| (number.to_owned(), WaitingFor::Operator);
    assert_eq!(list(&mut holds), [held("b1"), held("b2")]);
    assert_eq!(holds.operate(resume("b1")).error, None);
    assert_eq!(holds.calls(), ["pay"]);
    holds.submit(Ask::Operator(settle("b2", false)), 9, 30_000);
    assert_eq!(said(&holds.next()).1, Outcome::Rejected);
}
