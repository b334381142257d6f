//! Servers that share one journal: every history of two of them, against the real engine and the journal in memory.

#[path = "cluster/broken.rs"]
pub mod broken;
#[path = "cluster/checks.rs"]
mod checks;
#[path = "cluster/host.rs"]
mod host;
#[path = "cluster/journal.rs"]
mod journal;
#[path = "cluster/options.rs"]
mod options;
#[path = "cluster/promises.rs"]
pub mod promises;
#[path = "cluster/scenario.rs"]
mod scenario;
#[path = "cluster/spoil.rs"]
mod spoil;
#[path = "cluster/steps.rs"]
mod steps;
#[path = "cluster/time.rs"]
mod time;
#[path = "cluster/world.rs"]
mod world;
