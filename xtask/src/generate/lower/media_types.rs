//! Media types. Progenitor supports one per body, and only `application/json` as JSON.

use authress_users_openapi::{Role, is_json, visit_objects_mut};
use serde_json::{Map, Value};

/// Keeps the first of several JSON media types with the same schema, since progenitor rejects a
/// second one.
pub(super) fn one_media_type_per_body(document: &mut Value) -> usize {
    each_content(document, &mut |content| {
        let mut json = content.iter().filter(|(media_type, _)| is_json(media_type));
        let Some((kept, schema)) = json
            .next()
            .map(|(kept, body)| (kept.clone(), body["schema"].clone()))
        else {
            return 0;
        };
        let before = content.len();
        content.retain(|media_type, body| {
            *media_type == kept || !is_json(media_type) || body["schema"] != schema
        });
        before - content.len()
    })
}

/// Replaces media types such as `application/links+json` with `application/json`, since progenitor
/// types no other bodies.
pub(super) fn json_suffixes_to_plain_json(document: &mut Value) -> usize {
    each_content(document, &mut |content| {
        let mut changed = 0;
        *content = std::mem::take(content)
            .into_iter()
            .map(|(media_type, body)| {
                if is_json(&media_type) && media_type != "application/json" {
                    changed += 1;
                    ("application/json".to_owned(), body)
                } else {
                    (media_type, body)
                }
            })
            .collect();
        changed
    })
}

/// Changes the content of every response and request body. Returns the sum of what `change` returns.
pub(super) fn each_content(
    document: &mut Value,
    change: &mut impl FnMut(&mut Map<String, Value>) -> usize,
) -> usize {
    visit_objects_mut(document, Role::Object, &mut |object| {
        let content = object.get_mut("content").and_then(Value::as_object_mut);
        content.map_or(0, &mut *change)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_media_types_with_different_schemas_are_kept() {
        let mut value = serde_json::json!({"content": {
            "application/json": {"schema": {"type": "string"}},
            "application/links+json": {"schema": {"type": "object"}},
        }});
        assert_eq!(one_media_type_per_body(&mut value), 0);
    }
}
