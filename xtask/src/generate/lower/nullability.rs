//! Nullable schemas. Progenitor ignores `nullable` beside a reference, and makes a separate type of
//! a nullable component.

use authress_users_openapi::{move_nullable_to_references, visit_schemas_mut};
use serde_json::{Map, Value, json};

/// Makes a reference nullable if `nullable` is beside it. OpenAPI ignores it there, but
/// documents use it.
pub(super) fn nullable_beside_references(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        if schema["nullable"] != Value::Bool(true) || !schema["$ref"].is_string() {
            return false;
        }
        make_nullable(schema);
        true
    })
}

/// Moves `nullable` from components to the places that use them, so that they become an `Option`
/// there instead of a type around an `Option`.
pub(super) fn nullable_components_where_they_are_used(document: &mut Value) -> usize {
    match move_nullable_to_references(document) {
        0 => 0,
        moved => moved + nullable_beside_references(document),
    }
}

/// Turns a reference into a nullable `allOf` around it.
fn make_nullable(schema: &mut Value) {
    let mut wrapped = Map::new();
    wrapped.insert("nullable".to_owned(), Value::Bool(true));
    if let Some(description) = schema.get("description") {
        wrapped.insert("description".to_owned(), description.clone());
    }
    wrapped.insert("allOf".to_owned(), json!([{ "$ref": schema["$ref"] }]));
    *schema = Value::Object(wrapped);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nullable_beside_a_reference_is_kept() {
        let mut document = json!({"components": {"schemas": {"A": {"properties": {
            "b": {"nullable": true, "$ref": "#/components/schemas/B", "description": "B."},
            "c": {"nullable": false, "$ref": "#/components/schemas/B"},
            "d": {"$ref": "#/components/schemas/B"},
        }}}}});
        assert_eq!(nullable_beside_references(&mut document), 1);
        assert_eq!(
            document["components"]["schemas"]["A"]["properties"]["b"],
            json!({"nullable": true, "description": "B.", "allOf": [{"$ref": "#/components/schemas/B"}]})
        );
        assert_eq!(nullable_beside_references(&mut document), 0);
    }

    #[test]
    fn a_nullable_component_is_nullable_in_every_place_that_uses_it() {
        let reference = json!({"$ref": "#/components/schemas/B"});
        let mut document = json!({"components": {"schemas": {
            "B": {"type": "object", "nullable": true},
            "A": {"properties": {
                "one": reference,
                "all": {"allOf": [reference]},
                "mixed": {"allOf": [reference, {"type": "object"}]},
                "list": {"type": "array", "items": reference},
            }},
        }}});
        assert!(nullable_components_where_they_are_used(&mut document) > 0);
        let schemas = &document["components"]["schemas"];
        assert!(schemas["B"].get("nullable").is_none());
        let members = &schemas["A"]["properties"];
        let nullable = json!({"nullable": true, "allOf": [reference]});
        assert_eq!(members["one"], nullable);
        assert_eq!(
            members["all"],
            json!({"allOf": [reference], "nullable": true})
        );
        assert_eq!(members["list"]["items"], nullable);
        assert!(members["mixed"].get("nullable").is_none());
        assert_eq!(nullable_components_where_they_are_used(&mut document), 0);
    }
}
