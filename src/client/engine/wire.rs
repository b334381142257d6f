//! One request and its answer, in the generation of the API that it is made for.

use std::borrow::Cow;

use crate::api::game_v2::query_order::build_query_order;
use crate::api::{self, App, Call, HttpRequest, Order, errcode, game_v2, midas_v1};
use crate::client::bill_no;
use crate::client::submission::ReadCall;
use crate::error::{Error, Result};
use crate::sign::Secret;
use crate::store::{Generation, Kind, Record};
use crate::transport;

/// One attempt of a record, through the API that it was made for.
pub(super) fn build(
    app: &App,
    call: Call,
    record: &Record,
    session_key: Option<&Secret>,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    match record.generation {
        Generation::V1 => build_v1(app, call, record, session_key, access_token, ts),
        Generation::V2 => {
            let session_key = session_key.ok_or_else(no_key)?;
            build_v2(app, call, record, session_key, access_token, ts)
        }
    }
}

fn build_v1(
    app: &App,
    call: Call,
    record: &Record,
    session_key: Option<&Secret>,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    let order = Order {
        openid: &record.openid,
        zone_id: &record.zone_id,
        bill_no: &record.bill_no,
        amount: if call == Call::CancelPay {
            0
        } else {
            record.amount
        },
        pay_item: if call == Call::Present {
            ""
        } else {
            &record.pay_item
        },
        app_remark: if call == Call::Pay {
            &record.app_remark
        } else {
            ""
        },
        user_ip: &record.user_ip,
    };
    midas_v1::build(app, call, &order, session_key, access_token, ts)
}

fn build_v2(
    app: &App,
    call: Call,
    record: &Record,
    session_key: &Secret,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    let player = game_v2::Player {
        openid: &record.openid,
        zone_id: &record.zone_id,
        user_ip: &record.user_ip,
    };
    let bill_no = pay_number(record);
    let refund_bill_no;
    let order = match call {
        Call::Pay => game_v2::Order::Pay {
            bill_no,
            amount: record.amount,
            pay_item: &record.pay_item,
            app_remark: &record.app_remark,
        },
        Call::Present => game_v2::Order::Present {
            bill_no,
            amount: record.amount,
        },
        Call::CancelPay => {
            refund_bill_no = refund_number(record);
            game_v2::Order::CancelPay {
                bill_no,
                refund_bill_no: &refund_bill_no,
                amount: record.amount,
            }
        }
        Call::GetBalance => game_v2::Order::GetBalance {
            coin_type: game_v2::CoinType::Game,
        },
    };
    game_v2::build(app, &player, &order, session_key, access_token, ts)
}

/// The number of the payment.
fn pay_number(record: &Record) -> &str {
    match record.kind {
        Kind::Refund => &record.pay_bill_no,
        _ => &record.bill_no,
    }
}

/// The number of its refund: that of a part is its own, that of the whole is made of the payment's.
fn refund_number(record: &Record) -> Cow<'_, str> {
    match record.kind {
        Kind::Refund => Cow::Borrowed(&record.bill_no),
        _ => Cow::Owned(bill_no::of_whole_refund(&record.bill_no)),
    }
}

pub(super) fn parse(call: Call, record: &Record, reply: &transport::Reply) -> api::Answer {
    match record.generation {
        Generation::V1 => midas_v1::parse(call, reply.status, &reply.body, &record.bill_no),
        Generation::V2 => {
            let refund_bill_no = match call {
                Call::CancelPay => refund_number(record),
                _ => Cow::Borrowed(""),
            };
            let bill_no = pay_number(record);
            game_v2::parse(call, reply.status, &reply.body, bill_no, &refund_bill_no)
        }
    }
}

/// What a code means for the money, told in the words of the record's generation.
pub(super) fn help(call: Call, generation: Generation, errcode: i32) -> errcode::Help {
    match generation {
        Generation::V1 => errcode::help(call, errcode),
        Generation::V2 => errcode::help_v2(call, errcode),
    }
}

/// A get_balance or query_order, through the API of this generation.
pub(super) fn build_read(
    app: &App,
    generation: Generation,
    call: &ReadCall,
    session_key: Option<&Secret>,
    access_token: &str,
    ts: i64,
) -> Result<HttpRequest> {
    match call {
        ReadCall::GetBalance {
            openid,
            zone_id,
            user_ip,
            ..
        } if generation == Generation::V1 => {
            let order = Order {
                openid,
                zone_id,
                user_ip,
                ..Order::default()
            };
            let call = Call::GetBalance;
            midas_v1::build(app, call, &order, session_key, access_token, ts)
        }
        ReadCall::GetBalance {
            openid,
            zone_id,
            user_ip,
            coin_type,
        } => {
            let player = game_v2::Player {
                openid,
                zone_id,
                user_ip,
            };
            let order = game_v2::Order::GetBalance {
                coin_type: *coin_type,
            };
            let session_key = session_key.ok_or_else(no_key)?;
            game_v2::build(app, &player, &order, session_key, access_token, ts)
        }
        ReadCall::QueryOrder {
            openid,
            zone_id,
            user_ip,
            out_trade_no,
            business,
        } => {
            let player = game_v2::Player {
                openid,
                zone_id,
                user_ip,
            };
            let session_key = session_key.ok_or_else(no_key)?;
            build_query_order(
                app,
                &player,
                out_trade_no,
                *business,
                session_key,
                access_token,
                ts,
            )
        }
        _ => Err(Error::invalid("call", "is no read of an account")),
    }
}

fn no_key() -> Error {
    Error::invalid("session_key", "is missing: the player has to log in")
}
