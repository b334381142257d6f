//! How the bytes of an answer become values: only what is beyond doubt.

use serde_json::{Map, Value};

/// What WeChat answered, if it is beyond doubt: HTTP 200, one JSON object, no name in it twice.
/// Otherwise what was seen instead, without a byte of the body.
pub(super) fn read_object(http_status: u16, body: &[u8]) -> Result<Map<String, Value>, String> {
    let size = body.len();
    if http_status != 200 {
        return Err(format!("HTTP status {http_status} with {size} bytes"));
    }
    let object = match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => object,
        Ok(_) => {
            return Err(format!(
                "HTTP status 200 with {size} bytes of JSON that are not an object"
            ));
        }
        Err(_) => {
            return Err(format!(
                "HTTP status 200 with {size} bytes that are not JSON"
            ));
        }
    };
    if count_names(body) != object.len() {
        return Err(format!(
            "HTTP status 200 with a JSON object of {size} bytes that names a field twice"
        ));
    }
    Ok(object)
}

/// The answer to a payment call, as far as both generations tell it alike.
pub(super) struct Answered {
    pub(super) object: Map<String, Value>,
    pub(super) errcode: i32,
    pub(super) errmsg: String,
    pub(super) bill_no: Option<String>,
}

/// Reads one that is beyond doubt and about a number that `is_ours`; otherwise what was seen instead.
pub(super) fn read_answer(
    http_status: u16,
    body: &[u8],
    is_ours: impl Fn(&str) -> bool,
) -> Result<Answered, String> {
    let object = read_object(http_status, body)?;
    let Some(errcode) = errcode_of(&object) else {
        return Err(format!(
            "a JSON object of {} bytes without an integer errcode",
            body.len()
        ));
    };
    let echo = object.get("bill_no").filter(|echo| !echo.is_null());
    let bill_no = match echo.map(|echo| echo.as_str()) {
        None | Some(Some("")) => None,
        Some(Some(text)) if is_ours(text) => Some(text.to_owned()),
        Some(_) => {
            return Err(format!(
                "errcode {errcode} for another bill_no than was asked about"
            ));
        }
    };
    Ok(Answered {
        errmsg: errmsg_of(&object),
        object,
        errcode,
        bill_no,
    })
}

/// How many names the outermost object of a valid JSON text has, repeated ones counted each time.
fn count_names(json: &[u8]) -> usize {
    let (mut depth, mut names, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for &byte in json {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            b':' if depth == 1 => names += 1,
            _ => {}
        }
    }
    names
}

/// A JSON integer that fits an errcode. Text does not do: a guess here is a guess about money.
pub(super) fn errcode_of(object: &Map<String, Value>) -> Option<i32> {
    object.get("errcode")?.as_i64()?.try_into().ok()
}

/// The errcode of an answer that tells one other than 0; `Some(None)` when it cannot be read. For calls that
/// leave errcode out when all went well.
pub(super) fn refusal_of(object: &Map<String, Value>) -> Option<Option<i32>> {
    object.get("errcode")?;
    match errcode_of(object) {
        Some(0) => None,
        other => Some(other),
    }
}

const ERRMSG_MAX: usize = 512;

/// errmsg, at most 512 bytes, control characters as blanks.
pub(super) fn errmsg_of(object: &Map<String, Value>) -> String {
    let text = object
        .get("errmsg")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let mut end = text.len().min(ERRMSG_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end]
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

/// Text that is there and not empty.
pub(super) fn text_of<'o>(object: &'o Map<String, Value>, name: &str) -> Option<&'o str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

/// An amount: a JSON integer, or one written as text.
pub(super) fn amount_of(object: &Map<String, Value>, name: &str) -> Option<i64> {
    match object.get(name)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_i64(),
    }
}

/// A flag: a JSON bool, or 0 or 1.
pub(super) fn flag_of(object: &Map<String, Value>, name: &str) -> Option<bool> {
    match object.get(name)? {
        Value::Bool(flag) => Some(*flag),
        value => match value.as_i64()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Map<String, Value> {
        read_object(200, json.as_bytes()).expect("the test gives a readable object")
    }

    #[test]
    fn a_name_given_twice_makes_an_answer_unreadable() {
        for twice in [
            r#"{"errcode":-1,"errcode":0}"#,
            r#"{"errcode":-1,"err\u0063ode":0}"#,
            r#"{"a":1,"errcode":0,"a":1}"#,
        ] {
            assert!(read_object(200, twice.as_bytes()).is_err(), "{twice}");
        }
        for once in [
            "{}",
            r#" {"a":{"a":1,"a":2},"b":[{"a":1}]} "#,
            r#"{"a:\"":"b:\\","c":":"}"#,
        ] {
            assert!(read_object(200, once.as_bytes()).is_ok(), "{once}");
        }
    }

    #[test]
    fn what_is_unreadable_is_described_without_its_bytes() {
        assert_eq!(
            read_object(502, b"secret"),
            Err("HTTP status 502 with 6 bytes".into())
        );
        for body in [
            "",
            "secret",
            "[\"secret\"]",
            "{\"secret\":",
            "{} secret",
            "\u{feff}{}",
            "\"secret\"",
        ] {
            let told = read_object(200, body.as_bytes()).expect_err("none of these is an object");
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn an_errcode_is_an_integer_or_nothing() {
        assert_eq!(errcode_of(&object(r#"{"errcode":90012}"#)), Some(90012));
        assert_eq!(errcode_of(&object(r#"{"errcode":-1}"#)), Some(-1));
        for other in [
            "\"0\"",
            "0.0",
            "-0",
            "null",
            "false",
            "[]",
            "4294967296",
            "1e3",
        ] {
            assert_eq!(
                errcode_of(&object(&format!("{{\"errcode\":{other}}}"))),
                None,
                "{other}"
            );
        }
    }

    #[test]
    fn errmsg_is_bounded_at_a_whole_character() {
        let long = format!("{{\"errmsg\":\"{}a\\nb\"}}", "钻".repeat(300));
        let errmsg = errmsg_of(&object(&long));
        assert_eq!(errmsg.len(), 510);
        assert_eq!(errmsg_of(&object(r#"{"errmsg":"a\nb"}"#)), "a b");
        assert_eq!(errmsg_of(&object(r#"{"errmsg":7}"#)), "");
    }

    #[test]
    fn amounts_are_integers_or_integers_as_text() {
        let o =
            object(r#"{"a":5,"b":"7","c":1.0,"d":"1.0","e":null,"f":"","g":99999999999999999999}"#);
        let read: Vec<_> = ["a", "b", "c", "d", "e", "f", "g", "none"]
            .map(|n| amount_of(&o, n))
            .into();
        assert_eq!(read, [Some(5), Some(7), None, None, None, None, None, None]);
    }
}
