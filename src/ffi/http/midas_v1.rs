//! The classic Midas calls.

use crate::api::{App, Call, Class, HttpRequest, Order, midas_v1};
use crate::client::completion::Completion;
use crate::error::{Error, Result};
use crate::ffi::boundary::{Sized32, guard, not_null, out, read_struct, reserved_is_zero, wxg_str};
use crate::ffi::completion::wxg_completion;
use crate::ffi::error::wxg_error;
use crate::ffi::help::{class_number, payment_call};
use crate::ffi::options::flag;
use crate::ffi::status::wxg_status;
use crate::sign::{AppKey, Secret};

use super::{completion_of, environment, http_status, wxg_request};

/// Everything one Midas v1 request is made of. Initialise with WXG_MIDAS_V1_REQUEST_OPTIONS_INIT. Fields that the
/// call does not have stay empty.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_midas_v1_request_options {
    /// sizeof(wxg_midas_v1_request_options), set by WXG_MIDAS_V1_REQUEST_OPTIONS_INIT.
    pub struct_size: u32,
    /// WXG_CALL_PAY, WXG_CALL_PRESENT, WXG_CALL_GET_BALANCE or WXG_CALL_CANCEL_PAY.
    pub call: u32,
    /// WXG_ENVIRONMENT_PRODUCTION or WXG_ENVIRONMENT_SANDBOX.
    pub environment: u32,
    /// 1: without `mp_sig`. 0: with it.
    pub no_mp_sig: u32,
    /// appid of the mini-game. Required.
    pub appid: wxg_str,
    /// offer_id of the payment application. Required.
    pub offer_id: wxg_str,
    /// AppKey of the environment. Required.
    pub app_key: wxg_str,
    /// Platform; empty: `android`.
    pub pf: wxg_str,
    /// The app's access_token. Required.
    pub access_token: wxg_str,
    /// The player's session_key, as text. Required with `mp_sig`.
    pub session_key: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text. Required.
    pub zone_id: wxg_str,
    /// Number of the order. Required but for getBalance.
    pub bill_no: wxg_str,
    /// Item; pay and cancelPay, may be empty.
    pub pay_item: wxg_str,
    /// Note; pay only, may be empty.
    pub app_remark: wxg_str,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Coins; pay and present.
    pub amount: i64,
    /// Unix time in whole seconds: a fresh one for every attempt.
    pub ts: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_midas_v1_request_options {}

/// Checks every value and makes one signed Midas v1 request. Pure: no client, no clock, no network. `*out_request`
/// is yours to free; `options` may be freed on return. Any thread; does not block.
///
/// Whoever sends it keeps the rules: write the order down first, send it once, repeat it only under the same
/// bill_no with a fresh `ts`, and never take a missing answer for a no.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_UNSUPPORTED_STRUCT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_midas_v1_build(
    options: *const wxg_midas_v1_request_options,
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

unsafe fn build(options: &wxg_midas_v1_request_options) -> Result<HttpRequest> {
    let call = known_call(options.call)?;
    // SAFETY: every wxg_str is the caller's promise.
    unsafe {
        let pf = options.pf.read("pf")?;
        let app = App {
            appid: options.appid.read("appid")?.to_owned(),
            offer_id: options.offer_id.read("offer_id")?.to_owned(),
            pf: if pf.is_empty() { "android" } else { pf }.to_owned(),
            environment: environment(options.environment)?,
            app_key: AppKey::new(options.app_key.read("app_key")?)?,
            mp_sig: !flag("no_mp_sig", options.no_mp_sig)?,
        };
        let order = Order {
            openid: options.openid.read("openid")?,
            zone_id: options.zone_id.read("zone_id")?,
            bill_no: options.bill_no.read("bill_no")?,
            amount: options.amount,
            pay_item: options.pay_item.read("pay_item")?,
            app_remark: options.app_remark.read("app_remark")?,
            user_ip: options.user_ip.read("user_ip")?,
        };
        let session_key = options.session_key.read("session_key")?;
        let session_key = (!session_key.is_empty()).then(|| Secret::new(session_key));
        midas_v1::build(
            &app,
            call,
            &order,
            session_key.as_ref(),
            options.access_token.read("access_token")?,
            options.ts,
        )
    }
}

fn known_call(call: u32) -> Result<Call> {
    payment_call(call).ok_or_else(|| {
        Error::invalid(
            "call",
            "must be WXG_CALL_PAY, _PRESENT, _GET_BALANCE or _CANCEL_PAY",
        )
    })
}

/// An answer to be read. Initialise with WXG_MIDAS_V1_REPLY_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_midas_v1_reply_options {
    /// sizeof(wxg_midas_v1_reply_options), set by WXG_MIDAS_V1_REPLY_OPTIONS_INIT.
    pub struct_size: u32,
    /// Which call was answered: WXG_CALL_PAY, WXG_CALL_PRESENT, WXG_CALL_GET_BALANCE or WXG_CALL_CANCEL_PAY.
    pub call: u32,
    /// The HTTP status, 100 to 599.
    pub http_status: u32,
    /// 0.
    pub reserved: u32,
    /// The whole body, any bytes.
    pub body: wxg_str,
    /// The bill_no that was sent; empty for getBalance. An answer about another number is none.
    pub bill_no: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_midas_v1_reply_options {}

/// Reads the answer to a request of `wxg_midas_v1_build`. Pure. The completion speaks of this one attempt only:
///
/// | errcode_class | outcome | so |
/// |---|---|---|
/// | WXG_CLASS_DONE | WXG_OUTCOME_DONE | done |
/// | WXG_CLASS_UNKNOWN | WXG_OUTCOME_UNKNOWN | this attempt may have been executed |
/// | WXG_CLASS_DUPLICATE | WXG_OUTCOME_NEEDS_REVIEW | done if an earlier attempt of yours is unaccounted for |
/// | any other | WXG_OUTCOME_REJECTED | this attempt did nothing; earlier ones may have |
///
/// `*out_completion` is yours to free. Any thread; does not block.
///
/// Returns WXG_OK (also for an answer that cannot be read: that is *unknown*), WXG_ERR_NULL_ARGUMENT,
/// WXG_ERR_INVALID_ARGUMENT (call, http_status), WXG_ERR_UNSUPPORTED_STRUCT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_midas_v1_parse(
    options: *const wxg_midas_v1_reply_options,
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

unsafe fn parse(options: &wxg_midas_v1_reply_options) -> Result<(Completion, Class)> {
    reserved_is_zero(options.reserved)?;
    let call = known_call(options.call)?;
    let http_status = http_status(options.http_status)?;
    // SAFETY: every wxg_str is the caller's promise.
    let (body, bill_no) = unsafe {
        (
            options.body.read_bytes("body")?,
            options.bill_no.read("bill_no")?,
        )
    };
    let answer = midas_v1::parse(call, http_status, body, bill_no);
    let class = answer.class;
    Ok((completion_of(call, bill_no, answer), class))
}
