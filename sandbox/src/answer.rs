//! What WeChat answers: one JSON object, HTTP status 200 even when it says no.

use crate::call::Call;
use serde_json::{Map, Value};

/// One answer, before a fault has had its way with it.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) errcode: i64,
    fields: Map<String, Value>,
}

impl Answer {
    /// Success that says so: errcode 0 stands in the body.
    pub(crate) fn ok() -> Answer {
        Answer::error(0, "ok")
    }

    /// Success as the token and login calls tell it: no errcode in the body.
    pub(crate) fn bare() -> Answer {
        Answer {
            errcode: 0,
            fields: Map::new(),
        }
    }

    pub(crate) fn error(errcode: i64, errmsg: impl Into<String>) -> Answer {
        let mut fields = Map::new();
        fields.insert("errcode".to_owned(), errcode.into());
        fields.insert("errmsg".to_owned(), Value::String(errmsg.into()));
        Answer { errcode, fields }
    }

    /// An error with WeChat's usual words for it.
    pub(crate) fn code(errcode: i64) -> Answer {
        Answer::error(errcode, text(errcode))
    }

    /// The same with the words that go with this call: some codes mean something else in virtual payment 2.0.
    pub(crate) fn code_of(call: Call, errcode: i64) -> Answer {
        match call.game_uri() {
            Some(_) => Answer::error(errcode, game_text(errcode)),
            None => Answer::code(errcode),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Answer {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    pub(crate) fn without_errcode(mut self) -> Answer {
        self.fields.remove("errcode");
        self
    }

    pub(crate) fn errmsg(&self) -> &str {
        let errmsg = self.fields.get("errmsg").and_then(Value::as_str);
        errmsg.unwrap_or_default()
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        serde_json::to_vec(&self.fields).unwrap_or_default()
    }
}

/// WeChat's usual words for an errcode; a client must never decide anything by them.
pub(crate) fn text(errcode: i64) -> &'static str {
    match errcode {
        -1 => "system error",
        0 => "ok",
        40001 => "invalid credential, access_token is invalid or not latest",
        40002 => "invalid grant_type",
        40003 => "invalid openid",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40029 => "invalid code",
        40066 => "invalid url",
        40101 => "missing parameter",
        40125 => "invalid appsecret",
        40163 => "code been used",
        40164 => "invalid ip, not in whitelist",
        40226 => "code blocked",
        41001 => "access_token missing",
        41002 => "appid missing",
        41004 => "appsecret missing",
        41008 => "missing code",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        44002 => "empty post data",
        45009 => "reach max api daily quota limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        47001 => "data format error",
        48001 => "api unauthorized",
        87008 => "invalid sig_method",
        87009 => "invalid signature",
        90000 => "order not exist",
        90009 => "mp_sig error",
        90010 => "user not login or session expired",
        90011 => "sig error",
        90012 => "order exist",
        90013 => "balance not enough",
        90014 => "order has been confirmed, can not cancel",
        90015 => "order has been canceled",
        90016 => "order is processing",
        90017 => "no privilege",
        90018 => "parameter error",
        _ => "error",
    }
}

/// The same for virtual payment 2.0.
fn game_text(errcode: i64) -> &'static str {
    match errcode {
        90010 => "signature error",
        90011 => "pay_sig error",
        90016 => "session_key expired",
        90019 => "out_trade_no not exist",
        _ => text(errcode),
    }
}
