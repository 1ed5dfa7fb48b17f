//! Reading JSON with the line of every value.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::io::{self, Read};

use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::error::{LineError, duplicate_key};
use crate::pointer::child;

/// Reads a JSON text; returns the value and the line of every pointer.
///
/// The line of a member is that of its key. `serde_json` reads one byte at a time and looks one byte
/// ahead, so when it reaches a key or an item, the bytes that it has read end with the first byte of
/// that key or item.
pub(crate) fn read(text: &str) -> Result<(Value, HashMap<String, usize>), LineError> {
    let lines = Lines {
        current: Cell::new(1),
        found: RefCell::default(),
    };
    let mut deserializer = serde_json::Deserializer::from_reader(LineReader {
        rest: text.as_bytes(),
        line: &lines.current,
    });
    let before_root = &text[..text.len() - text.trim_start().len()];
    let seed = Node {
        pointer: "",
        line: Some(1 + before_root.matches('\n').count()),
        lines: &lines,
    };
    let value = seed
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| {
            let position = format!(" at line {} column {}", error.line(), error.column());
            let message = error.to_string();
            let message = message.strip_suffix(&position).unwrap_or(&message);
            let reason = match error.classify() {
                serde_json::error::Category::Data => message.to_owned(),
                _ => format!("invalid JSON: {message}"),
            };
            LineError::at(error.line(), reason)
        })?;
    Ok((value, lines.found.into_inner()))
}

struct Lines {
    current: Cell<usize>,
    found: RefCell<HashMap<String, usize>>,
}

/// Passes on a text byte by byte and counts its lines.
struct LineReader<'a> {
    rest: &'a [u8],
    line: &'a Cell<usize>,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let (Some((first, rest)), Some(slot)) = (self.rest.split_first(), buffer.first_mut())
        else {
            return Ok(0);
        };
        if *first == b'\n' {
            self.line.set(self.line.get() + 1);
        }
        *slot = *first;
        self.rest = rest;
        Ok(1)
    }
}

/// A value to read, and the line of its key if it has one.
struct Node<'a> {
    pointer: &'a str,
    line: Option<usize>,
    lines: &'a Lines,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let line = self.line.unwrap_or_else(|| self.lines.current.get());
        let pointer = self.pointer.to_owned();
        self.lines.found.borrow_mut().insert(pointer, line);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut found = Vec::new();
        loop {
            let pointer = child(self.pointer, &found.len().to_string());
            let item = items.next_element_seed(Node {
                pointer: &pointer,
                line: None,
                lines: self.lines,
            })?;
            match item {
                Some(item) => found.push(item),
                None => return Ok(Value::Array(found)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut found = Map::new();
        while let Some((key, line)) = members.next_key_seed(Key(self.lines))? {
            if found.contains_key(&key) {
                return Err(de::Error::custom(duplicate_key(&key)));
            }
            let value = members.next_value_seed(Node {
                pointer: &child(self.pointer, &key),
                line: Some(line),
                lines: self.lines,
            })?;
            found.insert(key, value);
        }
        Ok(Value::Object(found))
    }
}

/// A key to read, with its line.
struct Key<'a>(&'a Lines);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = (String, usize);

    fn deserialize<D: de::Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Self::Value, D::Error> {
        let line = self.0.current.get();
        serde::Deserialize::deserialize(deserializer).map(|key| (key, line))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn read_ok(text: &str) -> (Value, HashMap<String, usize>) {
        read(text).map_err(|error| error.reason).unwrap()
    }

    #[test]
    fn every_value_has_the_line_of_its_key() {
        let text = "\n{ \"a\":\n  1, \"b\"\n:\n[\n1\n,\n2, {\n\"c/d\": null }\n]}";
        let (value, lines) = read_ok(text);
        assert_eq!(value, json!({ "a": 1, "b": [1, 2, { "c/d": null }] }));
        for (pointer, line) in [
            ("", 2),
            ("/a", 2),
            ("/b", 3),
            ("/b/0", 6),
            ("/b/1", 8),
            ("/b/2", 8),
            ("/b/2/c~1d", 9),
        ] {
            assert_eq!(lines.get(pointer), Some(&line), "{pointer}");
        }
        assert_eq!(lines.len(), 7);
    }

    #[test]
    fn surrogate_pairs_are_one_character() {
        let (value, _) = read_ok(r#"{"\ud83c\udf89": "\ud83c\udf89"}"#);
        assert_eq!(value, json!({ "🎉": "🎉" }));
    }

    #[test]
    fn keys_keep_their_order() {
        let (value, _) = read_ok(r#"{"z": 1, "a": 2, "m": 3}"#);
        let keys: Vec<_> = value.as_object().unwrap().keys().cloned().collect();
        assert_eq!(keys, ["z", "a", "m"]);
    }

    #[test]
    fn errors_have_their_line() {
        for (text, line, reason) in [
            ("{\n\"a\": 1,\n\"a\": 2\n}", 3, "duplicate key `a`"),
            ("{\n\"a\": }", 2, "invalid JSON: expected value"),
            ("{}\n{}", 2, "invalid JSON: trailing characters"),
            ("{\"a\": \"\\ud83c\"}", 1, "invalid JSON"),
            ("", 1, "invalid JSON: EOF"),
        ] {
            let error = read(text).err().unwrap();
            assert_eq!(error.line.unwrap().max(1), line, "{text}");
            assert!(error.reason.starts_with(reason), "{}", error.reason);
        }
        let deep = "[".repeat(10_000);
        assert!(read(&deep).is_err());
    }

    proptest! {
        #[test]
        fn agrees_with_serde_json(value in crate::testing::json_value(".*")) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let (found, lines) = read_ok(&text);
                prop_assert_eq!(&found, &value);
                let mut count = 0;
                crate::visit(&value, "", &mut |_, pointer| {
                    count += 1;
                    assert!(lines.contains_key(pointer), "{pointer}");
                });
                prop_assert_eq!(lines.len(), count);
            }
        }
    }
}
