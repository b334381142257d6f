//! Item orders: journaled before their strings are handed out, then watched until they are paid.
//!
//! ```text
//!   ordered ─► journal "awaiting_payment" ─► strings to the host ─► the player pays, or not
//!                                                 │
//!        a push, or query_order says paid ────────┼──► DONE
//!        told of another player, item or quantity ┼──► NEEDS REVIEW
//!        24 h old and query_order says not paid ──┼──► REJECTED; a push that comes later makes it DONE
//!        nobody could be asked for 30 days ───────┴──► NEEDS REVIEW
//! ```
//!
//! `watch` asks WeChat; `pushes` takes what WeChat tells by itself.

use std::cmp::Reverse;

use crate::api::game_v2::item_order::{ItemOrder, build_item_order};
use crate::api::push::{Event, RefusalReason};
use crate::client::completion::{
    Completion, CompletionKind, FLAG_SEALED, Outcome, Verdict, WaitingFor,
};
use crate::client::log::Level;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Kind, Reason, Record, State, Write, Written};

use super::Engine;
use super::entry::Asker;

/// What could not be written is tried again after this.
const AGAIN_MS: i64 = 1_000;

/// One item order that is not over.
pub(super) struct Item {
    pub(super) record: Record,
    pub(super) stage: Stage,
    /// Submissions that wait for the strings.
    askers: Vec<Asker>,
    /// Pushes that wait for the final state to be on disk.
    pushers: Vec<(Asker, Event)>,
    /// The first of them brought the final state about, and so is what delivers it.
    pushed: bool,
    /// When WeChat is to be asked next, or the journal again.
    pub(super) due_ms: i64,
    /// How long the pause before the last question was.
    pub(super) gap_ms: i64,
    pub(super) has_slot: bool,
    pub(super) used_session: u64,
    pub(super) used_token: u64,
    pub(super) sent_at_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its first write is under way.
    Writing,
    /// The player may pay.
    Awaiting,
    /// WeChat is being asked whether the player has.
    Asking,
    /// The write of its final state is under way.
    Ending,
    /// That write failed and is tried again.
    Unwritten,
}

impl Item {
    fn new(record: Record, stage: Stage, due_ms: i64) -> Self {
        Self {
            record,
            stage,
            askers: Vec::new(),
            pushers: Vec::new(),
            pushed: false,
            due_ms,
            gap_ms: 0,
            has_slot: false,
            used_session: 0,
            used_token: 0,
            sent_at_ms: 0,
        }
    }

    /// One that was over and is paid after all, as a push tells.
    pub(super) fn ending(record: Record, event: Event, asker: Asker) -> Self {
        let mut item = Self::new(record, Stage::Ending, i64::MAX);
        item.pushers.push((asker, event));
        item
    }

    /// Nobody waits for it, and nothing of it is being written.
    pub(super) fn is_at_rest(&self) -> bool {
        self.askers.is_empty() && self.pushers.is_empty() && !self.is_writing()
    }

    /// Nothing of it is under way that a close should wait for.
    pub(super) fn is_idle(&self) -> bool {
        !self.is_writing()
    }

    fn is_writing(&self) -> bool {
        matches!(self.stage, Stage::Writing | Stage::Ending)
    }

    /// Whether a push tells of this order and no other.
    pub(super) fn matches(record: &Record, event: &Event) -> bool {
        let Event::Goods(goods) = event else {
            return false;
        };
        goods.openid == record.openid
            && goods.product_id == record.pay_item
            && goods.quantity == record.amount
            && (goods.zone_id.is_empty() || goods.zone_id == record.zone_id)
    }
}

impl Engine {
    pub(super) fn submit_item(&mut self, record: Record, asker: Asker) {
        let known = match self.items_by_number.get(&record.bill_no) {
            Some(id) => Some(&self.items[id].record),
            None => {
                let under_way = self.by_bill_no.get(&record.bill_no);
                under_way.map(|id| &self.payments[id].payment.record)
            }
        };
        if let Some(known) = known.filter(|known| !known.same_payment(&record)).cloned() {
            return self.complete_conflict(&known, &record, &asker);
        }
        let id = match self.items_by_number.get(&record.bill_no) {
            Some(id) => *id,
            None => {
                let write = Write::Insert(Box::new(record.clone()));
                let id = self.insert_item(Item::new(record, Stage::Writing, i64::MAX));
                self.out.writes.push((id, write));
                id
            }
        };
        self.timers.push(Reverse((asker.deadline_ms, id)));
        if let Some(item) = self.items.get_mut(&id) {
            item.askers.push(asker);
        }
        self.wake_item(id);
    }

    /// Takes up an order that the journal holds as not over.
    pub(super) fn recover_item(&mut self, record: Record) {
        let due_ms = self.now.mono_ms;
        let id = self.insert_item(Item::new(record, Stage::Awaiting, due_ms));
        self.timers.push(Reverse((due_ms, id)));
    }

    pub(super) fn insert_item(&mut self, item: Item) -> u64 {
        let id = self.new_id();
        self.items_by_number.insert(item.record.bill_no.clone(), id);
        self.items.insert(id, item);
        id
    }

    pub(super) fn remove_item(&mut self, id: u64) -> Option<Item> {
        let item = self.items.remove(&id)?;
        self.items_by_number.remove(&item.record.bill_no);
        self.forget_wait(&item.record.openid, id);
        if let Some(waiting) = self.items_of_player.get_mut(&item.record.openid) {
            waiting.remove(&id);
            if waiting.is_empty() {
                self.items_of_player.remove(&item.record.openid);
            }
        }
        Some(item)
    }

    /// Something it waited for may be there.
    pub(super) fn wake_item(&mut self, id: u64) {
        let Some(item) = self.items.get(&id) else {
            return;
        };
        let openid = item.record.openid.clone();
        let waits = !item.askers.is_empty();
        if !matches!(item.stage, Stage::Awaiting | Stage::Asking) {
            return;
        }
        if waits && self.sessions.get(&openid).is_none() {
            self.await_session(&openid, id);
        } else if waits {
            self.hand_out_strings(id);
        }
        self.ask_about_item(id);
    }

    /// The order is on disk, and there is a session_key: whoever asked may have the strings.
    fn hand_out_strings(&mut self, id: u64) {
        let item = &self.items[&id];
        let record = &item.record;
        let Some((session_key, _)) = self.sessions.get(&record.openid) else {
            return;
        };
        let order = ItemOrder {
            out_trade_no: &record.bill_no,
            product_id: &record.pay_item,
            buy_quantity: record.amount,
            goods_price: record.goods_price,
            zone_id: &record.zone_id,
            attach: &record.app_remark,
            platform: &record.pf,
        };
        let strings = build_item_order(&self.app_of(record), &order, session_key);
        let told = match strings {
            Ok(strings) => Completion {
                strings: Some(Box::new(strings)),
                waiting_for: WaitingFor::Player,
                ..Completion::of_record(CompletionKind::ItemOrder, record)
            },
            Err(error) => Completion {
                error: Some(error.kind),
                errmsg: error.to_string(),
                outcome: Outcome::None,
                ..Completion::of_record(CompletionKind::ItemOrder, record)
            },
        };
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        for asker in std::mem::take(&mut item.askers) {
            self.complete(Completion {
                submission: asker.submission,
                user_tag: asker.user_tag,
                ..told.clone()
            });
        }
    }

    /// The journal's answer to a write of an item order.
    pub(super) fn item_committed(&mut self, id: u64, answer: Result<Written, JournalError>) {
        match (self.items[&id].stage, answer) {
            (Stage::Writing, Ok(Written::Stored(record_id))) => {
                let due_ms = self.next_ask_ms(&self.items[&id].record);
                if let Some(item) = self.items.get_mut(&id) {
                    item.record.id = record_id;
                    item.stage = Stage::Awaiting;
                    item.due_ms = due_ms;
                }
                self.timers.push(Reverse((due_ms, id)));
                if !self.end_by_waiting_push(id) && self.is_closing() {
                    return self.give_up_item(id);
                }
                self.wake_item(id);
            }
            (Stage::Writing, answer) => self.item_not_stored(id, answer),
            (_, Ok(Written::Found(known))) => self.item_ended_elsewhere(id, *known),
            (_, Ok(_)) => self.item_ended(id),
            (_, Err(failure)) => self.item_unwritten(id, &failure),
        }
    }

    /// The number was there before, or the journal cannot be written. No string was handed out.
    fn item_not_stored(&mut self, id: u64, answer: Result<Written, JournalError>) {
        let Some(item) = self.remove_item(id) else {
            return;
        };
        let record = item.record;
        for (asker, event) in &item.pushers {
            self.push_again(asker, event, "its order was being written down");
        }
        match answer {
            // A push was faster: it is paid.
            Ok(Written::Found(known)) if !known.is_ordered() && same_purchase(&known, &record) => {
                self.answer_askers(&item.askers, &known);
            }
            Ok(Written::Found(known)) if !known.same_payment(&record) => {
                for asker in &item.askers {
                    self.complete_conflict(&known, &record, asker);
                }
            }
            Ok(Written::Found(known)) if known.state == State::AwaitingPayment => {
                let due_ms = self.next_ask_ms(&known);
                let mut resumed = Item::new(*known, Stage::Awaiting, due_ms);
                resumed.askers = item.askers;
                let id = self.insert_item(resumed);
                self.timers.push(Reverse((due_ms, id)));
                self.wake_item(id);
            }
            Ok(Written::Found(known)) => self.answer_askers(&item.askers, &known),
            Ok(Written::Sealed {
                state,
                reason,
                same: Some(true),
                ..
            }) => {
                let sealed = Record {
                    state,
                    reason,
                    ..record
                };
                for asker in &item.askers {
                    let mut told = asker.answer(&sealed);
                    told.flags |= FLAG_SEALED;
                    self.complete(told);
                }
            }
            Ok(_) => {
                for asker in &item.askers {
                    self.complete(Completion {
                        error: Some(ErrorKind::BillNoConflict),
                        bill_no: record.bill_no.clone(),
                        openid: record.openid.clone(),
                        errmsg: "out_trade_no was used for something else long ago".into(),
                        ..asker.completion(CompletionKind::ItemOrder)
                    });
                }
            }
            Err(failure) => {
                for asker in &item.askers {
                    let told = unwritten(asker, &record, &failure.error.message);
                    self.complete(told);
                }
            }
        }
    }

    pub(super) fn item_timer(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        let (late, waiting) = std::mem::take(&mut item.askers)
            .into_iter()
            .partition::<Vec<_>, _>(|asker| now_ms >= asker.deadline_ms);
        let waiting_is_over = !late.is_empty() && waiting.is_empty();
        item.askers = waiting;
        let (stage, due) = (item.stage, item.due_ms <= now_ms);
        let record = item.record.clone();
        if waiting_is_over {
            self.forget_session_wait(&record.openid, id);
        }
        for asker in &late {
            let told = late_for_strings(asker, &record, stage);
            self.complete(told);
        }
        match stage {
            Stage::Awaiting if due => self.ask_about_item(id),
            Stage::Unwritten if due => self.write_end(id),
            _ => {}
        }
    }

    /// A push tells of an order that is under way here.
    pub(super) fn push_on_item(&mut self, id: u64, event: Event, asker: Asker) {
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        match item.stage {
            Stage::Awaiting | Stage::Asking => {
                item.pushers.push((asker, event));
                self.end_by_push(id);
            }
            // It is told when what is being written is on disk.
            _ => item.pushers.push((asker, event)),
        }
    }

    /// A push that had to wait for a write decides now, unless one has already. True if it does.
    fn end_by_waiting_push(&mut self, id: u64) -> bool {
        let item = self.items.get(&id);
        if item.is_none_or(|item| item.pushed || item.pushers.is_empty()) {
            return false;
        }
        self.end_by_push(id);
        true
    }

    /// Ends an order as the first of its pushes says.
    pub(super) fn end_by_push(&mut self, id: u64) {
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        let Some((_, event)) = item.pushers.first() else {
            return;
        };
        item.pushed = true;
        let matches = Item::matches(&item.record, event);
        item.record.push_event = event.name().to_owned();
        item.record.payload = event.payload().to_owned();
        if matches {
            self.end_item(id, State::Done, Reason::None);
        } else {
            self.end_item(id, State::NeedsReview, Reason::Mismatch);
        }
    }

    pub(super) fn end_item(&mut self, id: u64, state: State, reason: Reason) {
        if let Some(item) = self.items.get_mut(&id) {
            item.record.state = state;
            item.record.reason = reason;
            item.record.updated_at_ms = self.now.wall_ms;
        }
        self.write_end(id);
    }

    pub(super) fn write_end(&mut self, id: u64) {
        if let Some(item) = self.items.get_mut(&id) {
            item.stage = Stage::Ending;
            let write = Write::Update(Box::new(item.record.clone()));
            self.out.writes.push((id, write));
        }
    }

    /// The final state is not on disk: nobody is told of it, and a push is to come again.
    fn item_unwritten(&mut self, id: u64, failure: &JournalError) {
        let number = self.items[&id].record.bill_no.clone();
        self.log(Level::Error, || {
            format!(
                "{number}: the journal could not be written: {}",
                failure.error
            )
        });
        let due_ms = self.now.mono_ms + AGAIN_MS;
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        item.stage = Stage::Unwritten;
        item.due_ms = due_ms;
        // From now on it is delivered as what a query would have found.
        item.pushed = false;
        let pushers = std::mem::take(&mut item.pushers);
        self.timers.push(Reverse((due_ms, id)));
        for (asker, event) in pushers {
            self.push_again(&asker, &event, &failure.error.message);
        }
    }

    /// The final state is on disk: show it once.
    fn item_ended(&mut self, id: u64) {
        if self.items[&id].record.state != State::Done && self.end_by_waiting_push(id) {
            // It came just as the order was being written off.
            return;
        }
        let Some(item) = self.remove_item(id) else {
            return;
        };
        let record = &item.record;
        self.show_final(record, &item.askers);
        let delivers = item.pushed && record.state == State::Done;
        if !delivers {
            self.complete(Completion::of_record(CompletionKind::Resolved, record));
        }
        for (index, (asker, event)) in item.pushers.iter().enumerate() {
            let verdict = match record.state {
                State::Done if delivers && index == 0 => Verdict::Deliver,
                State::Done => Verdict::AlreadyDelivered,
                _ => Verdict::Refuse,
            };
            let refusal = (verdict == Verdict::Refuse).then_some(RefusalReason::Mismatch);
            self.tell_push(asker, event, record, verdict, refusal);
        }
    }

    /// Another server was faster.
    fn item_ended_elsewhere(&mut self, id: u64, known: Record) {
        let Some(item) = self.remove_item(id) else {
            return;
        };
        self.answer_askers(&item.askers, &known);
        for (asker, event) in item.pushers {
            self.push_on_known(known.clone(), event, asker);
        }
    }

    /// The client ends. What has not been handed out cannot be paid; a push that was not answered comes again.
    pub(super) fn give_up_item(&mut self, id: u64) {
        let Some(item) = self.remove_item(id) else {
            return;
        };
        for asker in &item.askers {
            let mut told = late_for_strings(asker, &item.record, item.stage);
            told.error = Some(ErrorKind::Closed);
            self.complete_for_shutdown(told);
        }
        for (asker, event) in &item.pushers {
            self.push_again(asker, event, "the client is closed");
        }
    }
}

/// To a submission that the strings came too late for. They may have been handed out to an earlier one.
fn late_for_strings(asker: &Asker, record: &Record, stage: Stage) -> Completion {
    if matches!(stage, Stage::Writing | Stage::Ending | Stage::Unwritten) {
        return unwritten(
            asker,
            record,
            "the journal did not answer in time: order again",
        );
    }
    Completion {
        outcome: Outcome::AwaitingPayment,
        reason: Reason::Session,
        errmsg:
            "without a session_key the strings cannot be made: log the player in, then order again"
                .into(),
        delivery_id: 0,
        ..asker.answer(record)
    }
}

/// To a submission of which nobody knows whether it, or an earlier one of its number, is in the journal.
fn unwritten(asker: &Asker, record: &Record, why: &str) -> Completion {
    Completion {
        outcome: Outcome::Unknown,
        error: Some(ErrorKind::Journal),
        errmsg: why.to_owned(),
        delivery_id: 0,
        push: None,
        ..asker.answer(record)
    }
}

/// Whether an item that a push told of is the one that is being ordered.
fn same_purchase(told: &Record, asked: &Record) -> bool {
    told.kind == Kind::Item
        && told.openid == asked.openid
        && told.pay_item == asked.pay_item
        && told.amount == asked.amount
}
