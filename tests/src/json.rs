//! JSON as strictly as the wire should have it: UTF-8, well-formed, no name twice.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    NotUtf8,
    /// The line and column at which it stops being JSON.
    NotJson(usize, usize),
    DuplicateName,
}

/// Reads a body. One with a name twice is no value either: readers differ on which they take.
pub(crate) fn read(body: &[u8]) -> Result<Value, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable::NotUtf8)?;
    let once: Once = serde_json::from_str(text)
        .map_err(|reason| Unreadable::NotJson(reason.line(), reason.column()))?;
    if once.has_duplicates {
        Err(Unreadable::DuplicateName)
    } else {
        Ok(once.value)
    }
}

struct Once {
    value: Value,
    has_duplicates: bool,
}

impl From<Value> for Once {
    fn from(value: Value) -> Self {
        Self {
            value,
            has_duplicates: false,
        }
    }
}

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Once;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Once, E> {
        Ok(Value::Null.into())
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Once, E> {
        Ok(Value::Bool(value).into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Once, E> {
        Ok(Value::from(value).into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Once, E> {
        Ok(Value::from(value).into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Once, E> {
        Ok(Number::from_f64(value)
            .map_or(Value::Null, Value::Number)
            .into())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Once, E> {
        Ok(Value::from(value).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        let mut all = Vec::new();
        let mut has_duplicates = false;
        while let Some(item) = items.next_element::<Once>()? {
            has_duplicates |= item.has_duplicates;
            all.push(item.value);
        }
        Ok(Once {
            value: Value::Array(all),
            has_duplicates,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Once, A::Error> {
        let mut all = Map::new();
        let mut names = HashSet::new();
        let mut has_duplicates = false;
        while let Some(name) = members.next_key::<String>()? {
            let member = members.next_value::<Once>()?;
            has_duplicates |= member.has_duplicates || !names.insert(name.clone());
            all.insert(name, member.value);
        }
        Ok(Once {
            value: Value::Object(all),
            has_duplicates,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_read_as_serde_json_reads_it() {
        for text in [
            "null",
            "[1,-2,3.5,true,\"a\\u00fc\",{\"b\":{\"c\":[]}}]",
            "\"x\"",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()), Ok(expected));
        }
    }

    #[test]
    fn what_is_wrong_with_a_body_is_told_apart() {
        assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(Unreadable::NotUtf8));
        assert_eq!(read(b"{\"a\":1,\n]"), Err(Unreadable::NotJson(2, 1)));
        assert_eq!(read(b"{} x"), Err(Unreadable::NotJson(1, 4)));
        assert_eq!(read(b"{\"a\":1,\"a\":1}"), Err(Unreadable::DuplicateName));
        assert_eq!(
            read(b"[{\"b\":{\"a\":1,\"\\u0061\":1}}]"),
            Err(Unreadable::DuplicateName)
        );
        assert!(read(b"[{\"a\":1},{\"a\":1}]").is_ok());
    }
}
