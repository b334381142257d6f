//! Purchases that the player makes in the game client: ordered, and asked about. Virtual payment 2.0.

use crate::api::game_v2::Player;
use crate::api::game_v2::item_order::ItemOrder;
use crate::api::game_v2::query_order::Business;
use crate::client::{Client, With};
use crate::error::{Error, Result};

use super::boundary::{read_struct, reserved_is_zero};
use super::client::wxg_client;
use super::completion::wxg_completion;
use super::error::wxg_error;
use super::options::{
    WXG_BIZ_COINS, WXG_BIZ_ITEM, wxg_item_order_options, wxg_query_order_options,
};
use super::status::wxg_status;
use super::submit::{Asked, call, submit};

unsafe fn item_order(client: &Client, options: *const wxg_item_order_options) -> Result<Asked> {
    // SAFETY: handed on to the caller, as is every wxg_str below.
    let options = unsafe { read_struct(options)? };
    reserved_is_zero(options.reserved)?;
    // SAFETY: as above.
    let (openid, order, host_data) = unsafe {
        (
            options.openid.read("openid")?,
            ItemOrder {
                out_trade_no: options.out_trade_no.read("out_trade_no")?,
                product_id: options.product_id.read("product_id")?,
                buy_quantity: options.buy_quantity,
                goods_price: options.goods_price,
                zone_id: options.zone_id.read("zone_id")?,
                attach: options.attach.read("attach")?,
                platform: options.platform.read("platform")?,
            },
            options.host_data.read_bytes("host_data")?,
        )
    };
    let with = With {
        user_tag: options.user_tag,
        deadline_ms: options.deadline_ms,
        sent_before: false,
        host_data,
    };
    Ok((client.item_order(openid, &order, &with)?, options.user_tag))
}

unsafe fn query_order(client: &Client, options: *const wxg_query_order_options) -> Result<Asked> {
    // SAFETY: handed on to the caller, as is every wxg_str below.
    let options = unsafe { read_struct(options)? };
    let business = match options.biz_id {
        WXG_BIZ_COINS => Business::Coins,
        WXG_BIZ_ITEM => Business::Item,
        _ => return Err(Error::invalid("biz_id", "must be 1 (coins) or 2 (item)")),
    };
    // SAFETY: as above.
    let (player, out_trade_no) = unsafe {
        (
            Player {
                openid: options.openid.read("openid")?,
                zone_id: options.zone_id.read("zone_id")?,
                user_ip: options.user_ip.read("user_ip")?,
            },
            options.out_trade_no.read("out_trade_no")?,
        )
    };
    Ok((
        client.query_order(&player, out_trade_no, business, options.deadline_ms)?,
        options.user_tag,
    ))
}

/// Orders an item that the player then pays in the game client. The order is written to the journal, then one
/// completion of kind WXG_KIND_ITEM_ORDER comes with outcome WXG_OUTCOME_AWAITING_PAYMENT and, in sign_data, pay_sig and
/// signature, what the game client hands to `wx.requestMidasPaymentGameItem`: pass all three on byte for byte. Without
/// sign_data no session_key came until the deadline (WXG_REASON_SESSION, after a WXG_KIND_SESSION_NEEDED): log the player
/// in, then order again under the same out_trade_no. With status WXG_ERR_JOURNAL the order may not be written down:
/// order again; with WXG_ERR_BILL_NO_CONFLICT the number was used for something else. An order that is over is answered by
/// how it ended, also one that a push told of before it was ordered.
///
/// Nothing is to be granted on it: that is told by a push (`wxg_client_receive_push`) or by WXG_KIND_RESOLVED, whichever
/// is first, once, and again until acknowledged. WeChat is asked after 1, 5, 15 and 60 minutes, then every hour, while
/// there is a session_key of the player. An order of 24 hours that WeChat says is not paid is WXG_OUTCOME_REJECTED with
/// WXG_REASON_NOT_PAID; should it be paid later all the same, a push brings WXG_OUTCOME_DONE in its place.
///
/// Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_pay` returns, and WXG_ERR_UNSUPPORTED (generation) with Midas v1. Source: WeChat's
/// pages on item purchase and wx.requestMidasPaymentGameItem.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_item_order(
    client: *mut wxg_client,
    options: *const wxg_item_order_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| item_order(client, options)) }
}

/// Asks WeChat what became of a purchase (queryOrder). One completion of kind WXG_KIND_QUERY_ORDER comes:
/// WXG_OUTCOME_DONE means that WeChat told: read pay_state and deliver_state; it tells neither amount nor quantity.
/// WXG_OUTCOME_REJECTED with WXG_REASON_ORDER_UNKNOWN: WeChat knows no such order; right after a payment it may still
/// come to know it. Other outcomes as of `wxg_client_submit_get_balance`. An item order of this client that is paid is
/// resolved by it. Nothing is journaled for the question itself. Copies, checks and enqueues. Any thread.
///
/// Returns what `wxg_client_submit_item_order` returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_submit_query_order(
    client: *mut wxg_client,
    options: *const wxg_query_order_options,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe { submit(client, error, |client| query_order(client, options)) }
}

/// `wxg_client_submit_item_order`, then waits for the strings as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_submit_item_order` returns, and WXG_ERR_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_item_order(
    client: *mut wxg_client,
    options: *const wxg_item_order_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            item_order(client, options)
        })
    }
}

/// `wxg_client_submit_query_order`, then waits as `wxg_client_pay` does. Any thread; blocks.
///
/// Returns what `wxg_client_submit_item_order` returns, and WXG_ERR_TIMEOUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wxg_client_query_order(
    client: *mut wxg_client,
    options: *const wxg_query_order_options,
    timeout_ms: i64,
    out_completion: *mut *mut wxg_completion,
    error: *mut *mut wxg_error,
) -> wxg_status {
    // SAFETY: handed on to the caller.
    unsafe {
        call(client, timeout_ms, out_completion, error, |client| {
            query_order(client, options)
        })
    }
}
