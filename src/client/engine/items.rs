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
//! query_order is signed with the player's session_key. A player who is gone is not asked to log in for it: the
//! question waits for the next login, and the push needs none.

use std::cmp::Reverse;

use crate::api::errcode::{self, Class};
use crate::api::game_v2::Player;
use crate::api::game_v2::item_order::{ItemOrder, build_item_order};
use crate::api::game_v2::query_order::{
    Business, OrderState, QueryAnswer, build_query_order, parse_query_order,
};
use crate::api::push::{Event, RefusalReason};
use crate::client::completion::{
    Completion, CompletionKind, FLAG_SEALED, Outcome, Verdict, WaitingFor,
};
use crate::client::log::Level;
use crate::error::Kind as ErrorKind;
use crate::store::{JournalError, Reason, Record, State, Write, Written};
use crate::transport;

use super::entry::Asker;
use super::{Engine, Outgoing};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// WeChat is first asked so long after the order was made; then every hour.
const FIRST_ASKED_MS: [i64; 4] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];
/// An order that is older and not paid is over.
const PAYABLE_MS: i64 = 24 * HOUR_MS;
/// One that could not be asked about for so long is a person's business.
const WATCHED_MS: i64 = 30 * 24 * HOUR_MS;
/// What could not be written or asked is tried again after this.
const AGAIN_MS: i64 = 1_000;
const TOKEN_AGAIN_MS: i64 = 30_000;

/// One item order that is not over.
pub(super) struct Item {
    pub(super) record: Record,
    stage: Stage,
    /// Submissions that wait for the strings.
    askers: Vec<Asker>,
    /// Pushes that wait for the final state to be on disk.
    pushers: Vec<(Asker, Event)>,
    /// The first of them brought the final state about, and so is what delivers it.
    pushed: bool,
    /// When WeChat is to be asked next, or the journal again.
    due_ms: i64,
    has_slot: bool,
    used_session: u64,
    used_token: u64,
    sent_at_ms: i64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
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
        item.pushed = true;
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

    fn remove_item(&mut self, id: u64) -> Option<Item> {
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
                self.wake_item(id);
            }
            (Stage::Writing, answer) => self.item_not_stored(id, answer),
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
        match answer {
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

    /// When WeChat is to be asked next about an order of this age.
    fn next_ask_ms(&self, record: &Record) -> i64 {
        let age_ms = (self.now.wall_ms - record.created_at_ms).max(0);
        let first = FIRST_ASKED_MS.into_iter().find(|at_ms| *at_ms > age_ms);
        let at_ms = first.unwrap_or((age_ms / HOUR_MS + 1) * HOUR_MS);
        self.now.mono_ms + at_ms - age_ms
    }

    pub(super) fn item_timer(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        let (late, waiting) = std::mem::take(&mut item.askers)
            .into_iter()
            .partition::<Vec<_>, _>(|asker| now_ms >= asker.deadline_ms);
        item.askers = waiting;
        let (stage, due) = (item.stage, item.due_ms <= now_ms);
        let record = item.record.clone();
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

    /// Asks WeChat whether the order is paid, as soon as that can be asked.
    pub(super) fn ask_about_item(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let Some(item) = self.items.get(&id) else {
            return;
        };
        if item.stage != Stage::Awaiting || now_ms < item.due_ms || self.is_closing() {
            return;
        }
        let record = &item.record;
        if self.now.wall_ms - record.created_at_ms >= WATCHED_MS {
            return self.end_item(id, State::NeedsReview, Reason::Expired);
        }
        let openid = record.openid.clone();
        if self.sessions.get(&openid).is_none() {
            let last_ms = now_ms + (record.created_at_ms + WATCHED_MS - self.now.wall_ms);
            self.timers.push(Reverse((last_ms, id)));
            self.items_of_player.entry(openid).or_default().insert(id);
            return;
        }
        if self.token.current(now_ms).is_none() {
            return self.await_token(id);
        }
        if !item.has_slot && self.waits_for_item_slot(id) {
            return;
        }
        self.send_item_query(id);
    }

    /// All orders that an opening finds are due at once: they take turns with the retries of payments.
    fn waits_for_item_slot(&mut self, id: u64) -> bool {
        let slot_ms = (self.retry_slot_us + 999) / 1000;
        self.take_retry_slot();
        let Some(item) = self.items.get_mut(&id) else {
            return false;
        };
        item.has_slot = true;
        if slot_ms <= self.now.mono_ms {
            return false;
        }
        item.due_ms = slot_ms;
        self.timers.push(Reverse((slot_ms, id)));
        true
    }

    fn send_item_query(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let record = &self.items[&id].record;
        let (Some((session_key, session_version)), Some((token, token_version))) = (
            self.sessions.get(&record.openid),
            self.token.current(now_ms),
        ) else {
            return;
        };
        let player = Player {
            openid: &record.openid,
            zone_id: &record.zone_id,
            user_ip: &record.user_ip,
        };
        let request = build_query_order(
            &self.app_of(record),
            &player,
            &record.bill_no,
            Business::Item,
            session_key,
            token.as_str(),
            self.now.wall_ms / 1000,
        );
        let Ok(request) = request else {
            // Everything was checked when it was ordered; what is left is a clock that lost its mind.
            return self.ask_again(id, now_ms + HOUR_MS);
        };
        if let Some(item) = self.items.get_mut(&id) {
            item.stage = Stage::Asking;
            item.has_slot = false;
            item.used_session = session_version;
            item.used_token = token_version;
            item.sent_at_ms = now_ms;
        }
        self.stats.in_flight += 1;
        self.out.sends.push(Outgoing {
            id,
            request,
            money: false,
            not_after_ms: now_ms + self.settings.limits.timeout_ms,
        });
    }

    fn ask_again(&mut self, id: u64, at_ms: i64) {
        if let Some(item) = self.items.get_mut(&id) {
            item.stage = Stage::Awaiting;
            item.due_ms = at_ms;
            self.timers.push(Reverse((at_ms, id)));
            self.wake_item(id);
        }
    }

    /// A question about an order came to its end.
    pub(super) fn item_asked(&mut self, id: u64, outcome: transport::Outcome) {
        self.stats.in_flight -= 1;
        let reply = match outcome {
            transport::Outcome::Reply(reply) => reply,
            _ => return self.ask_later(id),
        };
        let sent_at_ms = self.items[&id].sent_at_ms;
        self.note_date(reply.date_unix_s);
        self.note_latency(sent_at_ms);
        let Some(item) = self
            .items
            .get(&id)
            .filter(|item| item.stage == Stage::Asking)
        else {
            // A push was faster.
            return;
        };
        let number = item.record.bill_no.clone();
        match parse_query_order(reply.status, &reply.body, &number) {
            QueryAnswer::Found(state) if state.paid => self.item_paid(id, &state),
            QueryAnswer::Found(_) | QueryAnswer::NotFound { .. } => self.item_not_paid(id),
            QueryAnswer::Refused { errcode, class, .. } => self.item_refused(id, errcode, class),
            QueryAnswer::Unreadable { .. } => self.ask_later(id),
        }
    }

    fn ask_later(&mut self, id: u64) {
        if self.items[&id].stage == Stage::Asking {
            let at_ms = self.next_ask_ms(&self.items[&id].record);
            self.ask_again(id, at_ms);
        }
    }

    fn item_not_paid(&mut self, id: u64) {
        let record = &self.items[&id].record;
        if self.now.wall_ms - record.created_at_ms >= PAYABLE_MS {
            self.end_item(id, State::Rejected, Reason::NotPaid);
        } else {
            self.ask_later(id);
        }
    }

    /// WeChat would not say.
    fn item_refused(&mut self, id: u64, errcode: i32, class: Class) {
        let item = &self.items[&id];
        let (openid, number) = (item.record.openid.clone(), item.record.bill_no.clone());
        let (session, token) = (item.used_session, item.used_token);
        let now_ms = self.now.mono_ms;
        match class {
            Class::Session => {
                self.refuse_session(&openid, session);
                self.ask_again(id, now_ms);
            }
            Class::Token => {
                self.refuse_token(token);
                self.ask_again(id, now_ms + TOKEN_AGAIN_MS);
            }
            _ => {
                if class == Class::Configuration {
                    self.log(Level::Error, || {
                        let help = errcode::help_query_order(errcode);
                        format!(
                            "{number}: queryOrder refused as wrong with {errcode}: {} {}",
                            help.cause_en.to_string_lossy(),
                            help.remedy_en.to_string_lossy()
                        )
                    });
                }
                self.ask_later(id);
            }
        }
    }

    /// query_order says that an order is paid: ours, or one that the host asked about.
    pub(super) fn item_paid(&mut self, id: u64, state: &OrderState) {
        let Some(item) = self.items.get(&id) else {
            return;
        };
        if !matches!(item.stage, Stage::Awaiting | Stage::Asking) {
            return;
        }
        let product_id = state.product_id.as_deref().unwrap_or_default();
        if product_id.is_empty() || product_id == item.record.pay_item {
            self.end_item(id, State::Done, Reason::None);
        } else {
            self.end_item(id, State::NeedsReview, Reason::Mismatch);
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
                item.pushed = true;
                self.end_by_push(id);
            }
            // It is told when what is being written is on disk.
            _ => item.pushers.push((asker, event)),
        }
    }

    /// Ends an order as the first of its pushes says.
    pub(super) fn end_by_push(&mut self, id: u64) {
        let Some(item) = self.items.get_mut(&id) else {
            return;
        };
        let Some((_, event)) = item.pushers.first() else {
            return;
        };
        let matches = Item::matches(&item.record, event);
        item.record.push_event = event.name().to_owned();
        item.record.payload = event.payload().to_owned();
        if matches {
            self.end_item(id, State::Done, Reason::None);
        } else {
            self.end_item(id, State::NeedsReview, Reason::Mismatch);
        }
    }

    fn end_item(&mut self, id: u64, state: State, reason: Reason) {
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
        let item = &self.items[&id];
        if item.record.state == State::Rejected && !item.pushers.is_empty() {
            // A push came just as it was being written off.
            if let Some(item) = self.items.get_mut(&id) {
                item.pushed = true;
            }
            return self.end_by_push(id);
        }
        let Some(item) = self.remove_item(id) else {
            return;
        };
        let record = &item.record;
        self.log(Level::Info, || {
            format!(
                "{}: {:?} ({:?})",
                record.bill_no, record.state, record.reason
            )
        });
        if record.state == State::NeedsReview {
            self.reviews.insert(record.id);
        } else {
            self.reviews.remove(&record.id);
        }
        self.follow_delivery(record);
        self.answer_askers(&item.askers, record);
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
    if stage == Stage::Writing {
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
        ..asker.answer(record)
    }
}
