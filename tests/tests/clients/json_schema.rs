//! An independent translation of schemas to JSON Schema, for validation and containment checks.

use serde_json::{Map, Value, json};

use crate::spec::members;

/// Returns a schema of the spec with the schemas that it may refer to.
pub(crate) fn json_schema(document: &Value, schema: &Value) -> Value {
    let definitions: Map<String, Value> = members(&document["components"]["schemas"])
        .map(|(name, schema)| (name.to_owned(), translated(schema)))
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [translated(schema)],
        "$defs": definitions,
    })
}

fn translated(schema: &Value) -> Value {
    // OpenAPI 3.0 ignores keywords beside a reference; JSON Schema does not.
    if let Some(reference) = schema["$ref"].as_str() {
        return json!({ "$ref": reference.replace("#/components/schemas/", "#/$defs/") });
    }
    let mut own = Map::new();
    for (key, value) in members(schema) {
        let value = match key {
            "properties" => members(value)
                .map(|(name, schema)| (name.to_owned(), translated(schema)))
                .collect(),
            "items" | "not" => translated(value),
            "additionalProperties" if value.is_object() => translated(value),
            "allOf" | "oneOf" | "anyOf" => {
                let parts = value.as_array().into_iter().flatten();
                parts.map(translated).collect()
            }
            "exclusiveMinimum" if *value == true => schema["minimum"].clone(),
            "exclusiveMaximum" if *value == true => schema["maximum"].clone(),
            "nullable" | "example" | "discriminator" | "xml" | "externalDocs"
            | "exclusiveMinimum" | "exclusiveMaximum" => continue,
            _ => value.clone(),
        };
        own.insert(key.to_owned(), value);
    }
    if schema["nullable"] == true {
        json!({ "anyOf": [{ "type": "null" }, own] })
    } else {
        Value::Object(own)
    }
}
