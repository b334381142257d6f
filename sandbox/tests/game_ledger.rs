//! Virtual payment 2.0: what happens to coins, order numbers and purchases.

mod common;

use common::{Game, errcode, get, post, start};
use serde_json::{Value, json};
use wxgame_sandbox::{
    DuplicateCheck, Env, Filter, Kind, PurchaseState, RefundRow, RepeatedRefund, Rules, Sandbox,
    State,
};

fn refund_row(sandbox: &Sandbox, bill_no: &str) -> RefundRow {
    let filter = Filter {
        bill_no: Some(bill_no.to_owned()),
        ..Filter::default()
    };
    let ledger = sandbox.ledger(&filter).expect("a view");
    ledger.refunds.into_iter().next().expect("a refund")
}

fn refund_of(bill_no: &str, pay_bill_no: &str, amount: i64) -> Value {
    json!({ "bill_no": bill_no, "pay_bill_no": pay_bill_no, "amount": amount })
}

#[test]
fn a_number_is_charged_once_however_often_it_is_sent() {
    let sandbox = start(Rules::default());
    for env in Env::ALL {
        let game = Game::new(&sandbox, env);
        game.client.top_up(100, 0);
        assert_eq!(game.pay("b1", 30), 0);
        for _ in 0..3 {
            assert_eq!(game.pay("b1", 30), 90012);
        }
        assert_eq!(game.pay("b1", 31), 90012);
        let order = sandbox.order(env, "b1").expect("an order");
        assert_eq!((order.charged, order.attempts, order.changed), (1, 5, 1));
        assert_eq!((order.kind, order.state), (Some(Kind::Pay), State::Live));
        assert_eq!(game.client.balance(), 70);
    }
}

#[test]
fn the_answers_have_the_names_of_2_0() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(100, 20);
    let paid = game.call("pay", json!({ "bill_no": "b1", "amount": 30 }));
    assert_eq!(
        paid,
        json!({ "errcode": 0, "errmsg": "ok", "bill_no": "b1", "balance": 90, "used_present_amount": 20 })
    );
    let given = game.call("present", json!({ "bill_no": "g1", "amount": 5 }));
    assert_eq!(
        given,
        json!({ "errcode": 0, "errmsg": "ok", "bill_no": "g1", "balance": 95 })
    );
    let read = game.call("getbalance", json!({ "coin_type": 0 }));
    assert_eq!(
        read,
        json!({
            "errcode": 0, "errmsg": "ok", "balance": 95, "present_balance": 5, "sum_save": 100,
            "sum_present": 25, "sum_balance": 125, "sum_cost": 30, "first_save": true,
        })
    );
    let back = game.call("cancelpay", refund_of("r1", "b1", 30));
    assert_eq!(
        back,
        json!({ "errcode": 0, "errmsg": "ok", "bill_no": "r1", "balance": 125, "used_present_amount": 20 })
    );
}

#[test]
fn a_refund_can_tell_its_number_only() {
    let sandbox = start(Rules {
        cancel_tells_balance: false,
        ..Rules::default()
    });
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(1, 0);
    assert_eq!(game.pay("b1", 1), 0);
    assert_eq!(
        game.call("cancelpay", refund_of("r1", "b1", 1)),
        json!({ "errcode": 0, "errmsg": "ok", "bill_no": "r1" })
    );
}

#[test]
fn a_payment_is_given_back_in_parts_and_never_more_than_it_took() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(100, 0);
    assert_eq!(game.pay("b1", 100), 0);
    assert_eq!(
        (game.refund("r1", "b1", 30), game.refund("r2", "b1", 60)),
        (0, 0)
    );
    assert_eq!(game.refund("r3", "b1", 11), 90018);
    let order = sandbox.order(Env::Sandbox, "b1").expect("an order");
    assert_eq!((order.state, order.refunded), (State::Live, 90));
    assert_eq!(game.refund("r4", "b1", 10), 0);
    assert_eq!(game.refund("r5", "b1", 1), 90018);
    let order = sandbox.order(Env::Sandbox, "b1").expect("an order");
    assert_eq!((order.state, order.refunded), (State::RolledBack, 100));
    assert_eq!((order.given_back, order.cancel_attempts), (3, 5));
    assert_eq!(game.client.balance(), 100);
    assert_eq!(refund_row(&sandbox, "r2").given_back, 1);
    assert_eq!(refund_row(&sandbox, "r3").given_back, 0);
    assert_eq!(game.pay("b1", 100), 90012, "it is not free again");
}

#[test]
fn the_same_refund_number_gives_back_once() {
    for (repeated_refund, answer) in [(RepeatedRefund::Exists, 90012), (RepeatedRefund::Ok, 0)] {
        let sandbox = start(Rules {
            repeated_refund,
            ..Rules::default()
        });
        let game = Game::new(&sandbox, Env::Sandbox);
        game.client.top_up(100, 0);
        assert_eq!(game.pay("b1", 100), 0);
        assert_eq!(game.refund("r1", "b1", 30), 0);
        assert_eq!(game.refund("r1", "b1", 30), answer, "{repeated_refund:?}");
        assert_eq!(game.refund("r1", "b1", 31), 90012, "it has changed");
        assert_eq!(game.client.balance(), 30);
        let refund = refund_row(&sandbox, "r1");
        assert_eq!(
            (refund.attempts, refund.changed, refund.given_back),
            (3, 1, 1)
        );
        assert_eq!((refund.pay_bill_no.as_str(), refund.amt), ("b1", 30));
    }
}

#[test]
fn a_repeated_refund_of_all_coins_answers_as_configured() {
    for (refund_duplicate_check, answer) in [
        (DuplicateCheck::First, 90012),
        (DuplicateCheck::Last, 90018),
    ] {
        let sandbox = start(Rules {
            refund_duplicate_check,
            ..Rules::default()
        });
        let game = Game::new(&sandbox, Env::Sandbox);
        game.client.top_up(5, 0);
        assert_eq!(game.pay("b1", 5), 0);
        assert_eq!(game.refund("r1", "b1", 5), 0);
        assert_eq!(
            game.refund("r1", "b1", 5),
            answer,
            "{refund_duplicate_check:?}"
        );
        assert_eq!(game.client.balance(), 5);
    }
}

#[test]
fn bought_coins_come_back_before_gifts() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 20);
    assert_eq!(game.pay("b1", 30), 0);
    for (number, amount, gifts) in [("r1", 8, 0), ("r2", 5, 3), ("r3", 17, 17)] {
        let back = game.call("cancelpay", refund_of(number, "b1", amount));
        assert_eq!(back["used_present_amount"], gifts, "{number}");
    }
    let player = sandbox.player(Env::Sandbox, &game.client.openid, "1");
    assert_eq!(
        (player.balance, player.gen_balance, player.cost_sum),
        (30, 20, 0)
    );
}

#[test]
fn what_cannot_be_given_back_is_90000() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!(game.refund("r1", "b1", 1), 90000, "never paid");
    assert_eq!(game.pay("b1", 11), 90013);
    assert_eq!(game.refund("r1", "b1", 11), 90000, "refused");
    assert_eq!(game.present("g1", 1), 0);
    assert_eq!(game.refund("r1", "g1", 1), 90000, "a gift");
    assert_eq!(game.pay("b2", 10), 0);
    let elsewhere = json!({ "bill_no": "r1", "pay_bill_no": "b2", "amount": 10, "zone_id": "2" });
    assert_eq!(game.errcode("cancelpay", elsewhere), 90000, "another zone");
    let production = Game::new(&sandbox, Env::Production);
    assert_eq!(production.refund("r1", "b2", 10), 90000);
    assert_eq!(game.refund("r1", "b2", 10), 0, "a refused number is free");
    assert_eq!(game.client.balance(), 11);
}

#[test]
fn somebody_elses_payment_cannot_be_given_back() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!(game.pay("b1", 10), 0);
    let mut other = Game::new(&sandbox, Env::Sandbox);
    other.client.openid = "oSomebodyElse".to_owned();
    let session = sandbox.set_session(&other.client.openid, &other.client.session_key);
    session.expect("a good session");
    assert_eq!(other.refund("r1", "b1", 10), 90000);
    assert_eq!(game.client.balance(), 0);
}

#[test]
fn all_calls_share_their_numbers() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!(game.pay("b1", 5), 0);
    assert_eq!(
        game.refund("b1", "b1", 5),
        90012,
        "the payment's own number"
    );
    assert_eq!(game.present("b1", 5), 90012);
    assert_eq!(game.refund("r1", "b1", 5), 0);
    assert_eq!((game.pay("r1", 5), game.present("r1", 5)), (90012, 90012));
    assert_eq!(game.client.pay("r1", 5), 90012, "the classic call too");
    assert_eq!(game.client.balance(), 10);
}

#[test]
fn a_classic_cancel_gives_back_what_is_left() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 10);
    assert_eq!(game.pay("b1", 20), 0);
    assert_eq!(game.refund("r1", "b1", 15), 0);
    assert_eq!(game.client.cancel("b1"), 0);
    assert_eq!(game.client.cancel("b1"), 90015);
    let player = sandbox.player(Env::Sandbox, &game.client.openid, "1");
    assert_eq!((player.balance, player.gen_balance), (20, 10));
}

#[test]
fn a_marked_order_is_answered_with_codes_of_2_0() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!(game.pay("b1", 10), 0);
    for (state, answer) in [
        (State::Confirmed, 90018),
        (State::Processing, -1),
        (State::Live, 0),
    ] {
        let marked = sandbox.mark_order(Env::Sandbox, "b1", state);
        marked.expect("a live order");
        assert_eq!(game.refund("r1", "b1", 10), answer, "{state:?}");
    }
}

#[test]
fn a_rolled_back_number_can_be_made_reusable() {
    let sandbox = start(Rules {
        reusable_after_cancel: true,
        ..Rules::default()
    });
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!((game.pay("b1", 10), game.refund("r1", "b1", 4)), (0, 0));
    assert_eq!(game.pay("b1", 10), 90012, "a part of it is still taken");
    assert_eq!((game.refund("r2", "b1", 6), game.pay("b1", 10)), (0, 0));
    let order = sandbox.order(Env::Sandbox, "b1").expect("an order");
    assert_eq!((order.charged, order.refunded), (2, 0));
    assert_eq!(game.refund("r3", "b1", 10), 0, "it begins anew");
}

#[test]
fn a_refused_number_can_be_made_unusable() {
    for (reusable_after_refusal, answer) in [(true, 0), (false, 90013)] {
        let sandbox = start(Rules {
            reusable_after_refusal,
            ..Rules::default()
        });
        let game = Game::new(&sandbox, Env::Sandbox);
        assert_eq!(game.pay("b1", 5), 90013);
        game.client.top_up(5, 0);
        assert_eq!(game.pay("b1", 5), answer, "{reusable_after_refusal}");
        assert_eq!(game.client.charged("b1"), u64::from(reusable_after_refusal));
    }
}

#[test]
fn after_48_hours_payment_and_refund_are_forgotten() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!((game.pay("b1", 10), game.refund("r1", "b1", 4)), (0, 0));
    sandbox.advance_clock(48 * 3600).expect("forward");
    let token = sandbox.set_token(&game.client.access_token, 7200);
    token.expect("a good token");
    assert_eq!(game.refund("r2", "b1", 6), 90000);
    assert_eq!(game.pay("r1", 4), 0);
    assert_eq!(game.client.balance(), 0);
}

#[test]
fn the_recharge_centre_has_coins_of_its_own() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    let topped = post(
        &sandbox,
        "/sandbox/topup",
        &json!({ "openid": game.client.openid, "env": "sandbox", "amt": 7, "coin_type": 1 }),
    );
    assert_eq!(topped["balance"], 7);
    let balance = |coin_type: i64| {
        let read = game.call("getbalance", json!({ "coin_type": coin_type }));
        read["balance"].as_i64()
    };
    assert_eq!((balance(0), balance(1)), (Some(10), Some(7)));
    let more = sandbox.top_up_recharge_centre(Env::Sandbox, &game.client.openid, 1, 0);
    assert_eq!(more.expect("a good top-up").balance, 8);
    let ledger = get(&sandbox, "/sandbox/ledger?env=sandbox");
    let purses: Vec<_> = ledger["players"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    let shown: Vec<_> = purses
        .iter()
        .map(|p| json!([p["zone_id"], p["coin_type"], p["balance"]]))
        .collect();
    assert_eq!(shown, [json!(["1", 0, 10]), json!(["1", 1, 8])]);
}

#[test]
fn a_query_tells_how_far_a_purchase_has_come() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    let openid = game.client.openid.as_str();
    let unknown = game.query("t1", 1);
    assert_eq!(
        unknown,
        json!({ "errcode": 90019, "errmsg": "out_trade_no not exist" })
    );
    let buy = |state: PurchaseState| sandbox.buy(Env::Sandbox, "t1", (openid, "1"), 60, state);
    for (state, pay_state, deliver_state, balance) in [
        (PurchaseState::Unpaid, 1, 1, 0),
        (PurchaseState::Paid, 2, 1, 0),
        (PurchaseState::Paid, 2, 1, 0),
        (PurchaseState::Delivered, 2, 2, 60),
        (PurchaseState::Delivered, 2, 2, 60),
    ] {
        buy(state).expect("a good purchase");
        let told = game.query("t1", 1);
        assert_eq!(errcode(&told), 0, "{told}");
        let states = (&told["pay_state"], &told["deliver_state"]);
        assert_eq!(states, (&json!(pay_state), &json!(deliver_state)));
        let paid = pay_state == 2;
        for name in ["pay_finish_time", "mch_order_no", "transaction_id"] {
            assert_eq!(told.get(name).is_some(), paid, "{name} in {told}");
        }
        assert_eq!(game.client.balance(), balance);
    }
    assert_eq!(buy(PurchaseState::Paid).expect_err("back").field, "state");
    assert_eq!(errcode(&game.query("t1", 2)), 90019, "it is no item");
    let production = Game::new(&sandbox, Env::Production);
    assert_eq!(errcode(&production.query("t1", 1)), 90019);
    let mut other = Game::new(&sandbox, Env::Sandbox);
    other.client.openid = "oSomebodyElse".to_owned();
    let session = sandbox.set_session(&other.client.openid, &other.client.session_key);
    session.expect("a good session");
    assert_eq!(errcode(&other.query("t1", 1)), 90019);
}

#[test]
fn purchases_can_be_made_over_http_and_bad_ones_are_refused() {
    let sandbox = start(Rules::default());
    let good = json!({ "out_trade_no": "_t|1*@", "openid": "o1", "amt": 6 });
    assert_eq!(post(&sandbox, "/sandbox/purchase", &good)["ok"], true);
    let ledger = get(&sandbox, "/sandbox/ledger?openid=o1");
    assert_eq!(ledger["players"][0]["balance"], 6);
    let purchase = &ledger["purchases"][0];
    assert_eq!(
        (&purchase["out_trade_no"], &purchase["state"]),
        (&json!("_t|1*@"), &json!("delivered"))
    );
    for (name, value, field) in [
        ("out_trade_no", json!("a b"), "out_trade_no"),
        ("out_trade_no", json!("t".repeat(33)), "out_trade_no"),
        ("openid", json!("o 1"), "openid"),
        ("openid", json!("o2"), "out_trade_no"),
        ("amt", json!(7), "out_trade_no"),
        ("amt", json!(0), "amt"),
        ("zone_id", json!(""), "zone_id"),
        ("state", json!("paid"), "state"),
        ("state", json!("gone"), "state"),
        ("env", json!("x"), "env"),
        ("more", json!(1), "more"),
    ] {
        let mut bad = good.clone();
        bad[name] = value;
        let answer = post(&sandbox, "/sandbox/purchase", &bad);
        assert_eq!(answer["field"], field, "{bad}: {answer}");
    }
    let full = json!({ "out_trade_no": "t2", "openid": "o1", "amt": 1_i64 << 53 });
    assert_eq!(post(&sandbox, "/sandbox/purchase", &full)["field"], "amt");
    for (coin_type, zone_id, field) in [(2, "1", "coin_type"), (1, "2", "zone_id")] {
        let bad = json!({ "openid": "o1", "amt": 1, "coin_type": coin_type, "zone_id": zone_id });
        assert_eq!(post(&sandbox, "/sandbox/topup", &bad)["field"], field);
    }
    let ledger = get(&sandbox, "/sandbox/ledger?openid=o1");
    assert_eq!(ledger["purchases"].as_array().map(Vec::len), Some(1));
    assert_eq!(ledger["players"][0]["balance"], 6);
}

#[test]
fn the_ledger_shows_a_payments_refunds_with_it() {
    let sandbox = start(Rules::default());
    let game = Game::new(&sandbox, Env::Sandbox);
    game.client.top_up(10, 0);
    assert_eq!((game.pay("b1", 4), game.pay("b2", 4)), (0, 0));
    assert_eq!(
        (game.refund("r1", "b1", 2), game.refund("r2", "b2", 2)),
        (0, 0)
    );
    let ledger = get(&sandbox, "/sandbox/ledger?bill_no=b1");
    let numbers = |name: &str| -> Vec<Value> {
        let rows = ledger[name].as_array().expect("a list");
        rows.iter().map(|row| row["bill_no"].clone()).collect()
    };
    assert_eq!(
        (numbers("orders"), numbers("refunds")),
        (vec![json!("b1")], vec![json!("r1")])
    );
    assert_eq!(ledger["orders"][0]["refunded"], 2);
    let all = get(&sandbox, "/sandbox/ledger");
    assert_eq!(all["refunds"].as_array().map(Vec::len), Some(2));
}
