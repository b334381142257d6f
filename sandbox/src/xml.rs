//! The XML of pushes: written from the same values as the JSON, and just enough of it read to see an answer.

use serde_json::Value;

/// A message as XML. Texts stand in CDATA, the elements of a list under the list's name.
pub(crate) fn write(message: &Value) -> String {
    let mut out = String::new();
    element(&mut out, "xml", message);
    out
}

fn element(out: &mut String, name: &str, value: &Value) {
    if let Value::Array(values) = value {
        for value in values {
            element(out, name, value);
        }
        return;
    }
    out.push_str(&format!("<{name}>"));
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                element(out, name, value);
            }
        }
        // The end of a CDATA section cannot stand in one, so it is cut in two.
        Value::String(text) => {
            let text = text.replace("]]>", "]]]]><![CDATA[>");
            out.push_str(&format!("<![CDATA[{text}]]>"));
        }
        Value::Null => {}
        value => out.push_str(&value.to_string()),
    }
    out.push_str(&format!("</{name}>"));
}

/// The number in the first element with this name, in CDATA or not.
pub(crate) fn number(text: &str, name: &str) -> Option<i64> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (inner, _) = rest.split_once(&format!("</{name}>"))?;
    let inner = inner.trim();
    let cdata = inner
        .strip_prefix("<![CDATA[")
        .and_then(|inner| inner.strip_suffix("]]>"));
    cdata.unwrap_or(inner).trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{number, write};
    use serde_json::json;

    #[test]
    fn a_message_is_written_as_xml() {
        let message = json!({ "A": "x]]>y", "B": 1, "C": [{ "D": 2 }, { "D": 3 }], "E": false });
        assert_eq!(
            write(&message),
            "<xml><A><![CDATA[x]]]]><![CDATA[>y]]></A><B>1</B><C><D>2</D></C><C><D>3</D></C>\
             <E>false</E></xml>"
        );
    }

    #[test]
    fn a_number_is_read_and_nothing_else() {
        let answer =
            |inner: &str| format!("<xml><ErrCode>{inner}</ErrCode><ErrMsg>x</ErrMsg></xml>");
        assert_eq!(number(&answer("0"), "ErrCode"), Some(0));
        assert_eq!(number(&answer(" 99999 "), "ErrCode"), Some(99999));
        assert_eq!(number(&answer("<![CDATA[0]]>"), "ErrCode"), Some(0));
        assert_eq!(number(&answer("zero"), "ErrCode"), None);
        assert_eq!(number(&answer(""), "ErrCode"), None);
        assert_eq!(number("<xml/>", "ErrCode"), None);
    }
}
