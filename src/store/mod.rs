//! The journal: what is written down before anything is sent.
//!
//! A [`Journal`] holds the records of one (appid, environment). Every call is synchronous and durable
//! when it returns; [`writer`] gives it a thread of its own and lets everything that queues up while
//! one commit runs ride on the next.
//!
//! A journal has one owner, or many servers share it: then each record that is not over belongs to one of them
//! ([`Tenure`]), by a lease that it keeps with [`Write::Heartbeat`].

pub mod memory;
mod names;
#[cfg(feature = "postgres")]
pub mod postgres;
mod record;
mod seal;
pub mod sqlite;
mod token;
pub mod writer;

pub use token::Lease;

pub(crate) use record::PUSHED_ITEM;
pub use record::{Generation, HOST_DATA_MAX, Kind, Reason, Record, State, Unrefundable};

use crate::error::{Error, Kind as ErrorKind};
use std::fmt;

/// One change to the journal, or one question to it. Never shows a secret.
#[derive(Clone, PartialEq, Eq)]
pub enum Write {
    /// Stores a new record unless its bill_no is there already, or was within the time that seals are kept. A refund
    /// is stored only together with its amount in the payment's [`Record::refunded`], which it must leave room for.
    Insert(Box<Record>),
    /// Replaces the stored record of this bill_no: state, reason, refund, acked, answer, push, deadline and later
    /// times; never its parameters, tag, host data or `created_at_ms`. An error if there is none. A refund that now
    /// gives nothing back makes room again in its payment.
    ///
    /// Where servers share the journal, only the record's own server may write it, with two exceptions: an item order
    /// that awaits its payment, and a final answer that this one replaces ([`Record::replaced`]), if `refunded` is
    /// still what the writer believes. Whoever writes it has it from then on.
    Update(Box<Record>),
    /// The host has acted on the final answer of this [`Record::delivery_id`]. Changes nothing while the record is
    /// open, or once another answer has replaced that one.
    Ack(u64),
    /// Reads the record of this bill_no; changes nothing.
    Find(String),
    /// Reads the records that are open or need review, in the order of their ids; changes nothing.
    Unresolved {
        /// Only records with a greater id: the last one of the page before, 0 for the first page.
        after_id: u64,
        /// The longest page to answer with.
        most: u32,
    },
    /// Removes what nobody asks for any more, oldest first. A record that is final, acked and not in need of
    /// review becomes a seal: its number still cannot be used again, until the seal goes too.
    Prune {
        /// Records that were last written before this, Unix milliseconds.
        closed_before_ms: i64,
        /// Seals of records that were last written before this, Unix milliseconds.
        sealed_before_ms: i64,
        /// The most records, and the most seals, to remove: a commit waits for all of them.
        most: u32,
    },
    /// Keeps a secret under `name`, instead of the one that is there.
    PutSecret {
        /// What it is, for us alone.
        name: String,
        /// The secret, encrypted by the caller.
        sealed: Vec<u8>,
        /// When, Unix milliseconds.
        now_ms: i64,
    },
    /// Removes the secret of this name, if there is one.
    DropSecret {
        /// What it is, for us alone.
        name: String,
        /// Only if it is still this one; whatever it is if empty.
        sealed: Vec<u8>,
    },
    /// Reads the secret of this name; changes nothing.
    FindSecret(String),
    /// Asks for the right to fetch the access_token, which all clients of this appid share.
    LeaseToken(Lease),
    /// Keeps the access_token that was fetched, for all clients of this appid, and gives the lease back.
    PutToken {
        /// Whose lease it was.
        holder: u64,
        /// The name of this token: never the same twice, never 0.
        version: u64,
        /// The token, encrypted by the caller.
        sealed: Vec<u8>,
    },
    /// Gives the lease back: no token came.
    ReturnLease {
        /// Whose it was.
        holder: u64,
        /// No request reached WeChat, so none is counted.
        unused: bool,
    },
    /// Keeps this server's lease, and takes over what servers without one have left. Nothing where nobody shares.
    ///
    /// The first one that is answered under a new name takes nothing over: what was ours may still be in the queue
    /// behind it, written under the old name. And what one took over whose answer was lost, the next one brings.
    Heartbeat {
        /// Now, Unix milliseconds; it counts as written.
        now_ms: i64,
        /// The most records to take over.
        most: u32,
    },
    /// Asks the server that drives the open record of this bill_no to cancel it ([`Beat::cancels`]).
    AskCancel(String),
}

impl Write {
    /// Whether it changes nothing.
    fn is_read(&self) -> bool {
        matches!(
            self,
            Write::Find(_) | Write::Unresolved { .. } | Write::FindSecret(_)
        )
    }

    /// The time it brought to the disk, if `written` tells that it brought one.
    fn time_stored(&self, written: &Written) -> Option<i64> {
        match (self, written) {
            (Write::Insert(record) | Write::Update(record), Written::Stored(_)) => {
                Some(record.updated_at_ms)
            }
            (Write::PutSecret { now_ms, .. } | Write::Heartbeat { now_ms, .. }, _) => Some(*now_ms),
            _ => None,
        }
    }
}

impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Write::Insert(record) => f.debug_tuple("Insert").field(record).finish(),
            Write::Update(record) => f.debug_tuple("Update").field(record).finish(),
            Write::Ack(id) => f.debug_tuple("Ack").field(id).finish(),
            Write::Find(bill_no) => f.debug_tuple("Find").field(bill_no).finish(),
            Write::Unresolved { after_id, most } => f
                .debug_struct("Unresolved")
                .field("after_id", after_id)
                .field("most", most)
                .finish(),
            Write::Prune {
                closed_before_ms,
                sealed_before_ms,
                most,
            } => f
                .debug_struct("Prune")
                .field("closed_before_ms", closed_before_ms)
                .field("sealed_before_ms", sealed_before_ms)
                .field("most", most)
                .finish(),
            Write::PutSecret { name, now_ms, .. } => f
                .debug_struct("PutSecret")
                .field("name", name)
                .field("now_ms", now_ms)
                .finish_non_exhaustive(),
            Write::DropSecret { name, .. } => f
                .debug_struct("DropSecret")
                .field("name", name)
                .finish_non_exhaustive(),
            Write::FindSecret(name) => f.debug_tuple("FindSecret").field(name).finish(),
            Write::LeaseToken(lease) => f.debug_tuple("LeaseToken").field(lease).finish(),
            Write::PutToken {
                holder, version, ..
            } => f
                .debug_struct("PutToken")
                .field("holder", holder)
                .field("version", version)
                .finish_non_exhaustive(),
            Write::ReturnLease { holder, unused } => f
                .debug_struct("ReturnLease")
                .field("holder", holder)
                .field("unused", unused)
                .finish(),
            Write::Heartbeat { now_ms, most } => f
                .debug_struct("Heartbeat")
                .field("now_ms", now_ms)
                .field("most", most)
                .finish(),
            Write::AskCancel(bill_no) => f.debug_tuple("AskCancel").field(bill_no).finish(),
        }
    }
}

/// What came of one [`Write`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// `Insert`, `Update`: stored under this id. `Ack`: done (also when it had been acked, or is unknown).
    /// `PutSecret`, `DropSecret`, `PutToken`, `ReturnLease`, `AskCancel`: done, always 0.
    Stored(u64),
    /// `Insert`: not stored, the number was there. `Update`: not stored, another server has it, or has written it
    /// meanwhile. `Find`: this is it.
    Found(Box<Record>),
    /// `Find`: there is none.
    Missing,
    /// `Insert` of a refund: not stored, the payment does not allow it.
    Unrefundable(Unrefundable),
    /// `Insert`: not stored. `Find`: not found. The number was used, and only its seal is left.
    Sealed {
        /// What it was.
        kind: Kind,
        /// How that payment ended.
        state: State,
        /// Why it ended so.
        reason: Reason,
        /// `Insert`: whether it was the same payment ([`Record::same_payment`]). `Find` does not ask.
        same: Option<bool>,
    },
    /// `Unresolved`: the page; shorter than asked for where no more follow.
    Records(Vec<Record>),
    /// `Prune`: how many were removed; both fewer than asked for when there is nothing left to prune.
    Pruned {
        /// Records that are seals now.
        records: u64,
        /// Seals that are gone.
        seals: u64,
    },
    /// `LeaseToken`: there is a newer token than the one that is known.
    Token {
        /// Names it.
        version: u64,
        /// As it was put.
        sealed: Vec<u8>,
    },
    /// `LeaseToken`: granted, and one request counted.
    Leased,
    /// `LeaseToken`: another client is fetching it.
    Busy,
    /// `LeaseToken`: there is no newer one, and no more requests are left to this day.
    Spent,
    /// `FindSecret`: as it was put, if there is one.
    Secret(Option<Vec<u8>>),
    /// `Heartbeat`.
    Beat(Box<Beat>),
}

/// The place of one client among those that share a journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tenure {
    /// Names it. Never given twice, 0 where nobody shares. Another one than before: its lease had ended and others
    /// were free to take what it had.
    pub server: u64,
    /// How long it keeps what it has, from the moment that it asked; 0 where nobody shares.
    pub lease_ms: i64,
}

/// What a heartbeat brings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Whose it is now, and for how long.
    pub tenure: Tenure,
    /// Records that servers without a lease have left: open, or final and not acknowledged; now this server's. As
    /// many as were asked for where more follow.
    pub taken: Vec<Record>,
    /// Numbers of this server's open records that another server was asked to cancel.
    pub cancels: Vec<String>,
    /// As [`Recovered::latest_ms`], by now: a clock that shows less is behind that of a neighbour.
    pub latest_ms: i64,
}

impl Written {
    /// What was found under the other number of an item, if that is the same item: one that is ordered after a push
    /// told of it, or the other way round. One that was retired as unpaid is in nobody's way.
    pub(crate) fn of_same_item(self) -> Option<Written> {
        match self {
            Written::Found(known) if known.kind == Kind::Item => Some(Written::Found(known)),
            Written::Sealed {
                kind: Kind::Item,
                state: State::Done,
                reason,
                ..
            } => Some(Written::Sealed {
                kind: Kind::Item,
                state: State::Done,
                reason,
                same: Some(false),
            }),
            _ => None,
        }
    }
}

/// What an opening finds.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Every record that is open, or final and not yet acknowledged, oldest first. Where servers share the journal:
    /// those that no living server has, as many as one opening takes; heartbeats bring the rest.
    pub records: Vec<Record>,
    /// The names and sealed bytes of every secret, in the order of the names. Where servers share the journal: none,
    /// they are read one by one ([`Write::FindSecret`]).
    pub secrets: Vec<(String, Vec<u8>)>,
    /// The access_token that the clients of this appid share: its version, and its sealed bytes.
    pub token: Option<(u64, Vec<u8>)>,
    /// The latest time that was ever written to this ledger with a record or a secret, Unix milliseconds;
    /// 0 if none was. A clock that shows less now has been set back.
    pub latest_ms: i64,
    /// This client among those that share the journal, if others may.
    pub tenure: Option<Tenure>,
}

impl fmt::Debug for Recovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recovered")
            .field("records", &self.records)
            .field("latest_ms", &self.latest_ms)
            .field("tenure", &self.tenure)
            .finish_non_exhaustive()
    }
}

impl From<Vec<Record>> for Recovered {
    fn from(records: Vec<Record>) -> Self {
        Self {
            records,
            ..Self::default()
        }
    }
}

/// Why a commit failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalError {
    /// For the host.
    pub error: Error,
    /// True when the disk may hold the change all the same (an I/O error in mid-commit).
    pub maybe_written: bool,
}

impl JournalError {
    /// A failure after which the disk certainly does not hold the change.
    pub fn not_written(message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self {
            error: Error::new(ErrorKind::Journal, message),
            maybe_written: false,
        }
    }

    /// The failure of an `Update` of a number that the journal does not have.
    pub(crate) fn unknown_bill_no(bill_no: &str) -> Self {
        Self {
            error: Error::new(
                ErrorKind::NotFound,
                format!("the journal has no record of {bill_no}, so nothing was updated"),
            )
            .about("bill_no"),
            maybe_written: false,
        }
    }

    /// Whether one write of the batch is at fault (a refused value, a missing record), not the disk: its
    /// neighbours may be committed without it.
    pub fn is_one_write(&self) -> bool {
        !self.maybe_written
            && matches!(
                self.error.kind,
                ErrorKind::InvalidArgument | ErrorKind::NotFound
            )
    }
}

/// The result of a journal call.
pub type JournalResult<T> = std::result::Result<T, JournalError>;

/// The records of one (appid, environment). One thread at a time.
pub trait Journal: Send {
    /// What an opening has to know. Reads what is unfinished, not the whole ledger.
    fn recover(&mut self) -> JournalResult<Recovered>;

    /// Applies all of `writes` in one durable transaction, or none. One answer for each, in order.
    /// Later writes of a batch see the earlier ones.
    fn commit(&mut self, writes: &[Write]) -> JournalResult<Vec<Written>>;

    /// Bytes that its files take on the disk now; 0 where it has none, or where that cannot be told.
    fn bytes(&self) -> u64 {
        0
    }
}
