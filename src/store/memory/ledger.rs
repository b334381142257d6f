//! The records, seals and secrets of one (appid, environment), and how to take the last commit back.

use std::collections::{BTreeMap, HashMap};

use crate::store::seal::Seal;
use crate::store::token::SharedToken;
use crate::store::{
    JournalError, JournalResult, Kind, Record, Recovered, Unrefundable, Write, Written,
};

#[derive(Default)]
pub(super) struct Ledger {
    records: BTreeMap<u64, Record>,
    by_bill_no: HashMap<String, u64>,
    seals: BTreeMap<String, Seal>,
    secrets: BTreeMap<String, Vec<u8>>,
    latest_ms: i64,
    /// What everything that was changed since the last [`Ledger::begin`] had been, newest change last.
    undo: Vec<Undo>,
}

enum Undo {
    Record(u64, Option<Box<Record>>),
    Seal(String, Option<Seal>),
    Secret(String, Option<Vec<u8>>),
    Latest(i64),
}

impl Ledger {
    /// What is open, or final and not acknowledged, oldest first.
    pub(super) fn unfinished(&self) -> impl Iterator<Item = &Record> {
        let records = self.records.values();
        records.filter(|record| record.is_unfinished())
    }

    pub(super) fn record(&self, id: u64) -> Option<&Record> {
        self.records.get(&id)
    }

    pub(super) fn latest_ms(&self) -> i64 {
        self.latest_ms
    }

    pub(super) fn recover(&self) -> Recovered {
        Recovered {
            records: self.unfinished().cloned().collect(),
            secrets: self.secrets.clone().into_iter().collect(),
            token: None,
            latest_ms: self.latest_ms,
            tenure: None,
        }
    }

    /// What follows can be taken back as one.
    pub(super) fn begin(&mut self) {
        self.undo.clear();
    }

    pub(super) fn apply(
        &mut self,
        write: &Write,
        last_id: &mut u64,
        token: &mut SharedToken,
    ) -> JournalResult<Written> {
        let written = match write {
            Write::Find(bill_no) => self.find(bill_no),
            Write::Insert(record) => self.insert(record, last_id)?,
            Write::Update(record) => match self.known(&record.bill_no) {
                Some(known) => {
                    let frees = known.kind == Kind::Refund
                        && record.gave_nothing_back()
                        && !known.gave_nothing_back();
                    let updated = updated(known, record);
                    if frees {
                        self.reserve(&record.pay_bill_no, -record.amount);
                    }
                    self.put(updated)
                }
                None => return Err(JournalError::unknown_bill_no(&record.bill_no)),
            },
            Write::Ack(id) => match self.records.get(&Record::of_delivery(*id).0) {
                Some(record) if record.state.is_final() && record.delivery_id() == *id => {
                    let acked = true;
                    self.put(Record {
                        acked,
                        ..record.clone()
                    })
                }
                _ => Written::Stored(*id),
            },
            Write::Unresolved { after_id, most } => {
                let unresolved = self
                    .records
                    .values()
                    .filter(|record| record.id > *after_id && record.is_unresolved());
                Written::Records(unresolved.take(*most as usize).cloned().collect())
            }
            Write::Prune {
                closed_before_ms,
                sealed_before_ms,
                most,
            } => self.prune(*closed_before_ms, *sealed_before_ms, *most as usize),
            Write::PutSecret { name, sealed, .. } => {
                self.set_secret(name, Some(sealed.clone()));
                Written::Stored(0)
            }
            Write::DropSecret { name, sealed } => {
                if sealed.is_empty() || self.secrets.get(name) == Some(sealed) {
                    self.set_secret(name, None);
                }
                Written::Stored(0)
            }
            Write::FindSecret(name) => Written::Secret(self.secrets.get(name).cloned()),
            Write::LeaseToken(lease) => token.lease(lease),
            Write::PutToken {
                holder,
                version,
                sealed,
            } => {
                token.put(*holder, *version, sealed);
                Written::Stored(0)
            }
            Write::ReturnLease { holder, unused } => {
                token.give_back(*holder, *unused);
                Written::Stored(0)
            }
            Write::Heartbeat { .. } => Written::Beat(Box::default()),
            Write::AskCancel(_) => Written::Stored(0),
        };
        if let Some(time_ms) = write.time_stored(&written) {
            self.undo.push(Undo::Latest(self.latest_ms));
            self.latest_ms = self.latest_ms.max(time_ms);
        }
        Ok(written)
    }

    pub(super) fn known(&self, bill_no: &str) -> Option<&Record> {
        self.records.get(self.by_bill_no.get(bill_no)?)
    }

    fn find(&self, bill_no: &str) -> Written {
        match (self.known(bill_no), self.seals.get(bill_no)) {
            (Some(record), _) => Written::Found(Box::new(record.clone())),
            (None, Some(seal)) => seal.answer(None),
            (None, None) => Written::Missing,
        }
    }

    fn insert(&mut self, record: &Record, last_id: &mut u64) -> JournalResult<Written> {
        if let Some(seal) = self.seals.get(&record.bill_no) {
            return Ok(seal.answer(Some(record)));
        }
        if let Some(error) = record.refused() {
            return Err(JournalError {
                error,
                maybe_written: false,
            });
        }
        if let Some(known) = self.known(&record.bill_no) {
            return Ok(Written::Found(Box::new(known.clone())));
        }
        if let Some(number) = record.other_number()
            && let Some(known) = self.find(&number).of_same_item()
        {
            return Ok(known);
        }
        if record.kind == Kind::Refund && !record.gave_nothing_back() {
            let refused = match self.known(&record.pay_bill_no) {
                Some(payment) => payment.refuses(record),
                None => Some(Unrefundable::Unknown),
            };
            if let Some(why) = refused {
                return Ok(Written::Unrefundable(why));
            }
            self.reserve(&record.pay_bill_no, record.amount);
        }
        *last_id += 1;
        let mut record = record.clone();
        record.id = *last_id;
        record.refunded = 0;
        Ok(self.put(record))
    }

    /// Reserves coins of a payment for a refund, or, if `coins` is negative, makes room again.
    fn reserve(&mut self, bill_no: &str, coins: i64) {
        if let Some(payment) = self.known(bill_no) {
            let refunded = payment.refunded + coins;
            self.put(Record {
                refunded,
                ..payment.clone()
            });
        }
    }

    fn prune(&mut self, closed_before_ms: i64, sealed_before_ms: i64, most: usize) -> Written {
        let closed = self
            .records
            .values()
            .filter(|record| record.is_closed() && record.updated_at_ms < closed_before_ms)
            .map(|record| (record.updated_at_ms, record.id));
        let closed = oldest(closed.collect(), most);
        for (_, id) in &closed {
            let Some(record) = self.set_record(*id, None) else {
                continue;
            };
            self.set_seal(&record.bill_no, Some(Seal::of(&record)));
        }
        let seals = self
            .seals
            .iter()
            .filter(|(_, seal)| seal.closed_at_ms < sealed_before_ms)
            .map(|(bill_no, seal)| (seal.closed_at_ms, bill_no.clone()));
        let seals = oldest(seals.collect(), most);
        let pruned = Written::Pruned {
            records: closed.len() as u64,
            seals: seals.len() as u64,
        };
        for (_, bill_no) in &seals {
            self.set_seal(bill_no, None);
        }
        pruned
    }

    fn put(&mut self, record: Record) -> Written {
        let id = record.id;
        self.set_record(id, Some(record));
        Written::Stored(id)
    }

    fn set_record(&mut self, id: u64, record: Option<Record>) -> Option<Record> {
        if let Some(record) = &record {
            self.by_bill_no.insert(record.bill_no.clone(), id);
        }
        let before = set(&mut self.records, id, record.clone());
        if let (Some(before), None) = (&before, record) {
            self.by_bill_no.remove(&before.bill_no);
        }
        self.undo
            .push(Undo::Record(id, before.clone().map(Box::new)));
        before
    }

    fn set_seal(&mut self, bill_no: &str, seal: Option<Seal>) {
        let before = set(&mut self.seals, bill_no.to_owned(), seal);
        self.undo.push(Undo::Seal(bill_no.to_owned(), before));
    }

    fn set_secret(&mut self, name: &str, sealed: Option<Vec<u8>>) {
        let before = set(&mut self.secrets, name.to_owned(), sealed);
        self.undo.push(Undo::Secret(name.to_owned(), before));
    }

    /// Takes everything since [`Ledger::begin`] back.
    pub(super) fn take_back(&mut self) {
        for undo in std::mem::take(&mut self.undo).into_iter().rev() {
            match undo {
                Undo::Record(id, before) => drop(self.set_record(id, before.map(|record| *record))),
                Undo::Seal(bill_no, before) => self.set_seal(&bill_no, before),
                Undo::Secret(name, before) => self.set_secret(&name, before),
                Undo::Latest(before) => self.latest_ms = before,
            }
        }
        self.undo.clear();
    }
}

/// Puts `value` there, or nothing; what was there before.
fn set<K: Ord, V>(map: &mut BTreeMap<K, V>, key: K, value: Option<V>) -> Option<V> {
    match value {
        Some(value) => map.insert(key, value),
        None => map.remove(&key),
    }
}

/// The first `most` in order of time.
fn oldest<T: Ord>(mut all: Vec<(i64, T)>, most: usize) -> Vec<(i64, T)> {
    all.sort();
    all.truncate(most);
    all
}

/// `known` with everything of `new` that an update may change.
fn updated(known: &Record, new: &Record) -> Record {
    Record {
        state: new.state,
        reason: new.reason,
        refund: new.refund,
        acked: new.acked,
        replaced: new.replaced,
        errcode: new.errcode,
        errmsg: new.errmsg.clone(),
        balance: new.balance,
        used_gen_amt: new.used_gen_amt,
        push_event: new.push_event.clone(),
        payload: new.payload.clone(),
        deadline_at_ms: new.deadline_at_ms,
        first_sent_at_ms: new.first_sent_at_ms,
        updated_at_ms: new.updated_at_ms,
        ..known.clone()
    }
}
