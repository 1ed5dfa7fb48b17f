//! Path parameters.

use std::collections::HashSet;

use authress_users_openapi::{Document, OperationEntry, ParameterEntry, PathTemplate, child};
use serde_json::Value;

use crate::lint::findings::Findings;
use crate::lint::rules;
use crate::lint::schemas::malformed::{contains, is_malformed};
use crate::lint::schemas::patterns;
use crate::validate::validator;

/// Values that a URL cannot carry as a path segment: parsers collapse or split them.
const UNSAFE: [&str; 6] = [".", "..", "", "a\\b", "a/../b", "..;a"];

/// The formats of strings that are safe in a path.
const SAFE_FORMATS: [&str; 4] = ["date", "date-time", "ipv4", "uuid"];

fn path_parameters<'a>(
    document: &'a Document,
    entry: &OperationEntry<'a>,
) -> Vec<ParameterEntry<'a>> {
    let mut parameters = document.parameters(entry);
    parameters.retain(|parameter| parameter.location == "path");
    parameters
}

/// The generator panics unless placeholders and path parameters match.
pub(in crate::lint) fn check_placeholders(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let declared = path_parameters(document, &entry);
        let template = PathTemplate::parse(entry.path);
        let placeholders: Vec<_> = template.parameters().collect();
        for name in &placeholders {
            if !declared.iter().any(|parameter| parameter.name == *name) {
                findings.add(
                    &rules::UNDECLARED_PATH_PARAMETER,
                    &child(&entry.pointer(), name),
                    format!("the path has `{{{name}}}`, which is not declared"),
                    format!("declare `{name}` with `in: path`, or remove it from the path"),
                );
            }
        }
        for parameter in &declared {
            let name = parameter.name;
            if !placeholders.contains(&name) {
                findings.add(
                    &rules::UNUSED_PATH_PARAMETER,
                    &child(&entry.pointer(), name),
                    format!(
                        "the path parameter `{name}` does not occur in {}",
                        entry.path
                    ),
                    format!("add `{{{name}}}` to the path, or remove the parameter"),
                );
            }
            if parameter.value["required"] != true {
                findings.add_to(
                    &entry,
                    &rules::OPTIONAL_PATH_PARAMETER,
                    &parameter.pointer,
                    format!("the path parameter `{name}` is not required"),
                    "add `required: true`",
                );
            }
        }
    }
}

/// An id that URL parsers rewrite would address another resource.
pub(in crate::lint) fn check_unsafe_ids(findings: &mut Findings<'_>) {
    let document = findings.document;
    let rejected = patterns::rejected(findings);
    let mut seen = HashSet::new();
    for entry in document.operations() {
        for parameter in path_parameters(document, &entry) {
            let (name, pointer) = (parameter.name, &parameter.pointer);
            let Some(schema) = parameter.value.get("schema") else {
                continue;
            };
            // Values of these formats have none of the unsafe forms; validators ignore some formats.
            let format = document
                .resolve(schema, pointer)
                .and_then(|it| it.0["format"].as_str());
            if !seen.insert(pointer.clone())
                || format.is_some_and(|format| SAFE_FORMATS.contains(&format))
                || contains(document, schema, &child(pointer, "schema"), &rejected)
            {
                continue;
            }
            let validator = match validator(&document.value, schema) {
                Ok(validator) => validator,
                Err(_) if is_malformed(findings, schema, &child(pointer, "schema")) => continue,
                Err(reason) => {
                    findings.add_to(
                        &entry,
                        &rules::INVALID_SCHEMA,
                        pointer,
                        format!("the schema of `{name}` does not compile: {reason}"),
                        "correct the schema",
                    );
                    continue;
                }
            };
            let accepted: Vec<_> = UNSAFE
                .iter()
                .filter(|id| validator.is_valid(&Value::from(**id)))
                .map(|id| format!("{id:?}"))
                .collect();
            if !accepted.is_empty() {
                findings.add_to(
                    &entry,
                    &rules::UNSAFE_PATH_PARAMETER,
                    pointer,
                    format!(
                        "`{name}` accepts {}, which a URL cannot carry",
                        accepted.join(", ")
                    ),
                    "add `minLength: 1` and a pattern such as \
                     `^(?![\\s\\S]*[\\\\])(?!(?:[\\s\\S]*/)?\\.{1,2}(?:;[^/]*)?(?:/|$))`",
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::check::problems;
    use crate::lint::testing::{assert_problem, assert_valid, found};
    use crate::testing::edited;

    fn codes(from: &str, to: &str) -> Vec<&'static str> {
        found(from, to).into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn an_undeclared_placeholder_is_reported_for_each_operation() {
        let from = "    parameters:\n      - $ref: \"#/components/parameters/UserIdInPath\"\n";
        let code = "undeclared-path-parameter";
        assert_eq!(
            found(from, ""),
            [
                (code, "getUser".to_owned()),
                (code, "deleteUser".to_owned())
            ]
        );
    }

    #[test]
    fn a_parameter_without_placeholder_is_reported() {
        let path = "  /v1/tenants/{tenantId}/users:";
        let found = codes(path, "  /v1/tenants/users:");
        assert_eq!(found, ["unused-path-parameter"]);
        let found = codes(path, "  /v1/tenants/{tenant}/users:");
        assert_eq!(
            found,
            ["undeclared-path-parameter", "unused-path-parameter"]
        );
    }

    #[test]
    fn a_shared_optional_path_parameter_is_reported_once() {
        assert_problem(
            "      in: path\n      required: true\n",
            "      in: path\n",
            "optional-path-parameter",
            "getUser",
        );
    }

    #[test]
    fn accepted_unsafe_ids_are_listed() {
        let tenant = r"'^(?![\s\S]*[^a-zA-Z0-9_.:-])(?!\.{1,2}$)[\s\S]'";
        for (to, accepted) in [
            (r"'^[^\\]+$'", r#"".", "..", "a/../b", "..;a""#),
            (r"'^(?!\.{1,2}$).+$'", r#""a\\b", "a/../b", "..;a""#),
        ] {
            let problems = problems(&edited(tenant, to));
            assert_eq!(problems[0].code, "unsafe-path-parameter");
            let expected = format!("accepts {accepted}, ");
            assert!(problems[0].message.contains(&expected), "{}", problems[0]);
        }
        // `minLength` rejects the empty id.
        assert_valid(tenant, r"'^[a-z0-9]*$'");
    }
}
