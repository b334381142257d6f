//! XML as WeChat writes it: elements and text.

use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Map, Value};

use super::tree::{Bounds, MANY, TWICE, VALUES_MAX};

/// `=` in an XML text. Each attribute has one, pushes have none, and the parser compares every attribute of an element
/// with every other.
const EQUAL_SIGNS_MAX: usize = 256;
/// The one element that stands as often as there are goods: a list, though there be one.
const REPEATED: &str = "GoodsList";

/// Reads an `xml` element. What is wrong is told without a byte of it.
pub(super) fn read(text: &str) -> Result<Map<String, Value>, &'static str> {
    if text.bytes().filter(|&byte| byte == b'=').count() > EQUAL_SIGNS_MAX {
        return Err("holds more than 256 `=`, as if of attributes");
    }
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
    match value_of(root, 0, &Bounds::default())? {
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
