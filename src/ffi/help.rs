//! What WeChat's codes mean.

use std::ffi::CStr;
use std::mem::size_of;

use crate::api::Call;
use crate::api::errcode::{self, Class};
use crate::error::{Error, Result};

use super::boundary::{Sized32, clear_struct, guard_plain, write_struct, wxg_str};
use super::options::{WXG_GENERATION_V1, WXG_GENERATION_V2};
use super::status::wxg_status;

/// midas.pay, game.pay
pub const WXG_CALL_PAY: u32 = 1;
/// midas.present, game.present
pub const WXG_CALL_PRESENT: u32 = 2;
/// midas.getBalance, game.getBalance
pub const WXG_CALL_GET_BALANCE: u32 = 3;
/// midas.cancelPay, game.cancelPay
pub const WXG_CALL_CANCEL_PAY: u32 = 4;
/// code2Session
pub const WXG_CALL_LOGIN: u32 = 5;
/// getStableAccessToken
pub const WXG_CALL_TOKEN: u32 = 6;
/// checkSessionKey and ResetUserSessionKey
pub const WXG_CALL_SESSION: u32 = 7;
/// game.queryOrder: WXG_GENERATION_V2 only
pub const WXG_CALL_QUERY_ORDER: u32 = 8;

/// It is done. For cancelPay: the coins are back, or were never taken.
pub const WXG_CLASS_DONE: u32 = 1;
/// Nobody can tell from this answer: ask again with the same number.
pub const WXG_CLASS_UNKNOWN: u32 = 2;
/// The session_key was refused; nothing happened.
pub const WXG_CLASS_SESSION: u32 = 3;
/// The access_token was refused; nothing happened.
pub const WXG_CLASS_TOKEN: u32 = 4;
/// This number has been executed before.
pub const WXG_CLASS_DUPLICATE: u32 = 5;
/// Refused for good; nothing happened.
pub const WXG_CLASS_REFUSED: u32 = 6;
/// The request or the account is set up wrong; nothing happened.
pub const WXG_CLASS_CONFIGURATION: u32 = 7;
/// Too many calls; nothing happened.
pub const WXG_CLASS_QUOTA: u32 = 8;

pub(super) fn class_number(class: Class) -> u32 {
    match class {
        Class::Done => WXG_CLASS_DONE,
        Class::Unknown => WXG_CLASS_UNKNOWN,
        Class::Session => WXG_CLASS_SESSION,
        Class::Token => WXG_CLASS_TOKEN,
        Class::Duplicate => WXG_CLASS_DUPLICATE,
        Class::Refused => WXG_CLASS_REFUSED,
        Class::Configuration => WXG_CLASS_CONFIGURATION,
        Class::Quota => WXG_CLASS_QUOTA,
    }
}

pub(super) fn payment_call(call: u32) -> Option<Call> {
    match call {
        WXG_CALL_PAY => Some(Call::Pay),
        WXG_CALL_PRESENT => Some(Call::Present),
        WXG_CALL_GET_BALANCE => Some(Call::GetBalance),
        WXG_CALL_CANCEL_PAY => Some(Call::CancelPay),
        _ => None,
    }
}

/// What a code means. Initialise with WXG_ERRCODE_HELP_VIEW_INIT. The texts are static, each followed by a NUL.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_errcode_help_view {
    /// sizeof(wxg_errcode_help_view), set by WXG_ERRCODE_HELP_VIEW_INIT.
    pub struct_size: u32,
    /// WXG_CLASS_…: what it means for the money.
    pub errcode_class: u32,
    /// The cause, in English.
    pub cause_en: wxg_str,
    /// What to do, in English.
    pub remedy_en: wxg_str,
    /// The cause, in Chinese.
    pub cause_zh: wxg_str,
    /// What to do, in Chinese.
    pub remedy_zh: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_errcode_help_view {}

/// Explains an errcode as answered to one call of one generation: the same number means different things. Any
/// number has an answer; one that is not documented is of class WXG_CLASS_UNKNOWN. Any thread; does not block.
///
/// `generation` is WXG_GENERATION_V1 or WXG_GENERATION_V2, `call` one of WXG_CALL_…. Login, token and session are the
/// same in both; only V2 has WXG_CALL_QUERY_ORDER, where WXG_CLASS_REFUSED means that WeChat does not know the order,
/// or not yet.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (generation, call or struct_size),
/// WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_errcode_help(
    generation: u32,
    call: u32,
    errcode: i32,
    out_view: *mut wxg_errcode_help_view,
) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { clear_struct(out_view) };
    guard_plain(|| {
        let help = find(generation, call, errcode)?;
        let view = wxg_errcode_help_view {
            struct_size: size_of::<wxg_errcode_help_view>() as u32,
            errcode_class: class_number(help.class),
            cause_en: fixed(help.cause_en),
            remedy_en: fixed(help.remedy_en),
            cause_zh: fixed(help.cause_zh),
            remedy_zh: fixed(help.remedy_zh),
        };
        // SAFETY: out_view by its own size, says the caller.
        unsafe { write_struct(&view, out_view) }
    })
}

fn find(generation: u32, call: u32, errcode: i32) -> Result<errcode::Help> {
    if ![WXG_GENERATION_V1, WXG_GENERATION_V2].contains(&generation) {
        return Err(Error::invalid(
            "generation",
            "must be WXG_GENERATION_V1 or WXG_GENERATION_V2",
        ));
    }
    let v2 = generation == WXG_GENERATION_V2;
    match call {
        WXG_CALL_LOGIN => Ok(errcode::help_login(errcode)),
        WXG_CALL_TOKEN => Ok(errcode::help_token(errcode)),
        WXG_CALL_SESSION => Ok(errcode::help_session(errcode)),
        WXG_CALL_QUERY_ORDER if v2 => Ok(errcode::help_query_order(errcode)),
        WXG_CALL_QUERY_ORDER => Err(Error::invalid(
            "call",
            "WXG_CALL_QUERY_ORDER is a call of WXG_GENERATION_V2 only",
        )),
        _ => match payment_call(call) {
            Some(call) if v2 => Ok(errcode::help_v2(call, errcode)),
            Some(call) => Ok(errcode::help(call, errcode)),
            None => Err(Error::invalid("call", "must be one of WXG_CALL_…")),
        },
    }
}

/// A text that lives for ever.
pub(super) fn fixed(text: &'static CStr) -> wxg_str {
    wxg_str {
        data: text.as_ptr(),
        len: text.count_bytes(),
    }
}
