//! What the whole simulation came to, in one line once all of its parts are through.

use std::io::Write;
use std::sync::Mutex;

/// Parts that report: every test of `promises` that is not ignored, and every test of `broken`.
const PARTS: u32 = 10 + crate::broken::TESTS;

#[derive(Default)]
struct Tally {
    parts: u32,
    histories: u64,
    random_runs: u64,
    caught: u64,
    mutations: u64,
}

static TALLY: Mutex<Option<Tally>> = Mutex::new(None);

/// The histories of one simulation.
pub fn histories(name: &str, histories: u64) {
    println!("{name}: {histories} histories");
    let part = match name {
        // These names report once for each of two simulations.
        "pay, top-up" | "credentials" | "leaps" | "faults" => 1,
        _ => 2,
    };
    add(part, |tally| tally.histories += histories);
}

/// Seeded histories.
pub fn random_runs(runs: u64) {
    add(2, |tally| tally.random_runs += runs);
}

/// One thing that was broken on purpose, and whether it was noticed.
pub fn mutation(caught: bool) {
    add(2, |tally| {
        tally.mutations += 1;
        tally.caught += u64::from(caught);
    });
}

/// Adds half a part or a whole one. The line goes past the capture of test output.
fn add(halves: u32, change: impl FnOnce(&mut Tally)) {
    let mut tally = TALLY.lock().expect("no test panics while it counts");
    let tally = tally.get_or_insert_default();
    change(tally);
    tally.parts += halves;
    if tally.parts == 2 * PARTS {
        let line = format!(
            "\nsimulation: histories={} random_runs={} mutations_caught={}/{} violations=0\n",
            tally.histories, tally.random_runs, tally.caught, tally.mutations
        );
        let _ = std::io::stdout().write_all(line.as_bytes());
    }
}
