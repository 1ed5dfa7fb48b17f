//! What the provider's document is known to do in its own way, put into ours.
//!
//! These are ways of writing; what the document says wrongly is corrected by the overlay. A step
//! that finds nothing is no mistake: the provider may have mended it, or it stands elsewhere.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::inlining::SCHEMAS;
use super::parts::{Part, change_objects};
use super::selection::schema_names;
use authress_users_openapi::METHODS;

/// One step, which says in how many places it changed something.
pub(crate) struct Quirk {
    pub(crate) name: &'static str,
    pub(crate) apply: fn(&mut Value) -> usize,
}

/// What is done before the overlay is applied.
pub(crate) const QUIRKS: [Quirk; 6] = [
    Quirk {
        name: "extensions_are_theirs",
        apply: extensions_are_theirs,
    },
    Quirk {
        name: "objects_are_open",
        apply: objects_are_open,
    },
    Quirk {
        name: "requests_are_plain_json",
        apply: requests_are_plain_json,
    },
    Quirk {
        name: "usual_styles_go_unsaid",
        apply: usual_styles_go_unsaid,
    },
    Quirk {
        name: "nothing_counts_beside_references",
        apply: nothing_counts_beside_references,
    },
    Quirk {
        name: "null_belongs_to_the_place",
        apply: null_belongs_to_the_place,
    },
];

/// What is said beside a reference counts only around it; after the overlay, which may say so too.
pub(crate) const LAST: Quirk = Quirk {
    name: "references_stand_alone",
    apply: references_stand_alone,
};

/// What marks the schemas that answers hold, for the overlay to tell them from those of requests.
const IN_ANSWERS: &str = "x-in-responses";

/// Extensions of the provider mean something to the provider's own tools.
fn extensions_are_theirs(document: &mut Value) -> usize {
    change_objects(document, Part::Object, &mut |members| {
        let before = members.len();
        members.retain(|key, _| !key.starts_with("x-"));
        before - members.len()
    })
}

/// A closed object would break over each member that is added. In requests nothing is lost: the
/// client sends members that it knows.
fn objects_are_open(document: &mut Value) -> usize {
    change_objects(document, Part::Object, &mut |members| {
        let is_closed = members.get("additionalProperties") == Some(&Value::Bool(false));
        if is_closed {
            members.shift_remove("additionalProperties");
        }
        usize::from(is_closed)
    })
}

/// `application/links+json` tells that an answer has links; nobody sends them.
fn requests_are_plain_json(document: &mut Value) -> usize {
    const LINKS: &str = "application/links+json";
    change_objects(document, Part::Object, &mut |members| {
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

/// `style` and `explode` are the same when they are left out.
fn usual_styles_go_unsaid(document: &mut Value) -> usize {
    change_objects(document, Part::Object, &mut |members| {
        if !members.contains_key("schema") && !members.contains_key("content") {
            return 0;
        }
        let usual = match members.get("in").and_then(Value::as_str) {
            Some("query" | "cookie") => "form",
            // Headers of answers say no `in`.
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

/// So OpenAPI 3.0 says; but null and a description are meant.
fn nothing_counts_beside_references(document: &mut Value) -> usize {
    change_objects(document, Part::Object, &mut |members| {
        if !members.contains_key("$ref") {
            return 0;
        }
        let before = members.len();
        members.retain(|key, _| matches!(&**key, "$ref" | "nullable" | "description"));
        before - members.len()
    })
}

/// A schema that allows null would allow it wherever it is referred to, and the generator would
/// make it a type around a type: whether there may be null is said where there may be.
fn null_belongs_to_the_place(document: &mut Value) -> usize {
    let mut nullable = HashSet::new();
    let schemas = document["components"]["schemas"].as_object_mut();
    for (name, schema) in schemas.into_iter().flatten() {
        let Some(members) = schema.as_object_mut().filter(|it| !it.contains_key("$ref")) else {
            continue;
        };
        if members.get("nullable") == Some(&Value::Bool(true)) {
            members.shift_remove("nullable");
            nullable.insert(format!("{SCHEMAS}{name}"));
        }
    }
    change_objects(document, Part::Object, &mut |members| {
        let leads_to_null = members
            .get("$ref")
            .and_then(Value::as_str)
            .is_some_and(|reference| nullable.contains(reference));
        if leads_to_null {
            members.insert("nullable".to_owned(), Value::Bool(true));
        }
        usize::from(leads_to_null)
    })
}

fn references_stand_alone(document: &mut Value) -> usize {
    change_objects(document, Part::Object, &mut |members| {
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

/// Marks the schemas that answers hold.
pub(super) fn mark_answers(document: &mut Value) {
    let mut open = Vec::new();
    let paths = document["paths"].as_object().into_iter().flatten();
    for (_, item) in paths {
        for method in METHODS {
            open.extend(schema_names(&item[method]["responses"]));
        }
    }
    let mut seen = HashSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        if let Some(schema) = document["components"]["schemas"].get_mut(&*name) {
            open.extend(schema_names(schema));
            if let Some(members) = schema.as_object_mut() {
                members.insert(IN_ANSWERS.to_owned(), Value::Bool(true));
            }
        }
    }
}

/// Takes the marks away.
pub(super) fn unmark_answers(document: &mut Value) {
    let schemas = document["components"]["schemas"].as_object_mut();
    for (_, schema) in schemas.into_iter().flatten() {
        if let Some(members) = schema.as_object_mut() {
            members.shift_remove(IN_ANSWERS);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a step makes of a value, and that it finds nothing the second time.
    fn applied(name: &str, mut value: Value) -> Value {
        let step = QUIRKS.iter().chain([&LAST]).find(|step| step.name == name);
        let step = step.unwrap_or_else(|| panic!("{name}"));
        assert!((step.apply)(&mut value) > 0, "{name}");
        assert_eq!((step.apply)(&mut value), 0, "{name}");
        value
    }

    #[test]
    fn each_step_mends_what_it_is_there_for_and_leaves_what_looks_like_it() {
        let reference = json!({"$ref": "#/components/schemas/A"});
        let cases = [
            (
                "extensions_are_theirs",
                json!({"x-a": 1, "properties": {"x-b": {"x-c": 1}}, "example": {"x-d": 1}}),
                json!({"properties": {"x-b": {}}, "example": {"x-d": 1}}),
            ),
            (
                "objects_are_open",
                json!({"additionalProperties": false, "properties": {
                    "additionalProperties": {"additionalProperties": {"type": "string"}}}}),
                json!({"properties": {
                    "additionalProperties": {"additionalProperties": {"type": "string"}}}}),
            ),
            (
                "requests_are_plain_json",
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
                "usual_styles_go_unsaid",
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
                "nothing_counts_beside_references",
                json!({"$ref": "#/a", "type": "object", "nullable": true, "description": "A."}),
                json!({"$ref": "#/a", "nullable": true, "description": "A."}),
            ),
            (
                "null_belongs_to_the_place",
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
                "references_stand_alone",
                json!([{"$ref": "#/components/schemas/A", "nullable": true}, reference]),
                json!([{"nullable": true, "allOf": [reference]}, reference]),
            ),
        ];
        assert_eq!(cases.len(), QUIRKS.len() + 1);
        for (name, before, after) in cases {
            assert_eq!(applied(name, before), after, "{name}");
        }
    }

    #[test]
    fn schemas_of_answers_are_marked_for_the_overlay_alone() {
        let to = |name: &str| json!({"schema": {"$ref": format!("{SCHEMAS}{name}")}});
        let before = json!({
            "paths": {"/a": {"patch": {
                "requestBody": {"content": {"a": to("Sent")}},
                "responses": {"200": {"content": {"a": to("Answered")}}},
            }}},
            "components": {"schemas": {
                "Sent": {},
                "Answered": {"properties": {"a": {"$ref": format!("{SCHEMAS}Inner")}}},
                "Inner": {},
            }},
        });
        let mut value = before.clone();
        mark_answers(&mut value);
        let marked = |name: &str| {
            value["components"]["schemas"][name]
                .get(IN_ANSWERS)
                .is_some()
        };
        assert!(marked("Answered") && marked("Inner") && !marked("Sent"));
        unmark_answers(&mut value);
        assert_eq!(value, before);
    }
}
