//! What an operator asks of a journal: one payment, all that are unresolved, a decision, a release.

use std::cmp::Reverse;

use crate::client::completion::{
    Completion, CompletionKind, FLAG_SEALED, Outcome, WaitingFor, outcome_of,
};
use crate::client::flow::{Event, Payment};
use crate::client::log::Level;
use crate::client::submission::Operator;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Record, State, Write, Written};

use super::Engine;
use super::entry::{Asker, Entry};

/// The ids of records are below; from here on they stand for payments that the journal does not have yet.
const UNSTORED: u64 = 1 << 48;
const ELSEWHERE: &str = "another server drives it: ask there";

/// A question to the journal that is under way.
pub(super) struct Question {
    operator: Operator,
    asker: Asker,
}

impl Engine {
    pub(super) fn submit_operator(&mut self, operator: Operator, asker: Asker) {
        if let Some(bill_no) = operator.bill_no()
            && let Some(&id) = self.by_bill_no.get(bill_no)
        {
            return self.operate_on_open(id, &operator, &asker);
        }
        if let Operator::Unresolved { after_id, most } = operator
            && after_id >= UNSTORED
        {
            let page = self.unstored(after_id, most as usize);
            return self.complete(Completion {
                outcome: Outcome::Done,
                page,
                ..asker.completion(operator.kind())
            });
        }
        let id = self.new_id();
        self.timers.push(Reverse((asker.deadline_ms(), id)));
        let write = match &operator {
            Operator::Unresolved { after_id, most } => Write::Unresolved {
                after_id: *after_id,
                most: *most,
            },
            Operator::Payment { bill_no }
            | Operator::Settle { bill_no, .. }
            | Operator::Resume { bill_no } => Write::Find(bill_no.clone()),
        };
        self.out.writes.push((id, write));
        self.questions.insert(id, Question { operator, asker });
    }

    /// The payment is under way in this process.
    fn operate_on_open(&mut self, id: u64, operator: &Operator, asker: &Asker) {
        let Some(entry) = self.payments.get(&id) else {
            return;
        };
        let held = entry.payment.is_held();
        match operator {
            Operator::Payment { .. } | Operator::Unresolved { .. } => {
                let told = self.describe_open(id, asker, operator.kind());
                self.complete(told);
            }
            Operator::Resume { .. } | Operator::Settle { .. } if entry.is_elsewhere() => {
                self.refuse(entry_record(entry), asker, operator.kind(), ELSEWHERE)
            }
            Operator::Resume { .. } if held => {
                let bill_no = entry.payment.record.bill_no.clone();
                self.log(Level::Warn, || format!("{bill_no}: resumed by an operator"));
                self.resume(id);
                let told = self.describe_open(id, asker, operator.kind());
                self.complete(told);
            }
            Operator::Settle { done, .. } if held => self.settle_open(id, *done, asker),
            Operator::Resume { .. } => self.refuse(
                entry_record(entry),
                asker,
                operator.kind(),
                "it is not held: it goes on by itself",
            ),
            Operator::Settle { .. } => {
                self.refuse(
                    entry_record(entry),
                    asker,
                    operator.kind(),
                    "it is open: only a held payment, or one that needs review, can be settled",
                );
            }
        }
    }

    /// The journal's answer to a question.
    pub(super) fn answered(&mut self, question: Question, answer: Result<Written, JournalError>) {
        let Question { operator, asker } = question;
        let kind = operator.kind();
        if let Some(&id) = operator
            .bill_no()
            .and_then(|bill_no| self.by_bill_no.get(bill_no))
        {
            // Taken up while the journal was being asked.
            return self.operate_on_open(id, &operator, &asker);
        }
        match answer {
            Ok(Written::Records(records)) => {
                let mut page: Vec<_> = records.iter().map(|record| self.describe(record)).collect();
                if let Operator::Unresolved { most, .. } = operator {
                    page.extend(self.unstored(0, (most as usize).saturating_sub(page.len())));
                }
                self.complete(Completion {
                    outcome: Outcome::Done,
                    page,
                    ..asker.completion(kind)
                });
            }
            Ok(Written::Found(record)) => self.operate_on_closed(&operator, &asker, *record),
            Ok(Written::Sealed { state, reason, .. }) => {
                let sealed = Completion {
                    outcome: outcome_of(state),
                    reason,
                    flags: FLAG_SEALED,
                    bill_no: operator.bill_no().unwrap_or_default().to_owned(),
                    ..asker.completion(kind)
                };
                if matches!(operator, Operator::Payment { .. }) {
                    self.complete(sealed);
                } else {
                    self.complete(Completion {
                        outcome: Outcome::None,
                        error: Some(ErrorKind::WrongState),
                        errmsg: "this payment is closed and its record retired: nothing is left to decide".into(),
                        ..sealed
                    });
                }
            }
            Ok(_) => self.complete(Completion {
                error: Some(ErrorKind::NotFound),
                bill_no: operator.bill_no().unwrap_or_default().to_owned(),
                errmsg: "this journal does not know the bill_no: it was never sent from here"
                    .into(),
                ..asker.completion(kind)
            }),
            Err(failure) => self.complete(Completion {
                error: Some(failure.error.kind),
                bill_no: operator.bill_no().unwrap_or_default().to_owned(),
                errmsg: failure.error.message.into_owned(),
                ..asker.completion(kind)
            }),
        }
    }

    fn operate_on_closed(&mut self, operator: &Operator, asker: &Asker, record: Record) {
        match operator {
            Operator::Settle { .. } if self.items_by_number.contains_key(&record.bill_no) => self
                .refuse(
                    record,
                    asker,
                    operator.kind(),
                    "a push is telling of it just now: look at it again",
                ),
            Operator::Settle { done, .. } if record.state == State::NeedsReview => {
                let payment = Payment::recovered(
                    record,
                    self.now.mono_ms,
                    self.now.wall_ms,
                    &self.settings.limits,
                );
                let id = self.insert(Entry::new(payment, None));
                self.settle_open(id, *done, asker);
            }
            Operator::Settle { .. } | Operator::Resume { .. } if record.is_driven_elsewhere() => {
                self.refuse(record, asker, operator.kind(), ELSEWHERE)
            }
            Operator::Settle { .. } => self.refuse(
                record.clone(),
                asker,
                operator.kind(),
                if record.state == State::AwaitingPayment {
                    "it waits for the player: there is nothing to decide yet"
                } else {
                    "it is closed: a final answer never changes"
                },
            ),
            Operator::Resume { .. } => self.refuse(
                record,
                asker,
                operator.kind(),
                "it is closed: there is nothing to resume",
            ),
            Operator::Payment { .. } | Operator::Unresolved { .. } => {
                let mut told = self.describe(&record);
                told.submission = asker.submission();
                told.user_tag = asker.user_tag();
                self.complete(told);
            }
        }
    }

    /// A person decided. The decision is journaled like any outcome, and delivered like any.
    fn settle_open(&mut self, id: u64, done: bool, asker: &Asker) {
        let Some(entry) = self.payments.get_mut(&id) else {
            return;
        };
        entry.ask(asker.settling());
        let bill_no = entry.payment.record.bill_no.clone();
        self.log(Level::Warn, || {
            let outcome = if done { "done" } else { "rejected" };
            format!("{bill_no}: settled as {outcome} by an operator")
        });
        self.drive(id, Event::Settle { done });
    }

    /// Lets a held payment go on.
    fn resume(&mut self, id: u64) {
        self.drive(id, Event::Resume);
    }

    fn refuse(&mut self, record: Record, asker: &Asker, kind: CompletionKind, why: &str) {
        self.complete(Completion {
            outcome: Outcome::None,
            error: Some(ErrorKind::WrongState),
            payment: Some(record.kind),
            bill_no: record.bill_no,
            openid: record.openid,
            amount: record.amount,
            errmsg: why.into(),
            ..asker.completion(kind)
        });
    }

    fn describe_open(&self, id: u64, asker: &Asker, kind: CompletionKind) -> Completion {
        Completion {
            submission: asker.submission(),
            user_tag: asker.user_tag(),
            ..describe_entry(&self.payments[&id], kind)
        }
    }

    /// What the journal and, where it is under way, this process know of a payment.
    fn describe(&self, record: &Record) -> Completion {
        let mut told = Completion::of_record(CompletionKind::Payment, record);
        if record.state == State::AwaitingPayment {
            told.waiting_for = WaitingFor::Player;
        }
        if record.is_driven_elsewhere() {
            told.waiting_for = WaitingFor::Server;
        }
        if let Some(id) = self.by_bill_no.get(&record.bill_no)
            && !self.payments[id].is_elsewhere()
        {
            told.waiting_for = self.payments[id].payment.waiting_for();
        }
        told
    }

    /// Payments that wait for something before their first write. They follow those of the journal in the list.
    fn unstored(&self, after_id: u64, most: usize) -> Vec<Completion> {
        let unstored = self
            .payments
            .iter()
            .map(|(id, entry)| (UNSTORED + id, entry));
        unstored
            .filter(|(id, entry)| {
                *id > after_id && !entry.payment.is_stored() && !entry.is_elsewhere()
            })
            .take(most)
            .map(|(record_id, entry)| Completion {
                record_id,
                ..describe_entry(entry, CompletionKind::Payment)
            })
            .collect()
    }

    /// The deadline of a question, or the end of the client.
    pub(super) fn give_up_question(&mut self, id: u64) {
        let Some(Question { operator, asker }) = self.questions.remove(&id) else {
            return;
        };
        let told = Completion {
            error: Some(ErrorKind::Journal),
            bill_no: operator.bill_no().unwrap_or_default().to_owned(),
            errmsg: "the journal did not answer in time: ask again".into(),
            ..asker.completion(operator.kind())
        };
        if self.is_closing() {
            self.complete_for_shutdown(told);
        } else {
            self.complete(told);
        }
    }
}

/// What is under way is not certain before it is on the disk.
fn describe_entry(entry: &Entry, kind: CompletionKind) -> Completion {
    let waiting_for = if entry.is_elsewhere() {
        WaitingFor::Server
    } else {
        entry.payment.waiting_for()
    };
    Completion {
        waiting_for,
        ..Completion::of_record(kind, &entry.payment.record)
    }
    .into_unknown()
}

fn entry_record(entry: &Entry) -> Record {
    entry.payment.record.clone()
}
