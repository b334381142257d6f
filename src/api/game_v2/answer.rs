//! What the payment calls are answered.

use crate::api::midas_v1::unknown;
use crate::api::{Answer, Call, Class, errcode, read};

/// Reads the answer to `call` about `bill_no` (empty for getBalance), of cancelPay also about `refund_bill_no` (empty
/// for the others).
///
/// The rule of money: what is not HTTP 200, not one JSON object with each name once, has no integer errcode,
/// names another number, or is a balance without a balance, is [`Class::Unknown`] with
/// [`NO_ERRCODE`](crate::api::NO_ERRCODE).
///
/// The errmsg of 90010 repeats the body that WeChat received, openid included: it is not for a log.
pub fn parse(
    call: Call,
    http_status: u16,
    body: &[u8],
    bill_no: &str,
    refund_bill_no: &str,
) -> Answer {
    let object = match read::read_object(http_status, body) {
        Ok(object) => object,
        Err(seen) => return unknown(seen),
    };
    let Some(errcode) = read::errcode_of(&object) else {
        return unknown(format!(
            "a JSON object of {} bytes without an integer errcode",
            body.len()
        ));
    };
    // Uncertain: no page tells which of its two numbers cancelPay repeats.
    let is_ours = |echo| {
        bill_no.is_empty() || echo == bill_no || (call == Call::CancelPay && echo == refund_bill_no)
    };
    let echo = object.get("bill_no").filter(|echo| !echo.is_null());
    let echo = match echo.map(|echo| echo.as_str()) {
        None | Some(Some("")) => None,
        Some(Some(text)) if is_ours(text) => Some(text.to_owned()),
        Some(_) => {
            return unknown(format!(
                "errcode {errcode} for another bill_no than was asked about"
            ));
        }
    };
    let amount = |name| read::amount_of(&object, name);
    let answer = Answer {
        class: errcode::classify_v2(call, errcode),
        errcode,
        errmsg: read::errmsg_of(&object),
        balance: amount("balance"),
        gen_balance: amount("present_balance"),
        used_gen_amt: amount("used_present_amount"),
        save_amt: amount("sum_save"),
        save_sum: amount("sum_balance"),
        cost_sum: amount("sum_cost"),
        present_sum: amount("sum_present"),
        first_save: read::flag_of(&object, "first_save"),
        bill_no: echo,
    };
    if call == Call::GetBalance && answer.class == Class::Done && answer.balance.is_none() {
        return unknown("errcode 0 for getBalance, but no balance".into());
    }
    answer
}
