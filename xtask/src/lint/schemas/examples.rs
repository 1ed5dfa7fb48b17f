//! Examples and defaults.

use authress_users_openapi::child;
use serde_json::Value;

use super::malformed::{contains, is_malformed};
use super::patterns;
use crate::lint::elements::{members, own_schemas, schema_holders};
use crate::lint::findings::Findings;
use crate::lint::rules;
use crate::validate::{validator_for_members, violations};

/// An example or a default, and its schema.
struct Example<'a> {
    kind: &'static str,
    value: &'a Value,
    pointer: String,
    schema: &'a Value,
    schema_pointer: String,
}

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut examples = Vec::new();
    for (holder, holder_pointer) in schema_holders(document) {
        let example = |value, pointer| Example {
            kind: "example",
            value,
            pointer,
            schema: &holder["schema"],
            schema_pointer: child(&holder_pointer, "schema"),
        };
        if let Some(value) = holder.get("example") {
            examples.push(example(value, child(&holder_pointer, "example")));
        }
        let named = child(&holder_pointer, "examples");
        for (name, entry) in members(&holder["examples"]) {
            if let Some((entry, place)) = document.resolve(entry, &child(&named, name))
                && let Some(value) = entry.get("value")
            {
                examples.push(example(value, child(&place, "value")));
            }
        }
    }
    for (schema, pointer) in own_schemas(&findings.schemas()) {
        for kind in ["example", "default"] {
            if let Some(value) = schema.get(kind) {
                examples.push(Example {
                    kind,
                    value,
                    pointer: child(pointer, kind),
                    schema,
                    schema_pointer: pointer.clone(),
                });
            }
        }
    }
    let rejected = patterns::rejected(findings);
    examples
        .retain(|example| !contains(document, example.schema, &example.schema_pointer, &rejected));
    validate(findings, &examples);
}

/// Compiles one validator for all examples, since compiling is slow. If a schema does not compile,
/// validates the halves separately, down to the example that has it.
fn validate(findings: &mut Findings<'_>, examples: &[Example<'_>]) {
    let schemas = examples.iter().map(|example| example.schema);
    match (
        validator_for_members(&findings.document.value, schemas),
        examples,
    ) {
        (_, []) => {}
        (Ok(validator), _) => {
            let values = examples.iter().map(|example| example.value);
            for (example, reason) in examples.iter().zip(violations(&validator, values)) {
                let Some(reason) = reason else { continue };
                let kind = example.kind;
                let rule = if kind == "default" {
                    &rules::INVALID_DEFAULT
                } else {
                    &rules::INVALID_EXAMPLE
                };
                findings.add(
                    rule,
                    &example.pointer,
                    format!("the {kind} is not valid against its schema: {reason}"),
                    format!("correct the {kind} or the schema"),
                );
            }
        }
        // Another rule has reported what is not OpenAPI.
        (Err(_), [example]) if is_malformed(findings, example.schema, &example.schema_pointer) => {}
        (Err(reason), [example]) => findings.add(
            &rules::INVALID_SCHEMA,
            &example.pointer,
            format!(
                "the schema of this {} does not compile: {reason}",
                example.kind
            ),
            "correct the schema",
        ),
        (Err(_), _) => {
            let (first, second) = examples.split_at(examples.len() / 2);
            validate(findings, first);
            validate(findings, second);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid, found};

    #[test]
    fn invalid_examples_are_reported_in_every_object() {
        for (from, to, subject, reason) in [
            (
                "          example: 20\n",
                "          example: 101\n",
                "getUsers",
                "100",
            ),
            (
                "        users:\n          - userId:",
                "        users:\n          - id:",
                "#/components/examples/LastPage/value",
                "`/users/0`",
            ),
            (
                "                email: ada.0@example.com\n                picture",
                "                email: 5\n                picture",
                "getUser",
                "`/email`",
            ),
            (
                "        errorCode: UserNotFound\n",
                "        errorCode: [UserNotFound]\n",
                "#/components/examples/UserNotFound/value",
                "`/errorCode`",
            ),
            (
                "      schema:\n        $ref: \"#/components/schemas/TenantId\"\n      example: acme\n",
                "      schema:\n        $ref: \"#/components/schemas/TenantId\"\n      example: a/b\n",
                "#/components/parameters/TenantIdInPath/example",
                "a/b",
            ),
            (
                "      pattern: '^(?![\\s\\S]*[^a-zA-Z0-9_.:-])(?!\\.{1,2}$)[\\s\\S]'\n      example: acme\n",
                "      pattern: '^(?![\\s\\S]*[^a-zA-Z0-9_.:-])(?!\\.{1,2}$)[\\s\\S]'\n      example: ..\n",
                "#/components/schemas/TenantId/example",
                "..",
            ),
        ] {
            let problem = assert_problem(from, to, "invalid-example", subject);
            assert!(problem.message.contains(reason), "{problem}");
        }
    }

    #[test]
    fn defaults_outside_the_bounds_are_reported() {
        for (default, is_valid) in [("100", true), ("101", false), ("0", false), ("all", false)] {
            let from = "            maximum: 100\n";
            let to = format!("{from}            default: {default}\n");
            if is_valid {
                assert_valid(from, &to);
                continue;
            }
            let problem = assert_problem(from, &to, "invalid-default", "getUsers");
            assert!(problem.message.contains(default), "{problem}");
        }
    }

    #[test]
    fn invalid_examples_are_reported_beside_invalid_patterns() {
        let found = found(
            "          example: 20\n",
            "          example: 101\n        - name: color\n          in: query\n          schema: {type: string, \
             pattern: '['}\n          example: red\n",
        );
        let subject = || "getUsers".to_owned();
        assert_eq!(
            found,
            [
                ("invalid-example", subject()),
                ("invalid-schema", subject())
            ]
        );
    }

    #[test]
    fn null_is_valid_where_the_schema_is_nullable() {
        let from = "            cursor: YWZ0ZXI6Mg\n";
        assert_valid(from, "            cursor: null\n");
    }
}
