//! The promises: over every history within some bounds, and over seeded ones far beyond.
//!
//! Each bound covers every server: where servers differ is itself a choice. The bounds that have more than one
//! thing go wrong leave other things out; what no bound combines, the seeds do.

use wxgame::store::{Generation, Kind};

use crate::choice::Random;
use crate::explore::{play_all, play_seeds};
use crate::scenario::{Bounds, Broken, Scenario};
use crate::tally;
use crate::wechat::Server;

/// How many tests there are below.
pub const TESTS: u32 = 10;
pub const MOST: u64 = 2_000_000;
/// Seeded histories of each generation: most rules are the same for both.
const RUNS: [(Generation, u64); 2] = [(Generation::V1, 20_000), (Generation::V2, 10_000)];
const ALL: [Kind; 2] = [Kind::Pay, Kind::Present];

fn all(name: &str, orders: &[Kind], purse: i64, bounds: Bounds) -> u64 {
    let scenario = Scenario::bounded(name, Generation::V1, orders, purse, bounds);
    play_all(&scenario, MOST)
}

fn keeps_its_promises(name: &str, orders: &[Kind], purse: i64, bounds: Bounds) {
    tally::histories(Generation::V1, name, all(name, orders, purse, bounds));
}

#[test]
fn a_payment_and_its_cancel_end_once_whatever_is_lost_and_whenever_it_dies() {
    let bounds = Bounds {
        fates: 2,
        crashes: 2,
        cancels: 1,
        ..Bounds::default()
    };
    keeps_its_promises("pay, cancel", &[Kind::Pay], 1, bounds);
}

#[test]
fn a_refund_gives_back_once_whatever_is_lost_and_whenever_it_dies() {
    let bounds = Bounds {
        fates: 2,
        crashes: 2,
        refunds: 1,
        ..Bounds::default()
    };
    keeps_its_promises("pay, refund", &[Kind::Pay], 1, bounds);
}

#[test]
fn a_top_up_never_charges_for_what_was_refused() {
    let histories = [0, 1].map(|purse| {
        let bounds = Bounds {
            fates: 2,
            crashes: 2 - purse as u8,
            top_ups: 1,
            ..Bounds::default()
        };
        all("pay, top-up", &[Kind::Pay], purse, bounds)
    });
    tally::histories(Generation::V1, "pay, top-up", histories.iter().sum());
}

#[test]
fn a_present_is_given_once_whatever_is_lost_and_whenever_it_dies() {
    let bounds = Bounds {
        fates: 3,
        crashes: 2,
        ..Bounds::default()
    };
    keeps_its_promises("present", &[Kind::Present], 1, bounds);
}

#[test]
fn an_answer_that_is_not_about_the_order_decides_nothing() {
    let histories = ALL.map(|kind| {
        let bounds = Bounds {
            fates: 2,
            asides: 1,
            crashes: 1,
            ..Bounds::default()
        };
        all("credentials", &[kind], 1, bounds)
    });
    tally::histories(Generation::V1, "credentials", histories.iter().sum());
}

#[test]
fn nothing_is_sent_after_47_hours_however_long_a_process_stood_still() {
    let histories = ALL.map(|kind| {
        let bounds = Bounds {
            fates: 2,
            crashes: 1,
            leaps: 1,
            waits: 1,
            ..Bounds::default()
        };
        all("leaps", &[kind], 1, bounds)
    });
    tally::histories(Generation::V1, "leaps", histories.iter().sum());
}

#[test]
fn a_disk_that_fails_makes_no_answer_false() {
    let histories = ALL.map(|kind| {
        let bounds = Bounds {
            fates: 1,
            crashes: 1,
            cancels: u8::from(kind == Kind::Pay),
            faults: 1,
            ..Bounds::default()
        };
        all("faults", &[kind], 1, bounds)
    });
    tally::histories(Generation::V1, "faults", histories.iter().sum());
}

#[test]
fn two_payments_with_coins_for_one_take_them_once() {
    let bounds = Bounds {
        fates: 2,
        crashes: 1,
        ..Bounds::default()
    };
    keeps_its_promises("two payments", &[Kind::Pay, Kind::Pay], 1, bounds);
}

/// Each attempt is accounted for by its own answer, and no answer is believed twice.
#[test]
fn a_late_answer_to_an_older_attempt_breaks_no_promise() {
    for (generation, runs) in RUNS {
        let scenario = |random: &mut Random| Scenario {
            broken: Some(Broken::SecondOutcome),
            ..anything(generation, random)
        };
        tally::random_runs(generation, play_seeds(scenario, 1 << 20, runs / 4));
    }
}

/// Set `SIMULATION_RUNS` and `SIMULATION_SEED` for more, or for others; the runs are shared by the generations. A run
/// that fails names its seed.
#[test]
fn seeded_histories_break_no_promise() {
    let number = |name| std::env::var(name).ok()?.parse().ok();
    let wanted = number("SIMULATION_RUNS").map(|runs: u64| runs.div_ceil(2));
    let seed = number("SIMULATION_SEED").unwrap_or(1);
    for (generation, runs) in RUNS {
        let runs = wanted.unwrap_or(runs);
        let scenario = |random: &mut Random| anything(generation, random);
        tally::random_runs(generation, play_seeds(scenario, seed, runs));
    }
}

/// Some orders, some server, and anything may go wrong at any time.
fn anything(generation: Generation, random: &mut Random) -> Scenario {
    let mut below = |limit: u64| random.below(limit) as u8;
    let bounds = Bounds {
        fates: below(12),
        asides: below(6),
        crashes: below(5),
        closes: below(2),
        top_ups: below(3),
        cancels: below(3),
        refunds: below(3),
        leaps: below(3),
        waits: below(8),
        faults: below(4),
        repeats: below(3),
    };
    let kinds = [Kind::Pay, Kind::Pay, Kind::Pay, Kind::Present];
    let mut orders: Vec<Kind> = (0..=below(2))
        .map(|_| kinds[usize::from(below(4))])
        .collect();
    let purse = below(3).into();
    let server = Server {
        number_first: Some(below(2) == 0),
        reusable: Some(below(2) == 0),
        confirms: below(2) == 0 && generation == Generation::V1,
    };
    let mut part = 0;
    if generation == Generation::V2 && orders[0] == Kind::Pay {
        // One that fits once or twice or three times, or is the whole, or more than that.
        part = [3, 5, 6, 10, 11][usize::from(below(5))];
        orders.extend((0..below(5)).map(|_| Kind::Refund));
    }
    Scenario {
        server,
        part,
        free: true,
        ..Scenario::bounded("seeded", generation, &orders, purse, bounds)
    }
}
