//! Validating values against schemas.

use std::sync::LazyLock;

use authress_users_openapi::{SchemaError, json_schema, json_schema_for_members};
use jsonschema::{Draft, PatternCache, ValidationOptions, Validator};
use serde_json::{Map, Value};

/// Schemas repeat patterns, and compiling one is slow.
static PATTERNS: LazyLock<PatternCache> = LazyLock::new(PatternCache::new);

/// Compiles a translated schema. The formats of its draft are validated.
pub(crate) fn compile(json_schema: &Value) -> Result<Validator, String> {
    build(&options(), json_schema)
}

/// Compiles a translated schema. The format `uuid`, which its draft does not have, is validated too.
pub(crate) fn compile_with_uuid(json_schema: &Value) -> Result<Validator, String> {
    build(&options().with_format("uuid", is_uuid), json_schema)
}

fn options() -> ValidationOptions<'static> {
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .should_validate_formats(true)
        .with_pattern_cache(PATTERNS.clone())
}

fn build(options: &ValidationOptions<'_>, json_schema: &Value) -> Result<Validator, String> {
    options
        .build(json_schema)
        .map_err(|error| error.to_string())
}

fn is_uuid(text: &str) -> bool {
    let is_valid = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_valid)
}

/// Compiles a schema of a document.
pub(crate) fn validator(root: &Value, schema: &Value) -> Result<Validator, String> {
    compile_translated(json_schema(root, schema, None))
}

/// Compiles several schemas into one validator, for use with [`violations`].
pub(crate) fn validator_for_members<'a>(
    root: &Value,
    schemas: impl IntoIterator<Item = &'a Value>,
) -> Result<Validator, String> {
    compile_translated(json_schema_for_members(root, schemas))
}

fn compile_translated(schema: Result<Value, SchemaError>) -> Result<Validator, String> {
    compile(&schema.map_err(|error| error.to_string())?)
}

/// Returns for each value the first way in which it violates the schema with the same index.
pub(crate) fn violations<'a>(
    validator: &Validator,
    values: impl Iterator<Item = &'a Value>,
) -> Vec<Option<String>> {
    let members: Map<_, _> = values
        .enumerate()
        .map(|(index, value)| (index.to_string(), value.clone()))
        .collect();
    let mut violations = vec![None; members.len()];
    let members = Value::Object(members);
    for error in validator.iter_errors(&members) {
        let pointer = error.instance_path().to_string();
        let pointer = pointer.trim_start_matches('/');
        let (index, inner) = pointer.split_at(pointer.find('/').unwrap_or(pointer.len()));
        let index = index.parse::<usize>().ok();
        if let Some(violation @ None) = index.and_then(|index| violations.get_mut(index)) {
            *violation = Some(match inner {
                "" => error.to_string(),
                inner => format!("`{inner}`: {error}"),
            });
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::users_document;

    fn is_valid(schema: &str, value: &Value) -> bool {
        let document = users_document();
        let reference = json!({ "$ref": format!("#/components/schemas/{schema}") });
        let validator = validator(&document.value, &reference).unwrap();
        validator.is_valid(value)
    }

    #[test]
    fn only_nullable_members_may_be_null() {
        assert!(is_valid(
            "UserIdentity",
            &json!({"userId": "a", "name": null})
        ));
        assert!(!is_valid("UserIdentity", &json!({"userId": null})));
        assert!(is_valid(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": null})
        ));
        assert!(is_valid(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": {"next": null}})
        ));
        assert!(!is_valid(
            "UserIdentityCollection",
            &json!({"users": [], "pagination": 1})
        ));
    }

    #[test]
    fn patterns_of_ids_reject_what_a_url_cannot_contain() {
        for (id, user, tenant) in [
            ("acme", true, true),
            ("auth0|5f7c", true, false),
            ("a/b ü?#", true, false),
            ("...", true, true),
            (".", false, false),
            ("..", false, false),
            ("", false, false),
            ("a\\b", false, false),
            ("a\u{0}", false, false),
            ("a\n", false, false),
            ("..\n", false, false),
            ("a\u{7f}", false, false),
            ("a\u{85}", false, false),
        ] {
            assert_eq!(is_valid("UserId", &json!(id)), user, "user {id:?}");
            assert_eq!(is_valid("TenantId", &json!(id)), tenant, "tenant {id:?}");
        }
        assert!(is_valid("UserId", &json!("ü".repeat(128))));
        assert!(!is_valid("UserId", &json!("ü".repeat(129))));
    }
}
