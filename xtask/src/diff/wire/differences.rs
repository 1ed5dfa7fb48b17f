//! What two schemas say otherwise, in words.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::diff::behavior;
use crate::diff::shape::{Shape, equal};

/// The keywords that differ, each with what it was and is.
pub(super) fn differences(old: &Shape<'_>, new: &Shape<'_>) -> Vec<(String, String)> {
    let keys: BTreeSet<&str> = old
        .facets
        .keys()
        .chain(new.facets.keys())
        .copied()
        .collect();
    let mut found = Vec::new();
    let old_type = old.facet("type");
    if old.takes_null != new.takes_null {
        let words = if new.takes_null {
            "may be null"
        } else {
            "may no longer be null"
        };
        found.push(("nullable".to_owned(), words.to_owned()));
    }
    for key in keys {
        let is_annotation = behavior::ANNOTATIONS.contains(&key) || key.starts_with("x-");
        let (was, is) = (old.facet(key), new.facet(key));
        let is_same = match (was, is) {
            (Some(was), Some(is)) => equal(was, is),
            _ => false,
        };
        if !is_annotation && !is_same {
            found.push((key.to_owned(), difference(key, was, is)));
        }
    }
    if found.is_empty() {
        // Inside of what it is composed of.
        let kind = old_type.and_then(Value::as_str).unwrap_or("schema");
        found.push((String::new(), format!("the {kind} is described otherwise")));
    }
    found
}

fn difference(key: &str, was: Option<&Value>, is: Option<&Value>) -> String {
    if key == "enum" {
        let list = |value: Option<&Value>| -> Vec<String> {
            let values = value.and_then(Value::as_array).into_iter().flatten();
            values.map(Value::to_string).collect()
        };
        let (was, is) = (list(was), list(is));
        let more: Vec<_> = is
            .iter()
            .filter(|value| !was.contains(value))
            .cloned()
            .collect();
        let less: Vec<_> = was
            .iter()
            .filter(|value| !is.contains(value))
            .cloned()
            .collect();
        return match (was.is_empty(), is.is_empty()) {
            (true, _) => format!("only {} from now on", is.join(", ")),
            (_, true) => format!("no longer only {}", was.join(", ")),
            _ => {
                let more = (!more.is_empty()).then(|| format!("{} more", more.join(", ")));
                let less = (!less.is_empty()).then(|| format!("{} less", less.join(", ")));
                let parts: Vec<_> = more.into_iter().chain(less).collect();
                format!("enum: {}", parts.join(", "))
            }
        };
    }
    let shown = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    match (was.and_then(shown), is.and_then(shown)) {
        (Some(was), Some(is)) => format!("{key} {was} -> {is}"),
        (None, Some(is)) if was.is_none() => format!("{key} {is} is new"),
        (Some(was), None) if is.is_none() => format!("{key} {was} is gone"),
        _ if was.is_none() => format!("{key} is new"),
        _ if is.is_none() => format!("{key} is gone"),
        _ => format!("{key} says something else"),
    }
}
