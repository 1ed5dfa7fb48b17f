//! The keywords in which two schemas differ.

use std::collections::BTreeSet;

use authress_users_openapi::COMPOSITION_KEYWORDS;
use serde_json::Value;

use crate::diff::part::Part;
use crate::diff::shape::{Shape, equal, same};

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
        // Compared on their own, or by their parts.
        let is_annotation = matches!(
            key,
            "default"
                | "deprecated"
                | "readOnly"
                | "writeOnly"
                | "discriminator"
                | "xml"
                | "allOf"
                | "anyOf"
                | "oneOf"
                | "not"
                | "items"
        );
        let (was, is) = (old.facet(key), new.facet(key));
        let is_same = matches!((was, is), (Some(was), Some(is)) if equal(was, is));
        if !is_annotation && !is_same {
            let text = difference(key, was, is);
            found.push(Difference { key, text });
        }
    }
    if found.is_empty() {
        let text = inner_difference(old, new, "", MAX_DEPTH).unwrap_or_else(|| {
            let kind = old.type_name().unwrap_or("schema");
            format!("the definition of the {kind} changed")
        });
        found.push(Difference { key: "", text });
    }
    found
}

/// How deep a difference inside a schema is searched.
const MAX_DEPTH: usize = 3;

/// Describes the first difference inside two schemas, with the path to it.
fn inner_difference(old: &Shape<'_>, new: &Shape<'_>, path: &str, depth: usize) -> Option<String> {
    let at = |text: String| match path.trim_start_matches('.') {
        "" => text,
        path => format!("{path}: {text}"),
    };
    let Some(depth) = depth.checked_sub(1) else {
        return Some(at("a schema inside it changed".to_owned()));
    };
    let keys: BTreeSet<&str> = old
        .facets
        .keys()
        .chain(new.facets.keys())
        .copied()
        .collect();
    let composition = |shape: &Shape<'_>, other: &Shape<'_>| {
        let mut keys = COMPOSITION_KEYWORDS.into_iter();
        keys.find(|key| shape.facets.contains_key(key) && !other.facets.contains_key(key))
    };
    if let (Some(was), Some(is)) = (composition(old, new), composition(new, old)) {
        return Some(at(format!("{was} -> {is}")));
    }
    for key in keys {
        let (was, is) = (old.facets.get(key), new.facets.get(key));
        let (Some(was), Some(is)) = (was, is) else {
            let (was, is) = (was.map(|part| part.value), is.map(|part| part.value));
            return Some(at(difference(key, was, is)));
        };
        let pairs: Vec<(String, Part<'_>, Part<'_>)> = match key {
            // Only parts that cannot be merged are left, and comparing them again is slow.
            "allOf" => return Some(at("a part of allOf changed".to_owned())),
            "anyOf" | "oneOf" => {
                let (was, is) = (was.items(), is.items());
                if was.len() != is.len() {
                    let (was, is) = (was.len(), is.len());
                    return Some(at(format!("{key} with {was} -> {is} alternatives")));
                }
                let pairs = was.into_iter().zip(is).enumerate();
                pairs
                    .map(|(index, (was, is))| (format!("{key}[{index}]"), was, is))
                    .collect()
            }
            "items" | "not" | "additionalProperties" if was.value.is_object() => {
                vec![(key.to_owned(), was.clone(), is.clone())]
            }
            _ if equal(was.value, is.value) => continue,
            _ => return Some(at(difference(key, Some(was.value), Some(is.value)))),
        };
        for (step, was, is) in pairs.iter().filter(|(_, was, is)| !same(was, is)) {
            let path = format!("{path}.{step}");
            let inner = inner_difference(&Shape::of(was), &Shape::of(is), &path, depth);
            if inner.is_some() {
                return inner;
            }
        }
    }
    if old.is_nullable != new.is_nullable {
        return Some(at("nullable changed".to_owned()));
    }
    if old.required != new.required {
        let names: Vec<_> = old
            .required
            .symmetric_difference(&new.required)
            .copied()
            .collect();
        return Some(at(format!("required changed for {}", names.join(", "))));
    }
    let names: BTreeSet<&str> = old
        .members
        .keys()
        .chain(new.members.keys())
        .copied()
        .collect();
    names.into_iter().find_map(
        |name| match (old.members.get(name), new.members.get(name)) {
            (Some(was), Some(is)) if same(was, is) => None,
            (Some(was), Some(is)) => {
                let path = format!("{path}.{name}");
                inner_difference(&Shape::of(was), &Shape::of(is), &path, depth)
            }
            (None, _) => Some(at(format!("{name} was added"))),
            (_, None) => Some(at(format!("{name} was removed"))),
        },
    )
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
