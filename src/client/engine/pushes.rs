//! Pushes that tell of a payment: journaled under what tells one from another, delivered until acknowledged, once.

use crate::api::push::{Event, RefusalReason};
use crate::client::completion::{Completion, CompletionKind, Push, Verdict};
use crate::client::push::record_of;
use crate::store::{JournalError, Kind, Record, State, Write, Written};

use super::Engine;
use super::entry::Asker;
use super::items::Item;

/// One that waits for the journal.
pub(super) struct PendingPush {
    event: Event,
    asker: Asker,
    step: Step,
}

enum Step {
    /// Was this item ordered here?
    Looking,
    /// Is it the first of its kind?
    Inserting(Box<Record>),
}

impl Engine {
    pub(super) fn submit_push(&mut self, event: Event, asker: Asker) {
        if self.is_closing() {
            return self.push_again(&asker, &event, "the client is closed");
        }
        let Event::Goods(goods) = &event else {
            return self.insert_push(event, asker);
        };
        if let Some(&id) = self.items_by_number.get(&goods.out_trade_no) {
            return self.push_on_item(id, event, asker);
        }
        let find = Write::Find(goods.out_trade_no.clone());
        self.ask_for_push(event, asker, Step::Looking, find);
    }

    fn insert_push(&mut self, event: Event, asker: Asker) {
        let record = Record {
            generation: self.settings.generation,
            offer_id: self.settings.app.offer_id.clone(),
            ..record_of(&event, self.now.wall_ms)
        };
        let insert = Write::Insert(Box::new(record.clone()));
        self.ask_for_push(event, asker, Step::Inserting(Box::new(record)), insert);
    }

    fn ask_for_push(&mut self, event: Event, asker: Asker, step: Step, write: Write) {
        let id = self.new_id();
        self.out.writes.push((id, write));
        let pending = PendingPush { event, asker, step };
        self.pushes.insert(id, pending);
    }

    /// The journal's answer about a push.
    pub(super) fn push_committed(
        &mut self,
        push: PendingPush,
        answer: Result<Written, JournalError>,
    ) {
        let PendingPush { event, asker, step } = push;
        match (step, answer) {
            (_, Err(failure)) => self.push_again(&asker, &event, &failure.error.message),
            (Step::Looking, Ok(Written::Found(known))) if known.kind == Kind::Item => {
                self.push_on_known(*known, event, asker);
            }
            (
                Step::Looking,
                Ok(Written::Sealed {
                    kind: Kind::Item,
                    state: State::Done,
                    ..
                }),
            ) => {
                let record = record_of(&event, self.now.wall_ms);
                self.tell_push(&asker, &event, &record, Verdict::AlreadyDelivered, None);
            }
            // Not ordered here, or not under this number: WeChat's word for it is enough, for it is signed.
            (Step::Looking, Ok(_)) => self.insert_push(event, asker),
            (Step::Inserting(mut record), Ok(Written::Stored(id))) => {
                record.id = id;
                let verdict = if record.acked {
                    Verdict::BalanceChanged
                } else {
                    self.follow_delivery(&record);
                    Verdict::Deliver
                };
                self.tell_push(&asker, &event, &record, verdict, None);
            }
            // Ordered here while the journal was being asked.
            (Step::Inserting(_), Ok(Written::Found(known))) if known.is_ordered() => {
                self.push_on_known(*known, event, asker);
            }
            (Step::Inserting(record), Ok(Written::Found(known))) => {
                self.deliver_if_forgotten(&known);
                let verdict = told_before(&event);
                self.tell_push(&asker, &event, &record, verdict, None);
            }
            (Step::Inserting(record), Ok(Written::Sealed { .. })) => {
                let verdict = told_before(&event);
                self.tell_push(&asker, &event, &record, verdict, None);
            }
            (Step::Inserting(_), Ok(_)) => {
                self.push_again(&asker, &event, "the journal did not store it");
            }
        }
    }

    /// An item that was ordered here, and is over or was so a moment ago.
    pub(super) fn push_on_known(&mut self, known: Record, event: Event, asker: Asker) {
        if let Some(&id) = self.items_by_number.get(&known.bill_no) {
            return self.push_on_item(id, event, asker);
        }
        if self.by_bill_no.contains_key(&known.bill_no) {
            return self.push_again(&asker, &event, "a person is deciding about this order");
        }
        if !Item::matches(&known, &event) {
            let refusal = Some(RefusalReason::Mismatch);
            return self.tell_push(&asker, &event, &known, Verdict::Refuse, refusal);
        }
        if known.state == State::Done {
            self.deliver_if_forgotten(&known);
            return self.tell_push(&asker, &event, &known, Verdict::AlreadyDelivered, None);
        }
        // It was written off, and has been paid after all.
        let revived = Record {
            acked: false,
            replaced: known.replaced + u16::from(known.state.is_final()),
            ..known
        };
        let id = self.insert_item(Item::ending(revived, event, asker));
        self.end_by_push(id);
    }

    /// What is told of a push: what it says, and what to do about it.
    pub(super) fn tell_push(
        &mut self,
        asker: &Asker,
        event: &Event,
        record: &Record,
        verdict: Verdict,
        refusal: Option<RefusalReason>,
    ) {
        let mut told = Completion::of_record_alone(CompletionKind::Push, record);
        if verdict != Verdict::Deliver {
            told.delivery_id = 0;
            told.outcome = Default::default();
        }
        self.complete(Completion {
            submission: asker.submission,
            user_tag: record.user_tag,
            push: Some(Box::new(Push {
                verdict: Some(verdict),
                refusal,
                ..Push::of_event(event.clone())
            })),
            ..told
        });
    }

    /// Nothing came of it: WeChat is to push it again.
    pub(super) fn push_again(&mut self, asker: &Asker, event: &Event, why: &str) {
        self.complete(Completion {
            submission: asker.submission,
            ..Completion::push_again(event, why)
        });
    }

    pub(super) fn give_up_push(&mut self, push: PendingPush) {
        self.push_again(&push.asker, &push.event, "the client is closed");
    }
}

/// What a push is told by that is in the journal already. Whoever waited for coins may have died before it was told.
fn told_before(event: &Event) -> Verdict {
    match event {
        Event::Coins(_) => Verdict::BalanceChanged,
        _ => Verdict::AlreadyDelivered,
    }
}
