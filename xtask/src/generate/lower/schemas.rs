//! Keywords of schemas that progenitor cannot turn into types.

use std::collections::BTreeSet;

use authress_users_openapi::visit_schemas_mut;
use heck::ToUpperCamelCase as _;
use serde_json::{Map, Value};

/// Removes what has no equivalent in Rust's types or would make the generator fail: negations,
/// defaults, which the server applies, values of another type, and invalid patterns.
pub(super) fn only_what_types_express(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let Some(members) = schema.as_object_mut() else {
            return false;
        };
        let before = members.clone();
        drop_annotations(members);
        while merge_single_part(members) {}
        for key in ["not", "default", "discriminator"] {
            members.shift_remove(key);
        }
        let kind = members
            .get("type")
            .and_then(Value::as_str)
            .map(str::to_owned);
        members.retain(|key, member| {
            !key.starts_with("x-") && is_of_its_type(key, member) && restricts(key, kind.as_deref())
        });
        if !members.keys().any(|key| gives_type(key)) {
            // Any value is allowed, null included.
            members.retain(|key, _| matches!(&**key, "title" | "description" | "deprecated"));
        }
        if members
            .get("pattern")
            .and_then(Value::as_str)
            .is_some_and(|it| !is_portable(it))
        {
            members.shift_remove("pattern");
        }
        limit_integers(members);
        limit_enum(members);
        *members != before
    })
}

/// Whether a keyword restricts the values of a type, if it is a restriction. Progenitor fails on others,
/// such as the format of an object.
fn restricts(key: &str, kind: Option<&str>) -> bool {
    let types: &[&str] = match key {
        "pattern" | "minLength" | "maxLength" => &["string"],
        "format" => &["string", "integer", "number"],
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            &["integer", "number"]
        }
        "items" | "minItems" | "maxItems" | "uniqueItems" => &["array"],
        "properties" | "required" | "additionalProperties" | "minProperties" | "maxProperties" => {
            &["object"]
        }
        _ => return true,
    };
    kind.is_none_or(|kind| types.contains(&kind))
}

/// Whether a keyword says anything about the type of the values.
fn gives_type(key: &str) -> bool {
    !matches!(
        key,
        "title" | "description" | "deprecated" | "nullable" | "format" | "readOnly" | "writeOnly"
    )
}

/// Whether a keyword has a value that OpenAPI 3.0 allows for it.
fn is_of_its_type(key: &str, value: &Value) -> bool {
    match key {
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {
            value.is_u64()
        }
        "exclusiveMinimum" | "exclusiveMaximum" | "nullable" | "uniqueItems" | "deprecated"
        | "readOnly" | "writeOnly" => value.is_boolean(),
        "minimum" | "maximum" | "multipleOf" => value.is_number(),
        "format" | "pattern" | "title" | "description" | "type" => value.is_string(),
        _ => true,
    }
}

/// Whether a pattern compiles, and means to the client what it means to others.
fn is_portable(pattern: &str) -> bool {
    let has_class = [r"\p", r"\P", r"\u{"]
        .iter()
        .any(|class| pattern.contains(class));
    !has_class && regress::Regex::new(pattern).is_ok()
}

/// Drops parts of `allOf` that only describe the others, for which progenitor would make a type of its
/// own; keeps their description, and that null is allowed.
fn drop_annotations(members: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = members.get_mut("allOf") else {
        return;
    };
    let (described, annotations): (Vec<_>, Vec<_>) = std::mem::take(parts)
        .into_iter()
        .partition(|part| !is_annotation(part));
    if described.is_empty() {
        *parts = annotations;
        return;
    }
    *parts = described;
    for key in ["description", "nullable"] {
        let value = annotations.iter().find_map(|part| part.get(key));
        if let Some(value) = value {
            members.entry(key).or_insert_with(|| value.clone());
        }
    }
}

/// Replaces an `allOf` of one schema with this schema, since progenitor ignores the title of the whole.
fn merge_single_part(members: &mut Map<String, Value>) -> bool {
    let Some([Value::Object(part)]) = members
        .get("allOf")
        .and_then(|it| it.as_array())
        .map(Vec::as_slice)
    else {
        return false;
    };
    let is_described = members.keys().all(|key| key == "allOf" || !gives_type(key));
    if part.contains_key("$ref") || !is_described {
        return false;
    }
    let mut merged = part.clone();
    members.shift_remove("allOf");
    merged.append(members);
    *members = merged;
    true
}

/// Whether a schema allows all values and only describes them.
fn is_annotation(schema: &Value) -> bool {
    const ANNOTATIONS: [&str; 3] = ["example", "externalDocs", "xml"];
    schema.as_object().is_some_and(|members| {
        members
            .keys()
            .all(|key| !gives_type(key) || key.starts_with("x-") || ANNOTATIONS.contains(&&**key))
    })
}

/// Removes the bounds of integers that are not integers.
fn limit_integers(members: &mut Map<String, Value>) {
    if members.get("type").is_some_and(|kind| kind == "integer") {
        for key in ["minimum", "maximum", "multipleOf"] {
            if members.get(key).is_some_and(|bound| !bound.is_i64()) {
                members.shift_remove(key);
            }
        }
    }
}

/// Keeps lists of texts whose names in Rust differ.
fn limit_enum(members: &mut Map<String, Value>) {
    let is_text = members.get("type").is_none_or(|kind| kind == "string");
    let Some(values) = members.get_mut("enum").and_then(Value::as_array_mut) else {
        return;
    };
    for value in values.iter_mut() {
        // YAML reads texts such as `1` and `yes` as other values.
        if is_text && (value.is_number() || value.is_boolean()) {
            *value = Value::String(value.to_string());
        }
    }
    let mut names = BTreeSet::new();
    let is_supported = is_text
        && !values.is_empty()
        && values.iter().all(|value| match value {
            Value::String(text) => {
                let name = text.replace('\'', "").to_upper_camel_case();
                let is_name = name.starts_with(|first: char| first.is_ascii_alphabetic());
                is_name && names.insert(name)
            }
            Value::Null => true,
            _ => false,
        });
    if !is_supported {
        members.shift_remove("enum");
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keywords_without_an_equivalent_are_removed() {
        for (schema, expected) in [
            (
                json!({"type": "string", "not": {"type": "string"}}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "integer", "default": "a", "x-go": 1}),
                json!({"type": "integer"}),
            ),
            (
                json!({"type": "integer", "maximum": 1e300}),
                json!({"type": "integer"}),
            ),
            (
                json!({"type": "string", "minLength": 1.5}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "string", "pattern": "(a"}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "string", "pattern": r"^\p{L}$"}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "string", "enum": ["ada", "Ada"]}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "string", "enum": ["don't", "dont"]}),
                json!({"type": "string"}),
            ),
            (
                json!({"type": "integer", "enum": [1]}),
                json!({"type": "integer"}),
            ),
            (
                json!({"type": "number", "exclusiveMinimum": 1}),
                json!({"type": "number"}),
            ),
            (
                json!({"type": "string", "enum": [true, "b"]}),
                json!({"type": "string", "enum": ["true", "b"]}),
            ),
            (
                json!({"type": "string", "pattern": "^a$"}),
                json!({"type": "string", "pattern": "^a$"}),
            ),
            (
                json!({"allOf": [{"type": "string"}, {"description": "A.", "nullable": true, "x-a": 1}]}),
                json!({"type": "string", "description": "A.", "nullable": true}),
            ),
            (
                json!({"description": "B.", "allOf": [{"description": "A."}, {"type": "string"}]}),
                json!({"type": "string", "description": "B."}),
            ),
            (
                json!({"allOf": [{"description": "A."}]}),
                json!({"description": "A."}),
            ),
            (
                json!({"nullable": true, "allOf": [{"allOf": [{"type": "object", "description": "A."}]}]}),
                json!({"type": "object", "description": "A.", "nullable": true}),
            ),
            (
                json!({"properties": {}, "allOf": [{"type": "object"}]}),
                json!({"properties": {}, "allOf": [{"type": "object"}]}),
            ),
            (
                json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/B"}]}),
                json!({"nullable": true, "allOf": [{"$ref": "#/components/schemas/B"}]}),
            ),
        ] {
            let mut document = json!({"components": {"schemas": {"A": schema}}});
            only_what_types_express(&mut document);
            assert_eq!(document["components"]["schemas"]["A"], expected, "{schema}");
            assert_eq!(only_what_types_express(&mut document), 0);
        }
    }
}
