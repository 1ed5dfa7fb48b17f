//! Bodies: the generator wants a schema of each, and one type for all successes and for all errors.

use serde_json::{Map, Value, json};

use super::is_json;
use super::media_types::each_content;
use super::statuses::class;
use authress_users_openapi::{METHODS, resolve};

/// A body of which nothing is said can be anything.
pub(super) fn schemas_for_bodies_without(document: &mut Value) -> usize {
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

/// An answer that comes as one media type or another is handed over as bytes, unless all are JSON
/// and say the same.
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

/// Where the successes of an operation have several bodies, or some have none, no type fits all of
/// them: each is handed over as bytes, with its status. The same goes for its errors.
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

/// What the generator makes of an answer.
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

/// Changes the answers of every operation; the document as it was is at hand for references.
/// Returns for how many operations `change` says that it changed something.
pub(super) fn each_responses(
    document: &mut Value,
    change: &mut impl FnMut(&mut Map<String, Value>, &Value) -> bool,
) -> usize {
    let source = document.clone();
    let mut changed = 0;
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    for (_, path_item) in paths.into_iter().flatten() {
        for method in METHODS {
            let responses = path_item
                .get_mut(method)
                .and_then(|operation| operation.get_mut("responses"))
                .and_then(Value::as_object_mut);
            if let Some(responses) = responses {
                changed += usize::from(change(responses, &source));
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(responses: &Value) -> Value {
        json!({
            "paths": {"/a": {"get": {"responses": responses}}},
            "components": {"responses": {"Odd": {"description": "Odd.", "content": {
                "application/json": {"schema": {"type": "string"}},
            }}}},
        })
    }

    #[test]
    fn what_differs_is_bytes_and_what_does_not_keeps_its_type() {
        let text = json!({"description": "a", "content": {"application/json": {"schema": {"type": "string"}}}});
        let nothing = json!({"description": "b"});
        let odd = json!({"$ref": "#/components/responses/Odd"});
        let mut value = document(&json!({"200": text, "201": odd, "404": nothing, "500": odd}));
        assert_eq!(differing_bodies_as_bytes(&mut value), 1);
        let responses = &value["paths"]["/a"]["get"]["responses"];
        assert_eq!((&responses["200"], &responses["201"]), (&text, &odd));
        for (status, description) in [("404", "b"), ("500", "Odd.")] {
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
    fn several_media_types_are_one_body_only_if_all_are_the_same_json() {
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
    fn a_body_of_which_nothing_is_said_has_a_schema_that_allows_everything() {
        let mut value = document(&json!({"200": {"content": {"application/json": {}}}}));
        assert_eq!(schemas_for_bodies_without(&mut value), 1);
        let body = &value["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"];
        assert_eq!(body["schema"], json!({}));
    }
}
