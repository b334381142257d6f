//! session_keys and the access_token of servers that share a journal: what one has, the others find.

use wxgame::client::completion::{CompletionKind, Outcome};
use wxgame::client::engine::{Operations, Settings};
use wxgame::client::submission::{Ask, Input, ReadCall};
use wxgame::credential::vault::Vault;
use wxgame::sign::Secret;
use wxgame::store::memory::Disk;
use wxgame::store::{Reason, Write};

use crate::cluster::{LEASE_MS, wind};
use crate::world::{World, said, settings};

/// Servers of one key, which keep what they have in the journal.
fn keeping(server: u8) -> Settings {
    Settings {
        operations: Operations {
            vault: Some(Vault::new(&Secret::new("key"), None)),
            nonce_seed: [server; 16],
            ..Operations::default()
        },
        ..settings()
    }
}

fn fresh<const N: usize>() -> [World; N] {
    let disk = Disk::new();
    let mut name = 0;
    [(); N].map(|()| {
        name += 1;
        World::server(&disk, keeping(name), LEASE_MS, 0)
    })
}

/// Two servers with a token; nobody is logged in.
fn two() -> [World; 2] {
    let [mut one, mut other] = fresh();
    one.log_in();
    one.submit_balance("o1");
    one.give_token();
    one.answer(r#"{"errcode":0,"balance":0}"#);
    one.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    other.log_in();
    other.submit_balance("o1");
    other.answer(r#"{"errcode":0,"balance":0}"#);
    other.handle(Input::ForgetSession {
        openid: "o1".into(),
    });
    for server in [&mut one, &mut other] {
        server.told.clear();
        server.sent.clear();
    }
    [one, other]
}

fn log_in_with(world: &mut World, key: &str) {
    world.handle(Input::SetSession {
        openid: "o1".into(),
        session_key: Secret::new(key),
    });
}

fn asked(world: &World) -> usize {
    let needed = Some(CompletionKind::SessionNeeded);
    world.told.iter().filter(|told| told.kind == needed).count()
}

fn check_session(world: &mut World) {
    let call = ReadCall::CheckSession {
        openid: "o1".into(),
    };
    world.submit(Ask::Read(call), 7, 30_000);
}

#[test]
fn a_player_who_logged_in_at_one_server_pays_at_another_without_a_login() {
    let [mut one, mut other] = two();
    one.log_in();
    other.pay("b1");
    assert_eq!(other.calls(), ["pay"]);
    assert_eq!(asked(&other), 0);
}

#[test]
fn a_session_that_nobody_has_is_asked_for_once() {
    let [_one, mut other] = two();
    other.pay("b1");
    other.pay("b2");
    assert_eq!(asked(&other), 1);
    other.log_in();
    assert_eq!(other.calls(), ["pay", "pay"]);
}

#[test]
fn questions_about_a_session_that_is_waited_for_do_not_ask_the_host_again() {
    let [_one, mut other] = two();
    other.pay("b1");
    check_session(&mut other);
    check_session(&mut other);
    assert_eq!(asked(&other), 1);
    let checked = Some(CompletionKind::CheckSession);
    let checks: Vec<_> = other
        .told
        .iter()
        .filter(|told| told.kind == checked)
        .collect();
    assert_eq!(checks.len(), 2);
    assert!(checks.iter().all(|told| told.reason == Reason::Session));
    // Once there was one that is refused, the host is asked for the next.
    other.log_in();
    other.answer_code(90009);
    assert_eq!(asked(&other), 2);
}

#[test]
fn an_old_key_that_is_refused_does_not_remove_the_newer_one_which_is_found() {
    let [mut one, mut other] = two();
    log_in_with(&mut one, "b2xk");
    one.pay("b1");
    log_in_with(&mut other, "bmV3");
    one.answer_code(90009);
    assert_eq!(one.calls(), ["pay", "pay"]);
    assert_eq!(asked(&one), 0);
    let signed = |at: usize| one.sent[at].1.split("mp_sig").nth(1).map(str::to_owned);
    assert!(signed(0).is_some() && signed(0) != signed(1));
    // And it is still there for whoever comes next.
    let mut third = World::server(&one.disk, keeping(3), LEASE_MS, 0);
    third.pay("b2");
    assert_eq!(third.calls(), ["pay"]);
}

#[test]
fn a_key_that_was_refused_here_is_not_taken_from_the_journal_again() {
    let [mut one, mut other] = two();
    one.log_in();
    one.pay("b1");
    // The journal does not get to remove it.
    one.disk_hangs = true;
    one.answer_code(90009);
    one.held
        .retain(|(_, write)| !matches!(write, Write::DropSecret { .. }));
    one.disk_hangs = false;
    one.settle();
    assert_eq!(one.calls(), ["pay"]);
    assert_eq!(asked(&one), 1);
    other.told.clear();
}

#[test]
fn a_session_is_checked_at_a_server_that_it_was_not_kept_by() {
    let [mut one, mut other] = two();
    one.log_in();
    check_session(&mut other);
    assert_eq!(other.calls(), ["checksession"]);
    other.answer(r#"{"errcode":0}"#);
    let told = other.only();
    assert_eq!(
        (said(&told).0, told.outcome),
        (CompletionKind::CheckSession, Outcome::Done)
    );
}

/// Who asked his own server's host may be answered at another: the player comes back there.
#[test]
fn a_payment_that_waits_for_a_session_goes_on_when_the_player_logs_in_at_another_server() {
    let [mut one, mut other] = two();
    other.pay("b1");
    assert_eq!(asked(&other), 1);
    one.log_in();
    wind(&mut [&mut one, &mut other], 29_000);
    assert_eq!(other.calls(), ["pay"]);
    assert_eq!(asked(&other), 1);
}

#[test]
fn one_token_request_serves_all_servers() {
    let mut servers: [World; 3] = fresh();
    for server in &mut servers {
        server.log_in();
        server.pay(&format!("b{}", server.engine.stats().submitted));
    }
    let requests = |servers: &[World]| -> usize {
        let sent = servers.iter().flat_map(|server| &server.sent);
        sent.filter(|(call, _)| call == "stable_token").count()
    };
    assert_eq!(requests(&servers), 1);
    servers[0].give_token();
    let [one, two, three] = &mut servers;
    wind(&mut [one, two, three], 1_000);
    assert_eq!(requests(&servers), 1);
    assert!(servers.iter().any(|server| server.calls() == ["pay"]));
}

/// The one who fetches it stood still: the others go by the disk's clock, whatever theirs say.
#[test]
fn the_right_to_fetch_the_token_ends_by_the_disks_clock() {
    let [mut one, mut other] = fresh();
    one.log_in();
    one.pay("b1");
    assert_eq!(one.sent.len(), 1);
    other.log_in();
    other.pay("b2");
    // Long enough by its own clock, and nothing by the disk's.
    other.wind(20_000);
    assert!(other.sent.is_empty());
    other.disk.advance(15_001);
    other.wind(1_000);
    assert_eq!(other.sent.len(), 1);
}
