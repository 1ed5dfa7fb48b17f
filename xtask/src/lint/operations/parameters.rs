use std::collections::HashSet;

use serde_json::Value;

use crate::lint::{Findings, rules};
use crate::schema::validator;
use authress_users_openapi::{Document, OperationEntry, ParameterEntry, child};

/// What no URL carries as a segment of its path: the collection itself, the levels above, and
/// what URL parsers turn into a slash.
const UNSAFE: [&str; 4] = [".", "..", "", "a\\b"];

/// The path parameters of an operation, its own before those of its path.
fn in_path<'a>(document: &'a Document, entry: &OperationEntry<'a>) -> Vec<ParameterEntry<'a>> {
    let mut parameters = document.parameters(entry);
    parameters.retain(|parameter| parameter.location == "path");
    parameters
}

/// The names between braces in a path.
fn names(path: &str) -> Vec<&str> {
    path.split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
        .collect()
}

/// The generator panics over a path whose parameters are not those that are declared.
pub(in crate::lint) fn match_the_path(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let declared = in_path(document, &entry);
        for name in names(entry.path) {
            if !declared.iter().any(|parameter| parameter.name == name) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNDECLARED_PATH_PARAMETER,
                    &child(&entry.pointer(), name),
                    format!("its path has `{{{name}}}`, and no parameter is called that"),
                    format!("declare `{name}` with `in: path`, or take it out of the path"),
                );
            }
        }
        for parameter in &declared {
            let name = parameter.name;
            if !names(entry.path).contains(&name) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNUSED_PATH_PARAMETER,
                    &child(&entry.pointer(), name),
                    format!(
                        "the path parameter `{name}` is not in the path {}",
                        entry.path
                    ),
                    format!("put `{{{name}}}` into the path, or take the parameter away"),
                );
            }
            if parameter.value["required"] != Value::Bool(true) {
                findings.add_to(
                    Some(&entry),
                    &rules::OPTIONAL_PATH_PARAMETER,
                    &parameter.pointer,
                    format!("the path parameter `{name}` is not required"),
                    "add `required: true`; a path without it would be another path",
                );
            }
        }
    }
}

/// An id that a URL parser reads as something else would address another resource.
pub(in crate::lint) fn carry_no_unsafe_ids(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut seen = HashSet::new();
    for entry in document.operations() {
        for ParameterEntry {
            name,
            value,
            pointer,
            ..
        } in in_path(document, &entry)
        {
            if !seen.insert(pointer.clone()) {
                continue;
            }
            let Some(schema) = value.get("schema") else {
                findings.add_to(
                    Some(&entry),
                    &rules::MISSING_SCHEMA,
                    &pointer,
                    format!("the parameter `{name}` has no schema"),
                    "add a schema",
                );
                continue;
            };
            match validator(document, schema) {
                Ok(validator) => {
                    let accepted: Vec<_> = UNSAFE
                        .iter()
                        .filter(|id| validator.is_valid(&Value::from(**id)))
                        .map(|id| format!("{id:?}"))
                        .collect();
                    if !accepted.is_empty() {
                        findings.add_to(
                            Some(&entry),
                            &rules::UNSAFE_PATH_PARAMETER,
                            &pointer,
                            format!(
                                "`{name}` may be {}, which a URL can't carry",
                                accepted.join(", ")
                            ),
                            "rule it out with `minLength: 1` and a pattern such as \
                             `^(?!\\.{1,2}$)[^\\\\]+$`",
                        );
                    }
                }
                Err(reason) => findings.add_to(
                    Some(&entry),
                    &rules::UNUSABLE_SCHEMA,
                    &pointer,
                    format!("the schema of `{name}` can't be used: {reason}"),
                    "correct the schema",
                ),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    fn codes(document: &Document) -> Vec<crate::problem::Code> {
        problems(document)
            .iter()
            .map(|problem| problem.code)
            .collect()
    }

    #[test]
    fn an_undeclared_path_parameter_is_named_for_each_operation_of_the_path() {
        let from = "    parameters:\n      - $ref: \"#/components/parameters/UserIdInPath\"\n";
        let problems = problems(&edited(from, ""));
        let found: Vec<_> = problems
            .iter()
            .map(|problem| (problem.code.as_str(), problem.subject()))
            .collect();
        let code = "undeclared-path-parameter";
        assert_eq!(
            found,
            [
                (code, "getUser".to_owned()),
                (code, "deleteUser".to_owned())
            ]
        );
    }

    #[test]
    fn a_parameter_that_the_path_lacks_is_named() {
        let document = edited("  /v1/tenants/{tenantId}/users:", "  /v1/tenants/users:");
        assert_eq!(codes(&document), ["unused-path-parameter"]);
        let document = edited(
            "  /v1/tenants/{tenantId}/users:",
            "  /v1/tenants/{tenant}/users:",
        );
        assert_eq!(
            codes(&document),
            ["undeclared-path-parameter", "unused-path-parameter"]
        );
    }

    #[test]
    fn an_optional_path_parameter_is_named_once_however_many_share_it() {
        let problem = only_problem("      in: path\n      required: true\n", "      in: path\n");
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("optional-path-parameter", "getUser")
        );
    }

    #[test]
    fn an_id_that_may_be_what_no_url_carries_is_named_with_it() {
        for (from, to, accepted) in [
            (
                r"'^(?!\.{1,2}$)[^\\\x00-\x1F\x7F-\x9F]+$'",
                r"'^[^\\]+$'",
                r#"".", "..""#,
            ),
            (
                r"'^(?!\.{1,2}$)[^\\\x00-\x1F\x7F-\x9F]+$'",
                r"'^(?!\.{1,2}$).+$'",
                r#""a\\b""#,
            ),
            (r"'^(?!\.{1,2}$)[a-zA-Z0-9_.:-]+$'", r"'^[a-z0-9]*$'", ""),
        ] {
            let problems = problems(&edited(from, to));
            if accepted.is_empty() {
                assert!(
                    problems.is_empty(),
                    "minLength rules out the empty id: {problems:?}"
                );
                continue;
            }
            assert_eq!(problems[0].code, "unsafe-path-parameter");
            assert!(
                problems[0]
                    .message
                    .contains(&format!("may be {accepted}, ")),
                "{}",
                problems[0]
            );
        }
    }

    #[test]
    fn a_pattern_that_is_no_regular_expression_is_named() {
        let document = edited(r"'^(?!\.{1,2}$)[a-zA-Z0-9_.:-]+$'", "'^(a$'");
        assert!(
            codes(&document)
                .iter()
                .any(|code| *code == "unusable-schema")
        );
    }
}
