use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::lint::{Findings, rules};
use authress_users_openapi::{Document, child};

/// A parameter in a list, with its reference followed.
struct Parameter<'a> {
    name: &'a str,
    place: &'a str,
    /// Where the list names it, which is not where a reference leads.
    pointer: String,
}

/// The parameters that the value at `pointer` lists.
fn listed<'a>(document: &'a Document, holder: &'a Value, pointer: &str) -> Vec<Parameter<'a>> {
    let list = child(pointer, "parameters");
    let mut parameters = Vec::new();
    for (index, parameter) in holder["parameters"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let pointer = child(&list, &index.to_string());
        if let Some((value, _)) = document.resolve(parameter, &pointer)
            && let (Some(name), Some(place)) = (value["name"].as_str(), value["in"].as_str())
        {
            parameters.push(Parameter {
                name,
                place,
                pointer,
            });
        }
    }
    parameters
}

/// Every parameter becomes one setter; the generator keeps one parameter of a name, or writes two
/// setters of a name.
pub(in crate::lint) fn differ(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let own = listed(document, entry.value, &entry.pointer());
        let shared = listed(document, entry.path_item, &child("/paths", entry.path));
        for list in [&own, &shared] {
            for (index, parameter) in list.iter().enumerate() {
                let before = list
                    .iter()
                    .take(index)
                    .find(|other| is_same(other, parameter));
                if let Some(before) = before {
                    let line = document.line(&before.pointer);
                    findings.add_to(
                        Some(&entry),
                        &rules::DUPLICATE_PARAMETER,
                        &parameter.pointer,
                        format!(
                            "the parameter `{}` in {} was already listed in line {line}",
                            parameter.name, parameter.place
                        ),
                        "list it once",
                    );
                }
            }
        }
        // Its own parameters take the place of those of its path.
        let all: Vec<&Parameter<'_>> = shared
            .iter()
            .filter(|parameter| !own.iter().any(|other| is_same(other, parameter)))
            .chain(&own)
            .collect();
        for (index, parameter) in all.iter().enumerate() {
            let setter = parameter.name.to_snake_case();
            let before = all
                .iter()
                .take(index)
                .find(|other| other.name.to_snake_case() == setter && !is_same(other, parameter));
            let reason = if let Some(other) = before {
                format!(
                    "the parameter `{}` in {} and `{}` in {} would have one setter, `{setter}`",
                    other.name, other.place, parameter.name, parameter.place
                )
            } else if setter == "body" && entry.value.get("requestBody").is_some() {
                "the parameter `body` would have the setter of the request body".to_owned()
            } else {
                continue;
            };
            findings.add_to(
                Some(&entry),
                &rules::AMBIGUOUS_PARAMETER,
                &parameter.pointer,
                reason,
                "the generator can't tell them apart; describe the API with one of them",
            );
        }
    }
}

fn is_same(one: &Parameter<'_>, other: &Parameter<'_>) -> bool {
    // Headers are the same in whatever case.
    let is_same_name = if one.place == "header" {
        one.name.eq_ignore_ascii_case(other.name)
    } else {
        one.name == other.name
    };
    is_same_name && one.place == other.place
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    const CURSOR: &str = "        - name: cursor\n";
    const GET_USER: &str = "      summary: Read a user\n";

    fn parameter(name: &str, place: &str) -> String {
        format!(
            "        - name: {name}\n          in: {place}\n          required: {}\n          \
             schema:\n            $ref: '#/components/schemas/TenantId'\n",
            place == "path"
        )
    }

    #[test]
    fn a_parameter_that_is_listed_twice_is_named_with_both_lines() {
        let problem = only_problem(CURSOR, &format!("{}{CURSOR}", parameter("cursor", "query")));
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("duplicate-parameter", "getUsers")
        );
        assert!(problem.message.contains("`cursor` in query"), "{problem}");
        let reference = "      - $ref: \"#/components/parameters/UserIdInPath\"\n";
        let problem = only_problem(reference, &format!("{reference}{reference}"));
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("duplicate-parameter", "getUser")
        );
    }

    #[test]
    fn parameters_that_become_one_setter_are_named() {
        for (name, place) in [
            ("tenant_id", "query"),
            ("tenantId", "header"),
            ("tenant-id", "query"),
        ] {
            let from = CURSOR;
            let problem = only_problem(from, &format!("{}{from}", parameter(name, place)));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("ambiguous-parameter", "getUsers")
            );
        }
        let problem = only_problem(
            "      summary: Link a user to a tenant\n",
            &format!(
                "      summary: Link a user to a tenant\n      parameters:\n{}",
                parameter("body", "query")
            ),
        );
        assert_eq!(problem.code, "ambiguous-parameter");
    }

    #[test]
    fn an_operation_may_put_its_own_parameter_in_the_place_of_its_paths() {
        let document = edited(
            GET_USER,
            &format!(
                "{GET_USER}      parameters:\n{}",
                parameter("userId", "path")
            ),
        );
        assert!(problems(&document).is_empty());
    }

    #[test]
    fn a_parameter_of_its_path_with_the_name_of_another_is_named() {
        let problem = only_problem(
            GET_USER,
            &format!(
                "{GET_USER}      parameters:\n{}",
                parameter("userId", "query")
            ),
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("ambiguous-parameter", "getUser")
        );
    }
}
