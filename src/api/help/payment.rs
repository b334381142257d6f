//! Codes of the payment calls.

use super::{BUSY, Texts};
use crate::api::Call;

/// Codes that say something about the order.
pub(super) fn of_order(call: Call, errcode: i32) -> Option<Texts> {
    Some(match (call, errcode) {
        (Call::Pay, 0) => [
            c"The coins were taken.",
            c"Deliver once, keyed by bill_no.",
            c"扣除成功。",
            c"请以 bill_no 为唯一键发货一次。",
        ],
        (Call::CancelPay, 0) => [
            c"The coins are back.",
            c"Nothing to do: the order is cancelled.",
            c"游戏币已退回。",
            c"无需处理，订单已取消。",
        ],
        (Call::GetBalance, 0) => [
            c"The balance was read.",
            c"Nothing to do.",
            c"余额查询成功。",
            c"无需处理。",
        ],
        (Call::Present, 0) => [
            c"The coins were given.",
            c"Nothing to do.",
            c"赠送成功。",
            c"无需处理。",
        ],
        (Call::GetBalance, -1) => BUSY,
        (_, -1) => [
            c"WeChat says it is busy. The order may or may not have been executed; other causes (too few coins, a js_code sent as openid) are known to hide here too.",
            c"Ask again with the same bill_no until another code comes; never with a new one. Look at errmsg, and check that openid is an openid.",
            c"微信返回系统繁忙，订单可能已执行也可能未执行；余额不足、误把 js_code 当作 openid 等情况也可能返回此码。",
            c"请用同一个 bill_no 重试，直到返回其他错误码，切勿更换单号。请查看 errmsg，并确认 openid 填写正确。",
        ],
        (Call::CancelPay, 90000) => [
            c"WeChat knows no order with this bill_no.",
            c"Nothing was taken by this number. If something should have been, compare openid, zone_id, offer_id and environment with those of the payment.",
            c"订单不存在。",
            c"该单号没有扣过游戏币。如果本应扣过，请核对 openid、zone_id、offer_id 和环境是否与扣款时一致。",
        ],
        (Call::Pay, 90012) => [
            c"This bill_no was used before: coins were taken under it.",
            c"After an unknown attempt of the same order this is its success. Otherwise look the number up in your own records; never repeat the order under a new number by itself.",
            c"订单号已存在：该单号曾扣过游戏币。",
            c"若同一订单此前结果未知，则表示当时已扣除成功；否则请在自己的记录中核对该单号，切勿自动更换单号重试。",
        ],
        (Call::Present, 90012) => [
            c"This bill_no was used before: coins were given under it.",
            c"After an unknown attempt of the same order this is its success. Otherwise look the number up in your own records; never repeat the gift under a new number by itself.",
            c"订单号已存在：该单号曾赠送过游戏币。",
            c"若同一订单此前结果未知，则表示当时已赠送成功；否则请在自己的记录中核对该单号，切勿自动更换单号重试。",
        ],
        (Call::Pay, 90013) => [
            c"The player has too few coins.",
            c"Nothing was taken: tell the player, and offer a top-up. A later purchase takes a new bill_no.",
            c"用户游戏币余额不足。",
            c"未扣除任何游戏币：请提示用户充值；再次购买请使用新的 bill_no。",
        ],
        (Call::CancelPay, 90014) => [
            c"The order is confirmed complete and can no longer be cancelled.",
            c"The payment stands: deliver, or settle it with the player.",
            c"订单已确认完成，不能取消。",
            c"该笔扣款有效：请发货，或与用户另行协商。",
        ],
        (Call::CancelPay, 90015) => [
            c"The order has been cancelled before.",
            c"Nothing to do: the coins are back.",
            c"订单此前已回退。",
            c"无需处理，游戏币已退回。",
        ],
        (Call::CancelPay, 90016) => [
            c"The order is still being processed (this code means something else in the virtual payment 2.0).",
            c"Ask again later with the same bill_no.",
            c"订单正在处理中（此码在虚拟支付 2.0 中含义不同）。",
            c"请稍后用同一个 bill_no 再次请求。",
        ],
        _ => return None,
    })
}

/// Codes that say something about how a payment call was made.
pub(super) fn of_request(errcode: i32) -> Option<Texts> {
    Some(match errcode {
        90009 => [
            c"mp_sig is wrong: mostly an outdated session_key.",
            c"Let the player log in again (wx.login, then code2Session) and send the same bill_no with the new session_key. It is used as text, not decoded; access_token in URL and mp_sig must be the same; the sandbox has its own path in org_loc.",
            c"mp_sig 签名错误，多因 session_key 已过期。",
            c"请让用户重新登录（wx.login 后调用 code2Session），用新的 session_key 以同一个 bill_no 重试。session_key 按原文使用，不要解码；URL 与 mp_sig 中的 access_token 必须一致；沙箱环境的 org_loc 路径不同。",
        ],
        90010 => [
            c"The player is not logged in, or the session has expired.",
            c"Let the player log in again (wx.login, then code2Session) and send the same bill_no. Another device or server may have replaced the session_key.",
            c"用户未登录或登录态已过期。",
            c"请让用户重新登录（wx.login 后调用 code2Session），再以同一个 bill_no 重试。其他设备或服务器可能已替换 session_key。",
        ],
        90011 => [
            c"sig is wrong.",
            c"Check in the Midas console that the AppKey is that of this environment (sandbox and production differ), and that offer_id belongs to it. In the sandbox org_loc is the /sandbox path; zone_id is text; every field sent is signed. Compare with the explained string.",
            c"sig 签名错误。",
            c"请在米大师后台核对 AppKey 与所用环境一致（沙箱与现网不同），且 offer_id 对应。沙箱环境的 org_loc 须带 /sandbox；zone_id 为字符串；所有发送的字段都要参与签名。可与 explain 输出的签名串比对。",
        ],
        90017 => [
            c"This account may not use this call. Games that began with the virtual payment 2.0 (from November 2022) have no classic Midas calls.",
            c"Look at the game's virtual payment page in the console (mp.weixin.qq.com): with 2.0 the calls of 2.0 are needed; without virtual payment, apply for it.",
            c"没有调用该接口的权限。2022 年 11 月起开通虚拟支付 2.0 的游戏不能调用旧版米大师接口。",
            c"请在公众平台（mp.weixin.qq.com）的虚拟支付页面确认版本：2.0 需使用 2.0 接口；未开通请先申请。",
        ],
        90018 => [
            c"A parameter is wrong.",
            c"Check openid (of this appid), offer_id, zone_id as set up in the Midas console, pf `android`, bill_no, and user_ip (public, or left out); the host's clock must be right.",
            c"参数错误。",
            c"请检查 openid（须属于该 appid）、offer_id、zone_id（与米大师后台配置一致）、pf（android）、bill_no 和 user_ip（公网地址或不填），并确认服务器时间准确。",
        ],
        40101 => [
            c"A field is missing, or the body could not be read as JSON. errmsg names the field.",
            c"Check that nothing between here and WeChat changes the body, its Content-Type (application/json) or its length in bytes.",
            c"缺少参数，或请求体无法按 JSON 解析。errmsg 会指出字段名。",
            c"请检查中间代理是否改动了请求体、Content-Type（application/json）或按字节计算的长度。",
        ],
        _ => return None,
    })
}
