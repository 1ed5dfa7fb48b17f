//! A strict JSON parser: UTF-8, well-formed, no duplicate names.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum JsonError {
    NotUtf8,
    /// The line and column of the first invalid character.
    Syntax(usize, usize),
    /// The line and column of a number that does not fit a double.
    Range(usize, usize),
    /// The line and column of a value that is nested too deep.
    Depth(usize, usize),
    DuplicateName,
}

/// The value of a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parsed {
    pub(crate) value: Value,
    /// Whether the body has unpaired surrogates, which the value has as U+FFFD.
    pub(crate) has_unpaired_surrogates: bool,
}

/// Parses a body. Duplicate names are an error, because parsers differ in which member they use.
///
/// RFC 8259 allows unpaired surrogates (section 8.2), so they are not an error.
pub(crate) fn parse(body: &[u8]) -> Result<Parsed, JsonError> {
    let text = std::str::from_utf8(body).map_err(|_| JsonError::NotUtf8)?;
    let (text, unpaired) = with_paired_surrogates(text);
    let has_duplicates = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let value = Strict(&has_duplicates)
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|reason| error(&reason))?;
    if has_duplicates.get() {
        return Err(JsonError::DuplicateName);
    }
    Ok(Parsed {
        value,
        has_unpaired_surrogates: unpaired > 0,
    })
}

/// Returns why a body could not be parsed. RFC 8259 allows parsers to limit numbers and depth.
fn error(reason: &serde_json::Error) -> JsonError {
    // serde_json names these reasons only in its messages, which a test pins.
    let text = reason.to_string();
    let variant = if text.starts_with("number out of range") {
        JsonError::Range
    } else if text.starts_with("recursion limit exceeded") {
        JsonError::Depth
    } else {
        JsonError::Syntax
    };
    variant(reason.line(), reason.column())
}

/// Returns the value of a body; null if it is not JSON. Of duplicate names, the last one counts.
pub(crate) fn value_or_null(body: &[u8]) -> Value {
    let text = std::str::from_utf8(body).unwrap_or_default();
    serde_json::from_str(&with_paired_surrogates(text).0).unwrap_or_default()
}

/// Replaces the escape of every unpaired surrogate by `\ufffd`, and returns the number of them.
///
/// Both escapes have the same length, so all positions stay the same.
pub(crate) fn with_paired_surrogates(json: &str) -> (Cow<'_, str>, usize) {
    const ESCAPE: usize = 6;
    let mut fixed = String::new();
    let (mut copied, mut unpaired, mut start) = (0, 0, 0);
    while let Some(found) = json[start..].find('\\') {
        let escape = start + found;
        start = match code_unit(json, escape) {
            Some(0xd800..=0xdbff)
                if matches!(code_unit(json, escape + ESCAPE), Some(0xdc00..=0xdfff)) =>
            {
                escape + 2 * ESCAPE
            }
            Some(0xd800..=0xdfff) => {
                fixed.push_str(&json[copied..escape]);
                fixed.push_str("\\ufffd");
                copied = escape + ESCAPE;
                unpaired += 1;
                copied
            }
            Some(_) => escape + ESCAPE,
            // The character after a backslash may be longer than one byte, in invalid JSON.
            None => escape + 1 + json[escape + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    if unpaired == 0 {
        return (Cow::Borrowed(json), 0);
    }
    fixed.push_str(&json[copied..]);
    (Cow::Owned(fixed), unpaired)
}

/// Returns the code unit of the escape that starts at this position, such as `\u00fc`.
fn code_unit(json: &str, escape: usize) -> Option<u16> {
    let digits = json.get(escape..escape + 6)?.strip_prefix("\\u")?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// Reads a value, and records whether an object repeats a name.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a Cell<bool>);

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut all = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            all.push(item);
        }
        Ok(Value::Array(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut all = Map::new();
        while let Some(name) = members.next_key()? {
            let member = members.next_value_seed(self)?;
            if all.insert(name, member).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(all))
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
            assert_eq!(parse(text.as_bytes()).unwrap().value, expected);
        }
    }

    #[test]
    fn unpaired_surrogates_become_replacement_characters() {
        for (text, expected, count) in [
            (r#""Ada \ud83d""#, "Ada \u{fffd}", 1),
            (r#""\uDf89x""#, "\u{fffd}x", 1),
            (r#""\ud83d\ud83c\udf89""#, "\u{fffd}\u{1f389}", 1),
            (r#""\udf89\ud83d\u0041""#, "\u{fffd}\u{fffd}A", 2),
            (r#""\ud83c\udf89""#, "\u{1f389}", 0),
            (r#""\\ud83d \ufffd""#, "\\ud83d \u{fffd}", 0),
        ] {
            let (fixed, unpaired) = with_paired_surrogates(text);
            assert_eq!((fixed.len(), unpaired), (text.len(), count), "{text}");
            let parsed = parse(text.as_bytes()).unwrap();
            assert_eq!(parsed.value, expected, "{text}");
            assert_eq!(parsed.has_unpaired_surrogates, count > 0, "{text}");
            assert_eq!(value_or_null(text.as_bytes()), expected, "{text}");
        }
        for text in [
            "\\",
            "\"\\u",
            "\"\\ud83",
            "\"\\ü\"",
            "\"\\ud83dü",
            "{\"a\":\"\\ud83d\",]",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn invalid_bodies_are_distinguished() {
        assert_eq!(parse(b"{\"a\":\"\xff\"}"), Err(JsonError::NotUtf8));
        assert_eq!(parse(b"{\"a\":1,\n]"), Err(JsonError::Syntax(2, 1)));
        assert_eq!(parse(b"{} x"), Err(JsonError::Syntax(1, 4)));
        assert_eq!(parse(b"[1e400]"), Err(JsonError::Range(1, 6)));
        assert_eq!(
            parse("[".repeat(200).as_bytes()),
            Err(JsonError::Depth(1, 128))
        );
        assert_eq!(parse(b"{\"a\":1,\"a\":1}"), Err(JsonError::DuplicateName));
        assert_eq!(
            parse(b"[{\"b\":{\"a\":1,\"\\u0061\":1}}]"),
            Err(JsonError::DuplicateName)
        );
        assert!(parse(b"[{\"a\":1},{\"a\":1}]").is_ok());
    }
}
