//! What a simulation of servers that share a journal is about: the orders, how much may go wrong, what is broken.

use wxgame::store::{Generation, Kind};

use super::world::World;
use crate::explore::Scene;

/// One simulation.
#[derive(Clone, Debug)]
pub struct Servers {
    pub name: String,
    pub generation: Generation,
    pub servers: usize,
    pub orders: Vec<Kind>,
    /// How many of them the purse can pay.
    pub purse: i64,
    /// WeChat looks for the number before it looks into the purse.
    pub number_first: bool,
    pub bounds: Bounds,
    /// Everything that can happen next may happen next.
    pub free: bool,
    pub broken: Option<Broken>,
}

impl Servers {
    /// Every history of two servers within `bounds`.
    pub fn bounded(name: &str, orders: &[Kind], bounds: Bounds) -> Self {
        Self {
            name: name.into(),
            generation: Generation::V1,
            servers: 2,
            orders: orders.to_vec(),
            purse: 1,
            number_first: false,
            bounds,
            free: false,
            broken: None,
        }
    }
}

impl Scene for Servers {
    type World = World;

    fn name(&self) -> &str {
        &self.name
    }

    fn begin(&self) -> World {
        World::new(self)
    }
}

/// How often in one history things may go another way than the calm one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// Requests that are not simply answered.
    pub fates: u8,
    /// Servers that die, and ones that are closed.
    pub kills: u8,
    pub closes: u8,
    /// Dead servers that are started again.
    pub opens: u8,
    /// Servers that stand still.
    pub pauses: u8,
    /// Servers that the journal does not answer for a while.
    pub hangs: u8,
    /// Commits that fail.
    pub faults: u8,
    /// Submissions of a number that was submitted before.
    pub repeats: u8,
    pub cancels: u8,
    pub top_ups: u8,
}

/// One thing made wrong on purpose, outside the engine: a rule of the servers taken away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The transport lets requests leave after their lease.
    LeavesWithoutLease,
    /// A server believes that its lease is four times as long.
    LeaseTooLong,
    /// A server that lost its lease is not told.
    NameKept,
    /// The journal stores updates of a server that has the record no more.
    AnybodyUpdates,
    /// What is taken over is taken for never sent.
    TakenAsNew,
    /// The database's clock runs ahead: leases end early.
    LeasesEndEarly,
    /// Nothing is taken over.
    NothingTaken,
    /// What a server has left is taken over by every other one.
    TakenByAll,
}
