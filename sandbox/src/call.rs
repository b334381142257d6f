//! The calls the sandbox plays, by WeChat's names, and the two environments.

use crate::order::Kind;
use serde::{Deserialize, Serialize};

/// Production or sandbox: each has its own app key, coins and orders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Env {
    /// `/cgi-bin/midas/...`, or `"env":0`
    #[default]
    Production,
    /// `/cgi-bin/midas/sandbox/...`, or `"env":1`
    Sandbox,
}

impl Env {
    /// Both environments.
    pub const ALL: [Env; 2] = [Env::Production, Env::Sandbox];

    pub(crate) fn index(self) -> usize {
        match self {
            Env::Production => 0,
            Env::Sandbox => 1,
        }
    }

    pub(crate) fn other(self) -> Env {
        match self {
            Env::Production => Env::Sandbox,
            Env::Sandbox => Env::Production,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Env::Production => "production",
            Env::Sandbox => "sandbox",
        }
    }
}

/// One of WeChat's calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Call {
    /// Takes coins.
    Pay,
    /// Gives the coins of one `pay` back.
    CancelPay,
    /// Reads a player's coins.
    GetBalance,
    /// Gives coins as a gift.
    Present,
    /// A new access token with each call.
    Token,
    /// The same access token as long as it is valid.
    #[serde(rename = "stable_token")]
    StableToken,
    /// A login code becomes an openid and a session key.
    JsCode2Session,
    /// Whether a session key is still the player's.
    CheckSession,
    /// A new session key in place of the player's own.
    ResetUserSessionKey,
    /// Takes coins; virtual payment 2.0.
    #[serde(rename = "game_pay")]
    GamePay,
    /// Gives coins of one `pay` back, all or a part; virtual payment 2.0.
    #[serde(rename = "game_cancelpay")]
    GameCancelPay,
    /// Reads a player's coins; virtual payment 2.0.
    #[serde(rename = "game_getbalance")]
    GameGetBalance,
    /// Gives coins as a gift; virtual payment 2.0.
    #[serde(rename = "game_present")]
    GamePresent,
    /// What became of a purchase that the client began; virtual payment 2.0.
    #[serde(rename = "game_queryorderinfo")]
    GameQueryOrder,
}

impl Call {
    /// The calls of virtual payment 2.0.
    pub(crate) const GAME: [Call; 5] = [
        Call::GamePay,
        Call::GameCancelPay,
        Call::GameGetBalance,
        Call::GamePresent,
        Call::GameQueryOrder,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Call::Pay => "pay",
            Call::CancelPay => "cancelpay",
            Call::GetBalance => "getbalance",
            Call::Present => "present",
            Call::Token => "token",
            Call::StableToken => "stable_token",
            Call::JsCode2Session => "jscode2session",
            Call::CheckSession => "checksession",
            Call::ResetUserSessionKey => "resetusersessionkey",
            Call::GamePay => "game_pay",
            Call::GameCancelPay => "game_cancelpay",
            Call::GameGetBalance => "game_getbalance",
            Call::GamePresent => "game_present",
            Call::GameQueryOrder => "game_queryorderinfo",
        }
    }

    /// Whether it moves coins, and so can be executed later.
    pub(crate) fn moves_coins(self) -> bool {
        self.gives_or_takes().is_some() || self.cancels()
    }

    /// The kind of order it makes.
    pub(crate) fn gives_or_takes(self) -> Option<Kind> {
        match self {
            Call::Pay | Call::GamePay => Some(Kind::Pay),
            Call::Present | Call::GamePresent => Some(Kind::Present),
            _ => None,
        }
    }

    /// Whether it gives the coins of a `pay` back.
    pub(crate) fn cancels(self) -> bool {
        matches!(self, Call::CancelPay | Call::GameCancelPay)
    }

    /// The path of a call of virtual payment 2.0, which is also the uri that is signed; nothing for another call.
    pub(crate) fn game_uri(self) -> Option<&'static str> {
        match self {
            Call::GamePay => Some("/wxa/game/pay"),
            Call::GameCancelPay => Some("/wxa/game/cancelpay"),
            Call::GameGetBalance => Some("/wxa/game/getbalance"),
            Call::GamePresent => Some("/wxa/game/present"),
            Call::GameQueryOrder => Some("/wxa/game/queryorderinfo"),
            _ => None,
        }
    }

    /// Whether it goes with an access token in its query.
    pub(crate) fn takes_token(self) -> bool {
        !matches!(self, Call::Token | Call::StableToken | Call::JsCode2Session)
    }

    /// The call and environment that a path stands for; virtual payment 2.0 names its environment in the body.
    pub(crate) fn of_path(path: &str) -> Option<(Call, Option<Env>)> {
        let call = match path {
            "/cgi-bin/token" => Call::Token,
            "/cgi-bin/stable_token" => Call::StableToken,
            "/sns/jscode2session" => Call::JsCode2Session,
            "/wxa/checksession" => Call::CheckSession,
            "/wxa/resetusersessionkey" => Call::ResetUserSessionKey,
            _ if path.starts_with("/wxa/game/") => {
                let is_it = |call: &Call| call.game_uri() == Some(path);
                return Call::GAME.into_iter().find(is_it).map(|call| (call, None));
            }
            _ => return midas(path).map(|(call, env)| (call, Some(env))),
        };
        Some((call, None))
    }
}

fn midas(path: &str) -> Option<(Call, Env)> {
    let rest = path.strip_prefix("/cgi-bin/midas/")?;
    let (env, name) = match rest.strip_prefix("sandbox/") {
        Some(name) => (Env::Sandbox, name),
        None => (Env::Production, rest),
    };
    let call = match name {
        "pay" => Call::Pay,
        "cancelpay" => Call::CancelPay,
        "getbalance" => Call::GetBalance,
        "present" => Call::Present,
        _ => return None,
    };
    Some((call, env))
}

/// The path of a payment call, which is also its `org_loc`.
pub(crate) fn org_loc(call: Call, env: Env) -> String {
    match env {
        Env::Production => format!("/cgi-bin/midas/{}", call.name()),
        Env::Sandbox => format!("/cgi-bin/midas/sandbox/{}", call.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_payment_path_is_its_own_org_loc() {
        for env in Env::ALL {
            for call in [Call::Pay, Call::CancelPay, Call::GetBalance, Call::Present] {
                let path = org_loc(call, env);
                assert_eq!(Call::of_path(&path), Some((call, Some(env))), "{path}");
            }
        }
        for call in Call::GAME {
            let path = call.game_uri().expect("a path");
            assert_eq!(Call::of_path(path), Some((call, None)), "{path}");
        }
        assert_eq!(Call::of_path("/wxa/game/queryOrder"), None);
        assert_eq!(Call::of_path("/cgi-bin/midas/cancelPay"), None);
        assert_eq!(Call::of_path("/cgi-bin/midas/sandbox/sandbox/pay"), None);
    }
}
