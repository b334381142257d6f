//! What the whole simulation came to, in one line for each generation once all of its parts are through.

use std::io::Write;
use std::sync::Mutex;

use wxgame::store::Generation;

use crate::{broken, promises, promises_v2};

#[derive(Clone, Copy)]
struct Tally {
    parts: u32,
    histories: u64,
    random_runs: u64,
    caught: u64,
    mutations: u64,
}

static TALLIES: Mutex<[Tally; 2]> = Mutex::new(
    [Tally {
        parts: 0,
        histories: 0,
        random_runs: 0,
        caught: 0,
        mutations: 0,
    }; 2],
);

/// Parts that report: every test of `promises` and of `broken`, each for the generations that it is about.
fn parts(generation: Generation) -> u32 {
    match generation {
        Generation::V1 => promises::TESTS + broken::TESTS_V1,
        Generation::V2 => promises_v2::TESTS + broken::TESTS_V2,
    }
}

/// The histories of one test: of one simulation, or of some.
pub fn histories(generation: Generation, name: &str, histories: u64) {
    println!("{generation:?}: {name}: {histories} histories");
    add(generation, |tally| tally.histories += histories);
}

/// Seeded histories.
pub fn random_runs(generation: Generation, runs: u64) {
    add(generation, |tally| tally.random_runs += runs);
}

/// One thing that was broken on purpose, and whether it was noticed.
pub fn mutation(generation: Generation, caught: bool) {
    add(generation, |tally| {
        tally.mutations += 1;
        tally.caught += u64::from(caught);
    });
}

/// The line goes past the capture of test output.
fn add(generation: Generation, change: impl FnOnce(&mut Tally)) {
    let mut tallies = TALLIES.lock().expect("no test panics while it counts");
    let tally = match generation {
        Generation::V1 => &mut tallies[0],
        Generation::V2 => &mut tallies[1],
    };
    change(tally);
    tally.parts += 1;
    if tally.parts == parts(generation) {
        let line = format!(
            "\nsimulation {generation:?}: histories={} random_runs={} mutations_caught={}/{} violations=0\n",
            tally.histories, tally.random_runs, tally.caught, tally.mutations
        );
        let _ = std::io::stdout().write_all(line.as_bytes());
    }
}
