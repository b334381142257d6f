//! What the game client hands to `wx.requestMidasPaymentGameItem` to let a player buy an item: three strings that the
//! server makes.
//!
//! ```text
//! signData  = the order as a JSON text
//! paySig    = hex(HMAC-SHA256(AppKey,      requestMidasPaymentGameItem & signData))
//! signature = hex(HMAC-SHA256(session_key, signData))
//! ```
//!
//! The client passes on all three as they are, byte for byte. None of them names the player: the order is for the
//! player whose session_key signs it.

use super::query_order::check_out_trade_no;
use crate::api::write::{self, Decimal};
use crate::api::{App, Environment, check};
use crate::error::{Error, Result};
use crate::sign::game_v2::sign_named;
use crate::sign::login_state::signature;
use crate::sign::{Secret, hex_text};

/// The function of the game client, whose name `paySig` signs where a request has its path.
pub const NAME: &str = "requestMidasPaymentGameItem";
/// Longest out_trade_no, as WeChat says.
pub const OUT_TRADE_NO_MAX: usize = 32;
/// Longest product_id in bytes (our own bound).
pub const PRODUCT_ID_MAX: usize = 128;
/// Most pieces of one order (our own bound). Times [`GOODS_PRICE_MAX`] they are exact in JSON everywhere.
pub const BUY_QUANTITY_MAX: i64 = 1_000_000;
/// Highest price of one piece, in fen (our own bound): ten million yuan.
pub const GOODS_PRICE_MAX: i64 = 1_000_000_000;
/// Longest attach in bytes (our own bound).
pub const ATTACH_MAX: usize = 1024;
/// Longest platform (our own bound).
pub const PLATFORM_MAX: usize = 32;

/// One purchase of an item, paid in `CNY`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct ItemOrder<'a> {
    /// Number of the order, used once: 1 to 32 of `0-9 A-Z a-z _ - | * @`, not beginning with `_`.
    pub out_trade_no: &'a str,
    /// The item: one that is published in the environment.
    pub product_id: &'a str,
    /// How many pieces: 1 to [`BUY_QUANTITY_MAX`].
    pub buy_quantity: i64,
    /// Price of one piece in fen, the very one set in the console: 1 to [`GOODS_PRICE_MAX`].
    pub goods_price: i64,
    /// A zone published in the environment; `1` without zones.
    pub zone_id: &'a str,
    /// Comes back with the push that asks for delivery; may be empty.
    pub attach: &'a str,
    /// Platform; empty: WeChat's default, `android`.
    pub platform: &'a str,
}

/// What the game client needs, under the names it has there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemStrings {
    /// `signData`.
    pub sign_data: String,
    /// `paySig`: 64 lower-case hex digits.
    pub pay_sig: String,
    /// `signature`: 64 lower-case hex digits.
    pub signature: String,
}

/// Checks every value of `order`; a refusal names its field.
pub fn check_item_order(order: &ItemOrder<'_>) -> Result<()> {
    own_out_trade_no(order.out_trade_no)?;
    if order.product_id.is_empty() {
        return Err(Error::invalid(
            "product_id",
            "is empty: give the id of a published item",
        ));
    }
    check::note("product_id", order.product_id, PRODUCT_ID_MAX)?;
    if !(1..=BUY_QUANTITY_MAX).contains(&order.buy_quantity) {
        return Err(Error::invalid(
            "buy_quantity",
            "must be 1 to 1000000 pieces",
        ));
    }
    if !(1..=GOODS_PRICE_MAX).contains(&order.goods_price) {
        return Err(Error::invalid(
            "goods_price",
            "must be 1 to 1000000000 fen: the price of one piece, as it is set in the console",
        ));
    }
    check::zone_id(order.zone_id)?;
    check::note("attach", order.attach, ATTACH_MAX)?;
    platform(order.platform)
}

/// A number that the game gives. WeChat would take more than we do: it fills in one that is missing.
fn own_out_trade_no(out_trade_no: &str) -> Result<()> {
    let wrong = if out_trade_no.len() > OUT_TRADE_NO_MAX {
        "is longer than 32 characters: make it shorter"
    } else if out_trade_no.starts_with('_') {
        "must not begin with `_`, as the numbers do that WeChat makes: begin it with a letter or digit"
    } else {
        return check_out_trade_no(out_trade_no);
    };
    Err(Error::invalid("out_trade_no", wrong))
}

fn platform(platform: &str) -> Result<()> {
    if platform.len() <= PLATFORM_MAX && platform.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(());
    }
    Err(Error::invalid(
        "platform",
        "must be at most 32 letters and digits, such as `android`: leave it out for WeChat's default",
    ))
}

/// Makes the strings of one order, with the AppKey and the `env` of the app's environment. The same order gives the
/// same strings. Every value is checked first.
///
/// Of `app`, appid, pf and mp_sig are not looked at. The client refuses with -15015 once the session_key has expired:
/// an order is signed when the player is about to pay.
pub fn build_item_order(
    app: &App,
    order: &ItemOrder<'_>,
    session_key: &Secret,
) -> Result<ItemStrings> {
    check::id("offer_id", &app.offer_id)?;
    check_item_order(order)?;
    check::session_key(session_key)?;
    let sign_data = sign_data(app, order);
    let pay_sig = sign_named(NAME, sign_data.as_bytes(), &app.app_key);
    let signature = signature(session_key, sign_data.as_bytes());
    Ok(ItemStrings {
        pay_sig: hex_text(&pay_sig).to_owned(),
        signature: hex_text(&signature).to_owned(),
        sign_data,
    })
}

enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// The fields in the order of WeChat's page; text that is empty is left out.
fn sign_data(app: &App, order: &ItemOrder<'_>) -> String {
    use Value::{Number, Text};
    let env = match app.environment {
        Environment::Production => 0,
        Environment::Sandbox => 1,
    };
    let fields = [
        ("mode", Text("goods")),
        ("offerId", Text(&app.offer_id)),
        ("buyQuantity", Number(order.buy_quantity)),
        ("env", Number(env)),
        ("currencyType", Text("CNY")),
        ("platform", Text(order.platform)),
        ("zoneId", Text(order.zone_id)),
        ("productId", Text(order.product_id)),
        ("goodsPrice", Number(order.goods_price)),
        ("outTradeNo", Text(order.out_trade_no)),
        ("attach", Text(order.attach)),
    ];
    let mut json = Vec::with_capacity(256 + order.attach.len());
    for (name, value) in fields {
        match value {
            Text("") => {}
            Text(text) => {
                write::json_name(&mut json, name);
                write::json_text(&mut json, text);
            }
            Number(number) => {
                write::json_name(&mut json, name);
                let digits = Decimal::new(number.unsigned_abs());
                json.extend_from_slice(digits.text().as_bytes());
            }
        }
    }
    json.push(b'}');
    String::from_utf8(json).expect("text and digits are UTF-8")
}
