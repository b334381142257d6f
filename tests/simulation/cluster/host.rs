//! The hosts of the servers, and the one database of theirs in which every order has one end.

use wxgame::client::completion::{Completion, CompletionKind, FLAG_REDELIVERED, Outcome};
use wxgame::error::Kind as ErrorKind;
use wxgame::store::{Kind, State};

use super::world::World;
use crate::host::claimed;

/// One order.
pub struct Order {
    pub kind: Kind,
    pub bill_no: String,
    pub placed: bool,
    /// The final answer that some host has acted on.
    pub told: Option<State>,
    /// The final answer on the disk.
    pub sealed: Option<State>,
    /// The commit that acknowledged it.
    pub acked_by: Option<u64>,
    /// A cancel was asked for: a finished payment may be given back.
    pub cancel_asked: bool,
    /// Broken on purpose: it was taken for a new one.
    pub resubmitted: bool,
}

impl Order {
    pub fn new(at: usize, kind: Kind) -> Self {
        Self {
            kind,
            bill_no: format!("order-{at}"),
            placed: false,
            told: None,
            sealed: None,
            acked_by: None,
            cancel_asked: false,
            resubmitted: false,
        }
    }
}

/// One submission to a server.
pub struct Asked {
    pub id: u64,
    pub order: usize,
    pub answered: bool,
}

impl World {
    /// A host reads one completion.
    pub fn hear(&mut self, at: usize, completion: Completion) {
        if matches!(
            completion.kind,
            Some(CompletionKind::SessionNeeded | CompletionKind::TokenNeeded)
        ) {
            return;
        }
        self.eventful = true;
        let asked = self.servers[at].asked.iter_mut();
        let asked = asked
            .into_iter()
            .find(|asked| asked.id == completion.submission);
        let (order, twice) = match asked {
            Some(asked) => (asked.order, std::mem::replace(&mut asked.answered, true)),
            None => {
                let named = |order: &Order| order.bill_no == completion.bill_no;
                let Some(order) = self.orders.iter().position(named) else {
                    return self.violate("I6", format!("nobody knows of {completion:?}"));
                };
                (order, completion.submission != 0)
            }
        };
        if twice {
            let id = completion.submission;
            self.violate("I6", format!("submission {id} completes twice"));
        }
        match completion.outcome {
            Outcome::None => self.hear_refusal(&completion),
            Outcome::Unknown => {
                if completion.delivery_id != 0 {
                    self.violate("I5", "an unknown payment asks to be acknowledged");
                }
                self.orders[order].placed |= completion.kind != Some(CompletionKind::CancelPay);
            }
            _ => self.hear_final(at, order, &completion),
        }
    }

    /// No answer about money.
    fn hear_refusal(&mut self, completion: &Completion) {
        let right = match completion.error {
            // Not in the journal when it was read, which says nothing of what another server was about to store; or not
            // acknowledged yet, or no pay.
            Some(ErrorKind::NotFound | ErrorKind::WrongState) => {
                completion.kind == Some(CompletionKind::CancelPay)
            }
            _ => false,
        };
        if !right {
            self.violate("I5", format!("refused without reason: {completion:?}"));
        }
    }

    fn hear_final(&mut self, at: usize, order: usize, completion: &Completion) {
        let Some(claimed) = claimed(completion) else {
            return self.violate("I5", format!("no such answer: {completion:?}"));
        };
        let record = self.record(order);
        let on_disk = record.as_ref().map(|record| record.state);
        let bill_no = self.orders[order].bill_no.clone();
        let state = match on_disk {
            Some(state) if claimed.contains(&state) => state,
            // It was so when the journal was read, and the host itself has asked for its coins back since.
            _ if claimed.contains(&State::Done) && self.orders[order].cancel_asked => return,
            None if claimed.contains(&State::NotSent) => {
                // Nothing of it is on the disk: the host begins anew.
                self.orders[order].placed = false;
                return;
            }
            _ => {
                let what = format!("{bill_no} is told {claimed:?}, the disk says {on_disk:?}");
                return self.violate("I5", what);
            }
        };
        if let Some(record) = record {
            if completion.delivery_id != record.delivery_id() {
                self.violate("I6", format!("{bill_no} cannot be acknowledged"));
            }
            let acked_by = self.orders[order].acked_by;
            let known = acked_by.is_some_and(|commit| commit < self.servers[at].commit);
            if completion.flags & FLAG_REDELIVERED != 0 && known {
                self.violate("I6", format!("{bill_no} comes again after its ack"));
            }
        }
        if let Some(earlier) = self.orders[order].told.filter(|told| *told != state) {
            let what = format!("{bill_no} was told {earlier:?} and now {state:?}");
            self.violate("I7", what);
        }
        self.orders[order].told = Some(state);
        let to_ack = &mut self.servers[at].to_ack;
        if completion.delivery_id != 0 && !to_ack.contains(&completion.delivery_id) {
            to_ack.push(completion.delivery_id);
        }
    }

    /// The first submission to a living server that has no completion yet.
    pub fn unanswered(&self) -> Option<u64> {
        let living = self
            .servers
            .iter()
            .filter(|server| server.journal.is_some());
        let mut asked = living.flat_map(|server| &server.asked);
        asked.find(|asked| !asked.answered).map(|asked| asked.id)
    }
}
