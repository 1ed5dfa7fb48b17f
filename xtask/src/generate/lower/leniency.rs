//! Lenient responses: one unexpected member must not make a whole response unreadable.

use std::collections::BTreeSet;

use authress_users_openapi::{Role, child, operations, reachable_pointers, visit_objects_mut};
use serde_json::{Map, Value};

/// Members that make progenitor's types reject values while they are deserialized.
const STRICT: [&str; 9] = [
    "minLength",
    "maxLength",
    "pattern",
    "enum",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "uniqueItems",
];

/// Removes the bounds of everything that a response can contain. A schema that requests share loses
/// them for requests too, which the server validates anyway.
pub(super) fn lenient_responses(document: &mut Value) -> usize {
    let mut responses = Vec::new();
    let mut shared = BTreeSet::new();
    for entry in operations(document) {
        let own = &entry.value["responses"];
        shared.extend(reachable_pointers(document, own, Role::Names));
        responses.push((child(&entry.pointer(), "responses"), Role::Names));
    }
    responses.extend(shared.into_iter().map(|pointer| (pointer, Role::Object)));
    let relaxed = responses.into_iter().filter_map(|(pointer, role)| {
        let value = document.pointer_mut(&pointer)?;
        Some(visit_objects_mut(value, role, &mut relax))
    });
    relaxed.sum()
}

fn relax(members: &mut Map<String, Value>) -> usize {
    let before = members.len();
    members.retain(|key, member| {
        let is_closed = key == "additionalProperties" && *member == Value::Bool(false);
        !is_closed && !STRICT.contains(&&**key)
    });
    usize::from(members.len() < before)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn responses_lose_their_bounds_and_requests_keep_them() {
        let strict = json!({
            "type": "object",
            "additionalProperties": false,
            "properties": {"id": {"type": "string", "maxLength": 3, "enum": ["a"]}},
        });
        let lenient = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let body = |name: &str| {
            json!({"content": {"application/json": {
                "schema": {"$ref": format!("#/components/schemas/{name}")},
            }}})
        };
        let mut document = json!({
            "paths": {"/a": {"post": {
                "requestBody": body("Request"),
                "responses": {"200": {"$ref": "#/components/responses/Success"}, "400": body("Failure")},
            }}},
            "components": {
                "responses": {"Success": body("Success")},
                "schemas": {"Request": strict, "Success": {"items": {"$ref": "#/components/schemas/Part"}},
                    "Part": strict, "Failure": strict},
            },
        });
        assert_eq!(lenient_responses(&mut document), 4);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Request"], strict);
        assert_eq!(schemas["Part"], lenient);
        assert_eq!(schemas["Failure"], lenient);
        assert_eq!(lenient_responses(&mut document), 0);
    }
}
