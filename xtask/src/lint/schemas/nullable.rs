//! Where null is allowed.

use std::collections::HashMap;

use authress_users_openapi::{COMPOSITION_KEYWORDS, Document, child};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;

/// OpenAPI 3.0.3 adds null only to the `type` in the same schema. Tools follow this to different degrees.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut nulls = Nulls {
        document,
        known: HashMap::new(),
    };
    for (schema, pointer) in findings.schemas().iter() {
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
        } else if let Some(keyword) = nulls.rejection(schema) {
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
            &child(pointer, "nullable"),
            format!("`nullable` has no effect, because {reason}"),
            advice,
        );
    }
}

/// Decides for each schema once whether null is valid, since schemas share parts.
struct Nulls<'a> {
    document: &'a Document,
    /// The keyword that null violates, by schema.
    known: HashMap<*const Value, Option<&'static str>>,
}

impl<'a> Nulls<'a> {
    /// Returns the keyword of a schema that null violates.
    fn rejection(&mut self, schema: &'a Value) -> Option<&'static str> {
        let key = std::ptr::from_ref(schema);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        // A schema that consists of itself restricts nothing more.
        self.known.insert(key, None);
        let keyword = self.keyword(schema);
        self.known.insert(key, keyword);
        keyword
    }

    fn keyword(&mut self, schema: &'a Value) -> Option<&'static str> {
        if schema["type"].is_string() && schema["nullable"] != true {
            return Some("type");
        }
        let values = schema["enum"].as_array();
        if values.is_some_and(|values| !values.contains(&Value::Null)) {
            return Some("enum");
        }
        for keyword in COMPOSITION_KEYWORDS {
            let Some(parts) = schema[keyword].as_array() else {
                continue;
            };
            let allowed = parts.iter().filter(|part| self.allows(part)).count();
            let is_valid = match keyword {
                "allOf" => allowed == parts.len(),
                "anyOf" => allowed > 0,
                _ => allowed == 1,
            };
            if !is_valid {
                return Some(keyword);
            }
        }
        let excluded = schema.get("not");
        excluded
            .is_some_and(|part| self.allows(part))
            .then_some("not")
    }

    fn allows(&mut self, part: &'a Value) -> bool {
        // A reference to nothing has another rule.
        match self.document.resolve(part, "") {
            Some((part, _)) => self.rejection(part).is_none(),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

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

    #[test]
    fn shared_parts_are_checked_once() {
        let mut schemas = String::new();
        for index in 0..40 {
            let next = index + 1;
            let part = format!("{{$ref: '#/components/schemas/S{next}'}}");
            let _ = writeln!(
                schemas,
                "    S{index}: {{type: object, nullable: true, allOf: [{part}, {part}]}}"
            );
        }
        let from = "    Link:\n      type: object\n";
        assert_valid(
            from,
            &format!("{schemas}    S40: {{type: object, nullable: true}}\n{from}"),
        );
    }

    #[test]
    fn a_schema_outside_of_components_can_refer_to_itself() {
        let itself = "{$ref: '#/paths/~1v1~1users/get/parameters/2/schema'}";
        let from = "            maxLength: 64\n          example: ada\n";
        let to = format!("            nullable: true\n            allOf: [{itself}]\n");
        assert_eq!(only_problem(from, &to).code, "inner-reference");
    }
}
