//! The control requests about items, refunds and pushes.

use crate::call::Env;
use crate::item::ItemCall;
use crate::json::{Trouble, read};
use crate::purchase::PurchaseState;
use crate::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) const ACTS: [&str; 7] = [
    "item",
    "product",
    "refund",
    "push",
    "push/config",
    "push/hold",
    "push/release",
];

/// The names of the three strings are the client's.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    appid: Option<String>,
    openid: String,
    #[serde(rename = "signData")]
    sign_data: String,
    #[serde(rename = "paySig")]
    pay_sig: String,
    signature: String,
    #[serde(default = "paid")]
    state: PurchaseState,
}

fn paid() -> PurchaseState {
    PurchaseState::Paid
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Product {
    appid: Option<String>,
    product_id: String,
    price: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refund {
    appid: Option<String>,
    out_trade_no: String,
    #[serde(default)]
    env: Env,
    refund_amount: i64,
    #[serde(default = "by_console")]
    refund_source: i64,
}

fn by_console() -> i64 {
    2
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Order {
    #[default]
    Due,
    Reversed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Release {
    #[serde(default)]
    order: Order,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Does what is asked by one of [`ACTS`]; nothing for any other name.
pub(crate) fn act(world: &World, name: &str, body: &[u8]) -> Option<Result<Value, Trouble>> {
    Some(match name {
        "item" => item(world, body),
        "product" => product(world, body),
        "refund" => refund(world, body),
        "push" => push(world, body),
        "push/config" => read(body)
            .and_then(|wish| world.configure_pushes(wish))
            .map(|()| json!({ "ok": true })),
        "push/hold" => read(body).map(|Nothing {}| {
            world.hold_pushes();
            json!({ "ok": true })
        }),
        "push/release" => read(body).map(|Release { order }| {
            let released = world.release_pushes(matches!(order, Order::Reversed));
            json!({ "ok": true, "pushes": released })
        }),
        _ => return None,
    })
}

fn item(world: &World, body: &[u8]) -> Result<Value, Trouble> {
    let item: Item = read(body)?;
    let call = ItemCall {
        openid: &item.openid,
        sign_data: &item.sign_data,
        pay_sig: &item.pay_sig,
        signature: &item.signature,
    };
    let app = world.meant(item.appid.as_deref())?;
    Ok(match world.order_item(app, &call, item.state)? {
        Ok(()) => json!({ "ok": true, "errCode": 0, "errMsg": "requestMidasPaymentGameItem:ok" }),
        Err(error) => json!({
            "ok": false, "errCode": error.err_code, "errMsg": error.err_msg, "field": error.field,
        }),
    })
}

fn product(world: &World, body: &[u8]) -> Result<Value, Trouble> {
    let product: Product = read(body)?;
    let app = world.meant(product.appid.as_deref())?;
    world.set_product(app, &product.product_id, product.price)?;
    Ok(json!({ "ok": true }))
}

fn refund(world: &World, body: &[u8]) -> Result<Value, Trouble> {
    let refund: Refund = read(body)?;
    let app = world.meant(refund.appid.as_deref())?;
    let amount = (refund.refund_amount, refund.refund_source);
    let refund_id = world.refund_money((app, refund.env), &refund.out_trade_no, amount)?;
    Ok(json!({ "ok": true, "refund_id": refund_id }))
}

fn push(world: &World, body: &[u8]) -> Result<Value, Trouble> {
    let (ids, key) = world.push(read(body)?)?;
    Ok(json!({ "ok": true, "ids": ids, "key": key }))
}
