//! Sessions and tokens over restarts: sealed in the journal, dropped when the key has changed.

use wxgame::client::engine::{Operations, Settings};
use wxgame::credential::vault::Vault;
use wxgame::sign::Secret;
use wxgame::store::memory::Disk;

use crate::world::{World, settings};

fn with_key(key: &str, previous: Option<&str>) -> Settings {
    let previous = previous.map(Secret::new);
    Settings {
        operations: Operations {
            vault: Some(Vault::new(&Secret::new(key), previous.as_ref())),
            nonce_seed: [3; 16],
            ..Operations::default()
        },
        ..settings()
    }
}

/// A payment out, with a session and a token that have been kept.
fn kept() -> World {
    let mut world = World::with(with_key("key", None), Disk::new(), 0);
    world.log_in();
    world.pay("b1");
    world.give_token();
    world
}

#[test]
fn after_a_restart_an_open_payment_goes_on_without_a_login_or_a_token_request() {
    let world = kept().crash_and_reopen_with(with_key("key", None), 1_000);
    assert_eq!(world.sent.len(), 1);
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_previous_key_still_opens_what_it_sealed() {
    let world = kept().crash_and_reopen_with(with_key("new", Some("key")), 1_000);
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn with_another_key_payments_wait_for_a_session_and_nothing_is_lost() {
    let mut world = kept().crash_and_reopen_with(with_key("other", None), 1_000);
    assert!(world.calls().is_empty());
    assert!(
        world
            .logs
            .iter()
            .any(|line| line.contains("cannot be opened"))
    );
    world.log_in();
    world.give_token();
    assert_eq!(world.calls(), ["pay"]);
}

#[test]
fn a_refused_session_or_token_is_not_kept() {
    let mut world = kept();
    world.answer_code(90010);
    let world = world.crash_and_reopen_with(with_key("key", None), 1_000);
    assert!(world.calls().is_empty(), "the refused session is gone");
    let mut world = kept();
    world.answer_code(42001);
    let world = world.crash_and_reopen_with(with_key("key", None), 1_000);
    assert!(world.calls().is_empty(), "the refused token is gone");
}

#[test]
fn an_expired_token_is_not_used_after_a_restart() {
    let world = kept().crash_and_reopen_with(with_key("key", None), 7_200_000);
    assert_eq!(world.sent.first().expect("asked").0, "stable_token");
}
