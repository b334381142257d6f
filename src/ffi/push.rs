//! What WeChat posts to the host's HTTP server.

use crate::api::push::RefusalReason;
use crate::client::completion::Verdict;

use super::boundary::{not_null, out, wait, wxg_str};
use super::client::wxg_client;
use super::completion::wxg_completion;
use super::error::wxg_error;
use super::status::wxg_status;

/// WeChat tries the URL: answer, and nothing else.
pub const WXG_VERDICT_ECHO: u32 = 1;
/// Act on it in a transaction of your own, once per event_id; then answer, and acknowledge with `wxg_client_ack`. It
/// comes again as WXG_KIND_RESOLVED until you do. `is_preview` 1 and `order_source` 3 are trials of WeChat's consoles, made
/// by people of yours: whether they get the goods is for you to say.
pub const WXG_VERDICT_DELIVER: u32 = 2;
/// It has been told before: answer, and nothing else.
pub const WXG_VERDICT_ALREADY_DELIVERED: u32 = 3;
/// The player's coins have changed: answer, then read the balance (`wxg_client_submit_get_balance`).
pub const WXG_VERDICT_BALANCE_CHANGED: u32 = 4;
/// A test from WeChat's console with values at random: answer, and nothing else.
pub const WXG_VERDICT_MOCK: u32 = 5;
/// Verified, but not about a payment: yours to handle; `event` names it, `payload` is the whole message.
pub const WXG_VERDICT_OTHER: u32 = 6;
/// Not to be believed, or not for this client: `refusal` and errmsg say why. Answer; do nothing else.
pub const WXG_VERDICT_REFUSE: u32 = 7;
/// The journal did not take it in time: the answer asks WeChat to push it again.
pub const WXG_VERDICT_AGAIN: u32 = 8;

/// An item is paid, in the game or in the mall.
pub const WXG_PUSH_GOODS: u32 = 1;
/// Coins that the player bought have arrived.
pub const WXG_PUSH_COINS: u32 = 2;
/// Money went back to the player.
pub const WXG_PUSH_REFUND: u32 = 3;
/// A gift pack, for which nobody paid.
pub const WXG_PUSH_GIFT: u32 = 4;

/// The outer signature does not hold: another push_token, or a forgery.
pub const WXG_REFUSAL_SIGNATURE: u32 = 1;
/// PayEventSig does not hold: another AppKey, or a forgery.
pub const WXG_REFUSAL_PAY_EVENT_SIG: u32 = 2;
/// Plain text, although push_aes_key is set.
pub const WXG_REFUSAL_DOWNGRADE: u32 = 3;
/// It cannot be decrypted.
pub const WXG_REFUSAL_DECRYPT: u32 = 4;
/// It is for another appid.
pub const WXG_REFUSAL_APPID: u32 = 5;
/// It is of the other environment: hand it to the client of that one.
pub const WXG_REFUSAL_ENVIRONMENT: u32 = 6;
/// It breaks a rule; errmsg names the field.
pub const WXG_REFUSAL_MALFORMED: u32 = 7;
/// Nothing protects it: a gift pack in plain text, or a payment without PayEventSig.
pub const WXG_REFUSAL_UNPROTECTED: u32 = 8;
/// Query or body is too long.
pub const WXG_REFUSAL_TOO_LARGE: u32 = 9;
/// It tells of another player, item or quantity than was ordered under this number: that order needs review.
pub const WXG_REFUSAL_MISMATCH: u32 = 10;

pub(in crate::ffi) fn verdict_number(verdict: Verdict) -> u32 {
    match verdict {
        Verdict::Echo => WXG_VERDICT_ECHO,
        Verdict::Deliver => WXG_VERDICT_DELIVER,
        Verdict::AlreadyDelivered => WXG_VERDICT_ALREADY_DELIVERED,
        Verdict::BalanceChanged => WXG_VERDICT_BALANCE_CHANGED,
        Verdict::Mock => WXG_VERDICT_MOCK,
        Verdict::Other => WXG_VERDICT_OTHER,
        Verdict::Refuse => WXG_VERDICT_REFUSE,
        Verdict::Again => WXG_VERDICT_AGAIN,
    }
}

pub(in crate::ffi) fn refusal_number(reason: RefusalReason) -> u32 {
    match reason {
        RefusalReason::Signature => WXG_REFUSAL_SIGNATURE,
        RefusalReason::PayEventSig => WXG_REFUSAL_PAY_EVENT_SIG,
        RefusalReason::Downgrade => WXG_REFUSAL_DOWNGRADE,
        RefusalReason::Decrypt => WXG_REFUSAL_DECRYPT,
        RefusalReason::AppId => WXG_REFUSAL_APPID,
        RefusalReason::Environment => WXG_REFUSAL_ENVIRONMENT,
        RefusalReason::Malformed => WXG_REFUSAL_MALFORMED,
        RefusalReason::Unprotected => WXG_REFUSAL_UNPROTECTED,
        RefusalReason::TooLarge => WXG_REFUSAL_TOO_LARGE,
        RefusalReason::Mismatch => WXG_REFUSAL_MISMATCH,
    }
}

/// Takes one request that WeChat made to your message-push URL: verifies and decrypts it, writes a payment that it tells
/// of to the journal, and says what to do. `query` is the URL's query string as it came, `body` the body as it came (empty
/// for GET). `*out_completion`, of kind WXG_KIND_PUSH, is yours to free: its `verdict` is what to do, and answer_status,
/// answer_content_type and answer are what to send back, whatever the verdict, within 3 seconds of the request.
///
/// A push is told once as WXG_VERDICT_DELIVER, however often WeChat repeats it; what you have not acknowledged comes again
/// as WXG_KIND_RESOLVED. No network. Waits for one commit of the journal, `timeout_ms` at the most (2,000 is a good
/// value; negative: without limit); should that pass, the verdict is WXG_VERDICT_AGAIN, and what comes of it all the same
/// comes to the queue, of kind WXG_KIND_PUSH and with nothing to answer. Any thread.
///
/// Returns WXG_OK (there is a completion, also for a forged push), WXG_ERR_NULL_ARGUMENT, WXG_ERR_INVALID_ARGUMENT (query
/// is not UTF-8), WXG_ERR_UNSUPPORTED (push_token: the client was opened without one), WXG_ERR_CLOSED, WXG_ERR_FORKED,
/// WXG_ERR_PANIC; on all but WXG_OK answer WeChat with HTTP 503. Source: WeChat's pages on message push and virtual
/// payment.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_receive_push(
    client: *mut wxg_client,
    query: *const wxg_str,
    body: *const wxg_str,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: the caller's promises on pointers and texts.
    unsafe {
        let mut place = out(out_completion);
        wxg_client::guard(client, out(error), |client| {
            not_null(out_completion, "out_completion")?;
            not_null(query, "query")?;
            not_null(body, "body")?;
            let (query, body) = ((*query).read("query")?, (*body).read_bytes("body")?);
            let completion = client.receive_push(query, body, wait(timeout_ms))?;
            if let Some(place) = place.as_mut() {
                **place = wxg_completion::boxed(completion);
            }
            Ok(())
        })
    }
}
