//! A document told apart into what OpenAPI reads, maps from names, and data that is nobody's business.

use serde_json::{Map, Value};

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// An object of OpenAPI or a list of such, whose members have a meaning.
    Object,
    /// A map whose keys are names that somebody chose.
    Names,
    /// An example, a default or the like.
    Data,
}

/// Members that are maps from names.
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

/// Members that hold data.
const DATA: [&str; 4] = ["default", "enum", "example", "value"];

impl Part {
    /// What the member `key` of such a value is.
    pub(super) fn member(self, key: &str, value: &Value) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Object if DATA.contains(&key) || key.starts_with("x-") => Self::Data,
            Self::Object if NAMES.contains(&key) && value.is_object() => Self::Names,
            Self::Object | Self::Names => Self::Object,
        }
    }
}

/// Changes every object of OpenAPI in a value, the inner ones first, and adds up what `change`
/// returns.
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

/// Every reference in a value.
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
