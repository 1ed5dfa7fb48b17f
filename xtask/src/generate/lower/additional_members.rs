//! Members of objects beyond those that the document names.

use authress_users_openapi::visit_schemas_mut;
use heck::ToSnakeCase as _;
use serde_json::{Value, json};

/// Requests a map for the members that an object explicitly allows beyond its properties: progenitor
/// ignores `true`, and adds a field `extra` for a schema of anything.
pub(super) fn additional_members_as_map(document: &mut Value) -> usize {
    visit_schemas_mut(document, &mut |schema| {
        let properties = schema["properties"].as_object();
        let is_open = schema["additionalProperties"] == true
            && properties.is_some_and(|properties| {
                let has_extra = properties
                    .keys()
                    .any(|name| name.to_snake_case() == "extra");
                !properties.is_empty() && !has_extra
            });
        if is_open {
            schema["additionalProperties"] = json!({});
        }
        is_open
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_explicit_permission_beside_properties_counts() {
        for (schema, expected) in [
            (
                json!({"properties": {"a": {}}, "additionalProperties": true}),
                1,
            ),
            (json!({"properties": {"a": {}}}), 0),
            (json!({"properties": {}, "additionalProperties": true}), 0),
            (json!({"additionalProperties": true}), 0),
            (
                json!({"properties": {"Extra": {}}, "additionalProperties": true}),
                0,
            ),
            (
                json!({"properties": {"a": {}}, "additionalProperties": false}),
                0,
            ),
        ] {
            let mut document = json!({"components": {"schemas": {"A": schema}}});
            assert_eq!(
                additional_members_as_map(&mut document),
                expected,
                "{schema}"
            );
        }
    }
}
