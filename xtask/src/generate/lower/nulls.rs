//! Schemas with null. Progenitor makes an `Option` of them, and gives the type in it the name of the
//! `Option` unless the schema is written as below.

use authress_users_openapi::{COMPOSITION_KEYWORDS, visit_schemas_mut};
use serde_json::{Map, Value, json};

/// Replaces null in a list of values, or as one of two alternatives, with `nullable`.
pub(super) fn null_as_nullable(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let Some(members) = schema.as_object_mut() else {
            return false;
        };
        let has_null = null_in_enum(members) | null_as_alternative(members);
        if has_null {
            members.insert("nullable".to_owned(), Value::Bool(true));
        }
        has_null
    })
}

/// Removes null from a list that has other values, too.
fn null_in_enum(members: &mut Map<String, Value>) -> bool {
    let Some(values) = members.get_mut("enum").and_then(Value::as_array_mut) else {
        return false;
    };
    let count = values.len();
    if values.iter().all(Value::is_null) {
        return false;
    }
    values.retain(|value| !value.is_null());
    let (is_changed, is_text) = (values.len() < count, values.iter().all(Value::is_string));
    if is_changed && is_text {
        // OpenAPI adds null only to a type.
        members.entry("type").or_insert_with(|| json!("string"));
    }
    is_changed
}

fn null_as_alternative(members: &mut Map<String, Value>) -> bool {
    for keyword in ["anyOf", "oneOf"] {
        let Some([one, other]) = members
            .get(keyword)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
        else {
            continue;
        };
        let part = match (is_null(one), is_null(other)) {
            (false, true) => one.clone(),
            (true, false) => other.clone(),
            _ => continue,
        };
        if members.contains_key("allOf") {
            continue;
        }
        members.shift_remove(keyword);
        members.insert("allOf".to_owned(), json!([part]));
        return true;
    }
    false
}

/// Whether null is the only valid value.
fn is_null(schema: &Value) -> bool {
    schema["enum"] == json!([null])
}

/// Moves what a nullable schema is composed of into a part of it, with the title. Progenitor loses
/// the title of the whole, and names the type after the place.
pub(super) fn titles_of_nullable_types(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let Some(members) = schema.as_object_mut() else {
            return false;
        };
        let is_composed = COMPOSITION_KEYWORDS
            .iter()
            .any(|keyword| members.contains_key(*keyword));
        let is_nullable = members.get("nullable") == Some(&Value::Bool(true));
        let is_typed = members.contains_key("type");
        let is_reference = members.get("allOf").is_some_and(|parts| {
            parts.as_array().is_some_and(
                |parts| matches!(parts.as_slice(), [part] if part.get("$ref").is_some()),
            )
        });
        let has_title = members.contains_key("title");
        if !is_composed || !is_nullable || is_typed || is_reference || !has_title {
            return false;
        }
        let mut part = std::mem::take(members);
        part.shift_remove("nullable");
        if let Some(description) = part.get("description") {
            members.insert("description".to_owned(), description.clone());
        }
        members.insert("nullable".to_owned(), Value::Bool(true));
        members.insert("allOf".to_owned(), json!([part]));
        true
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_in_lists_and_alternatives_becomes_nullable() {
        let only_null = json!({"type": "string", "nullable": true, "enum": [null]});
        let text = json!({"type": "string"});
        for (schema, expected) in [
            (
                json!({"type": "string", "enum": ["a", null]}),
                json!({"type": "string", "enum": ["a"], "nullable": true}),
            ),
            (
                json!({"enum": ["a", null]}),
                json!({"enum": ["a"], "type": "string", "nullable": true}),
            ),
            (
                json!({"enum": [1, null]}),
                json!({"enum": [1], "nullable": true}),
            ),
            (
                json!({"oneOf": [only_null, text]}),
                json!({"allOf": [text], "nullable": true}),
            ),
            (
                json!({"anyOf": [text, {"enum": [null]}], "description": "A."}),
                json!({"description": "A.", "allOf": [text], "nullable": true}),
            ),
        ] {
            let mut document = json!({"components": {"schemas": {"A": schema}}});
            assert_eq!(null_as_nullable(&mut document), 1);
            assert_eq!(document["components"]["schemas"]["A"], expected, "{schema}");
            assert_eq!(null_as_nullable(&mut document), 0);
        }
        for schema in [
            json!({"anyOf": [text, text, only_null]}),
            json!({"anyOf": [only_null, only_null]}),
            json!({"oneOf": [text, only_null], "allOf": [text]}),
            only_null,
        ] {
            let mut document = json!({"components": {"schemas": {"A": schema}}});
            assert_eq!(null_as_nullable(&mut document), 0, "{schema}");
        }
    }

    #[test]
    fn titles_of_nullable_types_are_beside_what_they_name() {
        let parts = json!([{"type": "object"}, {"type": "object", "properties": {}}]);
        for keyword in COMPOSITION_KEYWORDS {
            let schema =
                json!({"nullable": true, "title": "B", "description": "B.", keyword: parts});
            let mut document =
                json!({"components": {"schemas": {"A": {"properties": {"b": schema}}}}});
            assert_eq!(titles_of_nullable_types(&mut document), 1);
            assert_eq!(
                document["components"]["schemas"]["A"]["properties"]["b"],
                json!({
                    "description": "B.",
                    "nullable": true,
                    "allOf": [{"title": "B", "description": "B.", keyword: parts}],
                })
            );
            assert_eq!(titles_of_nullable_types(&mut document), 0);
        }
        let reference = json!({"nullable": true, "title": "B", "allOf": [{"$ref": "#/b"}]});
        let mut document = json!({"components": {"schemas": {"A": reference}}});
        assert_eq!(titles_of_nullable_types(&mut document), 0);
    }
}
