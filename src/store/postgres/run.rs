//! Writes that do not touch each other, many of one kind in one statement.

use std::collections::HashMap;
use tokio_postgres::Row;

use super::failure::Trouble;
use super::ledger::{self, NewSecret};
use super::transaction::Transaction;
use super::{payments, row, seals};
use crate::store::seal::Seal;
use crate::store::{JournalError, JournalResult, Record, Write, Written};

/// Writes of each kind, with their places among the answers.
#[derive(Default)]
pub(super) struct Run<'a> {
    inserts: Vec<(usize, &'a Record)>,
    updates: Vec<(usize, &'a Record)>,
    acks: Vec<(usize, u64)>,
    cancels: Vec<&'a str>,
    finds: Vec<(usize, &'a str)>,
    put_secrets: Vec<NewSecret<'a>>,
    drop_secrets: Vec<(&'a str, &'a [u8])>,
    find_secrets: Vec<(usize, &'a str)>,
}

impl<'a> Run<'a> {
    pub(super) fn add(&mut self, place: usize, write: &'a Write) {
        match write {
            Write::Insert(record) => self.inserts.push((place, record)),
            Write::Update(record) => self.updates.push((place, record)),
            Write::Ack(id) => self.acks.push((place, *id)),
            Write::AskCancel(bill_no) => self.cancels.push(bill_no),
            Write::Find(bill_no) => self.finds.push((place, bill_no)),
            Write::PutSecret {
                name,
                sealed,
                now_ms,
            } => self.put_secrets.push((name, sealed, *now_ms)),
            Write::DropSecret { name, sealed } => self.drop_secrets.push((name, sealed)),
            Write::FindSecret(name) => self.find_secrets.push((place, name)),
            // The others go alone.
            _ => {}
        }
    }

    pub(super) fn len(&self) -> usize {
        self.inserts.len()
            + self.updates.len()
            + self.acks.len()
            + self.cancels.len()
            + self.finds.len()
            + self.put_secrets.len()
            + self.drop_secrets.len()
            + self.find_secrets.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sends everything together, then asks why what was not stored was not; puts the answers in their places.
    pub(super) async fn carry_out(
        &self,
        transaction: &mut Transaction<'_>,
        answers: &mut [Written],
    ) -> Result<(), Trouble> {
        let (scope, me) = (transaction.scope, transaction.me());
        let inserted: Vec<&Record> = records(&self.inserts);
        let updated: Vec<&Record> = records(&self.updates);
        let numbers = with_other_numbers(&inserted);
        let mut asks = Vec::new();
        if !self.acks.is_empty() {
            asks.push(payments::ack(scope, self.acks.iter().map(|(_, id)| *id)));
        }
        if !self.cancels.is_empty() {
            asks.push(payments::ask_cancel(scope, self.cancels.iter().copied()));
        }
        if !self.put_secrets.is_empty() {
            asks.push(ledger::put_secrets(scope, &self.put_secrets));
        }
        if !self.drop_secrets.is_empty() {
            asks.push(ledger::drop_secrets(scope, &self.drop_secrets));
        }
        let answerless = asks.len();
        if !inserted.is_empty() {
            asks.push(payments::insert(scope, me, &inserted));
            asks.push(seals::find(scope, numbers.iter().map(String::as_str)));
        }
        if !updated.is_empty() {
            asks.push(payments::update(scope, me, &updated));
        }
        if !self.finds.is_empty() {
            let numbers = || self.finds.iter().map(|(_, bill_no)| *bill_no);
            asks.push(payments::find(scope, numbers()));
            asks.push(seals::find(scope, numbers()));
        }
        if !self.find_secrets.is_empty() {
            let names = self.find_secrets.iter().map(|(_, name)| *name);
            asks.push(ledger::find_secrets(scope, names));
        }
        let mut replies = transaction.ask(&asks).await?.skip(answerless);
        let mut next = || replies.next().unwrap_or_default();

        for (place, id) in &self.acks {
            answers[*place] = Written::Stored(*id);
        }
        let mut left = Left::default();
        if !inserted.is_empty() {
            let (stored, seals) = (next(), next());
            left.seals = seals::by_number(&seals)?;
            left.inserts = put_stored(&stored, &self.inserts, answers)?;
            if left.has_both(&self.inserts) {
                return Err(Trouble::Crossed);
            }
        }
        if !updated.is_empty() {
            left.updates = put_stored(&next(), &self.updates, answers)?;
        }
        if !self.finds.is_empty() {
            let (found, seals) = (next(), next());
            let found = by_number(&found, transaction.tenure.server)?;
            let seals = seals::by_number(&seals)?;
            for (place, bill_no) in &self.finds {
                answers[*place] = match (found.get(*bill_no), seals.get(*bill_no)) {
                    (Some(record), _) => Written::Found(Box::new(record.clone())),
                    (None, Some(seal)) => seal.answer(None),
                    (None, None) => Written::Missing,
                };
            }
        }
        if !self.find_secrets.is_empty() {
            let mut secrets = HashMap::new();
            for row in &next() {
                secrets.insert(
                    row::get::<String>(row, "name")?,
                    row::get::<Vec<u8>>(row, "sealed")?,
                );
            }
            for (place, name) in &self.find_secrets {
                answers[*place] = Written::Secret(secrets.get(*name).cloned());
            }
        }
        left.explain(transaction, answers).await
    }
}

/// What was not stored.
#[derive(Default)]
struct Left<'a> {
    inserts: Vec<(usize, &'a Record)>,
    updates: Vec<(usize, &'a Record)>,
    /// Of the inserts' numbers.
    seals: HashMap<String, Seal>,
}

impl Left<'_> {
    /// Whether a number was stored and has a seal all the same: another server pruned it at that moment.
    fn has_both(&self, asked: &[(usize, &Record)]) -> bool {
        let stored = |place: &usize| self.inserts.iter().all(|(left, _)| left != place);
        let in_the_way = |record: &Record| self.in_the_way(record).is_some();
        asked
            .iter()
            .any(|(place, record)| stored(place) && in_the_way(record))
    }

    /// What a seal answers to this insert.
    fn in_the_way(&self, record: &Record) -> Option<Written> {
        let other = || {
            let seal = self.seals.get(&record.other_number()?)?;
            seal.answer(None).of_same_item()
        };
        match self.seals.get(&record.bill_no) {
            Some(seal) => Some(seal.answer(Some(record))),
            None => other(),
        }
    }

    /// Reads what is in the way of what was not stored.
    async fn explain(
        self,
        transaction: &mut Transaction<'_>,
        answers: &mut [Written],
    ) -> Result<(), Trouble> {
        if self.inserts.is_empty() && self.updates.is_empty() {
            return Ok(());
        }
        let left: Vec<&Record> = records(&self.inserts)
            .into_iter()
            .chain(records(&self.updates))
            .collect();
        let numbers = with_other_numbers(&left);
        let ask = payments::find(transaction.scope, numbers.iter().map(String::as_str));
        let known = by_number(&transaction.rows(ask).await?, transaction.tenure.server)?;
        let found = |number: &str| {
            known
                .get(number)
                .map(|record| Written::Found(Box::new(record.clone())))
        };
        for (place, record) in &self.inserts {
            let other = || found(&record.other_number()?)?.of_same_item();
            let answer = self
                .in_the_way(record)
                .or_else(other)
                .or_else(|| found(&record.bill_no));
            // Nothing is: it was, a moment ago.
            answers[*place] = answer.ok_or(Trouble::Crossed)?;
        }
        for (place, record) in &self.updates {
            let answer = found(&record.bill_no);
            answers[*place] =
                answer.ok_or_else(|| JournalError::unknown_bill_no(&record.bill_no))?;
        }
        Ok(())
    }
}

fn records<'a>(placed: &[(usize, &'a Record)]) -> Vec<&'a Record> {
    placed.iter().map(|(_, record)| *record).collect()
}

/// Their numbers, and those under which the same items stand if they came the other way.
fn with_other_numbers(records: &[&Record]) -> Vec<String> {
    let own = records.iter().map(|record| record.bill_no.clone());
    own.chain(records.iter().filter_map(|record| record.other_number()))
        .collect()
}

/// The records in `rows` by their numbers.
fn by_number(rows: &[Row], me: u64) -> JournalResult<HashMap<String, Record>> {
    let named = |record: Record| (record.bill_no.clone(), record);
    Ok(row::records(rows, me)?.into_iter().map(named).collect())
}

/// Answers for the numbers in `rows` with their ids; the others.
fn put_stored<'a>(
    rows: &[Row],
    asked: &[(usize, &'a Record)],
    answers: &mut [Written],
) -> JournalResult<Vec<(usize, &'a Record)>> {
    let mut ids = HashMap::new();
    for row in rows {
        ids.insert(row::get::<&str>(row, "bill_no")?, row::unsigned(row, "id")?);
    }
    let mut left = Vec::new();
    for (place, record) in asked {
        match ids.get(record.bill_no.as_str()) {
            Some(id) => answers[*place] = Written::Stored(*id),
            None => left.push((*place, *record)),
        }
    }
    Ok(left)
}
