//! References.

use authress_users_openapi::{Role, child, component, target, visit_objects};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

/// Every reference must lead to a whole component of this document.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut references = Vec::new();
    visit_objects(&document.value, Role::Object, "", &mut |value, pointer| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            references.push((value, reference, pointer.to_owned()));
        }
    });
    for (value, reference, pointer) in references {
        let place = child(&pointer, "$ref");
        let Some(target) = target(reference) else {
            findings.add(
                &rules::EXTERNAL_REFERENCE,
                &place,
                format!("the reference `{reference}` leaves the document"),
                "move its target to `components` of this document",
            );
            continue;
        };
        if document.resolve(value, &pointer).is_none() {
            // Cycles of schemas are reported at the schema.
            let is_cycle = target.starts_with("/components/schemas/")
                && document.value.pointer(&target).is_some();
            if !is_cycle {
                findings.add(
                    &rules::UNRESOLVED_REFERENCE,
                    &place,
                    format!("the reference `{reference}` does not resolve"),
                    "add the target, or correct the reference",
                );
            }
        } else if component(&target).is_none() {
            findings.add(
                &rules::INNER_REFERENCE,
                &place,
                format!(
                    "the reference `{reference}` does not lead to a whole component, and the \
                     generator cannot follow it"
                ),
                "make the target a component and refer to it from both locations",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid, found, only_problem};

    #[test]
    fn unresolved_inner_and_external_references_are_reported() {
        let schema = "$ref: \"#/components/schemas/TenantUser\"";
        for (to, code) in [
            (
                "$ref: \"#/components/schemas/TenantUsers\"",
                "unresolved-reference",
            ),
            (
                "$ref: \"other.yaml#/components/schemas/TenantUser\"",
                "external-reference",
            ),
        ] {
            assert_problem(schema, to, code, "linkTenantUser");
        }
        let from =
            "if there is one.\n          allOf:\n            - $ref: \"#/components/schemas/Link\"";
        let to = from.replace("/Link", "/CollectionLinks/properties/self");
        assert_eq!(only_problem(from, &to).code, "inner-reference");
    }

    #[test]
    fn operations_behind_the_reference_of_a_path_are_checked() {
        let from = "\npaths:\n";
        let to = "\nx-items:\n  a:\n    get:\n      responses:\n        \"299\": {description: Done.}\n\
                  paths:\n  /a:\n    $ref: '#/x-items/a'\n";
        let problems = found(from, to);
        assert!(
            problems.contains(&("missing-operation-id", "GET /a".to_owned())),
            "{problems:?}"
        );
        assert!(
            problems.iter().any(|(code, _)| *code == "inner-reference"),
            "{problems:?}"
        );
    }

    #[test]
    fn a_cycle_of_references_does_not_resolve() {
        let problem = only_problem(
            "components:\n  securitySchemes:",
            "components:\n  requestBodies:\n    A:\n      $ref: '#/components/requestBodies/A'\n  securitySchemes:",
        );
        assert_eq!(problem.code, "unresolved-reference");
    }

    #[test]
    fn references_in_examples_are_data() {
        let from = "          example: acme\n";
        let to = "          example: acme\n          x-note: {$ref: nowhere}\n";
        assert_valid(from, to);
        let from = "        rel:\n          type: string\n";
        let to = format!("{from}          example: {{$ref: nowhere}}\n");
        let problem = only_problem(from, &to);
        assert_eq!(problem.code, "invalid-example");
    }
}
