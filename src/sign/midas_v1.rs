//! `sig` and `mp_sig` of the classic Midas calls (WeChat's page "midas-signature").
//!
//! ```text
//! sig    = hex(HMAC-SHA256(AppKey,      fields & org_loc=path & method=POST & secret=AppKey))
//! mp_sig = hex(HMAC-SHA256(session_key, fields, access_token and sig & org_loc=path & method=POST
//!                                                                    & session_key=session_key))
//! ```
//!
//! Fields stand as `name=value`, joined by `&`, in byte order of their names, with raw values: no
//! percent-encoding, no quotes. `path` is the path posted to, `/sandbox` included, without host and query.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{HexDigest, Secret};
use crate::error::{Error, Result};

/// Most fields one signature may cover.
pub const MAX_FIELDS: usize = 64;

/// The AppKey of one Midas environment, ready to sign with. Wiped when dropped, never shown.
#[derive(Clone)]
pub struct AppKey {
    text: Secret,
    pub(super) state: Hmac<Sha256>,
}

impl AppKey {
    /// Takes the key as the Midas console shows it. Refuses an empty key and one with blanks in or round it.
    pub fn new(text: &str) -> Result<Self> {
        if text.is_empty() || text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Error::invalid(
                "app_key",
                "must be 1 to 512 visible ASCII characters: copy the AppKey of this environment from the Midas \
                 console without blanks or line ends",
            ));
        }
        Ok(Self {
            text: Secret::new(text),
            state: keyed(text.as_bytes()),
        })
    }
}

impl fmt::Debug for AppKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppKey(***)")
    }
}

/// `sig` over `fields`, given in any order, of a POST to `path`.
///
/// Refused: no field at all or more than [`MAX_FIELDS`], an empty or repeated name, an empty value (what is
/// empty is neither sent nor signed), and `sig`, `mp_sig` or `access_token` among the fields.
pub fn sig(path: &str, fields: &[(&str, &str)], app_key: &AppKey) -> Result<HexDigest> {
    let order = Order::of_sig(path, fields)?;
    let mut signer = Signer::sig(app_key);
    for (name, value) in order.fields(fields) {
        signer.field(name, value);
    }
    Ok(signer.finish(path))
}

/// `mp_sig` over `fields`, given in any order, of a POST to `path`.
///
/// The rules of [`sig()`], but `access_token` and `sig` must be among the fields. `session_key` is the text
/// that `code2Session` gave, as it came.
pub fn mp_sig(path: &str, fields: &[(&str, &str)], session_key: &Secret) -> Result<HexDigest> {
    if session_key.is_empty() {
        return Err(Error::invalid(
            "session_key",
            "is empty: give the session_key of the player's newest login",
        ));
    }
    let order = Order::of_mp_sig(path, fields)?;
    let mut signer = Signer::mp_sig(session_key);
    for (name, value) in order.fields(fields) {
        signer.field(name, value);
    }
    Ok(signer.finish(path))
}

/// One signature in the making, for a caller who has the fields in byte order of their names and has checked
/// them: nothing is looked at again here.
pub struct Signer<'k> {
    text: Text<Hmac<Sha256>>,
    tail: &'static str,
    key: &'k Secret,
}

impl<'k> Signer<'k> {
    /// Begins a `sig`.
    pub fn sig(app_key: &'k AppKey) -> Self {
        Self {
            text: Text::new(app_key.state.clone()),
            tail: SIG_TAIL,
            key: &app_key.text,
        }
    }

    /// Begins an `mp_sig`.
    pub fn mp_sig(session_key: &'k Secret) -> Self {
        Self {
            text: Text::new(keyed(session_key.as_bytes())),
            tail: MP_SIG_TAIL,
            key: session_key,
        }
    }

    /// Takes in the next field.
    #[inline]
    pub fn field(&mut self, name: &str, value: &str) {
        self.text.field(name, value);
    }

    /// Ends the string with path, method and key, and signs it.
    pub fn finish(self, path: &str) -> HexDigest {
        digits(self.text.finish(path, self.tail, self.key.as_str()))
    }
}

/// Ends a signature.
pub(super) fn digits(mac: Hmac<Sha256>) -> HexDigest {
    let mut digits = [0; 64];
    hex::encode_to_slice(mac.finalize().into_bytes(), &mut digits)
        .expect("32 bytes are 64 hex digits");
    digits
}

pub(super) const SIG_TAIL: &str = "&method=POST&secret=";
pub(super) const MP_SIG_TAIL: &str = "&method=POST&session_key=";

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

/// Where the string to sign goes, piece by piece.
pub(super) trait Sink {
    fn put(&mut self, piece: &str);
}

impl Sink for Hmac<Sha256> {
    #[inline]
    fn put(&mut self, piece: &str) {
        self.update(piece.as_bytes());
    }
}

impl Sink for String {
    fn put(&mut self, piece: &str) {
        self.push_str(piece);
    }
}

/// The string to sign: the one place that knows its form.
pub(super) struct Text<S> {
    sink: S,
    begun: bool,
}

impl<S: Sink> Text<S> {
    pub(super) fn new(sink: S) -> Self {
        Self { sink, begun: false }
    }

    #[inline]
    pub(super) fn field(&mut self, name: &str, value: &str) {
        if self.begun {
            self.sink.put("&");
        }
        self.begun = true;
        self.sink.put(name);
        self.sink.put("=");
        self.sink.put(value);
    }

    pub(super) fn finish(mut self, path: &str, tail: &str, key: &str) -> S {
        for piece in ["&org_loc=", path, tail, key] {
            self.sink.put(piece);
        }
        self.sink
    }
}

/// Checked fields in byte order of their names: indexes, on the stack.
pub(super) struct Order {
    indexes: [u8; MAX_FIELDS],
    len: usize,
}

impl Order {
    pub(super) fn of_sig(path: &str, fields: &[(&str, &str)]) -> Result<Self> {
        for reserved in ["access_token", "mp_sig", "sig"] {
            if fields.iter().any(|(name, _)| *name == reserved) {
                return Err(refused(format!(
                    "`{reserved}` takes no part in sig: leave it out"
                )));
            }
        }
        Self::checked(path, fields)
    }

    pub(super) fn of_mp_sig(path: &str, fields: &[(&str, &str)]) -> Result<Self> {
        for wanted in ["access_token", "sig"] {
            if !fields.iter().any(|(name, _)| *name == wanted) {
                return Err(refused(format!("`{wanted}` takes part in mp_sig: add it")));
            }
        }
        if fields.iter().any(|(name, _)| *name == "mp_sig") {
            return Err(refused("`mp_sig` takes no part in mp_sig: leave it out"));
        }
        Self::checked(path, fields)
    }

    pub(super) fn fields<'f>(
        &'f self,
        fields: &'f [(&'f str, &'f str)],
    ) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.indexes[..self.len]
            .iter()
            .map(|&i| fields[usize::from(i)])
    }

    fn checked(path: &str, fields: &[(&str, &str)]) -> Result<Self> {
        check_path(path)?;
        if fields.is_empty() || fields.len() > MAX_FIELDS {
            return Err(refused(format!(
                "{} of them: 1 to {MAX_FIELDS} can be signed",
                fields.len()
            )));
        }
        for (i, (name, value)) in fields.iter().enumerate() {
            if name.is_empty() || name.contains(['=', '&']) {
                return Err(refused(format!(
                    "the name of fields[{i}] is empty or holds `=` or `&`"
                )));
            }
            if value.is_empty() {
                return Err(refused(format!(
                    "`{name}` is empty: a field without a value is neither sent nor signed, leave it out"
                )));
            }
        }
        let mut order = Self {
            indexes: std::array::from_fn(|i| i as u8),
            len: fields.len(),
        };
        let name = |i: u8| fields[usize::from(i)].0;
        let indexes = &mut order.indexes[..fields.len()];
        indexes.sort_unstable_by(|&a, &b| name(a).cmp(name(b)));
        if let Some(pair) = indexes
            .windows(2)
            .find(|pair| name(pair[0]) == name(pair[1]))
        {
            return Err(refused(format!("`{}` is there twice", name(pair[0]))));
        }
        Ok(order)
    }
}

/// Whether `path` is one to post to: no host, query or blank.
pub(super) fn is_path(path: &str) -> bool {
    let plain = path
        .bytes()
        .all(|b| b.is_ascii_graphic() && b != b'?' && b != b'#');
    plain && path.starts_with('/') && !path.starts_with("//")
}

fn check_path(path: &str) -> Result<()> {
    if is_path(path) {
        return Ok(());
    }
    Err(Error::invalid(
        "path",
        "must begin with one `/` and hold no host, query or blank, like `/cgi-bin/midas/pay`",
    ))
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::invalid("fields", message)
}
