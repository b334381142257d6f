//! What happens to coins and order numbers, over real sockets.

mod common;

use common::{Client, errcode, start};
use serde_json::json;
use wxgame_sandbox::{DuplicateCheck, Env, Filter, Kind, Rules, State, UsedGenName};

#[test]
fn a_number_is_charged_once_however_often_it_is_sent() {
    let sandbox = start(Rules::default());
    for env in Env::ALL {
        let client = Client::new(&sandbox, env);
        client.top_up(100, 0);
        assert_eq!(client.pay("b1", 30), 0);
        for _ in 0..5 {
            assert_eq!(client.pay("b1", 30), 90012);
        }
        assert_eq!(client.balance(), 70);
        let order = sandbox.order(env, "b1").expect("an order");
        assert_eq!((order.charged, order.attempts, order.changed), (1, 6, 0));
        assert_eq!((order.kind, order.state), (Some(Kind::Pay), State::Live));
    }
}

#[test]
fn the_two_environments_share_neither_coins_nor_numbers() {
    let sandbox = start(Rules::default());
    let production = Client::new(&sandbox, Env::Production);
    let trial = Client::new(&sandbox, Env::Sandbox);
    production.top_up(10, 0);
    assert_eq!(trial.pay("b1", 10), 90013);
    assert_eq!(production.pay("b1", 10), 0);
    trial.top_up(10, 0);
    assert_eq!(trial.pay("b1", 10), 0);
}

#[test]
fn gift_coins_are_used_first_and_come_back_as_gifts() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(100, 20);
    let paid = client.call("pay", json!({ "bill_no": "b1", "amt": 30 }));
    assert_eq!(
        (paid["balance"].as_i64(), paid["used_gen_amt"].as_i64()),
        (Some(90), Some(20))
    );
    assert_eq!(paid["bill_no"], "b1");
    let read = client.call("getbalance", json!({}));
    let shown = [
        "balance",
        "gen_balance",
        "save_amt",
        "save_sum",
        "cost_sum",
        "present_sum",
        "first_save",
    ];
    let values: Vec<_> = shown.iter().map(|name| read[name].clone()).collect();
    assert_eq!(json!(values), json!([90, 0, 100, 120, 30, 20, true]));

    assert_eq!(client.cancel("b1"), 0);
    let player = sandbox.player(Env::Sandbox, &client.openid, "1");
    assert_eq!(
        (player.balance, player.gen_balance, player.cost_sum),
        (120, 20, 0)
    );
}

#[test]
fn used_gift_coins_can_go_by_their_other_name() {
    let sandbox = start(Rules {
        used_gen_name: UsedGenName::UsedGenBalance,
        ..Rules::default()
    });
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(0, 5);
    let paid = client.call("pay", json!({ "bill_no": "b1", "amt": 5 }));
    assert_eq!(paid["used_gen_balance"], 5);
    assert!(paid.get("used_gen_amt").is_none());
}

#[test]
fn a_player_who_never_bought_reads_as_nothing() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let read = client.call("getbalance", json!({}));
    assert_eq!((errcode(&read), read["balance"].as_i64()), (0, Some(0)));
    assert_eq!(read["first_save"], false);
}

#[test]
fn too_few_coins_take_none_and_leave_the_number_free() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(5, 0);
    assert_eq!(client.pay("b1", 6), 90013);
    assert_eq!((client.balance(), client.charged("b1")), (5, 0));
    assert_eq!(client.cancel("b1"), 90000);
    client.top_up(1, 0);
    assert_eq!(client.pay("b1", 6), 0);
}

#[test]
fn a_repeated_number_and_an_empty_purse_answer_as_configured() {
    for (duplicate_check, answer) in [
        (DuplicateCheck::First, 90012),
        (DuplicateCheck::Last, 90013),
    ] {
        let sandbox = start(Rules {
            duplicate_check,
            ..Rules::default()
        });
        let client = Client::new(&sandbox, Env::Sandbox);
        client.top_up(5, 0);
        assert_eq!(client.pay("b1", 5), 0);
        assert_eq!(client.pay("b1", 5), answer, "{duplicate_check:?}");
        client.top_up(5, 0);
        assert_eq!(client.pay("b1", 5), 90012, "{duplicate_check:?}");
        assert_eq!(client.charged("b1"), 1);
    }
}

#[test]
fn a_cancel_gives_back_once_and_says_so_afterwards() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(10, 0);
    assert_eq!(client.cancel("b1"), 90000);
    assert_eq!(client.pay("b1", 10), 0);
    assert_eq!(client.cancel("b1"), 0);
    assert_eq!(client.cancel("b1"), 90015);
    assert_eq!(client.balance(), 10);
    assert_eq!(client.pay("b1", 10), 90012);
    let order = sandbox.order(Env::Sandbox, "b1").expect("an order");
    assert_eq!(
        (order.charged, order.given_back, order.cancel_attempts),
        (1, 1, 3)
    );
}

#[test]
fn a_rolled_back_number_can_be_made_reusable() {
    let sandbox = start(Rules {
        reusable_after_cancel: true,
        ..Rules::default()
    });
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(10, 0);
    assert_eq!((client.pay("b1", 10), client.cancel("b1")), (0, 0));
    assert_eq!(client.pay("b1", 10), 0);
    assert_eq!((client.charged("b1"), client.balance()), (2, 0));
}

#[test]
fn a_marked_order_cannot_be_cancelled() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(10, 0);
    assert_eq!(client.pay("b1", 10), 0);
    for (state, answer) in [
        (State::Confirmed, 90014),
        (State::Processing, 90016),
        (State::Live, 0),
    ] {
        let marked = sandbox.mark_order(Env::Sandbox, "b1", state);
        marked.expect("a live order");
        assert_eq!(client.cancel("b1"), answer, "{state:?}");
    }
    let late = sandbox.mark_order(Env::Sandbox, "b1", State::Confirmed);
    assert_eq!(late.expect_err("it was given back").field, "bill_no");
}

#[test]
fn after_48_hours_the_number_is_forgotten_but_the_charge_is_not() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(100, 0);
    assert_eq!(client.pay("b1", 10), 0);
    sandbox.advance_clock(48 * 3600 - 60).expect("forward");
    sandbox
        .set_token(&client.access_token, 7200)
        .expect("a token");
    assert_eq!(client.pay("b1", 10), 90012);
    sandbox.advance_clock(60).expect("forward");
    assert_eq!(client.cancel("b1"), 90000);
    assert_eq!(client.pay("b1", 10), 0);
    assert_eq!((client.charged("b1"), client.balance()), (2, 80));
}

#[test]
fn a_present_gives_once_and_is_no_payment() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    let given = client.call("present", json!({ "bill_no": "g1", "present_counts": 7 }));
    assert_eq!((errcode(&given), given["balance"].as_i64()), (0, Some(7)));
    assert_eq!(client.present("g1", 7), 90012);
    assert_eq!(client.pay("g1", 1), 90012);
    assert_eq!(client.cancel("g1"), 90000);
    let player = sandbox.player(Env::Sandbox, &client.openid, "1");
    assert_eq!(
        (player.gen_balance, player.present_sum, player.save_sum),
        (7, 7, 7)
    );
}

#[test]
fn the_same_number_with_another_amount_is_seen() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(100, 0);
    assert_eq!(client.pay("b1", 10), 0);
    assert_eq!(client.pay("b1", 11), 90012);
    let order = sandbox.order(Env::Sandbox, "b1").expect("an order");
    assert_eq!((order.changed, order.amt, order.charged), (1, 10, 1));
}

#[test]
fn somebody_elses_order_cannot_be_cancelled() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(10, 0);
    assert_eq!(client.pay("b1", 10), 0);
    let mut other = Client::new(&sandbox, Env::Sandbox);
    other.openid = "oSomebodyElse".to_owned();
    sandbox
        .set_session(&other.openid, &other.session_key)
        .expect("a session");
    assert_eq!(other.cancel("b1"), 90000);
    assert_eq!(client.balance(), 0);
}

#[test]
fn the_ledger_is_filtered_by_what_is_asked() {
    let sandbox = start(Rules::default());
    let client = Client::new(&sandbox, Env::Sandbox);
    client.top_up(100, 0);
    sandbox
        .top_up(Env::Production, "oOther", "2", 5, 0)
        .expect("a top-up");
    assert_eq!((client.pay("b1", 1), client.pay("b2", 1)), (0, 0));
    let all = sandbox.ledger(&Filter::default()).expect("a view");
    assert_eq!((all.players.len(), all.orders.len()), (2, 2));
    let filter = Filter {
        bill_no: Some("b2".to_owned()),
        ..Filter::default()
    };
    let one = sandbox.ledger(&filter).expect("a view");
    assert_eq!((one.players.len(), one.orders.len()), (1, 1));
    assert_eq!(one.players[0].openid, client.openid);
    let filter = Filter {
        appid: Some("wxnone".to_owned()),
        ..Filter::default()
    };
    assert_eq!(
        sandbox.ledger(&filter).expect_err("no such app").field,
        "appid"
    );
}
