//! Every history of a payment, against the real engine: a deterministic simulation that is told, choice by
//! choice, what goes wrong, and looks after every step whether a promise was broken.

#[path = "simulation/acts.rs"]
mod acts;
#[path = "simulation/broken.rs"]
mod broken;
#[path = "simulation/checks.rs"]
mod checks;
#[path = "simulation/choice.rs"]
mod choice;
#[path = "simulation/cluster.rs"]
mod cluster;
#[path = "simulation/disk.rs"]
mod disk;
#[path = "simulation/explore.rs"]
mod explore;
#[path = "simulation/findings.rs"]
mod findings;
#[path = "simulation/host.rs"]
mod host;
#[path = "simulation/merge.rs"]
mod merge;
#[path = "simulation/options.rs"]
mod options;
#[path = "simulation/parts.rs"]
mod parts;
#[path = "simulation/promises.rs"]
mod promises;
#[path = "simulation/promises_v2.rs"]
mod promises_v2;
#[path = "simulation/scenario.rs"]
mod scenario;
#[path = "simulation/steps.rs"]
mod steps;
#[path = "simulation/tally.rs"]
mod tally;
#[path = "simulation/wechat.rs"]
mod wechat;
#[path = "simulation/wire.rs"]
mod wire;
#[path = "simulation/world.rs"]
mod world;
#[path = "simulation/writes.rs"]
mod writes;
