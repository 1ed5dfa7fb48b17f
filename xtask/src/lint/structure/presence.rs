use serde_json::Value;

use crate::lint::operations::bodies::responses;
use crate::lint::{Findings, rules};
use authress_users_openapi::{OperationEntry, child};

/// Nothing can be made from a document without operations.
pub(in crate::lint) fn has_operations(findings: &mut Findings<'_>) {
    let document = findings.document;
    if document.operations().is_empty() {
        findings.add(
            &rules::NO_OPERATIONS,
            "/paths",
            "has no operations",
            "describe them under `paths`, by their path and method",
        );
    }
}

/// An operation without answers tells the client nothing of what comes back.
pub(in crate::lint) fn has_responses(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let is_missing = match &entry.value["responses"] {
            Value::Null => true,
            Value::Object(responses) => responses.is_empty(),
            _ => false,
        };
        if is_missing && entry.value.is_object() {
            findings.add_to(
                Some(&entry),
                &rules::MISSING_RESPONSES,
                &entry.pointer(),
                "has no `responses`, and the client would know no answer",
                "add `responses` with the status and the body of each answer",
            );
        }
    }
}

/// The generator types what has a schema; OpenAPI demands one.
pub(in crate::lint) fn has_schemas(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let own = (entry.value, entry.pointer());
        let shared = (entry.path_item, child("/paths", entry.path));
        for (holder, pointer) in [own, shared] {
            let list = child(&pointer, "parameters");
            for (index, parameter) in holder["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
            {
                let place = child(&list, &index.to_string());
                if let Some((parameter, place)) = document.resolve(parameter, &place) {
                    has_schema(findings, parameter, &place, "parameter", Some(&entry));
                }
            }
        }
        for response in responses(document, &entry) {
            headers(findings, response.value, &response.pointer, Some(&entry));
        }
    }
    // What no operation refers to has to be read all the same.
    let components = &document.value["components"];
    for (key, sort) in [("parameters", "parameter"), ("headers", "header")] {
        for (name, value) in components[key].as_object().into_iter().flatten() {
            let place = child(&child("/components", key), name);
            has_schema(findings, value, &place, sort, None);
        }
    }
    for (name, response) in components["responses"].as_object().into_iter().flatten() {
        let place = child("/components/responses", name);
        headers(findings, response, &place, None);
    }
}

fn headers(
    findings: &mut Findings<'_>,
    response: &Value,
    pointer: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    let all = child(pointer, "headers");
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let place = child(&all, name);
        if let Some((header, place)) = findings.document.resolve(header, &place) {
            has_schema(findings, header, &place, "header", operation);
        }
    }
}

fn has_schema(
    findings: &mut Findings<'_>,
    value: &Value,
    pointer: &str,
    sort: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    let is_described = ["schema", "content", "$ref"]
        .iter()
        .any(|key| value.get(*key).is_some());
    if is_described || !value.is_object() {
        return;
    }
    // The name of a header is the key under which it stands.
    let name = value["name"]
        .as_str()
        .or_else(|| pointer.rsplit('/').next())
        .unwrap_or_default();
    findings.add_to(
        operation,
        &rules::MISSING_SCHEMA,
        pointer,
        format!("the {sort} `{name}` has no schema"),
        "add a schema, such as `schema: {type: string}`",
    );
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;
    use authress_users_openapi::Document;

    #[test]
    fn a_document_without_operations_is_not_fine() {
        for paths in [
            "paths: {}\n",
            "paths:\n  /a: {}\n",
            "paths:\n  /a:\n    get: 1\n",
        ] {
            let text = format!("openapi: 3.0.3\ninfo: {{title: a, version: '1'}}\n{paths}");
            assert!(
                !problems(&Document::parse("a.yaml", &text).unwrap()).is_empty(),
                "{paths}"
            );
        }
    }

    #[test]
    fn an_operation_without_responses_is_named_with_its_line() {
        let text = crate::testing::fixture();
        let from = text.find("      responses:\n        \"202\"").unwrap();
        let to = from + text[from..].find("\n  /v1/tenants").unwrap();
        for responses in ["", "      responses: {}\n"] {
            let text = format!("{}{responses}{}", &text[..from], &text[to..]);
            let document = Document::parse("users.yaml", &text).unwrap();
            let problems = problems(&document);
            let [problem] = problems.as_slice() else {
                panic!("{problems:#?}")
            };
            assert_eq!(
                (problem.code.as_str(), &*problem.subject(), problem.line),
                (
                    "missing-responses",
                    "deleteUser",
                    document.line("/paths/~1v1~1users~1{userId}/delete")
                )
            );
        }
    }

    #[test]
    fn a_parameter_without_schema_is_named_with_its_line() {
        let problem = only_problem(
            "          schema:\n            type: string\n            maxLength: 64\n",
            "",
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("missing-schema", "getUsers")
        );
        assert_eq!(
            problem.line,
            edited("openapi", "openapi").line("/paths/~1v1~1users/get/parameters/2")
        );
        assert!(problem.message.contains("`filter`"), "{problem}");
        let problem = only_problem(
            "      description: The id of the user.\n      schema:\n        $ref: \"#/components/schemas/UserId\"\n",
            "      description: The id of the user.\n",
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("missing-schema", "getUser")
        );
    }

    #[test]
    fn a_header_without_schema_is_named_wherever_it_stands() {
        let header = "headers:\n            Retry-After:\n              description: When.\n";
        let from = "          description: The user.\n";
        let problem = only_problem(from, &format!("{from}          {header}"));
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("missing-schema", "getUser")
        );
        assert!(
            problem.message.contains("header `Retry-After`"),
            "{problem}"
        );
        let from = "components:\n";
        let problem = only_problem(
            from,
            "components:\n  headers:\n    Odd:\n      description: Odd.\n",
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("missing-schema", "#/components/headers/Odd")
        );
    }
}
