//! One statement with its values, and many rows as arrays.

use std::borrow::Cow;
use tokio_postgres::types::{ToSql, Type};

/// A statement that is sent once, unnamed: nothing of it stays in the session.
pub(super) struct Ask<'a> {
    pub(super) sql: Cow<'static, str>,
    values: Vec<(Box<dyn ToSql + Sync + 'a>, Type)>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(sql: impl Into<Cow<'static, str>>) -> Self {
        Self {
            sql: sql.into(),
            values: Vec::new(),
        }
    }

    /// About (appid, environment): `$1` and `$2`.
    pub(super) fn of(
        (appid, environment): &'a (String, String),
        sql: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::new(sql).text(appid).text(environment)
    }

    pub(super) fn text(self, value: &'a str) -> Self {
        self.with(value, Type::TEXT)
    }

    pub(super) fn int(self, value: i64) -> Self {
        self.with(value, Type::INT8)
    }

    pub(super) fn bytes(self, value: &'a [u8]) -> Self {
        self.with(value, Type::BYTEA)
    }

    pub(super) fn texts(self, values: impl IntoIterator<Item = &'a str>) -> Self {
        self.with(values.into_iter().collect::<Vec<&str>>(), Type::TEXT_ARRAY)
    }

    pub(super) fn ints(self, values: impl IntoIterator<Item = i64>) -> Self {
        self.with(values.into_iter().collect::<Vec<i64>>(), Type::INT8_ARRAY)
    }

    pub(super) fn values(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values = self.values.iter();
        values
            .map(|(value, kind)| (&**value, kind.clone()))
            .collect()
    }

    fn with(mut self, value: impl ToSql + Sync + 'a, kind: Type) -> Self {
        self.values.push((Box::new(value), kind));
        self
    }
}

/// Rows for one statement, column by column, each an array. They are `n` in its SQL.
pub(super) struct Rows<'a> {
    ask: Ask<'a>,
    names: Vec<&'static str>,
    columns: Vec<String>,
}

impl<'a> Rows<'a> {
    /// Rows beside the values that `ask` has already.
    pub(super) fn beside(ask: Ask<'a>) -> Self {
        Self {
            ask,
            names: Vec::new(),
            columns: Vec::new(),
        }
    }

    pub(super) fn texts(self, name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        self.with(name, "text", values.collect::<Vec<_>>(), Type::TEXT_ARRAY)
    }

    /// Texts that are sent as they are only where there is nothing to mend in them.
    pub(super) fn mended(
        self,
        name: &'static str,
        values: impl Iterator<Item = Cow<'a, str>>,
    ) -> Self {
        self.with(name, "text", values.collect::<Vec<_>>(), Type::TEXT_ARRAY)
    }

    pub(super) fn optional_texts(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<String>>,
    ) -> Self {
        self.with(name, "text", values.collect::<Vec<_>>(), Type::TEXT_ARRAY)
    }

    pub(super) fn ints(self, name: &'static str, values: impl Iterator<Item = i64>) -> Self {
        self.with(name, "bigint", values.collect::<Vec<_>>(), Type::INT8_ARRAY)
    }

    pub(super) fn optional_ints(
        self,
        name: &'static str,
        values: impl Iterator<Item = Option<i64>>,
    ) -> Self {
        self.with(name, "bigint", values.collect::<Vec<_>>(), Type::INT8_ARRAY)
    }

    pub(super) fn bytes<T: ToSql + Sync + 'a>(
        self,
        name: &'static str,
        values: impl Iterator<Item = T>,
    ) -> Self {
        self.with(name, "bytea", values.collect::<Vec<_>>(), Type::BYTEA_ARRAY)
    }

    /// The columns so far, but those in `without`, each as `told` shows it.
    pub(super) fn list(&self, without: &[&str], told: impl Fn(&str) -> String) -> String {
        let names = self.names.iter().filter(|name| !without.contains(name));
        let names = names.map(|name| told(name));
        names.collect::<Vec<_>>().join(", ")
    }

    /// The statement that `sql` makes of the table expression `unnest(…) AS n (…)`.
    pub(super) fn ask(self, sql: impl FnOnce(&str) -> String) -> Ask<'a> {
        let table = format!(
            "unnest({}) AS n ({})",
            self.columns.join(", "),
            self.names.join(", ")
        );
        Ask {
            sql: sql(&table).into(),
            ..self.ask
        }
    }

    fn with(
        mut self,
        name: &'static str,
        element: &str,
        values: impl ToSql + Sync + 'a,
        kind: Type,
    ) -> Self {
        self.ask = self.ask.with(values, kind);
        self.names.push(name);
        let number = self.ask.values.len();
        self.columns.push(format!("${number}::{element}[]"));
        self
    }
}
