//! Patterns.

use std::collections::{BTreeSet, HashMap};

use authress_users_openapi::{child, reachable_schemas, schemas};
use serde_json::{Value, json};

use crate::lint::findings::Findings;
use crate::lint::rules;
use crate::validate::validator;

/// Escapes that mean a class of letters to validators and a plain letter to the client.
const UNPORTABLE: [&str; 3] = [r"\p", r"\P", r"\u{"];

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    // Documents repeat patterns, and compiling a validator is slow.
    let mut known = HashMap::new();
    for (schema, pointer) in schemas(&document.value) {
        let Some(pattern) = schema["pattern"].as_str() else {
            continue;
        };
        let place = child(&pointer, "pattern");
        let is_valid = *known
            .entry(pattern)
            .or_insert_with(|| validator(&document.value, &json!({ "pattern": pattern })).is_ok());
        let escape = UNPORTABLE.iter().find(|escape| pattern.contains(**escape));
        if !is_valid {
            findings.add(
                &rules::INVALID_SCHEMA,
                &place,
                format!("`{pattern}` is not a regular expression"),
                "correct the pattern",
            );
        } else if let Some(escape) = escape {
            findings.add(
                &rules::UNPORTABLE_PATTERN,
                &place,
                format!("`{escape}` is a plain letter to the client, and a class to validators"),
                "list the range of letters, or state the pattern only in the description",
            );
        }
    }
}

/// Whether a schema contains a pattern that [`check`] has reported, so that it cannot compile.
pub(in crate::lint) fn has_invalid(findings: &Findings<'_>, schema: &Value, pointer: &str) -> bool {
    findings.has_code(&rules::INVALID_SCHEMA)
        && reachable_schemas(
            &findings.document.value,
            schema,
            pointer,
            &mut BTreeSet::new(),
        )
        .iter()
        .any(|(_, pointer)| findings.has(&rules::INVALID_SCHEMA, &child(pointer, "pattern")))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid, only_problem};

    const TENANT: &str = r"'^(?![\s\S]*[^a-zA-Z0-9_.:-])(?!\.{1,2}$)[\s\S]'";

    #[test]
    fn an_invalid_pattern_is_reported_once_at_its_location() {
        let problem = only_problem(TENANT, "'^(a$'");
        assert_eq!(
            (problem.code.as_str(), &*problem.pointer),
            ("invalid-schema", "/components/schemas/TenantId/pattern")
        );
    }

    #[test]
    fn unicode_classes_are_reported_and_ranges_are_not() {
        let from = "            maxLength: 64\n";
        for pattern in [r"^\p{L}+$", r"^\P{N}+$"] {
            let to = format!("{from}            pattern: '{pattern}'\n");
            assert_problem(from, &to, "unportable-pattern", "getUsers");
        }
        assert_valid(from, &format!("{from}            pattern: '^[a-zà-ü]+$'\n"));
    }
}
