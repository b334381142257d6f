//! Sessions and tokens: waited for, refused, renewed; what is not about the order decides nothing.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::client::submission::{Ask, ReadCall};
use wxgame::sign::Secret;
use wxgame::store::Reason;

use crate::world::{World, said};

#[test]
fn a_payment_without_a_session_asks_for_one_once_and_goes_on_when_it_comes() {
    let mut world = World::new();
    world.give_token_when_asked();
    world.pay("b1");
    world.pay("b2");
    let told = world.only();
    assert_eq!(
        (told.kind, told.openid.as_str()),
        (Some(CompletionKind::SessionNeeded), "o1")
    );
    assert!(world.calls().is_empty() && world.on_disk("b1").is_none());
    world.log_in();
    assert_eq!(world.calls(), ["pay", "pay"]);
}

#[test]
fn without_a_session_until_the_deadline_it_is_rejected_and_sealed() {
    let mut world = World::new();
    world.give_token_when_asked();
    world.pay("b1");
    world.told.clear();
    world.wind(31_000);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Rejected, Reason::Session)
    );
    world.log_in();
    world.pay("b1");
    let told = world.only();
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::Rejected, Reason::Session),
        "final is final"
    );
    assert!(world.calls().is_empty());
}

#[test]
fn a_refused_session_is_asked_for_again_and_the_same_number_goes_on() {
    for errcode in [90009, 90010] {
        let mut world = World::ready();
        world.pay("b1");
        world.answer_code(errcode);
        assert_eq!(
            world.only().kind,
            Some(CompletionKind::SessionNeeded),
            "{errcode}"
        );
        world.log_in();
        world.answer_code(0);
        assert_eq!(world.only().outcome, Outcome::Done);
        assert_eq!(world.calls(), ["pay", "pay"]);
    }
}

#[test]
fn a_refused_session_with_an_attempt_open_parks_the_payment_past_its_deadline() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.wind_until_out(2_000);
    world.answer_code(90010);
    world.told.clear();
    world.wind(60_000);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    world.log_in();
    world.answer_code(90012);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
}

#[test]
fn without_mp_sig_a_login_that_ended_is_still_asked_for() {
    let mut world = World::without_mp_sig();
    world.pay("b1");
    world.give_token();
    world.answer_code(90010);
    assert_eq!(world.only().kind, Some(CompletionKind::SessionNeeded));
    world.wind_until_out(2_000);
    world.answer_code(0);
    assert_eq!(world.only().outcome, Outcome::Done);
}

#[test]
fn a_refused_token_is_fetched_once_and_the_request_made_anew() {
    for errcode in [40001, 40014, 42001] {
        let mut world = World::ready();
        world.pay("b1");
        world.answer_code(errcode);
        assert_eq!(
            world.sent.last().expect("something was sent").0,
            "stable_token"
        );
        world.answer_call(
            "stable_token",
            r#"{"access_token":"NEWER","expires_in":7200}"#,
        );
        assert!(
            world.out[0]
                .request
                .path_and_query
                .ends_with("access_token=NEWER")
        );
        assert_ne!(world.sent[0].1, world.sent[2].1, "mp_sig covers the token");
        world.answer_code(0);
        assert_eq!(world.only().outcome, Outcome::Done, "{errcode}");
    }
}

#[test]
fn a_new_app_key_sends_a_parked_unknown_payment_again_at_once() {
    let mut world = World::ready();
    world.pay("b1");
    world.lose_answer();
    world.wind_until_out(2_000);
    world.answer_code(90011);
    world.wind(60_000);
    assert_eq!(world.calls(), ["pay", "pay"], "slowly");
    world.told.clear();
    let app_key = wxgame::sign::AppKey::new("another-key").expect("a good key");
    world.handle(wxgame::client::submission::Input::SetAppKey(app_key));
    world.wind(1);
    assert_eq!(world.calls(), ["pay", "pay", "pay"]);
    world.answer_code(90012);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Resolved, Outcome::Done, Reason::None)
    );
}

#[test]
fn a_hundred_payments_wait_for_one_token_request() {
    let mut world = World::new();
    world.log_in();
    (0..100).for_each(|n| world.pay(&format!("b{n}")));
    assert_eq!(world.sent.len(), 1, "one stable_token");
    world.give_token();
    assert_eq!(world.calls().len(), 100);
}

#[test]
fn a_hundred_refusals_of_one_token_cost_one_request() {
    let mut world = World::ready();
    (0..100).for_each(|n| world.pay(&format!("b{n}")));
    world.sent.clear();
    for _ in 0..100 {
        world.answer_call("pay", r#"{"errcode":42001}"#);
    }
    assert_eq!(world.sent.len(), 1, "one stable_token");
    world.give_token();
    world.wind(1_000);
    assert_eq!(world.calls().len(), 100, "each payment is sent once more");
}

#[test]
fn without_a_token_until_the_deadline_the_reason_is_told() {
    let mut world = World::new();
    world.log_in();
    world.pay("b1");
    while world.now_ms < 35_000 {
        if !world.out.is_empty() {
            world.answer(r#"{"errcode":40164,"errmsg":"invalid ip"}"#);
        }
        world.wind(1_000);
    }
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::Rejected, Reason::Credential)
    );
    assert!(
        world.logs.iter().any(|line| line.contains("40164")),
        "{:?}",
        world.logs
    );
    let mut world = World::new();
    world.log_in();
    world.pay("b1");
    while world.now_ms < 35_000 {
        if !world.out.is_empty() {
            world.not_sent();
        }
        world.wind(1_000);
    }
    assert_eq!(
        said(&world.only()),
        (CompletionKind::Pay, Outcome::NotSent, Reason::Network)
    );
}

#[test]
fn a_login_brings_the_session_and_frees_what_waited() {
    let mut world = World::new();
    world.give_token_when_asked();
    world.pay("b1");
    world.told.clear();
    let call = ReadCall::Login {
        js_code: Secret::new("code"),
    };
    world.submit(Ask::Read(call), 9, 30_000);
    world.answer(r#"{"openid":"o1","session_key":"c2Vzc2lvbg==","unionid":"u1"}"#);
    let told = world.only();
    assert_eq!(
        (told.kind, told.outcome, told.user_tag),
        (Some(CompletionKind::Login), Outcome::Done, 9)
    );
    assert_eq!((told.openid.as_str(), told.unionid.as_str()), ("o1", "u1"));
    assert_eq!(world.calls(), ["jscode2session", "pay"]);
}

#[test]
fn a_login_whose_answer_is_lost_is_never_sent_again() {
    let mut world = World::new();
    let call = ReadCall::Login {
        js_code: Secret::new("code"),
    };
    world.submit(Ask::Read(call), 9, 30_000);
    world.lose_answer();
    assert_eq!(world.only().outcome, Outcome::Unknown);
    world.wind(60_000);
    assert_eq!(world.calls(), ["jscode2session"]);
}

#[test]
fn a_refused_login_is_rejected_with_its_code() {
    for errcode in [40029, 40163, 40226, 45011, 40013] {
        let mut world = World::new();
        world.submit(
            Ask::Read(ReadCall::Login {
                js_code: Secret::new("code"),
            }),
            9,
            30_000,
        );
        world.answer_code(errcode);
        let told = world.only();
        assert_eq!((told.outcome, told.errcode), (Outcome::Rejected, errcode));
    }
}

#[test]
fn a_balance_is_read_again_until_it_is_known() {
    let mut world = World::ready();
    world.submit_balance("o1");
    world.lose_answer();
    world.wind_until_out(2_000);
    world.answer_code(-1);
    world.wind_until_out(2_000);
    world.answer(r#"{"errcode":0,"balance":7,"gen_balance":2,"first_save":1,"save_amt":5,"save_sum":6,"cost_sum":1,"present_sum":2}"#);
    let told = world.only();
    assert_eq!(
        (told.outcome, told.account.balance, told.account.gen_balance),
        (Outcome::Done, Some(7), Some(2))
    );
}

#[test]
fn no_log_line_shows_a_key_a_token_or_a_whole_openid() {
    let mut world = World::ready();
    world.pay("b1");
    world.answer_code(90010);
    world.log_in();
    world.wind_until_out(1_000);
    world.answer_code(40001);
    world.give_token();
    world.wind_until_out(1_000);
    world.answer_code(0);
    for line in &world.logs {
        for secret in ["TOKEN", "c2Vzc2lvbg", "app-key", "app-secret"] {
            assert!(!line.contains(secret), "{line}");
        }
    }
}

impl World {
    /// A world whose engine has a token but knows no player.
    fn give_token_when_asked(&mut self) {
        self.submit_balance("nobody");
        self.handle_session_of("nobody");
        self.give_token();
        self.answer_call("getbalance", r#"{"errcode":0,"balance":0}"#);
        self.told.clear();
        self.sent.clear();
    }

    fn handle_session_of(&mut self, openid: &str) {
        self.handle(wxgame::client::submission::Input::SetSession {
            openid: openid.into(),
            session_key: Secret::new("c2Vzc2lvbg=="),
        });
    }
}
