//! What is read is taken as it comes: one odd member must never cost a whole answer.

use std::collections::HashSet;

use serde_json::Value;

use super::schemas::each_within;
use authress_users_openapi::{METHODS, child, resolve};

/// Members with which the generator makes a type that refuses values while it reads them.
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

/// Takes the bounds of everything that an answer can hold. A schema that requests use as well
/// loses them there, too: the server knows them.
pub(super) fn lenient_responses(document: &mut Value) -> usize {
    let mut changed = 0;
    let (mut open, mut seen) = (response_schemas(document), HashSet::new());
    while let Some(pointer) = open.pop() {
        if !seen.insert(pointer.clone()) {
            continue;
        }
        let Some(schema) = document.pointer_mut(&pointer) else {
            continue;
        };
        changed += each_within(schema, &mut |schema| {
            if let Some(reference) = schema["$ref"].as_str() {
                open.extend(reference.strip_prefix('#').map(str::to_owned));
                return false;
            }
            relax(schema)
        });
    }
    changed
}

/// Where the schemas of all answers stand.
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
    fn answers_lose_their_bounds_and_requests_keep_them() {
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
                "requestBody": body("Asked"),
                "responses": {"200": {"$ref": "#/components/responses/Fine"}, "400": body("Wrong")},
            }}},
            "components": {
                "responses": {"Fine": body("Told")},
                "schemas": {"Asked": strict, "Told": {"items": {"$ref": "#/components/schemas/Part"}},
                    "Part": strict, "Wrong": strict},
            },
        });
        assert_eq!(lenient_responses(&mut document), 4);
        let schemas = &document["components"]["schemas"];
        assert_eq!(schemas["Asked"], strict);
        assert_eq!(schemas["Part"], lenient);
        assert_eq!(schemas["Wrong"], lenient);
        assert_eq!(lenient_responses(&mut document), 0);
    }
}
