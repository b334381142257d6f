//! Codes about token, session, app, address and quota.

use super::Texts;

pub(super) const SECRET_WRONG: Texts = [
    c"The AppSecret is wrong, or is not that of this appid.",
    c"Compare it with the console (mp.weixin.qq.com, Development > Development settings): it changes when it is reset.",
    c"AppSecret 错误，或与该 appid 不匹配。",
    c"请到公众平台（mp.weixin.qq.com，开发管理 > 开发设置）核对 AppSecret；重置后旧值即失效。",
];

/// For calls without a bill_no.
pub(super) const TOKEN_REFUSED: Texts = [
    c"The access_token is invalid, has expired, or is no longer the newest.",
    c"Fetch a new one and repeat. If it comes back now and then, another server fetches tokens with /cgi-bin/token: keep one holder, use stable_token everywhere.",
    c"access_token 无效、已过期或不是最新的。",
    c"请重新获取后重试。若时有发生，说明有其他服务器在用 /cgi-bin/token 刷新：请统一由一处获取，并使用 stable_token。",
];

/// What such a code means, for whichever call it came.
pub(super) fn texts(errcode: i32) -> Option<Texts> {
    Some(match errcode {
        0 => [c"It worked.", c"Nothing to do.", c"成功。", c"无需处理。"],
        40001 => [
            c"The access_token is invalid or no longer the newest.",
            c"Fetch a new one and repeat with the same bill_no. If it comes back now and then, another server fetches tokens with /cgi-bin/token: keep one holder, use stable_token everywhere.",
            c"access_token 无效或不是最新的。",
            c"请重新获取后以同一个 bill_no 重试。若时有发生，说明有其他服务器在用 /cgi-bin/token 刷新：请统一由一处获取，并使用 stable_token。",
        ],
        40002 => [
            c"grant_type is wrong.",
            c"Check that nothing between here and WeChat changes the request.",
            c"grant_type 错误。",
            c"请检查中间代理是否改动了请求。",
        ],
        40003 => [
            c"The openid is wrong.",
            c"Give the player's openid of this appid: not a js_code, not a unionid, not that of another app.",
            c"openid 错误。",
            c"请使用该 appid 下的用户 openid，不能是 js_code、unionid 或其他应用的 openid。",
        ],
        40013 => [
            c"The appid is wrong.",
            c"Compare it with the console (mp.weixin.qq.com, Development > Development settings).",
            c"appid 错误。",
            c"请到公众平台（mp.weixin.qq.com，开发管理 > 开发设置）核对 appid。",
        ],
        40014 => [
            c"The access_token is not a valid one.",
            c"Fetch a new one and repeat with the same bill_no. Give the token as it came: not cut off, not encoded.",
            c"不合法的 access_token。",
            c"请重新获取后以同一个 bill_no 重试。token 须原样使用，不要截断或编码。",
        ],
        40029 => [
            c"The js_code is invalid: wrong, older than 5 minutes, or of another appid.",
            c"Let the game call wx.login again and send the new code at once.",
            c"js_code 无效：错误、超过 5 分钟或属于其他 appid。",
            c"请让客户端重新调用 wx.login，并立即上传新的 code。",
        ],
        40125 => SECRET_WRONG,
        40163 => [
            c"The js_code has been used before.",
            c"A code works once: let the game call wx.login again. Look for a second exchange or a resend of the same code.",
            c"js_code 已被使用过。",
            c"code 只能使用一次：请让客户端重新调用 wx.login，并检查是否重复换取或重发了同一个 code。",
        ],
        40164 | 61004 | 45035 => [
            c"This server's IP address is not on the allow-list. errmsg shows the address WeChat saw.",
            c"Add that address in the console (mp.weixin.qq.com, Development > Development settings > IP allow-list).",
            c"服务器 IP 不在白名单中，errmsg 中有微信看到的 IP。",
            c"请到公众平台（mp.weixin.qq.com，开发管理 > 开发设置 > IP 白名单）添加该地址。",
        ],
        40226 => [
            c"WeChat blocks this player's login as high risk.",
            c"Nothing can be done on the server: tell the player that the login was refused.",
            c"高风险用户，登录被拦截。",
            c"服务端无法处理：请提示用户登录被拒绝。",
        ],
        41001 => [
            c"The access_token is missing.",
            c"Check that nothing between here and WeChat cuts off the query of the URL.",
            c"缺少 access_token。",
            c"请检查中间代理是否丢弃了 URL 的查询参数。",
        ],
        41002 => [
            c"The appid is missing.",
            c"Set the appid, and check that nothing between here and WeChat changes the request.",
            c"缺少 appid。",
            c"请设置 appid，并检查中间代理是否改动了请求。",
        ],
        41004 => [
            c"The AppSecret is missing.",
            c"Set the AppSecret, and check that nothing between here and WeChat changes the request.",
            c"缺少 AppSecret。",
            c"请设置 AppSecret，并检查中间代理是否改动了请求。",
        ],
        42001 => [
            c"The access_token has expired.",
            c"Fetch a new one and repeat with the same bill_no. Trust expires_in, not a fixed 7200 seconds.",
            c"access_token 已过期。",
            c"请重新获取后以同一个 bill_no 重试。有效期以 expires_in 为准，不要固定为 7200 秒。",
        ],
        43002 => [
            c"The call must be a POST.",
            c"A proxy or redirect has turned it into another method: check the base URL.",
            c"该接口须使用 POST。",
            c"可能被代理或重定向改变了方法：请检查接口地址。",
        ],
        43003 => [
            c"The call must use HTTPS.",
            c"Check the base URL and the proxy.",
            c"该接口须使用 HTTPS。",
            c"请检查接口地址和代理。",
        ],
        44002 => [
            c"The body arrived empty.",
            c"A proxy or redirect has dropped it: check the base URL and the proxy.",
            c"请求体为空。",
            c"可能被代理或重定向丢弃：请检查接口地址和代理。",
        ],
        45009 => [
            c"The day's quota of this call is used up.",
            c"Stop until midnight, or clear the quota in the console (mp.weixin.qq.com, Development > API quota). Look for a loop that refreshes the token.",
            c"该接口当日调用次数已用完。",
            c"请等到次日零点，或到公众平台（mp.weixin.qq.com，开发管理 > 接口权限）清零；并检查是否在循环刷新 token。",
        ],
        45011 => [
            c"Too many calls in this minute (code2Session: 100 a minute for one player).",
            c"Wait a minute, then go on more slowly.",
            c"本分钟调用过于频繁（code2Session 为每用户每分钟 100 次）。",
            c"请等待一分钟后降低频率再试。",
        ],
        47001 => [
            c"The body could not be read as JSON.",
            c"Check that nothing between here and WeChat changes the body or its length in bytes.",
            c"请求体无法按 JSON 解析。",
            c"请检查中间代理是否改动了请求体或按字节计算的长度。",
        ],
        48001 => [
            c"This account may not use this call.",
            c"Look at the permissions in the console (mp.weixin.qq.com, Development > API permissions).",
            c"没有调用该接口的权限。",
            c"请到公众平台（mp.weixin.qq.com，开发管理 > 接口权限）查看权限。",
        ],
        48004 => [
            c"WeChat has banned this account from the call.",
            c"Look at the messages in the console (mp.weixin.qq.com) for the reason and how to appeal.",
            c"该接口已被封禁。",
            c"请到公众平台（mp.weixin.qq.com）查看站内信中的原因和申诉方式。",
        ],
        48017 => [
            c"The call reached an address that WeChat no longer uses.",
            c"Do not pin addresses: resolve the host name by DNS, and look for it in the hosts file and the proxy.",
            c"请求到达了已停用的微信服务器 IP。",
            c"请勿固定 IP：应通过 DNS 解析域名，并检查 hosts 文件和代理。",
        ],
        87007 => [
            c"WeChat has no such session_key for this player: it has expired or was replaced.",
            c"Let the player log in again (wx.login, then code2Session).",
            c"session_key 不存在或已过期。",
            c"请让用户重新登录（wx.login 后调用 code2Session）。",
        ],
        87008 => [
            c"sig_method is wrong: only hmac_sha256 is supported.",
            c"Check that nothing between here and WeChat changes the query of the URL.",
            c"sig_method 错误，目前只支持 hmac_sha256。",
            c"请检查中间代理是否改动了 URL 的查询参数。",
        ],
        87009 => [
            c"The signature of the login state is wrong: mostly an outdated session_key.",
            c"Let the player log in again (wx.login, then code2Session). The session_key is used as text, not decoded.",
            c"登录态签名错误，多因 session_key 已过期。",
            c"请让用户重新登录（wx.login 后调用 code2Session）。session_key 按原文使用，不要解码。",
        ],
        _ => return None,
    })
}
