//! The query of a push, names and values decoded as a form's are.

/// More than WeChat sends with room for the host's own.
const PAIRS_MAX: usize = 64;

/// The pairs of a query, no name in it twice.
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads a query with or without its leading `?`. What is wrong is told without a byte of it.
    pub(super) fn parse(query: &str) -> Result<Self, &'static str> {
        let query = query.strip_prefix('?').unwrap_or(query);
        let mut pairs: Vec<(String, String)> = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name).ok_or(BAD_ESCAPE)?;
            let value = decoded(value).ok_or(BAD_ESCAPE)?;
            if pairs.iter().any(|(known, _)| *known == name) {
                return Err("the query gives one name twice");
            }
            if pairs.len() == PAIRS_MAX {
                return Err("the query has more than 64 fields");
            }
            pairs.push((name, value));
        }
        Ok(Self(pairs))
    }

    /// The value of `name`, if there is one that is not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

const BAD_ESCAPE: &str = "the query holds a `%` without two hex digits, or what is not UTF-8";

/// `%41` is a byte, `+` a blank: a sender who means `+` writes `%2B`, as every form does.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let mut byte = [0];
                hex::decode_to_slice(digits, &mut byte).ok()?;
                bytes.push(byte[0]);
                rest = after;
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_decoded_as_in_a_form() {
        let query = Query::parse("?a=1+2&b%3D=%e4%B8%AD%2B&c&&d==e").expect("a good query");
        let got = ["a", "b=", "c", "d", "e", ""].map(|name| query.get(name));
        assert_eq!(
            got,
            [Some("1 2"), Some("中+"), None, Some("=e"), None, None]
        );
    }

    #[test]
    fn what_cannot_be_read_is_refused_whole() {
        let many = (0..=PAIRS_MAX)
            .map(|n| format!("a{n}=&"))
            .collect::<String>();
        for bad in [
            "a=%",
            "a=%4",
            "a=%4g",
            "a=%+1",
            "%ff=1",
            "a=1&a=1",
            "a=1&%61=2",
            "a&a",
            &many,
        ] {
            assert!(Query::parse(bad).is_err(), "{bad}");
        }
        assert!(Query::parse(&many[4..]).is_ok());
    }
}
