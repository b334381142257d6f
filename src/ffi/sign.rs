//! Signing alone: no client, no clock, everything an argument.

use std::ffi::c_char;

use crate::error::{Error, Result};
use crate::sign::{self, AppKey, HexDigest, Secret};

use super::boundary::{Text, guard, guard_or, guard_plain, not_null, out, wxg_str};
use super::error::wxg_error;
use super::status::wxg_status;

/// Characters of a signature: 64 lower-case hex digits. No NUL is written behind them.
pub const WXG_SIGNATURE_SIZE: usize = 64;

/// One field of a request to be signed: name and value as text, exactly as the body has them. Numbers are plain
/// decimal integers.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_field {
    /// Such as `openid`.
    pub name: wxg_str,
    /// Never empty: what is empty is neither sent nor signed.
    pub value: wxg_str,
}

unsafe fn read_fields<'a>(
    fields: *const wxg_field,
    count: usize,
) -> Result<Vec<(&'a str, &'a str)>> {
    if count > sign::midas_v1::MAX_FIELDS {
        return Err(Error::invalid("fields", "must be no more than 64"));
    }
    if count == 0 {
        return Ok(Vec::new());
    }
    not_null(fields, "fields")?;
    // SAFETY: not NULL, and the caller promises `count` of them, each with its texts.
    let fields = unsafe { std::slice::from_raw_parts(fields, count) };
    fields
        .iter()
        // SAFETY: as above.
        .map(|field| unsafe { Ok((field.name.read("fields")?, field.value.read("fields")?)) })
        .collect()
}

/// The text behind a pointer.
unsafe fn given<'a>(text: *const wxg_str, field: &'static str) -> Result<&'a str> {
    not_null(text, field)?;
    // SAFETY: not NULL; the caller promises the text.
    unsafe { (*text).read(field) }
}

unsafe fn signed(
    out_signature: *mut c_char,
    error: *mut *mut wxg_error,
    make: impl FnOnce() -> Result<HexDigest>,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        if !out_signature.is_null() {
            out_signature.write_bytes(0, WXG_SIGNATURE_SIZE);
        }
        guard(out(error), || {
            not_null(out_signature, "out_signature")?;
            let digest = make()?;
            std::ptr::copy_nonoverlapping(digest.as_ptr().cast(), out_signature, digest.len());
            Ok(())
        })
    }
}

unsafe fn explained(
    out_text: *mut *mut wxg_text,
    error: *mut *mut wxg_error,
    make: impl FnOnce() -> Result<String>,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers.
    unsafe {
        let mut place = out(out_text);
        guard(out(error), || {
            not_null(out_text, "out_text")?;
            let text = Text::new(make()?);
            if let Some(place) = place.as_mut() {
                **place = Box::into_raw(Box::new(wxg_text { text }));
            }
            Ok(())
        })
    }
}

/// Makes the `sig` of a Midas v1 request: HMAC-SHA256 with the AppKey over all fields of the body but `sig` and
/// `mp_sig`, in any order given, then `org_loc`, `method` and the key. `path` is the one posted to, such as
/// `/cgi-bin/midas/pay`, with `/sandbox` where it is used, without host and query. Writes WXG_SIGNATURE_SIZE
/// characters to `out_signature`. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (the message names the field and the rule),
/// WXG_ERR_PANIC. Source: WeChat's page on Midas signatures.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_midas_v1(
    path: *const wxg_str,
    fields: *const wxg_field,
    field_count: usize,
    app_key: *const wxg_str,
    out_signature: *mut c_char,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        signed(out_signature, error, || {
            let (path, key) = (given(path, "path")?, given(app_key, "app_key")?);
            sign::midas_v1::sig(path, &read_fields(fields, field_count)?, &AppKey::new(key)?)
        })
    }
}

/// Makes the `mp_sig` of a Midas v1 request: as `wxg_sign_midas_v1`, but with the player's session_key (as text, not
/// base64-decoded) and with `access_token` and `sig` among the fields. Any thread; does not block.
///
/// Returns what `wxg_sign_midas_v1` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_midas_v1_mp_sig(
    path: *const wxg_str,
    fields: *const wxg_field,
    field_count: usize,
    session_key: *const wxg_str,
    out_signature: *mut c_char,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        signed(out_signature, error, || {
            let (path, key) = (given(path, "path")?, given(session_key, "session_key")?);
            sign::midas_v1::mp_sig(path, &read_fields(fields, field_count)?, &Secret::new(key))
        })
    }
}

/// A text of the library's that you own: read with `wxg_text_read`, freed with `wxg_text_free`. Any thread may
/// read it.
pub struct wxg_text {
    text: Text,
}

/// The exact string that `wxg_sign_midas_v1` (or, where `access_token` is among the fields,
/// `wxg_sign_midas_v1_mp_sig`) signs, with every secret shown as `***`: compare it with what the server says after
/// 90011 or 90009. `*out_text` is yours to free. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_explain(
    path: *const wxg_str,
    fields: *const wxg_field,
    field_count: usize,
    out_text: *mut *mut wxg_text,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        explained(out_text, error, || {
            let (path, fields) = (given(path, "path")?, read_fields(fields, field_count)?);
            if fields.iter().any(|(name, _)| *name == "access_token") {
                sign::explain::explain_mp_sig(path, &fields)
            } else {
                sign::explain::explain_sig(path, &fields)
            }
        })
    }
}

/// Makes the `pay_sig` of a request of the virtual payment 2.0: HMAC-SHA256 with the AppKey of the environment over
/// `path`, `&` and `body`. `path` is the one posted to, such as `/wxa/game/pay`: it begins with `/` and has no host or
/// query. For what is not posted it is a plain name of letters, digits and `_`: `requestMidasPaymentGameItem` gives the
/// `paySig` of an item order, whose signData is the `body`. `body` is what is sent, byte for byte: sign first, then
/// send those very bytes. Writes WXG_SIGNATURE_SIZE characters to `out_signature`. Any thread; does not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (the message names the field and the rule),
/// WXG_ERR_PANIC. Source: WeChat's page on signatures of the virtual payment 2.0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_game_v2(
    path: *const wxg_str,
    body: *const wxg_str,
    app_key: *const wxg_str,
    out_signature: *mut c_char,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        signed(out_signature, error, || {
            let (path, body) = (given(path, "path")?, given(body, "body")?);
            sign::game_v2::pay_sig(path, body, &AppKey::new(given(app_key, "app_key")?)?)
        })
    }
}

/// Makes the `signature` of a request of the virtual payment 2.0, or of an item order: HMAC-SHA256 over `body` alone,
/// with the player's session_key (as text, not base64-decoded). Any thread; does not block.
///
/// Returns what `wxg_sign_game_v2` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_game_v2_signature(
    body: *const wxg_str,
    session_key: *const wxg_str,
    out_signature: *mut c_char,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        signed(out_signature, error, || {
            let (body, key) = (given(body, "body")?, given(session_key, "session_key")?);
            sign::game_v2::signature(body, &Secret::new(key))
        })
    }
}

/// The exact string that `wxg_sign_game_v2` signs; there is no secret in it. What `wxg_sign_game_v2_signature` signs is
/// `body` itself. After 90010 compare `body` with the one that WeChat's errmsg says it received, after 90011 `path` and
/// the AppKey as well. The body holds the openid: keep it out of logs. `*out_text` is yours to free. Any thread; does
/// not block.
///
/// Returns WXG_OK, WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT, WXG_ERR_PANIC.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_sign_game_v2_explain(
    path: *const wxg_str,
    body: *const wxg_str,
    out_text: *mut *mut wxg_text,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        explained(out_text, error, || {
            sign::game_v2::explain_pay_sig(given(path, "path")?, given(body, "body")?)
        })
    }
}

/// The characters of a text, followed by a NUL; NULL for NULL. Borrowed until the text is freed. `out_len`, where
/// not NULL, gets how many there are. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_text_read(
    text: *const wxg_text,
    out_len: *mut usize,
) -> *const c_char {
    // SAFETY: NULL or writable, says the caller.
    let mut out_len = unsafe { out_len.as_mut() };
    if let Some(len) = out_len.as_mut() {
        **len = 0;
    }
    guard_or(std::ptr::null(), || {
        // SAFETY: NULL or alive, says the caller.
        let view = unsafe { text.as_ref() }.map(|text| text.text.view());
        if let Some(len) = out_len {
            *len = view.map_or(0, |view| view.len);
        }
        Ok(view.map_or(std::ptr::null(), |view| view.data))
    })
}

/// Frees a text; NULL does nothing. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_text_free(text: *mut wxg_text) {
    guard_plain(|| {
        if !text.is_null() {
            // SAFETY: made by explain, and the caller frees it once.
            drop(unsafe { Box::from_raw(text) });
        }
        Ok(())
    });
}
