//! What the whole simulation came to, in one line for each generation once all of its parts are through.

use std::io::Write;
use std::sync::Mutex;

use wxgame::store::Generation;

use crate::{broken, cluster, promises, promises_v2};

#[derive(Clone, Copy)]
struct Tally {
    parts: u32,
    histories: u64,
    random_runs: u64,
    caught: u64,
    mutations: u64,
}

static TALLIES: Mutex<[Tally; 3]> = Mutex::new(
    [Tally {
        parts: 0,
        histories: 0,
        random_runs: 0,
        caught: 0,
        mutations: 0,
    }; 3],
);

/// What a tally is of.
#[derive(Clone, Copy, Debug)]
enum Of {
    V1,
    V2,
    Servers,
}

impl From<Generation> for Of {
    fn from(generation: Generation) -> Self {
        match generation {
            Generation::V1 => Of::V1,
            Generation::V2 => Of::V2,
        }
    }
}

/// Parts that report: every test of `promises` and of `broken`, each for the generations that it is about.
fn parts(of: Of) -> u32 {
    match of {
        Of::V1 => promises::TESTS + broken::TESTS_V1,
        Of::V2 => promises_v2::TESTS + broken::TESTS_V2,
        Of::Servers => cluster::promises::TESTS + cluster::broken::TESTS,
    }
}

/// The histories of one test: of one simulation, or of some.
pub fn histories(generation: Generation, name: &str, histories: u64) {
    println!("{generation:?}: {name}: {histories} histories");
    add(generation.into(), |tally| tally.histories += histories);
}

/// The same of servers that share a journal.
pub fn servers(name: &str, histories: u64) {
    println!("servers: {name}: {histories} histories");
    add(Of::Servers, |tally| tally.histories += histories);
}

pub fn seeded_servers(runs: u64) {
    add(Of::Servers, |tally| tally.random_runs += runs);
}

pub fn mutation_of_servers(caught: bool) {
    note_mutation(Of::Servers, caught);
}

/// Seeded histories.
pub fn random_runs(generation: Generation, runs: u64) {
    add(generation.into(), |tally| tally.random_runs += runs);
}

/// One thing that was broken on purpose, and whether it was noticed.
pub fn mutation(generation: Generation, caught: bool) {
    note_mutation(generation.into(), caught);
}

fn note_mutation(of: Of, caught: bool) {
    add(of, |tally| {
        tally.mutations += 1;
        tally.caught += u64::from(caught);
    });
}

/// The line goes past the capture of test output.
fn add(of: Of, change: impl FnOnce(&mut Tally)) {
    let mut tallies = TALLIES.lock().expect("no test panics while it counts");
    let tally = &mut tallies[of as usize];
    change(tally);
    tally.parts += 1;
    if tally.parts == parts(of) {
        let line = format!(
            "\nsimulation {of:?}: histories={} random_runs={} mutations_caught={}/{} violations=0\n",
            tally.histories, tally.random_runs, tally.caught, tally.mutations
        );
        let _ = std::io::stdout().write_all(line.as_bytes());
    }
}
