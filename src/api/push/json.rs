//! Strict JSON: no name twice, at any depth.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::tree::{Bounds, TWICE};

/// Reads a JSON object. What is wrong is told without a byte of it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, &'static str> {
    let (bounds, broken) = (Bounds::default(), Cell::new(None));
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Strict {
        bounds: &bounds,
        broken: &broken,
        depth: 0,
    }
    .deserialize(&mut json)
    .and_then(|value| json.end().map(|()| value));
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("is not a JSON object"),
        Err(_) => Err(broken.get().unwrap_or("is not JSON")),
    }
}

/// Reads one JSON value within the bounds, and says which rule was broken, which serde_json's errors mix with its text.
#[derive(Clone, Copy)]
struct Strict<'b> {
    bounds: &'b Bounds,
    broken: &'b Cell<Option<&'static str>>,
    depth: usize,
}

impl Strict<'_> {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }

    fn refuse<E: serde::de::Error>(self, why: &'static str) -> E {
        self.broken.set(Some(why));
        E::custom(why)
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        self.bounds
            .count(self.depth)
            .map_err(|why| self.refuse::<D::Error>(why))?;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element_seed(self.deeper())? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(self.refuse(TWICE));
            }
            object.insert(name, fields.next_value_seed(self.deeper())?);
        }
        Ok(Value::Object(object))
    }
}
