//! The simulation notices: each test breaks one rule or one assumption on purpose, from outside the engine, and
//! a promise must be found broken.

use wxgame::store::{Generation, Kind};

use crate::explore::find;
use crate::scenario::{Bounds, Broken, Scenario};
use crate::tally;
use crate::wechat::Server;

/// How many tests there are below, of either generation.
pub const TESTS_V1: u32 = 21;
pub const TESTS_V2: u32 = 10;
const RUNS: u64 = 20_000;

/// Plays seeded histories until one breaks a promise, and makes it short.
fn is_noticed(
    broken: Broken,
    generation: Generation,
    orders: &[Kind],
    invariants: &[&str],
    bounds: Bounds,
) {
    let server = Server {
        number_first: None,
        reusable: None,
        confirms: broken == Broken::MindChanged,
    };
    // A copy of an answered request finds something to do only where the request itself did not.
    let purse = i64::from(broken != Broken::DoubledOnTheWay);
    let scenario = Scenario {
        server,
        free: true,
        broken: Some(broken),
        part: 6,
        paid_ago_ms: orders.contains(&Kind::Refund).then_some(0),
        ..Scenario::bounded("broken on purpose", generation, orders, purse, bounds)
    };
    let healthy = Scenario {
        broken: None,
        ..scenario.clone()
    };
    let found = find(&scenario, RUNS);
    tally::mutation(generation, found.is_some());
    let found = found.unwrap_or_else(|| panic!("nobody notices {broken:?}"));
    let (invariant, what) = (found.violation.invariant, &found.violation.what);
    println!(
        "{generation:?}: {broken:?}: {invariant} ({what}) after {} steps: {}",
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

/// What goes wrong beside the broken thing itself.
const TROUBLE: Bounds = Bounds {
    fates: 3,
    asides: 1,
    crashes: 2,
    closes: 0,
    top_ups: 1,
    cancels: 1,
    refunds: 0,
    leaps: 0,
    waits: 2,
    faults: 0,
    repeats: 0,
};

/// A cancel is asked for twice as often as otherwise, finished or not.
const CANCELS: Bounds = Bounds {
    cancels: 2,
    refunds: 2,
    ..TROUBLE
};

macro_rules! noticed {
    ($generation:ident: $($name:ident: $broken:ident, $orders:expr, $invariants:expr, $bounds:expr;)*) => {$(
        #[test]
        fn $name() {
            is_noticed(Broken::$broken, Generation::$generation, &$orders, &$invariants, $bounds);
        }
    )*};
}

noticed! {
    V1:
    a_request_sent_before_its_write_is_noticed: SentBeforeWritten, [Kind::Pay], ["I1"], TROUBLE;
    an_answer_shown_before_its_write_is_noticed: ShownBeforeWritten, [Kind::Pay], ["I5"], TROUBLE;
    an_answer_that_never_reaches_the_disk_is_noticed: NotSealed, [Kind::Pay], ["I5"], TROUBLE;
    a_dropped_ack_is_noticed: AckDropped, [Kind::Pay], ["I6", "I7"], TROUBLE;
    an_answer_that_is_not_delivered_again_is_noticed: NotRedelivered, [Kind::Pay], ["I6", "I7"], TROUBLE;
    a_completion_that_comes_twice_is_noticed: ToldTwice, [Kind::Pay], ["I6"], TROUBLE;
    a_duplicate_taken_for_a_refusal_is_noticed: DuplicateIsRefusal, [Kind::Pay], ["I4"], TROUBLE;
    an_unknown_taken_for_not_sent_is_noticed: UnknownIsNotSent, [Kind::Pay], ["I3", "I4", "I7"], TROUBLE;
    a_new_number_on_retry_is_noticed: NewNumberOnRetry, [Kind::Present], ["I3"], TROUBLE;
    a_new_amount_on_retry_is_noticed: NewAmountOnRetry, [Kind::Present], ["I2"], TROUBLE;
    a_clock_that_stands_is_noticed: ClockStands, [Kind::Present], ["I1", "I3"], Bounds { leaps: 1, ..TROUBLE };
    a_cancel_without_quiet_time_is_noticed: NoQuietTime, [Kind::Pay], ["I3", "I4"], TROUBLE;
    a_pay_after_a_cancel_is_noticed: PayAfterCancel, [Kind::Pay], ["I1", "I3", "I4"], TROUBLE;
    a_number_that_is_not_ours_alone_is_noticed: OtherLedger, [Kind::Pay], ["I3", "I4", "I7"], TROUBLE;
    a_write_that_is_lost_after_all_is_noticed: WriteLost, [Kind::Pay], ["I1", "I4", "I5", "I7"], TROUBLE;
    a_request_without_a_last_moment_is_noticed: LateWithoutEnd, [Kind::Pay], ["I3", "I4"], TROUBLE;
    a_server_that_forgets_soon_is_noticed: ForgetsSoon, [Kind::Present], ["I3"], TROUBLE;
    a_not_sent_that_lies_is_noticed: NotSentLies, [Kind::Pay], ["I4", "I7"], TROUBLE;
    a_request_doubled_on_the_way_is_noticed: DoubledOnTheWay, [Kind::Pay], ["I3", "I4", "I7"], TROUBLE;
    a_request_doubled_at_the_edge_is_noticed: DoubledAtTheEdge, [Kind::Pay], ["I3", "I4", "I7"], TROUBLE;
    a_server_that_changes_its_mind_is_noticed: MindChanged, [Kind::Pay], ["I3", "I4"], TROUBLE;
}

noticed! {
    V2:
    a_new_refund_number_on_retry_is_noticed: NewRefundNumberOnRetry, [Kind::Pay], ["I3"], CANCELS;
    a_new_number_of_a_part_on_retry_is_noticed: NewRefundNumberOnRetry, [Kind::Pay, Kind::Refund], ["I3"], TROUBLE;
    a_new_refund_number_after_a_restart_is_noticed: NewRefundNumberAfterRestart, [Kind::Pay], ["I3"], CANCELS;
    a_repeated_refund_taken_for_a_refusal_is_noticed: DuplicateIsNotGivenBack, [Kind::Pay], ["I3"], CANCELS;
    a_part_that_is_not_reserved_is_noticed: PartNotReserved, [Kind::Pay, Kind::Refund, Kind::Refund], ["I3"], TROUBLE;
    a_part_that_is_free_again_while_unknown_is_noticed: FreedOnUnknown, [Kind::Pay, Kind::Refund], ["I3"], TROUBLE;
    a_refused_session_taken_for_patience_is_noticed: SessionIsInProcess, [Kind::Pay], ["I7"], TROUBLE;
    an_unknown_part_taken_for_not_sent_is_noticed: UnknownIsNotSent, [Kind::Pay, Kind::Refund], ["I3", "I4", "I7"], TROUBLE;
    a_part_that_was_not_sent_by_a_lie_is_noticed: NotSentLies, [Kind::Pay, Kind::Refund], ["I3", "I4", "I7"], TROUBLE;
    a_cancel_by_its_own_number_without_quiet_time_is_noticed: NoQuietTime, [Kind::Pay], ["I3", "I4"], TROUBLE;
}
