//! Pushes: told once however often they come, again until acknowledged, and never lost.

use wxgame::api::push::{Event, RefusalReason, reread};
use wxgame::client::completion::{Completion, CompletionKind, FLAG_NOT_ORDERED, Outcome, Verdict};
use wxgame::client::submission::{Ask, Input, Operator};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{JournalError, Kind, Reason, State};

use crate::items::{order, ordered};
use crate::world::{HOUR_MS, World, settings_v2};

const PAID: &str = r#"{"errcode":0,"pay_state":2,"product_id":"sword"}"#;
const UNPAID: &str = r#"{"errcode":0,"pay_state":1,"product_id":"sword"}"#;

fn goods(number: &str, openid: &str, product_id: &str, quantity: i64) -> Event {
    let payload = serde_json::json!({
        "OpenId": openid, "Env": 0, "OutTradeNo": number,
        "GoodsInfo": {"ProductId": product_id, "Quantity": quantity, "ZoneId": "1",
            "OrigPrice": 1200, "ActualPrice": 1200, "Attach": "from the shop", "OrderSource": 1},
    });
    let name = "minigame_game_pay_goods_deliver_notify";
    reread(name, &payload.to_string()).expect("a good payload")
}

pub fn of_order(number: &str) -> Event {
    goods(number, "o1", "sword", 2)
}

fn coins(number: &str) -> Event {
    let payload = serde_json::json!({
        "OpenId": "o1", "Env": 0, "OutTradeNo": number,
        "CoinInfo": {"ZoneId": "1", "BuyQuantity": 60, "OrigPrice": 600, "ActualPrice": 600},
    });
    reread("minigame_coin_deliver_completed", &payload.to_string()).expect("a good payload")
}

fn refund(refund_id: &str) -> Event {
    let payload = serde_json::json!({
        "RefundId": refund_id, "RefundAmount": 600, "RefundSource": 2, "Env": 0, "OutTradeNo": "t1",
    });
    reread("minigame_pay_refund_succ_notify", &payload.to_string()).expect("a good payload")
}

fn gift(order_id: &str) -> Event {
    let payload = serde_json::json!({
        "OrderId": order_id, "IsPreview": 0, "ToUserOpenid": "o1", "Zone": 2001, "GiftTypeId": 1,
        "GiftId": "pack", "SendTime": 1_700_000_000,
        "GoodsList": [{"Id": "sword", "Num": 1}, {"Id": "gold", "Num": 50}],
    });
    reread("minigame_deliver_goods", &payload.to_string()).expect("a good payload")
}

fn push(world: &mut World, event: Event) {
    world.submit(Ask::Push(Box::new(event)), 0, 30_000);
}

fn told(world: &mut World, event: Event) -> Completion {
    push(world, event);
    let told = world.only();
    assert_eq!(told.kind, Some(CompletionKind::Push));
    told
}

fn verdict(told: &Completion) -> Verdict {
    let push = told.push.as_ref().expect("it tells of a push");
    push.verdict.expect("there is a verdict")
}

#[test]
fn an_item_that_was_ordered_is_delivered_once() {
    let mut world = ordered();
    let first = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&first), Verdict::Deliver);
    assert_eq!(
        (first.outcome, first.payment, first.flags),
        (Outcome::Done, Some(Kind::Item), 0)
    );
    assert_eq!(
        (
            first.bill_no.as_str(),
            first.pay_item.as_str(),
            first.amount
        ),
        ("t1", "sword", 2)
    );
    assert_eq!(
        (first.user_tag, first.host_data.as_slice()),
        (5, &b"row 7"[..])
    );
    assert_ne!(first.delivery_id, 0);
    for _ in 0..3 {
        let again = told(&mut world, of_order("t1"));
        assert_eq!(verdict(&again), Verdict::AlreadyDelivered);
        assert_eq!((again.outcome, again.delivery_id), (Outcome::None, 0));
    }
    world.wind(30_000);
    assert!(world.told.is_empty());
}

#[test]
fn what_is_not_acknowledged_comes_again_with_all_that_the_push_said() {
    for event in [
        of_order("t1"),
        goods("mall-1", "o2", "bow", 1),
        refund("r1"),
        gift("g1"),
    ] {
        let mut world = ordered();
        let first = told(&mut world, event.clone());
        assert_eq!(verdict(&first), Verdict::Deliver);
        let mut world = world.crash_and_reopen_v2(1_000);
        let again = world.only();
        assert_eq!(again.kind, Some(CompletionKind::Resolved));
        assert_eq!(again.delivery_id, first.delivery_id);
        assert_eq!(again.push.expect("what it said").event, Some(event));
        world.ack(again.delivery_id);
        let world = world.crash_and_reopen_v2(1_000);
        assert!(world.told.is_empty());
    }
}

#[test]
fn push_and_question_both_arriving_deliver_once() {
    // The push while the question is out.
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    assert_eq!(verdict(&told(&mut world, of_order("t1"))), Verdict::Deliver);
    world.answer(PAID);
    assert!(world.told.is_empty());

    // The push while the answer is being written.
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world.disk_hangs = true;
    world.answer(PAID);
    push(&mut world, of_order("t1"));
    world.disk_hangs = false;
    world.settle();
    assert_eq!(world.next().kind, Some(CompletionKind::Resolved));
    assert_eq!(verdict(&world.only()), Verdict::AlreadyDelivered);

    // The push after the answer.
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world.answer(PAID);
    assert_eq!(world.only().kind, Some(CompletionKind::Resolved));
    let again = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&again), Verdict::AlreadyDelivered);
}

#[test]
fn two_pushes_at_once_deliver_once() {
    for event in [
        of_order("t1"),
        goods("mall-1", "o2", "bow", 1),
        refund("r1"),
        gift("g1"),
    ] {
        let mut world = ordered();
        world.disk_hangs = true;
        push(&mut world, event.clone());
        push(&mut world, event);
        world.disk_hangs = false;
        world.settle();
        let verdicts = [verdict(&world.next()), verdict(&world.only())];
        assert_eq!(verdicts, [Verdict::Deliver, Verdict::AlreadyDelivered]);
    }
}

#[test]
fn an_item_that_nobody_ordered_here_is_delivered_and_marked() {
    let mut world = World::ready_v2();
    let first = told(&mut world, goods("_wx_1", "o9", "bow", 3));
    assert_eq!(verdict(&first), Verdict::Deliver);
    assert_eq!(first.flags, FLAG_NOT_ORDERED);
    assert_eq!(
        (first.bill_no.as_str(), first.openid.as_str(), first.amount),
        ("_wx_1", "o9", 3)
    );
    let again = told(&mut world, goods("_wx_1", "o9", "bow", 3));
    assert_eq!(verdict(&again), Verdict::AlreadyDelivered);
}

/// Aim: the number of a payment is no number of a purchase: neither hides the other.
#[test]
fn a_payment_of_the_same_number_is_not_in_the_way() {
    let mut world = World::ready_v2();
    world.pay("t1");
    world.answer_code(0);
    world.told.clear();
    let first = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&first), Verdict::Deliver);
    assert_eq!(first.flags, FLAG_NOT_ORDERED);
    let again = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&again), Verdict::AlreadyDelivered);
    assert_eq!(world.on_disk("t1").expect("journaled").kind, Kind::Pay);
}

#[test]
fn another_player_item_or_quantity_is_refused_and_needs_review() {
    for event in [
        goods("t1", "o2", "sword", 2),
        goods("t1", "o1", "shield", 2),
        goods("t1", "o1", "sword", 20),
    ] {
        let mut world = ordered();
        push(&mut world, event);
        let resolved = world.next();
        assert_eq!(resolved.kind, Some(CompletionKind::Resolved));
        assert_eq!(
            (resolved.outcome, resolved.reason),
            (Outcome::NeedsReview, Reason::Mismatch)
        );
        let refused = world.only();
        assert_eq!(verdict(&refused), Verdict::Refuse);
        let push = refused.push.expect("it tells of a push");
        assert_eq!(push.refusal, Some(RefusalReason::Mismatch));
        // The right one, later, is believed.
        let right = told(&mut world, of_order("t1"));
        assert_eq!(verdict(&right), Verdict::Deliver);
    }
}

/// Waits until an order counts as unpaid; what is told of it.
fn written_off(world: &mut World) -> Completion {
    while world.told.is_empty() {
        world.wind_until_out(2 * HOUR_MS);
        world.answer_dated(UNPAID, 0);
    }
    world.only()
}

/// Aim: what was written off is delivered when it turns out to be paid, under a delivery of its own.
#[test]
fn a_late_push_makes_an_unpaid_order_done() {
    let mut world = ordered();
    let unpaid = written_off(&mut world);
    assert_eq!(unpaid.outcome, Outcome::Rejected);
    world.ack(unpaid.delivery_id);
    let paid = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&paid), Verdict::Deliver);
    assert_ne!(paid.delivery_id, unpaid.delivery_id);
    world.ack(unpaid.delivery_id);
    let mut world = world.crash_and_reopen_v2(1_000);
    let again = world.only();
    assert_eq!(
        (again.outcome, again.delivery_id),
        (Outcome::Done, paid.delivery_id)
    );
}

/// Aim: a push that comes just as its order is written off is not lost.
#[test]
fn a_push_beats_a_write_off_that_is_under_way() {
    let mut world = ordered();
    while world.now_ms < 24 * HOUR_MS - 1 {
        world.wind_until_out(2 * HOUR_MS);
        if world.now_ms >= 24 * HOUR_MS {
            break;
        }
        world.answer(UNPAID);
    }
    world.disk_hangs = true;
    world.answer_dated(UNPAID, 0);
    push(&mut world, of_order("t1"));
    world.disk_hangs = false;
    world.settle();
    assert_eq!(verdict(&world.only()), Verdict::Deliver);
    assert_eq!(world.on_disk("t1").expect("journaled").state, State::Done);
}

/// Aim: whatever is being written when a push comes, the push is heard after it.
#[test]
fn a_push_that_comes_while_its_order_is_being_written_is_heard() {
    let mut world = World::ready_v2();
    world.disk_hangs = true;
    order(&mut world, "t1");
    push(&mut world, of_order("t1"));
    world.disk_hangs = false;
    world.settle();
    let pushes: Vec<_> = world
        .told
        .iter()
        .filter(|told| told.kind == Some(CompletionKind::Push))
        .collect();
    assert_eq!(pushes.len(), 1);
    assert_eq!(verdict(pushes[0]), Verdict::Deliver);

    // WeChat's own answer named another item; its push names ours.
    let mut world = ordered();
    world.wind_until_out(HOUR_MS);
    world.disk_hangs = true;
    world.answer(r#"{"errcode":0,"pay_state":2,"product_id":"shield"}"#);
    push(&mut world, of_order("t1"));
    world.disk_hangs = false;
    world.settle();
    assert_eq!(verdict(&world.only()), Verdict::Deliver);
}

/// Aim: a person's *no* does not outweigh a signed *paid*.
#[test]
fn what_a_person_has_settled_as_unpaid_is_delivered_when_it_is_paid() {
    let mut world = ordered();
    push(&mut world, goods("t1", "o1", "shield", 2));
    world.told.clear();
    let settle = Operator::Settle {
        bill_no: "t1".into(),
        done: false,
    };
    world.submit(Ask::Operator(settle), 9, 30_000);
    assert_eq!(world.next().outcome, Outcome::Rejected);
    world.told.clear();
    assert_eq!(verdict(&told(&mut world, of_order("t1"))), Verdict::Deliver);
}

#[test]
fn coins_change_the_balance_and_deliver_nothing() {
    let mut world = World::ready_v2();
    let first = told(&mut world, coins("top-up"));
    assert_eq!(verdict(&first), Verdict::BalanceChanged);
    assert_eq!((first.outcome, first.delivery_id), (Outcome::None, 0));
    assert_eq!((first.openid.as_str(), first.amount), ("o1", 60));
    // A server that died before it looked learns of it from the repeat.
    let mut world = world.crash_and_reopen_v2(1_000);
    assert!(world.told.is_empty());
    let again = told(&mut world, coins("top-up"));
    assert_eq!(verdict(&again), Verdict::BalanceChanged);
}

#[test]
fn each_kind_has_numbers_of_its_own() {
    let mut world = World::ready_v2();
    order(&mut world, "n1");
    world.told.clear();
    let events = [
        goods("n1", "o1", "sword", 2),
        coins("n1"),
        refund("n1"),
        gift("n1"),
    ];
    let verdicts = events.map(|event| verdict(&told(&mut world, event)));
    assert_eq!(
        verdicts,
        [
            Verdict::Deliver,
            Verdict::BalanceChanged,
            Verdict::Deliver,
            Verdict::Deliver
        ]
    );
}

/// Aim: WeChat is told *success* only of what is on disk.
#[test]
fn a_push_that_cannot_be_journaled_is_to_come_again() {
    for event in [
        of_order("t1"),
        goods("mall-1", "o2", "bow", 1),
        coins("c1"),
        gift("g1"),
    ] {
        let mut world = ordered();
        world
            .disk
            .fail_next(1, JournalError::not_written("the disk is full"));
        assert_eq!(verdict(&told(&mut world, event.clone())), Verdict::Again);
        let mut world = world.crash_and_reopen_v2(1_000);
        world.told.clear();
        let then = told(&mut world, event);
        assert!(matches!(
            verdict(&then),
            Verdict::Deliver | Verdict::BalanceChanged
        ));
    }
}

/// Aim: what the journal took although nobody was told is not lost: it is delivered as an answer is.
#[test]
fn an_order_whose_push_could_not_be_written_is_told_when_it_can() {
    let mut world = ordered();
    world
        .disk
        .fail_next(1, JournalError::not_written("the disk is full"));
    assert_eq!(verdict(&told(&mut world, of_order("t1"))), Verdict::Again);
    world.wind(5_000);
    let resolved = world.only();
    assert_eq!(
        (resolved.kind, resolved.outcome),
        (Some(CompletionKind::Resolved), Outcome::Done)
    );
    assert_eq!(
        verdict(&told(&mut world, of_order("t1"))),
        Verdict::AlreadyDelivered
    );
}

#[test]
fn closing_answers_every_push() {
    let mut world = ordered();
    world.disk_hangs = true;
    push(&mut world, of_order("t1"));
    push(&mut world, gift("g1"));
    world.handle(Input::Close { until_ms: 1_000 });
    assert!(!world.engine.is_closed());
    world.now_ms += 1_000;
    world.engine.abandon();
    world.settle();
    let verdicts = [verdict(&world.next()), verdict(&world.only())];
    assert_eq!(verdicts, [Verdict::Again; 2]);

    push(&mut world, gift("g2"));
    assert_eq!(verdict(&world.only()), Verdict::Again);
}

/// Aim: a write that was taken for failed and reached the disk all the same is delivered.
#[test]
fn a_push_that_was_stored_against_all_appearance_is_delivered() {
    for event in [refund("r1"), gift("g1")] {
        let mut world = World::ready_v2();
        let lost = JournalError {
            maybe_written: true,
            ..JournalError::not_written("I/O error")
        };
        world.disk.fail_next_but_store(1, lost);
        assert_eq!(verdict(&told(&mut world, event.clone())), Verdict::Again);
        push(&mut world, event);
        assert_eq!(verdict(&world.next()), Verdict::AlreadyDelivered);
        let delivered = world.only();
        assert_eq!(
            (delivered.kind, delivered.outcome),
            (Some(CompletionKind::Resolved), Outcome::Done)
        );
        world.ack(delivered.delivery_id);
        world.wind(2 * HOUR_MS);
        assert!(world.told.is_empty());
    }
}

/// Aim: an order that was retired as unpaid is no reason not to deliver what is paid after all.
#[test]
fn what_was_retired_as_unpaid_is_delivered_when_it_is_paid() {
    let mut settings = settings_v2();
    settings.operations.retain_days = 1;
    let mut world = ordered().crash_and_reopen_with(settings, 1_000);
    world.log_in();
    let unpaid = written_off(&mut world);
    world.ack(unpaid.delivery_id);
    world.wind(27 * HOUR_MS);
    assert_eq!(world.on_disk("t1"), None);
    assert_eq!(verdict(&told(&mut world, of_order("t1"))), Verdict::Deliver);
    assert_eq!(
        verdict(&told(&mut world, of_order("t1"))),
        Verdict::AlreadyDelivered
    );
}

/// Aim: an order under a number that a push has told of is that purchase, and no second one.
#[test]
fn ordering_what_a_push_has_delivered_tells_that_it_is_paid() {
    let mut world = World::ready_v2();
    let pushed = told(&mut world, of_order("t1"));
    order(&mut world, "t1");
    let ordered = world.only();
    assert_eq!(
        (ordered.outcome, ordered.delivery_id),
        (Outcome::Done, pushed.delivery_id)
    );
    assert!(ordered.strings.is_none());
    world.ack(pushed.delivery_id);
    world.wind(2 * HOUR_MS);
    assert!(world.told.is_empty() && world.calls().is_empty());

    let mut world = World::ready_v2();
    push(&mut world, goods("t1", "o2", "bow", 1));
    world.told.clear();
    order(&mut world, "t1");
    assert_eq!(world.only().error, Some(ErrorKind::BillNoConflict));
}

/// Aim: the same where both are on their way to the journal at once.
#[test]
fn an_order_and_its_push_at_once_deliver_once() {
    let mut world = World::ready_v2();
    world.disk_hangs = true;
    push(&mut world, of_order("t1"));
    world.answer_held_and_hang();
    order(&mut world, "t1");
    world.disk_hangs = false;
    world.settle();
    world.wind(5_000);
    let delivered = world
        .told
        .iter()
        .filter(|told| told.kind == Some(CompletionKind::Push))
        .map(verdict);
    assert_eq!(delivered.collect::<Vec<_>>(), [Verdict::Deliver]);
    assert!(
        world
            .told
            .iter()
            .all(|told| told.kind != Some(CompletionKind::Resolved))
    );
}

/// Aim: a person and a push never write one order at the same time.
#[test]
fn a_decision_and_a_push_at_once_tell_one_story() {
    let mut world = ordered();
    push(&mut world, goods("t1", "o1", "shield", 2));
    world.told.clear();
    let settle = || Operator::Settle {
        bill_no: "t1".into(),
        done: false,
    };
    world.disk_hangs = true;
    push(&mut world, of_order("t1"));
    world.submit(Ask::Operator(settle()), 9, 30_000);
    world.disk_hangs = false;
    world.settle();
    let verdicts: Vec<_> = world
        .told
        .iter()
        .filter(|told| told.push.is_some())
        .map(verdict)
        .collect();
    assert_eq!(verdicts, [Verdict::Deliver]);
    assert!(
        world
            .told
            .iter()
            .any(|told| told.kind == Some(CompletionKind::Settle)
                && told.error == Some(ErrorKind::WrongState))
    );
    assert_eq!(world.on_disk("t1").expect("journaled").state, State::Done);
    world.told.clear();

    let mut world = ordered();
    push(&mut world, goods("t1", "o1", "shield", 2));
    world.told.clear();
    world.disk_hangs = true;
    world.submit(Ask::Operator(settle()), 9, 30_000);
    push(&mut world, of_order("t1"));
    world.disk_hangs = false;
    world.settle();
    world.told.clear();
    let then = told(&mut world, of_order("t1"));
    assert_eq!(verdict(&then), Verdict::Deliver);
}
