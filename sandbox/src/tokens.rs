//! Access tokens: who has one, until when, and what became of the old ones.

use crate::config::Rules;
use crate::quota::{DAY_S, MINUTE_S, Quota};
use crate::random::Random;
use std::collections::{HashMap, VecDeque};

/// How many tokens are remembered; the oldest is forgotten first and is then unknown.
const MAX_TOKENS: usize = 20_000;

struct Token {
    app: usize,
    expires_s: i64,
    /// When a newer token ended this one's life early: from then on it is unknown, not expired.
    replaced_s: Option<i64>,
}

#[derive(Default)]
struct Issued {
    stable: Option<String>,
    plain: Option<String>,
    forced_s: Option<i64>,
    plain_per_day: Quota,
    stable_per_minute: Quota,
    forced_per_day: Quota,
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
            apps: (0..apps).map(|_| Issued::default()).collect(),
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

    /// `/cgi-bin/token`: a new token each time; the old one lives on for the overlap.
    pub(crate) fn plain(
        &mut self,
        app: usize,
        rules: &Rules,
        now_s: i64,
        random: &mut Random,
    ) -> Result<Grant, i64> {
        let quota = &mut self.apps[app].plain_per_day;
        if !quota.take(rules.token_per_day, DAY_S, now_s) {
            return Err(45009);
        }
        let grant = self.issue(app, rules, now_s, random);
        let old = self.apps[app].plain.replace(grant.0.clone());
        self.replace(old, now_s + rules.token_overlap_s);
        Ok(grant)
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
        if !issued
            .stable_per_minute
            .take(rules.stable_token_per_minute, MINUTE_S, now_s)
        {
            return Err(45011);
        }
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
                .take(rules.force_refresh_per_day, DAY_S, now_s)
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
        let grant = self.issue(app, rules, now_s, random);
        let old = self.apps[app].stable.replace(grant.0.clone());
        if force {
            self.replace(old, now_s);
        }
        Ok(grant)
    }

    /// A token of the test's own choosing, valid beside all others.
    pub(crate) fn set(&mut self, app: usize, token: &str, expires_in_s: i64, now_s: i64) {
        let expires_s = now_s.saturating_add(expires_in_s);
        self.remember(token.to_owned(), app, expires_s);
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
        let valid = |t: &Token| now_s < t.expires_s && t.replaced_s.is_none_or(|at| now_s < at);
        let ended = self.known.values_mut().filter(|t| valid(t));
        let count = ended.map(end).count();
        for issued in &mut self.apps {
            issued.stable = None;
            issued.plain = None;
        }
        count
    }

    fn replace(&mut self, old: Option<String>, at_s: i64) {
        if let Some(token) = old.and_then(|old| self.known.get_mut(&old)) {
            token.replaced_s = Some(at_s);
        }
    }

    fn issue(&mut self, app: usize, rules: &Rules, now_s: i64, random: &mut Random) -> Grant {
        let token = format!("90_{}", random.word(133));
        let expires_s = now_s + rules.token_expires_in_s;
        self.remember(token.clone(), app, expires_s);
        (token, rules.token_expires_in_s)
    }

    fn remember(&mut self, token: String, app: usize, expires_s: i64) {
        let record = Token {
            app,
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
