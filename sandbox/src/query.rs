//! The query of a URL.

pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    pub(crate) fn new(text: &str) -> Query {
        let pairs = text.split('&').filter(|part| !part.is_empty());
        let pairs = pairs.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        });
        Query {
            pairs: pairs.collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Takes the percent signs out of a text; what is not an escape stays as it is.
fn decoded(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).and_then(|b| char::from(*b).to_digit(16));
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = match byte {
            b'%' => digit(at + 1).zip(digit(at + 2)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            out.push((high * 16 + low) as u8);
            at += 3;
        } else {
            out.push(if byte == b'+' { b' ' } else { byte });
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn escapes_are_undone_and_rubbish_is_kept() {
        let query = Query::new("a=1%2B2+3&&b&c=%E9%92%BB&d=%zz%4");
        assert_eq!(query.get("a"), Some("1+2 3"));
        assert_eq!(query.get("b"), Some(""));
        assert_eq!(query.get("c"), Some("钻"));
        assert_eq!(query.get("d"), Some("%zz%4"));
        assert_eq!(query.get("e"), None);
    }
}
