//! Schemas of a document in the words of JSON Schema, each with all that it refers to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::diff::part::Part;
use crate::schema::as_json_schema;
use authress_users_openapi::Document;

/// More schemas than this for one value are not asked for.
const MANY: u64 = 10_000;

/// A schema that stands by itself.
#[derive(Debug, Clone)]
pub(crate) struct JsonSchema {
    pub(crate) value: Value,
    /// Why no validator may be made of it.
    pub(crate) unusable: Option<String>,
}

/// Translates a schema of a document.
pub(crate) fn json_schema(document: &Document, schema: &Value) -> JsonSchema {
    let mut definitions = BTreeMap::new();
    let mut unusable = None;
    let translate = |schema: &Value, open: &mut Vec<String>| {
        let mut translated = as_json_schema(schema);
        tidy(&mut translated, open);
        translated
    };
    let mut open = Vec::new();
    let root = translate(schema, &mut open);
    while let Some(target) = open.pop() {
        if definitions.contains_key(&target) {
            continue;
        }
        let Some(found) = document.value.pointer(&target) else {
            unusable = Some(format!("a reference in it leads nowhere: {target}"));
            continue;
        };
        let translated = translate(found, &mut open);
        definitions.insert(target, translated);
    }
    if let Err(reason) = unfolded(&root, &definitions) {
        unusable = Some(reason);
    }
    let definitions: Map<String, Value> = definitions
        .into_iter()
        .map(|(target, schema)| (key(&target), schema))
        .collect();
    JsonSchema {
        value: json!({ "allOf": [root], "$defs": definitions }),
        unusable,
    }
}

impl JsonSchema {
    pub(crate) fn of(part: &Part<'_>) -> Self {
        json_schema(part.document, part.value)
    }
}

/// A pointer as one key.
fn key(target: &str) -> String {
    target.trim_start_matches('/').replace(['/', '~', '%'], ".")
}

/// Points references at definitions, collects their targets, and spells out what OpenAPI's formats
/// of integers mean.
fn tidy(schema: &mut Value, targets: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            if let Some(target) = target.map(str::to_owned) {
                let target = target.strip_prefix('#').unwrap_or(&target).to_owned();
                let reference = format!("#/$defs/{}", key(&target));
                members.insert("$ref".to_owned(), Value::String(reference));
                targets.push(target);
                return;
            }
            bounds_of_format(members);
            // Draft 4 knows no list of no names.
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

fn bounds_of_format(members: &mut Map<String, Value>) {
    let (least, most) = match members.get("format").and_then(Value::as_str) {
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
        members.entry("minimum").or_insert_with(|| json!(least));
        members.entry("maximum").or_insert_with(|| json!(most));
    }
}

/// How many schemas a value has to fit itself, if there is an end to them.
fn unfolded(root: &Value, definitions: &BTreeMap<String, Value>) -> Result<u64, String> {
    let by_key: BTreeMap<String, &Value> = definitions
        .iter()
        .map(|(target, schema)| (key(target), schema))
        .collect();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    // The way to where we are: what is left to visit there, and what has been counted.
    let mut way = vec![(String::new(), made_of(root), 1_u64)];
    while let Some((name, left, count)) = way.last_mut() {
        if *count > MANY {
            return Err("it is made of too many schemas".to_owned());
        }
        let Some(target) = left.pop() else {
            let (name, count) = (name.clone(), *count);
            way.pop();
            match way.last_mut() {
                Some((.., outer)) => *outer += count,
                None => return Ok(count),
            }
            counts.insert(name, count);
            continue;
        };
        if let Some(known) = counts.get(&target) {
            *count += known;
        } else if way.iter().any(|(name, ..)| *name == target) {
            return Err(format!("it is made of itself: {target}"));
        } else {
            let parts = by_key
                .get(&target)
                .map_or_else(Vec::new, |schema| made_of(schema));
            way.push((target, parts, 1));
        }
    }
    Ok(1)
}

/// The definitions that a value of a schema itself has to fit, or not to fit.
fn made_of(schema: &Value) -> Vec<String> {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return vec![target.trim_start_matches("#/$defs/").to_owned()];
    }
    let lists = ["allOf", "anyOf", "oneOf"].into_iter();
    let listed = lists
        .filter_map(|key| schema.get(key)?.as_array())
        .flatten();
    listed.chain(schema.get("not")).flat_map(made_of).collect()
}
