//! A message as a tree: strict JSON, or XML without anything clever.
//!
//! Refused, wherever in the text: a name given twice, more than 16 levels, more than 4096 values, and in XML a DTD and
//! every entity but the five of XML itself. Both come out as JSON values; in XML every leaf is text.

use std::cell::Cell;
use std::fmt;

use roxmltree::{Document, Node, ParsingOptions};
use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Levels of a tree; pushes have four.
const DEPTH_MAX: usize = 16;
/// Values of a tree; a gift pack of a hundred goods has four hundred.
const VALUES_MAX: usize = 4096;
/// The one element that stands as often as there are goods: a list, though there be one.
const REPEATED: &str = "GoodsList";

const TWICE: &str = "names a field twice";
const DEEP: &str = "is nested deeper than 16 levels";
const MANY: &str = "holds more than 4096 values";

/// Reads a JSON object or, beginning with `<`, an `xml` element. What is wrong is told without a byte of it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, &'static str> {
    if is_xml(text.as_bytes()) {
        read_xml(text)
    } else {
        read_json(text)
    }
}

/// Whether the first thing in a text is a `<`.
pub(super) fn is_xml(text: &[u8]) -> bool {
    text.trim_ascii_start().first() == Some(&b'<')
}

/// Reads a JSON object.
pub(super) fn read_json(text: &str) -> Result<Map<String, Value>, &'static str> {
    let bounds = Bounds {
        values: Cell::new(0),
        broken: Cell::new(None),
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let value = Strict {
        bounds: &bounds,
        depth: 0,
    }
    .deserialize(&mut json)
    .and_then(|value| json.end().map(|()| value));
    match value {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("is not a JSON object"),
        Err(_) => Err(bounds.broken.get().unwrap_or("is not JSON")),
    }
}

/// What one text may hold, counted over all of it, and which bound was broken.
struct Bounds {
    values: Cell<usize>,
    broken: Cell<Option<&'static str>>,
}

impl Bounds {
    fn count(&self, depth: usize) -> Result<(), &'static str> {
        self.values.set(self.values.get() + 1);
        if depth > DEPTH_MAX {
            return Err(DEEP);
        }
        if self.values.get() > VALUES_MAX {
            return Err(MANY);
        }
        Ok(())
    }
}

/// Reads one JSON value within the bounds.
#[derive(Clone, Copy)]
struct Strict<'b> {
    bounds: &'b Bounds,
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
        self.bounds.broken.set(Some(why));
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

fn read_xml(text: &str) -> Result<Map<String, Value>, &'static str> {
    let options = ParsingOptions {
        allow_dtd: false,
        // A value is an element, its text and the blanks before it.
        nodes_limit: 3 * VALUES_MAX as u32,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => "holds a DTD",
        roxmltree::Error::UnknownEntityReference(..) => "holds an entity",
        roxmltree::Error::NodesLimitReached => MANY,
        _ => "is not XML",
    })?;
    let root = document.root_element();
    if root.tag_name().name() != "xml" {
        return Err("is not an xml element");
    }
    let bounds = Bounds {
        values: Cell::new(0),
        broken: Cell::new(None),
    };
    match value_of(root, 0, &bounds)? {
        Value::Object(object) => Ok(object),
        _ => Err("is an xml element without elements"),
    }
}

/// An object of the elements in `node`, or its text if there are none. Attributes and comments say nothing.
fn value_of(node: Node<'_, '_>, depth: usize, bounds: &Bounds) -> Result<Value, &'static str> {
    bounds.count(depth)?;
    let texts = || {
        let texts = node.children().filter(Node::is_text);
        texts.filter_map(|text| text.text())
    };
    let mut object = Map::new();
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        let value = value_of(child, depth + 1, bounds)?;
        if name == REPEATED {
            let list = object
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut()
                .expect("only lists go by this name")
                .push(value);
        } else if object.insert(name.to_owned(), value).is_some() {
            return Err(TWICE);
        }
    }
    if object.is_empty() {
        return Ok(Value::String(texts().collect()));
    }
    if texts().any(|text| !text.trim_ascii().is_empty()) {
        return Err("holds text between elements");
    }
    Ok(Value::Object(object))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(text: &str) -> Value {
        Value::Object(read(text).expect("the test gives a readable text"))
    }

    #[test]
    fn json_comes_out_as_it_is() {
        let text = r#" {"a":[1,-2,0.5,"\u4e2d\\",true,null,{"b":{}}],"c":"d"} "#;
        let plain: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(tree(text), plain);
    }

    #[test]
    fn xml_comes_out_as_text_and_goods_as_a_list() {
        let text = "\n<?xml version='1.0' encoding='utf-8'?><xml><!-- a --> <A><![CDATA[<1>]]>&amp;&#x4e2d;</A>\
                    <M x='y'><B/><GoodsList><Id>1</Id></GoodsList>\n<GoodsList><Id>2</Id></GoodsList></M></xml>";
        let same = r#"{"A":"<1>&中","M":{"B":"","GoodsList":[{"Id":"1"},{"Id":"2"}]}}"#;
        assert_eq!(tree(text), tree(same));
    }

    #[test]
    fn a_name_given_twice_is_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"b":[{"c":{"a":1,"b":2,"a":3}}]}"#,
            "<xml><A>1</A><B/><A>1</A></xml>",
            "<xml><A/><n:A xmlns:n='n'/></xml>",
            "<xml><B><A/><A/></B></xml>",
        ] {
            assert_eq!(read(text), Err(TWICE), "{text}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let json = |n: usize| format!("{{\"a\":{}1{}}}", "[".repeat(n), "]".repeat(n));
        let xml = |n: usize| format!("<xml>{}1{}</xml>", "<a>".repeat(n), "</a>".repeat(n));
        assert!(read(&json(15)).is_ok() && read(&xml(16)).is_ok());
        for deep in [json(16), json(100_000), xml(17), xml(4_000)] {
            assert_eq!(read(&deep), Err(DEEP));
        }
        let json = |n: usize| format!("{{\"a\":[{}1]}}", "1,".repeat(n));
        let xml = |n: usize| format!("<xml>{}</xml>", "<GoodsList/> ".repeat(n));
        assert!(read(&json(4093)).is_ok() && read(&xml(4095)).is_ok());
        for many in [
            json(4094),
            json(500_000),
            xml(4096),
            xml(80_000),
            "<a>".repeat(300_000),
        ] {
            assert_eq!(read(&many), Err(MANY));
        }
    }

    #[test]
    fn what_is_neither_is_told_without_its_bytes() {
        for text in [
            "",
            "secret",
            "[\"secret\"]",
            "{\"secret\":",
            "{} secret",
            "{\"secret\":1e999}",
            "\u{feff}{}",
            "{\"a\":\"\u{1}secret\"}",
            "<xml>secret</xml>",
            "<xml/>",
            "<secret><a/></secret>",
            "<xml><secret></xml>",
            "<xml><A/></xml>secret",
            "<xml><A/>secret</xml>",
            "<xml><MsgType><![secret]]></MsgType></xml>",
        ] {
            let told = read(text).expect_err(text);
            assert!(!told.contains("secret"), "{told}");
        }
    }

    #[test]
    fn no_entity_is_ever_looked_up() {
        for text in [
            "<!DOCTYPE xml [<!ENTITY a 'b'>]><xml><A>&a;</A></xml>",
            "<!DOCTYPE xml SYSTEM 'file:///etc/passwd'><xml><A/></xml>",
            "<!DOCTYPE xml><xml><A/></xml>",
            "<!DOCTYPE x [<!ENTITY a 'aa'><!ENTITY b '&a;&a;'>]><xml><A>&b;</A></xml>",
        ] {
            assert_eq!(read(text), Err("holds a DTD"), "{text}");
        }
        assert_eq!(read("<xml><A>&a;</A></xml>"), Err("holds an entity"));
    }
}
