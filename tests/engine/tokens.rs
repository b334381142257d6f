//! The access_token under load: one request however many wait, however often it is refused, whoever shares it.

use wxgame::client::completion::{Completion, CompletionKind, Outcome};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::submission::{Ask, Input, ReadCall};
use wxgame::credential::token::{Source, left_of_day_ms};
use wxgame::credential::vault::Vault;
use wxgame::sign::Secret;
use wxgame::store::Reason;
use wxgame::store::memory::Disk;

use crate::world::{HOUR_MS, WALL_MS, World, said, settings};

const TOKEN_ENDS_MS: i64 = 7_200_000;

fn token_requests(world: &World) -> usize {
    world
        .sent
        .iter()
        .filter(|(call, _)| call.contains("token"))
        .count()
}

fn sends_of(world: &World, bill_no: &str) -> usize {
    let field = format!("\"bill_no\":\"{bill_no}\"");
    let sent = world.sent.iter();
    sent.filter(|(_, body)| body.contains(&field)).count()
}

/// A world with a session and a token, alone or sharing it through the journal.
fn ready() -> [World; 2] {
    [settings(), sharing(1)].map(|settings| {
        let mut world = World::with(settings, Disk::new(), 0);
        world.log_in();
        world.submit_balance("o1");
        world.give_token();
        world.answer(r#"{"errcode":0,"balance":0}"#);
        world.told.clear();
        world.sent.clear();
        world
    })
}

/// A client that shares its token through the journal, as every client with an AppSecret does.
fn sharing(client: u8) -> Settings {
    Settings {
        operations: Operations {
            vault: Some(Vault::new(&Secret::new("key"), None)),
            nonce_seed: [client; 16],
            ..Operations::default()
        },
        ..settings()
    }
}

fn of_host() -> World {
    let settings = Settings {
        token_source: Source::Host,
        ..settings()
    };
    let mut world = World::with(settings, Disk::new(), 0);
    world.log_in();
    world
}

fn set_access_token(world: &mut World, expires_in_s: i64) {
    world.handle(Input::SetAccessToken {
        access_token: Secret::new("HOSTS"),
        expires_in_s,
    });
}

fn asked_for_token(world: &World) -> usize {
    let needed = Some(CompletionKind::TokenNeeded);
    world.told.iter().filter(|told| told.kind == needed).count()
}

fn done(told: &Completion) -> bool {
    told.outcome == Outcome::Done
}

#[test]
fn ten_thousand_payments_at_the_end_of_a_token_make_one_request() {
    for mut world in ready() {
        world.wind(TOKEN_ENDS_MS + 1);
        for n in 0..10_000 {
            world.pay(&format!("b{n}"));
        }
        assert_eq!(token_requests(&world), 1);
        world.wind(1_000);
        assert_eq!(token_requests(&world), 1, "waiting asks no more");
        world.give_token();
        assert_eq!(world.calls().len(), 10_000);
        assert_eq!(token_requests(&world), 1);
    }
}

#[test]
fn near_its_end_a_token_is_used_while_the_next_is_fetched() {
    let mut world = World::ready();
    world.wind(TOKEN_ENDS_MS - 179_000);
    world.pay("b1");
    assert_eq!(world.calls(), ["pay"]);
    assert_eq!(token_requests(&world), 1);
    assert!(!world.sent[0].1.contains("force_refresh"));
    world.pay("b2");
    assert_eq!(token_requests(&world), 1);
}

#[test]
fn the_one_who_asked_first_may_go_away_without_a_second_request() {
    let mut world = World::new();
    world.log_in();
    world.pay("b1");
    world.pay("b2");
    world.cancel("b1");
    world.give_token();
    assert_eq!(token_requests(&world), 1);
    assert_eq!((sends_of(&world, "b1"), sends_of(&world, "b2")), (0, 1));
}

#[test]
fn a_token_revoked_under_a_hundred_payments_is_fetched_once_and_each_is_sent_twice_at_the_most() {
    for mut world in ready() {
        for n in 0..100 {
            world.pay(&format!("b{n}"));
        }
        let refused = r#"{"errcode":40001,"errmsg":"invalid credential"}"#;
        let newer = r#"{"access_token":"NEWER","expires_in":7200}"#;
        // Half of the refusals come before the fresh token, half after it.
        (0..50).for_each(|_| world.answer_call("pay", refused));
        world.answer_call("stable_token", newer);
        (0..50).for_each(|_| world.answer_call("pay", refused));
        world.wind(1_000);
        (0..100).for_each(|_| world.answer_call("pay", r#"{"errcode":0,"balance":1}"#));
        assert_eq!(token_requests(&world), 1);
        for n in 0..100 {
            assert_eq!(sends_of(&world, &format!("b{n}")), 2);
        }
        assert!(world.told.iter().all(done));
    }
}

#[test]
fn an_hour_in_which_every_token_is_refused_costs_seventy_requests_at_the_most() {
    for mut world in ready() {
        for n in 0..20 {
            world.pay(&format!("b{n}"));
        }
        let end_ms = world.now_ms + HOUR_MS;
        while world.now_ms < end_ms {
            while let Some(out) = world.out.first() {
                if out.request.path_and_query.contains("/cgi-bin/stable_token") {
                    world.give_token();
                } else {
                    let call = if out.request.path_and_query.contains("/pay") {
                        "pay"
                    } else {
                        "cancelpay"
                    };
                    world.answer_call(call, r#"{"errcode":40001,"errmsg":"invalid credential"}"#);
                }
            }
            if world.now_ms % 20_000 == 0 {
                let n = world.now_ms;
                world.pay(&format!("later-{n}"));
            }
            world.wind(1_000);
        }
        let requests = token_requests(&world);
        assert!((10..=70).contains(&requests), "{requests}");
    }
}

#[test]
fn a_day_has_its_budget_and_the_next_day_another() {
    let budget = |mut settings: Settings| {
        settings.token_requests_per_day = 3;
        settings
    };
    for settings in [budget(settings()), budget(sharing(1))] {
        a_day_has_three_requests(World::with(settings, Disk::new(), 0));
    }
}

fn a_day_has_three_requests(mut world: World) {
    world.log_in();
    world.pay("b1");
    for _ in 0..3 {
        let at = world.now_ms + HOUR_MS;
        world.wind_until_token(at);
        world.answer_call("stable_token", "no token in here");
    }
    world.wind(60_000);
    assert_eq!(token_requests(&world), 3);
    let told = world.told.iter().find(|told| told.bill_no == "b1");
    let told = told.expect("its deadline has passed");
    assert_eq!(
        (told.outcome, told.reason),
        (Outcome::Rejected, Reason::Credential)
    );
    assert!(told.errmsg.contains("token_requests_per_day"));
    world.wind(left_of_day_ms(WALL_MS + world.now_ms) - 1_000);
    world.pay("b2");
    assert_eq!(token_requests(&world), 3);
    world.wind(2_000);
    assert_eq!(token_requests(&world), 4);
}

#[test]
fn a_quota_that_is_used_up_is_asked_again_after_midnight_in_china() {
    let mut world = World::new();
    world.log_in();
    world.pay("b1");
    world.answer_call(
        "stable_token",
        r#"{"errcode":45009,"errmsg":"reach max api daily quota limit"}"#,
    );
    world.wind(left_of_day_ms(WALL_MS) - 1);
    world.pay("b2");
    assert_eq!(token_requests(&world), 1);
    world.wind(61_000);
    assert_eq!(token_requests(&world), 2);
}

#[test]
fn what_a_person_must_mend_says_so_and_parks_the_payments() {
    for errcode in [40013, 40125, 40164] {
        let mut world = World::new();
        world.log_in();
        world.pay("b1");
        world.submit_balance("o1");
        let refusal = format!("{{\"errcode\":{errcode},\"errmsg\":\"refused rid: 1\"}}");
        world.answer_call("stable_token", &refusal);
        assert!(world.told.is_empty(), "parked, not failed");
        world.wind(31_000);
        for told in &world.told {
            assert_eq!(
                (told.reason, told.errcode),
                (Reason::Credential, errcode),
                "{told:?}"
            );
            assert!(told.errmsg.contains("rid: 1"), "{}", told.errmsg);
        }
        assert_eq!(world.told.len(), 2);
        let said = format!("refused with {errcode}");
        assert!(world.logs.iter().any(|line| line.contains(&said)));
        assert_eq!(token_requests(&world), 1, "{errcode}: asked again slowly");
        // Mended in the console: the next payment goes through without a restart.
        world.pay("b2");
        let at = world.now_ms + HOUR_MS;
        world.wind_until_token(at);
        world.give_token();
    }
}

#[test]
fn the_classic_endpoint_is_asked_only_where_it_was_chosen() {
    let settings = Settings {
        token_source: Source::Classic,
        ..settings()
    };
    let mut world = World::with(settings, Disk::new(), 0);
    world.log_in();
    world.pay("b1");
    let asked = &world.out[0].request;
    assert!(asked.get && asked.path_and_query.starts_with("/cgi-bin/token?"));
    world.answer(r#"{"access_token":"CLASSIC","expires_in":7200}"#);
    assert_eq!(world.calls(), ["token", "pay"]);
}

#[test]
fn the_host_is_asked_for_a_token_once_however_many_payments_wait() {
    let mut world = of_host();
    for n in 0..100 {
        world.pay(&format!("b{n}"));
    }
    assert_eq!(asked_for_token(&world), 1);
    assert!(world.sent.is_empty());
    set_access_token(&mut world, 7200);
    assert_eq!(world.calls().len(), 100);
    assert_eq!(asked_for_token(&world), 1);
}

#[test]
fn the_host_is_asked_again_when_its_token_ends_or_is_refused() {
    let mut world = of_host();
    set_access_token(&mut world, 7200);
    assert_eq!(asked_for_token(&world), 0, "it came unasked");
    world.pay("b1");
    world.answer_code(40001);
    assert_eq!(asked_for_token(&world), 1);
    set_access_token(&mut world, 7200);
    world.answer_code(0);
    world.wind(TOKEN_ENDS_MS - 100_000);
    world.pay("b2");
    assert_eq!(asked_for_token(&world), 2, "it ends soon");
    assert_eq!(
        world.calls(),
        ["pay", "pay", "pay"],
        "and is used meanwhile"
    );
}

#[test]
fn a_host_that_brings_no_token_is_told_so_at_the_deadline() {
    let mut world = of_host();
    world.pay("b1");
    world.told.clear();
    world.wind(31_000);
    let told = world.only();
    assert_eq!(
        said(&told),
        (CompletionKind::Pay, Outcome::Rejected, Reason::Credential)
    );
    assert!(told.errmsg.contains("wxg_client_set_access_token"));
}

#[test]
fn two_clients_on_one_journal_have_one_who_fetches() {
    let disk = Disk::new();
    let mut first = World::with(sharing(1), disk.clone(), 0);
    let mut second = World::with(sharing(2), disk, 0);
    for world in [&mut first, &mut second] {
        world.log_in();
        world.submit_balance("o1");
    }
    assert_eq!((token_requests(&first), token_requests(&second)), (1, 0));
    first.give_token();
    second.wind(1_000);
    assert_eq!(second.calls(), ["getbalance"], "with the first one's token");
    assert!(second.out[0].request.path_and_query.ends_with("=TOKEN"));
    // Revoked: both are refused, one fetches.
    let refused = r#"{"errcode":42001,"errmsg":"expired"}"#;
    second.answer_call("getbalance", refused);
    first.answer_call("getbalance", refused);
    assert_eq!((token_requests(&first), token_requests(&second)), (1, 1));
    second.answer_call(
        "stable_token",
        r#"{"access_token":"NEWER","expires_in":7200}"#,
    );
    first.wind(1_000);
    assert!(first.out[0].request.path_and_query.ends_with("=NEWER"));
    assert_eq!((token_requests(&first), token_requests(&second)), (1, 1));
}

#[test]
fn a_client_that_died_while_fetching_keeps_nobody_waiting_for_long() {
    let disk = Disk::new();
    let mut first = World::with(sharing(1), disk.clone(), 0);
    first.log_in();
    first.pay("b1");
    assert_eq!(token_requests(&first), 1);
    drop(first);
    let mut second = World::with(sharing(2), disk, 0);
    second.log_in();
    second.submit_balance("o1");
    assert_eq!(token_requests(&second), 0);
    second.wind(16_000);
    assert_eq!(token_requests(&second), 1);
}

#[test]
fn a_token_sealed_with_another_key_is_replaced_by_one_of_ours() {
    let disk = Disk::new();
    let mut first = World::with(sharing(1), disk.clone(), 0);
    first.log_in();
    first.submit_balance("o1");
    first.give_token();
    let mut other = sharing(2);
    other.operations.vault = Some(Vault::new(&Secret::new("other"), None));
    let mut second = World::with(other, disk, 0);
    second.log_in();
    second.submit_balance("o1");
    assert_eq!(token_requests(&second), 1);
}

#[test]
fn without_a_journal_that_can_be_written_balances_are_still_read() {
    let disk = Disk::new();
    let mut world = World::with(sharing(1), disk, 0);
    world.log_in();
    world.full_disk(1);
    world.submit_balance("o1");
    world.give_token();
    assert_eq!(world.calls(), ["getbalance"]);
}

fn check(world: &mut World) {
    let call = ReadCall::CheckSession {
        openid: "o1".into(),
    };
    world.submit(Ask::Read(call), 4, 30_000);
}

fn reset(world: &mut World) {
    let call = ReadCall::ResetSession {
        openid: "o1".into(),
    };
    world.submit(Ask::Read(call), 5, 30_000);
}

#[test]
fn a_checked_session_is_kept_when_good_and_forgotten_when_stale() {
    let mut world = World::ready();
    check(&mut world);
    world.answer_code(0);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::CheckSession, Outcome::Done, Reason::None)
    );
    check(&mut world);
    world.answer_code(87009);
    assert_eq!(
        said(&world.only()),
        (
            CompletionKind::CheckSession,
            Outcome::Rejected,
            Reason::Session
        )
    );
    check(&mut world);
    assert_eq!(
        world.only().reason,
        Reason::Session,
        "there is none to check"
    );
    world.pay("b1");
    assert_eq!(world.only().kind, Some(CompletionKind::SessionNeeded));
}

#[test]
fn a_reset_session_is_used_from_then_on_and_a_lost_answer_is_not_asked_again() {
    let mut world = World::ready();
    reset(&mut world);
    world.answer(r#"{"errcode":0,"openid":"o1","session_key":"bmV3ZXI="}"#);
    assert_eq!(
        said(&world.only()),
        (CompletionKind::ResetSession, Outcome::Done, Reason::None)
    );
    world.submit_balance("o1");
    let before = world.out[0].request.path_and_query.clone();
    world.answer(r#"{"errcode":0,"balance":0}"#);
    world.told.clear();
    reset(&mut world);
    assert_ne!(world.out[0].request.path_and_query, before);
    world.lose_answer();
    assert_eq!(world.only().outcome, Outcome::Unknown);
    world.wind(60_000);
    assert!(world.out.is_empty());
}

#[test]
fn an_answer_about_another_player_changes_no_session() {
    let mut world = World::ready();
    reset(&mut world);
    world.answer(r#"{"errcode":0,"openid":"o2","session_key":"bmV3ZXI="}"#);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    assert_eq!(world.engine.stats().sessions, 1);
}

#[test]
fn a_forgotten_session_is_asked_for_again() {
    let mut world = World::ready();
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    world.pay("b1");
    assert_eq!(world.only().kind, Some(CompletionKind::SessionNeeded));
    assert_eq!(world.engine.stats().sessions, 0);
}

/// A client that may ask three times a day.
fn with_budget(client: u8) -> Settings {
    Settings {
        token_requests_per_day: 3,
        ..sharing(client)
    }
}

#[test]
fn the_budget_of_a_day_holds_for_all_clients_of_a_journal_and_over_restarts() {
    let disk = Disk::new();
    let mut requests = 0;
    for client in 1..10 {
        let mut world = World::with(
            with_budget(client),
            disk.clone(),
            i64::from(client) * 20_000,
        );
        world.log_in();
        world.submit_balance("o1");
        requests += token_requests(&world);
    }
    assert_eq!(requests, 3);
}

#[test]
fn a_client_whose_day_is_spent_still_takes_what_another_has_put() {
    let disk = Disk::new();
    let mut spent = World::with(with_budget(1), disk.clone(), 0);
    spent.log_in();
    spent.pay("b1");
    for _ in 0..3 {
        spent.wind_until_token(HOUR_MS);
        spent.answer_call("stable_token", "no token in here");
    }
    spent.wind(5_000);
    assert_eq!(token_requests(&spent), 3);
    let mut other = World::with(sharing(2), disk, spent.now_ms);
    other.log_in();
    other.submit_balance("o1");
    other.give_token();
    spent.wind(3_000);
    assert_eq!(spent.calls(), ["pay"]);
}

#[test]
fn a_client_that_must_not_ask_for_a_while_looks_for_what_others_fetch() {
    let disk = Disk::new();
    let mut refused = World::with(sharing(1), disk.clone(), 0);
    refused.log_in();
    refused.pay("b1");
    refused.answer_call(
        "stable_token",
        r#"{"errcode":40164,"errmsg":"not in whitelist"}"#,
    );
    let mut mended = World::with(sharing(2), disk, 0);
    mended.log_in();
    mended.submit_balance("o1");
    mended.give_token();
    refused.wind(3_000);
    assert_eq!(refused.calls(), ["pay"]);
    assert_eq!(token_requests(&refused), 1);
}

#[test]
fn a_day_without_a_network_costs_no_budget() {
    for settings in [settings(), sharing(1)] {
        let mut world = World::with(settings, Disk::new(), 0);
        world.log_in();
        while world.now_ms < 12 * HOUR_MS {
            let bill_no = format!("b{}", world.now_ms);
            world.pay(&bill_no);
            if !world.out.is_empty() {
                world.not_sent();
            }
            world.wind(20_000);
        }
        assert!(token_requests(&world) > 500);
        world.told.clear();
        world.pay("back");
        world.wind_until_token(13 * HOUR_MS);
        world.give_token();
        world.wind(1_000);
        assert!(sends_of(&world, "back") > 0);
    }
}

#[test]
fn the_older_token_on_a_disk_that_was_full_is_not_taken_for_a_newer_one() {
    let mut world = World::with(sharing(1), Disk::new(), 0);
    world.log_in();
    world.submit_balance("o1");
    world.give_token();
    world.answer(r#"{"errcode":0,"balance":0}"#);
    world.wind(TOKEN_ENDS_MS - 100_000);
    world.submit_balance("o1");
    world.full_disk(1);
    world.answer_call(
        "stable_token",
        r#"{"access_token":"NEWER","expires_in":7200}"#,
    );
    world.answer_call("getbalance", r#"{"errcode":0,"balance":0}"#);
    world.submit_balance("o1");
    world.answer_call(
        "getbalance",
        r#"{"errcode":40001,"errmsg":"invalid credential"}"#,
    );
    assert_eq!(world.out.len(), 1);
    assert!(world.out[0].request.path_and_query.contains("stable_token"));
}

#[test]
fn a_token_of_another_server_is_not_taken() {
    let disk = Disk::new();
    let mut sandbox = World::with(sharing(1), disk.clone(), 0);
    sandbox.log_in();
    sandbox.submit_balance("o1");
    sandbox.give_token();
    let wechat = Settings {
        token_realm: "https://api.weixin.qq.com".into(),
        ..sharing(2)
    };
    let mut wechat = World::with(wechat, disk, 0);
    wechat.log_in();
    wechat.submit_balance("o1");
    assert_eq!(token_requests(&wechat), 1);
}

#[test]
fn hearing_wechats_time_does_not_spend_the_day() {
    let mut world = World::with(sharing(1), Disk::new(), 0);
    world.log_in();
    world.pay("b1");
    world.give_token();
    world.lose_answers();
    let mut world = world.crash_and_reopen_with(sharing(1), 48 * HOUR_MS);
    let end_ms = world.now_ms + 24 * HOUR_MS;
    while world.now_ms < end_ms {
        // A proxy strips the Date header of every answer.
        if world
            .out
            .iter()
            .any(|out| out.request.path_and_query.contains("token"))
        {
            world.give_token();
        }
        world.wind(10_000);
    }
    assert!(
        (2..60).contains(&token_requests(&world)),
        "{}",
        token_requests(&world)
    );
}

#[test]
fn one_answer_that_does_not_settle_the_time_is_not_followed_by_another_request_at_once() {
    let mut world = World::with(sharing(1), Disk::new(), 0);
    world.log_in();
    world.pay("b1");
    world.give_token();
    world.lose_answers();
    let mut world = world.crash_and_reopen_with(sharing(1), 48 * HOUR_MS);
    world.give_token_dated(-48 * HOUR_MS);
    world.wind(5_000);
    assert_eq!(token_requests(&world), 1);
    world.wind(10_000);
    assert_eq!(token_requests(&world), 2);
}

#[test]
fn who_waits_for_wechats_time_and_must_not_ask_sleeps_meanwhile() {
    let mut world = World::with(sharing(1), Disk::new(), 0);
    world.log_in();
    world.pay("b1");
    world.give_token();
    world.lose_answers();
    let mut world = world.crash_and_reopen_with(sharing(1), 48 * HOUR_MS);
    world.give_token();
    let end_ms = world.now_ms + 2 * HOUR_MS;
    world.wind_until_token(end_ms);
    world.answer_call(
        "stable_token",
        r#"{"errcode":45009,"errmsg":"the day is over"}"#,
    );
    for _ in 0..5 {
        let next_ms = world.engine.next_timer_ms().expect("it asks again");
        assert!(next_ms >= world.now_ms + 50, "{next_ms} {}", world.now_ms);
        world.wind(next_ms - world.now_ms);
    }
}

#[test]
fn a_refused_token_of_the_host_is_not_taken_up_by_the_next_open() {
    let host = || Settings {
        token_source: Source::Host,
        ..sharing(1)
    };
    let mut world = World::with(host(), Disk::new(), 0);
    world.log_in();
    set_access_token(&mut world, 7200);
    world.pay("b1");
    world.answer_code(40001);
    let world = world.crash_and_reopen_with(host(), 1_000);
    assert!(world.calls().is_empty());
    assert_eq!(asked_for_token(&world), 1);
}

#[test]
fn a_host_that_missed_the_question_is_asked_again() {
    let mut world = of_host();
    world.pay("b1");
    world.wind(59_000);
    assert_eq!(asked_for_token(&world), 1);
    world.pay("b2");
    world.wind(10_000);
    assert_eq!(asked_for_token(&world), 2);
}

#[test]
fn a_late_reset_changes_neither_a_newer_session_nor_a_forgotten_one() {
    let answer = r#"{"errcode":0,"openid":"o1","session_key":"bmV3ZXI="}"#;
    let mut world = World::ready();
    reset(&mut world);
    world.log_in();
    world.answer(answer);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    let mut world = World::ready();
    reset(&mut world);
    world.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    world.answer(answer);
    assert_eq!(world.only().outcome, Outcome::Unknown);
    assert_eq!(world.engine.stats().sessions, 0);
}

#[test]
fn a_final_answer_is_told_as_it_stands_on_the_disk_whatever_becomes_of_the_token() {
    let mut world = World::new();
    world.log_in();
    world.pay("b1");
    world.disk_hangs = true;
    world.cancel("b1");
    world.answer_call(
        "stable_token",
        r#"{"errcode":40164,"errmsg":"not in whitelist"}"#,
    );
    world.disk_hangs = false;
    world.settle();
    let told = world.next();
    assert_eq!((told.outcome, told.errcode), (Outcome::Rejected, 0));
}
