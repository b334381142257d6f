//! Virtual payment 2.0: the same promises with its own codes, numbers and signatures.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::store::memory::Disk;
use wxgame::store::{Kind, Reason, State};

use crate::world::{HOUR_MS, World, said, settings, settings_v2};

fn body(world: &World, at: usize) -> serde_json::Value {
    serde_json::from_str(&world.sent[at].1).expect("a JSON body")
}

#[test]
fn every_call_goes_to_its_own_path_with_its_own_fields() {
    let mut world = World::ready_v2();
    world.pay("b1");
    let path = &world.out[0].request.path_and_query;
    assert!(
        path.starts_with("/wxa/game/pay?access_token=TOKEN&signature="),
        "{path}"
    );
    let sent = body(&world, 0);
    assert_eq!(sent["amount"], 10);
    assert_eq!(sent["env"], 0);
    assert_eq!(sent["bill_no"], "b1");
    assert_eq!(sent.get("pf"), None);
    world.answer(r#"{"errcode":0,"bill_no":"b1","balance":5,"used_present_amount":2}"#);
    let told = world.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Pay, Outcome::Done, Reason::None)
    );
    assert_eq!(
        (told.account.balance, told.account.used_gen_amt),
        (Some(5), Some(2))
    );
}

/// Aim: 90016 was "in process" in v1; here it is a session that has ended, and so nothing was taken.
#[test]
fn an_ended_session_is_asked_for_and_the_payment_goes_on() {
    for errcode in [90010, 90016] {
        let mut world = World::ready_v2();
        world.pay("b1");
        world.answer_code(errcode);
        assert_eq!(
            said(&world.only()),
            (CompletionKind::SessionNeeded, Outcome::None, Reason::None)
        );
        world.log_in();
        world.answer_code(0);
        assert_eq!(
            said(&world.only()),
            (CompletionKind::Pay, Outcome::Done, Reason::None),
            "{errcode}"
        );
    }
}

/// Aim: a v2 client never sends without a session_key.
#[test]
fn without_a_session_nothing_leaves() {
    let mut world = World::with(settings_v2(), Disk::new(), 0);
    world.pay("b1");
    assert_eq!(world.next().kind, Some(CompletionKind::SessionNeeded));
    world.wind(30_000);
    assert!(world.calls().is_empty());
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Rejected, Reason::Session)
    );
}

/// Aim: however often a cancel is sent, by whichever process, it is one refund.
#[test]
fn every_attempt_of_a_cancel_has_the_same_refund_number_and_the_whole_amount() {
    let mut world = World::ready_v2();
    world.pay("b1");
    world.lose_answer();
    world.cancel("b1");
    world.wind_until_out(HOUR_MS);
    world.lose_answer();
    world.wind_until_out(HOUR_MS);
    let mut sent = vec![body(&world, 1), body(&world, 2)];
    let mut world = world.crash_and_reopen_v2(1_000);
    world.log_in();
    world.wind_until_out(HOUR_MS);
    sent.push(body(&world, world.sent.len() - 1));
    for sent in &sent {
        assert_eq!(sent["pay_bill_no"], "b1");
        assert_eq!(sent["amount"], 10);
        sent_number(sent);
    }
    let numbers: Vec<_> = sent.iter().map(|sent| &sent["bill_no"]).collect();
    assert_eq!(numbers, [numbers[0]; 3]);
    world.answer_code(90012);
    let told = world
        .told
        .iter()
        .find(|told| told.kind == Some(CompletionKind::Resolved))
        .expect("the payment is resolved");
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::Rejected, Reason::Cancelled)
    );
}

fn sent_number(sent: &serde_json::Value) {
    let number = sent["bill_no"].as_str().expect("text");
    assert!(number.starts_with("R-") && number.len() == 34, "{number}");
}

/// Aim: what is known from the classic API only proves nothing here.
#[test]
fn codes_of_the_other_generation_leave_a_cancel_open() {
    for errcode in [90014, 90015] {
        let mut world = World::ready_v2();
        world.pay("b1");
        world.lose_answer();
        world.cancel("b1");
        world.wind_until_out(HOUR_MS);
        world.told.clear();
        world.answer_code(errcode);
        assert!(world.told.is_empty(), "{errcode}");
        let state = world.on_disk("b1").expect("journaled").state;
        assert_eq!(state, State::Cancelling);
    }
}

/// Aim: a game that moves to virtual payment 2.0 finishes what it has begun in the classic API there.
#[test]
fn what_was_begun_in_the_other_generation_goes_on_in_it() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    let mut world = world.crash_and_reopen_v2(1_000);
    world.log_in();
    world.wind_until_out(HOUR_MS);
    let path = &world.out[0].request.path_and_query;
    assert!(path.starts_with("/cgi-bin/midas/pay?"), "{path}");
    assert_eq!(body(&world, world.sent.len() - 1)["pf"], "android");
    world.answer_code(90012);
    world
        .told
        .retain(|told| told.kind != Some(CompletionKind::SessionNeeded));
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );

    let mut world = World::ready_v2();
    world.pay("b1");
    world.lose_answer();
    let mut world = world.crash_and_reopen_with(settings(), 1_000);
    world.log_in();
    world.wind_until_out(HOUR_MS);
    let path = &world.out[0].request.path_and_query;
    assert!(path.starts_with("/wxa/game/pay?"), "{path}");
}

/// Aim: a number is a number of one account: another offer_id in the options does not move it there.
#[test]
fn an_open_payment_keeps_its_offer_id() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    let mut other = settings();
    other.app.offer_id = "87654321".into();
    let mut world = world.crash_and_reopen_with(other, 1_000);
    world.log_in();
    world.wind_until_out(HOUR_MS);
    let last = world.sent.len() - 1;
    assert_eq!(body(&world, last)["offer_id"], "12345678");
}

#[test]
fn a_present_is_given_once_in_either_generation() {
    let mut world = World::ready_v2();
    let record = world.record(Kind::Present, "g1");
    world.submit(
        wxgame::client::submission::Ask::Payment {
            record: Box::new(record),
            sent_before: false,
        },
        1,
        30_000,
    );
    world.lose_answer();
    world.wind_until_out(HOUR_MS);
    assert_eq!(world.calls(), ["present", "present"]);
    world.answer_code(90012);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Present, Outcome::Done, Reason::None)
    );
}

/// Aim: the errmsg of 90010 repeats the body with the openid in it.
#[test]
fn no_log_shows_what_a_refused_signature_repeats() {
    let mut world = World::ready_v2();
    world.pay("b1");
    world.answer(r#"{"errcode":90010,"errmsg":"raw post_body: [{\"openid\":\"o1-secret\"}]"}"#);
    world.log_in();
    world.answer(r#"{"errcode":90011,"errmsg":"o1-secret"}"#);
    assert!(
        world.logs.iter().any(|line| line.contains("90011")),
        "{:?}",
        world.logs
    );
    assert!(world.logs.iter().all(|line| !line.contains("o1-secret")));
}

/// Aim: a game that moves over and asks again about an open number is answered about that payment.
#[test]
fn a_number_of_the_other_generation_is_the_same_payment() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(-1);
    let mut world = world.crash_and_reopen_v2(1_000);
    world.log_in();
    world.pay("b1");
    assert!(world.told.iter().all(|told| told.error.is_none()));
    world.wind_until_out(HOUR_MS);
    world.answer_code(0);
    let told = world
        .told
        .iter()
        .find(|told| told.kind == Some(CompletionKind::Pay))
        .expect("the submission is answered");
    assert_eq!(told.outcome, Outcome::Done);
    assert!(world.calls().iter().all(|call| *call == "pay"));
}
