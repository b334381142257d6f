//! The body of a call of virtual payment 2.0: which fields it must have, of which types, and with which values.

use crate::answer::Answer;
use crate::call::{Call, Env};
use crate::codes::{NAME_RULE, is_name};
use crate::config::{App, Rules};
use crate::params::{BILL_NO_RULE, is_bill_no, ts_trouble, user_ip_trouble};
use crate::player::MAX_COINS;
use crate::purchase::{OUT_TRADE_NO_RULE, is_out_trade_no};
use serde_json::{Map, Value};

/// A field must be there, or may be left out.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    Must,
    May,
}

use Need::{May, Must};

/// Fields that must be JSON numbers; all others that are known must be JSON strings.
const NUMBERS: [&str; 5] = ["ts", "env", "amount", "coin_type", "biz_id"];

/// What the classic API calls a field of virtual payment 2.0.
const CLASSIC_NAMES: [(&str, &[&str]); 1] = [("amount", &["amt", "present_counts"])];

/// 90018, as WeChat writes it: the field in brackets, then the reason.
pub(crate) fn bad(field: &str, why: &str) -> Answer {
    Answer::error(90018, format!("[{field}] {field} {why}"))
}

/// The fields of a call that are known.
fn known(call: Call, rules: &Rules) -> Vec<(&'static str, Need)> {
    let must_if = |needed: bool| if needed { Must } else { May };
    let zone_id = must_if(call != Call::GameQueryOrder || rules.require_query_zone_id);
    let mut all = vec![
        ("openid", Must),
        ("offer_id", Must),
        ("ts", Must),
        ("zone_id", zone_id),
        ("env", Must),
        ("user_ip", must_if(rules.require_user_ip)),
    ];
    all.extend_from_slice(match call {
        Call::GamePay => &[
            ("amount", Must),
            ("bill_no", Must),
            ("payitem", May),
            ("remark", May),
        ],
        Call::GamePresent => &[("amount", Must), ("bill_no", Must)],
        Call::GameCancelPay => &[("pay_bill_no", Must), ("bill_no", Must), ("amount", Must)],
        Call::GameQueryOrder => &[("out_trade_no", Must), ("biz_id", Must)],
        _ => &[("coin_type", May)],
    });
    all
}

/// A body that has been read. Fields that are not known are let through, as they are signed with the rest.
pub(crate) struct GameParams {
    fields: Map<String, Value>,
}

impl GameParams {
    /// Checks that nothing is missing and that every known field has its type, in this order.
    pub(crate) fn of(
        mut fields: Map<String, Value>,
        call: Call,
        rules: &Rules,
    ) -> Result<GameParams, Answer> {
        fields.retain(|_, value| !value.is_null());
        let known = known(call, rules);
        for (name, need) in &known {
            if *need == Must && !fields.contains_key(*name) {
                return Err(bad(name, &missing(name, &fields)));
            }
        }
        for (name, _) in &known {
            if let Some(why) = fields.get(*name).and_then(|value| wrong_type(name, value)) {
                return Err(bad(name, why));
            }
        }
        Ok(GameParams { fields })
    }

    /// Checks the values themselves. `now_s` is the clock that `ts` is held against.
    pub(crate) fn check(&self, app: &App, rules: &Rules, now_s: i64) -> Result<(), Answer> {
        if !is_name(self.text("openid")) {
            return Err(bad("openid", NAME_RULE));
        }
        if self.text("offer_id") != app.offer_id {
            return Err(bad("offer_id", "does not belong to this appid"));
        }
        if let Some(why) = ts_trouble(self.number("ts"), rules, now_s) {
            return Err(bad("ts", &why));
        }
        if self.has("zone_id") && !app.has_zone(self.text("zone_id")) {
            return Err(bad("zone_id", "is not one of this app's zones"));
        }
        if ![0, 1].contains(&self.number("env")) {
            return Err(bad("env", "must be 0 for production or 1 for the sandbox"));
        }
        if rules.require_user_ip && self.text("user_ip").is_empty() {
            return Err(bad("user_ip", "is empty"));
        }
        if let Some(why) = user_ip_trouble(self.text("user_ip")) {
            return Err(bad("user_ip", why));
        }
        for name in ["bill_no", "pay_bill_no"] {
            if self.has(name) && !is_bill_no(self.text(name)) {
                return Err(bad(name, BILL_NO_RULE));
            }
        }
        if self.has("amount") && !(1..=MAX_COINS).contains(&self.number("amount")) {
            return Err(bad("amount", "must be a whole number above 0"));
        }
        if self.has("out_trade_no") && !is_out_trade_no(self.text("out_trade_no")) {
            return Err(bad("out_trade_no", OUT_TRADE_NO_RULE));
        }
        if self.has("biz_id") && ![1, 2].contains(&self.number("biz_id")) {
            return Err(bad("biz_id", "must be 1 for coins or 2 for an item"));
        }
        match self.number("coin_type") {
            0 => Ok(()),
            1 if self.text("zone_id") == "1" => Ok(()),
            1 => Err(bad("zone_id", "must be 1 with coin_type 1")),
            _ => Err(bad("coin_type", "must be 0 or 1")),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// A text; an absent one reads as empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        let text = self.fields.get(name).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    /// A number; an absent one reads as 0.
    pub(crate) fn number(&self, name: &str) -> i64 {
        let number = self.fields.get(name).and_then(Value::as_i64);
        number.unwrap_or_default()
    }

    /// The environment, once it has been checked.
    pub(crate) fn env(&self) -> Env {
        match self.number("env") {
            0 => Env::Production,
            _ => Env::Sandbox,
        }
    }
}

/// What is said of a field that is missing.
fn missing(name: &str, fields: &Map<String, Value>) -> String {
    let classic = CLASSIC_NAMES.iter().find(|(known, _)| *known == name);
    let mut old_names = classic.map_or(&[][..], |(_, names)| *names).iter();
    match old_names.find(|old| fields.contains_key(**old)) {
        Some(old) => format!("is missing; {old} is what the classic API calls it"),
        None => "is missing".to_owned(),
    }
}

fn wrong_type(name: &str, value: &Value) -> Option<&'static str> {
    let is_number = NUMBERS.contains(&name);
    match value {
        Value::Number(number) if is_number && number.is_i64() => None,
        Value::Number(_) if is_number => Some("must be a whole number"),
        Value::String(_) if is_number => Some("must be a JSON number, and is a text"),
        _ if is_number => Some("must be a JSON number"),
        Value::String(_) => None,
        Value::Number(_) => Some("must be a JSON string, and is a number"),
        _ => Some("must be a JSON string"),
    }
}
