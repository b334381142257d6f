//! Reading JSON that people wrote, with errors that name the field.

use serde::de::DeserializeOwned;
use std::fmt;

/// Why something that was asked of the sandbox was refused, and which field is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The field to blame; empty when it is not about one.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
}

impl std::error::Error for Trouble {}

impl Trouble {
    pub(crate) fn new(field: &str, message: impl Into<String>) -> Trouble {
        Trouble {
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.field.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.field, self.message)
        }
    }
}

/// Reads one JSON text into a type.
pub(crate) fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, Trouble> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let message = error.inner().to_string();
        let path = error.path().to_string();
        Trouble::new(&field(&path, &message), message)
    })?;
    reader
        .end()
        .map_err(|error| Trouble::new("", error.to_string()))?;
    Ok(value)
}

/// The field in question: the path to it, or, for a missing one, the name that serde gives in back-ticks.
fn field(path: &str, message: &str) -> String {
    let missing = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next());
    match (path, missing) {
        (".", Some(name)) => name.to_owned(),
        (".", None) => String::new(),
        (path, Some(name)) => format!("{path}.{name}"),
        (path, None) => path.to_owned(),
    }
}
