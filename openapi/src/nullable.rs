//! Where null is allowed.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::pointer::child;
use crate::reference::target;
use crate::visit::{Role, visit_schemas_mut};

/// Moves `nullable` from the schemas of `components` to the references to them.
///
/// Afterwards `nullable: true` stands beside these references. An `allOf` becomes nullable as a whole
/// if all of its parts were. A schema whose `enum` has null keeps `nullable`. A nullable `allOf` of one
/// reference has no `type` afterwards, which only states that of the reference. Returns the number of
/// changes.
pub fn move_nullable_to_references(root: &mut Value) -> usize {
    let mut moved = BTreeSet::new();
    let schemas = root.pointer_mut("/components/schemas");
    let schemas = schemas.and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        let has_null = |values: &Value| {
            values
                .as_array()
                .is_some_and(|it| it.contains(&Value::Null))
        };
        let Some(members) = schema.as_object_mut().filter(|members| {
            members.get("nullable") == Some(&Value::Bool(true))
                && !members.contains_key("$ref")
                && !members.get("enum").is_some_and(has_null)
        }) else {
            continue;
        };
        members.shift_remove("nullable");
        moved.insert(child("/components/schemas", name));
    }
    if moved.is_empty() {
        return 0;
    }
    moved.len() + allow_null(root, Role::Object, false, &moved) + drop_repeated_types(root)
}

/// Removes the type of every nullable schema that is otherwise one reference.
fn drop_repeated_types(root: &mut Value) -> usize {
    visit_schemas_mut(root, &mut |schema| {
        let is_reference = schema["nullable"] == Value::Bool(true)
            && schema["allOf"]
                .as_array()
                .is_some_and(|parts| parts.len() == 1);
        let Some(members) = schema.as_object_mut().filter(|_| is_reference) else {
            return false;
        };
        let is_other =
            |key: &String| !["type", "nullable", "description", "allOf"].contains(&&**key);
        !members.keys().any(is_other) && members.shift_remove("type").is_some()
    })
}

/// Makes references to the schemas in `moved` nullable; not those that are parts of an `allOf`.
fn allow_null(value: &mut Value, role: Role, is_part: bool, moved: &BTreeSet<String>) -> usize {
    match value {
        Value::Object(members) if role != Role::Data => {
            let mut changed = 0;
            if role == Role::Object && !is_part && leads_to(members, moved) {
                members.insert("nullable".to_owned(), Value::Bool(true));
                changed += 1;
            }
            for (key, member) in members {
                let is_part = role == Role::Object && key == "allOf";
                changed += allow_null(member, role.member(key, member), is_part, moved);
            }
            changed
        }
        Value::Array(items) if role != Role::Data => items
            .iter_mut()
            .map(|item| allow_null(item, role, is_part, moved))
            .sum(),
        _ => 0,
    }
}

/// Returns whether a schema that is not nullable yet is a reference to one of some schemas, or an
/// `allOf` of such references.
fn leads_to(schema: &Map<String, Value>, schemas: &BTreeSet<String>) -> bool {
    let refers = |schema: &Map<String, Value>| {
        let reference = schema.get("$ref").and_then(Value::as_str);
        let pointer = reference.and_then(target);
        pointer.is_some_and(|pointer| schemas.contains(&pointer))
    };
    let parts = schema.get("allOf").and_then(Value::as_array);
    let all_refer = parts.is_some_and(|parts| {
        let mut parts = parts.iter();
        parts.len() > 0 && parts.all(|part| part.as_object().is_some_and(refers))
    });
    schema.get("nullable") != Some(&Value::Bool(true)) && (refers(schema) || all_refer)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_become_nullable_in_place_of_their_target() {
        let reference = json!({ "$ref": "#/components/schemas/B" });
        let mut root = json!({ "components": { "schemas": {
            "A": { "properties": {
                "one": reference,
                "list": { "items": reference },
                "all": { "allOf": [reference] },
                "mixed": { "allOf": [reference, { "type": "object" }] },
                "typed": { "type": "object", "nullable": true, "allOf": [reference] },
                "more": { "type": "object", "nullable": true, "minProperties": 1, "allOf": [reference] },
                "other": { "$ref": "#/components/schemas/C" },
                "$ref": reference,
            }, "example": reference },
            "B": { "type": "object", "nullable": true },
            "C": { "type": "object", "nullable": false },
            "D": { "enum": ["a", null], "nullable": true },
        } } });
        assert_eq!(move_nullable_to_references(&mut root), 6);
        let nullable = json!({ "$ref": "#/components/schemas/B", "nullable": true });
        let expected = json!({
            "A": { "properties": {
                "one": nullable,
                "list": { "items": nullable },
                "all": { "allOf": [reference], "nullable": true },
                "mixed": { "allOf": [reference, { "type": "object" }] },
                "typed": { "nullable": true, "allOf": [reference] },
                "more": { "type": "object", "nullable": true, "minProperties": 1, "allOf": [reference] },
                "other": { "$ref": "#/components/schemas/C" },
                "$ref": nullable,
            }, "example": reference },
            "B": { "type": "object" },
            "C": { "type": "object", "nullable": false },
            "D": { "enum": ["a", null], "nullable": true },
        });
        assert_eq!(root["components"]["schemas"], expected);
        assert_eq!(move_nullable_to_references(&mut root), 0);
    }
}
