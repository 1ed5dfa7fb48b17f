//! Normalizes the notation of the provider's spec; the overlay corrects its facts.
//!
//! A step that finds nothing to change is not an error.

use std::collections::BTreeSet;

use authress_users_openapi::{
    METHODS, Role, child, move_nullable_to_references, reachable_pointers, visit_objects_mut,
};
use serde_json::{Value, json};

use super::compare::{identity, is_same};

/// The name of a step, and a function that returns the number of places that it changed.
pub(super) type Step = (&'static str, fn(&mut Value) -> usize);

/// The steps before the overlay is applied.
pub(super) const STEPS: [Step; 6] = [
    ("drop_extensions", drop_extensions),
    ("open_objects", open_objects),
    ("plain_json_requests", plain_json_requests),
    ("omit_default_styles", omit_default_styles),
    ("drop_reference_siblings", drop_reference_siblings),
    // The generator wraps a nullable component in a second type.
    ("move_nullable_to_references", move_nullable_to_references),
];

/// The step after the overlay, which can add siblings of references.
pub(super) const LAST: Step = ("wrap_references", wrap_references);

/// Marks schemas in responses, so that the overlay can select them.
const IN_RESPONSES: &str = "x-in-responses";

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

/// Marks the schemas that responses contain.
pub(super) fn mark_responses(document: &mut Value) {
    let mut marked = BTreeSet::new();
    for (_, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let responses = &item[method]["responses"];
            marked.extend(reachable_pointers(document, responses, Role::Names));
        }
    }
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        if let Some(members) = schema.as_object_mut()
            && marked.contains(&child("/components/schemas", name))
        {
            members.insert(IN_RESPONSES.to_owned(), Value::Bool(true));
        }
    }
}

/// Removes the marks.
pub(super) fn unmark_responses(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove(IN_RESPONSES);
        }
    }
}

/// Moves parameters from the operations to their path where our spec has them there and all
/// operations of the path have the same.
pub(super) fn hoist_parameters(ours: &Value, theirs: &mut Value) {
    for (path, item) in theirs["paths"].as_object_mut().into_iter().flatten() {
        if ours["paths"][path].get("parameters").is_none() {
            continue;
        }
        let mut lists: Vec<&mut Vec<Value>> = item
            .as_object_mut()
            .into_iter()
            .flatten()
            .filter_map(|(_, operation)| operation["parameters"].as_array_mut())
            .collect();
        let Some((first, others)) = lists.split_first_mut() else {
            continue;
        };
        let is_common = |parameter: &Value| {
            let mut others = others.iter().map(|list| list.iter());
            parameter["in"] == "path"
                && others.all(|mut list| list.any(|other| is_same(other, parameter, Role::Object)))
        };
        let common: Vec<Value> = first.iter().filter(|it| is_common(it)).cloned().collect();
        for list in lists {
            list.retain(|own| !common.iter().any(|it| identity(it) == identity(own)));
        }
        if !common.is_empty() {
            item["parameters"] = Value::Array(common);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::schemas::SCHEMAS;

    /// Applies a step and asserts that a second application changes nothing.
    fn applied(name: &str, mut value: Value) -> Value {
        let step = STEPS.iter().chain([&LAST]).find(|step| step.0 == name);
        let step = step.unwrap_or_else(|| panic!("{name}"));
        assert!((step.1)(&mut value) > 0, "{name}");
        assert_eq!((step.1)(&mut value), 0, "{name}");
        value
    }

    #[test]
    fn each_step_changes_only_its_own_notation() {
        let reference = json!({"$ref": "#/components/schemas/A"});
        let cases = [
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
                "move_nullable_to_references",
                json!({"components": {"schemas": {
                    "A": {"type": "object", "nullable": true},
                    "B": {"properties": {"a": reference, "b": {"$ref": "#/components/schemas/B"}}},
                }}}),
                json!({"components": {"schemas": {
                    "A": {"type": "object"},
                    "B": {"properties": {
                        "a": {"$ref": "#/components/schemas/A", "nullable": true},
                        "b": {"$ref": "#/components/schemas/B"},
                    }},
                }}}),
            ),
            (
                "wrap_references",
                json!([{"$ref": "#/components/schemas/A", "nullable": true}, reference]),
                json!([{"nullable": true, "allOf": [reference]}, reference]),
            ),
        ];
        assert_eq!(cases.len(), STEPS.len() + 1);
        for (name, before, after) in cases {
            assert_eq!(applied(name, before), after, "{name}");
        }
    }

    #[test]
    fn marks_schemas_of_responses_temporarily() {
        let to = |name: &str| json!({"schema": {"$ref": format!("{SCHEMAS}{name}")}});
        let before = json!({
            "paths": {"/a": {"patch": {
                "requestBody": {"content": {"a": to("Sent")}},
                "responses": {"200": {"content": {"a": to("Received")}}},
            }}},
            "components": {"schemas": {
                "Sent": {},
                "Received": {"properties": {"a": {"$ref": format!("{SCHEMAS}Inner")}}},
                "Inner": {},
            }},
        });
        let mut value = before.clone();
        mark_responses(&mut value);
        let is_marked = |name: &str| {
            value["components"]["schemas"][name]
                .get(IN_RESPONSES)
                .is_some()
        };
        assert!(is_marked("Received") && is_marked("Inner") && !is_marked("Sent"));
        unmark_responses(&mut value);
        assert_eq!(value, before);
    }
}
