//! The simulation notices: each test takes one rule of the servers away, outside the engine.

use wxgame::store::Kind;

use super::scenario::{Bounds, Broken, Servers};
use crate::explore::find;
use crate::tally;

/// How many tests there are below.
pub const TESTS: u32 = 8;
const RUNS: u64 = 4_000;

fn is_noticed(broken: Broken, orders: &[Kind], invariants: &[&str]) {
    let bounds = Bounds {
        fates: 3,
        kills: 1,
        pauses: 2,
        hangs: 1,
        repeats: 1,
        cancels: 1,
        top_ups: 1,
        ..Bounds::default()
    };
    let scene = Servers {
        free: true,
        broken: Some(broken),
        ..Servers::bounded("broken on purpose", orders, bounds)
    };
    let healthy = Servers {
        broken: None,
        ..scene.clone()
    };
    let found = find(&scene, RUNS);
    tally::mutation_of_servers(found.is_some());
    let found = found.unwrap_or_else(|| panic!("nobody notices {broken:?}"));
    let (invariant, what) = (found.violation.invariant, &found.violation.what);
    println!(
        "{broken:?}: {invariant} ({what}) after {} steps: {}",
        found.steps.len(),
        found.steps.join(" → ")
    );
    assert!(
        invariants.contains(&invariant),
        "{broken:?} breaks {invariant}, not {invariants:?}"
    );
    assert!(
        find(&healthy, RUNS / 20).is_none(),
        "without {broken:?} nothing is wrong"
    );
}

macro_rules! noticed {
    ($($name:ident: $broken:ident, $orders:expr, $invariants:expr;)*) => {$(
        #[test]
        fn $name() {
            is_noticed(Broken::$broken, &$orders, &$invariants);
        }
    )*};
}

noticed! {
    a_request_that_leaves_without_a_lease_is_noticed: LeavesWithoutLease, [Kind::Pay], ["I1"];
    a_lease_that_is_believed_longer_is_noticed: LeaseTooLong, [Kind::Pay], ["I1"];
    a_server_that_is_not_told_of_its_lost_lease_is_noticed: NameKept, [Kind::Pay], ["I1", "I6", "I7"];
    an_update_by_a_server_that_has_it_no_more_is_noticed: AnybodyUpdates, [Kind::Pay], ["I1", "I3", "I4", "I7"];
    a_payment_taken_over_as_never_sent_is_noticed: TakenAsNew, [Kind::Pay], ["I1", "I4", "I7"];
    a_lease_that_ends_early_is_noticed: LeasesEndEarly, [Kind::Pay], ["I1"];
    a_payment_that_nobody_takes_over_is_noticed: NothingTaken, [Kind::Pay], ["I7"];
    a_payment_that_all_take_over_is_noticed: TakenByAll, [Kind::Pay], ["I1", "I7"];
}
