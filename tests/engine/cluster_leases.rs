//! The lease of a server: nothing of a payment leaves without it, and nothing of what it covered is decided once it is lost.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::client::submission::Input;
use wxgame::store::{Reason, State};

use crate::cluster::{BEAT_MS, LEASE_MS, server, two, until_taken_over, wake, wind};
use crate::world::{World, said};

/// Two servers of which the first stood still for longer than its lease, with a payment out; the second has taken it over.
fn one_stood_still() -> [World; 2] {
    let [mut still, mut other] = two();
    still.pay("b1");
    until_taken_over(&mut other);
    assert_eq!(other.calls(), ["pay"]);
    [still, other]
}

#[test]
fn nothing_is_sent_once_the_lease_is_over_and_all_goes_on_when_it_is_renewed() {
    let mut one = server(&Default::default());
    one.pay("b1");
    one.disk_hangs = true;
    wind(&mut [&mut one], LEASE_MS);
    one.lose_answer();
    wind(&mut [&mut one], 4 * LEASE_MS);
    assert_eq!(one.calls(), ["pay"], "no retry without a lease");
    one.disk_hangs = false;
    one.settle();
    wind(&mut [&mut one], BEAT_MS);
    assert_eq!(one.calls(), ["pay", "pay"]);
    assert_eq!(
        one.engine.stats().leases_lost,
        0,
        "nobody was there to take it"
    );
}

#[test]
fn what_moves_money_leaves_before_the_lease_ends_and_reads_whenever_they_like() {
    let mut one = server(&Default::default());
    one.pay("b1");
    let leave_by_ms = one.out[0].leave_by_ms.expect("money under a lease");
    assert!((1..LEASE_MS).contains(&leave_by_ms), "{leave_by_ms}");
    wind(&mut [&mut one], BEAT_MS);
    one.answer_code(-1);
    wind(&mut [&mut one], BEAT_MS - 1);
    let later_ms = one.out[0].leave_by_ms.expect("a retry too");
    assert_eq!(later_ms, leave_by_ms + BEAT_MS);
    one.answer_code(90013);
    one.wind_until_out(3_600_000);
    assert_eq!(one.calls().last(), Some(&"cancelpay"));
    one.out.clear();
    one.submit_balance("o1");
    assert_eq!(one.out[0].leave_by_ms, None);
    let mut alone = World::ready();
    alone.pay("b1");
    assert_eq!(alone.out[0].leave_by_ms, None);
}

#[test]
fn a_server_that_lost_its_lease_sends_nothing_of_what_it_had() {
    let [mut still, mut other] = one_stood_still();
    wake(&mut still, other.now_ms);
    still.lose_answer();
    assert_eq!(still.engine.stats().leases_lost, 1);
    wind(&mut [&mut still, &mut other], 120_000);
    assert_eq!(still.calls(), ["pay"]);
    other.answer_code(0);
    wind(&mut [&mut still, &mut other], 1_000);
    still
        .told
        .retain(|told| told.kind != Some(CompletionKind::Pay));
    let told = still.only();
    assert_eq!(
        (said(&told).0, told.outcome, told.user_tag),
        (CompletionKind::Resolved, Outcome::Done, 1),
        "its asker had been told unknown at its deadline"
    );
}

#[test]
fn an_asker_whose_server_lost_the_lease_is_told_what_the_other_found_out() {
    let [mut still, mut other] = one_stood_still();
    other.answer_code(0);
    wake(&mut still, other.now_ms);
    let told = still.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(still.calls(), ["pay"]);
}

#[test]
fn an_answer_that_comes_after_the_lease_was_lost_changes_nothing() {
    for code in [0, 90013, 90012] {
        let [mut still, mut other] = one_stood_still();
        still.now_ms = other.now_ms;
        still.answer_code(code);
        assert_eq!(other.on_disk("b1").expect("kept").state, State::Sending);
        assert!(still.told.is_empty());
        other.answer_code(-1);
        wind(&mut [&mut still, &mut other], BEAT_MS);
        assert_eq!(still.calls(), ["pay"]);
        other.answer_code(0);
        wind(&mut [&mut still, &mut other], BEAT_MS);
        let told = still.only();
        assert_eq!(said(&told).1, Outcome::Done);
    }
}

#[test]
fn what_is_submitted_while_the_lease_is_lost_goes_in_under_the_new_name_and_is_driven_here() {
    let [mut still, mut other] = one_stood_still();
    still.out.clear();
    still.now_ms = other.now_ms;
    still.pay("b2");
    wind(&mut [&mut still, &mut other], BEAT_MS);
    assert_eq!(still.calls(), ["pay", "pay"]);
    let sent = &still.sent.last().expect("two").1;
    assert!(sent.contains("\"bill_no\":\"b2\""), "{sent}");
    still.out.clear();
    wind(&mut [&mut still, &mut other], 2 * LEASE_MS);
    assert_eq!(other.calls(), ["pay"]);
}

/// A machine that sleeps has a steady clock that stands: for less than a minute the engine does not call that a leap.
#[test]
fn a_machine_that_slept_past_its_lease_sends_nothing_before_it_has_asked() {
    let [mut still, mut other] = two();
    still.pay("b1");
    until_taken_over(&mut other);
    let slept_ms = other.now_ms - still.now_ms;
    still.slept_ms += slept_ms;
    still.lose_answer();
    still.wind(1_000);
    other.disk.advance(1_000);
    still.disk_hangs = true;
    still.wind(3_000);
    assert_eq!(still.calls(), ["pay"]);
}

/// The lease was lost, but nobody took the payment: with its new name the server takes it back itself. What it was
/// writing meanwhile is on the disk by then.
#[test]
fn an_answer_that_was_being_written_when_the_lease_was_lost_is_not_forgotten_for_a_second_attempt()
{
    let [mut still, mut closing] = two();
    closing.submit_balance("o1");
    let until_ms = 10 * LEASE_MS;
    closing.handle(Input::Close { until_ms });
    still.pay("b1");
    wind(&mut [&mut closing], LEASE_MS + BEAT_MS);
    still.disk_hangs = true;
    wake(&mut still, closing.now_ms);
    still.answer_code(90013);
    still.disk_hangs = false;
    still.settle();
    wind(&mut [&mut still], BEAT_MS);
    let kept = still.on_disk("b1").expect("kept");
    if kept.state == State::Rejected {
        assert_eq!(still.calls(), ["pay"], "rejected, and charged after all");
    } else {
        still.answer_code(0);
        assert_eq!(still.on_disk("b1").expect("kept").state, State::Done);
    }
    assert_eq!(said(&still.next()).0, CompletionKind::Pay);
}
