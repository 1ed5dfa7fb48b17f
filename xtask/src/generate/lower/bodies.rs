//! Bodies. Progenitor needs a schema for each, and one type for all successes and for all errors.

use serde_json::{Map, Value, json};

use super::media_types::each_content;
use super::responses::each_responses;
use authress_users_openapi::{is_json, resolve};

/// Adds a schema that allows everything to bodies without one.
pub(super) fn schemas_for_bodies_without_one(document: &mut Value) -> usize {
    each_content(document, &mut |content| {
        let mut changed = 0;
        for (_, body) in content.iter_mut() {
            if let Some(members) = body.as_object_mut()
                && !members.contains_key("schema")
            {
                members.insert("schema".to_owned(), json!({}));
                changed += 1;
            }
        }
        changed
    })
}

/// Turns a response with several media types into bytes, unless all are JSON with the same schema.
pub(super) fn differing_media_types_as_bytes(document: &mut Value) -> usize {
    each_responses(document, &mut |responses, document| {
        let mut changed = false;
        for response in responses.values_mut() {
            let Some((resolved, _)) = resolve(document, response, "") else {
                continue;
            };
            let content = resolved["content"].as_object();
            let bodies: Vec<_> = content.into_iter().flatten().collect();
            let is_one = bodies.len() < 2
                || bodies.iter().all(|(media_type, body)| {
                    is_json(media_type) && body["schema"] == bodies[0].1["schema"]
                });
            if !is_one {
                *response = as_bytes(response, document);
                changed = true;
            }
        }
        changed
    })
}

/// Turns the successes of an operation into bytes if their bodies differ, since no type fits all of
/// them. Does the same for its errors.
pub(super) fn differing_bodies_as_bytes(document: &mut Value) -> usize {
    each_responses(document, &mut |responses, document| {
        let mut changed = false;
        for success in [true, false] {
            let statuses = class(responses, success);
            let kinds: Vec<_> = statuses
                .iter()
                .map(|status| kind(&responses[status], document))
                .collect();
            if kinds.iter().all(|kind| Some(kind) == kinds.first()) {
                continue;
            }
            for status in statuses {
                responses[&status] = as_bytes(&responses[&status], document);
            }
            changed = true;
        }
        changed
    })
}

/// What progenitor makes of a response.
#[derive(PartialEq)]
enum Kind {
    Typed(Value),
    Bytes,
    Nothing,
}

fn kind(response: &Value, document: &Value) -> Kind {
    let Some((response, _)) = resolve(document, response, "") else {
        return Kind::Nothing;
    };
    let mut content = response["content"].as_object().into_iter().flatten();
    let mut others = content.clone();
    match content.find(|(media_type, _)| is_json(media_type)) {
        Some((_, body)) => Kind::Typed(body["schema"].clone()),
        None if others.next().is_some() => Kind::Bytes,
        None => Kind::Nothing,
    }
}

fn as_bytes(response: &Value, document: &Value) -> Value {
    let description =
        resolve(document, response, "").map(|(response, _)| response["description"].clone());
    json!({
        "description": description,
        "content": { "application/octet-stream": { "schema": {} } },
    })
}

/// Whether a status or range is a success.
fn is_success(status: &str) -> bool {
    status.starts_with('2')
}

/// The statuses of all successes or of all errors, for which progenitor has one type each.
fn class(responses: &Map<String, Value>, success: bool) -> Vec<String> {
    responses
        .keys()
        .filter(|status| !status.starts_with("x-") && is_success(status) == success)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(responses: &Value) -> Value {
        json!({
            "paths": {"/a": {"get": {"responses": responses}}},
            "components": {"responses": {"Text": {"description": "Text.", "content": {
                "application/json": {"schema": {"type": "string"}},
            }}}},
        })
    }

    #[test]
    fn differing_bodies_become_bytes_and_equal_bodies_keep_their_type() {
        let text = json!({"description": "a", "content": {"application/json": {"schema": {"type": "string"}}}});
        let nothing = json!({"description": "b"});
        let shared = json!({"$ref": "#/components/responses/Text"});
        let mut value =
            document(&json!({"200": text, "201": shared, "404": nothing, "500": shared}));
        assert_eq!(differing_bodies_as_bytes(&mut value), 1);
        let responses = &value["paths"]["/a"]["get"]["responses"];
        assert_eq!((&responses["200"], &responses["201"]), (&text, &shared));
        for (status, description) in [("404", "b"), ("500", "Text.")] {
            assert_eq!(responses[status]["description"], description);
            assert!(
                responses[status]["content"]
                    .get("application/octet-stream")
                    .is_some()
            );
        }
        assert_eq!(differing_bodies_as_bytes(&mut value), 0);
    }

    #[test]
    fn several_media_types_become_bytes_unless_all_are_the_same_json() {
        for (other, schema, expected) in [
            ("application/links+json", "string", 0),
            ("application/links+json", "object", 1),
            ("text/plain", "string", 1),
        ] {
            let mut value = document(&json!({"200": {"description": "a", "content": {
                "application/json": {"schema": {"type": "string"}},
                other: {"schema": {"type": schema}},
            }}}));
            assert_eq!(
                differing_media_types_as_bytes(&mut value),
                expected,
                "{other}"
            );
        }
    }

    #[test]
    fn a_body_without_a_schema_gets_one_that_allows_everything() {
        let mut value = document(&json!({"200": {"content": {"application/json": {}}}}));
        assert_eq!(schemas_for_bodies_without_one(&mut value), 1);
        let body = &value["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
        assert_eq!(body["schema"], json!({}));
    }
}
