//! What a push says: the events of payments, their payloads, and the message around them.

use crate::call::Env;
use crate::item_order::ItemOrder;
use crate::push_config::Format;
use crate::sign::{self, Key};
use crate::xml;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a push is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Goods,
    H5Goods,
    Coin,
    RechargeCentreCoin,
    Refund,
    Gift,
    Raw,
}

impl Kind {
    /// WeChat's name of the event.
    fn event(self) -> &'static str {
        match self {
            Kind::Goods => "minigame_game_pay_goods_deliver_notify",
            Kind::H5Goods => "minigame_h5_goods_deliver_notify",
            Kind::Coin => "minigame_coin_deliver_completed",
            Kind::RechargeCentreCoin => "minigame_recharge_center_coin_deliver_completed",
            Kind::Refund => "minigame_pay_refund_succ_notify",
            Kind::Gift => "minigame_deliver_goods",
            Kind::Raw => "raw",
        }
    }

    /// Whether it has a Payload, which has a signature of its own.
    pub(crate) fn has_payload(self) -> bool {
        !matches!(self, Kind::Gift | Kind::Raw)
    }

    /// Whether it comes by the delivery push of item settings, which is JSON only and has a longer plan.
    pub(crate) fn is_goods(self) -> bool {
        matches!(self, Kind::Goods | Kind::H5Goods)
    }

    /// The field by which a repeated push is known.
    fn key_field(self) -> &'static str {
        match self {
            Kind::Refund => "RefundId",
            Kind::Gift => "OrderId",
            _ => "OutTradeNo",
        }
    }
}

/// What a forger got wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Forge {
    /// PayEventSig is made with a key that is nobody's.
    PayEventSig,
    /// `signature` and `msg_signature` are made with a token that is nobody's.
    Signature,
    /// The Payload says the other environment than the one whose key signed it.
    Env,
    /// The encrypted message belongs to another app.
    Appid,
    /// The padding of the encrypted message is none.
    Padding,
    /// The message comes in the clear, though safe mode is set.
    Plain,
}

/// `WeChatPayInfo`, by the numbers that `queryorderinfo` tells as well.
fn pay_info(out_trade_no: &str) -> Value {
    json!({
        "MchOrderNo": mch_order_no(out_trade_no),
        "TransactionId": transaction_id(out_trade_no),
    })
}

pub(crate) fn mch_order_no(out_trade_no: &str) -> String {
    format!("mch-{out_trade_no}")
}

pub(crate) fn transaction_id(out_trade_no: &str) -> String {
    format!("wx-{out_trade_no}")
}

/// The payload of a bought item; it comes from the game or from the mall.
pub(crate) fn goods(kind: Kind, env: Env, out_trade_no: &str, item: &ItemOrder) -> Value {
    json!({
        "OpenId": item.openid,
        "Env": env.index(),
        "OutTradeNo": out_trade_no,
        "GoodsInfo": {
            "ProductId": item.product_id,
            "Quantity": item.quantity,
            "ZoneId": item.zone_id,
            "OrigPrice": item.total(),
            "ActualPrice": item.total(),
            "Attach": item.attach,
            "OrderSource": if kind == Kind::H5Goods { 2 } else { 1 },
        },
        "WeChatPayInfo": pay_info(out_trade_no),
    })
}

/// The payload of coins that have come; those of the recharge centre have no zone.
pub(crate) fn coin(
    env: Env,
    (openid, zone_id): (&str, Option<&str>),
    out_trade_no: &str,
    (amt, price): (i64, i64),
) -> Value {
    let mut info = json!({ "BuyQuantity": amt, "OrigPrice": price, "ActualPrice": price });
    if let Some(zone_id) = zone_id {
        info["ZoneId"] = zone_id.into();
    }
    json!({
        "OpenId": openid,
        "Env": env.index(),
        "OutTradeNo": out_trade_no,
        "CoinInfo": info,
        "WeChatPayInfo": pay_info(out_trade_no),
    })
}

/// The payload of money given back, in fen.
pub(crate) fn refund(
    env: Env,
    out_trade_no: &str,
    refund_id: &str,
    (amount, source): (i64, i64),
) -> Value {
    json!({
        "RefundId": refund_id,
        "RefundAmount": amount,
        "RefundSource": source,
        "Env": env.index(),
        "OutTradeNo": out_trade_no,
        "WeChatPayInfo": pay_info(out_trade_no),
    })
}

/// What a gift pack has in place of a Payload.
pub(crate) fn gift(openid: &str, order_id: &str, now_s: i64) -> Value {
    json!({
        "OrderId": order_id,
        "IsPreview": 0,
        "ToUserOpenid": openid,
        "Zone": 2001,
        "GiftTypeId": 1,
        "GiftId": "gift_1",
        "SendTime": now_s,
        "GoodsList": [{ "Id": "item_1", "Num": 1 }],
    })
}

/// A message that is to be written.
pub(crate) struct Draft {
    pub(crate) kind: Kind,
    pub(crate) env: Env,
    /// The Payload, or what a gift pack has in its place.
    pub(crate) payload: Value,
    /// Whom the message says it is from.
    pub(crate) from: String,
    pub(crate) mock: bool,
    pub(crate) forge: Option<Forge>,
    pub(crate) format: Format,
    /// Changes to the payload, and to the message around it.
    pub(crate) fields: Map<String, Value>,
    pub(crate) message: Map<String, Value>,
}

/// A message as it is written before it is sealed.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) event: String,
    /// OutTradeNo, RefundId or OrderId; empty when there is none.
    pub(crate) key: String,
    pub(crate) from: String,
    pub(crate) text: String,
    pub(crate) format: Format,
}

impl Draft {
    /// Writes the message. `key` is the app key of the environment.
    pub(crate) fn write(mut self, to_user_name: &str, key: &Key, now_s: i64) -> Message {
        merge(&mut self.payload, Value::Object(self.fields));
        if self.forge == Some(Forge::Env) {
            self.payload["Env"] = self.env.other().index().into();
        }
        let named = self.payload.get(self.kind.key_field());
        let named = named.and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut message = json!({
            "ToUserName": to_user_name,
            "FromUserName": self.from,
            "CreateTime": now_s,
            "MsgType": "event",
            "Event": self.kind.event(),
        });
        message["MiniGame"] = match self.kind.has_payload() {
            false => self.payload,
            true => json!({ "Payload": self.payload.to_string(), "IsMock": self.mock }),
        };
        // The signature is left to the end: it covers what stands there in the end.
        let signature = self
            .message
            .get("MiniGame")
            .map(|own| own.get("PayEventSig"));
        let own_signature = signature.flatten().is_some();
        merge(&mut message, Value::Object(self.message));
        let event = message["Event"].as_str().unwrap_or_default().to_owned();
        let payload = message["MiniGame"]["Payload"].as_str().map(str::to_owned);
        if let Some(payload) = payload.filter(|_| self.kind.has_payload() && !own_signature) {
            let signature = match self.forge {
                Some(Forge::PayEventSig) => {
                    sign::pay_event_sig(&event, &payload, &Key::new("nobody's app key"))
                }
                _ => sign::pay_event_sig(&event, &payload, key),
            };
            message["MiniGame"]["PayEventSig"] = signature.into();
        }
        Message {
            event,
            key: named,
            from: self.from,
            text: match self.format {
                Format::Json => message.to_string(),
                Format::Xml => xml::write(&message),
            },
            format: self.format,
        }
    }
}

/// Changes a JSON value: objects field by field, null takes a field away, everything else replaces.
fn merge(value: &mut Value, change: Value) {
    let Value::Object(changes) = change else {
        *value = change;
        return;
    };
    if !value.is_object() {
        *value = json!({});
    }
    let Some(fields) = value.as_object_mut() else {
        return;
    };
    for (name, change) in changes {
        match change {
            Value::Null => {
                fields.remove(&name);
            }
            change => merge(fields.entry(name).or_insert(Value::Null), change),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn a_change_replaces_adds_and_takes_away() {
        let mut value = json!({ "a": { "b": 1, "c": 2 }, "d": "x" });
        merge(
            &mut value,
            json!({ "a": { "b": 3, "c": null }, "d": { "e": [1] }, "f": true }),
        );
        assert_eq!(
            value,
            json!({ "a": { "b": 3 }, "d": { "e": [1] }, "f": true })
        );
    }
}
