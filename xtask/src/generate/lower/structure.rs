//! The parts of a document around its schemas.

use authress_users_openapi::{METHODS, Role, operations, resolve, visit_objects_mut};
use serde_json::{Map, Value, json};

/// Members from which progenitor makes nothing, but in which it rejects what it does not know.
const UNUSED: [&str; 9] = [
    "callbacks",
    "example",
    "examples",
    "externalDocs",
    "headers",
    "links",
    "security",
    "servers",
    "xml",
];
/// Sections of `components` that progenitor uses.
const SECTIONS: [&str; 4] = ["parameters", "requestBodies", "responses", "schemas"];

/// Makes the responses of each operation those that progenitor can distinguish: statuses with three
/// digits or a range, a description, and a body only where HTTP allows one.
pub(super) fn responses_as_http_allows(document: &mut Value) -> usize {
    let source = document.clone();
    let mut changed = 0;
    for entry in operations(&source) {
        let Some(Value::Object(responses)) =
            document.pointer_mut(&format!("{}/responses", entry.pointer()))
        else {
            continue;
        };
        let before = responses.clone();
        // An upgrade to another protocol is not a response with a body.
        responses.retain(|status, _| !status.starts_with('1'));
        for (status, response) in responses.iter_mut() {
            let Some((resolved, _)) = resolve(&source, response, "") else {
                continue;
            };
            let forbids_body = entry.method == "head" || matches!(&**status, "204" | "205" | "304");
            let has_body = resolved.get("content").is_some();
            // A reference to a request body is not one to progenitor.
            let is_foreign = response["$ref"]
                .as_str()
                .is_some_and(|it| !it.starts_with("#/components/responses/"));
            let is_described = resolved["description"].is_string();
            if (forbids_body && has_body) || !is_described || is_foreign {
                let mut own = resolved.as_object().cloned().unwrap_or_default();
                if !is_described {
                    own.insert("description".to_owned(), "".into());
                }
                if forbids_body {
                    own.shift_remove("content");
                }
                *response = Value::Object(own);
            }
        }
        if responses.is_empty() && !before.is_empty() {
            responses.insert("2XX".to_owned(), json!({ "description": "" }));
        }
        changed += usize::from(*responses != before);
    }
    changed
}

/// Keeps what progenitor makes code of. Examples, security, links and extensions are not, but an
/// unusual one makes it reject the document or, for `x-dropshot`, write code with other crates.
pub(super) fn only_what_becomes_code(document: &mut Value) -> usize {
    let before = document.clone();
    if let Some(root) = document.as_object_mut() {
        root.retain(|key, _| ["openapi", "info", "paths", "components"].contains(&&**key));
    }
    let title = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    document["info"] = json!({
        "title": title(&document["info"]["title"]),
        "version": title(&document["info"]["version"]),
    });
    if let Some(components) = document
        .get_mut("components")
        .and_then(Value::as_object_mut)
    {
        components.retain(|key, _| SECTIONS.contains(&&**key));
    }
    for (_, item) in document
        .get_mut("paths")
        .and_then(Value::as_object_mut)
        .into_iter()
        .flatten()
    {
        if let Some(item) = item.as_object_mut() {
            item.retain(|key, _| METHODS.contains(&&**key) || key == "parameters");
        }
    }
    visit_objects_mut(document, Role::Object, &mut |object| {
        object.retain(|key, _| !UNUSED.contains(&&**key) && !key.starts_with("x-"));
        if object.contains_key("responses") {
            object.shift_remove("tags");
        }
        drop_encoding(object);
        0
    });
    usize::from(*document != before)
}

fn drop_encoding(object: &mut Map<String, Value>) {
    if object.contains_key("schema") {
        object.shift_remove("encoding");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn responses_have_a_description_and_a_body_only_where_one_is_allowed() {
        let body = json!({"content": {"application/json": {"schema": {}}}});
        let mut document = json!({
            "paths": {"/a": {"get": {"responses": {"101": body, "200": body, "201": {"description": null}, "204": {"$ref": "#/components/responses/A"}}}}},
            "components": {
                "responses": {"A": {"description": "a", "content": {}}},
                "requestBodies": {"B": {"description": "b", "content": {}}},
            },
        });
        document["paths"]["/a"]["get"]["responses"]["202"] =
            json!({"$ref": "#/components/requestBodies/B"});
        assert_eq!(responses_as_http_allows(&mut document), 1);
        let responses = &document["paths"]["/a"]["get"]["responses"];
        assert_eq!(responses["200"]["description"], "");
        assert_eq!(responses["201"]["description"], "");
        assert_eq!(responses["202"], json!({"description": "b", "content": {}}));
        assert_eq!(responses["204"], json!({"description": "a"}));
        assert!(responses.get("101").is_none());
        assert_eq!(responses_as_http_allows(&mut document), 0);
    }

    #[test]
    fn examples_and_extensions_do_not_reach_the_generator() {
        let mut document = json!({
            "openapi": "3.0.3", "tags": [1],
            "paths": {"/a": {"x-a": 1, "get": {
                "tags": ["a"], "security": [], "x-dropshot-pagination": {}, "responses": {"200": {
                    "headers": {}, "content": {"application/json": {"examples": {"a": {"$ref": "#/b"}}, "schema": {
                        "properties": {"example": {"type": "string", "example": {"$ref": "#/b"}}},
                    }}},
                }},
            }}},
            "components": {"securitySchemes": {"a": 1}, "schemas": {}},
        });
        assert_eq!(only_what_becomes_code(&mut document), 1);
        assert_eq!(
            document["paths"],
            json!({"/a": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {
                "properties": {"example": {"type": "string"}},
            }}}}}}}})
        );
        assert_eq!(document["components"], json!({"schemas": {}}));
        assert_eq!(only_what_becomes_code(&mut document), 0);
    }
}
