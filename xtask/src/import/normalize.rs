//! Normalizes the notation of the provider's spec; the overlay corrects its facts.
//!
//! A step that finds nothing to change is not an error.

use authress_users_openapi::{Role, visit_objects_mut};
use serde_json::{Value, json};

use super::{parameters, schema_steps};
use crate::nullability::nullable_components_where_they_are_used;

/// The name of a step, and a function that returns the number of places that it changed.
pub(super) type Step = (&'static str, fn(&mut Value) -> usize);

/// The steps before the overlay is applied.
pub(super) const STEPS: [Step; 13] = [
    ("drop_extensions", drop_extensions),
    ("open_objects", open_objects),
    ("plain_json_requests", plain_json_requests),
    ("drop_ranges_of_errors", drop_ranges_of_errors),
    ("omit_default_styles", omit_default_styles),
    ("drop_reference_siblings", drop_reference_siblings),
    ("state_types", schema_steps::state_types),
    ("inline_plain_schemas", schema_steps::inline_plain_schemas),
    ("unwrap_single_parts", schema_steps::unwrap_single_parts),
    // The generator wraps a nullable component in a second type.
    (
        "nullable_components_where_they_are_used",
        nullable_components_where_they_are_used,
    ),
    ("drop_nullable_of_parameters", parameters::drop_nullable),
    ("omit_defaults", schema_steps::omit_defaults),
    ("drop_read_only_of_responses", schema_steps::drop_read_only),
];

/// The step after the overlay, which can add siblings of references.
pub(super) const LAST: Step = ("wrap_references", wrap_references);

/// The provider's extensions are for the provider's tools.
fn drop_extensions(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let before = members.len();
        members.retain(|key, _| !key.starts_with("x-"));
        before - members.len()
    })
}

/// A closed object would reject every member that is added later. Requests need no closed objects,
/// because the client sends only known members.
fn open_objects(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let is_closed = members.get("additionalProperties") == Some(&Value::Bool(false));
        if is_closed {
            members.shift_remove("additionalProperties");
        }
        usize::from(is_closed)
    })
}

/// `application/links+json` is for responses with links; requests have none.
fn plain_json_requests(document: &mut Value) -> usize {
    const LINKS: &str = "application/links+json";
    visit_objects_mut(document, Role::Object, &mut |members| {
        let Some(Value::Object(content)) = members
            .get_mut("requestBody")
            .and_then(|body| body.get_mut("content"))
        else {
            return 0;
        };
        let Some(body) = content.shift_remove(LINKS) else {
            return 0;
        };
        content.entry("application/json".to_owned()).or_insert(body);
        1
    })
}

/// Drops `default`, `4XX` and `5XX` beside a success. Our spec lists each status, and the client
/// reads the body of an unlisted error like that of a listed one.
fn drop_ranges_of_errors(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let Some(Value::Object(responses)) = members.get_mut("responses") else {
            return 0;
        };
        if !responses.keys().any(|status| status.starts_with('2')) {
            return 0;
        }
        let before = responses.len();
        responses.retain(|status, _| {
            !["default", "4xx", "5xx"].contains(&&*status.to_ascii_lowercase())
        });
        before - responses.len()
    })
}

/// Omits `style` and `explode` where they have their default values.
fn omit_default_styles(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        if !members.contains_key("schema") && !members.contains_key("content") {
            return 0;
        }
        let usual = match members.get("in").and_then(Value::as_str) {
            Some("query" | "cookie") => "form",
            // Response headers have no `in`.
            _ => "simple",
        };
        let style = members.get("style").cloned().unwrap_or(json!(usual));
        let mut gone = 0;
        if members.get("explode") == Some(&json!(style == "form")) {
            members.shift_remove("explode");
            gone += 1;
        }
        if members.contains_key("style") && style == usual && !members.contains_key("explode") {
            members.shift_remove("style");
            gone += 1;
        }
        gone
    })
}

/// OpenAPI 3.0 ignores siblings of `$ref`, but the provider relies on these two.
fn drop_reference_siblings(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        if !members.contains_key("$ref") {
            return 0;
        }
        let before = members.len();
        members.retain(|key, _| matches!(&**key, "$ref" | "nullable" | "description"));
        before - members.len()
    })
}

/// `nullable` and a description take effect only around a reference.
fn wrap_references(document: &mut Value) -> usize {
    visit_objects_mut(document, Role::Object, &mut |members| {
        let Some(reference) = members.get("$ref").cloned() else {
            return 0;
        };
        if members.len() == 1 {
            return 0;
        }
        members.shift_remove("$ref");
        members.insert("allOf".to_owned(), json!([{ "$ref": reference }]));
        1
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies a step and asserts that a second application changes nothing.
    fn applied(name: &str, mut value: Value) -> Value {
        let step = STEPS.iter().chain([&LAST]).find(|step| step.0 == name);
        let step = step.unwrap_or_else(|| panic!("{name}"));
        assert!((step.1)(&mut value) > 0, "{name}");
        assert_eq!((step.1)(&mut value), 0, "{name}");
        value
    }

    type Case = (&'static str, Value, Value);

    fn reference() -> Value {
        json!({"$ref": "#/components/schemas/A"})
    }

    fn notations() -> Vec<Case> {
        let reference = reference();
        vec![
            (
                "drop_extensions",
                json!({"x-a": 1, "properties": {"x-b": {"x-c": 1}}, "example": {"x-d": 1}}),
                json!({"properties": {"x-b": {}}, "example": {"x-d": 1}}),
            ),
            (
                "open_objects",
                json!({"additionalProperties": false, "properties": {
                    "additionalProperties": {"additionalProperties": {"type": "string"}}}}),
                json!({"properties": {
                    "additionalProperties": {"additionalProperties": {"type": "string"}}}}),
            ),
            (
                "plain_json_requests",
                json!({
                    "requestBody": {"content": {"application/links+json": {}}},
                    "responses": {"200": {"content": {"application/links+json": {}}}},
                }),
                json!({
                    "requestBody": {"content": {"application/json": {}}},
                    "responses": {"200": {"content": {"application/links+json": {}}}},
                }),
            ),
            (
                "drop_ranges_of_errors",
                json!([
                    {"responses": {"200": {}, "404": {}, "4XX": {}, "5xx": {}, "default": {}}},
                    {"responses": {"default": {}}},
                    {"properties": {"responses": {"properties": {"default": {}}}}},
                ]),
                json!([
                    {"responses": {"200": {}, "404": {}}},
                    {"responses": {"default": {}}},
                    {"properties": {"responses": {"properties": {"default": {}}}}},
                ]),
            ),
            (
                "omit_default_styles",
                json!([
                    {"in": "query", "style": "form", "explode": true, "schema": {}},
                    {"in": "query", "style": "form", "explode": false, "schema": {}},
                    {"in": "path", "style": "simple", "explode": false, "schema": {}},
                    {"in": "path", "style": "label", "explode": false, "schema": {}},
                    {"style": "simple", "schema": {"properties": {"style": {}}}},
                ]),
                json!([
                    {"in": "query", "schema": {}},
                    {"in": "query", "style": "form", "explode": false, "schema": {}},
                    {"in": "path", "schema": {}},
                    {"in": "path", "style": "label", "schema": {}},
                    {"schema": {"properties": {"style": {}}}},
                ]),
            ),
            (
                "drop_reference_siblings",
                json!({"$ref": "#/a", "type": "object", "nullable": true, "description": "A."}),
                json!({"$ref": "#/a", "nullable": true, "description": "A."}),
            ),
            (
                "wrap_references",
                json!([{"$ref": "#/components/schemas/A", "nullable": true}, reference]),
                json!([{"nullable": true, "allOf": [reference]}, reference]),
            ),
        ]
    }

    fn schemas() -> Vec<Case> {
        let reference = reference();
        vec![
            (
                "state_types",
                json!({"schema": {"properties": {"a": {"items": {}}, "items": {"enum": [1]}}}}),
                json!({"schema": {"type": "object", "properties": {
                    "a": {"type": "array", "items": {}}, "items": {"enum": [1]}}}}),
            ),
            (
                "inline_plain_schemas",
                json!({"components": {"schemas": {
                    "Id": {"type": "string", "minLength": 1},
                    "Ids": {"type": "array", "items": {"$ref": "#/components/schemas/Id"}},
                    "Kind": {"type": "string", "enum": ["a"]},
                    "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                    "A": {"type": "object", "properties": {
                        "ids": {"$ref": "#/components/schemas/Ids", "nullable": true},
                        "kind": {"$ref": "#/components/schemas/Kind"},
                        "tree": {"$ref": "#/components/schemas/Tree"},
                    }},
                }}}),
                json!({"components": {"schemas": {
                    "Id": {"type": "string", "minLength": 1},
                    "Ids": {"type": "array", "items": {"type": "string", "minLength": 1}},
                    "Kind": {"type": "string", "enum": ["a"]},
                    "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
                    "A": {"type": "object", "properties": {
                        "ids": {"nullable": true, "type": "array",
                            "items": {"type": "string", "minLength": 1}},
                        "kind": {"$ref": "#/components/schemas/Kind"},
                        "tree": {"$ref": "#/components/schemas/Tree"},
                    }},
                }}}),
            ),
            (
                "unwrap_single_parts",
                json!([
                    {"nullable": true, "description": "A.", "oneOf": [
                        {"type": "string", "description": "B.", "nullable": true}]},
                    {"minLength": 1, "allOf": [{"type": "string", "minLength": 2}]},
                    {"allOf": [reference]},
                    {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                ]),
                json!([
                    {"nullable": true, "description": "A.", "type": "string"},
                    {"minLength": 1, "allOf": [{"type": "string", "minLength": 2}]},
                    {"allOf": [reference]},
                    {"anyOf": [{"type": "string"}, {"type": "integer"}]},
                ]),
            ),
        ]
    }

    fn nulls_and_defaults() -> Vec<Case> {
        let reference = reference();
        vec![
            (
                "nullable_components_where_they_are_used",
                json!({"components": {"schemas": {
                    "A": {"type": "object", "nullable": true},
                    "B": {"properties": {"a": reference, "b": {"$ref": "#/components/schemas/B"}}},
                }}}),
                json!({"components": {"schemas": {
                    "A": {"type": "object"},
                    "B": {"properties": {
                        "a": {"nullable": true, "allOf": [reference]},
                        "b": {"$ref": "#/components/schemas/B"},
                    }},
                }}}),
            ),
            (
                "drop_nullable_of_parameters",
                json!([
                    {"name": "a", "in": "query", "schema": {"type": "array", "nullable": true,
                        "items": {"enum": ["a", null], "nullable": true}}},
                    {"name": "b", "in": "query", "content": {"application/json": {
                        "schema": {"$ref": "#/a", "nullable": true}}}},
                    {"name": "c", "schema": {"nullable": true}},
                ]),
                json!([
                    {"name": "a", "in": "query", "schema": {"type": "array",
                        "items": {"enum": ["a"]}}},
                    {"name": "b", "in": "query", "content": {"application/json": {
                        "schema": {"$ref": "#/a"}}}},
                    {"name": "c", "schema": {"nullable": true}},
                ]),
            ),
            (
                "omit_defaults",
                json!({"required": [], "minLength": 0, "minItems": 0, "nullable": false,
                    "properties": {"minLength": {"minLength": 1}}, "example": {"minLength": 0}}),
                json!({"properties": {"minLength": {"minLength": 1}}, "example": {"minLength": 0}}),
            ),
            (
                "drop_read_only_of_responses",
                json!({
                    "paths": {"/a": {"post": {
                        "requestBody": {"schema": {"$ref": "#/components/schemas/Both"}},
                        "responses": {"200": {"content": {"a": {"schema": {
                            "type": "array", "readOnly": true,
                            "items": {"$ref": "#/components/schemas/Received"},
                        }}}}},
                    }}},
                    "components": {"schemas": {
                        "Received": {"type": "object", "readOnly": true, "properties": {
                            "a": {"type": "string", "readOnly": true},
                            "b": {"type": "object", "readOnly": true},
                            "c": {"$ref": "#/components/schemas/Both"},
                        }},
                        "Both": {"type": "object", "readOnly": true},
                    }},
                }),
                json!({
                    "paths": {"/a": {"post": {
                        "requestBody": {"schema": {"$ref": "#/components/schemas/Both"}},
                        "responses": {"200": {"content": {"a": {"schema": {
                            "type": "array",
                            "items": {"$ref": "#/components/schemas/Received"},
                        }}}}},
                    }}},
                    "components": {"schemas": {
                        "Received": {"type": "object", "properties": {
                            "a": {"type": "string", "readOnly": true},
                            "b": {"type": "object"},
                            "c": {"$ref": "#/components/schemas/Both"},
                        }},
                        "Both": {"type": "object", "readOnly": true},
                    }},
                }),
            ),
        ]
    }

    #[test]
    fn each_step_changes_only_its_own_notation() {
        let cases = [notations(), schemas(), nulls_and_defaults()].concat();
        assert_eq!(cases.len(), STEPS.len() + 1);
        for (name, before, after) in cases {
            assert_eq!(applied(name, before), after, "{name}");
        }
    }
}
