//! Marks that the overlay can select. The candidate does not have them.

use authress_users_openapi::{Role, visit_objects_mut};
use serde_json::{Value, json};

use super::roles::ROLE;
use super::usage::change_response_schemas;

/// Marks the schemas that responses contain.
const IN_RESPONSES: &str = "x-in-responses";

/// Marks the schemas that responses contain, as components or inline.
pub(super) fn mark_responses(document: &mut Value) {
    change_response_schemas(document, |_| true, &mut |schema| {
        schema[IN_RESPONSES] = json!(true);
        true
    });
}

/// Removes the marks.
pub(super) fn unmark(document: &mut Value) {
    visit_objects_mut(document, Role::Object, &mut |members| {
        members.shift_remove(IN_RESPONSES);
        members.shift_remove(ROLE);
        0
    });
}

#[cfg(test)]
mod tests {
    use super::super::schemas::SCHEMAS;
    use super::*;

    #[test]
    fn marks_schemas_of_responses_temporarily() {
        let to = |name: &str| json!({"schema": {"$ref": format!("{SCHEMAS}{name}")}});
        let before = json!({
            "paths": {"/a": {"patch": {
                "requestBody": {"content": {"a": to("Sent")}},
                "responses": {
                    "200": {"content": {"a": to("Received")}},
                    "201": {"content": {"a": {"schema": {"items": {"type": "string"}}}}},
                },
            }}},
            "components": {"schemas": {
                "Sent": {},
                "Received": {"properties": {"a": {"$ref": format!("{SCHEMAS}Inner")}}},
                "Inner": {},
            }},
        });
        let mut value = before.clone();
        mark_responses(&mut value);
        let is_marked = |pointer: &str| value.pointer(pointer).unwrap().get(IN_RESPONSES).is_some();
        let inline = "/paths/~1a/patch/responses/201/content/a/schema/items";
        assert!(is_marked("/components/schemas/Received") && is_marked(inline));
        assert!(is_marked("/components/schemas/Inner"));
        assert!(!is_marked("/components/schemas/Sent"));
        unmark(&mut value);
        assert_eq!(value, before);
    }
}
