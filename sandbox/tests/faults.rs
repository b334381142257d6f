//! Every fault over real sockets: what the client sees, and what the coins did meanwhile.

mod common;

use common::{Client, Wire, errcode, eventually, request, start};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::time::{Duration, Instant};
use wxgame_sandbox::sign::Key;
use wxgame_sandbox::{Act, Call, Config, Env, Fault, ReplyKind, Rules, Sandbox};

fn rich(sandbox: &Sandbox) -> Client<'_> {
    let client = Client::new(sandbox, Env::Sandbox);
    client.top_up(100, 0);
    client
}

/// Plays one kind of reply to a `pay`, executed or not, and checks that the coins went that way.
fn played(act: &str, reply: Value) -> Wire {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": act, "reply": reply }));
    let wire = client.wire("pay", json!({ "bill_no": "b1", "amt": 10 }));
    let charged = u64::from(act == "yes");
    assert_eq!(client.charged("b1"), charged, "{act} {reply}");
    assert_eq!(client.balance(), 100 - 10 * charged as i64);
    let again = client.pay("b1", 10);
    assert_eq!(
        again,
        if act == "yes" { 90012 } else { 0 },
        "the fault happens once"
    );
    assert_eq!(client.charged("b1"), 1);
    wire
}

#[test]
fn errcode_answers_what_it_is_told() {
    for act in ["yes", "no"] {
        let told = json!({ "kind": "errcode", "errcode": 90016, "errmsg": "said so" });
        let answer = played(act, told).json();
        assert_eq!(
            (errcode(&answer), answer["errmsg"].as_str()),
            (90016, Some("said so"))
        );
        assert_eq!(
            errcode(&played(act, json!({ "kind": "errcode" })).json()),
            -1
        );
    }
}

#[test]
fn normal_is_minus_one_when_nothing_was_executed() {
    assert_eq!(errcode(&played("no", json!({})).json()), -1);
    assert_eq!(errcode(&played("yes", json!({})).json()), 0);
}

#[test]
fn reset_resets_without_a_byte() {
    for act in ["yes", "no"] {
        let wire = played(act, json!({ "kind": "reset" }));
        assert!(wire.bytes.is_empty());
        let end = wire.end.expect_err("a reset");
        assert_eq!(end.kind(), ErrorKind::ConnectionReset);
    }
}

#[test]
fn half_breaks_off_in_the_middle_of_the_body() {
    for act in ["yes", "no"] {
        let wire = played(act, json!({ "kind": "half" }));
        wire.end.as_ref().expect("a close, not a reset");
        assert_eq!(wire.status(), 200);
        assert_eq!(wire.body().len(), wire.content_length() / 2);
        assert!(wire.body().starts_with(b"{\""));
    }
}

#[test]
fn http_answers_a_status_and_no_json() {
    for act in ["yes", "no"] {
        let wire = played(act, json!({ "kind": "http" }));
        assert_eq!(wire.status(), 502);
        let told = json!({ "kind": "http", "http_status": 503, "errmsg": "closed" });
        let wire = played(act, told);
        assert_eq!((wire.status(), wire.body()), (503, &b"closed"[..]));
    }
}

#[test]
fn garbage_and_empty_are_200_without_json() {
    for act in ["yes", "no"] {
        let garbage = played(act, json!({ "kind": "garbage" }));
        assert_eq!(garbage.status(), 200);
        assert!(serde_json::from_slice::<Value>(garbage.body()).is_err());
        let empty = played(act, json!({ "kind": "empty" }));
        assert_eq!(
            (empty.status(), empty.content_length(), empty.body().len()),
            (200, 0, 0)
        );
    }
}

#[test]
fn no_errcode_leaves_only_that_out() {
    let answer = played("yes", json!({ "kind": "no_errcode" })).json();
    assert_eq!(
        (&answer["balance"], answer.get("errcode")),
        (&json!(90), None)
    );
    let answer = played("no", json!({ "kind": "no_errcode" })).json();
    assert_eq!(answer.get("errcode"), None);
}

#[test]
fn slow_is_the_normal_answer_late() {
    let begun = Instant::now();
    let wire = played("yes", json!({ "kind": "slow", "delay_ms": 120 }));
    assert_eq!(errcode(&wire.json()), 0);
    assert!(begun.elapsed() >= Duration::from_millis(120));
}

#[test]
fn hang_answers_nothing_until_the_client_leaves() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": "yes", "reply": { "kind": "hang" } }));
    let fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 10 }));
    let body = Value::Object(fields).to_string();
    let bytes = request("POST", &client.target("pay"), body.as_bytes());
    let wire = common::raw(&sandbox, &bytes, Duration::from_millis(150));
    let end = wire.end.expect_err("no answer and no close");
    assert!(
        matches!(end.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{end}"
    );
    assert!(wire.bytes.is_empty());
    assert_eq!(client.charged("b1"), 1);
    eventually("the connection is let go", || {
        sandbox.stats().connections_open == 0
    });
}

#[test]
fn stopping_cuts_what_hangs() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": "no", "reply": { "kind": "hang" } }));
    let fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 10 }));
    let body = Value::Object(fields).to_string();
    let bytes = request("POST", &client.target("pay"), body.as_bytes());
    let address = sandbox.http_url().expect("HTTP").replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    std::io::Write::write_all(&mut stream, &bytes).expect("it reads");
    eventually("the request has come", || {
        sandbox.stats().requests.contains_key("pay")
    });
    let begun = Instant::now();
    sandbox.stop();
    assert!(begun.elapsed() < Duration::from_secs(5));
    let mut rest = Vec::new();
    let _ = std::io::Read::read_to_end(&mut stream, &mut rest);
    assert!(rest.is_empty());
}

#[test]
fn later_is_executed_after_its_own_answer() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    for (n, kind) in ["normal", "reset", "half", "empty"].iter().enumerate() {
        let bill_no = format!("b{n}");
        client.fault(json!({
            "call": "pay", "do": "later", "later": { "when": "answer" }, "reply": { "kind": kind },
        }));
        let wire = client.wire("pay", json!({ "bill_no": bill_no, "amt": 10 }));
        if *kind == "normal" {
            assert_eq!(errcode(&wire.json()), -1);
        }
        eventually("it is executed", || client.charged(&bill_no) == 1);
        assert_eq!(client.pay(&bill_no, 10), 90012, "{kind}");
    }
    assert_eq!(client.balance(), 60);
    assert_eq!(sandbox.stats().late["0"], 4);
}

#[test]
fn later_behind_a_hanging_answer_is_executed_when_the_client_leaves() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({
        "call": "pay", "do": "later", "later": { "when": "answer" }, "reply": { "kind": "hang" },
    }));
    let fields = client.signed("pay", json!({ "bill_no": "b1", "amt": 10 }));
    let body = Value::Object(fields).to_string();
    let bytes = request("POST", &client.target("pay"), body.as_bytes());
    let address = sandbox.http_url().expect("HTTP").replace("http://", "");
    let mut stream = std::net::TcpStream::connect(address).expect("it listens");
    std::io::Write::write_all(&mut stream, &bytes).expect("it reads");
    eventually("the request has come", || {
        sandbox.stats().requests.contains_key("pay")
    });
    assert_eq!(client.charged("b1"), 0);
    drop(stream);
    eventually("it is executed", || client.charged("b1") == 1);
}

#[test]
fn later_waits_for_the_retry_and_then_finds_the_number_taken() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": "later", "later": { "when": "retry" } }));
    assert_eq!(client.pay("b1", 10), -1);
    assert_eq!(client.pay("other", 10), 0);
    assert_eq!(client.charged("b1"), 0);
    assert_eq!(client.pay("b1", 10), 0);
    eventually("the late one is executed", || {
        sandbox.stats().late.contains_key("90012")
    });
    assert_eq!((client.charged("b1"), client.balance()), (1, 80));
}

#[test]
fn later_waits_for_the_cancel_and_then_charges_after_all() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({
        "call": "pay", "do": "later", "later": { "when": "cancel" }, "reply": { "kind": "reset" },
    }));
    client.fault(json!({ "call": "pay", "bill_no": "b1", "do": "no" }));
    assert!(
        client
            .wire("pay", json!({ "bill_no": "b1", "amt": 10 }))
            .end
            .is_err()
    );
    assert_eq!(client.pay("b1", 10), -1, "a retry does not set it off");
    assert_eq!(client.charged("b1"), 0);
    assert_eq!(client.cancel("b1"), 90000);
    eventually("the late one is executed", || client.charged("b1") == 1);
    assert_eq!(client.balance(), 90);
}

#[test]
fn later_can_wait_for_a_time() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "present", "do": "later", "later": { "when": "ms", "ms": 30 } }));
    assert_eq!(client.present("g1", 5), -1);
    eventually("the late one is executed", || client.charged("g1") == 1);
    assert_eq!(client.balance(), 105);
}

#[test]
fn a_cancel_can_be_late_too() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    assert_eq!(client.pay("b1", 10), 0);
    client.fault(json!({ "call": "cancelpay", "do": "later", "later": { "when": "answer" } }));
    assert_eq!(client.cancel("b1"), -1);
    eventually("the late one is executed", || client.balance() == 100);
    assert_eq!(client.cancel("b1"), 90015);
}

#[test]
fn a_reset_of_the_sandbox_forgets_what_waits() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": "later", "later": { "when": "retry" } }));
    assert_eq!(client.pay("b1", 10), -1);
    sandbox.reset();
    let client = rich(&sandbox);
    assert_eq!(client.pay("b1", 10), 0);
    assert!(sandbox.stats().late.is_empty());
    assert_eq!(client.balance(), 90);
}

#[test]
fn only_what_fits_is_hit() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "bill_no": "b2", "do": "no" }));
    client.fault(json!({ "call": "*", "env": "production", "do": "no" }));
    client.fault(json!({ "call": "*", "openid": "oSomebodyElse", "do": "no" }));
    assert_eq!(client.pay("b1", 1), 0);
    assert_eq!(client.errcode("getbalance", json!({})), 0);
    assert_eq!(client.pay("b2", 1), -1);
    assert_eq!(client.pay("b2", 1), 0);
    let production = Client::new(&sandbox, Env::Production);
    assert_eq!(production.errcode("getbalance", json!({})), -1);
    let left: Vec<_> = sandbox.faults().iter().map(|line| line.remaining).collect();
    assert_eq!(left, [Some(0), Some(0), Some(1)]);
}

#[test]
fn skip_lets_pass_and_times_ends() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "skip": 2, "times": 2, "do": "no" }));
    let answers: Vec<_> = (0..6).map(|n| client.pay(&format!("b{n}"), 1)).collect();
    assert_eq!(answers, [0, 0, -1, -1, 0, 0]);
    client.fault(json!({ "call": "pay", "times": 0, "do": "no" }));
    assert!(
        (0..20).all(|_| client.pay("c", 1) == -1),
        "0 times is for ever"
    );
}

#[test]
fn the_first_fault_that_fits_wins() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    let refuse = |errcode: i64| json!({ "call": "pay", "do": "no", "reply": { "kind": "errcode", "errcode": errcode } });
    client.fault(json!([refuse(45011), refuse(45009)]));
    let answers: Vec<_> = (0..3).map(|_| client.pay("b1", 1)).collect();
    assert_eq!(answers, [45011, 45009, 0]);
}

#[test]
fn the_same_seed_repeats_the_same_faults() {
    let run = |seed: u64| -> Vec<i64> {
        let sandbox = Sandbox::start(Config {
            https: None,
            seed,
            ..Config::default()
        });
        let sandbox = sandbox.expect("a free port");
        let client = rich(&sandbox);
        client.fault(json!({ "call": "getbalance", "times": 0, "probability": 0.5, "do": "no" }));
        (0..64)
            .map(|_| client.errcode("getbalance", json!({})))
            .collect()
    };
    let (one, two, other) = (run(7), run(7), run(8));
    assert_eq!(one, two);
    assert_ne!(one, other);
    assert!(one.contains(&0) && one.contains(&-1));
}

#[test]
fn a_request_that_is_wrong_anyway_uses_no_fault_up() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "do": "no" }));
    sandbox.expire_session(&client.openid).expect("a session");
    assert_eq!(client.pay("b1", 1), 90010);
    assert_eq!(sandbox.faults()[0].remaining, Some(1));
}

#[test]
fn a_token_can_be_revoked_while_a_pay_is_on_its_way() {
    let sandbox = start(Rules::default());
    let mut client = rich(&sandbox);
    client.fault(json!({ "call": "pay", "skip": 1, "do": "revoke" }));
    let answers: Vec<_> = (0..4).map(|n| client.pay(&format!("b{n}"), 1)).collect();
    assert_eq!(
        answers,
        [0, 40001, 40001, 40001],
        "its own and all after it"
    );
    assert_eq!((client.charged("b1"), client.balance()), (0, 99));
    let requests = sandbox.requests();
    assert_eq!(requests[1].fault, Some("normal"));
    assert_eq!((requests[1].executed, requests[2].fault), (None, None));
    client.access_token = "NEW".to_owned();
    sandbox.set_token("NEW", 7200).expect("a good token");
    assert_eq!(client.pay("b1", 1), 0);
}

#[test]
fn a_pay_that_is_held_back_has_passed_the_check_of_its_token() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    client
        .fault(json!({ "call": "pay", "do": "yes", "reply": { "kind": "slow", "delay_ms": 100 } }));
    std::thread::scope(|scope| {
        let held = scope.spawn(|| client.pay("b1", 1));
        eventually("the request has come", || {
            sandbox.stats().requests.contains_key("pay")
        });
        assert_eq!(sandbox.revoke_tokens(), 1);
        assert_eq!(client.pay("b2", 1), 40001);
        assert_eq!(held.join().expect("an answer"), 0);
    });
    assert_eq!((client.charged("b1"), client.charged("b2")), (1, 0));
}

#[test]
fn calls_about_a_key_can_be_refused_and_lose_their_answers() {
    let sandbox = start(Rules::default());
    let client = rich(&sandbox);
    let signature = Key::new(client.session_key.as_str()).sign("");
    let target = |call: &str| {
        let query = "access_token=TOKEN&openid=oPlayer_1&sig_method=hmac_sha256";
        format!("/wxa/{call}?{query}&signature={signature}")
    };
    client.fault(json!({
        "call": "checksession", "openid": "oPlayer_1", "do": "no",
        "reply": { "kind": "errcode", "errcode": 45011 },
    }));
    client
        .fault(json!({ "call": "resetusersessionkey", "do": "yes", "reply": { "kind": "reset" } }));
    let check = || errcode(&common::get(&sandbox, &target("checksession")));
    assert_eq!((check(), check()), (45011, 0));
    let reset = target("resetusersessionkey");
    assert!(common::exchange(&sandbox, "GET", &reset, b"").end.is_err());
    assert_eq!(check(), 87009, "the key was replaced all the same");
    assert_eq!(sandbox.stats().answers["checksession"]["87009"], 1);
}

#[test]
fn token_and_login_calls_can_lose_their_answers() {
    let sandbox = start(Rules::default());
    for call in [Call::Token, Call::StableToken, Call::JsCode2Session] {
        let added = sandbox.add_fault(Fault::once(call, Act::Yes, ReplyKind::Reset));
        added.expect("a good fault");
    }
    let login = "/sns/jscode2session?appid=wx1234567&secret=sandbox-app-secret\
                 &js_code=code:o1:n1&grant_type=authorization_code";
    let token =
        "/cgi-bin/token?grant_type=client_credential&appid=wx1234567&secret=sandbox-app-secret";
    for target in [login, token] {
        assert!(common::exchange(&sandbox, "GET", target, b"").end.is_err());
    }
    assert_eq!(
        errcode(&common::get(&sandbox, login)),
        40163,
        "the code was used up"
    );
    assert!(common::get(&sandbox, token)["access_token"].is_string());
    let stats = sandbox.stats();
    assert_eq!((stats.token_requests, stats.faults["reset"]), (2, 2));
    assert_eq!(stats.logins, 1, "though its answer was lost");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let sandbox = start(Rules::default());
    for (fault, field) in [
        (json!({ "call": "pay" }), "do"),
        (json!({ "call": "pya", "do": "no" }), "call"),
        (json!({ "do": "maybe" }), "do"),
        (json!({ "do": "later" }), "later"),
        (json!({ "do": "no", "later": { "when": "retry" } }), "later"),
        (
            json!({ "do": "later", "later": { "when": "never" } }),
            "later.when",
        ),
        (
            json!({ "call": "token", "do": "later", "later": { "when": "retry" } }),
            "do",
        ),
        (json!({ "do": "revoke" }), "do"),
        (json!({ "call": "stable_token", "do": "revoke" }), "do"),
        (
            json!({ "call": "pay", "do": "revoke", "later": { "when": "retry" } }),
            "later",
        ),
        (json!({ "do": "no", "probability": 1.5 }), "probability"),
        (json!({ "do": "no", "times": -1 }), "times"),
        (
            json!({ "do": "no", "reply": { "kind": "silly" } }),
            "reply.kind",
        ),
        (
            json!({ "do": "no", "reply": { "http_status": 99 } }),
            "reply.http_status",
        ),
        (json!({ "do": "no", "env": "test" }), "env"),
        (json!({ "do": "no", "unknown": 1 }), "unknown"),
        (json!([{ "do": "no" }, { "do": "x" }]), "[1].do"),
    ] {
        let refused = sandbox.add_faults_json(&fault.to_string());
        let trouble = refused.expect_err("it makes no sense");
        assert_eq!(trouble.field, field, "{fault}: {trouble}");
    }
    assert!(sandbox.faults().is_empty());
}
