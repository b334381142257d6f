//! A message as a tree: strict JSON, or XML without anything clever.
//!
//! Refused, wherever in the text: a name given twice, more than 16 levels, more than 4096 values, and in XML a DTD,
//! every entity but the five of XML itself, and attributes by the hundred. Both come out as JSON values; in XML every
//! leaf is text.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::{json, xml};

/// Levels of a tree; pushes have four.
const DEPTH_MAX: usize = 16;
/// Values of a tree; a gift pack of a hundred goods has four hundred.
pub(super) const VALUES_MAX: usize = 4096;

pub(super) const TWICE: &str = "names a field twice";
const DEEP: &str = "is nested deeper than 16 levels";
pub(super) const MANY: &str = "holds more than 4096 values";

/// Reads a JSON object or, beginning with `<`, an `xml` element. What is wrong is told without a byte of it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, &'static str> {
    if is_xml(text.as_bytes()) {
        xml::read(text)
    } else {
        json::read(text)
    }
}

/// Whether the first thing in a text is a `<`.
pub(super) fn is_xml(text: &[u8]) -> bool {
    text.trim_ascii_start().first() == Some(&b'<')
}

/// What one text may hold, counted over all of it.
#[derive(Default)]
pub(super) struct Bounds {
    values: Cell<usize>,
}

impl Bounds {
    /// Counts one value at this depth.
    pub(super) fn count(&self, depth: usize) -> Result<(), &'static str> {
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
        let text = "<?xml version='1.0' encoding='utf-8'?><xml><!-- a --> <A><![CDATA[<1>]]>&amp;&#x4e2d;</A>\
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
    fn attributes_say_nothing_and_are_bounded() {
        let xml = |n: usize| {
            let attributes: String = (0..n).map(|n| format!(" a{n}=''")).collect();
            format!("<xml><A{attributes}>1</A></xml>")
        };
        assert_eq!(tree(&xml(256)), tree(r#"{"A":"1"}"#));
        assert_eq!(
            read(&xml(257)),
            Err("holds more than 256 `=`, as if of attributes")
        );
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
