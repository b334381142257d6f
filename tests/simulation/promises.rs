//! The promises: over every history within some bounds, and over seeded ones far beyond.
//!
//! Each bound covers every server: where servers differ is itself a choice. The bounds that have more than one
//! thing go wrong leave other things out; what no bound combines, the seeds do.

use wxgame::store::Kind;

use crate::choice::Random;
use crate::explore::{play_all, play_seeds};
use crate::scenario::{Bounds, Broken, Scenario};
use crate::tally;
use crate::wechat::Server;

const MOST: u64 = 2_000_000;
const RUNS: u64 = 20_000;
const ALL: [Kind; 2] = [Kind::Pay, Kind::Present];

fn keeps_its_promises(name: &str, orders: &[Kind], purse: i64, bounds: Bounds) {
    let histories = play_all(&Scenario::bounded(name, orders, purse, bounds), MOST);
    tally::histories(name, histories);
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
    for purse in [0, 1] {
        let bounds = Bounds {
            fates: 2,
            crashes: 2 - purse as u8,
            top_ups: 1,
            ..Bounds::default()
        };
        keeps_its_promises("pay, top-up", &[Kind::Pay], purse, bounds);
    }
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
    for kind in ALL {
        let bounds = Bounds {
            fates: 2,
            asides: 1,
            crashes: 1,
            ..Bounds::default()
        };
        keeps_its_promises("credentials", &[kind], 1, bounds);
    }
}

#[test]
fn nothing_is_sent_after_47_hours_however_long_a_process_stood_still() {
    for kind in ALL {
        let bounds = Bounds {
            fates: 2,
            crashes: 1,
            leaps: 1,
            waits: 1,
            ..Bounds::default()
        };
        keeps_its_promises("leaps", &[kind], 1, bounds);
    }
}

#[test]
fn a_disk_that_fails_makes_no_answer_false() {
    for kind in ALL {
        let bounds = Bounds {
            fates: 1,
            crashes: 1,
            cancels: u8::from(kind == Kind::Pay),
            faults: 1,
            ..Bounds::default()
        };
        keeps_its_promises("faults", &[kind], 1, bounds);
    }
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
    let scenario = |random: &mut Random| Scenario {
        broken: Some(Broken::SecondOutcome),
        ..anything(random)
    };
    tally::random_runs(play_seeds(scenario, 1 << 20, RUNS / 4));
}

/// Set `SIMULATION_RUNS` and `SIMULATION_SEED` for more, or for others. A run that fails names its seed.
#[test]
fn seeded_histories_break_no_promise() {
    let number = |name| std::env::var(name).ok()?.parse().ok();
    let runs = number("SIMULATION_RUNS").unwrap_or(RUNS);
    let seed = number("SIMULATION_SEED").unwrap_or(1);
    tally::random_runs(play_seeds(anything, seed, runs));
}

/// Some orders, some server, and anything may go wrong at any time.
fn anything(random: &mut Random) -> Scenario {
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
    let orders = (0..=below(2))
        .map(|_| kinds[usize::from(below(4))])
        .collect();
    Scenario {
        name: "seeded".into(),
        orders,
        purse: below(3).into(),
        server: Server {
            number_first: Some(below(2) == 0),
            reusable: Some(below(2) == 0),
            confirms: below(2) == 0,
        },
        bounds,
        free: true,
        sleeps: false,
        broken: None,
    }
}
