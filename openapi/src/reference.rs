//! `$ref`: where references lead.

use std::collections::HashSet;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::pointer::unescape;

/// The sections of `components` in OpenAPI 3.0.
const SECTIONS: [&str; 9] = [
    "callbacks",
    "examples",
    "headers",
    "links",
    "parameters",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
];

/// Why a reference cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The reference is not a JSON pointer into the same document.
    #[error("the reference `{0}` does not point into this document")]
    External(String),
    /// Nothing is at the place that the reference names.
    #[error("the reference `{0}` points to nothing")]
    NotFound(String),
    /// The reference leads back to itself without reaching a value.
    #[error("the reference `{0}` is part of a cycle")]
    Cycle(String),
    /// The reference stands for too many values to write them in its place.
    #[error("the reference `{0}` expands to too many values")]
    TooLarge(String),
}

/// Returns the JSON pointer of a reference into the same document, such as `#/components/schemas/A`.
///
/// The fragment is percent-decoded (RFC 6901, section 6). Returns `None` for a reference to another
/// document or to an anchor.
///
/// ```
/// use authress_users_openapi::target;
///
/// assert_eq!(target("#/components/schemas/A%20b").as_deref(), Some("/components/schemas/A b"));
/// assert_eq!(target("other.yaml#/components/schemas/A"), None);
/// ```
#[must_use]
pub fn target(reference: &str) -> Option<String> {
    let fragment = reference.strip_prefix('#')?;
    let pointer = percent_decode_str(fragment).decode_utf8().ok()?;
    (pointer.is_empty() || pointer.starts_with('/')).then(|| pointer.into_owned())
}

/// Returns the JSON pointer that the `$ref` of a value leads to, as [`target`] does.
///
/// Also returns `None` for a value without a reference.
#[must_use]
pub fn reference_target(value: &Value) -> Option<String> {
    target(value.get("$ref")?.as_str()?)
}

/// Returns the section and the name of the component that a pointer leads to.
///
/// Returns `None` if it leads to a part of a component, or to anything else. Sections that OpenAPI
/// does not define, such as extensions, have no components.
///
/// ```
/// use authress_users_openapi::component;
///
/// let found = component("/components/schemas/A~1b");
/// assert_eq!(found, Some(("schemas", "A/b".to_owned())));
/// assert_eq!(component("/components/schemas/A/items"), None);
/// ```
#[must_use]
pub fn component(pointer: &str) -> Option<(&str, String)> {
    let (section, name) = pointer.strip_prefix("/components/")?.split_once('/')?;
    let is_whole = SECTIONS.contains(&section) && !name.contains('/');
    is_whole.then(|| (section, unescape(name)))
}

/// Returns the name of the schema of `components` that a pointer leads to, as [`component`] does.
#[must_use]
pub fn schema_name(pointer: &str) -> Option<String> {
    component(pointer).and_then(|(section, name)| (section == "schemas").then_some(name))
}

/// Follows the references of `value` until there is none; returns the value and its pointer.
///
/// `root` is the whole document, `pointer` the pointer of `value`.
///
/// # Errors
/// If a reference leads out of the document, to nothing or back to itself.
pub fn try_resolve<'a>(
    root: &'a Value,
    value: &'a Value,
    pointer: &str,
) -> Result<(&'a Value, String), ReferenceError> {
    let mut seen = HashSet::new();
    let (mut value, mut pointer) = (value, pointer.to_owned());
    while let Some(reference) = value.get("$ref").and_then(Value::as_str) {
        let failed = |error: fn(String) -> ReferenceError| error(reference.to_owned());
        if !seen.insert(reference) {
            return Err(failed(ReferenceError::Cycle));
        }
        pointer = target(reference).ok_or_else(|| failed(ReferenceError::External))?;
        value = root
            .pointer(&pointer)
            .ok_or_else(|| failed(ReferenceError::NotFound))?;
    }
    Ok((value, pointer))
}

/// Follows the references of `value` as [`try_resolve`] does; `None` if one cannot be followed.
#[must_use]
pub fn resolve<'a>(
    root: &'a Value,
    value: &'a Value,
    pointer: &str,
) -> Option<(&'a Value, String)> {
    try_resolve(root, value, pointer).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::child;

    #[test]
    fn follows_chains_and_reports_the_final_pointer() {
        let root = json!({
            "a": { "$ref": "#/b" },
            "b": { "$ref": "#/c~1d" },
            "c/d": { "e": 1 },
        });
        let found = try_resolve(&root, &root["a"], "/a").unwrap();
        assert_eq!(found, (&root["c/d"], "/c~1d".to_owned()));
        let found = try_resolve(&root, &root["c/d"], "/here").unwrap();
        assert_eq!(found, (&root["c/d"], "/here".to_owned()));
    }

    #[test]
    fn decodes_fragments() {
        let root = json!({ "a b": 1, "ü": 2, "c%d": 3, "e/f": 4 });
        for (reference, expected) in [
            ("#/a%20b", 1),
            ("#/a b", 1),
            ("#/%C3%BC", 2),
            ("#/c%25d", 3),
            ("#/e~1f", 4),
            ("#/e%7E1f", 4),
        ] {
            let value = json!({ "$ref": reference });
            let (found, _) = try_resolve(&root, &value, "").unwrap();
            assert_eq!(found, expected, "{reference}");
        }
    }

    #[test]
    fn broken_references_are_distinguished() {
        let root = json!({
            "a": { "$ref": "#/b" },
            "b": { "$ref": "#/a" },
            "self": { "$ref": "#/self" },
            "none": { "$ref": "#/missing" },
            "file": { "$ref": "other.yaml#/a" },
            "anchor": { "$ref": "#Pet" },
        });
        for (name, expected) in [
            ("a", ReferenceError::Cycle("#/b".to_owned())),
            ("self", ReferenceError::Cycle("#/self".to_owned())),
            ("none", ReferenceError::NotFound("#/missing".to_owned())),
            ("file", ReferenceError::External("other.yaml#/a".to_owned())),
            ("anchor", ReferenceError::External("#Pet".to_owned())),
        ] {
            let found = try_resolve(&root, &root[name], "");
            assert_eq!(found, Err(expected), "{name}");
            assert_eq!(resolve(&root, &root[name], ""), None, "{name}");
        }
    }

    #[test]
    fn components_are_distinguished_from_their_parts() {
        for (pointer, expected) in [
            (
                "/components/parameters/A%20b",
                Some(("parameters", "A%20b")),
            ),
            ("/components/schemas/a~1b~0", Some(("schemas", "a/b~"))),
            ("/components/schemas/", Some(("schemas", ""))),
            ("/components/schemas", None),
            ("/components/x-items/A", None),
            ("/components/schemas/A/items", None),
            ("/paths/schemas/A", None),
        ] {
            let expected = expected.map(|(section, name)| (section, name.to_owned()));
            assert_eq!(component(pointer), expected, "{pointer}");
            let schema = expected.filter(|(section, _)| *section == "schemas");
            assert_eq!(schema_name(pointer), schema.map(|(_, name)| name));
        }
    }

    #[test]
    fn a_property_named_ref_is_not_a_reference() {
        let root = json!({ "$ref": { "type": "string" } });
        assert_eq!(reference_target(&root), None);
        assert_eq!(resolve(&root, &root, ""), Some((&root, String::new())));
    }

    proptest! {
        #[test]
        fn encoded_pointers_resolve(key in ".*") {
            let pointer = child("", &key);
            let encoded =
                percent_encoding::utf8_percent_encode(&pointer, percent_encoding::NON_ALPHANUMERIC);
            let reference = format!("#/{}", encoded.to_string().trim_start_matches("%2F"));
            prop_assume!(!key.starts_with('/'));
            prop_assert_eq!(target(&reference), Some(pointer));
        }
    }
}
