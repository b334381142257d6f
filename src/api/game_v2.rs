//! pay, cancelPay, getBalance, present and queryOrder of the virtual payment 2.0 for games: all `POST` with a JSON
//! body.
//!
//! The body is made once, and those very bytes are signed twice and sent. [`App::environment`] is the body's `env`;
//! [`App::app_key`] is the key of that environment. There is no path of the sandbox.
//!
//! | file | what it holds |
//! |---|---|
//! | `game_v2` | the four payment calls |
//! | [`query_order`] | what became of a top-up or an item purchase |
//! | [`item_order`] | what the game client needs to let a player buy an item |
//! | `answer` | how the answer to a payment call is read |
//! | `body` | what all five have in common |
//!
//! # One name for both generations
//!
//! Our API calls a thing the same whichever generation it is sent through; errors name it so too.
//!
//! | ours | classic Midas (v1) | virtual payment 2.0 |
//! |---|---|---|
//! | `appid`, `pf` | `appid`, `pf` | not sent |
//! | `offer_id`, `openid`, `zone_id`, `user_ip`, `ts` | the same | the same |
//! | `environment` | `/sandbox` in the path | `env`: 0 production, 1 sandbox |
//! | `bill_no` of pay and present | `bill_no` | `bill_no` |
//! | `bill_no` of cancel_pay: the payment's | `bill_no` | `pay_bill_no` |
//! | `refund_bill_no` of cancel_pay: the refund's own | none: once, the whole | `bill_no` |
//! | `amount` of pay | `amt` | `amount` |
//! | `amount` of present | `present_counts` | `amount` |
//! | `amount` of cancel_pay | none: the whole | `amount` |
//! | `pay_item` | `pay_item` of pay and cancelPay | `payitem` of pay |
//! | `app_remark` | `app_remark` | `remark` |
//! | `coin_type` of get_balance | none | `coin_type` |
//! | `out_trade_no`, `biz_id` of query_order | no such call | the same |
//! | `app_key` signs | `sig`, in the body | `pay_sig`, in the query |
//! | `session_key` signs | `mp_sig`, in the body; may be left out | `signature`, in the query; always |
//! | `balance`, `first_save`, told | the same | the same |
//! | `gen_balance`, told | `gen_balance` | `present_balance` |
//! | `used_gen_amt`, told | `used_gen_amt` or `used_gen_balance` | `used_present_amount` |
//! | `save_amt`, told | `save_amt` | `sum_save` |
//! | `save_sum`, told | `save_sum` | `sum_balance` |
//! | `cost_sum`, told | `cost_sum` | `sum_cost` |
//! | `present_sum`, told | `present_sum` | `sum_present` |

mod answer;
mod body;
pub mod item_order;
pub mod query_order;

use super::{App, Call, HttpRequest, check};
use crate::error::{Error, Result};
use crate::sign::Secret;
use body::Body;

pub use answer::parse;

/// The path a call is posted to, which is also what `pay_sig` signs.
pub fn path(call: Call) -> &'static str {
    match call {
        Call::Pay => "/wxa/game/pay",
        Call::CancelPay => "/wxa/game/cancelpay",
        Call::GetBalance => "/wxa/game/getbalance",
        Call::Present => "/wxa/game/present",
    }
}

/// Whose coins a call is about.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Player<'a> {
    /// The player: an openid of the app's appid.
    pub openid: &'a str,
    /// A zone published in the environment; `1` without zones.
    pub zone_id: &'a str,
    /// The player's public IP address, may be empty. Uncertain: WeChat's tables call it required, its samples leave
    /// it out and show success.
    pub user_ip: &'a str,
}

/// Which coins of a player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CoinType {
    /// Coins of the game.
    #[default]
    Game,
    /// Coins of the recharge centre, which has the one zone `1`.
    RechargeCentre,
}

/// One payment call and what it is about. Only text that may be left out may be empty.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Order<'a> {
    /// Takes coins from a player.
    Pay {
        /// Number of the purchase, the same for every attempt.
        bill_no: &'a str,
        /// Coins to take.
        amount: i64,
        /// Name of what is bought, may be empty.
        pay_item: &'a str,
        /// Note for the account log, may be empty.
        app_remark: &'a str,
    },
    /// Gives back coins of an earlier `pay`: all of them or a part.
    CancelPay {
        /// Number of that `pay`.
        bill_no: &'a str,
        /// Number of this refund: its own, the same for every attempt, a new one for the next part. Another number
        /// on a retry would be another refund.
        refund_bill_no: &'a str,
        /// Coins to give back.
        amount: i64,
    },
    /// Reads a player's coins.
    GetBalance {
        /// Which of them.
        coin_type: CoinType,
    },
    /// Gives coins to a player.
    Present {
        /// Number of the gift, the same for every attempt.
        bill_no: &'a str,
        /// Coins to give.
        amount: i64,
    },
}

impl Order<'_> {
    /// Which call it is.
    pub fn call(&self) -> Call {
        match self {
            Order::Pay { .. } => Call::Pay,
            Order::CancelPay { .. } => Call::CancelPay,
            Order::GetBalance { .. } => Call::GetBalance,
            Order::Present { .. } => Call::Present,
        }
    }
}

/// Makes the whole request for one attempt: every attempt needs a fresh `ts` (Unix seconds) and its own signatures,
/// and keeps everything else of its order.
///
/// `session_key` is always needed; of `app`, appid, pf and mp_sig are not looked at. Every value is checked first; a
/// refusal names its field.
pub fn build(
    app: &App,
    player: &Player<'_>,
    order: &Order<'_>,
    session_key: &Secret,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    check_order(player, order)?;
    let mut body = Body::begin(app, player, session_key, access_token, ts)?;
    match *order {
        Order::Pay {
            bill_no,
            amount,
            pay_item,
            app_remark,
        } => {
            body.text("bill_no", bill_no);
            body.number("amount", amount);
            body.text("payitem", pay_item);
            body.text("remark", app_remark);
        }
        Order::CancelPay {
            bill_no,
            refund_bill_no,
            amount,
        } => {
            body.text("pay_bill_no", bill_no);
            body.text("bill_no", refund_bill_no);
            body.number("amount", amount);
        }
        // WeChat's own samples leave it out for the game's coins.
        Order::GetBalance {
            coin_type: CoinType::Game,
        } => {}
        Order::GetBalance {
            coin_type: CoinType::RechargeCentre,
        } => body.number("coin_type", 1),
        Order::Present { bill_no, amount } => {
            body.text("bill_no", bill_no);
            body.number("amount", amount);
        }
    }
    Ok(body.post(path(order.call())))
}

fn check_order(player: &Player<'_>, order: &Order<'_>) -> Result<()> {
    match *order {
        Order::Pay {
            bill_no,
            amount,
            pay_item,
            app_remark,
        } => {
            check::bill_no(bill_no)?;
            check::amount(amount)?;
            check::note("pay_item", pay_item, check::PAY_ITEM_MAX)?;
            check::note("app_remark", app_remark, check::APP_REMARK_MAX)
        }
        Order::CancelPay {
            bill_no,
            refund_bill_no,
            amount,
        } => {
            check::bill_no(bill_no)?;
            check_refund(bill_no, refund_bill_no)?;
            check::amount(amount)
        }
        Order::GetBalance { coin_type } => check_zone(coin_type, player.zone_id),
        Order::Present { bill_no, amount } => {
            check::bill_no(bill_no)?;
            check::amount(amount)
        }
    }
}

/// Checks that coins of this type are kept in this zone.
pub fn check_zone(coin_type: CoinType, zone_id: &str) -> Result<()> {
    match coin_type {
        CoinType::RechargeCentre if zone_id != "1" => Err(Error::invalid(
            "zone_id",
            "must be `1` for the coins of the recharge centre",
        )),
        _ => Ok(()),
    }
}

/// Checks the number of a refund. It is one that no payment has: 90012 could otherwise mean either.
pub fn check_refund(bill_no: &str, refund_bill_no: &str) -> Result<()> {
    check::bill_no(refund_bill_no).map_err(|error| error.about("refund_bill_no"))?;
    if refund_bill_no == bill_no {
        return Err(Error::invalid(
            "refund_bill_no",
            "is the number of the payment: a refund needs a number of its own",
        ));
    }
    Ok(())
}
