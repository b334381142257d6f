//! What a push about payment says, typed, in WeChat's names.

use super::super::Environment;
use super::payload;

/// What WeChat has done and the game must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Goods are paid for: deliver them.
    Goods(Goods),
    /// Coins have arrived: the balance has changed. Not a reason to deliver anything.
    Coins(Coins),
    /// Money has been given back.
    Refund(Refund),
    /// A gift pack of WeChat's, for which nobody paid.
    Gift(Gift),
}

/// An item purchase that is paid (`minigame_game_pay_goods_deliver_notify` and the two names of the mall's).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    /// Who gets the goods.
    pub openid: String,
    /// Number of the order; what repeats are known by.
    pub out_trade_no: String,
    /// Whose money: real, or the sandbox's.
    pub env: Environment,
    /// Bought in the mall, not in the game.
    pub mall: bool,
    /// The item.
    pub product_id: String,
    /// How many, 1 or more.
    pub quantity: i64,
    /// Zone of the game; empty if WeChat names none.
    pub zone_id: String,
    /// Price before discounts, in fen.
    pub orig_price: i64,
    /// What was paid, in fen.
    pub actual_price: i64,
    /// What the order carried; empty if nothing.
    pub attach: String,
    /// 1 game, 2 mall, 3 test of the mall.
    pub order_source: Option<i64>,
    /// Number of WeChat Pay's merchant order, where WeChat Pay was used.
    pub mch_order_no: Option<String>,
    /// Number of WeChat Pay's transaction, where WeChat Pay was used.
    pub transaction_id: Option<String>,
    pub(super) source: Source,
}

/// Coins that were bought and have arrived (`minigame_coin_deliver_completed`, and the recharge centre's).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coins {
    /// Whose balance has changed.
    pub openid: String,
    /// Number of the order; begins with `_` if WeChat made it up. What repeats are known by.
    pub out_trade_no: String,
    /// Whose money: real, or the sandbox's.
    pub env: Environment,
    /// Bought in the recharge centre.
    pub recharge_centre: bool,
    /// Zone of the game; empty if WeChat names none, as for the recharge centre.
    pub zone_id: String,
    /// How many, 1 or more.
    pub buy_quantity: i64,
    /// Price before discounts, in fen.
    pub orig_price: i64,
    /// What was paid, in fen: `ActualPrice` of WeChat's table, else `TotalPrice` of its samples.
    pub actual_price: i64,
    /// Number of WeChat Pay's merchant order, where WeChat Pay was used.
    pub mch_order_no: Option<String>,
    /// Number of WeChat Pay's transaction, where WeChat Pay was used.
    pub transaction_id: Option<String>,
    pub(super) source: Source,
}

/// Money given back, for coins or goods (`minigame_pay_refund_succ_notify`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Number of the refund; what repeats are known by.
    pub refund_id: String,
    /// How much, in fen.
    pub refund_amount: i64,
    /// 1 the platform, 2 the console, 3 a call.
    pub refund_source: i64,
    /// Whose money: real, or the sandbox's.
    pub env: Environment,
    /// Number of the order; WeChat's samples leave it out.
    pub out_trade_no: Option<String>,
    /// Whose order it was, if WeChat says so.
    pub openid: Option<String>,
    /// Number of WeChat Pay's merchant order, where WeChat Pay was used.
    pub mch_order_no: Option<String>,
    /// Number of WeChat Pay's transaction, where WeChat Pay was used.
    pub transaction_id: Option<String>,
    pub(super) source: Source,
}

/// A gift pack (`minigame_deliver_goods`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gift {
    /// Number of the delivery; what repeats are known by.
    pub order_id: String,
    /// A trial from the console.
    pub is_preview: bool,
    /// Who gets the goods.
    pub to_user_openid: String,
    /// 1001 iOS, 2001 Android and PC; 0 if WeChat names none.
    pub zone: i64,
    /// What kind of pack, by WeChat's growing list; 0 if WeChat names none.
    pub gift_type_id: i64,
    /// The pack; empty if WeChat names none.
    pub gift_id: String,
    /// When the player took it, Unix seconds; 0 if WeChat does not say.
    pub send_time: i64,
    /// What is in it, one or more.
    pub goods: Vec<GiftGoods>,
    pub(super) source: Source,
}

/// One kind of goods in a gift pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiftGoods {
    /// The item.
    pub id: String,
    /// How many, 1 or more.
    pub num: i64,
}

/// What an event was read from, and can be read from again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    pub(super) name: &'static str,
    pub(super) payload: String,
}

impl Event {
    /// The text it was read from, to be kept: the very Payload that PayEventSig covers, or a gift pack's MiniGame as
    /// JSON. It holds an openid, so it is not for logs.
    pub fn payload(&self) -> &str {
        &self.source().payload
    }

    /// WeChat's name of it, to be kept beside the payload.
    pub fn name(&self) -> &str {
        self.source().name
    }

    fn source(&self) -> &Source {
        match self {
            Event::Goods(goods) => &goods.source,
            Event::Coins(coins) => &coins.source,
            Event::Refund(refund) => &refund.source,
            Event::Gift(gift) => &gift.source,
        }
    }

    /// In whose money it is told, which a gift pack is not.
    pub(super) fn env(&self) -> Option<Environment> {
        match self {
            Event::Goods(goods) => Some(goods.env),
            Event::Coins(coins) => Some(coins.env),
            Event::Refund(refund) => Some(refund.env),
            Event::Gift(_) => None,
        }
    }
}

/// Reads an event from what [`Event::name`] and [`Event::payload`] gave. Nothing is verified: that was done before it
/// was kept.
pub fn reread(name: &str, payload: &str) -> Option<Event> {
    payload::read(Name::of(name)?, payload.to_owned()).ok()
}

/// An event's name, and what comes under it.
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What the names stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Goods,
    MallGoods,
    Coins,
    RechargeCentreCoins,
    Refund,
    Gift,
}

/// The mall has two names: one in WeChat's table, one in its samples.
const NAMES: [(&str, Kind); 7] = [
    ("minigame_game_pay_goods_deliver_notify", Kind::Goods),
    ("minigame_h5_goods_deliver_notify", Kind::MallGoods),
    ("minigame_deliver_h5_pay_products", Kind::MallGoods),
    ("minigame_coin_deliver_completed", Kind::Coins),
    (
        "minigame_recharge_center_coin_deliver_completed",
        Kind::RechargeCentreCoins,
    ),
    ("minigame_pay_refund_succ_notify", Kind::Refund),
    ("minigame_deliver_goods", Kind::Gift),
];

impl Name {
    /// The name, if it is one of payment.
    pub(super) fn of(name: &str) -> Option<Self> {
        let (name, kind) = *NAMES.iter().find(|(known, _)| *known == name)?;
        Some(Self { name, kind })
    }

    pub(super) fn is_gift(self) -> bool {
        self.kind == Kind::Gift
    }
}
