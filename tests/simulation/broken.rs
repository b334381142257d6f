//! The simulation notices: each test breaks one rule or one assumption on purpose, from outside the engine, and
//! a promise must be found broken.

use wxgame::store::Kind;

use crate::explore::find;
use crate::scenario::{Bounds, Broken, Scenario};
use crate::tally;
use crate::wechat::Server;

/// How many tests there are below.
pub const TESTS: u32 = 21;
const RUNS: u64 = 20_000;

/// Plays seeded histories until one breaks a promise, and makes it short.
fn is_noticed(broken: Broken, kinds: &[Kind], invariants: &[&str], bounds: Bounds) {
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
        ..Scenario::bounded("broken on purpose", kinds, purse, bounds)
    };
    let healthy = Scenario {
        broken: None,
        ..scenario.clone()
    };
    let found = find(&scenario, RUNS);
    tally::mutation(found.is_some());
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

macro_rules! noticed {
    ($($name:ident: $broken:ident, $kind:ident, $invariants:expr, $bounds:expr;)*) => {$(
        #[test]
        fn $name() {
            is_noticed(Broken::$broken, &[Kind::$kind], &$invariants, $bounds);
        }
    )*};
}

noticed! {
    a_request_sent_before_its_write_is_noticed: SentBeforeWritten, Pay, ["I1"], TROUBLE;
    an_answer_shown_before_its_write_is_noticed: ShownBeforeWritten, Pay, ["I5"], TROUBLE;
    an_answer_that_never_reaches_the_disk_is_noticed: NotSealed, Pay, ["I5"], TROUBLE;
    a_dropped_ack_is_noticed: AckDropped, Pay, ["I6", "I7"], TROUBLE;
    an_answer_that_is_not_delivered_again_is_noticed: NotRedelivered, Pay, ["I6", "I7"], TROUBLE;
    a_completion_that_comes_twice_is_noticed: ToldTwice, Pay, ["I6"], TROUBLE;
    a_duplicate_taken_for_a_refusal_is_noticed: DuplicateIsRefusal, Pay, ["I4"], TROUBLE;
    an_unknown_taken_for_not_sent_is_noticed: UnknownIsNotSent, Pay, ["I3", "I4", "I7"], TROUBLE;
    a_new_number_on_retry_is_noticed: NewNumberOnRetry, Present, ["I3"], TROUBLE;
    a_new_amount_on_retry_is_noticed: NewAmountOnRetry, Present, ["I2"], TROUBLE;
    a_clock_that_stands_is_noticed: ClockStands, Present, ["I1", "I3"], Bounds { leaps: 1, ..TROUBLE };
    a_cancel_without_quiet_time_is_noticed: NoQuietTime, Pay, ["I3", "I4"], TROUBLE;
    a_pay_after_a_cancel_is_noticed: PayAfterCancel, Pay, ["I1", "I3", "I4"], TROUBLE;
    a_number_that_is_not_ours_alone_is_noticed: OtherLedger, Pay, ["I3", "I4", "I7"], TROUBLE;
    a_write_that_is_lost_after_all_is_noticed: WriteLost, Pay, ["I1", "I4", "I5", "I7"], TROUBLE;
    a_request_without_a_last_moment_is_noticed: LateWithoutEnd, Pay, ["I3", "I4"], TROUBLE;
    a_server_that_forgets_soon_is_noticed: ForgetsSoon, Present, ["I3"], TROUBLE;
    a_not_sent_that_lies_is_noticed: NotSentLies, Pay, ["I4", "I7"], TROUBLE;
    a_request_doubled_on_the_way_is_noticed: DoubledOnTheWay, Pay, ["I3", "I4", "I7"], TROUBLE;
    a_request_doubled_at_the_edge_is_noticed: DoubledAtTheEdge, Pay, ["I3", "I4", "I7"], TROUBLE;
    a_server_that_changes_its_mind_is_noticed: MindChanged, Pay, ["I3", "I4"], TROUBLE;
}
