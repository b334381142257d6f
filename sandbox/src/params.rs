//! The body of a payment call: which fields it must have, of which types, and with which values.

use crate::answer::Answer;
use crate::call::Call;
use crate::codes::{NAME_RULE, is_name};
use crate::config::{App, Rules};
use crate::player::MAX_COINS;
use crate::sign::Pair;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::net::IpAddr;

/// Fields that must be JSON numbers.
const NUMBERS: [&str; 3] = ["ts", "amt", "present_counts"];

/// Fields that must be JSON strings. A field that is in neither list may be either.
const STRINGS: [&str; 11] = [
    "openid",
    "appid",
    "offer_id",
    "zone_id",
    "pf",
    "user_ip",
    "bill_no",
    "pay_item",
    "app_remark",
    "sig",
    "mp_sig",
];

/// A body that has been read: every field as the text that is signed.
pub(crate) struct Params {
    fields: Vec<(String, String)>,
}

fn bad(field: &str, why: &str) -> Answer {
    Answer::error(90018, format!("parameter error: {field} {why}"))
}

/// Reads the bytes of a body into a JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, Answer> {
    if body.is_empty() {
        return Err(Answer::code(44002));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Answer::error(47001, "data format error: not a JSON object")),
        Err(error) => Err(Answer::error(47001, format!("data format error: {error}"))),
    }
}

impl Params {
    /// Checks that nothing is missing and that every field has its type, in this order.
    pub(crate) fn of(
        object: Map<String, Value>,
        call: Call,
        rules: &Rules,
    ) -> Result<Params, Answer> {
        let own: &[&str] = match call {
            Call::Pay => &["amt", "bill_no"],
            Call::CancelPay => &["bill_no"],
            Call::Present => &["bill_no", "present_counts"],
            _ => &[],
        };
        let mp_sig: &[&str] = if rules.require_mp_sig {
            &["mp_sig"]
        } else {
            &[]
        };
        let common = ["openid", "appid", "offer_id", "ts", "zone_id", "pf"];
        let wanted = common.iter().chain(own).chain(&["sig"]).chain(mp_sig);
        for name in wanted {
            if object.get(*name).is_none_or(Value::is_null) {
                return Err(Answer::error(
                    40101,
                    format!("missing parameter: {name} missing"),
                ));
            }
        }
        if object.contains_key("access_token") {
            return Err(bad("access_token", "belongs in the query, not in the body"));
        }
        let mut fields = Vec::with_capacity(object.len());
        for (name, value) in object {
            let text = text_of(&name, value)?;
            fields.push((name, text));
        }
        Ok(Params { fields })
    }

    /// Checks the values themselves. `now_s` is the clock that `ts` is held against.
    pub(crate) fn check(&self, app: &App, rules: &Rules, now_s: i64) -> Result<(), Answer> {
        if self.text("appid") != app.appid {
            return Err(bad(
                "appid",
                "is not the one that the access_token belongs to",
            ));
        }
        if self.text("offer_id") != app.offer_id {
            return Err(bad("offer_id", "does not belong to this appid"));
        }
        if !is_name(self.text("openid")) {
            return Err(bad("openid", NAME_RULE));
        }
        if !app.has_zone(self.text("zone_id")) {
            return Err(bad("zone_id", "is not one of this app's zones"));
        }
        if !rules.pf.iter().any(|pf| pf == self.text("pf")) {
            return Err(bad("pf", "is not a known platform"));
        }
        if let Some(why) = ts_trouble(self.number("ts"), rules, now_s) {
            return Err(bad("ts", &why));
        }
        if let Some(why) = self.get("user_ip").and_then(user_ip_trouble) {
            return Err(bad("user_ip", why));
        }
        if self
            .get("bill_no")
            .is_some_and(|bill_no| !is_bill_no(bill_no))
        {
            return Err(bad("bill_no", BILL_NO_RULE));
        }
        for name in ["amt", "present_counts"] {
            let is_amount = |text: &str| {
                text.parse()
                    .is_ok_and(|n: i64| (1..=MAX_COINS).contains(&n))
            };
            if self.get(name).is_some_and(|text| !is_amount(text)) {
                return Err(bad(name, "must be a whole number above 0"));
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| text.as_str())
    }

    /// A field that is known to be there; an absent one reads as empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A number that has been checked; an absent one reads as 0.
    pub(crate) fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap_or_default()
    }

    /// The fields that are signed: all but the signatures and but those sent empty.
    pub(crate) fn signed(&self) -> Vec<Pair<'_>> {
        let all = self.sent().filter(|(_, value)| !value.is_empty());
        all.map(|(name, value)| (name, Cow::Borrowed(value)))
            .collect()
    }

    /// The names of the fields that were sent empty.
    pub(crate) fn empty(&self) -> Vec<&str> {
        let empty = self.sent().filter(|(_, value)| value.is_empty());
        empty.map(|(name, _)| name).collect()
    }

    fn sent(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self
            .fields
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()));
        all.filter(|(name, _)| !matches!(*name, "sig" | "mp_sig"))
    }
}

/// The text of one field as it is signed.
fn text_of(name: &str, value: Value) -> Result<String, Answer> {
    match value {
        Value::String(text) if !NUMBERS.contains(&name) => Ok(text),
        Value::Number(number) if !STRINGS.contains(&name) => match number.as_i64() {
            Some(whole) => Ok(whole.to_string()),
            None => Err(bad(name, "must be a whole number")),
        },
        _ if NUMBERS.contains(&name) => Err(bad(name, "must be a JSON number")),
        _ => Err(bad(name, "must be a JSON string")),
    }
}

pub(crate) const BILL_NO_RULE: &str =
    "must be 1 to 63 letters, digits, _ and -, and must not begin with _";

/// What is wrong with a time stamp.
pub(crate) fn ts_trouble(ts: i64, rules: &Rules, now_s: i64) -> Option<String> {
    if ts <= 0 {
        return Some("must be above 0".to_owned());
    }
    if ts > 100_000_000_000 {
        return Some("must be in seconds and looks like milliseconds".to_owned());
    }
    let off_s = now_s.abs_diff(ts);
    let too_far = rules.ts_tolerance_s > 0 && off_s > rules.ts_tolerance_s.unsigned_abs();
    too_far.then(|| format!("is {off_s} s away from the server's clock"))
}

/// What is wrong with a `user_ip`; an empty one is as good as none.
pub(crate) fn user_ip_trouble(ip: &str) -> Option<&'static str> {
    if ip.is_empty() {
        return None;
    }
    match ip.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_some() => {
            Some("is an IPv4 address written as IPv6")
        }
        Ok(_) => None,
        Err(_) => Some("is not an IP address"),
    }
}

pub(crate) fn is_bill_no(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=63).contains(&text.len()) && text.bytes().all(plain) && !text.starts_with('_')
}
