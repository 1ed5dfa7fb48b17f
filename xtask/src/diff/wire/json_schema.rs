//! Self-contained JSON Schemas of the schemas of a spec.

use std::collections::BTreeMap;

use authress_users_openapi::{Document, target};
use serde_json::{Map, Value, json};

use crate::diff::part::Part;
use crate::schema::as_json_schema;

/// The number of schemas beyond which a validator of a value would take too long.
const MAX_SCHEMAS: u64 = 10_000;

/// A JSON Schema with the definitions that it refers to.
#[derive(Debug, Clone)]
pub(crate) struct JsonSchema {
    pub(super) value: Value,
    /// Why no validator may be built from it.
    pub(super) unusable: Option<String>,
}

impl JsonSchema {
    pub(super) fn of(part: &Part<'_>) -> Self {
        Self::new(part.document, part.value)
    }

    /// Translates a schema of a spec.
    pub(super) fn new(document: &Document, schema: &Value) -> Self {
        let mut definitions = BTreeMap::new();
        let mut unusable = None;
        let translate = |schema: &Value, open: &mut Vec<String>| {
            let mut translated = as_json_schema(schema);
            tidy(&mut translated, open);
            translated
        };
        let mut open = Vec::new();
        let root = translate(schema, &mut open);
        while let Some(pointer) = open.pop() {
            if definitions.contains_key(&key(&pointer)) {
                continue;
            }
            match document.value.pointer(&pointer) {
                Some(found) => {
                    let translated = translate(found, &mut open);
                    definitions.insert(key(&pointer), translated);
                }
                None => unusable = Some(format!("the reference #{pointer} points to nothing")),
            }
        }
        if let Err(reason) = check_size(&root, &definitions) {
            unusable = Some(reason);
        }
        Self {
            value: json!({ "allOf": [root], "$defs": definitions }),
            unusable,
        }
    }
}

/// Returns the name of the definition for a pointer.
fn key(pointer: &str) -> String {
    pointer
        .trim_start_matches('/')
        .replace(['/', '~', '%'], ".")
}

/// Makes references point to definitions, collects their targets, and adds the limits of formats.
fn tidy(schema: &mut Value, targets: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let pointer = target(reference).unwrap_or_else(|| reference.to_owned());
                let reference = format!("#/$defs/{}", key(&pointer));
                members.insert("$ref".to_owned(), Value::String(reference));
                targets.push(pointer);
                return;
            }
            add_limits_of_format(members);
            // Draft 4 has no empty list of names.
            if members.get("required") == Some(&json!([])) {
                members.remove("required");
            }
            for (name, member) in members.iter_mut() {
                if !matches!(name.as_str(), "enum" | "default" | "example") {
                    tidy(member, targets);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| tidy(item, targets)),
        _ => {}
    }
}

fn add_limits_of_format(members: &mut Map<String, Value>) {
    let (minimum, maximum) = match members.get("format").and_then(Value::as_str) {
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        Some("int64") => (i64::MIN, i64::MAX),
        _ => return,
    };
    let is_integer = match members.get("type") {
        Some(Value::String(kind)) => kind == "integer",
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "integer"),
        _ => false,
    };
    if is_integer {
        members.entry("minimum").or_insert_with(|| json!(minimum));
        members.entry("maximum").or_insert_with(|| json!(maximum));
    }
}

/// Rejects schemas that apply to a value without end, or too many of them.
fn check_size(root: &Value, definitions: &BTreeMap<String, Value>) -> Result<(), String> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    // The definitions being counted: what is left of each, and its count so far.
    let mut path = vec![(String::new(), applied(root), 1_u64)];
    while let Some((name, left, count)) = path.last_mut() {
        if *count > MAX_SCHEMAS {
            return Err("the schema consists of too many schemas".to_owned());
        }
        let Some(next) = left.pop() else {
            let (name, count) = (name.clone(), *count);
            path.pop();
            if let Some((.., outer)) = path.last_mut() {
                *outer += count;
            }
            counts.insert(name, count);
            continue;
        };
        if let Some(known) = counts.get(&next) {
            *count += known;
        } else if path.iter().any(|(name, ..)| *name == next) {
            return Err(format!("the schema refers to itself: {next}"));
        } else {
            let parts = definitions.get(&next).map_or_else(Vec::new, applied);
            path.push((next, parts, 1));
        }
    }
    Ok(())
}

/// Returns the definitions that a schema applies to the value itself, not to parts of it.
fn applied(schema: &Value) -> Vec<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return vec![reference.trim_start_matches("#/$defs/").to_owned()];
    }
    let lists = ["allOf", "anyOf", "oneOf"].into_iter();
    let listed = lists
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten();
    listed.chain(schema.get("not")).flat_map(applied).collect()
}
