//! A number that another server drives: watched here while somebody waits, and never sent.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::client::submission::{Ask, Input};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::memory::Disk;
use wxgame::store::{JournalError, Kind, Reason, State};

use crate::cluster::{BEAT_MS, LEASE_MS, server, two, until_taken_over, wind};
use crate::world::{LATE_WINDOW_MS, TIMEOUT_MS, World, said};

fn pay_tagged(world: &mut World, bill_no: &str, user_tag: u64, amount: i64) {
    let mut record = world.record(Kind::Pay, bill_no);
    (record.user_tag, record.amount) = (user_tag, amount);
    let ask = Ask::Payment {
        record: Box::new(record),
        sent_before: false,
    };
    world.submit(ask, user_tag, 30_000);
}

/// Two servers; the first has sent a payment, and the second is asked for the same one.
fn asked_at_both() -> [World; 2] {
    let [mut owner, mut other] = two();
    owner.pay("b1");
    pay_tagged(&mut other, "b1", 2, 10);
    [owner, other]
}

#[test]
fn a_number_that_another_server_drives_is_told_here_and_not_sent() {
    for (code, outcome) in [(0, Outcome::Done), (90013, Outcome::Rejected)] {
        let [mut owner, mut other] = asked_at_both();
        wind(&mut [&mut owner, &mut other], 5_000);
        assert!(other.told.is_empty());
        owner.answer_code(code);
        wind(&mut [&mut owner, &mut other], 1_000);
        let (first, second) = (owner.only(), other.only());
        assert_eq!(said(&first), said(&second));
        assert_eq!((second.outcome, second.user_tag), (outcome, 2));
        assert_eq!(first.delivery_id, second.delivery_id);
        assert!(other.calls().is_empty());
    }
}

#[test]
fn who_waits_past_the_deadline_is_told_unknown_and_later_how_it_ended() {
    let [mut owner, mut other] = asked_at_both();
    wind(&mut [&mut owner, &mut other], 31_000);
    let told = other.only();
    assert_eq!(
        (said(&told).0, told.outcome, told.user_tag),
        (CompletionKind::Pay, Outcome::Unknown, 2)
    );
    assert_eq!(told.delivery_id, 0);
    owner.answer_code(0);
    wind(&mut [&mut owner, &mut other], 1_000);
    let told = other.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
    assert!(told.delivery_id > 0 && other.calls().is_empty());
}

#[test]
fn other_parameters_under_a_number_of_another_server_are_a_conflict() {
    let [mut owner, mut other] = two();
    owner.pay("b1");
    pay_tagged(&mut other, "b1", 2, 11);
    let told = other.only();
    assert_eq!(
        (told.error, told.user_tag),
        (Some(ErrorKind::BillNoConflict), 2)
    );
    // Also while it is being watched.
    pay_tagged(&mut other, "b1", 3, 10);
    pay_tagged(&mut other, "b1", 4, 11);
    let told = other.only();
    assert_eq!(
        (told.error, told.user_tag),
        (Some(ErrorKind::BillNoConflict), 4)
    );
    wind(&mut [&mut owner, &mut other], 1_000);
    assert!(other.calls().is_empty());
}

#[test]
fn the_same_number_at_two_servers_at_once_is_one_payment() {
    let [mut first, mut second] = two();
    first.disk_hangs = true;
    second.disk_hangs = true;
    first.pay("b1");
    second.pay("b1");
    second.disk_hangs = false;
    second.settle();
    first.disk_hangs = false;
    first.settle();
    assert_eq!((first.calls().len(), second.calls().len()), (0, 1));
    second.answer_code(0);
    wind(&mut [&mut first, &mut second], 1_000);
    assert_eq!(said(&first.only()), said(&second.only()));
}

#[test]
fn a_watched_payment_whose_server_dies_is_taken_over_and_its_asker_gets_one_answer() {
    let [owner, mut watching] = asked_at_both();
    owner.kill();
    until_taken_over(&mut watching);
    assert_eq!(watching.calls(), ["pay"]);
    watching.answer_code(90012);
    let answers: Vec<_> = watching.told.iter().map(|told| said(told).0).collect();
    let pays = answers.iter().filter(|kind| **kind == CompletionKind::Pay);
    assert_eq!(pays.count(), 1, "{answers:?}");
    assert!(
        watching
            .told
            .iter()
            .all(|told| told.outcome == Outcome::Done)
    );
}

#[test]
fn a_third_server_may_take_over_what_is_watched() {
    let [owner, mut watching] = asked_at_both();
    let mut third = server(&owner.disk);
    owner.kill();
    // The third one looks first.
    wind(&mut [&mut watching, &mut third], LEASE_MS - 1);
    watching.disk_hangs = true;
    wind(&mut [&mut third, &mut watching], BEAT_MS);
    watching.disk_hangs = false;
    watching.settle();
    assert_eq!(third.calls(), ["pay"]);
    third.answer_code(0);
    wind(&mut [&mut third, &mut watching], 1_000);
    assert_eq!(
        said(&watching.only()),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert!(watching.calls().is_empty());
}

#[test]
fn a_cancel_reaches_the_server_that_drives_the_payment_and_both_are_told() {
    let [mut owner, mut other] = two();
    owner.pay("b1");
    owner.answer_code(-1);
    other.cancel("b1");
    wind(&mut [&mut owner, &mut other], BEAT_MS);
    owner.lose_answers();
    assert_eq!(owner.on_disk("b1").expect("kept").state, State::Cancelling);
    wind(&mut [&mut owner, &mut other], TIMEOUT_MS + LATE_WINDOW_MS);
    owner.answer_code(0);
    wind(&mut [&mut owner, &mut other], 1_000);
    let cancelled: Vec<_> = other
        .told
        .iter()
        .map(|told| (said(told).0, told.outcome))
        .collect();
    assert_eq!(
        cancelled,
        [
            (CompletionKind::CancelPay, Outcome::Unknown),
            (CompletionKind::Resolved, Outcome::Rejected)
        ]
    );
    assert!(
        owner
            .told
            .iter()
            .any(|told| told.outcome == Outcome::Rejected)
    );
    assert!(other.calls().is_empty());
}

#[test]
fn a_cancel_of_a_dead_servers_payment_is_seen_to_by_whoever_takes_it_over() {
    for third_takes_it in [false, true] {
        let [mut owner, mut other] = two();
        let mut third = server(&owner.disk);
        owner.pay("b1");
        owner.kill();
        other.cancel("b1");
        let mut beside = [&mut other, &mut third];
        if third_takes_it {
            wind(&mut beside, LEASE_MS - 1);
            beside[0].disk_hangs = true;
            wind(&mut beside, BEAT_MS);
            beside[0].disk_hangs = false;
            beside[0].settle();
        } else {
            wind(&mut beside, LEASE_MS + BEAT_MS);
        }
        wind(&mut beside, TIMEOUT_MS + LATE_WINDOW_MS);
        let calls = [other.calls(), third.calls()].concat();
        assert_eq!(calls, ["cancelpay"], "and no pay after the cancel");
    }
}

#[test]
fn a_cancel_that_was_asked_for_here_is_not_forgotten_when_the_lease_was_lost() {
    let [mut one, mut other] = two();
    // Its name is another one by the time that the payment is written.
    one.now_ms += 2 * LEASE_MS;
    other.now_ms = one.now_ms;
    one.disk.advance(2 * LEASE_MS);
    other.handle(Input::Tick);
    one.disk_hangs = true;
    one.pay("b1");
    one.answer_held_and_hang();
    one.cancel("b1");
    one.disk_hangs = false;
    one.settle();
    wind(&mut [&mut one, &mut other], TIMEOUT_MS + LATE_WINDOW_MS);
    assert_eq!(one.calls(), ["cancelpay"]);
}

#[test]
fn a_watched_payment_is_told_as_unknown_when_the_client_closes() {
    let [_owner, mut other] = asked_at_both();
    let until_ms = other.now_ms + 1_000;
    other.handle(Input::Close { until_ms });
    let told = other.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::Unknown, Some(ErrorKind::Closed))
    );
}

#[test]
fn who_was_told_unknown_before_the_conflict_was_found_hears_of_it() {
    let disk = Disk::new();
    let [mut owner, mut other] = [server(&disk), server(&disk)];
    owner.pay("b1");
    owner.kill();
    wind(&mut [&mut other], LEASE_MS - 1);
    other.disk_hangs = true;
    wind(&mut [&mut other], BEAT_MS);
    pay_tagged(&mut other, "b1", 2, 11);
    wind(&mut [&mut other], 35_000);
    assert_eq!(other.only().outcome, Outcome::Unknown);
    other.disk_hangs = false;
    other.settle();
    other.told.retain(|told| told.error.is_some());
    let told = other.only();
    assert_eq!(
        (said(&told).0, told.error, told.user_tag),
        (CompletionKind::Resolved, Some(ErrorKind::BillNoConflict), 2)
    );
}

#[test]
fn a_journal_that_fails_while_a_payment_is_watched_is_asked_again() {
    let [mut owner, mut other] = asked_at_both();
    let failure = JournalError::not_written("the database is gone");
    other.disk.fail_next(1, failure);
    wind(&mut [&mut other], 500);
    owner.now_ms = other.now_ms;
    owner.answer_code(0);
    wind(&mut [&mut owner, &mut other], 2_000);
    assert_eq!(said(&other.only()).1, Outcome::Done);
}
