use serde_json::Value;

use crate::lint::{Findings, rules};
use authress_users_openapi::{child, visit};

/// Every reference leads to a whole component of this document.
pub(in crate::lint) fn hold(findings: &mut Findings<'_>) {
    let document = findings.document;
    visit(&document.value, "", &mut |value, pointer| {
        let Some(reference) = value.get("$ref").and_then(Value::as_str) else {
            return;
        };
        // What stands in an example is data, and so may a property be called `$ref`.
        if pointer.contains("/example/") || pointer.ends_with("/properties") {
            return;
        }
        let place = child(pointer, "$ref");
        let Some(target) = reference.strip_prefix('#') else {
            findings.add(
                &rules::FOREIGN_REFERENCE,
                &place,
                format!("`{reference}` leads out of the document"),
                "bring what it refers to under `components`",
            );
            return;
        };
        if document.resolve(value, pointer).is_none() {
            // Schemas that go round in a circle have been told, where they stand.
            if target.starts_with("/components/schemas/")
                && document.value.pointer(target).is_some()
            {
                return;
            }
            findings.add(
                &rules::UNRESOLVED_REFERENCE,
                &place,
                format!("`{reference}` leads to nothing"),
                "add what it refers to, or correct the name",
            );
        } else if target.split('/').count() != 4 || !target.starts_with("/components/") {
            findings.add(
                &rules::INNER_REFERENCE,
                &place,
                format!(
                    "`{reference}` leads to a part of something, which the generator can't follow"
                ),
                "make that part a component of its own and refer to it from both places",
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use crate::lint::tests::only_problem;

    #[test]
    fn a_reference_to_nothing_to_a_part_or_to_elsewhere_is_named() {
        let schema = "$ref: \"#/components/schemas/TenantUser\"";
        for (to, code) in [
            (
                "$ref: \"#/components/schemas/TenantUsers\"",
                "unresolved-reference",
            ),
            (
                "$ref: \"#/components/schemas/TenantUser/properties/userId\"",
                "inner-reference",
            ),
            (
                "$ref: \"other.yaml#/components/schemas/TenantUser\"",
                "foreign-reference",
            ),
        ] {
            let problem = only_problem(schema, to);
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                (code, "linkTenantUser"),
                "{problem}"
            );
        }
    }

    #[test]
    fn references_in_a_circle_lead_to_nothing() {
        let problem = only_problem(
            "components:\n  securitySchemes:",
            "components:\n  requestBodies:\n    A:\n      $ref: '#/components/requestBodies/A'\n  securitySchemes:",
        );
        assert_eq!(problem.code, "unresolved-reference");
    }
}
