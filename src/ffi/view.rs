//! A completion as C reads it: one struct, its texts in one piece of memory.

#[cfg(feature = "payment")]
mod make;
mod texts;

use super::boundary::{Sized32, wxg_str};
use super::status::{WXG_OK, wxg_status};

pub(super) use texts::Texts;

/// A completion as it is read, and what its texts point into.
pub(super) struct Parts {
    pub view: wxg_completion_view,
    pub texts: Texts,
    /// What is in a gift pack.
    pub goods: Box<[wxg_goods_view]>,
}

/// A completion as it can be read. Initialise with WXG_COMPLETION_VIEW_INIT. Its texts are borrowed until the
/// completion is freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_completion_view {
    /// sizeof(wxg_completion_view), set by WXG_COMPLETION_VIEW_INIT.
    pub struct_size: u32,
    /// WXG_KIND_…
    pub kind: u32,
    /// WXG_OUTCOME_…
    pub outcome: u32,
    /// WXG_REASON_…: why a payment stands where it stands.
    pub reason: u32,
    /// WXG_OK, or an error of the library itself: WXG_ERR_BILL_NO_CONFLICT, WXG_ERR_NOT_FOUND,
    /// WXG_ERR_WRONG_STATE, WXG_ERR_JOURNAL, WXG_ERR_CLOSED …
    pub status: wxg_status,
    /// WeChat's errcode; 0 also where no answer came. `wxg_errcode_help` explains it.
    pub errcode: i32,
    /// Which payment it is about, also for WXG_KIND_RESOLVED: WXG_KIND_PAY, WXG_KIND_PRESENT, WXG_KIND_CANCEL_PAY (a part
    /// that is given back), WXG_KIND_ITEM_ORDER, or WXG_KIND_PUSH (see push_event); 0 none.
    pub payment_kind: u32,
    /// WXG_HAS_… of the amounts that WeChat told.
    pub has: u32,
    /// WXG_FLAG_…
    pub flags: u64,
    /// Yours: what you gave with the submission; with WXG_KIND_RESOLVED and WXG_KIND_PUSH that of the payment, which an
    /// earlier process may have given.
    pub user_tag: u64,
    /// For `wxg_client_ack`, once you have acted on a final answer; 0 where there is nothing to acknowledge.
    pub delivery_id: u64,
    /// Coins of the payment; how many of an item.
    pub amount: i64,
    /// Coins after the call, gifts included.
    pub balance: i64,
    /// Gift coins.
    pub gen_balance: i64,
    /// Gift coins that the payment used.
    pub used_gen_amt: i64,
    /// Coins topped up, in all.
    pub save_amt: i64,
    /// Coins obtained, in all.
    pub save_sum: i64,
    /// Coins spent, in all.
    pub cost_sum: i64,
    /// Coins given, in all.
    pub present_sum: i64,
    /// WeChat's first_save flag, 0 or 1.
    pub first_save: u32,
    /// WXG_CLASS_… of errcode from `wxg_midas_v1_parse` or `wxg_game_v2_parse`; else 0.
    pub errcode_class: u32,
    /// The journal's number of the record, for paging; 0 without one.
    pub record_id: u64,
    /// When the payment was submitted, Unix time in milliseconds; 0 unknown.
    pub created_at_ms: i64,
    /// When it was first sent, Unix time in milliseconds; 0 never.
    pub first_sent_at_ms: i64,
    /// WXG_WAITING_…: what an open payment waits for; with kind WXG_KIND_PAYMENT.
    pub waiting_for: u32,
    /// 0.
    pub reserved: u32,
    /// The payment's number; of an item order its out_trade_no; of a push the number that tells it from others.
    pub bill_no: wxg_str,
    /// The player.
    pub openid: wxg_str,
    /// The zone.
    pub zone_id: wxg_str,
    /// The item; of an item order its product_id.
    pub pay_item: wxg_str,
    /// From a login, where the account has one.
    pub unionid: wxg_str,
    /// WeChat's errmsg, or the library's own words.
    pub errmsg: wxg_str,
    /// What you gave with the payment.
    pub host_data: wxg_str,
    /// WXG_VERDICT_…: what to do with a push; 0 for all else, also for one that comes again.
    pub verdict: u32,
    /// WXG_PUSH_…: what the push is about, also for one that comes again; 0 without a push.
    pub push_event: u32,
    /// WXG_REFUSAL_…: why a push is refused.
    pub refusal: u32,
    /// HTTP status to answer a push with.
    pub answer_status: u32,
    /// Of a query_order: 1 not paid, 2 paid; else 0.
    pub pay_state: u32,
    /// Of a query_order: 1 not delivered, 2 delivered; 0 not told.
    pub deliver_state: u32,
    /// Of goods: 1 bought in the game, 2 in the mall, 3 a test of the mall; 0 not told.
    pub order_source: u32,
    /// Of a refund: 1 the platform, 2 the console, 3 a call.
    pub refund_source: u32,
    /// Kinds of goods in a gift pack: see `wxg_completion_goods`.
    pub goods_count: u32,
    /// 1: a gift pack that is only tried out.
    pub is_preview: u32,
    /// Price of one item in fen, of an item order.
    pub goods_price: i64,
    /// Price before discounts in fen, of goods or coins; as WeChat tells it.
    pub orig_price: i64,
    /// What the player paid in fen, of goods or coins; as WeChat tells it.
    pub actual_price: i64,
    /// Money that went back, in fen.
    pub refund_amount: i64,
    /// Of a query_order: when it was paid, as WeChat tells it (no page gives the unit); 0 not told.
    pub pay_finish_time: i64,
    /// Of a gift pack: its type, by WeChat's list.
    pub gift_type_id: i64,
    /// Of a gift pack: when the player took it, Unix time in seconds.
    pub send_time: i64,
    /// Your number of the refund, where a part of a payment is given back.
    pub refund_bill_no: wxg_str,
    /// Of an item order: hand it to `wx.requestMidasPaymentGameItem` as signData, byte for byte.
    pub sign_data: wxg_str,
    /// Of an item order: paySig.
    pub pay_sig: wxg_str,
    /// Of an item order: signature.
    pub signature: wxg_str,
    /// Your text of an item order.
    pub attach: wxg_str,
    /// What tells a push from others: OutTradeNo of goods and coins, RefundId of a refund, OrderId of a gift pack. Of an
    /// item order its out_trade_no, also where no push told of it.
    pub event_id: wxg_str,
    /// The order that a push or query_order is about.
    pub out_trade_no: wxg_str,
    /// Order of WeChat Pay, where that was used.
    pub mch_order_no: wxg_str,
    /// Transaction of WeChat Pay, where that was used.
    pub transaction_id: wxg_str,
    /// The gift pack.
    pub gift_id: wxg_str,
    /// WeChat's name of the event.
    pub event: wxg_str,
    /// What the push says of it as JSON: its Payload, of a gift pack its MiniGame. With WXG_VERDICT_OTHER the whole
    /// message, decrypted.
    pub payload: wxg_str,
    /// What to answer a push with.
    pub answer: wxg_str,
    /// The Content-Type of answer.
    pub answer_content_type: wxg_str,
    /// WXG_ALBUM_…: how a call of an album ended; 0 for all else.
    pub album_class: u32,
    /// WXG_CONSENT_…: what the user has said of saving pictures, where it matters to the call; else 0.
    pub consent: u32,
    /// Where a picture was saved, as the system spells it: UTF-8 but where the system's own folders are not.
    pub saved_file_path: wxg_str,
    /// What was wrong with what, in the library's own words: errmsg of an album says it in WeChat's.
    pub detail: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_completion_view {}

impl wxg_completion_view {
    pub(super) const EMPTY: wxg_completion_view = wxg_completion_view {
        struct_size: 0,
        kind: 0,
        outcome: 0,
        reason: 0,
        status: WXG_OK,
        errcode: 0,
        payment_kind: 0,
        has: 0,
        flags: 0,
        user_tag: 0,
        delivery_id: 0,
        amount: 0,
        balance: 0,
        gen_balance: 0,
        used_gen_amt: 0,
        save_amt: 0,
        save_sum: 0,
        cost_sum: 0,
        present_sum: 0,
        first_save: 0,
        errcode_class: 0,
        record_id: 0,
        created_at_ms: 0,
        first_sent_at_ms: 0,
        waiting_for: 0,
        reserved: 0,
        bill_no: wxg_str::EMPTY,
        openid: wxg_str::EMPTY,
        zone_id: wxg_str::EMPTY,
        pay_item: wxg_str::EMPTY,
        unionid: wxg_str::EMPTY,
        errmsg: wxg_str::EMPTY,
        host_data: wxg_str::EMPTY,
        verdict: 0,
        push_event: 0,
        refusal: 0,
        answer_status: 0,
        pay_state: 0,
        deliver_state: 0,
        order_source: 0,
        refund_source: 0,
        goods_count: 0,
        is_preview: 0,
        goods_price: 0,
        orig_price: 0,
        actual_price: 0,
        refund_amount: 0,
        pay_finish_time: 0,
        gift_type_id: 0,
        send_time: 0,
        refund_bill_no: wxg_str::EMPTY,
        sign_data: wxg_str::EMPTY,
        pay_sig: wxg_str::EMPTY,
        signature: wxg_str::EMPTY,
        attach: wxg_str::EMPTY,
        event_id: wxg_str::EMPTY,
        out_trade_no: wxg_str::EMPTY,
        mch_order_no: wxg_str::EMPTY,
        transaction_id: wxg_str::EMPTY,
        gift_id: wxg_str::EMPTY,
        event: wxg_str::EMPTY,
        payload: wxg_str::EMPTY,
        answer: wxg_str::EMPTY,
        answer_content_type: wxg_str::EMPTY,
        album_class: 0,
        consent: 0,
        saved_file_path: wxg_str::EMPTY,
        detail: wxg_str::EMPTY,
    };
}

/// One kind of goods in a gift pack. Initialise with WXG_GOODS_VIEW_INIT. Its text is borrowed until the completion is
/// freed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_goods_view {
    /// sizeof(wxg_goods_view), set by WXG_GOODS_VIEW_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// How many, 1 or more.
    pub num: i64,
    /// The item.
    pub id: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_goods_view {}
