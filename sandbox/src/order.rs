//! One order number and everything that ever happened under it.

use crate::ledger::Deal;
use serde::{Deserialize, Serialize};

/// Whether an order takes coins or gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Made by `pay`.
    Pay,
    /// Made by `present`.
    Present,
}

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Requests came with this number, but no coins have moved.
    Seen,
    /// The coins have moved.
    Live,
    /// All the coins were given back.
    RolledBack,
    /// Complete for good: a cancel is answered 90014, a refund of virtual payment 2.0 90018. Set by the control API.
    Confirmed,
    /// Still being worked on: a cancel is answered 90016, a refund -1. Set by the control API.
    Processing,
}

pub(crate) struct Order {
    pub(crate) kind: Option<Kind>,
    pub(crate) openid: String,
    pub(crate) zone_id: String,
    pub(crate) amt: i64,
    pub(crate) used_gen_amt: i64,
    /// How many of `amt` were given back, and how many of `used_gen_amt` were among them.
    pub(crate) refunded: i64,
    pub(crate) refunded_gen: i64,
    /// It was refused because the purse held too little.
    pub(crate) refused: bool,
    pub(crate) state: State,
    pub(crate) created_s: i64,
    pub(crate) attempts: u64,
    pub(crate) cancel_attempts: u64,
    pub(crate) changed: u64,
    pub(crate) charged: u64,
    pub(crate) given_back: u64,
}

impl Order {
    /// A number that a request came with, before any coins have moved.
    pub(crate) fn seen(deal: &Deal, kind: Option<Kind>, now_s: i64) -> Order {
        Order {
            kind,
            openid: deal.openid.clone(),
            zone_id: deal.zone_id.clone(),
            amt: deal.amt,
            used_gen_amt: 0,
            refunded: 0,
            refunded_gen: 0,
            refused: false,
            state: State::Seen,
            created_s: now_s,
            attempts: 0,
            cancel_attempts: 0,
            changed: 0,
            charged: 0,
            given_back: 0,
        }
    }

    /// Gives coins back that are still to be given back.
    pub(crate) fn give_back(&mut self, amt: i64, gen_amt: i64) {
        self.refunded += amt;
        self.refunded_gen += gen_amt;
        self.given_back += 1;
        if self.refunded == self.amt {
            self.state = State::RolledBack;
        }
    }

    /// Counts one request; `kind` is nothing for a cancel.
    pub(crate) fn note_attempt(&mut self, deal: &Deal, kind: Option<Kind>) {
        let Some(kind) = kind else {
            self.cancel_attempts += 1;
            return;
        };
        if self.attempts == 0 && self.state == State::Seen {
            self.kind = Some(kind);
            self.openid.clone_from(&deal.openid);
            self.zone_id.clone_from(&deal.zone_id);
            self.amt = deal.amt;
        }
        self.attempts += 1;
        let same = self.kind == Some(kind)
            && self.amt == deal.amt
            && self.openid == deal.openid
            && self.zone_id == deal.zone_id;
        if !same {
            self.changed += 1;
        }
    }

    /// The coins have moved; a number that was forgotten or rolled back begins anew.
    pub(crate) fn charge(&mut self, deal: &Deal, kind: Kind, used_gen_amt: i64, now_s: i64) {
        self.kind = Some(kind);
        self.openid.clone_from(&deal.openid);
        self.zone_id.clone_from(&deal.zone_id);
        self.amt = deal.amt;
        self.used_gen_amt = used_gen_amt;
        self.refunded = 0;
        self.refunded_gen = 0;
        self.state = State::Live;
        self.created_s = now_s;
        self.charged += 1;
    }
}
