//! Scalars by the core schema of YAML 1.2 and their tags.

use saphyr::Scalar;
use saphyr_parser::{ScalarStyle, Tag};
use serde_json::{Number, Value};

const CORE: &str = "tag:yaml.org,2002:";
const MISMATCH: &str = "a value that does not match its tag";

/// Returns the value of a scalar, or why JSON has none.
pub(super) fn value(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<Value, &'static str> {
    let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
    let kind = tag
        .as_deref()
        .map(|tag| tag.strip_prefix(CORE).unwrap_or(tag));
    match kind {
        None if style == ScalarStyle::Plain => plain(text),
        Some(kind @ ("null" | "bool" | "int" | "float")) => {
            let value = plain(text)?;
            match (kind, &value) {
                ("null", Value::Null) | ("bool", Value::Bool(_)) => Ok(value),
                ("int", Value::Number(number)) if !number.is_f64() => Ok(value),
                ("float", Value::Number(number)) => {
                    number.as_f64().map(Value::from).ok_or(MISMATCH)
                }
                _ => Err(MISMATCH),
            }
        }
        // Text, and types that JSON does not have, such as dates.
        _ => Ok(Value::from(text)),
    }
}

/// Returns the name of a key. Statuses are often written without quotes.
pub(super) fn key(
    text: &str,
    style: ScalarStyle,
    tag: Option<&Tag>,
) -> Result<String, &'static str> {
    match value(text, style, tag)? {
        Value::Number(number) if number.is_f64() => Ok(text.to_owned()),
        Value::String(name) => Ok(name),
        other => Ok(other.to_string()),
    }
}

fn plain(text: &str) -> Result<Value, &'static str> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    match Scalar::parse_from_cow(text.into()) {
        Scalar::Null => Ok(Value::Null),
        Scalar::Boolean(value) => Ok(Value::Bool(value)),
        Scalar::Integer(value) => Ok(Value::from(value)),
        // `i64` does not hold every `u64`.
        Scalar::FloatingPoint(value) => match text.parse::<u64>() {
            Ok(value) => Ok(Value::from(value)),
            Err(_) => Number::from_f64(value.into_inner())
                .map(Value::Number)
                .ok_or("a number that is infinite or not a number"),
        },
        Scalar::String(value) => Ok(Value::from(&*value)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::yaml::read;

    fn value_of(text: &str) -> Result<Value, String> {
        match read(&format!("x: {text}\n")) {
            Ok((value, _)) => Ok(value["x"].clone()),
            Err(error) => Err(error.reason),
        }
    }

    #[test]
    fn scalars_have_the_types_of_the_core_schema() {
        for (text, expected) in [
            ("", json!(null)),
            ("~", json!(null)),
            ("NULL", json!(null)),
            ("''", json!("")),
            ("True", json!(true)),
            ("tRue", json!("tRue")),
            ("yes", json!("yes")),
            ("0o17", json!(15)),
            ("017", json!(17)),
            ("0x1F", json!(31)),
            ("1_000", json!("1_000")),
            ("12:30", json!("12:30")),
            ("2020-01-01", json!("2020-01-01")),
            (".5", json!(0.5)),
            ("1e3", json!(1000.0)),
            ("18446744073709551615", json!(u64::MAX)),
            ("'1'", json!("1")),
        ] {
            assert_eq!(value_of(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn tags_determine_the_type() {
        for (text, expected) in [
            ("!!str 5", json!("5")),
            ("!<tag:yaml.org,2002:str> 5", json!("5")),
            ("! 5", json!("5")),
            ("!!int '12'", json!(12)),
            ("!!float 1", json!(1.0)),
            ("!!bool 'true'", json!(true)),
            ("!!null ''", json!(null)),
            ("!!binary aGk=", json!("aGk=")),
            ("!!timestamp 2020-01-01", json!("2020-01-01")),
            ("!own a", json!("a")),
            ("!own [1]", json!([1])),
            ("!!map {a: !!seq [b]}", json!({"a": ["b"]})),
            ("!!set {a, b}", json!({"a": null, "b": null})),
        ] {
            assert_eq!(value_of(text), Ok(expected), "{text}");
        }
        for text in [
            "!!int a",
            "!!int 1.5",
            "!!bool 1",
            "!!null 0",
            ".inf",
            ".NaN",
        ] {
            let error = value_of(text).unwrap_err();
            assert!(error.contains("JSON cannot represent"), "{error}");
        }
    }

    #[test]
    fn keys_are_text() {
        let (value, _) = read("200: a\n1.50: b\ntrue: c\nnull: d\n'5': e\n!!str 6: f\n")
            .ok()
            .unwrap();
        let keys: Vec<_> = value.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["200", "1.50", "true", "null", "5", "6"]);
    }
}
