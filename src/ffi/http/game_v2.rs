//! The calls of the virtual payment 2.0.

use crate::api::game_v2::query_order::{
    Business, QueryAnswer, build_query_order, parse_query_order,
};
use crate::api::game_v2::{self, CoinType, Order, Player};
use crate::api::{App, Call, Class, HttpRequest};
use crate::client::completion::{Completion, CompletionKind};
use crate::error::{Error, Result};
use crate::ffi::boundary::{Sized32, guard, not_null, out, read_struct, reserved_is_zero, wxg_str};
use crate::ffi::completion::wxg_completion;
use crate::ffi::error::wxg_error;
use crate::ffi::help::{WXG_CALL_QUERY_ORDER, class_number, payment_call};
use crate::ffi::options::{
    WXG_BIZ_COINS, WXG_BIZ_ITEM, WXG_COIN_TYPE_GAME, WXG_COIN_TYPE_RECHARGE_CENTRE,
};
use crate::ffi::status::wxg_status;
use crate::sign::{AppKey, Secret};
use crate::store::Reason;

use super::{completion_of, environment, http_status, outcome_of, reason_of, wxg_request};

/// Everything one request of the virtual payment 2.0 is made of. Initialise with WXG_GAME_V2_REQUEST_OPTIONS_INIT.
/// Fields that the call does not have stay empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_game_v2_request_options {
    /// sizeof(wxg_game_v2_request_options), set by WXG_GAME_V2_REQUEST_OPTIONS_INIT.
    pub struct_size: u32,
    /// WXG_CALL_PAY, WXG_CALL_PRESENT, WXG_CALL_GET_BALANCE, WXG_CALL_CANCEL_PAY or WXG_CALL_QUERY_ORDER.
    pub call: u32,
    /// WXG_ENVIRONMENT_PRODUCTION or WXG_ENVIRONMENT_SANDBOX: the body's `env`.
    pub environment: u32,
    /// WXG_COIN_TYPE_GAME or WXG_COIN_TYPE_RECHARGE_CENTRE; getBalance.
    pub coin_type: u32,
    /// offer_id of the payment application. Required.
    pub offer_id: wxg_str,
    /// AppKey of the environment. Required.
    pub app_key: wxg_str,
    /// The app's access_token. Required.
    pub access_token: wxg_str,
    /// The player's session_key, as text. Required.
    pub session_key: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// A zone published in the environment, text. Required.
    pub zone_id: wxg_str,
    /// Number of the order, of cancelPay that of the pay to give back. Required but for getBalance and queryOrder.
    pub bill_no: wxg_str,
    /// Number of the refund: its own, the same for every attempt, a new one for the next part. Required; cancelPay.
    pub refund_bill_no: wxg_str,
    /// The outTradeNo that the game client named. Required; queryOrder.
    pub out_trade_no: wxg_str,
    /// Item; pay, may be empty.
    pub pay_item: wxg_str,
    /// Note; pay, may be empty.
    pub app_remark: wxg_str,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Coins; pay, present and cancelPay.
    pub amount: i64,
    /// Unix time in whole seconds: a fresh one for every attempt.
    pub ts: i64,
    /// WXG_BIZ_COINS or WXG_BIZ_ITEM. Required; queryOrder.
    pub biz_id: u32,
    /// 0.
    pub reserved: u32,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_game_v2_request_options {}

/// Checks every value and makes one signed request of the virtual payment 2.0. Pure: no client, no clock, no network.
/// `*out_request` is yours to free; `options` may be freed on return. Any thread; does not block.
///
/// Whoever sends it keeps the rules: write the order down first, send it once, repeat it only under the same numbers
/// with a fresh `ts`, and never take a missing answer for a no.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_UNSUPPORTED_STRUCT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_game_v2_build(
    options: *const wxg_game_v2_request_options,
    out_request: *mut *mut wxg_request,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers, sizes and texts.
    unsafe {
        let mut place = out(out_request);
        guard(out(error), || {
            not_null(out_request, "out_request")?;
            let request = build(&read_struct(options)?)?;
            if let Some(place) = place.as_mut() {
                **place = wxg_request::boxed(request);
            }
            Ok(())
        })
    }
}

unsafe fn build(options: &wxg_game_v2_request_options) -> Result<HttpRequest> {
    reserved_is_zero(options.reserved)?;
    let call = known_call(options.call)?;
    // SAFETY: every wxg_str is the caller's promise.
    unsafe {
        // Of an App this generation looks at no more than that.
        let app = App {
            appid: String::new(),
            offer_id: options.offer_id.read("offer_id")?.to_owned(),
            pf: String::new(),
            environment: environment(options.environment)?,
            app_key: AppKey::new(options.app_key.read("app_key")?)?,
            mp_sig: false,
        };
        let access_token = options.access_token.read("access_token")?;
        let session_key = Secret::new(options.session_key.read("session_key")?);
        let player = Player {
            openid: options.openid.read("openid")?,
            zone_id: options.zone_id.read("zone_id")?,
            user_ip: options.user_ip.read("user_ip")?,
        };
        let bill_no = options.bill_no.read("bill_no")?;
        let refund_bill_no = options.refund_bill_no.read("refund_bill_no")?;
        let out_trade_no = options.out_trade_no.read("out_trade_no")?;
        let pay_item = options.pay_item.read("pay_item")?;
        let app_remark = options.app_remark.read("app_remark")?;
        let (amount, ts) = (options.amount, options.ts);
        only_own(
            call,
            &[
                ("bill_no", !bill_no.is_empty()),
                ("refund_bill_no", !refund_bill_no.is_empty()),
                ("out_trade_no", !out_trade_no.is_empty()),
                ("pay_item", !pay_item.is_empty()),
                ("app_remark", !app_remark.is_empty()),
                ("amount", amount != 0),
                ("coin_type", options.coin_type != 0),
                ("biz_id", options.biz_id != 0),
            ],
        )?;
        let order = match call {
            Some(Call::Pay) => Order::Pay {
                bill_no,
                amount,
                pay_item,
                app_remark,
            },
            Some(Call::CancelPay) => Order::CancelPay {
                bill_no,
                refund_bill_no,
                amount,
            },
            Some(Call::GetBalance) => Order::GetBalance {
                coin_type: coin_type(options.coin_type)?,
            },
            Some(Call::Present) => Order::Present { bill_no, amount },
            None => {
                let business = business(options.biz_id)?;
                return build_query_order(
                    &app,
                    &player,
                    out_trade_no,
                    business,
                    &session_key,
                    access_token,
                    ts,
                );
            }
        };
        game_v2::build(&app, &player, &order, &session_key, access_token, ts)
    }
}

/// None is queryOrder.
fn known_call(call: u32) -> Result<Option<Call>> {
    match payment_call(call) {
        None if call != WXG_CALL_QUERY_ORDER => Err(Error::invalid(
            "call",
            "must be WXG_CALL_PAY, _PRESENT, _GET_BALANCE, _CANCEL_PAY or _QUERY_ORDER",
        )),
        known => Ok(known),
    }
}

/// Refuses what is set without being a field of the call.
fn only_own(call: Option<Call>, set: &[(&'static str, bool)]) -> Result<()> {
    let own: &[&str] = match call {
        Some(Call::Pay) => &["bill_no", "amount", "pay_item", "app_remark"],
        Some(Call::CancelPay) => &["bill_no", "refund_bill_no", "amount"],
        Some(Call::GetBalance) => &["coin_type"],
        Some(Call::Present) => &["bill_no", "amount"],
        None => &["out_trade_no", "biz_id"],
    };
    match set.iter().find(|(field, set)| *set && !own.contains(field)) {
        None => Ok(()),
        Some((field, _)) => Err(Error::invalid(
            field,
            format!(
                "is no field of {}: leave it out",
                call.map_or("queryOrder", Call::name)
            ),
        )),
    }
}

fn coin_type(given: u32) -> Result<CoinType> {
    match given {
        WXG_COIN_TYPE_GAME => Ok(CoinType::Game),
        WXG_COIN_TYPE_RECHARGE_CENTRE => Ok(CoinType::RechargeCentre),
        _ => Err(Error::invalid(
            "coin_type",
            "must be one of WXG_COIN_TYPE_…",
        )),
    }
}

fn business(given: u32) -> Result<Business> {
    match given {
        WXG_BIZ_COINS => Ok(Business::Coins),
        WXG_BIZ_ITEM => Ok(Business::Item),
        _ => Err(Error::invalid(
            "biz_id",
            "must be WXG_BIZ_COINS or WXG_BIZ_ITEM",
        )),
    }
}

/// An answer to be read. Initialise with WXG_GAME_V2_REPLY_OPTIONS_INIT. Fields that the call does not have stay empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_game_v2_reply_options {
    /// sizeof(wxg_game_v2_reply_options), set by WXG_GAME_V2_REPLY_OPTIONS_INIT.
    pub struct_size: u32,
    /// Which call was answered: the WXG_CALL_… of the request.
    pub call: u32,
    /// The HTTP status, 100 to 599.
    pub http_status: u32,
    /// 0.
    pub reserved: u32,
    /// The whole body, any bytes.
    pub body: wxg_str,
    /// The bill_no that was sent; empty for getBalance and queryOrder. An answer about another number is none.
    pub bill_no: wxg_str,
    /// The refund_bill_no that was sent; cancelPay, whose answer may tell either number.
    pub refund_bill_no: wxg_str,
    /// The out_trade_no that was sent; queryOrder.
    pub out_trade_no: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_game_v2_reply_options {}

/// Reads the answer to a request of `wxg_game_v2_build`. Pure. Of a payment call the completion speaks of this one
/// attempt only, as that of `wxg_midas_v1_parse` does:
///
/// | errcode_class | outcome | so |
/// |---|---|---|
/// | WXG_CLASS_DONE | WXG_OUTCOME_DONE | done |
/// | WXG_CLASS_UNKNOWN | WXG_OUTCOME_UNKNOWN | this attempt may have been executed |
/// | WXG_CLASS_DUPLICATE | WXG_OUTCOME_NEEDS_REVIEW | done if an earlier attempt of yours is unaccounted for |
/// | any other | WXG_OUTCOME_REJECTED | this attempt did nothing; earlier ones may have |
///
/// Of WXG_CALL_QUERY_ORDER it speaks of the question, not of the purchase: WXG_OUTCOME_DONE means that WeChat told,
/// and `pay_state` then whether it is paid. WXG_OUTCOME_REJECTED with WXG_REASON_ORDER_UNKNOWN means that WeChat knows no
/// such order, or not yet; with any other reason, and with WXG_OUTCOME_UNKNOWN, that this answer says nothing of it.
///
/// The errmsg of 90010 repeats the body that WeChat received, openid included: keep it out of logs. `*out_completion`
/// is yours to free. Any thread; does not block.
///
/// Returns WXG_OK (also for an answer that cannot be read: that is *unknown*), WXG_ERR_NULL_ARGUMENT,
/// WXG_ERR_INVALID_ARGUMENT (call, http_status, a number that the call does not have), WXG_ERR_UNSUPPORTED_STRUCT,
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_game_v2_parse(
    options: *const wxg_game_v2_reply_options,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers, sizes and texts.
    unsafe {
        let mut place = out(out_completion);
        guard(out(error), || {
            not_null(out_completion, "out_completion")?;
            let (completion, class) = parse(&read_struct(options)?)?;
            if let Some(place) = place.as_mut() {
                **place = wxg_completion::boxed_with_class(completion, class_number(class));
            }
            Ok(())
        })
    }
}

unsafe fn parse(options: &wxg_game_v2_reply_options) -> Result<(Completion, Class)> {
    reserved_is_zero(options.reserved)?;
    let call = known_call(options.call)?;
    let http_status = http_status(options.http_status)?;
    // SAFETY: every wxg_str is the caller's promise.
    let (body, bill_no, refund_bill_no, out_trade_no) = unsafe {
        (
            options.body.read_bytes("body")?,
            options.bill_no.read("bill_no")?,
            options.refund_bill_no.read("refund_bill_no")?,
            options.out_trade_no.read("out_trade_no")?,
        )
    };
    only_own(
        call,
        &[
            ("bill_no", !bill_no.is_empty()),
            ("refund_bill_no", !refund_bill_no.is_empty()),
            ("out_trade_no", !out_trade_no.is_empty()),
        ],
    )?;
    let Some(call) = call else {
        let answer = parse_query_order(http_status, body, out_trade_no);
        return Ok(query_order_completion(out_trade_no, answer));
    };
    let answer = game_v2::parse(call, http_status, body, bill_no, refund_bill_no);
    let class = answer.class;
    let completion = Completion {
        refund_bill_no: refund_bill_no.to_owned(),
        ..completion_of(call, bill_no, answer)
    };
    Ok((completion, class))
}

fn query_order_completion(out_trade_no: &str, answer: QueryAnswer) -> (Completion, Class) {
    let mut completion = Completion {
        kind: Some(CompletionKind::QueryOrder),
        bill_no: out_trade_no.to_owned(),
        ..Completion::default()
    };
    let class = match answer {
        QueryAnswer::Found(order) => {
            completion.pay_item = order.product_id.clone().unwrap_or_default();
            completion.queried = Some(Box::new(order));
            Class::Done
        }
        QueryAnswer::NotFound { errcode, errmsg } => {
            (completion.errcode, completion.errmsg) = (errcode, errmsg);
            Class::Refused
        }
        QueryAnswer::Refused {
            errcode,
            errmsg,
            class,
        } => {
            (completion.errcode, completion.errmsg) = (errcode, errmsg);
            class
        }
        QueryAnswer::Unreadable { seen } => {
            completion.errmsg = seen;
            Class::Unknown
        }
    };
    completion.outcome = outcome_of(class);
    completion.reason = match class {
        Class::Refused => Reason::OrderUnknown,
        class => reason_of(class),
    };
    (completion, class)
}
