//! Steps that normalize schemas.

use std::collections::BTreeMap;

use authress_users_openapi::{
    COMPOSITION_KEYWORDS, Role, child, is_default, reachable_pointers, visit_objects_mut,
    visit_schemas_mut,
};
use serde_json::{Value, json};

use super::compare::is_text;
use super::schemas::{is_structured, schema_name};
use super::usage::change_response_schemas;

/// States the type of schemas with `properties` or `items` alone.
pub(super) fn state_types(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let kind = if schema.get("properties").is_some() {
            "object"
        } else if schema.get("items").is_some() {
            "array"
        } else {
            return false;
        };
        let is_open = schema.get("type").is_none() && schema.get("allOf").is_none();
        if is_open {
            schema["type"] = json!(kind);
        }
        is_open
    })
}

/// Replaces references to lists and to plain values, whose bounds differ between requests and
/// responses. An `enum` is a type of its own and keeps its name.
pub(super) fn inline_plain_schemas(document: &mut Value) -> usize {
    let schemas = document["components"]["schemas"].as_object();
    let plain: BTreeMap<String, Value> = schemas
        .into_iter()
        .flatten()
        .filter(|(name, schema)| {
            let is_plain = schema["type"].is_string() && !is_structured(schema);
            let itself = child("/components/schemas", name);
            let is_recursive =
                || reachable_pointers(document, schema, Role::Object).contains(&itself);
            is_plain && schema.get("enum").is_none() && !is_recursive()
        })
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    let mut inlined = 0;
    loop {
        // A list can consist of plain values.
        let before = inlined;
        inlined += visit_objects_mut(document, Role::Object, &mut |members| {
            let reference = members.get("$ref").and_then(Value::as_str);
            let Some(schema) = reference
                .and_then(schema_name)
                .and_then(|it| plain.get(&it))
            else {
                return 0;
            };
            members.shift_remove("$ref");
            for (key, member) in schema.as_object().into_iter().flatten() {
                members.entry(key.clone()).or_insert_with(|| member.clone());
            }
            1
        });
        if inlined == before {
            return inlined;
        }
    }
}

/// Replaces a composition of one inline part by the part.
pub(super) fn unwrap_single_parts(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let single = COMPOSITION_KEYWORDS.into_iter().find_map(|key| {
            let [part] = members.get(key)?.as_array()?.as_slice() else {
                return None;
            };
            let part = part.as_object().filter(|part| !part.contains_key("$ref"))?;
            Some((key, part.clone()))
        });
        let Some((key, part)) = single else {
            return 0;
        };
        let is_stated = |(key, stated): (&String, &Value)| {
            members
                .get(key)
                .is_none_or(|own| own == stated || is_text(key))
        };
        if !part.iter().all(is_stated) {
            return 0;
        }
        members.shift_remove(key);
        for (key, stated) in part {
            members.entry(key).or_insert(stated);
        }
        1
    })
}

/// Omits members of schemas and parameters that state what also holds without them.
pub(super) fn omit_defaults(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let before = members.len();
        // `additionalProperties` is written where it states that a schema is a map.
        members.retain(|key, member| key == "additionalProperties" || !is_default(key, member));
        before - members.len()
    })
}

/// Drops `readOnly` of objects and lists that only responses contain, where nothing is written.
pub(super) fn drop_read_only(document: &mut Value) -> usize {
    change_response_schemas(document, |is_sent| !is_sent, &mut |schema| {
        let is_container = is_structured(schema) || schema["type"] == "array";
        let members = schema.as_object_mut().filter(|_| is_container);
        members.is_some_and(|members| members.shift_remove("readOnly").is_some())
    })
}
