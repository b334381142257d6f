//! Where one app's pushes go, and how they are written.

use crate::json::Trouble;
use crate::seal::AesKey;
use hyper::Uri;
use serde::Deserialize;
use std::net::IpAddr;

/// How a message is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    #[default]
    Json,
    Xml,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json",
            Format::Xml => "text/xml",
        }
    }
}

/// What `POST /sandbox/push/config` takes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    pub(crate) appid: Option<String>,
    url: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    aes_key: String,
    #[serde(default)]
    format: Format,
    #[serde(default = "to_user_name")]
    to_user_name: String,
    #[serde(default = "one")]
    retry_factor: f64,
    #[serde(default = "three_seconds")]
    timeout_ms: u64,
}

fn to_user_name() -> String {
    "gh_sandbox".to_owned()
}

fn one() -> f64 {
    1.0
}

fn three_seconds() -> u64 {
    3_000
}

/// Where one app's pushes go; all of it has been checked.
pub(crate) struct PushConfig {
    /// Without a scheme: `127.0.0.1:8080`.
    pub(crate) authority: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query, as they were given.
    pub(crate) target: String,
    pub(crate) token: String,
    /// The key of safe mode; nothing in plain mode.
    pub(crate) aes_key: Option<AesKey>,
    pub(crate) format: Format,
    pub(crate) to_user_name: String,
    /// What the pauses of the retry plan are multiplied with.
    pub(crate) retry_factor: f64,
    /// How long an answer may take, in real milliseconds.
    pub(crate) timeout_ms: u64,
}

impl Wish {
    /// What was asked for, or which field cannot be; nothing when pushes are to be off.
    pub(crate) fn check(self, allow_remote: bool) -> Result<Option<PushConfig>, Trouble> {
        if self.url.is_empty() {
            return Ok(None);
        }
        let not_an_url = || Trouble::new("url", "must be like http://127.0.0.1:8080/push");
        let uri: Uri = self.url.parse().map_err(|_| not_an_url())?;
        if uri.scheme_str() != Some("http") {
            return Err(Trouble::new("url", "must begin with http://"));
        }
        let authority = uri.authority().ok_or_else(not_an_url)?;
        if authority.as_str().contains('@') {
            return Err(not_an_url());
        }
        let host = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let is_loopback = |host: &str| match host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => host.eq_ignore_ascii_case("localhost"),
        };
        if !allow_remote && !is_loopback(host) {
            let message = "is not loopback, and allow_remote is off";
            return Err(Trouble::new("url", message));
        }
        if !(1..=128).contains(&self.token.len()) {
            return Err(Trouble::new("token", "must be 1 to 128 bytes long"));
        }
        let aes_key = match self.aes_key.as_str() {
            "" => None,
            text => Some(AesKey::new(text).ok_or_else(|| {
                let rule = "must be 43 characters of base64, or empty for plain mode";
                Trouble::new("aes_key", rule)
            })?),
        };
        if !(0.0..=1.0).contains(&self.retry_factor) {
            return Err(Trouble::new("retry_factor", "must be from 0 to 1"));
        }
        if !(1..=60_000).contains(&self.timeout_ms) {
            return Err(Trouble::new("timeout_ms", "must be from 1 to 60000"));
        }
        Ok(Some(PushConfig {
            authority: authority.to_string(),
            host: host.to_owned(),
            port: authority.port_u16().unwrap_or(80),
            target: uri
                .path_and_query()
                .map_or("/", |target| target.as_str())
                .to_owned(),
            token: self.token,
            aes_key,
            format: self.format,
            to_user_name: self.to_user_name,
            retry_factor: self.retry_factor,
            timeout_ms: self.timeout_ms,
        }))
    }
}
