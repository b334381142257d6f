//! The bare calls for hosts with an HTTP stack of their own: a request as bytes, an answer read. No journal: keeping
//! the record, repeating and cancelling are then the host's.
//!
//! | file | what it holds |
//! |---|---|
//! | `http` | the request that comes out, and what the answers of both generations have in common |
//! | [`midas_v1`] | the classic Midas calls |
//! | [`game_v2`] | the virtual payment 2.0 |

pub mod game_v2;
pub mod midas_v1;

use std::mem::size_of;

use crate::api::{Answer, Call, Class, Environment, HttpRequest, NO_ERRCODE};
use crate::client::completion::{Account, Completion, CompletionKind, Outcome};
use crate::error::{Error, Result};
use crate::store::Reason;

use super::boundary::{Sized32, Text, clear_struct, guard_plain, not_null, write_struct, wxg_str};
use super::help::fixed;
use super::status::wxg_status;

/// One request, ready to send: opaque, read with `wxg_request_read`, yours to free with `wxg_request_free`. It
/// holds secrets, which are not wiped: free it once it is sent.
pub struct wxg_request {
    view: wxg_request_view,
    _path_and_query: Text,
    _body: Text,
}

/// A request as it can be read. Initialise with WXG_REQUEST_VIEW_INIT. Everything is borrowed until the request is
/// freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_request_view {
    /// sizeof(wxg_request_view), set by WXG_REQUEST_VIEW_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// `POST`.
    pub method: wxg_str,
    /// Path and query, to be put behind `https://api.weixin.qq.com`. Holds the access_token: do not log it.
    pub path_and_query: wxg_str,
    /// `application/json`.
    pub content_type: wxg_str,
    /// The exact bytes to send.
    pub body: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_request_view {}

impl wxg_request {
    fn boxed(request: HttpRequest) -> *mut wxg_request {
        let path_and_query = Text::new(request.path_and_query);
        let body = Text::new(String::from_utf8(request.body).expect("a JSON body is UTF-8"));
        let view = wxg_request_view {
            struct_size: size_of::<wxg_request_view>() as u32,
            reserved: 0,
            method: fixed(c"POST"),
            path_and_query: path_and_query.view(),
            content_type: fixed(c"application/json"),
            body: body.view(),
        };
        Box::into_raw(Box::new(wxg_request {
            view,
            _path_and_query: path_and_query,
            _body: body,
        }))
    }
}

/// Reads a request into `*out_view`. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (struct_size), WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_request_read(
    request: *const wxg_request,
    out_view: *mut wxg_request_view,
) -> wxg_status {
    // SAFETY: the caller's promise.
    unsafe { clear_struct(out_view) };
    guard_plain(|| {
        not_null(request, "request")?;
        // SAFETY: not NULL, the caller says alive; out_view by its own size.
        unsafe { write_struct(&(*request).view, out_view) }
    })
}

/// Frees a request; NULL does nothing. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_request_free(request: *mut wxg_request) {
    guard_plain(|| {
        if !request.is_null() {
            // SAFETY: made by build, and the caller frees it once.
            drop(unsafe { Box::from_raw(request) });
        }
        Ok(())
    });
}

fn environment(given: u32) -> Result<Environment> {
    match given {
        0 => Ok(Environment::Production),
        1 => Ok(Environment::Sandbox),
        _ => Err(Error::invalid(
            "environment",
            "must be 0 (production) or 1 (sandbox)",
        )),
    }
}

fn http_status(given: u32) -> Result<u16> {
    u16::try_from(given)
        .ok()
        .filter(|status| (100..600).contains(status))
        .ok_or_else(|| Error::invalid("http_status", "must be 100 to 599"))
}

/// What one attempt of a payment call came to.
fn completion_of(call: Call, bill_no: &str, answer: Answer) -> Completion {
    Completion {
        kind: Some(match call {
            Call::Pay => CompletionKind::Pay,
            Call::Present => CompletionKind::Present,
            Call::GetBalance => CompletionKind::GetBalance,
            Call::CancelPay => CompletionKind::CancelPay,
        }),
        outcome: outcome_of(answer.class),
        reason: match answer.class {
            Class::Refused if call == Call::Pay => Reason::BalanceTooLow,
            class => reason_of(class),
        },
        errcode: if answer.errcode == NO_ERRCODE {
            0
        } else {
            answer.errcode
        },
        account: Account {
            balance: answer.balance,
            gen_balance: answer.gen_balance,
            used_gen_amt: answer.used_gen_amt,
            save_amt: answer.save_amt,
            save_sum: answer.save_sum,
            cost_sum: answer.cost_sum,
            present_sum: answer.present_sum,
            first_save: answer.first_save,
        },
        bill_no: bill_no.to_owned(),
        errmsg: answer.errmsg,
        ..Completion::default()
    }
}

fn outcome_of(class: Class) -> Outcome {
    match class {
        Class::Done => Outcome::Done,
        Class::Unknown => Outcome::Unknown,
        Class::Duplicate => Outcome::NeedsReview,
        Class::Session | Class::Token | Class::Refused | Class::Configuration | Class::Quota => {
            Outcome::Rejected
        }
    }
}

fn reason_of(class: Class) -> Reason {
    match class {
        Class::Session => Reason::Session,
        Class::Token | Class::Quota => Reason::Credential,
        Class::Configuration => Reason::Configuration,
        Class::Duplicate => Reason::Duplicate,
        Class::Done | Class::Unknown | Class::Refused => Reason::None,
    }
}
