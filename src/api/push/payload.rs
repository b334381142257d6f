//! How an event is read from its payload: every field is checked, and what is missing or wrong is named.

use super::super::Environment;
use super::event::{Coins, Event, Gift, GiftGoods, Goods, Kind, Name, Refund, Source};
use super::fields::{Fields, Read, needed};
use super::json;

/// Longest payload in bytes (our own bound).
pub const PAYLOAD_MAX: usize = 64 * 1024;

/// Reads the event from its payload, every field checked.
pub(super) fn read(name: Name, payload: String) -> Read<Event> {
    if payload.len() > PAYLOAD_MAX {
        return Err("Payload is longer than 64 KiB".into());
    }
    let object = json::read(&payload).map_err(|why| format!("Payload {why}"))?;
    let source = Source {
        name: name.name,
        payload,
    };
    let fields = Fields(&object);
    Ok(match name.kind {
        Kind::Goods => Event::Goods(goods(fields, false, source)?),
        Kind::MallGoods => Event::Goods(goods(fields, true, source)?),
        Kind::Coins => Event::Coins(coins(fields, false, source)?),
        Kind::RechargeCentreCoins => Event::Coins(coins(fields, true, source)?),
        Kind::Refund => Event::Refund(refund(fields, source)?),
        Kind::Gift => Event::Gift(gift(fields, source)?),
    })
}

/// `Env` of a payload that may be anything.
pub(super) fn env_of(payload: &str) -> Option<Environment> {
    env(Fields(&json::read(payload).ok()?)).ok()
}

fn env(payload: Fields<'_>) -> Read<Environment> {
    match needed("Env", payload.number("Env", 0)?)? {
        0 => Ok(Environment::Production),
        1 => Ok(Environment::Sandbox),
        _ => Err("Env is neither 0 nor 1".into()),
    }
}

fn goods(payload: Fields<'_>, mall: bool, source: Source) -> Read<Goods> {
    let info = needed("GoodsInfo", payload.object("GoodsInfo")?)?;
    let (mch_order_no, transaction_id) = wechat_pay(payload)?;
    Ok(Goods {
        openid: needed("OpenId", payload.openid("OpenId")?)?,
        out_trade_no: needed("OutTradeNo", payload.id("OutTradeNo")?)?,
        env: env(payload)?,
        mall,
        product_id: needed("ProductId", info.id("ProductId")?)?,
        quantity: needed("Quantity", info.number("Quantity", 1)?)?,
        zone_id: info.id("ZoneId")?.unwrap_or_default(),
        orig_price: needed("OrigPrice", info.number("OrigPrice", 0)?)?,
        actual_price: needed("ActualPrice", info.number("ActualPrice", 0)?)?,
        attach: info.text("Attach")?.unwrap_or_default().to_owned(),
        order_source: info.number("OrderSource", 0)?,
        mch_order_no,
        transaction_id,
        source,
    })
}

fn coins(payload: Fields<'_>, recharge_centre: bool, source: Source) -> Read<Coins> {
    let info = needed("CoinInfo", payload.object("CoinInfo")?)?;
    let actual_price = info.number("ActualPrice", 0)?;
    let total_price = info.number("TotalPrice", 0)?;
    let (mch_order_no, transaction_id) = wechat_pay(payload)?;
    Ok(Coins {
        openid: needed("OpenId", payload.openid("OpenId")?)?,
        out_trade_no: needed("OutTradeNo", payload.id("OutTradeNo")?)?,
        env: env(payload)?,
        recharge_centre,
        zone_id: info.id("ZoneId")?.unwrap_or_default(),
        buy_quantity: needed("BuyQuantity", info.number("BuyQuantity", 1)?)?,
        orig_price: needed("OrigPrice", info.number("OrigPrice", 0)?)?,
        actual_price: needed("ActualPrice", actual_price.or(total_price))?,
        mch_order_no,
        transaction_id,
        source,
    })
}

fn refund(payload: Fields<'_>, source: Source) -> Read<Refund> {
    let (mch_order_no, transaction_id) = wechat_pay(payload)?;
    Ok(Refund {
        refund_id: needed("RefundId", payload.id("RefundId")?)?,
        refund_amount: needed("RefundAmount", payload.number("RefundAmount", 0)?)?,
        refund_source: needed("RefundSource", payload.number("RefundSource", 0)?)?,
        env: env(payload)?,
        out_trade_no: payload.id("OutTradeNo")?,
        openid: payload.openid("OpenId")?,
        mch_order_no,
        transaction_id,
        source,
    })
}

fn gift(mini_game: Fields<'_>, source: Source) -> Read<Gift> {
    let goods = mini_game
        .objects("GoodsList")?
        .into_iter()
        .map(|goods| {
            Ok(GiftGoods {
                id: needed("Id", goods.id("Id")?)?,
                num: needed("Num", goods.number("Num", 1)?)?,
            })
        })
        .collect::<Read<Vec<_>>>()?;
    Ok(Gift {
        order_id: needed("OrderId", mini_game.id("OrderId")?)?,
        is_preview: mini_game.flag("IsPreview")?.unwrap_or(false),
        to_user_openid: needed("ToUserOpenid", mini_game.openid("ToUserOpenid")?)?,
        zone: mini_game.number("Zone", 0)?.unwrap_or(0),
        gift_type_id: mini_game.number("GiftTypeId", 0)?.unwrap_or(0),
        gift_id: mini_game.id("GiftId")?.unwrap_or_default(),
        send_time: mini_game.number("SendTime", 0)?.unwrap_or(0),
        goods: needed("GoodsList", Some(goods).filter(|goods| !goods.is_empty()))?,
        source,
    })
}

fn wechat_pay(payload: Fields<'_>) -> Read<(Option<String>, Option<String>)> {
    let Some(info) = payload.object("WeChatPayInfo")? else {
        return Ok((None, None));
    };
    Ok((info.id("MchOrderNo")?, info.id("TransactionId")?))
}
