//! queryOrder: what became of a top-up (`wx.requestMidasPayment`) or an item purchase
//! (`wx.requestMidasPaymentGameItem`). It moves nothing and may be repeated at will.

use super::{Body, Player};
use crate::api::{App, Class, HttpRequest, errcode, read};
use crate::error::{Error, Result};
use crate::sign::Secret;

/// The path it is posted to.
pub const PATH: &str = "/wxa/game/queryorderinfo";
/// Longest out_trade_no (our own bound). The game's own have 32 characters at the most; of the ones that WeChat
/// makes no length is published.
pub const OUT_TRADE_NO_MAX: usize = 128;

/// What was paid for (`biz_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Business {
    /// 1: coins.
    Coins,
    /// 2: an item, bought directly.
    Item,
}

/// What WeChat knows of an order. It tells neither amount nor quantity: those are the host's to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    /// Whether it is paid (`pay_state`).
    pub paid: bool,
    /// Whether it is delivered (`deliver_state`): the coins have arrived, or a push was answered with success.
    pub delivered: Option<bool>,
    /// The item.
    pub product_id: Option<String>,
    /// When it was paid, as WeChat tells it: no page gives the unit. One sample shows it with an unpaid order, so it
    /// proves no payment.
    pub pay_finish_time: Option<i64>,
    /// Order of WeChat Pay, where that was used.
    pub mch_order_no: Option<String>,
    /// Transaction of WeChat Pay, where that was used.
    pub transaction_id: Option<String>,
}

/// What queryOrder was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueryAnswer {
    /// WeChat knows the order.
    Found(OrderState),
    /// WeChat knows no such order. Right after a payment it may still come to know it.
    NotFound {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes.
        errmsg: String,
    },
    /// WeChat refused to tell.
    Refused {
        /// WeChat's errcode.
        errcode: i32,
        /// WeChat's errmsg, at most 512 bytes. That of 90010 holds the openid: it is not for a log.
        errmsg: String,
        /// Session, Token: with a new one. Configuration: a person must mend it. Quota, Unknown: later.
        class: Class,
    },
    /// The answer says nothing for certain; asking again does no harm.
    Unreadable {
        /// What was seen, without a byte of it.
        seen: String,
    },
}

/// Asks about the order that the game client named `out_trade_no`. Every value is checked first.
///
/// Uncertain: WeChat's table wants the zone_id, its sample leaves it out. It is sent.
pub fn build_query_order(
    app: &App,
    player: &Player<'_>,
    out_trade_no: &str,
    business: Business,
    session_key: &Secret,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    check_out_trade_no(out_trade_no)?;
    let mut body = Body::begin(app, player, session_key, access_token, ts)?;
    body.text("out_trade_no", out_trade_no);
    body.number(
        "biz_id",
        match business {
            Business::Coins => 1,
            Business::Item => 2,
        },
    );
    Ok(body.post(PATH))
}

/// Checks the number of an order to ask about. It may be one that WeChat made itself, with a `_` in front.
pub fn check_out_trade_no(out_trade_no: &str) -> Result<()> {
    let wrong = if out_trade_no.is_empty() {
        "is empty: give the outTradeNo of the purchase"
    } else if out_trade_no.len() > OUT_TRADE_NO_MAX {
        "is longer than 128 characters"
    } else if !out_trade_no
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"_-|*@".contains(&b))
    {
        "may hold digits, letters and `_ - | * @` only"
    } else {
        return Ok(());
    };
    Err(Error::invalid("out_trade_no", wrong))
}

/// Reads the answer to [`build_query_order`] about `out_trade_no`.
///
/// What is not HTTP 200, not one JSON object with each name once, has no integer errcode, names another order, or
/// has a `pay_state` that is not the number 1 or 2, is [`QueryAnswer::Unreadable`].
pub fn parse_query_order(http_status: u16, body: &[u8], out_trade_no: &str) -> QueryAnswer {
    let object = match read::read_object(http_status, body) {
        Ok(object) => object,
        Err(seen) => return QueryAnswer::Unreadable { seen },
    };
    let Some(errcode) = read::errcode_of(&object) else {
        return unreadable("a JSON object without an integer errcode");
    };
    let errmsg = read::errmsg_of(&object);
    match errcode::classify_query_order(errcode) {
        Class::Done => {}
        Class::Refused => return QueryAnswer::NotFound { errcode, errmsg },
        class => {
            return QueryAnswer::Refused {
                errcode,
                errmsg,
                class,
            };
        }
    }
    let echo = object.get("out_trade_no").filter(|echo| !echo.is_null());
    if echo.is_some_and(|echo| ![Some(""), Some(out_trade_no)].contains(&echo.as_str())) {
        return unreadable("errcode 0 for another out_trade_no than was asked about");
    }
    // 1 not yet, 2 done. Text does not do: this decides about goods.
    let state = |name| match object.get(name)?.as_i64()? {
        1 => Some(false),
        2 => Some(true),
        _ => None,
    };
    let text = |name| read::text_of(&object, name).map(str::to_owned);
    match state("pay_state") {
        Some(paid) => QueryAnswer::Found(OrderState {
            paid,
            delivered: state("deliver_state"),
            product_id: text("product_id"),
            pay_finish_time: read::amount_of(&object, "pay_finish_time"),
            mch_order_no: text("mch_order_no"),
            transaction_id: text("transaction_id"),
        }),
        None => unreadable("errcode 0, but no pay_state of 1 or 2"),
    }
}

fn unreadable(seen: &str) -> QueryAnswer {
    QueryAnswer::Unreadable { seen: seen.into() }
}
