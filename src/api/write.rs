//! How values become the bytes of a request: JSON and queries, by hand, in one pass.

/// Appends `"name":` after a comma where one is due.
pub(super) fn json_name(body: &mut Vec<u8>, name: &str) {
    body.push(if body.is_empty() { b'{' } else { b',' });
    body.push(b'"');
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(b"\":");
}

/// Appends `value` as a JSON string. Text beyond ASCII stays as it is.
pub(super) fn json_text(body: &mut Vec<u8>, value: &str) {
    body.push(b'"');
    let bytes = value.as_bytes();
    let mut written = 0;
    for (i, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        body.extend_from_slice(&bytes[written..i]);
        written = i + 1;
        match byte {
            b'"' => body.extend_from_slice(b"\\\""),
            b'\\' => body.extend_from_slice(b"\\\\"),
            _ => {
                let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                body.extend_from_slice(&[
                    b'\\',
                    b'u',
                    b'0',
                    b'0',
                    digit(byte >> 4),
                    digit(byte & 15),
                ]);
            }
        }
    }
    body.extend_from_slice(&bytes[written..]);
    body.push(b'"');
}

/// `path` with the given query; values are percent-encoded.
pub(super) fn with_query(path: &str, query: &[(&str, &str)]) -> String {
    let length: usize = query
        .iter()
        .map(|(name, value)| name.len() + value.len() + 2)
        .sum();
    let mut text = String::with_capacity(path.len() + length);
    text.push_str(path);
    for (i, (name, value)) in query.iter().enumerate() {
        text.push(if i == 0 { '?' } else { '&' });
        text.push_str(name);
        text.push('=');
        query_value(&mut text, value);
    }
    text
}

/// Appends `value` to a query, percent-encoded wherever it is not unreserved.
fn query_value(query: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            query.push(char::from(byte));
        } else {
            let digit = |nibble: u8| char::from(b"0123456789ABCDEF"[usize::from(nibble)]);
            query.push('%');
            query.push(digit(byte >> 4));
            query.push(digit(byte & 15));
        }
    }
}

/// A number that is not negative in plain decimal digits, on the stack.
pub(super) struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    pub(super) fn new(mut value: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len() - 1;
        while value >= 10 {
            digits[start] = b'0' + (value % 10) as u8;
            value /= 10;
            start -= 1;
        }
        digits[start] = b'0' + value as u8;
        Self { digits, start }
    }

    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.digits[self.start..]).expect("digits are ASCII")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_text_reads_back_as_it_was() {
        for text in [
            "",
            "plain",
            "钻石 x 10",
            "\"",
            "\\",
            "a\"b\\c/d",
            "\u{0}\n\u{1f}\u{7f}",
            "\u{2028}𝄞",
        ] {
            let mut body = Vec::new();
            json_text(&mut body, text);
            assert_eq!(
                serde_json::from_slice::<String>(&body).ok().as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn decimals_are_plain() {
        for value in [0, 9, 10, 123, 1 << 53, u64::MAX] {
            assert_eq!(Decimal::new(value).text(), value.to_string());
        }
    }

    #[test]
    fn a_query_value_is_encoded_byte_by_byte() {
        let mut query = String::new();
        query_value(&mut query, "aZ09-._~ +/=%&钻");
        assert_eq!(query, "aZ09-._~%20%2B%2F%3D%25%26%E9%92%BB");
    }
}
