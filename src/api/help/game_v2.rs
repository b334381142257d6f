//! Codes of the virtual payment 2.0, where they mean something else or ask for something else than in the classic API.

use super::{BUSY, Texts, payment};
use crate::api::Call;

/// Codes that say something about the order.
pub(super) fn of_order(call: Call, errcode: i32) -> Option<Texts> {
    Some(match (call, errcode) {
        (Call::CancelPay, 0) => [
            c"The coins of this refund are back.",
            c"Nothing to do. Another part of the same payment takes a new refund number.",
            c"本次退款的游戏币已退回。",
            c"无需处理。同一订单的下一笔部分退款须使用新的退款单号。",
        ],
        (Call::CancelPay, -1) => [
            c"WeChat says it is busy. The refund may or may not have been executed.",
            c"Ask again with the same refund number until another code comes: a new number would be another refund.",
            c"微信返回系统繁忙，本次退款可能已执行也可能未执行。",
            c"请用同一个退款单号重试，直到返回其他错误码；更换单号会造成重复退款。",
        ],
        (Call::CancelPay, 90012) => [
            c"This refund number was used before: coins were given back under it.",
            c"After an unknown attempt of the same refund this is its success. Otherwise look the number up in your own records; never repeat the refund under a new number by itself.",
            c"退款单号已存在：该单号曾退回过游戏币。",
            c"若同一笔退款此前结果未知，则表示当时已退回成功；否则请在自己的记录中核对该单号，切勿自动更换单号重试。",
        ],
        (Call::Pay, 90000) => [
            c"Order not found. WeChat's page lists this code for pay, but not what it means there.",
            c"The outcome is unknown: ask again with the same bill_no, never with a new one. Look at errmsg and keep its rid for WeChat's support.",
            c"订单不存在。微信文档为扣款接口列出了此错误码，但未说明其含义。",
            c"结果未知：请用同一个 bill_no 再次请求，切勿更换单号。请查看 errmsg，并保留其中的 rid 以便联系微信客服。",
        ],
        (Call::GetBalance, 90000) => [
            c"Order not found. WeChat's page lists this code for getBalance, but not what it means there.",
            c"Try again later. Look at errmsg and keep its rid for WeChat's support.",
            c"订单不存在。微信文档为余额查询接口列出了此错误码，但未说明其含义。",
            c"请稍后重试。请查看 errmsg，并保留其中的 rid 以便联系微信客服。",
        ],
        (Call::Pay | Call::GetBalance, 90017) => [
            c"This account may not use this call.",
            c"Look at the game's virtual payment page in the console (mp.weixin.qq.com): 2.0 must be open for this appid; with the classic Midas the classic calls are needed.",
            c"没有调用该接口的权限。",
            c"请在公众平台（mp.weixin.qq.com）的虚拟支付页面确认该 appid 已开通 2.0；旧版米大师须使用旧版接口。",
        ],
        (_, 0 | -1)
        | (Call::CancelPay, 90000)
        | (Call::Pay | Call::Present, 90012)
        | (Call::Pay, 90013) => return payment::of_order(call, errcode),
        _ => return None,
    })
}

/// Codes that say something about the order that queryOrder asks for.
pub(super) fn of_query(errcode: i32) -> Option<Texts> {
    Some(match errcode {
        0 => [
            c"WeChat knows the order.",
            c"See pay_state and deliver_state: only a paid order is delivered, and once.",
            c"订单查询成功。",
            c"请查看 pay_state 和 deliver_state：只有已支付的订单才可发货，且只发一次。",
        ],
        -1 => BUSY,
        90019 => [
            c"WeChat knows no order with this out_trade_no.",
            c"Right after a payment ask again later. Otherwise compare out_trade_no, openid, zone_id, environment and biz_id (1 coins, 2 item) with those of the purchase.",
            c"out_trade_no 对应的订单不存在。",
            c"若刚刚支付，请稍后再查；否则请核对 out_trade_no、openid、zone_id、环境和 biz_id（1 代币，2 道具）是否与下单时一致。",
        ],
        _ => return None,
    })
}

/// Codes that say something about how a call was made.
pub(super) fn of_request(errcode: i32) -> Option<Texts> {
    Some(match errcode {
        90010 => [
            c"signature is wrong: mostly an outdated session_key.",
            c"Let the player log in again (wx.login, then code2Session) and send the same number with the new session_key, which is used as text, not decoded. If that does not help, errmsg shows the body that WeChat received: it must be the signed one byte by byte. It holds the openid: keep it out of logs.",
            c"signature 签名错误，多因 session_key 已过期。",
            c"请让用户重新登录（wx.login 后调用 code2Session），用新的 session_key 以同一个单号重试；session_key 按原文使用，不要解码。若仍失败，errmsg 会给出微信收到的请求体，须与签名内容逐字节一致；其中含 openid，请勿写入日志。",
        ],
        90011 => [
            c"pay_sig is wrong.",
            c"Check in the console that the AppKey is that of this environment (production and sandbox differ) and that nothing between here and WeChat changes the body or the path. Compare with the explained string.",
            c"pay_sig 签名错误。",
            c"请在后台核对 AppKey 与所用环境一致（现网与沙箱不同），并检查中间代理是否改动了请求体或路径。可与 explain 输出的签名串比对。",
        ],
        90016 => [
            c"The session_key has expired (this code means something else in the classic Midas calls).",
            c"Let the player log in again (wx.login, then code2Session) and send the same number with the new session_key.",
            c"session_key 已过期（此码在旧版米大师接口中含义不同）。",
            c"请让用户重新登录（wx.login 后调用 code2Session），用新的 session_key 以同一个单号重试。",
        ],
        90018 => [
            c"A parameter is wrong. errmsg names it.",
            c"Check openid (of this appid), offer_id, zone_id (published, and in this environment), the order's number and amount; the host's clock must be right. If errmsg names user_ip, give the player's public address.",
            c"参数错误。errmsg 会指出具体参数。",
            c"请检查 openid（须属于该 appid）、offer_id、zone_id（已发布且属于该环境）、单号和数量，并确认服务器时间准确。若 errmsg 指出 user_ip，请填写用户的公网地址。",
        ],
        40101 => return payment::of_request(errcode),
        _ => return None,
    })
}

/// For a cancelPay.
pub(super) const NOT_LISTED_REFUND: Texts = [
    c"WeChat's page lists no such code for cancelPay.",
    c"The outcome is unknown: ask again with the same refund number, never with a new one. Look at errmsg and keep its rid for WeChat's support.",
    c"微信文档没有为退款接口列出此错误码。",
    c"结果未知：请用同一个退款单号再次请求，切勿更换单号。请查看 errmsg，并保留其中的 rid 以便联系微信客服。",
];
