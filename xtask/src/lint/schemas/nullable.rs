//! Where null is allowed.

use authress_users_openapi::{Document, child, schemas};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

/// OpenAPI 3.0.3 adds null only to the `type` in the same schema. Tools follow this to different degrees.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (schema, pointer) in schemas(&document.value) {
        if schema["nullable"] != true {
            continue;
        }
        let (reason, advice) = if schema["$ref"].is_string() {
            (
                "nothing beside `$ref` counts".to_owned(),
                "put the reference into `allOf`, and `type` and `nullable: true` beside it; the \
                 referenced schema needs `nullable: true` too",
            )
        } else if !schema["type"].is_string() {
            ("there is no `type` beside it".to_owned(), "add `type`")
        } else if let Some(keyword) = rejects_null(document, schema) {
            let advice = match keyword {
                "enum" => "add null to `enum`",
                "not" => "exclude fewer values with `not`",
                _ => "add `nullable: true` to the schemas that it lists",
            };
            (format!("`{keyword}` beside it rejects null"), advice)
        } else {
            continue;
        };
        findings.add(
            &rules::NULLABLE_WITHOUT_EFFECT,
            &child(&pointer, "nullable"),
            format!("`nullable` has no effect, because {reason}"),
            advice,
        );
    }
}

/// Returns the keyword of a schema that null violates.
fn rejects_null(document: &Document, schema: &Value) -> Option<&'static str> {
    let parts = |keyword| schema[keyword].as_array();
    let allows = |part: &Value| {
        // A reference to nothing has another rule.
        document
            .resolve(part, "")
            .is_none_or(|(part, _)| rejects_null(document, part).is_none())
    };
    let is_typed = schema["type"].is_string() && schema["nullable"] != true;
    [
        ("type", is_typed),
        (
            "enum",
            parts("enum").is_some_and(|values| !values.contains(&Value::Null)),
        ),
        (
            "allOf",
            parts("allOf").is_some_and(|parts| !parts.iter().all(allows)),
        ),
        (
            "anyOf",
            parts("anyOf").is_some_and(|parts| !parts.iter().any(allows)),
        ),
        (
            "oneOf",
            parts("oneOf")
                .is_some_and(|parts| parts.iter().filter(|part| allows(part)).count() != 1),
        ),
        ("not", schema.get("not").is_some_and(allows)),
    ]
    .into_iter()
    .find_map(|(keyword, rejects)| rejects.then_some(keyword))
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_valid, only_problem};

    const REL: &str = "        rel:\n";
    const SELF: &str = "        self:\n          type: object\n          nullable: true\n";

    #[test]
    fn null_needs_a_type_beside_it_and_every_part_to_allow_it() {
        for (schema, reason) in [
            ("{nullable: true}", "there is no `type`"),
            (
                "{nullable: true, $ref: \"#/components/schemas/Link\"}",
                "nothing beside `$ref`",
            ),
            (
                "{nullable: true, allOf: [{$ref: \"#/components/schemas/Link\"}]}",
                "there is no `type`",
            ),
            (
                "{type: object, nullable: true, allOf: [{$ref: \"#/components/schemas/ErrorBody\"}]}",
                "`allOf`",
            ),
            (
                "{type: object, nullable: true, anyOf: [{type: object}, {$ref: \"#/components/schemas/ErrorBody\"}]}",
                "`anyOf`",
            ),
            (
                "{type: object, nullable: true, oneOf: [{type: object, nullable: true}, {}]}",
                "`oneOf`",
            ),
        ] {
            let problem = only_problem(REL, &format!("        extra: {schema}\n{REL}"));
            assert_eq!(
                (problem.code.as_str(), &*problem.pointer),
                (
                    "nullable-without-effect",
                    "/components/schemas/Link/properties/extra/nullable"
                ),
                "{schema}"
            );
            assert!(problem.message.contains(reason), "{problem}");
        }
    }

    #[test]
    fn an_enum_must_list_null_and_an_excluded_one_must_not() {
        let from = "            maxLength: 64\n";
        let to =
            |keyword: &str| format!("{from}            nullable: true\n            {keyword}\n");
        for (keyword, reason) in [
            ("enum: [ada]", "`enum`"),
            ("not: {enum: [a, null]}", "`not`"),
        ] {
            let problem = only_problem(from, &to(keyword));
            assert!(problem.message.contains(reason), "{problem}");
        }
        for keyword in ["enum: [ada, null]", "not: {enum: [a]}"] {
            assert_valid(from, &to(keyword));
        }
    }

    #[test]
    fn null_that_is_allowed_is_not_reported() {
        for schema in [
            "{type: string, nullable: true}",
            "{type: object, nullable: true, allOf: [{$ref: \"#/components/schemas/Pagination\"}]}",
            "{type: object, nullable: true, anyOf: [{type: object}, {type: object, nullable: true}]}",
            "{anyOf: [{$ref: \"#/components/schemas/ErrorBody\"}, {type: object, nullable: true, enum: [null]}]}",
            "{nullable: false}",
            "{type: object, properties: {nullable: {type: boolean}}}",
        ] {
            assert_valid(REL, &format!("        extra: {schema}\n{REL}"));
        }
    }

    #[test]
    fn a_component_that_rejects_null_is_reported_at_each_use() {
        let problem = only_problem(SELF, &SELF.replace("          type: object\n", ""));
        assert_eq!(
            problem.pointer,
            "/components/schemas/CollectionLinks/properties/self/nullable"
        );
        let from = "    PaginationNext:\n      type: object\n      nullable: true\n";
        let problem = only_problem(from, "    PaginationNext:\n      type: object\n");
        assert_eq!(
            problem.pointer,
            "/components/schemas/Pagination/properties/next/nullable"
        );
    }
}
