//! Parameters with the same name.

use authress_users_openapi::{Document, child};
use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::lint::elements::items;
use crate::lint::findings::Findings;
use crate::lint::rules;

/// A parameter in a list, with its reference resolved.
struct Parameter<'a> {
    name: &'a str,
    location: &'a str,
    /// The pointer in the list, not that of a referenced component.
    pointer: String,
}

impl Parameter<'_> {
    fn is_same(&self, other: &Self) -> bool {
        // Header names are case-insensitive.
        let is_same_name = if self.location == "header" {
            self.name.eq_ignore_ascii_case(other.name)
        } else {
            self.name == other.name
        };
        is_same_name && self.location == other.location
    }
}

/// The parameters that the value at `pointer` lists.
fn listed<'a>(document: &'a Document, holder: &'a Value, pointer: &str) -> Vec<Parameter<'a>> {
    items(&holder["parameters"], &child(pointer, "parameters"))
        .filter_map(|(parameter, pointer)| {
            let (value, _) = document.resolve(parameter, &pointer)?;
            Some(Parameter {
                name: value["name"].as_str()?,
                location: value["in"].as_str()?,
                pointer,
            })
        })
        .collect()
}

/// Each parameter becomes a setter; the generator drops duplicates or writes a setter twice.
pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let own = listed(document, entry.value, &entry.pointer());
        let shared = listed(document, entry.path_item, &entry.path_item_pointer);
        for list in [&own, &shared] {
            for (index, parameter) in list.iter().enumerate() {
                let Some(first) = list[..index].iter().find(|other| other.is_same(parameter))
                else {
                    continue;
                };
                let line = document.line(&first.pointer);
                findings.add_to(
                    &entry,
                    &rules::DUPLICATE_PARAMETER,
                    &parameter.pointer,
                    format!(
                        "the {} parameter `{}` is already listed in line {line}",
                        parameter.location, parameter.name
                    ),
                    "list it once",
                );
            }
        }
        // The operation's own parameters override those of its path.
        let all: Vec<&Parameter<'_>> = shared
            .iter()
            .filter(|parameter| !own.iter().any(|other| other.is_same(parameter)))
            .chain(&own)
            .collect();
        for (index, parameter) in all.iter().enumerate() {
            let setter = parameter.name.to_snake_case();
            let first = all[..index]
                .iter()
                .find(|other| other.name.to_snake_case() == setter && !other.is_same(parameter));
            let reason = if let Some(other) = first {
                format!(
                    "the {} parameter `{}` and the {} parameter `{}` both become the setter \
                     `{setter}`",
                    other.location, other.name, parameter.location, parameter.name
                )
            } else if setter == "body" && entry.value.get("requestBody").is_some() {
                "the parameter `body` and the request body both become the setter `body`".to_owned()
            } else {
                continue;
            };
            findings.add_to(
                &entry,
                &rules::AMBIGUOUS_PARAMETER,
                &parameter.pointer,
                reason,
                "describe only one of them; the generator cannot distinguish them",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid, only_problem};

    const CURSOR: &str = "        - name: cursor\n";
    const GET_USER: &str = "      summary: Read a user\n";

    fn parameter(name: &str, location: &str) -> String {
        format!(
            "        - name: {name}\n          in: {location}\n          required: {}\n          \
             schema:\n            $ref: '#/components/schemas/TenantId'\n",
            location == "path"
        )
    }

    #[test]
    fn a_parameter_that_is_listed_twice_is_reported_with_both_lines() {
        let to = format!("{}{CURSOR}", parameter("cursor", "query"));
        let problem = assert_problem(CURSOR, &to, "duplicate-parameter", "getUsers");
        assert!(
            problem.message.contains("query parameter `cursor`"),
            "{problem}"
        );
        let reference = "      - $ref: \"#/components/parameters/UserIdInPath\"\n";
        let to = format!("{reference}{reference}");
        assert_problem(reference, &to, "duplicate-parameter", "getUser");
    }

    #[test]
    fn parameters_with_one_setter_are_reported() {
        for (name, location) in [
            ("tenant_id", "query"),
            ("tenantId", "header"),
            ("tenant-id", "query"),
        ] {
            let to = format!("{}{CURSOR}", parameter(name, location));
            assert_problem(CURSOR, &to, "ambiguous-parameter", "getUsers");
        }
        let summary = "      summary: Link a user to a tenant\n";
        let to = format!("{summary}      parameters:\n{}", parameter("body", "query"));
        assert_eq!(only_problem(summary, &to).code, "ambiguous-parameter");
    }

    #[test]
    fn an_operation_may_override_a_parameter_of_its_path() {
        let parameter = parameter("userId", "path");
        assert_valid(
            GET_USER,
            &format!("{GET_USER}      parameters:\n{parameter}"),
        );
    }

    #[test]
    fn a_parameter_named_like_one_of_its_path_is_reported() {
        let parameter = parameter("userId", "query");
        let to = format!("{GET_USER}      parameters:\n{parameter}");
        assert_problem(GET_USER, &to, "ambiguous-parameter", "getUser");
    }
}
