//! What all calls have in common: the fields of the body that come first, and the query with its signatures.

use super::Player;
use crate::api::write::{self, Decimal};
use crate::api::{App, Environment, HttpRequest, check};
use crate::error::Result;
use crate::sign::game_v2::sign_named;
use crate::sign::login_state::signature;
use crate::sign::{AppKey, Secret, hex_text};

/// The body of one request in the making: fields stand in the order in which they are given.
pub(super) struct Body<'a> {
    bytes: Vec<u8>,
    app_key: &'a AppKey,
    session_key: &'a Secret,
    access_token: &'a str,
}

impl<'a> Body<'a> {
    /// Checks what every call has, and begins with its fields.
    pub(super) fn begin(
        app: &'a App,
        player: &Player<'_>,
        session_key: &'a Secret,
        access_token: &'a str,
        ts: i64,
    ) -> Result<Self> {
        check::id("offer_id", &app.offer_id)?;
        check::id("openid", player.openid)?;
        check::zone_id(player.zone_id)?;
        let user_ip = check::user_ip(player.user_ip)?;
        check::access_token(access_token)?;
        check::ts(ts)?;
        check::session_key(session_key)?;

        let mut body = Self {
            bytes: Vec::with_capacity(512),
            app_key: &app.app_key,
            session_key,
            access_token,
        };
        body.text("openid", player.openid);
        body.text("offer_id", &app.offer_id);
        body.number("ts", ts);
        body.text("zone_id", player.zone_id);
        // One of WeChat's old pages types it as text; all others, and every sample, as a number.
        body.number(
            "env",
            match app.environment {
                Environment::Production => 0,
                Environment::Sandbox => 1,
            },
        );
        body.text("user_ip", user_ip.as_str());
        Ok(body)
    }

    /// The next field; an empty one is not given and not sent.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            write::json_name(&mut self.bytes, name);
            write::json_text(&mut self.bytes, value);
        }
    }

    /// The next field, which has been checked not to be negative.
    pub(super) fn number(&mut self, name: &str, value: i64) {
        write::json_name(&mut self.bytes, name);
        let digits = Decimal::new(value.unsigned_abs());
        self.bytes.extend_from_slice(digits.text().as_bytes());
    }

    /// Ends the body and signs its bytes for a POST to `path`.
    pub(super) fn post(self, path: &str) -> HttpRequest {
        let mut body = self.bytes;
        body.push(b'}');
        let signature = signature(self.session_key, &body);
        let pay_sig = sign_named(path, &body, self.app_key);
        let query = [
            ("access_token", self.access_token),
            ("signature", hex_text(&signature)),
            ("sig_method", "hmac_sha256"),
            ("pay_sig", hex_text(&pay_sig)),
        ];
        HttpRequest {
            get: false,
            path_and_query: write::with_query(path, &query),
            body,
        }
    }
}
