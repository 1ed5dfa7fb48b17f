//! Visiting the objects, the schemas and the references of a document, but not the data in it.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::pointer::child;
use crate::reference::target;
use crate::schema::{COMPOSITION_KEYWORDS, SCHEMA_KEYWORDS, nested_schemas};

/// What a value is in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An object of OpenAPI, such as an operation or a schema, or a list of such objects.
    Object,
    /// A map from arbitrary names to objects of OpenAPI, such as `properties`.
    Names,
    /// Any JSON, such as an example, a default or an extension.
    Data,
}

/// Members of objects that are maps from names, in alphabetical order.
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
/// Members of objects that are data.
const DATA: [&str; 4] = ["default", "enum", "example", "value"];

impl Role {
    /// Returns the role of a member of a value with this role.
    #[must_use]
    pub fn member(self, key: &str, member: &Value) -> Self {
        match self {
            Self::Data => Self::Data,
            Self::Object if DATA.contains(&key) || key.starts_with("x-") => Self::Data,
            // The examples of a schema are values; elsewhere, `examples` maps names to objects.
            Self::Object if key == "examples" && member.is_array() => Self::Data,
            Self::Object if member.is_object() && NAMES.binary_search(&key).is_ok() => Self::Names,
            Self::Object | Self::Names => Self::Object,
        }
    }
}

/// Calls `visitor` for every object of OpenAPI in a value, outer objects first, with its pointer.
///
/// `role` and `pointer` are those of `value`. References are not followed.
pub fn visit_objects<'a>(
    value: &'a Value,
    role: Role,
    pointer: &str,
    visitor: &mut impl FnMut(&'a Value, &str),
) {
    match value {
        Value::Object(members) if role != Role::Data => {
            if role == Role::Object {
                visitor(value, pointer);
            }
            for (key, member) in members {
                visit_objects(
                    member,
                    role.member(key, member),
                    &child(pointer, key),
                    visitor,
                );
            }
        }
        Value::Array(items) if role != Role::Data => {
            for (index, item) in items.iter().enumerate() {
                visit_objects(item, role, &child(pointer, &index.to_string()), visitor);
            }
        }
        _ => {}
    }
}

/// Calls `change` for every object of OpenAPI in a value, inner objects first.
///
/// Returns the sum of what `change` returns.
pub fn visit_objects_mut(
    value: &mut Value,
    role: Role,
    change: &mut impl FnMut(&mut Map<String, Value>) -> usize,
) -> usize {
    match value {
        Value::Object(members) if role != Role::Data => {
            let mut changed = 0;
            for (key, member) in members.iter_mut() {
                changed += visit_objects_mut(member, role.member(key, member), change);
            }
            if role == Role::Object {
                changed += change(members);
            }
            changed
        }
        Value::Array(items) if role != Role::Data => items
            .iter_mut()
            .map(|item| visit_objects_mut(item, role, change))
            .sum(),
        _ => 0,
    }
}

/// Returns every reference in a value, in its order.
#[must_use]
pub fn references(value: &Value, role: Role) -> Vec<&str> {
    let mut found = Vec::new();
    visit_objects(value, role, "", &mut |object, _| {
        found.extend(object.get("$ref").and_then(Value::as_str));
    });
    found
}

/// Returns the pointers that a value refers to, directly or through other references.
///
/// References that lead out of the document or to nothing are included as far as they have a
/// pointer.
#[must_use]
pub fn reachable_pointers(root: &Value, value: &Value, role: Role) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![(value, role)];
    while let Some((value, role)) = open.pop() {
        for reference in references(value, role) {
            if let Some(pointer) = target(reference)
                && !found.contains(&pointer)
            {
                let value = root.pointer(&pointer);
                open.extend(value.map(|value| (value, Role::Object)));
                found.insert(pointer);
            }
        }
    }
    found
}

/// Returns every schema of a document with its pointer. References are not followed.
///
/// These are the schemas of `components` and those of media types, parameters and headers, each
/// followed by the schemas inside it.
#[must_use]
pub fn schemas(root: &Value) -> Vec<(&Value, String)> {
    let components = child("/components", "schemas");
    let mut found: Vec<_> = root["components"]["schemas"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, schema)| (schema, child(&components, name)))
        .collect();
    visit_objects(root, Role::Object, "", &mut |object, pointer| {
        if let Some(schema) = object.get("schema") {
            found.push((schema, child(pointer, "schema")));
        }
    });
    found
        .into_iter()
        .flat_map(|(schema, pointer)| nested_schemas(schema, &pointer))
        .collect()
}

/// Calls `change` for every schema of a document, outer schemas first.
///
/// Returns how many times `change` returned true. References are not followed.
pub fn visit_schemas_mut(root: &mut Value, change: &mut impl FnMut(&mut Value) -> bool) -> usize {
    let mut changed = 0;
    if let Some(schemas) = root.pointer_mut("/components/schemas") {
        for (_, schema) in schemas.as_object_mut().into_iter().flatten() {
            changed += visit_nested_schemas_mut(schema, change);
        }
    }
    changed
        + visit_objects_mut(root, Role::Object, &mut |object| {
            let schema = object.get_mut("schema");
            schema.map_or(0, |schema| visit_nested_schemas_mut(schema, change))
        })
}

/// Calls `change` for a schema and all schemas inside it, outer schemas first.
///
/// Returns how many times `change` returned true. References are not followed.
pub fn visit_nested_schemas_mut(
    schema: &mut Value,
    change: &mut impl FnMut(&mut Value) -> bool,
) -> usize {
    if !schema.is_object() {
        return 0;
    }
    let mut changed = usize::from(change(schema));
    for (key, member) in schema.as_object_mut().into_iter().flatten() {
        if key == "properties" {
            for (_, property) in member.as_object_mut().into_iter().flatten() {
                changed += visit_nested_schemas_mut(property, change);
            }
        } else if SCHEMA_KEYWORDS.contains(&&**key) {
            changed += visit_nested_schemas_mut(member, change);
        } else if COMPOSITION_KEYWORDS.contains(&&**key) {
            for part in member.as_array_mut().into_iter().flatten() {
                changed += visit_nested_schemas_mut(part, change);
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "components": { "schemas": { "A": {
                "properties": { "schema": { "items": {} }, "example": { "$ref": "#/a" } },
                "example": { "schema": {}, "$ref": "#/data" },
                "x-other": { "$ref": "#/data" },
            } } },
            "paths": { "/a": { "get": {
                "parameters": [{ "schema": { "allOf": [{}, { "$ref": "#/components/schemas/A" }] } }],
                "responses": { "default": { "content": { "application/json": {
                    "schema": { "additionalProperties": {} },
                    "example": { "schema": {} },
                } } } },
            } } },
        })
    }

    #[test]
    fn schemas_are_distinguished_from_data() {
        let mut root = document();
        let pointers: Vec<_> = schemas(&root)
            .into_iter()
            .map(|(_, pointer)| pointer)
            .collect();
        let body = "/paths/~1a/get/responses/default/content/application~1json/schema";
        let parameter = "/paths/~1a/get/parameters/0/schema";
        assert_eq!(
            pointers,
            [
                "/components/schemas/A",
                "/components/schemas/A/properties/schema",
                "/components/schemas/A/properties/schema/items",
                "/components/schemas/A/properties/example",
                parameter,
                &format!("{parameter}/allOf/0"),
                &format!("{parameter}/allOf/1"),
                body,
                &format!("{body}/additionalProperties"),
            ]
        );
        assert_eq!(visit_schemas_mut(&mut root, &mut |_| true), pointers.len());
        assert_eq!(visit_schemas_mut(&mut root, &mut |_| false), 0);
        assert_eq!(root, document());
    }

    #[test]
    fn references_are_distinguished_from_data() {
        let root = document();
        let found = references(&root, Role::Object);
        assert_eq!(found, ["#/a", "#/components/schemas/A"]);
        let found = reachable_pointers(&root, &root["paths"], Role::Names);
        assert!(found.iter().eq(["/a", "/components/schemas/A"]));
    }

    #[test]
    fn reachable_pointers_follow_cycles_once() {
        let root = json!({
            "a": { "items": { "$ref": "#/b" } },
            "b": { "properties": { "$ref": { "$ref": "#/a" } } },
        });
        let found = reachable_pointers(&root, &root["a"], Role::Object);
        assert!(found.iter().eq(["/a", "/b"]));
    }

    #[test]
    fn changes_reach_inner_objects_first() {
        let mut value =
            json!({ "properties": { "x-a": { "x-b": 1 } }, "x-c": 1, "example": { "x-d": 1 } });
        let changed = visit_objects_mut(&mut value, Role::Object, &mut |object| {
            let before = object.len();
            object.retain(|key, _| !key.starts_with("x-"));
            before - object.len()
        });
        assert_eq!(changed, 2);
        assert_eq!(
            value,
            json!({ "properties": { "x-a": {} }, "example": { "x-d": 1 } })
        );
    }
}
