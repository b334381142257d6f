//! What one WeChat call is: bytes out, bytes in. No network, no clock, no file.
//!
//! Every call has a `build` that checks each value before it makes the request, and a `parse` that says what
//! the answer means. An answer that cannot be read for certain is never a success and never a refusal.
//!
//! | file | what it holds |
//! |---|---|
//! | [`midas_v1`] | pay, cancelPay, getBalance, present |
//! | [`game_v2`] | the same of the virtual payment 2.0, and queryOrder |
//! | [`token`] | the access_token (`stable_token`, `token`) |
//! | [`login`] | js_code → openid and session_key (`code2Session`) |
//! | [`session`] | whether a session_key is still the player's; a new one in its place |
//! | [`push`] | what WeChat posts to the game server: verified, opened, typed, answered |
//! | [`check`] | the rule of every value, with the way to mend it |
//! | [`errcode`] | what a code means for the money, and what to do about it |

pub mod check;
pub mod errcode;
pub mod game_v2;
mod help;
pub mod login;
pub mod midas_v1;
pub mod push;
mod read;
pub mod session;
pub mod token;
mod write;

use crate::sign::AppKey;

pub use errcode::Class;

/// Which of the four payment calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Call {
    /// Takes coins from a player.
    Pay,
    /// Gives back one earlier `pay`.
    CancelPay,
    /// Reads a player's coins.
    GetBalance,
    /// Gives coins to a player.
    Present,
}

impl Call {
    /// WeChat's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Call::Pay => "pay",
            Call::CancelPay => "cancelPay",
            Call::GetBalance => "getBalance",
            Call::Present => "present",
        }
    }
}

/// Which world the coins belong to. Each has its own path, AppKey and balances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Environment {
    /// Real money.
    Production,
    /// WeChat's test environment.
    Sandbox,
}

/// What all calls of one game have in common.
#[derive(Clone, Debug)]
pub struct App {
    /// appid of the mini-game.
    pub appid: String,
    /// offer_id that Midas gave out: digits, but text.
    pub offer_id: String,
    /// Platform; `android` is the one that is documented.
    pub pf: String,
    /// Production or sandbox.
    pub environment: Environment,
    /// The AppKey of that environment.
    pub app_key: AppKey,
    /// Whether requests carry `mp_sig`, made with the player's session_key.
    pub mp_sig: bool,
}

/// What one call is about. Empty text and amount 0 mean *not given*; a field that is not this call's is refused.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Order<'a> {
    /// The player: an openid of this appid.
    pub openid: &'a str,
    /// Zone of the game; `1` without zones, `zone_role` where Midas is set up with roles.
    pub zone_id: &'a str,
    /// Number of the order (pay, present), or of the `pay` to give back (cancelPay).
    pub bill_no: &'a str,
    /// Coins to take (pay: `amt`) or to give (present: `present_counts`).
    pub amount: i64,
    /// Name of what is bought; pay and cancelPay, may be left out.
    pub pay_item: &'a str,
    /// Note for the account log; pay only, may be left out.
    pub app_remark: &'a str,
    /// The player's public IP address, may be left out.
    pub user_ip: &'a str,
}

/// One request, complete. Its URL and body may hold secrets, so it is not `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// True for GET without a body, false for POST with a JSON body.
    pub get: bool,
    /// Path and query, from the leading slash on.
    pub path_and_query: String,
    /// The exact bytes to send.
    pub body: Vec<u8>,
}

/// The errcode of an [`Answer`] that told none that can be trusted.
pub const NO_ERRCODE: i32 = i32::MIN;

/// What a payment call was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What it means for the money.
    pub class: Class,
    /// WeChat's errcode, or [`NO_ERRCODE`].
    pub errcode: i32,
    /// WeChat's errmsg, at most 512 bytes; with [`NO_ERRCODE`] our own words on what was seen.
    pub errmsg: String,
    /// Coins afterwards, gifts included.
    pub balance: Option<i64>,
    /// Gift coins in the balance.
    pub gen_balance: Option<i64>,
    /// Gift coins this deduction used.
    pub used_gen_amt: Option<i64>,
    /// Coins topped up in total.
    pub save_amt: Option<i64>,
    /// Coins obtained in total.
    pub save_sum: Option<i64>,
    /// Coins spent in total.
    pub cost_sum: Option<i64>,
    /// Coins given in total.
    pub present_sum: Option<i64>,
    /// Whether the first top-up is still to come or done, as WeChat flags it.
    pub first_save: Option<bool>,
    /// The number WeChat echoed.
    pub bill_no: Option<String>,
}
