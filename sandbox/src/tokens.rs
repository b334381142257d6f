//! Access tokens: who has one, until when, and what became of the old ones.

use crate::call::Call;
use crate::config::Rules;
use crate::quota::Quota;
use crate::random::Random;
use serde::Serialize;
use std::collections::{HashMap, VecDeque};

/// How many tokens are remembered; the oldest is forgotten first and is then unknown.
const MAX_TOKENS: usize = 20_000;

struct Token {
    app: usize,
    /// Whether `/cgi-bin/token` gave it out: then the next one it gives out ends this one.
    plain: bool,
    expires_s: i64,
    /// When a newer token ended this one's life early: from then on it is unknown, not expired.
    replaced_s: Option<i64>,
}

impl Token {
    fn is_valid(&self, now_s: i64) -> bool {
        now_s < self.expires_s && self.replaced_s.is_none_or(|at_s| now_s < at_s)
    }
}

/// What one way to a token has used of its quotas.
struct Uses {
    day: Quota,
    minute: Quota,
}

impl Uses {
    fn new() -> Uses {
        Uses {
            day: Quota::per_day(),
            minute: Quota::per_minute(),
        }
    }

    /// Uses one of each up, or answers the errcode of the one that is used up.
    fn take(&mut self, (per_day, per_minute): (u32, u32), now_s: i64) -> Result<(), i64> {
        if self.day.used(now_s) >= per_day {
            return Err(45009);
        }
        if !self.minute.take(per_minute, now_s) {
            return Err(45011);
        }
        self.day.take(per_day, now_s);
        Ok(())
    }
}

struct Issued {
    stable: Option<String>,
    forced_s: Option<i64>,
    plain_uses: Uses,
    stable_uses: Uses,
    forced_per_day: Quota,
}

impl Issued {
    fn new() -> Issued {
        Issued {
            stable: None,
            forced_s: None,
            plain_uses: Uses::new(),
            stable_uses: Uses::new(),
            forced_per_day: Quota::per_day(),
        }
    }
}

/// What one app has used of the quotas of one way to a token. What they refuse uses nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenQuota {
    /// The app.
    pub appid: String,
    /// `token` or `stable_token`.
    pub call: Call,
    /// Tokens given out since midnight in Beijing.
    pub used_today: u32,
    /// How many a day gives; then 45009.
    pub per_day: u32,
    /// Tokens given out in this minute.
    pub used_this_minute: u32,
    /// How many a minute gives; then 45011.
    pub per_minute: u32,
}

/// The two ways to a token.
const WAYS: [Call; 2] = [Call::Token, Call::StableToken];

/// The limits of one way, per day and per minute.
fn limits(call: Call, rules: &Rules) -> (u32, u32) {
    match call {
        Call::Token => (rules.token_per_day, rules.token_per_minute),
        _ => (rules.stable_token_per_day, rules.stable_token_per_minute),
    }
}

pub(crate) struct Tokens {
    known: HashMap<String, Token>,
    order: VecDeque<String>,
    apps: Vec<Issued>,
}

/// A token, and how many seconds it has left.
pub(crate) type Grant = (String, i64);

impl Tokens {
    pub(crate) fn new(apps: usize) -> Tokens {
        Tokens {
            known: HashMap::new(),
            order: VecDeque::new(),
            apps: (0..apps).map(|_| Issued::new()).collect(),
        }
    }

    /// The app that a token belongs to, or the errcode that refuses it.
    pub(crate) fn check(&self, token: &str, now_s: i64) -> Result<usize, i64> {
        let token = self.known.get(token).ok_or(40001)?;
        if token.replaced_s.is_some_and(|since_s| now_s >= since_s) {
            return Err(40001);
        }
        if now_s >= token.expires_s {
            return Err(42001);
        }
        Ok(token.app)
    }

    /// `/cgi-bin/token`: a new token each time; the old ones live on for the overlap. Tells how many those are.
    pub(crate) fn plain(
        &mut self,
        app: usize,
        overlap_s: i64,
        rules: &Rules,
        now_s: i64,
        random: &mut Random,
    ) -> Result<(Grant, usize), i64> {
        let limits = limits(Call::Token, rules);
        self.apps[app].plain_uses.take(limits, now_s)?;
        let end_s = now_s.saturating_add(overlap_s);
        let mut replaced = 0;
        for old in self.known.values_mut() {
            if old.plain && old.app == app && old.is_valid(now_s) {
                old.replaced_s = Some(old.replaced_s.map_or(end_s, |at_s| at_s.min(end_s)));
                replaced += 1;
            }
        }
        let grant = self.issue(app, true, rules, now_s, random);
        Ok((grant, replaced))
    }

    /// `/cgi-bin/stable_token`: the same token while it is valid, renewed ahead of its end.
    pub(crate) fn stable(
        &mut self,
        app: usize,
        force_refresh: bool,
        rules: &Rules,
        now_s: i64,
        random: &mut Random,
    ) -> Result<Grant, i64> {
        let issued = &mut self.apps[app];
        let limits = limits(Call::StableToken, rules);
        issued.stable_uses.take(limits, now_s)?;
        let left_s = issued
            .stable
            .as_ref()
            .and_then(|token| self.known.get(token))
            .map_or(0, |token| token.expires_s - now_s);
        let too_soon = issued
            .forced_s
            .is_some_and(|last_s| now_s - last_s < rules.force_refresh_every_s);
        let force = force_refresh && left_s > 0 && !too_soon;
        if force {
            if !issued
                .forced_per_day
                .take(rules.force_refresh_per_day, now_s)
            {
                return Err(45009);
            }
            issued.forced_s = Some(now_s);
        }
        // A token this short is never renewed ahead of its end, or every call would bring a new one.
        let ahead_s = rules.token_overlap_s.min(rules.token_expires_in_s / 2);
        if left_s > ahead_s && !force {
            let token = issued.stable.clone().unwrap_or_default();
            return Ok((token, left_s));
        }
        let grant = self.issue(app, false, rules, now_s, random);
        let old = self.apps[app].stable.replace(grant.0.clone());
        if force && let Some(old) = old.and_then(|old| self.known.get_mut(&old)) {
            old.replaced_s = Some(now_s);
        }
        Ok(grant)
    }

    /// What the app has used of its quotas, both ways.
    pub(crate) fn quotas(&self, app: usize, rules: &Rules, now_s: i64) -> [TokenQuota; 2] {
        WAYS.map(|call| {
            let uses = match call {
                Call::Token => &self.apps[app].plain_uses,
                _ => &self.apps[app].stable_uses,
            };
            let (per_day, per_minute) = limits(call, rules);
            TokenQuota {
                appid: rules.apps[app].appid.clone(),
                call,
                used_today: uses.day.used(now_s),
                per_day,
                used_this_minute: uses.minute.used(now_s),
                per_minute,
            }
        })
    }

    /// As if so many tokens had been given out, both ways.
    pub(crate) fn set_used(
        &mut self,
        app: usize,
        used_today: Option<u32>,
        used_this_minute: Option<u32>,
        now_s: i64,
    ) {
        let issued = &mut self.apps[app];
        for uses in [&mut issued.plain_uses, &mut issued.stable_uses] {
            if let Some(used) = used_today {
                uses.day.set(used, now_s);
            }
            if let Some(used) = used_this_minute {
                uses.minute.set(used, now_s);
            }
        }
    }

    /// A token of the test's own choosing, valid beside all others.
    pub(crate) fn set(&mut self, app: usize, token: &str, expires_in_s: i64, now_s: i64) {
        let expires_s = now_s.saturating_add(expires_in_s);
        self.remember(token.to_owned(), app, false, expires_s);
    }

    /// Every token is expired from now on: 42001.
    pub(crate) fn expire_all(&mut self, now_s: i64) -> usize {
        self.end_all(|token| token.expires_s = token.expires_s.min(now_s), now_s)
    }

    /// Every token is unknown from now on: 40001.
    pub(crate) fn revoke_all(&mut self, now_s: i64) -> usize {
        self.end_all(|token| token.replaced_s = Some(now_s), now_s)
    }

    /// The newest tokens of an app: the doctor asks whether one of them was signed.
    pub(crate) fn recent(&self, app: usize) -> Vec<String> {
        let of_app = |token: &&String| self.known.get(*token).is_some_and(|t| t.app == app);
        let newest = self.order.iter().rev().filter(of_app);
        newest.take(4).cloned().collect()
    }

    fn end_all(&mut self, end: impl Fn(&mut Token), now_s: i64) -> usize {
        let ended = self.known.values_mut().filter(|t| t.is_valid(now_s));
        let count = ended.map(end).count();
        for issued in &mut self.apps {
            issued.stable = None;
        }
        count
    }

    fn issue(
        &mut self,
        app: usize,
        plain: bool,
        rules: &Rules,
        now_s: i64,
        random: &mut Random,
    ) -> Grant {
        let token = format!("90_{}", random.word(133));
        let expires_s = now_s + rules.token_expires_in_s;
        self.remember(token.clone(), app, plain, expires_s);
        (token, rules.token_expires_in_s)
    }

    fn remember(&mut self, token: String, app: usize, plain: bool, expires_s: i64) {
        let record = Token {
            app,
            plain,
            expires_s,
            replaced_s: None,
        };
        if self.known.insert(token.clone(), record).is_none() {
            self.order.push_back(token);
        }
        while self.order.len() > MAX_TOKENS {
            if let Some(oldest) = self.order.pop_front() {
                self.known.remove(&oldest);
            }
        }
    }
}
