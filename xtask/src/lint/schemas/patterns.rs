//! Patterns.

use std::collections::{BTreeSet, HashMap};

use authress_users_openapi::child;
use serde_json::json;

use crate::lint::elements::own_schemas;
use crate::lint::findings::Findings;
use crate::lint::rules;
use crate::validate::validator;

/// Escapes that mean a class of letters to validators and a plain letter to the client.
const UNPORTABLE: [&str; 3] = [r"\p", r"\P", r"\u{"];

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    // Documents repeat patterns, and compiling a validator is slow.
    let mut known = HashMap::new();
    for (schema, pointer) in own_schemas(&findings.schemas()) {
        let Some(pattern) = schema["pattern"].as_str() else {
            continue;
        };
        let place = child(pointer, "pattern");
        let (is_valid, is_validated) = *known.entry(pattern).or_insert_with(|| {
            let validator = validator(&document.value, &json!({ "pattern": pattern }));
            (regress::Regex::new(pattern).is_ok(), validator.is_ok())
        });
        if !is_valid {
            findings.add(
                &rules::INVALID_SCHEMA,
                &place,
                format!("`{pattern}` is not a regular expression"),
                "correct the pattern",
            );
        } else if let Some(escape) = class(pattern) {
            findings.add(
                &rules::UNPORTABLE_PATTERN,
                &place,
                format!("`{escape}` is a plain letter to the client, and a class to validators"),
                "list the range of letters, or state the pattern only in the description",
            );
        } else if !is_validated {
            findings.add(
                &rules::UNPORTABLE_PATTERN,
                &place,
                format!("the client accepts the syntax of `{pattern}`, and validators reject it"),
                "escape brackets and braces that are plain characters",
            );
        }
    }
}

/// Returns the escape of a class that validators understand and the client does not.
fn class(pattern: &str) -> Option<&'static str> {
    let mut classes = UNPORTABLE.into_iter();
    classes.find(|escape| pattern.contains(escape))
}

/// Returns the schemas with a pattern that [`check`] has reported and validators reject.
pub(in crate::lint) fn rejected(findings: &Findings<'_>) -> BTreeSet<String> {
    let pointers = findings.pointers(&[&rules::INVALID_SCHEMA, &rules::UNPORTABLE_PATTERN]);
    let schemas = pointers.into_iter().filter_map(|pointer| {
        let schema = pointer.strip_suffix("/pattern")?;
        let pattern = findings.document.value.pointer(pointer)?.as_str()?;
        let compiles = class(pattern).is_some() && regress::Regex::new(pattern).is_ok();
        (!compiles).then(|| schema.to_owned())
    });
    schemas.collect()
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
    fn a_pattern_that_only_validators_reject_is_unportable() {
        // ECMAScript reads a lone bracket as itself unless the flag `u` is set.
        let problem = only_problem(TENANT, "'^[^\\\\./]+]$'");
        assert_eq!(
            (problem.code.as_str(), &*problem.pointer),
            ("unportable-pattern", "/components/schemas/TenantId/pattern")
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
