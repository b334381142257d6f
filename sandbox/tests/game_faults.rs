//! Virtual payment 2.0: faults by the names of its calls.

mod common;

use common::{Client, Game, errcode, eventually, start};
use serde_json::{Value, json};
use wxgame_sandbox::{Act, Call, Env, Fault, PurchaseState, ReplyKind, Rules, Sandbox};

fn rich(sandbox: &Sandbox) -> Game<'_> {
    let game = Game::new(sandbox, Env::Sandbox);
    game.client.top_up(100, 0);
    game
}

fn refund_of(bill_no: &str, pay_bill_no: &str, amount: i64) -> Value {
    json!({ "bill_no": bill_no, "pay_bill_no": pay_bill_no, "amount": amount })
}

#[test]
fn each_call_is_hit_by_its_own_name_only() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    let client: &Client<'_> = &game.client;
    for (call, path, fields) in [
        (
            Call::GamePay,
            "pay",
            json!({ "bill_no": "b1", "amount": 1 }),
        ),
        (Call::GameCancelPay, "cancelpay", refund_of("r1", "b1", 1)),
        (Call::GameGetBalance, "getbalance", json!({})),
        (
            Call::GamePresent,
            "present",
            json!({ "bill_no": "g1", "amount": 1 }),
        ),
        (
            Call::GameQueryOrder,
            "queryorderinfo",
            json!({ "out_trade_no": "t1", "biz_id": 1 }),
        ),
    ] {
        let name = format!("game_{path}");
        client.fault(json!({ "call": name, "do": "no" }));
        assert_eq!(client.errcode("getbalance", json!({})), 0);
        assert_eq!(client.pay("v1", 1000), 90013);
        assert_eq!(game.errcode(path, fields.clone()), -1, "{name}");
        assert_eq!(sandbox.faults().last().expect("one").remaining, Some(0));
        let lost = Fault::once(call, Act::Yes, ReplyKind::Reset);
        sandbox.add_fault(lost).expect("a good fault");
        assert!(game.wire(path, fields).end.is_err(), "{name}");
        assert_eq!(sandbox.stats().requests[name.as_str()], 2);
    }
    assert_eq!((client.charged("b1"), client.balance()), (1, 101));
}

#[test]
fn what_is_lost_is_found_by_the_same_number() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    for call in ["game_pay", "game_cancelpay", "game_present"] {
        game.client
            .fault(json!({ "call": call, "do": "yes", "reply": { "kind": "half" } }));
    }
    let pay = json!({ "bill_no": "b1", "amount": 10 });
    let refund = refund_of("r1", "b1", 10);
    let present = json!({ "bill_no": "g1", "amount": 5 });
    for (call, fields) in [("pay", pay), ("cancelpay", refund), ("present", present)] {
        let wire = game.wire(call, fields.clone());
        assert_eq!(wire.body().len(), wire.content_length() / 2);
        assert_eq!(game.errcode(call, fields), 90012, "{call}");
    }
    assert_eq!(game.client.balance(), 105);
}

#[test]
fn a_refund_is_hit_by_its_own_number_and_by_the_payments() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    assert_eq!((game.pay("b1", 10), game.pay("b2", 10)), (0, 0));
    let refuse = |bill_no: &str| {
        game.client
            .fault(json!({ "call": "game_cancelpay", "bill_no": bill_no, "do": "no" }));
    };
    refuse("b1");
    assert_eq!(game.refund("r2", "b2", 1), 0);
    assert_eq!(game.refund("r1", "b1", 1), -1);
    refuse("r1");
    assert_eq!(game.refund("r3", "b1", 1), 0);
    assert_eq!(game.refund("r1", "b1", 1), -1);
    assert_eq!(game.refund("r1", "b1", 1), 0);
}

#[test]
fn a_query_is_hit_by_its_out_trade_no() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    let openid = game.client.openid.as_str();
    for number in ["t1", "t2"] {
        let state = PurchaseState::Paid;
        let bought = sandbox.buy(Env::Sandbox, number, (openid, "1"), 1, state);
        bought.expect("a good purchase");
    }
    game.client
        .fault(json!({ "call": "game_queryorderinfo", "bill_no": "t2", "do": "no" }));
    let asked = ["t1", "t2", "t2"].map(|number| errcode(&game.query(number, 1)));
    assert_eq!(asked, [0, -1, 0]);
    let last = sandbox.requests().pop().expect("a request");
    assert_eq!(last.bill_no.as_deref(), Some("t2"));
}

#[test]
fn a_late_pay_waits_for_the_refund_of_it_and_then_charges_after_all() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    game.client.fault(json!({
        "call": "game_pay", "do": "later", "later": { "when": "cancel" }, "reply": { "kind": "reset" },
    }));
    let pay = json!({ "bill_no": "b1", "amount": 10 });
    assert!(game.wire("pay", pay).end.is_err());
    assert_eq!(game.refund("r0", "other", 10), 90000);
    assert_eq!(game.client.charged("b1"), 0);
    assert_eq!(game.refund("r1", "b1", 10), 90000);
    eventually("the late one is executed", || {
        game.client.charged("b1") == 1
    });
    assert_eq!(game.client.balance(), 90);
}

#[test]
fn a_late_refund_waits_for_its_retry_and_then_finds_the_number_taken() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    assert_eq!(game.pay("b1", 10), 0);
    let later = |when: &str| {
        game.client
            .fault(json!({ "call": "game_cancelpay", "do": "later", "later": { "when": when } }));
    };
    later("retry");
    assert_eq!(game.refund("r1", "b1", 4), -1);
    assert_eq!(game.refund("r2", "b1", 1), 0, "another number");
    assert_eq!(game.client.balance(), 91);
    assert_eq!(game.refund("r1", "b1", 4), 0);
    eventually("the late one is executed", || {
        sandbox.stats().late.contains_key("90012")
    });
    assert_eq!(game.client.balance(), 95);
    later("cancel");
    assert_eq!(game.refund("r3", "b1", 1), -1);
    assert_eq!(game.refund("r4", "b1", 1), 0);
    eventually("the late one is executed", || game.client.balance() == 97);
}

#[test]
fn a_late_gift_comes_after_its_time() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    game.client.fault(
        json!({ "call": "game_present", "do": "later", "later": { "when": "ms", "ms": 20 } }),
    );
    assert_eq!(game.present("g1", 5), -1);
    eventually("the late one is executed", || game.client.balance() == 105);
}

#[test]
fn a_token_can_be_revoked_while_a_pay_is_on_its_way() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    game.client
        .fault(json!({ "call": "game_pay", "do": "revoke" }));
    assert_eq!((game.pay("b1", 1), game.pay("b1", 1)), (40001, 40001));
    assert_eq!(game.client.charged("b1"), 0);
}

#[test]
fn the_environment_of_a_fault_is_the_one_in_the_body() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    game.client
        .fault(json!({ "call": "*", "env": "production", "do": "no" }));
    assert_eq!(game.errcode("getbalance", json!({})), 0);
    let production = Game::new(&sandbox, Env::Production);
    assert_eq!(production.errcode("getbalance", json!({})), -1);
}

#[test]
fn a_code_has_the_words_of_its_own_generation() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    let words = |call: &str| {
        let reply = json!({ "kind": "errcode", "errcode": 90016 });
        game.client
            .fault(json!({ "call": call, "do": "no", "reply": reply }));
    };
    words("game_getbalance");
    words("getbalance");
    let new = game.call("getbalance", json!({}));
    let old = game.client.call("getbalance", json!({}));
    assert_eq!(new["errmsg"], "session_key expired");
    assert_eq!(old["errmsg"], "order is processing");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let sandbox = start(Rules::default());
    for call in ["game_getbalance", "game_queryorderinfo"] {
        let late = json!({ "call": call, "do": "later", "later": { "when": "retry" } });
        let refused = sandbox.add_faults_json(&late.to_string());
        assert_eq!(refused.expect_err("it moves no coins").field, "do");
    }
    let refused = sandbox.add_faults_json(r#"{"call":"game_queryorder","do":"no"}"#);
    let trouble = refused.expect_err("no such call");
    assert_eq!(trouble.field, "call");
    assert!(trouble.message.contains("game_queryorderinfo"), "{trouble}");
}

#[test]
fn a_request_that_is_wrong_anyway_uses_no_fault_up() {
    let sandbox = start(Rules::default());
    let game = rich(&sandbox);
    game.client.fault(json!({ "call": "game_pay", "do": "no" }));
    assert_eq!(game.pay("b1", 0), 90018);
    sandbox.expire_session(&game.client.openid).expect("one");
    assert_eq!(game.pay("b1", 1), 90016);
    assert_eq!(sandbox.faults()[0].remaining, Some(1));
}
