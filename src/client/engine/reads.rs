//! The engine's reads: get_balance and check_session, which may be repeated, and login and reset_session, which may
//! not: a js_code works once, and a lost answer to a reset may have brought another key.

use std::cmp::Reverse;

use crate::api::errcode::Class;
use crate::api::game_v2;
use crate::api::game_v2::query_order::{Business, QueryAnswer, parse_query_order};
use crate::api::login::{LoginAnswer, build_code2session, parse_login};
use crate::api::session::{
    CheckAnswer, ResetAnswer, build_check_session, build_reset_session, parse_check_session,
    parse_reset_session,
};
use crate::api::{Call, HttpRequest, NO_ERRCODE, midas_v1};
use crate::client::completion::{Account, Completion, CompletionKind, Outcome};
use crate::client::log::{Level, mask_openid};
use crate::client::stats;
use crate::client::submission::ReadCall;
use crate::error::{Kind as ErrorKind, Result};
use crate::store::{Generation, Reason};
use crate::transport;

use super::entry::Asker;
use super::wire::build_read;
use super::{Engine, Outgoing};

const RETRY_FIRST_MS: i64 = 250;
const RETRY_LONGEST_MS: i64 = 5_000;

/// One of them under way.
pub(super) struct Read {
    call: ReadCall,
    asker: Asker,
    on_the_way: bool,
    /// The journal has been asked whether another server has kept the session_key.
    looked: bool,
    not_before_ms: i64,
    tries: u32,
    used_session: u64,
    used_token: u64,
    token_refusals: u32,
    sent_at_ms: i64,
    /// What to say if the deadline passes now.
    so_far: Completion,
}

impl Read {
    /// Nothing of it is under way that a close should wait for.
    pub(super) fn is_idle(&self) -> bool {
        !self.on_the_way
    }

    fn openid(&self) -> &str {
        match &self.call {
            ReadCall::GetBalance { openid, .. }
            | ReadCall::QueryOrder { openid, .. }
            | ReadCall::CheckSession { openid }
            | ReadCall::ResetSession { openid } => openid,
            ReadCall::Login { .. } => "",
        }
    }

    fn needs_token(&self) -> bool {
        !matches!(self.call, ReadCall::Login { .. })
    }

    fn may_be_repeated(&self) -> bool {
        matches!(
            self.call,
            ReadCall::GetBalance { .. }
                | ReadCall::QueryOrder { .. }
                | ReadCall::CheckSession { .. }
        )
    }

    /// It asks about the session_key that is kept: another one is not waited for.
    fn is_about_session(&self) -> bool {
        matches!(
            self.call,
            ReadCall::CheckSession { .. } | ReadCall::ResetSession { .. }
        )
    }
}

impl Engine {
    pub(super) fn read_is_about_session(&self, id: u64) -> bool {
        self.reads.get(&id).is_some_and(Read::is_about_session)
    }

    pub(super) fn submit_read(&mut self, call: ReadCall, asker: Asker) {
        let (kind, openid, zone_id) = match &call {
            ReadCall::GetBalance {
                openid, zone_id, ..
            } => (CompletionKind::GetBalance, openid.clone(), zone_id.clone()),
            ReadCall::QueryOrder {
                openid, zone_id, ..
            } => (CompletionKind::QueryOrder, openid.clone(), zone_id.clone()),
            ReadCall::Login { .. } => (CompletionKind::Login, String::new(), String::new()),
            ReadCall::CheckSession { openid } => {
                (CompletionKind::CheckSession, openid.clone(), String::new())
            }
            ReadCall::ResetSession { openid } => {
                (CompletionKind::ResetSession, openid.clone(), String::new())
            }
        };
        let id = self.new_id();
        self.timers.push(Reverse((asker.deadline_ms(), id)));
        let bill_no = match &call {
            ReadCall::QueryOrder { out_trade_no, .. } => out_trade_no.clone(),
            _ => String::new(),
        };
        let so_far = Completion {
            bill_no,
            submission: asker.submission(),
            kind: Some(kind),
            outcome: Outcome::NotSent,
            reason: Reason::Deadline,
            user_tag: asker.user_tag(),
            openid,
            zone_id,
            ..Completion::default()
        };
        self.reads.insert(
            id,
            Read {
                call,
                asker,
                on_the_way: false,
                looked: false,
                not_before_ms: self.now.mono_ms,
                tries: 0,
                used_session: 0,
                used_token: 0,
                token_refusals: 0,
                sent_at_ms: 0,
                so_far,
            },
        );
        self.drive_read(id);
    }

    /// Sends the read if all it needs is there.
    pub(super) fn drive_read(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        let due = self
            .reads
            .get(&id)
            .filter(|read| !read.on_the_way && now_ms >= read.not_before_ms);
        let Some(due) = due.filter(|_| !self.is_closing()) else {
            return;
        };
        let looks = !due.looked && self.shares_sessions();
        if due.needs_token() {
            self.fetch_token_if_wanted();
        }
        let generation = self.settings.generation;
        let needs_session = self.needs_session(generation);
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        let built: Result<HttpRequest> = match &read.call {
            ReadCall::GetBalance { openid, .. } | ReadCall::QueryOrder { openid, .. } => {
                let session = self.sessions.get(openid);
                if session.is_none() && needs_session {
                    read.so_far.outcome = Outcome::Rejected;
                    read.so_far.reason = Reason::Session;
                    let openid = openid.clone();
                    return self.await_session(&openid, id);
                }
                let Some((token, token_version)) = self.token.current(now_ms) else {
                    return self.await_token(id);
                };
                read.used_token = token_version;
                read.used_session = session.map_or(0, |(_, version)| version);
                let (app, ts) = (&self.settings.app, self.now.wall_ms / 1000);
                build_read(
                    app,
                    generation,
                    &read.call,
                    session.map(|(key, _)| key),
                    token.as_str(),
                    ts,
                )
            }
            ReadCall::CheckSession { openid } | ReadCall::ResetSession { openid }
                if looks && self.sessions.get(openid).is_none() =>
            {
                // Another server may have it.
                read.looked = true;
                let openid = openid.clone();
                let waiting = self.wait_for_session.entry(openid.clone()).or_default();
                waiting.insert(id);
                self.find_session(&openid);
                return;
            }
            ReadCall::CheckSession { openid } | ReadCall::ResetSession { openid } => {
                let Some((key, session_version)) = self.sessions.get(openid) else {
                    read.so_far.outcome = Outcome::Rejected;
                    read.so_far.reason = Reason::Session;
                    read.so_far.errmsg =
                        "no session_key of this player is kept: log the player in".into();
                    return self.finish_read(id);
                };
                let Some((token, token_version)) = self.token.current(now_ms) else {
                    return self.await_token(id);
                };
                read.used_token = token_version;
                read.used_session = session_version;
                let build = match read.call {
                    ReadCall::ResetSession { .. } => build_reset_session,
                    _ => build_check_session,
                };
                build(token.as_str(), openid, key)
            }
            ReadCall::Login { js_code } => build_code2session(
                &self.settings.app.appid,
                &self.settings.app_secret,
                js_code.as_str(),
            ),
        };
        match built {
            Ok(request) => {
                read.on_the_way = true;
                read.sent_at_ms = now_ms;
                let not_after_ms =
                    (now_ms + self.settings.limits.timeout_ms).min(read.asker.deadline_ms());
                self.stats.in_flight += 1;
                self.out.sends.push(Outgoing {
                    id,
                    request,
                    money: false,
                    not_after_ms,
                    leave_by_ms: None,
                });
            }
            Err(error) => {
                read.so_far.errmsg = error.to_string();
                read.so_far.reason = Reason::Configuration;
                read.so_far.error = Some(error.kind);
                self.finish_read(id);
            }
        }
    }

    pub(super) fn read_finished(&mut self, id: u64, outcome: transport::Outcome) {
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        read.on_the_way = false;
        self.stats.in_flight = self.stats.in_flight.saturating_sub(1);
        let balance = matches!(read.call, ReadCall::GetBalance { .. });
        let may_be_repeated = read.may_be_repeated();
        let reply = match outcome {
            transport::Outcome::Reply(reply) => reply,
            transport::Outcome::NotSent(why) => {
                read.so_far.errmsg = why;
                read.so_far.outcome = Outcome::NotSent;
                read.so_far.reason = Reason::Network;
                self.count_read(balance, stats::NOT_SENT);
                return self.retry_read(id);
            }
            transport::Outcome::Unknown(why) => {
                read.so_far.errmsg = why;
                read.so_far.outcome = Outcome::Unknown;
                read.so_far.reason = Reason::Network;
                self.count_read(balance, stats::NO_ANSWER);
                return if may_be_repeated {
                    self.retry_read(id)
                } else {
                    self.finish_read(id)
                };
            }
        };
        let sent_at_ms = read.sent_at_ms;
        self.note_date(reply.date_unix_s);
        self.note_latency(sent_at_ms);
        match &self.reads[&id].call {
            ReadCall::GetBalance { .. } => {
                let (call, status, body) = (Call::GetBalance, reply.status, &reply.body);
                let answer = match self.settings.generation {
                    Generation::V1 => midas_v1::parse(call, status, body, ""),
                    Generation::V2 => game_v2::parse(call, status, body, "", ""),
                };
                self.balance_answered(id, answer);
            }
            ReadCall::QueryOrder { out_trade_no, .. } => {
                let answer = parse_query_order(reply.status, &reply.body, out_trade_no);
                self.order_answered(id, answer);
            }
            ReadCall::Login { .. } => {
                self.login_answered(id, &parse_login(reply.status, &reply.body))
            }
            ReadCall::CheckSession { .. } => {
                self.check_answered(id, parse_check_session(reply.status, &reply.body))
            }
            ReadCall::ResetSession { .. } => {
                self.reset_answered(id, parse_reset_session(reply.status, &reply.body))
            }
        }
    }

    fn balance_answered(&mut self, id: u64, answer: crate::api::Answer) {
        self.count_read(true, stats::column(answer.class));
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        if answer.class == Class::Done {
            read.so_far.account = Account {
                balance: answer.balance,
                gen_balance: answer.gen_balance,
                used_gen_amt: None,
                save_amt: answer.save_amt,
                save_sum: answer.save_sum,
                cost_sum: answer.cost_sum,
                present_sum: answer.present_sum,
                first_save: answer.first_save,
            };
        }
        let errcode = if answer.errcode == NO_ERRCODE {
            0
        } else {
            answer.errcode
        };
        self.classed(id, answer.class, errcode, answer.errmsg);
    }

    fn order_answered(&mut self, id: u64, answer: QueryAnswer) {
        match answer {
            QueryAnswer::Found(state) => {
                let Some(read) = self.reads.get_mut(&id) else {
                    return;
                };
                read.so_far.pay_item = state.product_id.clone().unwrap_or_default();
                read.so_far.queried = Some(Box::new(state.clone()));
                let item = match &read.call {
                    ReadCall::QueryOrder {
                        out_trade_no,
                        business: Business::Item,
                        ..
                    } => self.items_by_number.get(out_trade_no).copied(),
                    _ => None,
                };
                self.classed(id, Class::Done, 0, String::new());
                if let Some(item) = item.filter(|_| state.paid) {
                    self.item_paid(item, &state);
                }
            }
            QueryAnswer::NotFound { errcode, errmsg } => {
                self.classed(id, Class::Refused, errcode, errmsg);
            }
            QueryAnswer::Refused {
                errcode,
                errmsg,
                class,
            } => self.classed(id, class, errcode, errmsg),
            QueryAnswer::Unreadable { seen } => self.classed(id, Class::Unknown, 0, seen),
        }
    }

    fn check_answered(&mut self, id: u64, answer: CheckAnswer) {
        match answer {
            CheckAnswer::Valid => self.classed(id, Class::Done, 0, String::new()),
            CheckAnswer::Stale { errcode, errmsg } => {
                self.classed(id, Class::Session, errcode, errmsg)
            }
            CheckAnswer::Refused {
                errcode,
                errmsg,
                class,
            } => self.classed(id, class, errcode, errmsg),
            CheckAnswer::Unreadable { seen } => self.classed(id, Class::Unknown, 0, seen),
        }
    }

    fn reset_answered(&mut self, id: u64, answer: ResetAnswer) {
        match answer {
            ResetAnswer::Session {
                openid,
                session_key,
            } => match self.outdated(id, &openid) {
                None => {
                    self.classed(id, Class::Done, 0, String::new());
                    self.set_session(&openid, session_key);
                }
                Some(why) => self.classed(id, Class::Unknown, 0, why.to_owned()),
            },
            ResetAnswer::Stale { errcode, errmsg } => {
                self.classed(id, Class::Session, errcode, errmsg)
            }
            ResetAnswer::Refused {
                errcode,
                errmsg,
                class,
            } => self.classed(id, class, errcode, errmsg),
            ResetAnswer::Unreadable { seen } => self.classed(id, Class::Unknown, 0, seen),
        }
    }

    /// Why the session_key that a reset brought is not to be kept: the newest wins, and what was forgotten stays so.
    fn outdated(&self, id: u64, openid: &str) -> Option<&'static str> {
        let read = &self.reads[&id];
        let kept = self.sessions.get(openid).map(|(_, version)| version);
        if read.openid() != openid {
            Some("the answer is about another player")
        } else if kept != Some(read.used_session) {
            Some("the session_key was replaced or forgotten meanwhile")
        } else {
            None
        }
    }

    /// What an answer of this class means for a read: it is over, or it goes on.
    fn classed(&mut self, id: u64, class: Class, errcode: i32, errmsg: String) {
        let needs_session = self.needs_session(self.settings.generation);
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        let (about_session, may_be_repeated) = (read.is_about_session(), read.may_be_repeated());
        read.so_far.errcode = errcode;
        read.so_far.errmsg = errmsg;
        read.so_far.outcome = Outcome::Rejected;
        match class {
            Class::Done => {
                read.so_far.outcome = Outcome::Done;
                read.so_far.reason = Reason::None;
                self.finish_read(id);
            }
            Class::Session => {
                read.so_far.reason = Reason::Session;
                let (openid, version) = (read.openid().to_owned(), read.used_session);
                self.refuse_session(&openid, version);
                if about_session {
                    self.finish_read(id)
                } else if needs_session {
                    self.drive_read(id)
                } else {
                    self.retry_read(id)
                }
            }
            Class::Token => {
                read.so_far.reason = Reason::Credential;
                read.token_refusals += 1;
                let (version, again) = (read.used_token, read.token_refusals == 1);
                self.refuse_token(version);
                if again {
                    self.drive_read(id)
                } else {
                    self.retry_read(id)
                }
            }
            Class::Quota => {
                read.so_far.reason = Reason::Credential;
                self.retry_read(id);
            }
            Class::Unknown => {
                read.so_far.outcome = Outcome::Unknown;
                read.so_far.reason = Reason::Network;
                if may_be_repeated {
                    self.retry_read(id)
                } else {
                    self.finish_read(id)
                }
            }
            Class::Refused if matches!(read.call, ReadCall::QueryOrder { .. }) => {
                read.so_far.reason = Reason::OrderUnknown;
                self.finish_read(id);
            }
            Class::Configuration | Class::Duplicate | Class::Refused => {
                read.so_far.reason = Reason::Configuration;
                self.finish_read(id);
            }
        }
    }

    /// What to say should the deadline pass before a token comes.
    pub(super) fn blame_read(&mut self, id: u64, errcode: i32, why: &str) {
        if let Some(read) = self.reads.get_mut(&id) {
            read.so_far.reason = Reason::Credential;
            read.so_far.errcode = errcode;
            read.so_far.errmsg = why.to_owned();
        }
    }

    fn login_answered(&mut self, id: u64, answer: &LoginAnswer) {
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        match answer {
            LoginAnswer::Session {
                openid,
                session_key,
                unionid,
            } => {
                read.so_far.outcome = Outcome::Done;
                read.so_far.reason = Reason::None;
                read.so_far.openid.clone_from(openid);
                read.so_far.unionid = unionid.clone().unwrap_or_default();
                self.log(Level::Info, || format!("{} logged in", mask_openid(openid)));
                // The completion first: who reads in order learns of the login before what it set free.
                self.finish_read(id);
                return self.set_session(openid, session_key.clone());
            }
            LoginAnswer::Refused {
                errcode,
                errmsg,
                class,
            } => {
                read.so_far.errcode = *errcode;
                read.so_far.errmsg.clone_from(errmsg);
                read.so_far.outcome = if *class == Class::Unknown {
                    Outcome::Unknown
                } else {
                    Outcome::Rejected
                };
                read.so_far.reason = match class {
                    Class::Configuration => Reason::Configuration,
                    Class::Quota | Class::Token => Reason::Credential,
                    _ => Reason::Session,
                };
            }
            LoginAnswer::Unreadable { seen } => {
                read.so_far.errmsg.clone_from(seen);
                read.so_far.outcome = Outcome::Unknown;
                read.so_far.reason = Reason::Network;
            }
        }
        self.finish_read(id);
    }

    fn retry_read(&mut self, id: u64) {
        let random = i64::from(self.next_random());
        let now_ms = self.now.mono_ms;
        if self.is_closing() {
            return self.give_up_read(id);
        }
        let Some(read) = self.reads.get_mut(&id) else {
            return;
        };
        let pause_ms = RETRY_LONGEST_MS.min(RETRY_FIRST_MS << read.tries.min(16));
        read.tries += 1;
        read.not_before_ms = now_ms + pause_ms / 2 + pause_ms * random / i64::from(u32::MAX);
        let at_ms = read.not_before_ms;
        if at_ms >= read.asker.deadline_ms() {
            return self.finish_read(id);
        }
        self.stats.retries += 1;
        self.timers.push(Reverse((at_ms, id)));
    }

    pub(super) fn read_timer(&mut self, id: u64) {
        let now_ms = self.now.mono_ms;
        if self
            .reads
            .get(&id)
            .is_some_and(|read| now_ms >= read.asker.deadline_ms() && !read.on_the_way)
        {
            self.finish_read(id);
        } else {
            // A request that is out ends by its own not_after, which is never later than the deadline.
            self.drive_read(id);
        }
    }

    fn finish_read(&mut self, id: u64) {
        if let Some(read) = self.reads.remove(&id) {
            self.forget_wait(read.openid(), id);
            self.complete(read.so_far);
        }
    }

    pub(super) fn give_up_read(&mut self, id: u64) {
        if let Some(mut read) = self.reads.remove(&id) {
            self.forget_wait(read.openid(), id);
            if read.on_the_way {
                read.so_far.outcome = Outcome::Unknown;
            }
            read.so_far.error = Some(ErrorKind::Closed);
            self.complete_for_shutdown(read.so_far);
        }
    }

    fn count_read(&mut self, balance: bool, column: usize) {
        if balance {
            self.stats.answers[stats::row(Call::GetBalance)][column] += 1;
        }
    }
}
