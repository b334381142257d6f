//! One object of a push, read field by field. A `null` is a field left out.

use serde_json::{Map, Value};

use super::super::check;

/// The fields of one object; errors name them.
#[derive(Clone, Copy)]
pub(super) struct Fields<'v>(pub(super) &'v Map<String, Value>);

/// What a field is, or what is wrong with it.
pub(super) type Read<T> = Result<T, String>;

impl<'v> Fields<'v> {
    fn get(self, name: &str) -> Option<&'v Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// Text of any length.
    pub(super) fn text(self, name: &str) -> Read<Option<&'v str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("{name} is not text")),
        }
    }

    /// An object.
    pub(super) fn object(self, name: &str) -> Read<Option<Fields<'v>>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(Fields(object))),
            Some(_) => Err(format!("{name} is not an object")),
        }
    }

    /// A list of objects.
    pub(super) fn objects(self, name: &str) -> Read<Vec<Fields<'v>>> {
        let wrong = || format!("{name} is not a list of objects");
        let list = self.get(name).and_then(Value::as_array).ok_or_else(wrong)?;
        list.iter()
            .map(|item| item.as_object().map(Fields).ok_or_else(wrong))
            .collect()
    }

    /// An id: 1 to 128 bytes without control characters, nothing if empty. WeChat's tables type one and the same id
    /// as text and as number, so a whole number is taken as its digits.
    pub(super) fn id(self, name: &str) -> Read<Option<String>> {
        let text = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) if number.is_u64() => number.to_string(),
            Some(_) => return Err(format!("{name} is neither text nor a whole number")),
        };
        if text.len() > check::ID_MAX || text.chars().any(char::is_control) {
            return Err(format!(
                "{name} is longer than 128 bytes or holds a control character"
            ));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// The openid of a player, always text.
    pub(super) fn openid(self, name: &str) -> Read<Option<String>> {
        match self.text(name)?.filter(|openid| !openid.is_empty()) {
            Some(openid) if check::id("openid", openid).is_err() => {
                Err(format!("{name} cannot be an openid"))
            }
            openid => Ok(openid.map(str::to_owned)),
        }
    }

    /// A whole number of at least `least`, as a number or as its digits, which is all that XML has.
    pub(super) fn number(self, name: &str, least: i64) -> Read<Option<i64>> {
        let number = match self.get(name) {
            None => return Ok(None),
            Some(Value::String(text)) if text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().ok()
            }
            Some(value) => value.as_i64(),
        };
        let number = number.ok_or_else(|| format!("{name} is not a whole number"))?;
        if !(least..=check::AMOUNT_MAX).contains(&number) {
            return Err(format!("{name} is not {least} to 2^53"));
        }
        Ok(Some(number))
    }

    /// A flag: true or false, 1 or 0, or one of these as text. Anything else is not guessed at.
    pub(super) fn flag(self, name: &str) -> Read<Option<bool>> {
        let flag = match self.get(name) {
            None => return Ok(None),
            Some(Value::Bool(flag)) => Some(*flag),
            Some(Value::Number(number)) => match number.as_i64() {
                Some(0) => Some(false),
                Some(1) => Some(true),
                _ => None,
            },
            Some(Value::String(text)) => match text.as_str() {
                "false" | "False" | "0" => Some(false),
                "true" | "True" | "1" => Some(true),
                _ => None,
            },
            Some(_) => None,
        };
        flag.map(Some)
            .ok_or_else(|| format!("{name} is neither true nor false"))
    }
}

/// The value of a field that must be there.
pub(super) fn needed<T>(name: &str, value: Option<T>) -> Read<T> {
    value.ok_or_else(|| format!("{name} is missing or empty"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ODD: &str = r#"{"null":null,"object":{},"list":[1],"text":"a\tb","empty":"","id":"r_1","seven":7,
        "digits":"007","sign":"+7","minus":-7,"half":0.5,"huge":9007199254740993,"longer":99999999999999999999,
        "yes":true,"one":1,"True":"True","no":"0","maybe":"maybe"}"#;

    fn each<T>(read: impl Fn(Fields<'_>, &str) -> Read<T>) -> Vec<(String, T)> {
        let Value::Object(object) = serde_json::from_str(ODD).expect("JSON") else {
            panic!("an object");
        };
        let mut all = Vec::new();
        for name in object.keys() {
            match read(Fields(&object), name) {
                Ok(value) => all.push((name.clone(), value)),
                Err(why) => assert!(why.starts_with(name.as_str()), "{why}"),
            }
        }
        all
    }

    fn given<T>(all: Vec<(String, Option<T>)>) -> Vec<(String, T)> {
        let some = |(name, value): (String, Option<T>)| value.map(|value| (name, value));
        all.into_iter().filter_map(some).collect()
    }

    fn owned<T: Clone>(expected: &[(&str, T)]) -> Vec<(String, T)> {
        expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }

    #[test]
    fn numbers_are_whole_and_in_bounds() {
        let read = given(each(|fields, name| fields.number(name, 1)));
        assert_eq!(read, owned(&[("digits", 7), ("one", 1), ("seven", 7)]));
    }

    #[test]
    fn flags_are_never_guessed() {
        let read = given(each(|fields, name| fields.flag(name)));
        assert_eq!(
            read,
            owned(&[("True", true), ("no", false), ("one", true), ("yes", true)])
        );
    }

    #[test]
    fn ids_are_text_or_whole_numbers() {
        let read = given(each(|fields, name| fields.id(name)));
        let expected = [
            ("True", "True"),
            ("digits", "007"),
            ("huge", "9007199254740993"),
            ("id", "r_1"),
            ("maybe", "maybe"),
            ("no", "0"),
            ("one", "1"),
            ("seven", "7"),
            ("sign", "+7"),
        ];
        assert_eq!(
            read,
            owned(&expected.map(|(name, id)| (name, id.to_owned())))
        );
    }
}
