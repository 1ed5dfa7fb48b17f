//! Lenient responses: one unexpected member must not make a whole response unreadable.

use std::collections::BTreeSet;

use serde_json::Value;

use authress_users_openapi::{
    METHODS, Role, child, reachable_pointers, resolve, visit_nested_schemas_mut,
};

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
    let mut pointers = BTreeSet::new();
    for pointer in response_schemas(document) {
        if let Some(schema) = document.pointer(&pointer) {
            pointers.extend(reachable_pointers(document, schema, Role::Object));
        }
        pointers.insert(pointer);
    }
    let mut changed = 0;
    for pointer in pointers {
        if let Some(schema) = document.pointer_mut(&pointer) {
            changed += visit_nested_schemas_mut(schema, &mut relax);
        }
    }
    changed
}

/// The pointers of the schemas of all responses.
fn response_schemas(document: &Value) -> Vec<String> {
    let mut pointers = Vec::new();
    for (path, path_item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let place = child(&child(&child("/paths", path), method), "responses");
            let responses = path_item[method]["responses"].as_object();
            for (status, response) in responses.into_iter().flatten() {
                let Some((response, place)) = resolve(document, response, &child(&place, status))
                else {
                    continue;
                };
                for (media_type, _) in response["content"].as_object().into_iter().flatten() {
                    let body = child(&child(&place, "content"), media_type);
                    pointers.push(child(&body, "schema"));
                }
            }
        }
    }
    pointers
}

fn relax(schema: &mut Value) -> bool {
    let Some(members) = schema.as_object_mut() else {
        return false;
    };
    if members.contains_key("$ref") {
        return false;
    }
    let before = members.len();
    members.retain(|key, member| {
        let is_closed = key == "additionalProperties" && *member == Value::Bool(false);
        !is_closed && !STRICT.contains(&&**key)
    });
    members.len() < before
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
