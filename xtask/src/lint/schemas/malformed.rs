//! Schemas that do not compile to a validator for a reason that another rule has reported.

use std::collections::BTreeSet;

use authress_users_openapi::{Document, reachable_schemas};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

/// Reports whether a schema contains one that is not OpenAPI.
pub(in crate::lint) fn is_malformed(
    findings: &Findings<'_>,
    schema: &Value,
    pointer: &str,
) -> bool {
    let reported = findings.pointers(&[&rules::NOT_OPENAPI]);
    // The pointer leads to the schema or to a keyword of it.
    let schemas = reported.into_iter().flat_map(|pointer| {
        let parent = pointer.rsplit_once('/').map(|(parent, _)| parent);
        [Some(pointer), parent]
    });
    let schemas = schemas.flatten().map(str::to_owned).collect();
    contains(findings.document, schema, pointer, &schemas)
}

/// Reports whether a schema contains one of these schemas, directly or through references.
pub(in crate::lint) fn contains(
    document: &Document,
    schema: &Value,
    pointer: &str,
    schemas: &BTreeSet<String>,
) -> bool {
    !schemas.is_empty()
        && reachable_schemas(&document.value, schema, pointer, &mut BTreeSet::new())
            .iter()
            .any(|(_, pointer)| schemas.contains(pointer))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::assert_problem;

    #[test]
    fn a_keyword_that_is_not_openapi_is_reported_once() {
        // A parameter with an example and, through a component, a parameter of the path.
        for (from, to, subject) in [
            (
                "            minimum: 1\n            maximum: 100\n",
                "            minimum: a\n            maximum: 100\n",
                "getUsers",
            ),
            (
                "      minLength: 1\n      maxLength: 128\n      pattern: '^(?![\\s\\S]*[^a-zA-Z0-9_.:-]",
                "      minLength: 1.5\n      maxLength: 128\n      pattern: '^(?![\\s\\S]*[^a-zA-Z0-9_.:-]",
                "#/components/schemas/TenantId/minLength",
            ),
        ] {
            assert_problem(from, to, "not-openapi", subject);
        }
    }
}
