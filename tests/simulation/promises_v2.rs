//! The promises, kept by the virtual payment 2.0 too, and those about parts of a payment that are given back.
//!
//! What a generation cannot change is walked for the classic API only: presents, two payments in one purse, leaps of
//! the clock under a payment. The seeds do all of it for both.

use wxgame::store::{Generation, Kind};

use crate::explore::play_all;
use crate::promises::MOST;
use crate::scenario::{Bounds, Scenario};
use crate::tally;
use crate::wechat::HOUR_MS;

/// How many tests there are below, and the seeded ones.
pub const TESTS: u32 = 10 + 2;

fn walked(scenario: &Scenario) -> u64 {
    play_all(scenario, MOST)
}

fn keeps_its_promises(scenario: &Scenario) {
    tally::histories(Generation::V2, &scenario.name, walked(scenario));
}

fn of_orders(name: &str, orders: &[Kind], bounds: Bounds) -> Scenario {
    Scenario::bounded(name, Generation::V2, orders, 1, bounds)
}

/// A payment that is done and acknowledged, and so many parts of it.
fn of_parts(name: &str, parts: usize, bounds: Bounds) -> Scenario {
    let mut orders = vec![Kind::Pay];
    orders.resize(1 + parts, Kind::Refund);
    Scenario {
        paid_ago_ms: Some(0),
        ..of_orders(name, &orders, bounds)
    }
}

#[test]
fn a_payment_and_its_cancel_end_once_under_one_number_of_the_refund() {
    let bounds = Bounds {
        fates: 2,
        crashes: 1,
        cancels: 1,
        ..Bounds::default()
    };
    keeps_its_promises(&of_orders("pay, cancel", &[Kind::Pay], bounds));
}

#[test]
fn a_refund_of_the_whole_gives_back_once_under_one_number() {
    let bounds = Bounds {
        fates: 3,
        crashes: 2,
        refunds: 1,
        ..Bounds::default()
    };
    let scenario = of_orders("pay, refund", &[Kind::Pay], bounds);
    keeps_its_promises(&Scenario {
        paid_ago_ms: Some(0),
        ..scenario
    });
}

#[test]
fn a_present_is_given_once() {
    let bounds = Bounds {
        fates: 2,
        crashes: 2,
        ..Bounds::default()
    };
    keeps_its_promises(&of_orders("present", &[Kind::Present], bounds));
}

#[test]
fn an_answer_that_is_not_about_the_order_decides_nothing() {
    let bounds = Bounds {
        fates: 1,
        asides: 1,
        crashes: 1,
        ..Bounds::default()
    };
    let histories = [
        of_orders("credentials", &[Kind::Pay], bounds),
        of_parts("credentials", 1, bounds),
    ];
    let histories = histories.iter().map(walked).sum();
    tally::histories(Generation::V2, "credentials", histories);
}

#[test]
fn a_part_comes_back_once_whatever_is_lost_and_whenever_it_dies() {
    let lost = Bounds {
        fates: 2,
        crashes: 2,
        ..Bounds::default()
    };
    let asked_again = Bounds {
        crashes: 1,
        repeats: 1,
        ..lost
    };
    let histories = [lost, asked_again].map(|bounds| walked(&of_parts("part", 1, bounds)));
    tally::histories(Generation::V2, "part", histories.iter().sum());
}

#[test]
fn two_parts_never_give_back_more_than_was_paid() {
    // Two that are all of it, and two that are more.
    let histories = [(5, 2), (6, 1)].map(|(part, fates)| {
        let bounds = Bounds {
            fates,
            crashes: 1,
            ..Bounds::default()
        };
        walked(&Scenario {
            part,
            ..of_parts("two parts", 2, bounds)
        })
    });
    tally::histories(Generation::V2, "two parts", histories.iter().sum());
}

#[test]
fn a_part_and_the_whole_never_come_back_both() {
    let bounds = Bounds {
        fates: 2,
        crashes: 1,
        refunds: 1,
        ..Bounds::default()
    };
    keeps_its_promises(&of_parts("part and whole", 1, bounds));
}

#[test]
fn a_part_that_is_more_than_was_paid_is_not_given_back() {
    let bounds = Bounds {
        crashes: 1,
        faults: 1,
        repeats: 1,
        ..Bounds::default()
    };
    keeps_its_promises(&Scenario {
        part: 11,
        ..of_parts("too much", 1, bounds)
    });
}

#[test]
fn a_disk_that_fails_makes_no_answer_about_a_part_false() {
    let bounds = Bounds {
        fates: 1,
        crashes: 1,
        faults: 1,
        repeats: 1,
        ..Bounds::default()
    };
    keeps_its_promises(&of_parts("faults", 1, bounds));
}

/// WeChat forgets the payment before it forgets the part that is asked for late.
#[test]
fn a_part_is_not_sent_after_47_hours_nor_guessed_once_its_payment_is_forgotten() {
    let lost = Bounds {
        fates: 2,
        crashes: 1,
        leaps: 1,
        waits: 1,
        ..Bounds::default()
    };
    let asked_again = Bounds {
        fates: 1,
        waits: 0,
        repeats: 1,
        ..lost
    };
    let mut histories = 0;
    for bounds in [lost, asked_again] {
        for ago_ms in [0, 46 * HOUR_MS] {
            histories += walked(&Scenario {
                paid_ago_ms: Some(ago_ms),
                ..of_parts("leaps", 1, bounds)
            });
        }
    }
    tally::histories(Generation::V2, "leaps", histories);
}
