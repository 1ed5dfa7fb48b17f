//! Schemas without a Rust type, or without any valid value.

use authress_users_openapi::child;

use crate::lint::elements::{items, own_schemas};
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check_negations(findings: &mut Findings<'_>) {
    for (schema, pointer) in own_schemas(&findings.schemas()) {
        if schema["not"].is_object() && schema["not"].get("enum").is_none() {
            findings.add(
                &rules::UNSUPPORTED_NOT,
                &child(pointer, "not"),
                "`not` excludes a schema, which Rust types cannot express",
                "describe what is valid, and state the rest in the description",
            );
        }
    }
}

pub(in crate::lint) fn check_satisfiability(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (schema, pointer) in own_schemas(&findings.schemas()) {
        for (low, high, kinds) in [
            ("minimum", "maximum", &["integer", "number"][..]),
            ("minLength", "maxLength", &["string"]),
            ("minItems", "maxItems", &["array"]),
            ("minProperties", "maxProperties", &["object"]),
        ] {
            let bounds = (schema[low].as_f64(), schema[high].as_f64());
            // A bound restricts no values of other types.
            let is_bounded = kinds.iter().any(|kind| schema["type"] == *kind);
            if let (Some(least), Some(most)) = bounds
                && is_bounded
                && least > most
            {
                findings.add(
                    &rules::UNSATISFIABLE_SCHEMA,
                    &child(pointer, low),
                    format!("`{low}` exceeds `{high}`, so no value is valid"),
                    "correct one of them",
                );
            }
        }
        let list = child(pointer, "allOf");
        let mut kinds: Vec<&str> = items(&schema["allOf"], &list)
            .filter_map(|(part, place)| document.resolve(part, &place))
            .filter_map(|(part, _)| part["type"].as_str())
            .collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() > 1 && kinds != ["integer", "number"] {
            findings.add(
                &rules::UNSATISFIABLE_SCHEMA,
                &list,
                format!(
                    "the parts require the types {}, so no value is valid",
                    kinds.join(" and ")
                ),
                "use `oneOf` if each of them is allowed",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{found, only_problem};

    const REL: &str = "        rel:\n";

    #[test]
    fn contradictory_bounds_and_types_are_reported() {
        let subject = "#/components/schemas/Link/properties/size/";
        for (kind, at) in [
            ("{allOf: [{type: string}, {type: integer}]}", "allOf"),
            (
                "{type: object, minProperties: 2, maxProperties: 1}",
                "minProperties",
            ),
        ] {
            let to = format!("        size: {kind}\n{REL}");
            let problem = only_problem(REL, &to);
            assert_eq!(
                (problem.code.as_str(), problem.subject()),
                ("unsatisfiable-schema", format!("{subject}{at}"))
            );
        }
        let to = format!("        size: {{allOf: [{{type: number}}, {{type: integer}}]}}\n{REL}");
        assert_eq!(found(REL, &to), []);
        let reference = "$ref: '#/components/schemas/Link'";
        let to = format!(
            "        size: {{{reference}, type: string, minLength: 2, maxLength: 1}}\n{REL}"
        );
        assert_eq!(found(REL, &to), []);
        let to = format!("        size: {{type: object, minItems: 2, maxItems: 1}}\n{REL}");
        assert_eq!(found(REL, &to), []);
    }

    #[test]
    fn negations_are_reported_but_excluded_values_are_not() {
        let to = format!("        extra: {{not: {{type: object}}}}\n{REL}");
        assert_eq!(only_problem(REL, &to).code, "unsupported-not");
        let from = "    Link:\n";
        let to = format!("    Extra: {{type: string, not: {{enum: [a]}}}}\n{from}");
        assert_eq!(found(from, &to), []);
    }
}
