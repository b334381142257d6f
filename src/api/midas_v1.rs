//! pay, cancelPay, getBalance and present of the classic Midas API: all `POST` with a JSON body.
//!
//! One function gives the path to the URL and to the signatures, and one list of fields feeds body, `sig` and
//! `mp_sig`, so none of them can differ. Signatures take raw values; only the body is escaped.

use super::read::Answered;
use super::write::{self, Decimal};
use super::{Answer, App, Call, Class, Environment, HttpRequest, NO_ERRCODE, Order};
use super::{check, errcode, read};
use crate::error::{Error, Result};
use crate::sign::midas_v1::Signer;
use crate::sign::{Secret, hex_text};

/// The path a call is posted to, which is also the `org_loc` of its signatures.
pub fn path(call: Call, environment: Environment) -> &'static str {
    match (environment, call) {
        (Environment::Production, Call::Pay) => "/cgi-bin/midas/pay",
        (Environment::Production, Call::CancelPay) => "/cgi-bin/midas/cancelpay",
        (Environment::Production, Call::GetBalance) => "/cgi-bin/midas/getbalance",
        (Environment::Production, Call::Present) => "/cgi-bin/midas/present",
        (Environment::Sandbox, Call::Pay) => "/cgi-bin/midas/sandbox/pay",
        (Environment::Sandbox, Call::CancelPay) => "/cgi-bin/midas/sandbox/cancelpay",
        (Environment::Sandbox, Call::GetBalance) => "/cgi-bin/midas/sandbox/getbalance",
        (Environment::Sandbox, Call::Present) => "/cgi-bin/midas/sandbox/present",
    }
}

/// One field of the body. An empty value is a field that is not given: neither sent nor signed.
struct Field<'a> {
    name: &'static str,
    value: &'a str,
    number: bool,
}

/// Makes the whole request for one attempt: every attempt needs a fresh `ts` (Unix seconds) and its own
/// signatures, and keeps everything else of its order.
///
/// `session_key` is needed when the app signs with `mp_sig`, and not looked at otherwise. Every value is checked
/// first; a refusal names its field.
pub fn build(
    app: &App,
    call: Call,
    order: &Order<'_>,
    session_key: Option<&Secret>,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    check::app(app)?;
    check::order(call, order)?;
    check::access_token(access_token)?;
    check::ts(ts)?;
    let session_key = session_key_of(app, session_key)?;

    let ts = Decimal::new(ts.unsigned_abs());
    let amount = Decimal::new(order.amount.unsigned_abs());
    let (amt, present_counts) = match call {
        Call::Pay => (amount.text(), ""),
        Call::Present => ("", amount.text()),
        Call::CancelPay | Call::GetBalance => ("", ""),
    };
    let user_ip = check::user_ip(order.user_ip)?;
    let text = |name, value| Field {
        name,
        value,
        number: false,
    };
    let number = |name, value| Field {
        name,
        value,
        number: true,
    };
    // In byte order of the names: `app_remark` stands before `appid`.
    let fields = [
        number("amt", amt),
        text("app_remark", order.app_remark),
        text("appid", &app.appid),
        text("bill_no", order.bill_no),
        text("offer_id", &app.offer_id),
        text("openid", order.openid),
        text("pay_item", order.pay_item),
        text("pf", &app.pf),
        number("present_counts", present_counts),
        number("ts", ts.text()),
        text("user_ip", user_ip.as_str()),
        text("zone_id", order.zone_id),
    ];

    let path = path(call, app.environment);
    let mut body = Vec::with_capacity(1024);
    let mut sig = Signer::sig(&app.app_key);
    for field in fields.iter().filter(|field| !field.value.is_empty()) {
        sig.field(field.name, field.value);
        write::json_name(&mut body, field.name);
        if field.number {
            body.extend_from_slice(field.value.as_bytes());
        } else {
            write::json_text(&mut body, field.value);
        }
    }
    let sig = sig.finish(path);
    write::json_name(&mut body, "sig");
    write::json_text(&mut body, hex_text(&sig));
    if let Some(session_key) = session_key {
        let mp_sig = mp_sig(path, &fields, access_token, hex_text(&sig), session_key);
        write::json_name(&mut body, "mp_sig");
        write::json_text(&mut body, hex_text(&mp_sig));
    }
    body.push(b'}');

    Ok(HttpRequest {
        get: false,
        path_and_query: write::with_query(path, &[("access_token", access_token)]),
        body,
    })
}

fn session_key_of<'s>(app: &App, session_key: Option<&'s Secret>) -> Result<Option<&'s Secret>> {
    if !app.mp_sig {
        return Ok(None);
    }
    let session_key = session_key.ok_or_else(|| {
        Error::invalid(
            "session_key",
            "is missing: mp_sig is made with the player's session_key; give it, or switch mp_sig off",
        )
    })?;
    check::session_key(session_key)?;
    Ok(Some(session_key))
}

/// `access_token` sorts before every field, `sig` between `present_counts` and `ts`.
fn mp_sig(
    path: &str,
    fields: &[Field<'_>],
    access_token: &str,
    sig: &str,
    session_key: &Secret,
) -> [u8; 64] {
    let mut mp_sig = Signer::mp_sig(session_key);
    mp_sig.field("access_token", access_token);
    for field in fields.iter().filter(|field| !field.value.is_empty()) {
        if field.name == "ts" {
            mp_sig.field("sig", sig);
        }
        mp_sig.field(field.name, field.value);
    }
    mp_sig.finish(path)
}

/// Reads the answer to `call` about `bill_no` (empty for getBalance).
///
/// The rule of money: what is not HTTP 200, not one JSON object with each name once, has no integer errcode,
/// names another bill_no, or is a balance without a balance, is [`Class::Unknown`] with [`NO_ERRCODE`].
pub fn parse(call: Call, http_status: u16, body: &[u8], bill_no: &str) -> Answer {
    let is_ours = |echo: &str| bill_no.is_empty() || echo == bill_no;
    let Answered {
        object,
        errcode,
        errmsg,
        bill_no,
    } = match read::read_answer(http_status, body, is_ours) {
        Ok(answered) => answered,
        Err(seen) => return unknown(seen),
    };
    let amount = |name| read::amount_of(&object, name);
    let answer = Answer {
        class: errcode::classify(call, errcode),
        errcode,
        errmsg,
        balance: amount("balance"),
        gen_balance: amount("gen_balance"),
        used_gen_amt: amount("used_gen_amt").or_else(|| amount("used_gen_balance")),
        save_amt: amount("save_amt"),
        save_sum: amount("save_sum"),
        cost_sum: amount("cost_sum"),
        present_sum: amount("present_sum"),
        first_save: read::flag_of(&object, "first_save"),
        bill_no,
    };
    if call == Call::GetBalance && answer.class == Class::Done && answer.balance.is_none() {
        return unknown("errcode 0 for getBalance, but no balance".into());
    }
    answer
}

/// An answer that tells nothing for certain, and what was seen instead.
pub(super) fn unknown(seen: String) -> Answer {
    Answer {
        class: Class::Unknown,
        errcode: NO_ERRCODE,
        errmsg: seen,
        balance: None,
        gen_balance: None,
        used_gen_amt: None,
        save_amt: None,
        save_sum: None,
        cost_sum: None,
        present_sum: None,
        first_save: None,
        bill_no: None,
    }
}
