//! The schemas of components.

use authress_users_openapi::{COMPOSITION_KEYWORDS, Role, references, target};
use serde_json::Value;

/// The prefix of references to schemas.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// The name of the schema that a reference leads to; `None` if it leads to anything else.
pub(super) fn schema_name(reference: &str) -> Option<String> {
    authress_users_openapi::schema_name(&target(reference)?)
}

/// The names of the schemas that a value refers to.
pub(super) fn schema_names(value: &Value) -> Vec<String> {
    let references = references(value, Role::Object).into_iter();
    references.filter_map(schema_name).collect()
}

/// Whether the values of a schema are objects, or may be because it is composed of others.
pub(super) fn is_structured(schema: &Value) -> bool {
    let is_composed = COMPOSITION_KEYWORDS
        .iter()
        .any(|key| schema.get(key).is_some());
    schema["type"] == "object" || schema.get("properties").is_some() || is_composed
}
