//! The exact string that was signed, with secrets masked: the first thing to look at after 90009 and 90011.

use super::midas_v1::{MP_SIG_TAIL, Order, SIG_TAIL, Text};
use crate::error::Result;

const MASK: &str = "***";

/// The string under `sig`, ending in `secret=***`. The same rules as [`super::midas_v1::sig`].
pub fn explain_sig(path: &str, fields: &[(&str, &str)]) -> Result<String> {
    let order = Order::of_sig(path, fields)?;
    let mut text = Text::new(String::new());
    for (name, value) in order.fields(fields) {
        text.field(name, value);
    }
    Ok(text.finish(path, SIG_TAIL, MASK))
}

/// The string under `mp_sig`, with `access_token=***` and ending in `session_key=***`. The same rules as
/// [`super::midas_v1::mp_sig`].
pub fn explain_mp_sig(path: &str, fields: &[(&str, &str)]) -> Result<String> {
    let order = Order::of_mp_sig(path, fields)?;
    let mut text = Text::new(String::new());
    for (name, value) in order.fields(fields) {
        text.field(name, if name == "access_token" { MASK } else { value });
    }
    Ok(text.finish(path, MP_SIG_TAIL, MASK))
}
