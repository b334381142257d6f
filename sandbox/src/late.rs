//! Requests that are executed later, and what they wait for.

use crate::call::{Call, Env};
use crate::fault::When;
use crate::ledger::Deal;
use crate::world::World;
use std::collections::HashMap;
use std::sync::Arc;

/// How many late requests can wait for a retry or a cancel. The next ones do not wait.
const MAX_WAITING: usize = 100_000;

/// One request that has been answered but not executed.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    pub(crate) call: Call,
    pub(crate) deal: Deal,
    /// A reset of the sandbox makes all that waited before it void.
    pub(crate) epoch: u64,
}

type Number = (usize, Env, String);

/// Late requests, by the order number whose next request sets them off.
#[derive(Default)]
pub(crate) struct Waiting {
    numbers: HashMap<Number, Vec<(When, Late)>>,
    count: usize,
}

impl Waiting {
    /// Keeps a late request; hands it back when there is no room.
    pub(crate) fn keep(&mut self, when: When, late: Late) -> Option<Late> {
        if self.count >= MAX_WAITING {
            return Some(late);
        }
        let bill_no = match (when, &late.deal.pay_bill_no) {
            (When::Cancel, Some(pay_bill_no)) => pay_bill_no.clone(),
            _ => late.deal.bill_no.clone(),
        };
        let number = (late.deal.app, late.deal.env, bill_no);
        self.numbers.entry(number).or_default().push((when, late));
        self.count += 1;
        None
    }

    /// The late requests that this request sets off. A refund of virtual payment 2.0 is a request with two
    /// numbers: its own and that of the payment.
    pub(crate) fn set_off(&mut self, deal: &Deal, call: Call) -> Vec<Late> {
        if self.count == 0 {
            return Vec::new();
        }
        let mut all = Vec::new();
        for bill_no in [Some(&deal.bill_no), deal.pay_bill_no.as_ref()]
            .into_iter()
            .flatten()
        {
            let number = (deal.app, deal.env, bill_no.clone());
            let Some(waiting) = self.numbers.remove(&number) else {
                continue;
            };
            let ready = |when: When| when != When::Cancel || call.cancels();
            let (now, still): (Vec<_>, Vec<_>) =
                waiting.into_iter().partition(|(when, _)| ready(*when));
            self.count -= now.len();
            if !still.is_empty() {
                self.numbers.insert(number, still);
            }
            all.extend(now.into_iter().map(|(_, late)| late));
        }
        all
    }
}

/// Executes late requests when it is dropped: that is when an answer has left, or never will.
pub(crate) struct AfterAnswer {
    world: Arc<World>,
    late: Vec<Late>,
}

impl AfterAnswer {
    pub(crate) fn new(world: &Arc<World>, late: Vec<Late>) -> Option<AfterAnswer> {
        (!late.is_empty()).then(|| AfterAnswer {
            world: Arc::clone(world),
            late,
        })
    }
}

impl Drop for AfterAnswer {
    fn drop(&mut self) {
        self.world.execute_late(std::mem::take(&mut self.late));
    }
}
