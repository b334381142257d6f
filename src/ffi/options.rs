//! The structs that go in. Each begins with its size; zero means default; fields are only appended.

use crate::api::Order;
use crate::client::options::Options;
use crate::error::{Error, Result};

use super::boundary::{Sized32, reserved_is_zero, wxg_str};

/// The production environment: real money.
pub const WXG_ENVIRONMENT_PRODUCTION: u32 = 0;
/// WeChat's sandbox environment, with coins, paths and a key of its own.
pub const WXG_ENVIRONMENT_SANDBOX: u32 = 1;
/// Midas v1: `/cgi-bin/midas/pay` and its sisters.
pub const WXG_GENERATION_V1: u32 = 1;
/// Virtual payment 2.0: `/wxa/game/pay` and its sisters.
pub const WXG_GENERATION_V2: u32 = 2;
/// Coins of the game.
pub const WXG_COIN_TYPE_GAME: u32 = 0;
/// Coins of the recharge centre.
pub const WXG_COIN_TYPE_RECHARGE_CENTRE: u32 = 1;
/// Coins, bought by `wx.requestMidasPayment`.
pub const WXG_BIZ_COINS: u32 = 1;
/// An item, bought by `wx.requestMidasPaymentGameItem`.
pub const WXG_BIZ_ITEM: u32 = 2;
/// What the journal holds as open goes on at once.
pub const WXG_RECOVERY_DRIVE: u32 = 0;
/// What the journal holds as open waits for an operator.
pub const WXG_RECOVERY_HOLD: u32 = 1;
/// The library fetches the access_token by `stable_token`, which disturbs nobody else's.
pub const WXG_TOKEN_SOURCE_STABLE: u32 = 0;
/// The library fetches it by `/cgi-bin/token`, for accounts that have nothing else: each request ends the token that
/// another server of the game fetched that way.
pub const WXG_TOKEN_SOURCE_CLASSIC: u32 = 1;
/// The host brings it: see `wxg_client_set_access_token`.
pub const WXG_TOKEN_SOURCE_HOST: u32 = 2;
/// No log records are kept.
pub const WXG_LOG_OFF: i32 = -1;
/// Log records that a person must act on.
pub const WXG_LOG_ERROR: i32 = 1;
/// And those that may need a person: the default.
pub const WXG_LOG_WARN: i32 = 2;
/// And what happened.
pub const WXG_LOG_INFO: i32 = 3;
/// And each step.
pub const WXG_LOG_DEBUG: i32 = 4;

/// What a client is opened with. Initialise it with WXG_CLIENT_OPTIONS_INIT, set what you need; everything is
/// copied by `wxg_client_open`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_client_options {
    /// sizeof(wxg_client_options), set by WXG_CLIENT_OPTIONS_INIT.
    pub struct_size: u32,
    /// WXG_ENVIRONMENT_PRODUCTION (0) or WXG_ENVIRONMENT_SANDBOX.
    pub environment: u32,
    /// WXG_GENERATION_V1 (also 0) or WXG_GENERATION_V2: which payment API the game was admitted to. What the journal
    /// holds as open goes on through the API that it was made for.
    pub generation: u32,
    /// 1: sign without `mp_sig`; payments then need no session_key. 0 (default): with it. Must be 0 with
    /// WXG_GENERATION_V2, which always signs with the session_key.
    pub no_mp_sig: u32,
    /// appid of the mini-game. Required.
    pub appid: wxg_str,
    /// AppSecret of the mini-game, for access_token and login; never written anywhere. Required, but with
    /// WXG_TOKEN_SOURCE_HOST: then logins are refused without it, and sessions kept only with a journal_key.
    pub app_secret: wxg_str,
    /// offer_id of the payment application. Required.
    pub offer_id: wxg_str,
    /// AppKey of the production environment. Required in production.
    pub app_key: wxg_str,
    /// AppKey of the sandbox environment; another one than app_key. Required in the sandbox.
    pub sandbox_app_key: wxg_str,
    /// Platform of the payments; empty: `android`, the only one WeChat documents. Must be empty with
    /// WXG_GENERATION_V2, which has none.
    pub pf: wxg_str,
    /// Where payments are written down before they are sent. Required. `sqlite:PATH`: a file, which one process owns
    /// at a time; its directory must exist. `postgres://user:password@host/database`: a database that many servers
    /// share, see docs/cluster.md for its parameters; WXG_ERR_UNSUPPORTED where the library was built without.
    /// `memory:` for tests that may lose payments.
    pub journal: wxg_str,
    /// Where WeChat answers; empty: `https://api.weixin.qq.com`. Plain `http://` is taken to loopback only.
    pub base_url: wxg_str,
    /// PEM file of the certificate authorities to trust in place of the built-in ones; empty: the built-in
    /// ones. Certificates are always verified.
    pub ca_file: wxg_str,
    /// `http://user:password@host:port` of an HTTP proxy, asked to CONNECT; empty: none. The environment's
    /// proxy variables are not read.
    pub proxy: wxg_str,
    /// Longest time for one attempt, 1 to 120,000; 0: 10,000.
    pub timeout_ms: i64,
    /// Longest time for looking up the host, connecting and TLS, 1 to 60,000; 0: 3,000.
    pub connect_timeout_ms: i64,
    /// From submission to completion where a submission names none, 1 to 86,400,000; 0: 30,000.
    pub deadline_ms: i64,
    /// How much later than its time-out a request may still be executed by WeChat: no cancel is sent before.
    /// 0: 600,000. 47 h + timeout_ms + late_window_ms must stay under 48 h.
    pub late_window_ms: i64,
    /// How long a payment of unknown outcome is retried before it is cancelled. 0: 1,800,000; negative: until
    /// 47 h after its first send.
    pub unknown_patience_ms: i64,
    /// How many submissions may wait for completion and polling, 1 to 1,048,576; 0: 65,536.
    pub queue_capacity: u32,
    /// How many requests may be under way at once, 1 to 1,024; 0: 64. Each takes a thread while it is.
    pub in_flight_limit: u32,
    /// WXG_LOG_OFF to WXG_LOG_DEBUG; 0: WXG_LOG_WARN.
    pub log_level: i32,
    /// WXG_RECOVERY_DRIVE (0): what the journal holds as open goes on at once. WXG_RECOVERY_HOLD: it is listed and
    /// nothing of it is sent until `wxg_client_resume` or `wxg_client_settle`: after restoring an older journal. Item orders
    /// are not held: WeChat is asked about them, which moves nothing.
    pub recovery: u32,
    /// The most retries a second, all payments together, 1 to 1,000,000; 0: 200. New payments go first.
    pub retry_per_s: u32,
    /// Days for which a closed and acknowledged record is kept; 0: 90.
    pub retain_days: u32,
    /// A final answer that is not acknowledged comes again after this; 0: 60,000; negative: at the next open only.
    pub redeliver_after_ms: i64,
    /// Days for which its number stays sealed, so that it cannot be used for another payment; 0: 400.
    pub seal_days: u32,
    /// 0.
    pub reserved: u32,
    /// Seals session_keys and tokens in the journal, 1 to 512 characters; empty: the AppSecret does. Payment
    /// records never depend on it.
    pub journal_key: wxg_str,
    /// The journal_key (or AppSecret) that was used before, to open what it sealed; may be empty.
    pub previous_journal_key: wxg_str,
    /// Added to the wall clock that payments are stamped and aged by, up to 400 days either way: for your own tests of
    /// old payments and wrong clocks. Other than 0 it is taken only with a base_url on loopback.
    pub clock_offset_ms: i64,
    /// WXG_TOKEN_SOURCE_…: where the access_token comes from.
    pub token_source: u32,
    /// Requests for an access_token a day at the most, days counted in UTC+8, 1 to 500,000; 0: 500. A token lives two
    /// hours; whoever needs more is in a storm. All clients of the appid on one journal count together.
    pub token_requests_per_day: u32,
    /// Token of the message push settings, for `wxg_client_receive_push`; empty: pushes are not taken.
    pub push_token: wxg_str,
    /// EncodingAESKey of the message push settings, 43 characters: every push must then be encrypted ("safe mode").
    /// Empty: pushes come in plain text, and of those only what carries a PayEventSig is believed.
    pub push_aes_key: wxg_str,
    /// With a journal that servers share: how long one that is heard no more keeps its open payments before the others
    /// take them over, 1,000 to 600,000; 0: 15,000. It is renewed at a third of that. A pause of the process or of the
    /// database that is longer than this costs nothing but the payments' server. Ignored with other journals.
    pub lease_ms: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_client_options {}

impl wxg_client_options {
    pub(super) unsafe fn read<'a>(&self) -> Result<Options<'a>> {
        reserved_is_zero(self.reserved)?;
        // SAFETY: every wxg_str is the caller's promise.
        unsafe {
            Ok(Options {
                appid: self.appid.read("appid")?,
                app_secret: self.app_secret.read("app_secret")?,
                offer_id: self.offer_id.read("offer_id")?,
                app_key: self.app_key.read("app_key")?,
                sandbox_app_key: self.sandbox_app_key.read("sandbox_app_key")?,
                environment: self.environment,
                generation: self.generation,
                pf: self.pf.read("pf")?,
                no_mp_sig: flag("no_mp_sig", self.no_mp_sig)?,
                journal: self.journal.read("journal")?,
                base_url: self.base_url.read("base_url")?,
                ca_file: self.ca_file.read("ca_file")?,
                proxy: self.proxy.read("proxy")?,
                timeout_ms: self.timeout_ms,
                connect_timeout_ms: self.connect_timeout_ms,
                deadline_ms: self.deadline_ms,
                late_window_ms: self.late_window_ms,
                unknown_patience_ms: self.unknown_patience_ms,
                queue_capacity: self.queue_capacity,
                in_flight_limit: self.in_flight_limit,
                log_level: self.log_level,
                recovery: self.recovery,
                retry_per_s: self.retry_per_s,
                retain_days: self.retain_days,
                redeliver_after_ms: self.redeliver_after_ms,
                seal_days: self.seal_days,
                journal_key: self.journal_key.read("journal_key")?,
                previous_journal_key: self.previous_journal_key.read("previous_journal_key")?,
                clock_offset_ms: self.clock_offset_ms,
                token_source: self.token_source,
                token_requests_per_day: self.token_requests_per_day,
                push_token: self.push_token.read("push_token")?,
                push_aes_key: self.push_aes_key.read("push_aes_key")?,
                lease_ms: self.lease_ms,
            })
        }
    }
}

pub(super) fn flag(field: &'static str, given: u32) -> Result<bool> {
    match given {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Error::invalid(field, "must be 0 or 1")),
    }
}

/// A payment: takes coins from a player. Initialise with WXG_PAY_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_pay_options {
    /// sizeof(wxg_pay_options), set by WXG_PAY_OPTIONS_INIT.
    pub struct_size: u32,
    /// 1: your own books say that this number may have been sent before, from a journal that is lost. It then
    /// starts as unknown, so that 90012 means done. 0: it has not.
    pub sent_before: u32,
    /// Your number of this purchase, `[0-9A-Za-z_-]{1,63}`, not beginning with `_`: `wxg_bill_no_new` makes one.
    /// Never used for another purchase; the same again asks about the same purchase. Required.
    pub bill_no: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text: `1` without zones, `zone_role` where Midas is set up with roles. Required.
    pub zone_id: wxg_str,
    /// Coins to take, 1 to 2^53.
    pub amount: i64,
    /// Name of what is bought; may be empty.
    pub pay_item: wxg_str,
    /// Note for the account's log; may be empty.
    pub app_remark: wxg_str,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Comes back in every completion of this payment.
    pub user_tag: u64,
    /// Until then there is a completion, and after it nobody is charged for the first time. 1 to 86,400,000
    /// from now; 0: the client's.
    pub deadline_ms: i64,
    /// Bytes of yours that are kept with the record and come back in its completions, at most 256; may be empty.
    pub host_data: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_pay_options {}

impl wxg_pay_options {
    pub(super) unsafe fn read<'a>(&self) -> Result<Order<'a>> {
        // SAFETY: every wxg_str is the caller's promise.
        unsafe {
            Ok(Order {
                openid: self.openid.read("openid")?,
                zone_id: self.zone_id.read("zone_id")?,
                bill_no: self.bill_no.read("bill_no")?,
                amount: self.amount,
                pay_item: self.pay_item.read("pay_item")?,
                app_remark: self.app_remark.read("app_remark")?,
                user_ip: self.user_ip.read("user_ip")?,
            })
        }
    }
}

/// A gift: gives coins to a player. Initialise with WXG_PRESENT_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_present_options {
    /// sizeof(wxg_present_options), set by WXG_PRESENT_OPTIONS_INIT.
    pub struct_size: u32,
    /// 1: your own books say that this number may have been sent before, from a journal that is lost. It then
    /// starts as unknown, so that 90012 means done. 0: it has not.
    pub sent_before: u32,
    /// Your number of this gift; the rules of wxg_pay_options. Required.
    pub bill_no: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text. Required.
    pub zone_id: wxg_str,
    /// Coins to give (WeChat's present_counts), 1 to 2^53.
    pub amount: i64,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Comes back in every completion of this gift.
    pub user_tag: u64,
    /// Until then there is a completion. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
    /// Bytes of yours that are kept with the record and come back in its completions, at most 256; may be empty.
    pub host_data: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_present_options {}

impl wxg_present_options {
    pub(super) unsafe fn read<'a>(&self) -> Result<Order<'a>> {
        // SAFETY: every wxg_str is the caller's promise.
        unsafe {
            Ok(Order {
                openid: self.openid.read("openid")?,
                zone_id: self.zone_id.read("zone_id")?,
                bill_no: self.bill_no.read("bill_no")?,
                amount: self.amount,
                user_ip: self.user_ip.read("user_ip")?,
                ..Order::default()
            })
        }
    }
}

/// Undoes a payment, or gives a finished and acknowledged one back. Initialise with
/// WXG_CANCEL_PAY_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_cancel_pay_options {
    /// sizeof(wxg_cancel_pay_options), set by WXG_CANCEL_PAY_OPTIONS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The number of the payment. Required.
    pub bill_no: wxg_str,
    /// Comes back in the completion.
    pub user_tag: u64,
    /// Until then there is a completion. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
    /// Your number of this refund, for giving back a part of a finished payment (WXG_GENERATION_V2): the rules of
    /// bill_no, another one for every part, the same again asks about the same refund. Empty: the whole, as long as
    /// no part was given back.
    pub refund_bill_no: wxg_str,
    /// Coins to give back with refund_bill_no, 1 to what is left of the payment; else 0.
    pub amount: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_cancel_pay_options {}

/// Reads a player's coins. Initialise with WXG_GET_BALANCE_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_get_balance_options {
    /// sizeof(wxg_get_balance_options), set by WXG_GET_BALANCE_OPTIONS_INIT.
    pub struct_size: u32,
    /// WXG_COIN_TYPE_GAME (0), or WXG_COIN_TYPE_RECHARGE_CENTRE with WXG_GENERATION_V2.
    pub coin_type: u32,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text; `1` for the coins of the recharge centre. Required.
    pub zone_id: wxg_str,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Comes back in the completion.
    pub user_tag: u64,
    /// Until then there is a completion. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_get_balance_options {}

impl wxg_get_balance_options {
    pub(super) unsafe fn read<'a>(&self) -> Result<Order<'a>> {
        // SAFETY: every wxg_str is the caller's promise.
        unsafe {
            Ok(Order {
                openid: self.openid.read("openid")?,
                zone_id: self.zone_id.read("zone_id")?,
                user_ip: self.user_ip.read("user_ip")?,
                ..Order::default()
            })
        }
    }
}

/// Logs a player in. Initialise with WXG_LOGIN_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_login_options {
    /// sizeof(wxg_login_options), set by WXG_LOGIN_OPTIONS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// What the game client got from `wx.login`. Works once and for five minutes. Required.
    pub js_code: wxg_str,
    /// Comes back in the completion.
    pub user_tag: u64,
    /// Until then there is a completion. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_login_options {}

/// A question or change about the session of a player. Initialise with WXG_SESSION_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_session_options {
    /// sizeof(wxg_session_options), set by WXG_SESSION_OPTIONS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// The player. Required.
    pub openid: wxg_str,
    /// Comes back in the completion.
    pub user_tag: u64,
    /// Until then there is a completion, 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_session_options {}

/// What became of a purchase that the player made in the game client. Initialise with
/// WXG_QUERY_ORDER_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_query_order_options {
    /// sizeof(wxg_query_order_options), set by WXG_QUERY_ORDER_OPTIONS_INIT.
    pub struct_size: u32,
    /// WXG_BIZ_COINS or WXG_BIZ_ITEM. Required.
    pub biz_id: u32,
    /// The outTradeNo of the purchase. Required.
    pub out_trade_no: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text. Required.
    pub zone_id: wxg_str,
    /// The player's public IP address; may be empty.
    pub user_ip: wxg_str,
    /// Comes back in the completion.
    pub user_tag: u64,
    /// Until then there is a completion. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_query_order_options {}

/// An item that the player is to buy with money in the game client. Initialise with WXG_ITEM_ORDER_OPTIONS_INIT.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct wxg_item_order_options {
    /// sizeof(wxg_item_order_options), set by WXG_ITEM_ORDER_OPTIONS_INIT.
    pub struct_size: u32,
    /// 0.
    pub reserved: u32,
    /// Your number of this purchase, `[0-9A-Za-z_|*@-]{1,32}`, not beginning with `_`: `wxg_bill_no_new` makes one. Never
    /// used for another purchase or payment; the same again gives the strings of the same order. Required.
    pub out_trade_no: wxg_str,
    /// The player. Required.
    pub openid: wxg_str,
    /// Zone of the game, text: `1` without zones. Required.
    pub zone_id: wxg_str,
    /// The item as it is published in the console. Required.
    pub product_id: wxg_str,
    /// How many, 1 to 1,000,000.
    pub buy_quantity: i64,
    /// Price of one in fen, as the console has it, 1 to 1,000,000,000.
    pub goods_price: i64,
    /// Your own text, which comes back with the push, up to 1,024 bytes; may be empty.
    pub attach: wxg_str,
    /// Platform named in the strings; empty: none, which means `android`.
    pub platform: wxg_str,
    /// Comes back in every completion of this order.
    pub user_tag: u64,
    /// Until then there is a completion with the strings, or without. 1 to 86,400,000 from now; 0: the client's.
    pub deadline_ms: i64,
    /// Bytes of yours that are kept with the record and come back in its completions, at most 256; may be empty.
    pub host_data: wxg_str,
}

// SAFETY: repr(C), begins with its size, zeros are valid.
unsafe impl Sized32 for wxg_item_order_options {}
