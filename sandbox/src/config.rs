//! What a sandbox is told when it starts. Every field has a default, so it works with no config at all.

use crate::fault::Fault;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Everything a sandbox is told when it starts.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen for HTTP; port 0 takes any free one; `None` does not listen.
    pub http: Option<SocketAddr>,
    /// Where to listen for HTTPS; port 0 takes any free one; `None` does not listen.
    pub https: Option<SocketAddr>,
    /// Where to write the certificate of the sandbox's own CA, as PEM.
    pub ca_file: Option<PathBuf>,
    /// Allows addresses other than loopback. The control API has no password, so think twice.
    pub allow_remote: bool,
    /// The seed of everything random: tokens, session keys and the probability of faults.
    pub seed: u64,
    /// Writes one JSON line per request to standard error.
    pub access_log: bool,
    /// The faults that are there from the start.
    pub faults: Vec<Fault>,
    /// How the played WeChat behaves.
    pub rules: Rules,
}

impl Default for Config {
    fn default() -> Config {
        let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
        Config {
            http: Some(any_port),
            https: Some(any_port),
            ca_file: None,
            allow_remote: false,
            seed: 1,
            access_log: false,
            faults: Vec::new(),
            rules: Rules::default(),
        }
    }
}

/// How the played WeChat behaves; this is what the config file holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The mini-games this WeChat knows.
    pub apps: Vec<App>,
    /// Answers 40101 to a call without `mp_sig`; otherwise `mp_sig` is checked only when it is there.
    pub require_mp_sig: bool,
    /// How far `ts` may be from the clock, in seconds; 0 accepts any.
    pub ts_tolerance_s: i64,
    /// Which clock `ts` is held against.
    pub ts_clock: TsClock,
    /// Whether an order number is looked up before the purse or after it.
    pub duplicate_check: DuplicateCheck,
    /// Whether a rolled-back number can be charged again; otherwise it answers 90012.
    pub reusable_after_cancel: bool,
    /// Whether a number that was refused 90013 can be charged later; otherwise it stays 90013 for ever.
    pub reusable_after_refusal: bool,
    /// How long an order number is remembered, in seconds.
    pub bill_no_valid_s: i64,
    /// The name under which `pay` tells how many gift coins it used.
    pub used_gen_name: UsedGenName,
    /// The values of `pf` that are accepted.
    pub pf: Vec<String>,
    /// How long an access token lives, in seconds.
    pub token_expires_in_s: i64,
    /// How long the old access token works beside a new one, in seconds.
    pub token_overlap_s: i64,
    /// How many tokens a day `/cgi-bin/token` gives to one app.
    pub token_per_day: u32,
    /// How many tokens a minute `/cgi-bin/token` gives to one app.
    pub token_per_minute: u32,
    /// How many answers a day `/cgi-bin/stable_token` gives to one app.
    pub stable_token_per_day: u32,
    /// How many answers a minute `/cgi-bin/stable_token` gives to one app.
    pub stable_token_per_minute: u32,
    /// How many forced refreshes a day one app has.
    pub force_refresh_per_day: u32,
    /// How long after one forced refresh the next has no effect, in seconds.
    pub force_refresh_every_s: i64,
    /// How many logins a minute one player has.
    pub login_per_minute: u32,
    /// How long a session lives, in seconds; 0 is for ever.
    pub session_valid_s: i64,
    /// Virtual payment 2.0: which of the two signatures is checked first.
    pub first_signature: FirstSignature,
    /// Virtual payment 2.0: what a player without a session is answered, 90016 or 90010.
    pub no_session: i64,
    /// Virtual payment 2.0: whether a refund number is looked up before what is left to give back or after it.
    pub refund_duplicate_check: DuplicateCheck,
    /// Virtual payment 2.0: what a refund number is answered that has been executed before.
    pub repeated_refund: RepeatedRefund,
    /// Virtual payment 2.0: whether `cancelpay` tells `balance` and `used_present_amount`.
    pub cancel_tells_balance: bool,
    /// Virtual payment 2.0: whether a call without `user_ip` is refused.
    pub require_user_ip: bool,
    /// Virtual payment 2.0: whether a `queryorderinfo` without `zone_id` is refused.
    pub require_query_zone_id: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            apps: vec![App::default()],
            require_mp_sig: false,
            ts_tolerance_s: 600,
            ts_clock: TsClock::Real,
            duplicate_check: DuplicateCheck::First,
            reusable_after_cancel: false,
            reusable_after_refusal: true,
            bill_no_valid_s: 48 * 3600,
            used_gen_name: UsedGenName::UsedGenAmt,
            pf: vec!["android".to_owned()],
            token_expires_in_s: 7200,
            token_overlap_s: 300,
            token_per_day: 2000,
            token_per_minute: 2000,
            stable_token_per_day: 500_000,
            stable_token_per_minute: 10_000,
            force_refresh_per_day: 20,
            force_refresh_every_s: 30,
            login_per_minute: 100,
            session_valid_s: 0,
            first_signature: FirstSignature::Signature,
            no_session: 90016,
            refund_duplicate_check: DuplicateCheck::First,
            repeated_refund: RepeatedRefund::Exists,
            cancel_tells_balance: true,
            require_user_ip: false,
            require_query_zone_id: false,
        }
    }
}

/// One mini-game and its keys.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct App {
    /// The mini-game's id.
    pub appid: String,
    /// Its AppSecret, which buys access tokens and sessions.
    pub secret: String,
    /// The id that the payment console gave it.
    pub offer_id: String,
    /// The app key of production, which makes `sig`.
    pub app_key: String,
    /// The app key of the payment sandbox.
    pub sandbox_app_key: String,
    /// The zones it has; empty accepts any.
    pub zones: Vec<String>,
}

impl Default for App {
    fn default() -> App {
        App {
            appid: "wx1234567".to_owned(),
            secret: "sandbox-app-secret".to_owned(),
            offer_id: "12345678".to_owned(),
            app_key: "zNLgAGgqsEWJOg1nFVaO5r7fAlIQxr1u".to_owned(),
            sandbox_app_key: "sandbox-app-key-0123456789abcdef".to_owned(),
            zones: Vec::new(),
        }
    }
}

impl App {
    /// Whether a zone is one of this app's, with or without a role behind it: `1` or `1_role`.
    pub(crate) fn has_zone(&self, zone_id: &str) -> bool {
        if self.zones.is_empty() {
            return (1..=128).contains(&zone_id.len());
        }
        let fits = |zone: &String| match zone_id.strip_prefix(zone.as_str()) {
            Some(rest) => rest.is_empty() || (rest.len() > 1 && rest.starts_with('_')),
            None => false,
        };
        zone_id.len() <= 128 && self.zones.iter().any(fits)
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App")
            .field("appid", &self.appid)
            .field("offer_id", &self.offer_id)
            .field("zones", &self.zones)
            .finish_non_exhaustive()
    }
}

/// Which clock the time stamp of a call is held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TsClock {
    /// The machine's own, so that moving the sandbox clock breaks no client.
    Real,
    /// The sandbox's.
    Sandbox,
}

/// Whether `pay` looks for the number before it looks into the purse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DuplicateCheck {
    /// The number first: a repeated number is 90012 even when the purse is empty.
    First,
    /// The purse first: a repeated number is 90013 when the purse is empty.
    Last,
}

/// Which signature of virtual payment 2.0 is checked first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstSignature {
    /// The player's session and `signature`, then `pay_sig`.
    Signature,
    /// `pay_sig`, then the player's session and `signature`.
    PaySig,
}

/// What a refund number of virtual payment 2.0 is answered that has been executed before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RepeatedRefund {
    /// 90012
    Exists,
    /// 0, as the first time, when nothing else in it has changed; else 90012.
    Ok,
}

/// WeChat's pages disagree about this name, and a client must read both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsedGenName {
    /// `used_gen_amt`
    UsedGenAmt,
    /// `used_gen_balance`
    UsedGenBalance,
}

impl UsedGenName {
    pub(crate) fn name(self) -> &'static str {
        match self {
            UsedGenName::UsedGenAmt => "used_gen_amt",
            UsedGenName::UsedGenBalance => "used_gen_balance",
        }
    }
}

impl Rules {
    /// Reads the config file's text; the error names the field.
    pub fn from_json(text: &str) -> Result<Rules, String> {
        let rules: Rules = crate::json::read(text.as_bytes()).map_err(|e| e.to_string())?;
        rules.check()?;
        Ok(rules)
    }

    /// Looks for what no WeChat could be; the error names the field.
    pub fn check(&self) -> Result<(), String> {
        if self.apps.is_empty() {
            return Err("apps: at least one app is needed".to_owned());
        }
        for (i, app) in self.apps.iter().enumerate() {
            for (name, value) in [
                ("appid", &app.appid),
                ("secret", &app.secret),
                ("offer_id", &app.offer_id),
                ("app_key", &app.app_key),
                ("sandbox_app_key", &app.sandbox_app_key),
            ] {
                if value.is_empty() {
                    return Err(format!("apps[{i}].{name}: is empty"));
                }
            }
            if app.zones.iter().any(String::is_empty) {
                return Err(format!("apps[{i}].zones: one of them is empty"));
            }
            if self.apps[..i].iter().any(|other| other.appid == app.appid) {
                return Err(format!("apps[{i}].appid: {} is there twice", app.appid));
            }
        }
        for (name, value, least) in [
            ("ts_tolerance_s", self.ts_tolerance_s, 0),
            ("bill_no_valid_s", self.bill_no_valid_s, 1),
            ("token_expires_in_s", self.token_expires_in_s, 1),
            ("token_overlap_s", self.token_overlap_s, 0),
            ("force_refresh_every_s", self.force_refresh_every_s, 0),
            ("session_valid_s", self.session_valid_s, 0),
        ] {
            if value < least {
                return Err(format!("{name}: {value} is below {least}"));
            }
        }
        if ![90016, 90010].contains(&self.no_session) {
            return Err("no_session: must be 90016 or 90010".to_owned());
        }
        Ok(())
    }
}
