//! The journal's disk: batches are applied whole and in order, and what is on it outlives the process.

use wxgame::store::{JournalError, Kind, Record, State, Unrefundable, Write, Written};

/// The records of one ledger, by number of storing.
pub struct Disk {
    records: Vec<Record>,
    /// A part is taken only together with its amount; otherwise broken on purpose.
    reserves: bool,
    /// What the last batch that holds a record changed: index and former content.
    undo: Vec<(usize, Option<Record>)>,
}

/// The answers to one batch.
pub type Answers = Vec<(u64, Result<Written, JournalError>)>;

impl Disk {
    pub fn new(reserves: bool) -> Self {
        Self {
            records: Vec::new(),
            reserves,
            undo: Vec::new(),
        }
    }

    /// Makes a batch durable.
    pub fn commit(&mut self, batch: &[(u64, Write)]) -> Answers {
        let acks_or_reads = |write: &Write| matches!(write, Write::Ack(_) | Write::Find(_));
        if !batch.iter().all(|(_, write)| acks_or_reads(write)) {
            self.undo.clear();
        }
        batch
            .iter()
            .map(|(id, write)| (*id, self.apply(write)))
            .collect()
    }

    /// What `write` would be answered, without doing it.
    pub fn foretell(&self, write: &Write) -> Written {
        match write {
            Write::Insert(record) | Write::Update(record) => match self.position(&record.bill_no) {
                Some(at) => Written::Stored(self.records[at].id),
                None => Written::Stored(self.records.len() as u64 + 1),
            },
            Write::Ack(id) => Written::Stored(*id),
            Write::Find(bill_no) => match self.find(bill_no) {
                Some(record) => Written::Found(Box::new(record.clone())),
                None => Written::Missing,
            },
            Write::Unresolved { .. }
            | Write::Prune { .. }
            | Write::PutSecret { .. }
            | Write::DropSecret { .. }
            | Write::LeaseToken(_)
            | Write::PutToken { .. }
            | Write::ReturnLease { .. }
            | Write::FindSecret(_)
            | Write::Heartbeat { .. }
            | Write::AskCancel(_) => {
                unreachable!("no operator, no retention and no vault here")
            }
        }
    }

    /// What a process finds when it opens the journal.
    pub fn recover(&self) -> Vec<Record> {
        self.records
            .iter()
            .filter(|record| !record.acked || !record.state.is_final())
            .cloned()
            .collect()
    }

    /// The record of one number.
    pub fn find(&self, bill_no: &str) -> Option<&Record> {
        self.position(bill_no).map(|at| &self.records[at])
    }

    /// The record with this delivery id.
    pub fn delivered(&self, id: u64) -> Option<&Record> {
        self.records
            .iter()
            .find(|record| record.delivery_id() == id)
    }

    /// A disk that lied about its flush: the last batch that holds a record is gone.
    pub fn lose_last_batch(&mut self) {
        while let Some((at, before)) = self.undo.pop() {
            match before {
                Some(record) => self.records[at] = record,
                None => self.records.truncate(at),
            }
        }
    }

    fn position(&self, bill_no: &str) -> Option<usize> {
        self.records
            .iter()
            .position(|record| record.bill_no == bill_no)
    }

    fn apply(&mut self, write: &Write) -> Result<Written, JournalError> {
        match write {
            Write::Find(_)
            | Write::Unresolved { .. }
            | Write::Prune { .. }
            | Write::PutSecret { .. }
            | Write::DropSecret { .. }
            | Write::LeaseToken(_)
            | Write::PutToken { .. }
            | Write::ReturnLease { .. }
            | Write::FindSecret(_)
            | Write::Heartbeat { .. }
            | Write::AskCancel(_) => {}
            Write::Insert(record) => {
                if let Some(known) = self.find(&record.bill_no) {
                    return Ok(Written::Found(Box::new(known.clone())));
                }
                if record.kind == Kind::Refund && !gives_nothing(record) {
                    if let Some(why) = self.refuses(record) {
                        return Ok(Written::Unrefundable(why));
                    }
                    if self.reserves {
                        self.reserve(&record.pay_bill_no, record.amount);
                    }
                }
                let id = self.records.len() as u64 + 1;
                self.undo.push((self.records.len(), None));
                self.records.push(Record {
                    id,
                    ..Record::clone(record)
                });
                return Ok(Written::Stored(id));
            }
            Write::Update(record) => {
                let Some(at) = self.position(&record.bill_no) else {
                    return Err(JournalError::not_written("no such number"));
                };
                let known = self.records[at].clone();
                let frees = known.kind == Kind::Refund && !gives_nothing(&known);
                if frees && gives_nothing(record) && self.reserves {
                    self.reserve(&known.pay_bill_no, -known.amount);
                }
                self.put(at, updated(&known, record));
            }
            Write::Ack(id) => {
                let known = self.delivered(*id).filter(|known| known.state.is_final());
                if let Some(known) = known.cloned() {
                    let at = known.id as usize - 1;
                    self.put(
                        at,
                        Record {
                            acked: true,
                            ..known
                        },
                    );
                }
            }
        }
        Ok(self.foretell(write))
    }

    /// Why a part cannot be taken from its payment, if it cannot.
    fn refuses(&self, part: &Record) -> Option<Unrefundable> {
        let Some(payment) = self.find(&part.pay_bill_no) else {
            return Some(Unrefundable::Unknown);
        };
        let left = payment.amount - payment.refunded;
        match () {
            () if payment.kind != Kind::Pay || payment.state != State::Done => {
                Some(Unrefundable::NotDone)
            }
            () if !payment.acked => Some(Unrefundable::NotAcked),
            () if part.amount > left => Some(Unrefundable::MoreThanLeft { left }),
            () => None,
        }
    }

    /// Reserves coins of a payment for a part or, if `coins` is negative, makes room again.
    pub fn reserve(&mut self, bill_no: &str, coins: i64) {
        if let Some(at) = self.position(bill_no) {
            let payment = self.records[at].clone();
            let refunded = payment.refunded + coins;
            self.put(
                at,
                Record {
                    refunded,
                    ..payment
                },
            );
        }
    }

    fn put(&mut self, at: usize, record: Record) {
        let before = std::mem::replace(&mut self.records[at], record);
        self.undo.push((at, Some(before)));
    }
}

/// Whether no coins come back by a part.
fn gives_nothing(part: &Record) -> bool {
    matches!(part.state, State::Rejected | State::NotSent)
}

/// An update changes the answer and the times, never the parameters.
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
        deadline_at_ms: new.deadline_at_ms,
        first_sent_at_ms: new.first_sent_at_ms,
        updated_at_ms: new.updated_at_ms,
        ..known.clone()
    }
}
