//! How the completion of a client becomes what C reads.

use std::mem::size_of;

use crate::api::push::Event;
use crate::client::completion::{
    Completion, FLAG_NOT_ORDERED, FLAG_REDELIVERED, FLAG_SEALED, FLAG_SHUTDOWN, Push,
};

use super::texts::{Place, Texts};
use super::{Parts, wxg_completion_view, wxg_goods_view};
use crate::ffi::completion::{
    WXG_FLAG_NOT_ORDERED, WXG_FLAG_REDELIVERED, WXG_FLAG_SEALED, WXG_FLAG_SHUTDOWN,
    WXG_HAS_BALANCE, WXG_HAS_COST_SUM, WXG_HAS_FIRST_SAVE, WXG_HAS_GEN_BALANCE,
    WXG_HAS_PRESENT_SUM, WXG_HAS_SAVE_AMT, WXG_HAS_SAVE_SUM, WXG_HAS_USED_GEN_AMT,
    WXG_KIND_ITEM_ORDER, WXG_KIND_QUERY_ORDER, wxg_completion,
};
use crate::ffi::push::{
    WXG_PUSH_COINS, WXG_PUSH_GIFT, WXG_PUSH_GOODS, WXG_PUSH_REFUND, refusal_number, verdict_number,
};
use crate::ffi::status::{WXG_OK, status_of};

// Numbers, not names, for the header shows what stands here.
const _: () = assert!(WXG_FLAG_REDELIVERED == FLAG_REDELIVERED);
const _: () = assert!(WXG_FLAG_SHUTDOWN == FLAG_SHUTDOWN && WXG_FLAG_SEALED == FLAG_SEALED);
const _: () = assert!(WXG_FLAG_NOT_ORDERED == FLAG_NOT_ORDERED);

impl wxg_completion {
    pub(in crate::ffi) fn boxed(completion: Completion) -> *mut wxg_completion {
        Self::boxed_with_class(completion, 0)
    }

    pub(in crate::ffi) fn boxed_with_class(
        completion: Completion,
        errcode_class: u32,
    ) -> *mut wxg_completion {
        let mut parts = of(&completion);
        parts.view.errcode_class = errcode_class;
        Self::of_parts(parts)
    }
}

/// What a completion shows, and what its texts point into.
fn of(completion: &Completion) -> Parts {
    let mut texts = Texts::default();
    let bill_no = texts.put(&completion.bill_no);
    let openid = texts.put(&completion.openid);
    let zone_id = texts.put(&completion.zone_id);
    let pay_item = texts.put(&completion.pay_item);
    let unionid = texts.put(&completion.unionid);
    let errmsg = texts.put(&completion.errmsg);
    let host_data = texts.put(&completion.host_data);
    let refund_bill_no = texts.put(&completion.refund_bill_no);
    let attach = texts.put(&completion.attach);
    let mut view = numbers(completion);
    let order = order(completion, &mut view, &mut texts);
    let push = completion
        .push
        .as_deref()
        .map(|push| self::push(push, &mut view, &mut texts));

    view.bill_no = texts.view(bill_no);
    view.openid = texts.view(openid);
    view.zone_id = texts.view(zone_id);
    view.pay_item = texts.view(pay_item);
    view.unionid = texts.view(unionid);
    view.errmsg = texts.view(errmsg);
    view.host_data = texts.view(host_data);
    view.refund_bill_no = texts.view(refund_bill_no);
    view.attach = texts.view(attach);
    view.sign_data = texts.view(order.sign_data);
    view.pay_sig = texts.view(order.pay_sig);
    view.signature = texts.view(order.signature);
    if view.payment_kind == WXG_KIND_ITEM_ORDER || view.kind == WXG_KIND_QUERY_ORDER {
        view.out_trade_no = view.bill_no;
        view.event_id = view.bill_no;
    }
    view.mch_order_no = texts.view(order.mch_order_no);
    view.transaction_id = texts.view(order.transaction_id);
    let mut goods = Vec::new();
    if let Some(push) = push {
        view.event_id = texts.view(push.event_id);
        view.out_trade_no = texts.view(push.out_trade_no);
        view.mch_order_no = texts.view(push.mch_order_no);
        view.transaction_id = texts.view(push.transaction_id);
        view.gift_id = texts.view(push.gift_id);
        view.event = texts.view(push.event);
        view.payload = texts.view(push.payload);
        view.answer = texts.view(push.answer);
        view.answer_content_type = texts.view(push.answer_content_type);
        goods.extend(push.goods.iter().map(|(id, num)| wxg_goods_view {
            struct_size: size_of::<wxg_goods_view>() as u32,
            reserved: 0,
            num: *num,
            id: texts.view(*id),
        }));
    }
    Parts {
        view,
        texts,
        goods: goods.into(),
    }
}

/// All that is no text.
fn numbers(completion: &Completion) -> wxg_completion_view {
    let account = completion.account;
    let mut has = 0;
    let mut told = |bit: u32, amount: Option<i64>| {
        has |= if amount.is_some() { bit } else { 0 };
        amount.unwrap_or(0)
    };
    let mut view = wxg_completion_view {
        struct_size: size_of::<wxg_completion_view>() as u32,
        kind: completion.kind.map_or(0, |kind| kind as u32),
        outcome: completion.outcome as u32,
        reason: completion.reason as u32,
        status: completion.error.map_or(WXG_OK, status_of),
        errcode: completion.errcode,
        payment_kind: completion.payment.map_or(0, |kind| kind as u32),
        has: 0,
        flags: completion.flags,
        user_tag: completion.user_tag,
        delivery_id: completion.delivery_id,
        amount: completion.amount,
        balance: told(WXG_HAS_BALANCE, account.balance),
        gen_balance: told(WXG_HAS_GEN_BALANCE, account.gen_balance),
        used_gen_amt: told(WXG_HAS_USED_GEN_AMT, account.used_gen_amt),
        save_amt: told(WXG_HAS_SAVE_AMT, account.save_amt),
        save_sum: told(WXG_HAS_SAVE_SUM, account.save_sum),
        cost_sum: told(WXG_HAS_COST_SUM, account.cost_sum),
        present_sum: told(WXG_HAS_PRESENT_SUM, account.present_sum),
        first_save: told(WXG_HAS_FIRST_SAVE, account.first_save.map(i64::from)) as u32,
        errcode_class: 0,
        record_id: completion.record_id,
        created_at_ms: completion.created_at_ms,
        first_sent_at_ms: completion.first_sent_at_ms,
        waiting_for: completion.waiting_for as u32,
        goods_price: completion.goods_price,
        ..wxg_completion_view::EMPTY
    };
    view.has = has;
    view
}

#[derive(Default)]
struct OrderTexts {
    sign_data: Place,
    pay_sig: Place,
    signature: Place,
    mch_order_no: Place,
    transaction_id: Place,
}

/// Of an item_order or a query_order.
fn order(completion: &Completion, view: &mut wxg_completion_view, texts: &mut Texts) -> OrderTexts {
    let mut places = OrderTexts::default();
    if let Some(strings) = &completion.strings {
        places.sign_data = texts.put(&strings.sign_data);
        places.pay_sig = texts.put(&strings.pay_sig);
        places.signature = texts.put(&strings.signature);
    }
    if let Some(order) = &completion.queried {
        view.pay_state = 1 + u32::from(order.paid);
        view.deliver_state = order.delivered.map_or(0, |is| 1 + u32::from(is));
        view.pay_finish_time = order.pay_finish_time.unwrap_or(0);
        places.mch_order_no = texts.put(order.mch_order_no.as_deref().unwrap_or_default());
        places.transaction_id = texts.put(order.transaction_id.as_deref().unwrap_or_default());
    }
    places
}

#[derive(Default)]
struct PushTexts {
    event_id: Place,
    out_trade_no: Place,
    mch_order_no: Place,
    transaction_id: Place,
    gift_id: Place,
    event: Place,
    payload: Place,
    answer: Place,
    answer_content_type: Place,
    goods: Vec<(Place, i64)>,
}

fn push(push: &Push, view: &mut wxg_completion_view, texts: &mut Texts) -> PushTexts {
    let mut places = PushTexts {
        event: texts.put(&push.name),
        payload: texts.put(&push.message),
        ..PushTexts::default()
    };
    view.verdict = push.verdict.map_or(0, verdict_number);
    view.refusal = push.refusal.map_or(0, refusal_number);
    if let Some(answer) = &push.answer {
        view.answer_status = u32::from(answer.status);
        places.answer = texts.put(&answer.body);
        places.answer_content_type = texts.put(answer.content_type);
    }
    let Some(event) = &push.event else {
        return places;
    };
    let (id, out_trade_no, mch_order_no, transaction_id) = match event {
        Event::Goods(goods) => {
            view.push_event = WXG_PUSH_GOODS;
            view.orig_price = goods.orig_price;
            view.actual_price = goods.actual_price;
            view.order_source = number(goods.order_source);
            let number = goods.out_trade_no.as_str();
            (number, number, &goods.mch_order_no, &goods.transaction_id)
        }
        Event::Coins(coins) => {
            view.push_event = WXG_PUSH_COINS;
            view.orig_price = coins.orig_price;
            view.actual_price = coins.actual_price;
            let number = coins.out_trade_no.as_str();
            (number, number, &coins.mch_order_no, &coins.transaction_id)
        }
        Event::Refund(refund) => {
            view.push_event = WXG_PUSH_REFUND;
            view.refund_amount = refund.refund_amount;
            view.refund_source = number(Some(refund.refund_source));
            let order = refund.out_trade_no.as_deref().unwrap_or_default();
            let id = refund.refund_id.as_str();
            (id, order, &refund.mch_order_no, &refund.transaction_id)
        }
        Event::Gift(gift) => {
            view.push_event = WXG_PUSH_GIFT;
            view.is_preview = u32::from(gift.is_preview);
            view.gift_type_id = gift.gift_type_id;
            view.send_time = gift.send_time;
            view.goods_count = gift.goods.len() as u32;
            places.gift_id = texts.put(&gift.gift_id);
            places.goods = gift
                .goods
                .iter()
                .map(|goods| (texts.put(&goods.id), goods.num))
                .collect();
            (gift.order_id.as_str(), "", &None, &None)
        }
    };
    places.event_id = texts.put(id);
    places.out_trade_no = texts.put(out_trade_no);
    places.mch_order_no = texts.put(mch_order_no.as_deref().unwrap_or_default());
    places.transaction_id = texts.put(transaction_id.as_deref().unwrap_or_default());
    places
}

/// WeChat's own small numbers; what it may yet invent shows as told, or as 0 where it cannot.
fn number(told: Option<i64>) -> u32 {
    told.and_then(|told| u32::try_from(told).ok()).unwrap_or(0)
}
