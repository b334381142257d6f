//! The rule of every value, checked before a request is made of it. A refusal names the field and the way out.
//!
//! Where WeChat publishes no rule, a bound of our own keeps nonsense out; it is marked as such.

use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::{App, Call, Order};
use crate::error::{Error, Result};
use crate::sign::Secret;

/// Largest amount: 2^53, above which a JSON number is no longer exact everywhere (our own bound).
pub const AMOUNT_MAX: i64 = 1 << 53;
/// Longest bill_no, as midas.pay says.
pub const BILL_NO_MAX: usize = 63;
/// Longest appid, offer_id, openid, pf and zone_id in bytes (our own bound).
pub const ID_MAX: usize = 128;
/// Longest pay_item in bytes (our own bound).
pub const PAY_ITEM_MAX: usize = 512;
/// Longest app_remark in bytes (our own bound).
pub const APP_REMARK_MAX: usize = 1024;
/// Longest access_token in bytes; WeChat asks for room for 512.
pub const ACCESS_TOKEN_MAX: usize = 1024;
/// Longest session_key, AppSecret and js_code in bytes (our own bound).
pub const CREDENTIAL_MAX: usize = 512;

/// Checks what all calls have in common.
pub fn app(app: &App) -> Result<()> {
    id("appid", &app.appid)?;
    id("offer_id", &app.offer_id)?;
    id("pf", &app.pf)
}

/// Checks every value of `order`, and that each belongs to `call`.
pub fn order(call: Call, order: &Order<'_>) -> Result<()> {
    id("openid", order.openid)?;
    zone_id(order.zone_id)?;
    match call {
        Call::Pay | Call::Present | Call::CancelPay => bill_no(order.bill_no)?,
        Call::GetBalance => absent(call, "bill_no", order.bill_no.is_empty())?,
    }
    match call {
        Call::Pay | Call::Present => amount(order.amount)?,
        Call::CancelPay | Call::GetBalance => absent(call, "amount", order.amount == 0)?,
    }
    match call {
        Call::Pay | Call::CancelPay => note("pay_item", order.pay_item, PAY_ITEM_MAX)?,
        Call::GetBalance | Call::Present => absent(call, "pay_item", order.pay_item.is_empty())?,
    }
    match call {
        Call::Pay => note("app_remark", order.app_remark, APP_REMARK_MAX)?,
        _ => absent(call, "app_remark", order.app_remark.is_empty())?,
    }
    user_ip(order.user_ip).map(|_| ())
}

/// Checks a bill_no: 1 to 63 of `0-9 A-Z a-z _ -`, not beginning with `_`.
///
/// midas.pay once also listed `|`, `*` and `@`; its newer text does not, and the leading `_` is ruled out by the
/// virtual payment 2.0. What both generations take is safe.
pub fn bill_no(bill_no: &str) -> Result<()> {
    let wrong = if bill_no.is_empty() {
        "is empty: give the number of the order"
    } else if bill_no.len() > BILL_NO_MAX {
        "is longer than 63 characters: make it shorter"
    } else if !is_id(bill_no) {
        "may hold digits, letters, `_` and `-` only"
    } else if bill_no.starts_with('_') {
        "must not begin with `_`: begin it with a letter or digit"
    } else {
        return Ok(());
    };
    Err(Error::invalid("bill_no", wrong))
}

/// Checks an amount: 1 to [`AMOUNT_MAX`].
pub fn amount(amount: i64) -> Result<()> {
    if (1..=AMOUNT_MAX).contains(&amount) {
        return Ok(());
    }
    Err(Error::invalid(
        "amount",
        "must be 1 to 2^53 (9007199254740992) coins",
    ))
}

/// Checks a time: Unix seconds between the years 2001 and 5138.
pub fn ts(ts: i64) -> Result<()> {
    if (1_000_000_000..100_000_000_000).contains(&ts) {
        return Ok(());
    }
    Err(Error::invalid(
        "ts",
        if ts >= 100_000_000_000 {
            "looks like milliseconds: WeChat wants Unix time in whole seconds, divide by 1000"
        } else {
            "must be Unix time in whole seconds, 1000000000 or later: is the clock set?"
        },
    ))
}

/// Checks an access_token: the text that WeChat gave, not percent-encoded.
pub fn access_token(token: &str) -> Result<()> {
    credential("access_token", token, ACCESS_TOKEN_MAX)?;
    if token.contains('%') {
        return Err(Error::invalid(
            "access_token",
            "seems percent-encoded: give it as WeChat gave it, it is encoded here where needed",
        ));
    }
    Ok(())
}

/// Checks a session_key: the base64 text that `code2Session` gave. It is never decoded.
pub fn session_key(session_key: &Secret) -> Result<()> {
    let text = session_key.as_str();
    credential("session_key", text, CREDENTIAL_MAX)?;
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='))
    {
        return Ok(());
    }
    Err(Error::invalid(
        "session_key",
        "must be the base64 text that code2Session gave (letters, digits, `+`, `/`, `=`), not decoded or encoded",
    ))
}

/// Checks a text WeChat gave out as a credential: visible ASCII without blanks, 1 to `max` bytes.
pub fn credential(field: &'static str, text: &str, max: usize) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(field, "is empty"));
    }
    if text.len() > max {
        return Err(Error::invalid(field, format!("is longer than {max} bytes")));
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Error::invalid(
            field,
            "must be visible ASCII without blanks: give it exactly as WeChat gave it",
        ));
    }
    Ok(())
}

/// Checks an id that WeChat gave out: 1 to 128 of `0-9 A-Z a-z _ -`.
pub fn id(field: &'static str, text: &str) -> Result<()> {
    if text.is_empty() {
        return Err(Error::invalid(field, "is empty: it goes with every call"));
    }
    if text.len() > ID_MAX || !is_id(text) {
        return Err(Error::invalid(
            field,
            "must be at most 128 digits, letters, `_` and `-`: give it exactly as WeChat gave it",
        ));
    }
    Ok(())
}

/// Checks a zone_id: text, 1 to 128 bytes (our own bound) without control characters.
pub fn zone_id(zone_id: &str) -> Result<()> {
    if zone_id.is_empty() {
        return Err(Error::invalid(
            "zone_id",
            "is empty: use `1` when the game has no zones, zone + `_` + role where Midas is set up with roles",
        ));
    }
    note("zone_id", zone_id, ID_MAX)
}

pub(super) fn note(field: &'static str, text: &str, max: usize) -> Result<()> {
    if text.len() > max {
        return Err(Error::invalid(
            field,
            format!("is longer than {max} bytes: make it shorter"),
        ));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::invalid(
            field,
            "holds a control character (line end, tab, NUL): take it out",
        ));
    }
    Ok(())
}

fn absent(call: Call, field: &'static str, absent: bool) -> Result<()> {
    if absent {
        return Ok(());
    }
    let name = match call {
        Call::Pay => "pay",
        Call::CancelPay => "cancelPay",
        Call::GetBalance => "getBalance",
        Call::Present => "present",
    };
    Err(Error::invalid(
        field,
        format!("is no field of {name}: leave it out"),
    ))
}

fn is_id(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// An IP address as it is signed and sent, on the stack.
#[derive(Clone, Copy)]
pub struct IpText {
    bytes: [u8; 46],
    len: usize,
}

impl IpText {
    /// The text; empty when no address was given.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("addresses are written as ASCII")
    }
}

impl Write for IpText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = self
            .bytes
            .get_mut(self.len..self.len + text.len())
            .ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

/// Checks a player's IP address: none, or a public one. IPv4 written as IPv6 (`::ffff:1.2.3.4`) becomes IPv4,
/// IPv6 its shortest form: those and local addresses are known to make WeChat refuse a call.
pub fn user_ip(user_ip: &str) -> Result<IpText> {
    let mut text = IpText {
        bytes: [0; 46],
        len: 0,
    };
    if user_ip.is_empty() {
        return Ok(text);
    }
    let address = user_ip.parse::<IpAddr>().map_err(|_| {
        Error::invalid(
            "user_ip",
            "is no IP address: give it without port, brackets and blanks, or leave it out",
        )
    })?;
    let address = address.to_canonical();
    let public = match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    };
    if !public {
        return Err(Error::invalid(
            "user_ip",
            "is not a public address (local, private, reserved or for examples): leave it out unless the \
             player's own public address is known",
        ));
    }
    match address {
        IpAddr::V4(_) if !user_ip.contains(':') => text.write_str(user_ip),
        _ => write!(text, "{address}"),
    }
    .expect("no address is longer than 45 characters");
    Ok(text)
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let reserved = a == 0
        || a >= 224
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19));
    !(reserved
        || v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_documentation())
}

/// Global unicast is 2000::/3; 2001:db8::/32 and 3fff::/20 of it are for examples.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [a, b, ..] = v6.segments();
    a & 0xe000 == 0x2000 && (a, b) != (0x2001, 0x0db8) && !(a == 0x3fff && b < 0x1000)
}
