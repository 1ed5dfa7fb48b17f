//! A strict JSON parser: UTF-8, well-formed, no duplicate names.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    NotUtf8,
    /// The line and column of the first invalid character.
    Syntax(usize, usize),
    DuplicateName,
}

/// Parses a body. Duplicate names are an error, because parsers differ in which member they use.
pub(crate) fn parse(body: &[u8]) -> Result<Value, JsonError> {
    let text = std::str::from_utf8(body).map_err(|_| JsonError::NotUtf8)?;
    let strict: Strict = serde_json::from_str(text)
        .map_err(|reason| JsonError::Syntax(reason.line(), reason.column()))?;
    if strict.has_duplicates {
        Err(JsonError::DuplicateName)
    } else {
        Ok(strict.value)
    }
}

struct Strict {
    value: Value,
    has_duplicates: bool,
}

impl From<Value> for Strict {
    fn from(value: Value) -> Self {
        Self {
            value,
            has_duplicates: false,
        }
    }
}

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Strict;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Strict, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Strict, E> {
        Ok(Value::Bool(value).into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Strict, E> {
        Ok(Value::from(value).into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Strict, E> {
        Ok(Value::from(value).into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Strict, E> {
        Ok(Number::from_f64(value)
            .map_or(Value::Null, Value::Number)
            .into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Strict, E> {
        Ok(Value::from(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Strict, A::Error> {
        let mut all = Vec::new();
        let mut has_duplicates = false;
        while let Some(item) = items.next_element::<Strict>()? {
            has_duplicates |= item.has_duplicates;
            all.push(item.value);
        }
        Ok(Strict {
            value: Value::Array(all),
            has_duplicates,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Strict, A::Error> {
        let mut all = Map::new();
        let mut names = HashSet::new();
        let mut has_duplicates = false;
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value::<Strict>()?;
            has_duplicates |= member.has_duplicates || !names.insert(name.clone());
            all.insert(name, member.value);
        }
        Ok(Strict {
            value: Value::Object(all),
            has_duplicates,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_bodies_parse_as_in_serde_json() {
        for text in [
            "null",
            "[1,-2,3.5,true,\"a\\u00fc\",{\"b\":{\"c\":[]}}]",
            "\"x\"",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn invalid_bodies_are_distinguished() {
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(JsonError::NotUtf8));
        assert_eq!(parse(b"{\"a\":1,\n]"), Err(JsonError::Syntax(2, 1)));
        assert_eq!(parse(b"{} x"), Err(JsonError::Syntax(1, 4)));
        assert_eq!(parse(b"{\"a\":1,\"a\":1}"), Err(JsonError::DuplicateName));
        assert_eq!(
            parse(b"[{\"b\":{\"a\":1,\"\\u0061\":1}}]"),
            Err(JsonError::DuplicateName)
        );
        assert!(parse(b"[{\"a\":1},{\"a\":1}]").is_ok());
    }
}
