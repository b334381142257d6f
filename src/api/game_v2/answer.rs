//! What the payment calls are answered.

use crate::api::midas_v1::unknown;
use crate::api::read::Answered;
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
    // Uncertain: no page tells which of its two numbers cancelPay repeats.
    let is_ours = |echo: &str| {
        bill_no.is_empty() || echo == bill_no || (call == Call::CancelPay && echo == refund_bill_no)
    };
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
        class: errcode::classify_v2(call, errcode),
        errcode,
        errmsg,
        balance: amount("balance"),
        gen_balance: amount("present_balance"),
        used_gen_amt: amount("used_present_amount"),
        save_amt: amount("sum_save"),
        save_sum: amount("sum_balance"),
        cost_sum: amount("sum_cost"),
        present_sum: amount("sum_present"),
        first_save: read::flag_of(&object, "first_save"),
        bill_no,
    };
    if call == Call::GetBalance && answer.class == Class::Done && answer.balance.is_none() {
        return unknown("errcode 0 for getBalance, but no balance".into());
    }
    answer
}
