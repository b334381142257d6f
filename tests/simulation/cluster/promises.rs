//! The promises of servers that share a journal, over every history within some bounds and over seeded ones beyond.

use wxgame::store::{Generation, Kind};

use super::scenario::{Bounds, Servers};
use crate::choice::Random;
use crate::explore::{play_all, play_seeds};
use crate::tally;

/// How many tests there are below.
pub const TESTS: u32 = 7;
const MOST: u64 = 2_000_000;
const RUNS: u64 = 20_000;

fn keeps_its_promises(name: &str, orders: &[Kind], purse: i64, bounds: Bounds) {
    let scene = Servers {
        purse,
        ..Servers::bounded(name, orders, bounds)
    };
    tally::servers(name, play_all(&scene, MOST));
}

#[test]
fn a_payment_of_a_server_that_dies_ends_once() {
    let bounds = Bounds {
        fates: 2,
        kills: 1,
        repeats: 1,
        ..Bounds::default()
    };
    keeps_its_promises("a server dies", &[Kind::Pay], 1, bounds);
}

#[test]
fn a_payment_of_a_server_that_stood_still_past_its_lease_ends_once() {
    let bounds = Bounds {
        fates: 1,
        pauses: 1,
        repeats: 1,
        ..Bounds::default()
    };
    keeps_its_promises("a server stands still", &[Kind::Pay], 1, bounds);
}

#[test]
fn a_journal_that_is_silent_past_a_lease_makes_no_answer_false() {
    let bounds = Bounds {
        fates: 1,
        hangs: 1,
        closes: 1,
        ..Bounds::default()
    };
    keeps_its_promises("the journal is silent", &[Kind::Present], 1, bounds);
}

#[test]
fn a_top_up_never_charges_for_what_was_refused_elsewhere() {
    let bounds = Bounds {
        pauses: 1,
        top_ups: 1,
        kills: 1,
        ..Bounds::default()
    };
    keeps_its_promises("top-up", &[Kind::Pay], 0, bounds);
}

#[test]
fn a_cancel_at_any_server_ends_once() {
    let bounds = Bounds {
        pauses: 1,
        cancels: 1,
        ..Bounds::default()
    };
    keeps_its_promises("cancel", &[Kind::Pay], 1, bounds);
}

#[test]
fn a_heartbeat_that_fails_loses_no_payment() {
    let bounds = Bounds {
        fates: 1,
        kills: 1,
        faults: 2,
        ..Bounds::default()
    };
    keeps_its_promises("commits fail", &[Kind::Pay], 1, bounds);
}

/// `SIMULATION_RUNS` and `SIMULATION_SEED` as of the other seeded histories.
#[test]
fn seeded_histories_of_servers_break_no_promise() {
    let number = |name| std::env::var(name).ok()?.parse().ok();
    let runs = number("SIMULATION_RUNS").map_or(RUNS, |runs: u64| runs.div_ceil(4));
    let seed = number("SIMULATION_SEED").unwrap_or(1);
    tally::seeded_servers(play_seeds(anything, seed, runs));
}

/// Some orders, some servers, and anything may go wrong at any time.
pub fn anything(random: &mut Random) -> Servers {
    let mut below = |limit: u64| random.below(limit) as u8;
    let bounds = Bounds {
        fates: below(8),
        kills: below(3),
        closes: below(2),
        opens: below(3),
        pauses: below(4),
        hangs: below(4),
        faults: below(4),
        repeats: below(4),
        cancels: below(3),
        top_ups: below(3),
    };
    let kinds = [Kind::Pay, Kind::Pay, Kind::Present];
    let orders: Vec<Kind> = (0..=below(2))
        .map(|_| kinds[usize::from(below(3))])
        .collect();
    Servers {
        generation: [Generation::V1, Generation::V2][usize::from(below(2))],
        servers: 2 + usize::from(below(2)),
        purse: below(3).into(),
        number_first: below(2) == 0,
        free: true,
        ..Servers::bounded("seeded servers", &orders, bounds)
    }
}
