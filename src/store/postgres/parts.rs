//! Where a batch is cut: what touches the same number, id or name waits for the answers of what stands before it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::run::Run;
use crate::store::{Kind, Record, Write};

/// What is sent together.
pub(super) enum Part<'a> {
    Run(Run<'a>),
    /// A rare one, and its place among the answers.
    Alone(usize, &'a Write),
}

/// The parts of a batch, in its order.
pub(super) fn parts(writes: &[Write]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut run = Run::default();
    let mut touched = Touched::default();
    for (place, write) in writes.iter().enumerate() {
        let goes_alone = goes_alone(write);
        if (goes_alone || !touched.takes(write)) && !run.is_empty() {
            parts.push(Part::Run(std::mem::take(&mut run)));
            touched = Touched::default();
        }
        if goes_alone {
            parts.push(Part::Alone(place, write));
        } else {
            touched.add(write);
            run.add(place, write);
        }
    }
    if !run.is_empty() {
        parts.push(Part::Run(run));
    }
    parts
}

/// Whether it reads what other writes may change, or takes more than one step.
fn goes_alone(write: &Write) -> bool {
    match write {
        Write::Insert(record) => record.kind == Kind::Refund && !record.gave_nothing_back(),
        Write::Update(record) => record.kind == Kind::Refund && record.gave_nothing_back(),
        Write::Unresolved { .. }
        | Write::Prune { .. }
        | Write::LeaseToken(_)
        | Write::PutToken { .. }
        | Write::ReturnLease { .. }
        | Write::Heartbeat { .. } => true,
        _ => false,
    }
}

/// What a write touches.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Number(Cow<'a, str>),
    Id(u64),
    Secret(&'a str),
}

/// What the writes of one run touch, and whether they change it.
#[derive(Default)]
struct Touched<'a> {
    keys: HashMap<Key<'a>, bool>,
    /// Whether one of them is an ack, which knows a record by its id only.
    acks: bool,
    /// Whether one of them knows a record by its number only.
    numbers: bool,
}

impl<'a> Touched<'a> {
    /// Whether `write` can be carried out together with them, in any order.
    fn takes(&self, write: &'a Write) -> bool {
        let changes = !write.is_read();
        let free = |key| {
            self.keys
                .get(&key)
                .is_none_or(|changed| !changed && !changes)
        };
        keys(write).into_iter().all(free)
            && !(self.acks && knows_number_only(write))
            && !(self.numbers && matches!(write, Write::Ack(_)))
    }

    fn add(&mut self, write: &'a Write) {
        let changes = !write.is_read();
        self.acks |= matches!(write, Write::Ack(_));
        self.numbers |= knows_number_only(write);
        self.keys
            .extend(keys(write).into_iter().map(|key| (key, changes)));
    }
}

fn knows_number_only(write: &Write) -> bool {
    match write {
        Write::Update(record) => record.id == 0,
        Write::Find(_) => true,
        _ => false,
    }
}

fn number(text: &str) -> Key<'_> {
    Key::Number(Cow::Borrowed(text))
}

fn keys(write: &Write) -> Vec<Key<'_>> {
    match write {
        Write::Insert(record) => {
            let other = record.other_number().map(Cow::Owned);
            other
                .into_iter()
                .map(Key::Number)
                .chain([number(&record.bill_no)])
                .collect()
        }
        Write::Update(record) => vec![number(&record.bill_no), Key::Id(record.id)],
        Write::Find(bill_no) | Write::AskCancel(bill_no) => vec![number(bill_no)],
        Write::Ack(id) => vec![Key::Id(Record::of_delivery(*id).0)],
        Write::PutSecret { name, .. }
        | Write::DropSecret { name, .. }
        | Write::FindSecret(name) => {
            vec![Key::Secret(name)]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Generation, State};

    fn record(bill_no: &str, id: u64) -> Box<Record> {
        Box::new(Record {
            id,
            ..Record::new(Kind::Pay, Generation::V1, bill_no)
        })
    }

    fn item(bill_no: &str) -> Write {
        Write::Insert(Box::new(Record::new(Kind::Item, Generation::V2, bill_no)))
    }

    fn refund(state: State) -> Box<Record> {
        Box::new(Record {
            state,
            ..Record::new(Kind::Refund, Generation::V2, "r")
        })
    }

    /// How many writes go together, part after part; a rare one is a 0.
    fn cut(writes: &[Write]) -> Vec<usize> {
        let parts = parts(writes).into_iter().map(|part| match part {
            Part::Run(run) => run.len(),
            Part::Alone(..) => 0,
        });
        parts.collect()
    }

    /// Aim: what does not touch each other costs one round trip, whatever it is.
    #[test]
    fn strangers_go_together() {
        let find = |bill_no: &str| Write::Find(bill_no.into());
        let writes = [
            Write::Insert(record("a", 0)),
            Write::Update(record("b", 2)),
            Write::Ack(3),
            Write::AskCancel("c".into()),
            Write::PutSecret {
                name: "a".into(),
                sealed: vec![],
                now_ms: 1,
            },
            Write::FindSecret("b".into()),
            Write::Update(record("d", 4)),
            item("e"),
        ];
        assert_eq!(cut(&writes), [8]);
        assert_eq!(cut(&[find("a"), find("a"), find("b")]), [3]);
        assert!(cut(&[]).is_empty());
    }

    /// Aim: the order of the batch is kept where it matters.
    #[test]
    fn what_touches_the_same_waits() {
        let find = || Write::Find("a".into());
        let update = |id| Write::Update(record("a", id));
        let put = || Write::PutSecret {
            name: "s".into(),
            sealed: vec![],
            now_ms: 1,
        };
        for writes in [
            [find(), Write::Insert(record("a", 0))],
            [Write::Insert(record("a", 0)), find()],
            [update(7), update(7)],
            [update(7), Write::Ack(7)],
            [Write::Ack(7 | 1 << 48), update(7)],
            [update(0), Write::Ack(8)],
            [Write::Ack(8), find()],
            [item("a"), item("item:a")],
            [item("a"), Write::AskCancel("item:a".into())],
            [put(), put()],
            [Write::FindSecret("s".into()), put()],
        ] {
            assert_eq!(cut(&writes), [1, 1], "{writes:?}");
        }
    }

    /// Aim: what takes more than one step has nothing beside it, before or after.
    #[test]
    fn the_rare_go_alone() {
        let beat = Write::Heartbeat { now_ms: 1, most: 1 };
        let writes = [
            Write::Ack(1),
            Write::Insert(refund(State::Sending)),
            Write::Ack(2),
            beat,
            Write::Ack(3),
        ];
        assert_eq!(cut(&writes), [1, 0, 1, 0, 1]);
        assert_eq!(
            cut(&[
                Write::Insert(refund(State::Rejected)),
                Write::Update(refund(State::Done))
            ]),
            [1, 1]
        );
        assert_eq!(cut(&[Write::Update(refund(State::Rejected))]), [0]);
    }
}
