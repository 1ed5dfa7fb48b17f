//! What the fake relies on in the project's own document, beside what the face does.

use serde_json::{Value, json};

use super::client::ERROR;
use crate::lint::{Findings, rules};
use crate::schema::validator;
use authress_users_openapi::{Document, child};

/// The fake's answers are what the document says, and hold nothing that it does not name.
pub(in crate::lint) fn answers_what_is_described(findings: &mut Findings<'_>) {
    let document = findings.document;
    let user = json!({"userId": "a", "name": null, "email": "a@example.com"});
    let link = json!({"href": "https://example.com/v1/users"});
    let pages = [
        json!({"users": [user], "pagination": {"next": {"cursor": "b"}}, "links": {"self": link, "next": link}}),
        json!({"users": [], "pagination": {"next": null}, "links": {"self": link, "next": null}}),
    ];
    let error = json!({"title": "a", "errorCode": "b", "errorId": "c"});
    let [first, last] = pages;
    for (name, answer) in [
        ("UserIdentity", json!({"userId": "a"})),
        ("UserIdentity", user),
        ("UserIdentityCollection", first),
        ("UserIdentityCollection", last),
        (ERROR, error),
    ] {
        let place = child("/components/schemas", name);
        let Some(schema) = document.value.pointer(&place) else {
            continue;
        };
        let misfit = validator(document, schema).ok().and_then(|validator| {
            let error = validator.iter_errors(&answer).next()?;
            Some(error.to_string())
        });
        let Some(reason) = misfit.or_else(|| unnamed(document, schema, &answer)) else {
            continue;
        };
        findings.add(
            &rules::OWN_FAKE_ANSWER,
            &place,
            format!("the fake's answers do not fit it: {reason}"),
            "change the fake together with the document",
        );
    }
}

/// A member of a value that its schema does not name.
fn unnamed(document: &Document, schema: &Value, value: &Value) -> Option<String> {
    let (schema, _) = document.resolve(schema, "")?;
    if let Some(items) = value.as_array() {
        return items
            .iter()
            .find_map(|item| unnamed(document, &schema["items"], item));
    }
    for (name, member) in value.as_object()? {
        match property(document, schema, name) {
            None => return Some(format!("it has no member `{name}`")),
            Some(part) => {
                if let Some(reason) = unnamed(document, part, member) {
                    return Some(reason);
                }
            }
        }
    }
    None
}

fn property<'a>(document: &'a Document, schema: &'a Value, name: &str) -> Option<&'a Value> {
    let (schema, _) = document.resolve(schema, "")?;
    let mut parts = schema["allOf"].as_array().into_iter().flatten();
    schema["properties"]
        .get(name)
        .or_else(|| parts.find_map(|part| property(document, part, name)))
}

/// The fake and the contract take a path apart by its segments, and the first that fits.
pub(in crate::lint) fn finds_operations(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut before: Vec<&str> = Vec::new();
    for (path, _) in document.value["paths"].as_object().into_iter().flatten() {
        let mixed = path
            .split('/')
            .find(|segment| segment.contains(['{', '}']) && !is_parameter(segment));
        let reason = if let Some(segment) = mixed {
            format!("the segment `{segment}` is a parameter in part")
        } else if let Some(other) = before.iter().find(|other| covers(other, path)) {
            format!("`{other}` comes before it, and fits its requests too")
        } else {
            before.push(path);
            continue;
        };
        findings.add(
            &rules::OWN_PATH,
            &child("/paths", path),
            format!("{reason}; the fake and the contract would not find its operations"),
            "make parameters of whole segments, and let the path with fewer of them come first",
        );
        before.push(path);
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{') && segment.ends_with('}') && segment.matches('{').count() == 1
}

fn covers(wide: &str, narrow: &str) -> bool {
    let (wide, narrow): (Vec<_>, Vec<_>) = (wide.split('/').collect(), narrow.split('/').collect());
    wide.len() == narrow.len()
        && wide
            .iter()
            .zip(&narrow)
            .all(|(wide, narrow)| is_parameter(wide) || wide == narrow)
}
