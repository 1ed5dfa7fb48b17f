//! What the fake depends on in the project's document, beyond what the client does.

use authress_users_openapi::{Document, PathTemplate, child};
use serde_json::{Value, json};

use crate::lint::elements::members;
use crate::lint::findings::Findings;
use crate::lint::rules;
use crate::validate::validator;

/// The fake's responses must be valid and have only members that the schemas name.
pub(in crate::lint) fn check_responses(findings: &mut Findings<'_>) {
    let document = findings.document;
    let user = json!({"userId": "a", "name": null, "email": "a@example.com"});
    let link = json!({"href": "https://example.com/v1/users"});
    let first = json!({
        "users": [user],
        "pagination": {"next": {"cursor": "b"}},
        "links": {"self": link, "next": link},
    });
    let last = json!({
        "users": [],
        "pagination": {"next": null},
        "links": {"self": link, "next": null},
    });
    let error = json!({"title": "a", "errorCode": "b", "errorId": "c"});
    for (name, response) in [
        ("UserIdentity", json!({"userId": "a"})),
        ("UserIdentity", user),
        ("UserIdentityCollection", first),
        ("UserIdentityCollection", last),
        ("ErrorBody", error),
    ] {
        let place = child("/components/schemas", name);
        let Some(schema) = document.value.pointer(&place) else {
            continue;
        };
        let violation = validator(&document.value, schema)
            .ok()
            .and_then(|validator| {
                let error = validator.iter_errors(&response).next()?;
                Some(error.to_string())
            });
        if let Some(reason) = violation.or_else(|| unnamed(document, schema, &response)) {
            findings.add(
                &rules::OWN_FAKE_RESPONSE,
                &place,
                format!("the fake's responses are not valid: {reason}"),
                "change the fake together with the document",
            );
        }
    }
}

/// A message about a member of a value that its schema does not name.
fn unnamed(document: &Document, schema: &Value, value: &Value) -> Option<String> {
    let (schema, _) = document.resolve(schema, "")?;
    // What leads to nothing or back to itself, which other rules report, is empty here.
    if schema == &json!({}) {
        return None;
    }
    if let Some(items) = value.as_array() {
        return items
            .iter()
            .find_map(|item| unnamed(document, &schema["items"], item));
    }
    members(value).find_map(|(name, member)| match property(document, schema, name) {
        None => Some(format!("the schema has no member `{name}`")),
        Some(part) => unnamed(document, part, member),
    })
}

fn property<'a>(document: &'a Document, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let (schema, _) = document.resolve(schema, "")?;
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    schema["properties"]
        .get(name)
        .or_else(|| parts.find_map(|part| property(document, part, name)))
}

/// The fake and the contract tests match paths segment by segment and use the first match.
pub(in crate::lint) fn check_paths(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut earlier: Vec<PathTemplate> = Vec::new();
    for (path, _) in members(&document.value["paths"]) {
        let template = PathTemplate::parse(path);
        let reason = if let Some(segment) = template.mixed_segment() {
            Some(format!(
                "the segment `{segment}` is only partly a parameter"
            ))
        } else {
            let other = earlier.iter().find(|other| other.covers(&template));
            other.map(|other| {
                let other = other.as_str();
                format!("`{other}` comes first and matches its requests as well")
            })
        };
        if let Some(reason) = reason {
            findings.add(
                &rules::OWN_PATH,
                &child("/paths", path),
                format!("the fake cannot find the operations of `{path}`: {reason}"),
                "make parameters whole segments, and put paths with fewer parameters first",
            );
        }
        earlier.push(template);
    }
}
