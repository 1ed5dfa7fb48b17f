//! Distinguishes OpenAPI objects from maps with arbitrary names and from data.

use serde_json::{Map, Value};

/// The prefix of references to schemas.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// The kind of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An OpenAPI object, or a list of OpenAPI objects.
    Object,
    /// A map with arbitrary names as keys.
    Names,
    /// An example, a default or another JSON value.
    Data,
}

/// Members that are maps with arbitrary names as keys.
const NAMES: [&str; 17] = [
    "callbacks",
    "content",
    "encoding",
    "examples",
    "headers",
    "links",
    "mapping",
    "parameters",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "scopes",
    "securitySchemes",
    "variables",
];

/// Members that contain data.
const DATA: [&str; 4] = ["default", "enum", "example", "value"];

impl Part {
    /// Returns the kind of the member `key`.
    pub(super) fn member(self, key: &str, value: &Value) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Object if DATA.contains(&key) || key.starts_with("x-") => Self::Data,
            Self::Object if NAMES.contains(&key) && value.is_object() => Self::Names,
            Self::Object | Self::Names => Self::Object,
        }
    }
}

/// Calls `change` for every OpenAPI object in a value, inner objects first, and returns the sum of
/// its results.
pub(super) fn change_objects(
    value: &mut Value,
    part: Part,
    change: &mut impl FnMut(&mut Map<String, Value>) -> usize,
) -> usize {
    match value {
        Value::Object(members) if part != Part::Data => {
            let mut changed = 0;
            for (key, member) in members.iter_mut() {
                let part = part.member(key, member);
                changed += change_objects(member, part, change);
            }
            if part == Part::Object {
                changed += change(members);
            }
            changed
        }
        Value::Array(items) if part != Part::Data => items
            .iter_mut()
            .map(|item| change_objects(item, part, change))
            .sum(),
        _ => 0,
    }
}

/// Collects every reference in a value.
pub(super) fn references<'a>(value: &'a Value, part: Part, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) if part != Part::Data => {
            if part == Part::Object
                && let Some(reference) = members.get("$ref").and_then(Value::as_str)
            {
                found.push(reference);
            }
            for (key, member) in members {
                references(member, part.member(key, member), found);
            }
        }
        Value::Array(items) if part != Part::Data => {
            for item in items {
                references(item, part, found);
            }
        }
        _ => {}
    }
}

/// The names of the schemas that a value refers to.
pub(super) fn schema_names(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    references(value, Part::Object, &mut found);
    found
        .iter()
        .filter_map(|reference| reference.strip_prefix(SCHEMAS))
        .map(|name| name.replace("~1", "/").replace("~0", "~"))
        .collect()
}
