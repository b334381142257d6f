//! Item orders: on disk before the strings are handed out, told once when they are paid, however that is learnt.

use wxgame::client::completion::{Completion, CompletionKind, Outcome, WaitingFor};
use wxgame::client::submission::{Ask, Input, Operator};
use wxgame::error::Kind as ErrorKind;
use wxgame::sign::Secret;
use wxgame::store::memory::Disk;
use wxgame::store::{Generation, JournalError, Kind, Reason, Record, State};

use crate::world::{HOUR_MS, WALL_MS, World, said, settings_v2};

const MINUTE_MS: i64 = 60_000;
const PAID: &str = r#"{"errcode":0,"pay_state":2,"deliver_state":1,"product_id":"sword"}"#;
const UNPAID: &str = r#"{"errcode":0,"pay_state":1,"deliver_state":1,"product_id":"sword"}"#;

pub fn order(world: &mut World, number: &str) {
    let now_ms = WALL_MS + world.now_ms;
    let record = Record {
        offer_id: "12345678".into(),
        openid: "o1".into(),
        zone_id: "1".into(),
        amount: 2,
        pay_item: "sword".into(),
        app_remark: "from the shop".into(),
        goods_price: 600,
        user_tag: 5,
        host_data: b"row 7".to_vec(),
        state: State::AwaitingPayment,
        created_at_ms: now_ms,
        deadline_at_ms: now_ms + 30_000,
        updated_at_ms: now_ms,
        ..Record::new(Kind::Item, Generation::V2, number)
    };
    world.submit(Ask::ItemOrder(Box::new(record)), 5, 30_000);
}

/// An order whose strings have been handed out.
pub fn ordered() -> World {
    let mut world = World::ready_v2();
    order(&mut world, "t1");
    world.told.clear();
    world
}

fn resolved(world: &mut World) -> Completion {
    let told = world.only();
    assert_eq!(told.kind, Some(CompletionKind::Resolved));
    told
}

#[test]
fn the_strings_come_when_the_order_is_on_disk() {
    let mut world = World::ready_v2();
    world.disk_hangs = true;
    order(&mut world, "t1");
    assert!(world.told.is_empty());
    world.disk_hangs = false;
    world.settle();
    let told = world.only();
    assert_eq!(
        said(&told),
        (
            CompletionKind::ItemOrder,
            Outcome::AwaitingPayment,
            Reason::None
        )
    );
    assert_eq!(told.waiting_for, WaitingFor::Player);
    assert_eq!((told.user_tag, told.delivery_id), (5, 0));
    let strings = told.strings.expect("strings");
    let data: serde_json::Value = serde_json::from_str(&strings.sign_data).expect("JSON");
    assert_eq!(data["outTradeNo"], "t1");
    assert_eq!(data["buyQuantity"], 2);
    assert_eq!(data["goodsPrice"], 600);
    assert_eq!(data["attach"], "from the shop");
    let kept = world.on_disk("t1").expect("journaled");
    assert_eq!(
        (kept.kind, kept.state),
        (Kind::Item, State::AwaitingPayment)
    );
    assert!(world.calls().is_empty());
}

#[test]
fn the_same_order_again_gives_the_same_strings_and_another_one_is_a_conflict() {
    let mut world = World::ready_v2();
    order(&mut world, "t1");
    let first = world.only().strings;
    order(&mut world, "t1");
    assert_eq!(world.only().strings, first);
    let mut other = world.on_disk("t1").expect("journaled");
    other.amount = 3;
    world.submit(Ask::ItemOrder(Box::new(other)), 5, 30_000);
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
    world.pay("t1");
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
    assert!(world.calls().is_empty());
}

#[test]
fn without_a_session_the_player_is_to_log_in_and_the_strings_follow() {
    let mut world = World::with(settings_v2(), Disk::new(), 0);
    order(&mut world, "t1");
    assert_eq!(world.only().kind, Some(CompletionKind::SessionNeeded));
    world.log_in();
    assert!(world.only().strings.is_some());

    let mut world = World::with(settings_v2(), Disk::new(), 0);
    order(&mut world, "t1");
    world.told.clear();
    world.wind(30_000);
    let told = world.only();
    assert_eq!(
        said(&told),
        (
            CompletionKind::ItemOrder,
            Outcome::AwaitingPayment,
            Reason::Session
        )
    );
    assert!(told.strings.is_none());
}

#[test]
fn a_journal_that_cannot_be_written_hands_nothing_out() {
    let mut world = World::ready_v2();
    world
        .disk
        .fail_next(1, JournalError::not_written("the disk is full"));
    order(&mut world, "t1");
    let told = world.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::Unknown, Some(ErrorKind::Journal))
    );
    assert!(told.strings.is_none());
    order(&mut world, "t1");
    assert!(world.only().strings.is_some());
}

#[test]
fn wechat_is_asked_after_1_5_15_and_60_minutes_and_then_every_hour() {
    let mut world = ordered();
    let mut asked_at = Vec::new();
    while asked_at.len() < 8 {
        world.wind_until_out(2 * HOUR_MS);
        assert_eq!(world.out.len(), 1, "one question at a time");
        asked_at.push(world.now_ms / MINUTE_MS);
        world.answer(UNPAID);
    }
    assert_eq!(asked_at, [1, 5, 15, 60, 120, 180, 240, 300]);
    assert!(world.told.is_empty());
}

#[test]
fn an_order_that_is_paid_is_told_once_and_again_until_acknowledged() {
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    assert_eq!(world.calls(), ["queryorderinfo"]);
    world.answer(PAID);
    let told = resolved(&mut world);
    assert_eq!(
        (told.outcome, told.payment),
        (Outcome::Done, Some(Kind::Item))
    );
    assert_eq!(
        (told.bill_no.as_str(), told.pay_item.as_str(), told.amount),
        ("t1", "sword", 2)
    );
    assert_eq!(
        (told.user_tag, told.host_data.as_slice()),
        (5, &b"row 7"[..])
    );
    let mut world = world.crash_and_reopen_v2(1_000);
    let again = resolved(&mut world);
    assert_eq!(again.delivery_id, told.delivery_id);
    world.ack(again.delivery_id);
    let world = world.crash_and_reopen_v2(1_000);
    assert!(world.told.is_empty());
}

#[test]
fn an_order_goes_on_being_watched_after_a_crash() {
    let world = ordered();
    let mut world = world.crash_and_reopen_v2(3 * MINUTE_MS);
    world.log_in();
    world.wind_until_out(MINUTE_MS);
    assert_eq!(world.calls(), ["queryorderinfo"]);
    world.answer(PAID);
    assert_eq!(resolved(&mut world).outcome, Outcome::Done);
}

#[test]
fn a_player_who_is_gone_is_not_asked_to_log_in_but_asked_about_at_the_next_login() {
    let mut world = ordered();
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    world.wind(5 * HOUR_MS);
    assert!(world.told.is_empty());
    assert!(world.calls().is_empty());
    world.log_in();
    world.wind_until_out(MINUTE_MS);
    world.answer(PAID);
    assert_eq!(resolved(&mut world).outcome, Outcome::Done);
}

#[test]
fn what_is_not_paid_after_24_hours_is_over_and_before_never() {
    let mut world = ordered();
    let not_found = r#"{"errcode":90019,"errmsg":"not found"}"#;
    for round in 0.. {
        world.wind_until_out(2 * HOUR_MS);
        let old = world.now_ms >= 24 * HOUR_MS;
        world.answer_dated(if round % 2 == 0 { UNPAID } else { not_found }, 0);
        if old {
            break;
        }
        assert!(world.told.is_empty());
    }
    let told = resolved(&mut world);
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::Rejected, Reason::NotPaid)
    );
    assert_eq!(world.now_ms, 24 * HOUR_MS);
}

/// Aim: not being able to ask is no answer.
#[test]
fn an_order_that_nobody_could_ask_about_is_never_called_unpaid() {
    let mut world = ordered();
    while world.now_ms < 40 * HOUR_MS {
        world.wind_until_out(2 * HOUR_MS);
        match world.sent.len() % 3 {
            0 => world.lose_answer(),
            1 => world.answer_code(-1),
            _ => world.answer("not JSON"),
        }
        world.give_token_if_asked();
    }
    assert!(world.told.is_empty());
    world.wind_until_out(2 * HOUR_MS);
    world.answer_dated("not JSON", 0);
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    world.wind(31 * 24 * HOUR_MS);
    let told = world.next();
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::NeedsReview, Reason::Expired)
    );
}

#[test]
fn another_item_than_was_ordered_needs_review() {
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world.answer(r#"{"errcode":0,"pay_state":2,"product_id":"shield"}"#);
    let told = resolved(&mut world);
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::NeedsReview, Reason::Mismatch)
    );
}

#[test]
fn a_refused_session_waits_for_the_next_one_and_a_refused_token_for_another() {
    for (errcode, calls) in [(90016, 2), (42001, 2)] {
        let mut world = ordered();
        world.wind_until_out(HOUR_MS);
        world.answer_code(errcode);
        world.log_in();
        world.wind_until_out(HOUR_MS);
        world.answer(PAID);
        assert_eq!(world.calls().len(), calls, "{errcode}");
        assert_eq!(resolved(&mut world).outcome, Outcome::Done);
    }
}

/// Aim: a host that asks about an order itself, such as after the game client's callback, resolves it.
#[test]
fn a_question_of_the_hosts_resolves_the_order() {
    let mut world = ordered();
    world.query("t1");
    world.answer(PAID);
    let told = world.next();
    assert_eq!(
        said(&told),
        (CompletionKind::QueryOrder, Outcome::Done, Reason::None)
    );
    assert!(told.queried.expect("told").paid);
    assert_eq!(resolved(&mut world).outcome, Outcome::Done);
    world.wind(2 * HOUR_MS);
    assert_eq!(world.calls(), ["queryorderinfo"]);
}

#[test]
fn a_question_about_an_unknown_order_is_answered_so() {
    let mut world = World::ready_v2();
    world.query("t9");
    world.answer_code(90019);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::QueryOrder,
            Outcome::Rejected,
            Reason::OrderUnknown
        )
    );
}

/// Aim: an opening with many orders does not flood WeChat, nor hold payments up.
#[test]
fn orders_take_turns() {
    let mut world = World::ready_v2();
    for number in 0..1_000 {
        order(&mut world, &format!("t{number}"));
    }
    let mut world = world.crash_and_reopen_v2(2 * MINUTE_MS);
    world.log_in();
    world.submit_balance("o1");
    world.give_token();
    world.wind(1_000);
    let asked = world.calls().len();
    assert!((190..=230).contains(&asked), "{asked}");
}

#[test]
fn an_outcome_that_cannot_be_written_is_told_when_it_is() {
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world
        .disk
        .fail_next(3, JournalError::not_written("the disk is full"));
    world.answer(PAID);
    assert!(world.told.is_empty());
    world.wind(10_000);
    assert_eq!(resolved(&mut world).outcome, Outcome::Done);
    assert_eq!(world.on_disk("t1").expect("journaled").state, State::Done);
}

#[test]
fn an_operator_sees_an_order_wait_for_its_player() {
    let mut world = ordered();
    let payment = || Operator::Payment {
        bill_no: "t1".into(),
    };
    let told = world.operate(payment());
    assert_eq!(
        (told.outcome, told.waiting_for),
        (Outcome::AwaitingPayment, WaitingFor::Player)
    );
    let unresolved = Operator::Unresolved {
        after_id: 0,
        most: 10,
    };
    assert!(world.operate(unresolved).page.is_empty());
    let settle = Operator::Settle {
        bill_no: "t1".into(),
        done: true,
    };
    assert_eq!(world.operate(settle).error, Some(ErrorKind::WrongState));
    world.cancel("t1");
    assert_eq!(world.only().error, Some(ErrorKind::WrongState));
}

#[test]
fn an_item_in_review_is_settled_by_a_person() {
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world.answer(r#"{"errcode":0,"pay_state":2,"product_id":"shield"}"#);
    world.told.clear();
    let settle = Operator::Settle {
        bill_no: "t1".into(),
        done: true,
    };
    world.submit(Ask::Operator(settle), 9, 30_000);
    assert_eq!(
        said(&world.next()),
        (CompletionKind::Settle, Outcome::Done, Reason::Settled)
    );
    assert_eq!(resolved(&mut world).outcome, Outcome::Done);
}

#[test]
fn closing_ends_what_waits_and_loses_no_order() {
    let mut world = World::with(settings_v2(), Disk::new(), 0);
    order(&mut world, "t1");
    world.told.clear();
    world.handle(Input::Close { until_ms: 5_000 });
    let told = world.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::AwaitingPayment, Some(ErrorKind::Closed))
    );
    assert!(world.engine.is_closed());
    let mut world = world.crash_and_reopen_v2(1_000);
    world.handle(Input::SetSession {
        openid: "o1".into(),
        session_key: Secret::new("c2Vzc2lvbg=="),
    });
    order(&mut world, "t1");
    assert!(world.only().strings.is_some());
}

/// Aim: questions about orders, however many, hold no payment in doubt up.
#[test]
fn many_orders_leave_the_retries_of_payments_alone() {
    let mut world = World::ready_v2();
    for number in 0..5_000 {
        order(&mut world, &format!("t{number}"));
    }
    world.told.clear();
    world.pay("b1");
    world.answer_code(-1);
    world.wind(61_000);
    while world
        .out
        .iter()
        .all(|out| !out.request.path_and_query.contains("/pay?"))
    {
        world.wind(1_000);
        assert!(world.now_ms < 100_000, "the retry is late");
    }
}

/// Aim: an order that has stopped waiting for a session keeps nobody from being asked for one.
#[test]
fn a_session_is_asked_for_again_when_an_order_has_given_up_waiting() {
    let mut world = World::with(settings_v2(), Disk::new(), 0);
    order(&mut world, "t1");
    world.wind(40_000);
    world.told.clear();
    world.pay("b1");
    assert_eq!(world.only().kind, Some(CompletionKind::SessionNeeded));
}

/// Aim: a clock that leaps ends no order before WeChat's own time has been heard.
#[test]
fn a_clock_that_leaps_calls_no_order_unpaid() {
    let mut world = ordered();
    world.wind(30_000);
    world.sleep(25 * HOUR_MS);
    world.wind_until_out(HOUR_MS);
    world.answer_dated(UNPAID, -25 * HOUR_MS);
    assert!(world.told.is_empty());

    let mut world = ordered();
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    world.sleep(31 * 24 * HOUR_MS);
    world.wind(HOUR_MS);
    assert!(world.told.is_empty());
}

#[test]
fn a_clock_that_was_set_back_makes_nobody_ask_more_often() {
    let mut world = ordered();
    for _ in 0..4 {
        world.wind_until_out(HOUR_MS);
        world.answer(UNPAID);
    }
    world.sleep(-2 * HOUR_MS);
    let before = world.calls().len();
    for _ in 0..4 {
        world.wind_until_out(HOUR_MS);
        world.answer(UNPAID);
    }
    let hours = (world.now_ms - 60 * MINUTE_MS) / HOUR_MS;
    assert_eq!(world.calls().len() - before, 4);
    assert!(hours >= 3, "{hours}");
}

/// Aim: requests under way are counted right, also of an order that ended meanwhile.
#[test]
fn a_question_that_a_push_has_overtaken_is_counted_out() {
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    assert_eq!(world.engine.stats().in_flight, 1);
    world.submit(
        Ask::Push(Box::new(crate::pushes::of_order("t1"))),
        0,
        30_000,
    );
    world.answer(PAID);
    assert_eq!(world.engine.stats().in_flight, 0);
}

#[test]
fn who_orders_what_is_being_written_as_paid_is_told_to_ask_again() {
    let mut world = ordered();
    world.full_disk(100);
    world.submit(
        Ask::Push(Box::new(crate::pushes::of_order("t1"))),
        0,
        30_000,
    );
    world.told.clear();
    order(&mut world, "t1");
    world.wind(31_000);
    let told = world.only();
    assert_eq!(
        (told.outcome, told.error),
        (Outcome::Unknown, Some(ErrorKind::Journal))
    );
    assert!(told.push.is_none());
}

#[test]
fn closing_waits_for_the_write_of_an_order_and_for_nothing_after_it() {
    let mut world = World::with(settings_v2(), Disk::new(), 0);
    world.disk_hangs = true;
    order(&mut world, "t1");
    world.handle(Input::Close { until_ms: 20_000 });
    assert!(!world.engine.is_closed());
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.only().error, Some(ErrorKind::Closed));
    assert!(world.engine.is_closed());
}
