//! The keywords in which two schemas differ.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diff::shape::{Shape, equal};

/// A keyword that differs, and how; the keyword is empty if the difference is in a composed schema.
pub(super) struct Difference<'a> {
    pub(super) key: &'a str,
    pub(super) text: String,
}

impl Difference<'_> {
    /// Returns whether callers know the keyword as a limit.
    pub(super) fn is_limit(&self) -> bool {
        matches!(
            self.key,
            "minimum"
                | "maximum"
                | "exclusiveMinimum"
                | "exclusiveMaximum"
                | "minLength"
                | "maxLength"
                | "minItems"
                | "maxItems"
                | "minProperties"
                | "maxProperties"
        )
    }
}

pub(super) fn differences<'a>(old: &Shape<'a>, new: &Shape<'a>) -> Vec<Difference<'a>> {
    let mut found = Vec::new();
    if old.is_nullable != new.is_nullable {
        let text = if new.is_nullable {
            "may now be null"
        } else {
            "may no longer be null"
        };
        found.push(Difference {
            key: "nullable",
            text: text.to_owned(),
        });
    }
    let keys: BTreeSet<&str> = old
        .facets
        .keys()
        .chain(new.facets.keys())
        .copied()
        .collect();
    for key in keys {
        let is_annotation = key.starts_with("x-")
            || matches!(
                key,
                "default" | "deprecated" | "readOnly" | "writeOnly" | "discriminator" | "xml"
            );
        let (was, is) = (old.facet(key), new.facet(key));
        let is_same = matches!((was, is), (Some(was), Some(is)) if equal(was, is));
        if !is_annotation && !is_same {
            let text = difference(key, was, is);
            found.push(Difference { key, text });
        }
    }
    if found.is_empty() {
        let kind = old.type_name().unwrap_or("schema");
        found.push(Difference {
            key: "",
            text: format!("the definition of the {kind} changed"),
        });
    }
    found
}

fn difference(key: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    if key == "enum" {
        return enum_difference(was, is);
    }
    let shown = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => String::new(),
        Value::String(text) => format!(" {text}"),
        other => format!(" {other}"),
    };
    match (was, is) {
        (Some(was), Some(is)) => match (shown(was), shown(is)) {
            (was, is) if was.is_empty() || is.is_empty() => format!("{key} changed"),
            (was, is) => format!("{key}{was} ->{is}"),
        },
        (None, is) => format!("{key}{} added", is.map(shown).unwrap_or_default()),
        (Some(was), None) => format!("{key}{} removed", shown(was)),
    }
}

fn enum_difference(was: Option<&Value>, is: Option<&Value>) -> String {
    let values = |value: Option<&Value>| -> Vec<String> {
        let values = value.and_then(Value::as_array).into_iter().flatten();
        values.map(Value::to_string).collect()
    };
    let (was, is) = (values(was), values(is));
    if was.is_empty() || is.is_empty() {
        return if was.is_empty() {
            format!("enum added: {}", is.join(", "))
        } else {
            format!("enum removed: {}", was.join(", "))
        };
    }
    let missing = |values: &[String], other: &[String], change: &str| {
        let values: Vec<_> = values
            .iter()
            .filter(|value| !other.contains(value))
            .cloned()
            .collect();
        (!values.is_empty()).then(|| format!("{} {change}", values.join(", ")))
    };
    let parts = [missing(&is, &was, "added"), missing(&was, &is, "removed")];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    format!("enum: {}", parts.join(", "))
}
