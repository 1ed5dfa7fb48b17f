//! Request bodies. Progenitor supports one media type: JSON, a form, text or bytes.

use authress_users_openapi::{child, is_json, operations, resolve};
use serde_json::{Map, Value, json};

const FORM: &str = "application/x-www-form-urlencoded";
const BYTES: &str = "application/octet-stream";
const TEXT: &str = "text/plain";

/// Keeps one media type for each request body: JSON, or else a form, bytes, text or another one.
pub(super) fn one_media_type_per_request(document: &mut Value) -> usize {
    each_content(document, |content| {
        if content.len() < 2 {
            return false;
        }
        let kept = content
            .iter()
            .min_by_key(|(media_type, _)| rank(media_type))
            .map(|(media_type, body)| (media_type.clone(), body.clone()));
        content.clear();
        content.extend(kept);
        true
    })
}

fn rank(media_type: &str) -> usize {
    match media_type {
        "application/json" => 0,
        other if is_json(other) => 1,
        FORM => 2,
        BYTES => 3,
        TEXT => 4,
        other if is_multipart(other) => 6,
        _ => 5,
    }
}

/// Whether a body has several parts, whose encoding only the sender can decide.
pub(crate) fn is_multipart(media_type: &str) -> bool {
    media_type.starts_with("multipart/")
}

/// Describes bodies that are neither JSON nor a form as text or bytes, as progenitor requires. The
/// table of operations keeps their media types, which a rewrite sends.
pub(super) fn other_requests_as_bytes(document: &mut Value) -> usize {
    each_content(document, |content| {
        let Some((media_type, body)) = content.iter().next() else {
            return false;
        };
        if is_json(media_type) || is_multipart(media_type) {
            return false;
        }
        let (new, body) = match &**media_type {
            FORM => (FORM, json!({ "schema": body["schema"] })),
            TEXT => (TEXT, json!({ "schema": {"type": "string"} })),
            _ => (
                BYTES,
                json!({ "schema": {"type": "string", "format": "binary"} }),
            ),
        };
        let is_changed = content.get(new) != Some(&body);
        *content = Map::from_iter([(new.to_owned(), body)]);
        is_changed
    })
}

/// Changes the content of every operation's request body, which is copied from its component.
fn each_content(
    document: &mut Value,
    mut change: impl FnMut(&mut Map<String, Value>) -> bool,
) -> usize {
    let source = document.clone();
    let mut changed = 0;
    for entry in operations(&source) {
        let Some((body, _)) = entry
            .value
            .get("requestBody")
            .and_then(|it| resolve(&source, it, ""))
        else {
            continue;
        };
        let mut body = body.clone();
        let is_changed = body
            .get_mut("content")
            .and_then(Value::as_object_mut)
            .is_some_and(&mut change);
        let place = document.pointer_mut(&child(&entry.pointer(), "requestBody"));
        if let (true, Some(place)) = (is_changed, place) {
            *place = body;
            changed += 1;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(document: &Value) -> &Map<String, Value> {
        document["paths"]["/a"]["post"]["requestBody"]["content"]
            .as_object()
            .unwrap()
    }

    #[test]
    fn the_best_supported_media_type_is_kept_and_described_as_progenitor_requires() {
        for (media_types, kept, lowered) in [
            (
                &["multipart/form-data", FORM, "application/merge-patch+json"][..],
                "application/merge-patch+json",
                None,
            ),
            (&["application/xml", FORM], FORM, None),
            (
                &["image/png", "multipart/form-data"],
                "image/png",
                Some(BYTES),
            ),
            (&["multipart/form-data"], "multipart/form-data", None),
            (&[TEXT], TEXT, None),
        ] {
            let all: Map<_, _> = media_types
                .iter()
                .map(|name| ((*name).to_owned(), json!({"schema": {"type": "string"}})))
                .collect();
            let mut document = json!({
                "paths": {"/a": {"post": {"requestBody": {"$ref": "#/components/requestBodies/A"}}}},
                "components": {"requestBodies": {"A": {"content": all}}},
            });
            assert_eq!(
                one_media_type_per_request(&mut document),
                usize::from(media_types.len() > 1)
            );
            other_requests_as_bytes(&mut document);
            if media_types.len() == 1 && lowered.is_none() {
                continue;
            }
            let found: Vec<_> = content(&document).keys().collect();
            assert_eq!(found, [lowered.unwrap_or(kept)]);
            assert_eq!(other_requests_as_bytes(&mut document), 0);
        }
    }
}
