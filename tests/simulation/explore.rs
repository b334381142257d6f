//! Walks histories: all of them up to the bounds, or as many as wanted from seeds.

use std::collections::HashSet;
use std::fmt::Debug;

use crate::choice::{Chooser, Random, trim};
use crate::scenario::Scenario;
use crate::steps::Step;
use crate::world::{Violation, World};

/// What a history is about.
pub trait Scene: Debug {
    type World: Unfolds;
    fn name(&self) -> &str;
    fn begin(&self) -> Self::World;
}

/// A history as it unfolds, step by step.
pub trait Unfolds {
    type Step: Copy + Debug;
    /// Everything that can happen next, the calm way first; nothing once the history is over.
    fn options(&self, options: &mut Vec<Self::Step>);
    fn take(&mut self, step: Self::Step);
    fn steps(&self) -> &[Self::Step];
    /// Looks at what must hold when nothing more can happen.
    fn check_end(&mut self);
    fn violate(&mut self, invariant: &'static str, what: &str);
    fn violation(&mut self) -> Option<Violation>;
    /// A digest of everything that can matter from here on, where that is known.
    fn digest(&mut self) -> Option<u64>;
}

impl Scene for Scenario {
    type World = World;

    fn name(&self) -> &str {
        &self.name
    }

    fn begin(&self) -> World {
        World::new(self)
    }
}

impl Unfolds for World {
    type Step = Step;

    fn options(&self, options: &mut Vec<Step>) {
        World::options(self, options);
    }

    fn take(&mut self, step: Step) {
        World::take(self, step);
    }

    fn steps(&self) -> &[Step] {
        &self.steps
    }

    fn check_end(&mut self) {
        World::check_end(self);
    }

    fn violate(&mut self, invariant: &'static str, what: &str) {
        World::violate(self, invariant, what);
    }

    fn violation(&mut self) -> Option<Violation> {
        self.violation.take()
    }

    fn digest(&mut self) -> Option<u64> {
        self.digest_of_fresh_start()
    }
}

/// A history that takes longer than this runs in circles.
const STEPS_MOST: usize = 3_000;

/// One history that broke a promise.
pub struct Finding {
    pub violation: Violation,
    pub choices: Vec<u8>,
    pub steps: Vec<String>,
}

/// Plays one history to its end, or to its first violation.
pub fn play(scenario: &impl Scene, chooser: &mut Chooser) -> Option<Finding> {
    play_until(scenario, chooser, |_| false)
}

/// Plays one history to its end, to its first violation, or until `enough` says of a fresh start that what
/// follows is known.
fn play_until(
    scenario: &impl Scene,
    chooser: &mut Chooser,
    mut enough: impl FnMut(u64) -> bool,
) -> Option<Finding> {
    let mut world = scenario.begin();
    let mut options = Vec::with_capacity(32);
    loop {
        world.options(&mut options);
        if options.is_empty() {
            world.check_end();
        } else if world.steps().len() >= STEPS_MOST {
            world.violate("I7", "the engine runs in circles");
        } else {
            world.take(options[chooser.choose(options.len())]);
        }
        if let Some(violation) = world.violation() {
            let steps = world.steps().iter().map(|step| format!("{step:?}"));
            return Some(Finding {
                violation,
                choices: chooser.choices(),
                steps: steps.collect(),
            });
        }
        let start = world.digest();
        if options.is_empty()
            || start.is_some_and(|start| chooser.is_beyond_list() && enough(start))
        {
            return None;
        }
    }
}

/// Plays every history within the bounds, but at most `most`. Panics at the first violation.
///
/// A history ends where a process starts at a point that an earlier history has been at. Depth first, all that
/// follows such a point has been played by then.
pub fn play_all(scenario: &impl Scene, most: u64) -> u64 {
    let (mut list, mut known) = (Vec::new(), HashSet::new());
    for histories in 1..=most {
        let mut chooser = Chooser::listed(list);
        let finding = play_until(scenario, &mut chooser, |start| !known.insert(start));
        if let Some(finding) = finding {
            report(scenario, &shortest(scenario, finding));
        }
        match chooser.next_list() {
            Some(next) => list = next,
            None => return histories,
        }
    }
    panic!("{}: more than {most} histories", scenario.name())
}

/// Plays `runs` histories from seeds that follow `seed`. Panics at the first violation.
pub fn play_seeds<S: Scene>(scenario: impl Fn(&mut Random) -> S, seed: u64, runs: u64) -> u64 {
    for run in 0..runs {
        let seed = seed.wrapping_add(run);
        let scenario = scenario(&mut Random::new(!seed));
        if let Some(finding) = play(&scenario, &mut Chooser::seeded(seed)) {
            println!("seed {seed}");
            report(&scenario, &shortest(&scenario, finding));
        }
    }
    runs
}

/// The shortest of the first violations that seeds lead to.
pub fn find(scenario: &impl Scene, runs: u64) -> Option<Finding> {
    (0..runs)
        .filter_map(|seed| play(scenario, &mut Chooser::seeded(seed)))
        .take(4)
        .map(|finding| shortest(scenario, finding))
        .min_by_key(|finding| finding.steps.len())
}

/// Takes these steps, each of which must be possible, and then the calm ones.
pub fn follow(scenario: &Scenario, steps: &[Step]) -> Option<Finding> {
    let mut choices = Vec::new();
    let mut world = World::new(scenario);
    let mut options = Vec::new();
    for step in steps {
        world.options(&mut options);
        let chosen = options.iter().position(|option| option == step);
        let chosen = chosen.unwrap_or_else(|| panic!("{step:?} is none of {options:?}"));
        if options.len() > 1 {
            choices.push(chosen as u8);
        }
        world.take(*step);
        if world.violation.is_some() {
            break;
        }
    }
    play(scenario, &mut Chooser::listed(choices))
}

/// What leaves in the first hundred steps of one history: which order's requests, and when.
pub fn sent(scenario: &Scenario, chooser: &mut Chooser) -> Vec<(usize, i64)> {
    let mut world = World::new(scenario);
    let mut options = Vec::new();
    while world.steps.len() < 100 {
        world.options(&mut options);
        if options.is_empty() {
            break;
        }
        world.take(options[chooser.choose(options.len())]);
    }
    world.sent
}

/// Makes every choice calm that need not be otherwise.
fn shortest(scenario: &impl Scene, mut found: Finding) -> Finding {
    let mut changed = true;
    while std::mem::take(&mut changed) {
        for at in (0..found.choices.len()).rev() {
            for without in candidates(&found.choices, at) {
                let again = play(scenario, &mut Chooser::listed(without));
                let better = again.filter(|again| {
                    again.violation.invariant == found.violation.invariant
                        && weight(again) < weight(&found)
                });
                if let Some(better) = better {
                    found = better;
                    changed = true;
                    break;
                }
            }
        }
    }
    found
}

/// How much there is to a history: what went wrong in it, and how long it is.
fn weight(finding: &Finding) -> (usize, usize, usize) {
    let wrong = finding.choices.iter().filter(|chosen| **chosen != 0);
    (wrong.count(), finding.steps.len(), finding.choices.len())
}

/// The list with the choice at `at` made calm, left out, or cut off.
fn candidates(choices: &[u8], at: usize) -> Vec<Vec<u8>> {
    if at >= choices.len() {
        return Vec::new();
    }
    let (mut calm, mut without) = (choices.to_vec(), choices.to_vec());
    calm[at] = 0;
    without.remove(at);
    let mut lists = vec![choices[..at].to_vec(), without, calm];
    lists.iter_mut().for_each(trim);
    lists
}

/// Prints the history and the choices that lead to it, and fails.
pub fn report(scenario: &impl Scene, finding: &Finding) -> ! {
    let Violation { invariant, what } = &finding.violation;
    panic!(
        "{}: {invariant}: {what}\n  after {} steps: {}\n  choices: {:?}\n  in {scenario:?}",
        scenario.name(),
        finding.steps.len(),
        finding.steps.join(" → "),
        finding.choices,
    );
}
