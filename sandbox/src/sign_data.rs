//! `signData`, the text that orders an item: which fields it must have, of which types, and with which values.

use crate::call::Env;
use crate::config::{App, Rules};
use crate::item::ClientError;
use crate::player::MAX_COINS;
use crate::purchase::{OUT_TRADE_NO_RULE, is_out_trade_no};
use serde_json::{Map, Value};

/// Whether a field must be there, and whether it is a number rather than a text.
const FIELDS: [(&str, bool, bool); 11] = [
    ("mode", true, false),
    ("offerId", true, false),
    ("buyQuantity", true, true),
    ("env", false, true),
    ("currencyType", true, false),
    ("platform", false, false),
    ("zoneId", false, false),
    ("productId", true, false),
    ("goodsPrice", true, true),
    ("outTradeNo", true, false),
    ("attach", false, false),
];

/// A text that has been read. Fields that are not known are let through, as they are signed with the rest.
pub(crate) struct SignData {
    fields: Map<String, Value>,
}

impl SignData {
    /// Checks that it is JSON, that nothing is missing and that every known field has its type, in this order.
    pub(crate) fn of(text: &str) -> Result<SignData, ClientError> {
        let Ok(Value::Object(mut fields)) = serde_json::from_str(text) else {
            return Err(ClientError::of(-15011, "signData", "is not a JSON object"));
        };
        fields.retain(|_, value| !value.is_null());
        for (name, must, _) in FIELDS {
            if must && !fields.contains_key(name) {
                return Err(ClientError::of(-15001, name, "is missing"));
            }
        }
        for (name, _, is_number) in FIELDS {
            let why = match fields.get(name) {
                Some(Value::Number(number)) if is_number && number.is_i64() => continue,
                Some(Value::String(_)) if !is_number => continue,
                None => continue,
                Some(_) if is_number => "must be a JSON number, and whole",
                Some(_) => "must be a JSON string",
            };
            return Err(ClientError::of(-15011, name, why));
        }
        Ok(SignData { fields })
    }

    /// Checks the values themselves.
    pub(crate) fn check(&self, app: &App, rules: &Rules) -> Result<(), ClientError> {
        let need = |fits: bool, errcode: i64, field: &'static str, why: &str| match fits {
            true => Ok(()),
            false => Err(ClientError::of(errcode, field, why)),
        };
        let positive = 1..=MAX_COINS;
        let number = self.out_trade_no();
        need(
            self.text("mode") == "goods",
            -15002,
            "mode",
            "must be goods",
        )?;
        let its_own = self.text("offerId") == app.offer_id;
        need(its_own, -15002, "offerId", "does not belong to this appid")?;
        let fits = positive.contains(&self.number("buyQuantity"));
        need(fits, -15002, "buyQuantity", "must be 1 or more")?;
        let fits = [0, 1].contains(&self.number("env"));
        need(
            fits,
            -15002,
            "env",
            "must be 0 for production or 1 for the sandbox",
        )?;
        let is_cny = self.text("currencyType") == "CNY";
        need(is_cny, -15006, "currencyType", "must be CNY")?;
        let platform = self.or("platform", "android");
        let known = rules.pf.iter().any(|pf| pf == platform);
        need(known, -15002, "platform", "is not a known platform")?;
        let has_zone = app.has_zone(self.zone_id());
        need(has_zone, 1001, "zoneId", "is not one of this app's zones")?;
        let fits = !self.text("productId").is_empty();
        need(fits, -15002, "productId", "is empty")?;
        let fits = positive.contains(&self.number("goodsPrice"));
        need(fits, -15002, "goodsPrice", "must be 1 fen or more")?;
        need(
            is_out_trade_no(number),
            -15002,
            "outTradeNo",
            OUT_TRADE_NO_RULE,
        )?;
        let own = !number.starts_with('_');
        need(
            own,
            -15002,
            "outTradeNo",
            "must not begin with _, as WeChat's own do",
        )
    }

    /// A text; an absent one reads as empty.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.or(name, "")
    }

    /// A number; an absent one reads as 0.
    pub(crate) fn number(&self, name: &str) -> i64 {
        let number = self.fields.get(name).and_then(Value::as_i64);
        number.unwrap_or_default()
    }

    pub(crate) fn out_trade_no(&self) -> &str {
        self.text("outTradeNo")
    }

    pub(crate) fn zone_id(&self) -> &str {
        self.or("zoneId", "1")
    }

    /// The environment, once it has been checked.
    pub(crate) fn env(&self) -> Env {
        match self.number("env") {
            0 => Env::Production,
            _ => Env::Sandbox,
        }
    }

    fn or<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        let text = self.fields.get(name).and_then(Value::as_str);
        text.unwrap_or(default)
    }
}
