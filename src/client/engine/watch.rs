//! Asking WeChat whether an item order is paid, for as long as its push may be missing.
//!
//! query_order is signed with the player's session_key. A player who is gone is not asked to log in for it: the
//! question waits for the next login, and the push needs none.

use std::cmp::Reverse;

use crate::api::errcode::{self, Class};
use crate::api::game_v2::Player;
use crate::api::game_v2::query_order::{
    Business, OrderState, QueryAnswer, build_query_order, parse_query_order,
};
use crate::client::log::Level;
use crate::store::{Reason, Record, State};
use crate::transport;

use super::items::Stage;
use super::{Engine, Outgoing};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
/// WeChat is first asked so long after the order was made; then every hour.
const FIRST_ASKED_MS: [i64; 4] = [MINUTE_MS, 5 * MINUTE_MS, 15 * MINUTE_MS, HOUR_MS];
/// An order that is older and not paid is over.
const PAYABLE_MS: i64 = 24 * HOUR_MS;
/// One that could not be asked about for so long is a person's business.
const WATCHED_MS: i64 = 30 * 24 * HOUR_MS;
/// A question whose access_token was refused is asked again after this.
const TOKEN_AGAIN_MS: i64 = 30_000;

impl Engine {
    /// When WeChat is to be asked next about an order of this age.
    pub(super) fn next_ask_ms(&self, record: &Record) -> i64 {
        let age_ms = (self.now.wall_ms - record.created_at_ms).max(0);
        let first = FIRST_ASKED_MS.into_iter().find(|at_ms| *at_ms > age_ms);
        let at_ms = first.unwrap_or((age_ms / HOUR_MS + 1) * HOUR_MS);
        self.now.mono_ms + at_ms - age_ms
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
        if self.is_certainly_as_old_as(record, WATCHED_MS) {
            return self.end_item(id, State::NeedsReview, Reason::Expired);
        }
        let openid = record.openid.clone();
        if self.sessions.get(&openid).is_none() {
            let last_ms = now_ms + (record.created_at_ms + WATCHED_MS - self.now.wall_ms);
            // The player may log in at another server, which tells the journal alone.
            let again_ms = if self.find_session(&openid) {
                now_ms + HOUR_MS
            } else {
                last_ms.max(now_ms + HOUR_MS)
            };
            self.timers.push(Reverse((again_ms, id)));
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

    /// All orders that an opening finds are due at once: they take turns, at the rate of the retries of payments.
    fn waits_for_item_slot(&mut self, id: u64) -> bool {
        let slot_ms = (self.item_slot_us + 999) / 1000;
        self.item_slot_us = self.slot_after(self.item_slot_us);
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
            leave_by_ms: None,
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
        self.stats.in_flight = self.stats.in_flight.saturating_sub(1);
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
            let now_ms = self.now.mono_ms;
            let item = &self.items[&id];
            // A clock that was set back makes nobody ask more often.
            let gap_ms = (self.next_ask_ms(&item.record) - now_ms).max(item.gap_ms);
            if let Some(item) = self.items.get_mut(&id) {
                item.gap_ms = gap_ms;
            }
            self.ask_again(id, now_ms + gap_ms);
        }
    }

    fn item_not_paid(&mut self, id: u64) {
        let record = &self.items[&id].record;
        if self.is_certainly_as_old_as(record, PAYABLE_MS) {
            self.end_item(id, State::Rejected, Reason::NotPaid);
        } else {
            self.ask_later(id);
        }
    }

    /// Its age is told by the wall clock, so nothing is ended by it before WeChat's time has been heard.
    fn is_certainly_as_old_as(&self, record: &Record, age_ms: i64) -> bool {
        self.witness.is_trusted() && self.now.wall_ms - record.created_at_ms >= age_ms
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
}
