//! The pushes of WeChat's pages, with values of our own.

use crate::craft::{APP_KEY, pay_event_sig};

/// Name and Payload of an item purchase inside the game.
pub const GOODS: (&str, &str) = (
    "minigame_game_pay_goods_deliver_notify",
    r#"{"OpenId":"to_user_openid","Env":0,"OutTradeNo":"1_1_test","GoodsInfo":{"ProductId":"test_product_id","Quantity":10,"ZoneId":"1","OrigPrice":100,"ActualPrice":90,"Attach":"test_attach","OrderSource":1}}"#,
);
/// Of one in the mall, by the name of WeChat's table, paid through WeChat Pay.
pub const MALL_GOODS: (&str, &str) = (
    "minigame_h5_goods_deliver_notify",
    r#"{"OpenId":"example_open_id","OutTradeNo":"example_out_trade_no","WeChatPayInfo":{"MchOrderNo":"example_mch_order_no","TransactionId":"example_transaction_id"},"Env":0,"GoodsInfo":{"ProductId":"p&<钻石>","Quantity":1,"ZoneId":"example_zone_id","OrigPrice":1000,"ActualPrice":1000}}"#,
);
/// Of coins that arrived, with the names of WeChat's samples.
pub const COINS: (&str, &str) = (
    "minigame_coin_deliver_completed",
    r#"{"OpenId":"to_user_openid","OutTradeNo":"_xxxxxxx","WeChatPayInfo":{"MchOrderNo":"m1","TransactionId":"t1"},"Env":0,"CoinInfo":{"ZoneId":"1","TotalPrice":100,"BuyQuantity":1,"OrigPrice":120}}"#,
);
/// Of coins from the recharge centre, with the names of WeChat's table.
pub const RECHARGE_CENTRE_COINS: (&str, &str) = (
    "minigame_recharge_center_coin_deliver_completed",
    r#"{"OpenId":"to_user_openid","OutTradeNo":"n1","Env":0,"CoinInfo":{"ActualPrice":100,"BuyQuantity":1,"OrigPrice":120}}"#,
);
/// Of a refund, as in WeChat's samples.
pub const REFUND: (&str, &str) = (
    "minigame_pay_refund_succ_notify",
    r#"{"RefundId":"refund_id","RefundAmount":100,"RefundSource":1,"Env":0, "WeChatPayInfo":{"MchOrderNo":"m1","TransactionId":"t1"}}"#,
);
/// A gift pack as JSON: the whole message.
pub const GIFT: &str = r#"{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1583202606,"MsgType":"event","Event":"minigame_deliver_goods","MiniGame":{"OrderId":"r_123","IsPreview":1,"ToUserOpenid":"to_user_openid","Zone":1001,"GiftTypeId":1,"GiftId":"gift_id_xxx","SendTime":1583202600,"GoodsList":[{"Id":"id_100001","Num":3},{"Id":7,"Num":1}]}}"#;
/// The same as XML.
pub const GIFT_XML: &str = "<xml><CreateTime>1583202606</CreateTime><MsgType><![CDATA[event]]></MsgType>\
    <Event><![CDATA[minigame_deliver_goods]]></Event><MiniGame><OrderId>r_123</OrderId><IsPreview>1</IsPreview>\
    <ToUserOpenid>to_user_openid</ToUserOpenid><Zone>1001</Zone><GiftTypeId>1</GiftTypeId>\
    <GiftId>gift_id_xxx</GiftId><SendTime>1583202600</SendTime><GoodsList><Id>id_100001</Id><Num>3</Num></GoodsList>\
    <GoodsList><Id>7</Id><Num>1</Num></GoodsList></MiniGame></xml>";

/// An envelope whose PayEventSig holds in production.
pub fn good(envelope: fn(&str, &str, &str, &str) -> String, event: &str, payload: &str) -> String {
    envelope(event, payload, &pay_event_sig(APP_KEY, event, payload), "")
}
