//! The schemas of components.

use authress_users_openapi::{Role, references, unescape};
use serde_json::Value;

/// The prefix of references to schemas.
pub(super) const SCHEMAS: &str = "#/components/schemas/";

/// The names of the schemas that a value refers to.
pub(super) fn schema_names(value: &Value) -> Vec<String> {
    references(value, Role::Object)
        .into_iter()
        .filter_map(|reference| reference.strip_prefix(SCHEMAS))
        .map(unescape)
        .collect()
}
