//! Parts of a document that must exist: operations, responses and schemas.

use authress_users_openapi::{OperationEntry, child};
use serde_json::Value;

use crate::lint::elements::{items, members, responses};
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check_operations(findings: &mut Findings<'_>) {
    if findings.document.operations().is_empty() {
        findings.add(
            &rules::NO_OPERATIONS,
            "/paths",
            "the document has no operations",
            "add operations to `paths`",
        );
    }
}

pub(in crate::lint) fn check_responses(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let is_missing = match &entry.value["responses"] {
            Value::Null => true,
            Value::Object(responses) => responses.is_empty(),
            _ => false,
        };
        if is_missing && entry.value.is_object() {
            findings.add(
                &rules::MISSING_RESPONSES,
                &child(&entry.pointer(), "responses"),
                "the operation has no `responses`",
                "add `responses` with the status and the body of each response",
            );
        }
    }
}

/// Every parameter and header needs a schema, whether an operation uses it or not.
pub(in crate::lint) fn check_schemas(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        let path = child("/paths", entry.path);
        for (holder, pointer) in [(entry.value, entry.pointer()), (entry.path_item, path)] {
            for (parameter, place) in items(&holder["parameters"], &child(&pointer, "parameters")) {
                if let Some((parameter, place)) = document.resolve(parameter, &place) {
                    check_schema(findings, parameter, &place, "parameter", Some(&entry));
                }
            }
        }
        for response in responses(document, &entry) {
            check_headers(findings, response.value, &response.pointer, Some(&entry));
        }
    }
    let components = &document.value["components"];
    for (key, kind) in [("parameters", "parameter"), ("headers", "header")] {
        for (name, value) in members(&components[key]) {
            let place = child(&child("/components", key), name);
            check_schema(findings, value, &place, kind, None);
        }
    }
    for (name, response) in members(&components["responses"]) {
        let place = child("/components/responses", name);
        check_headers(findings, response, &place, None);
    }
}

fn check_headers(
    findings: &mut Findings<'_>,
    response: &Value,
    pointer: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    let list = child(pointer, "headers");
    for (name, header) in members(&response["headers"]) {
        let place = child(&list, name);
        if let Some((header, place)) = findings.document.resolve(header, &place) {
            check_schema(findings, header, &place, "header", operation);
        }
    }
}

fn check_schema(
    findings: &mut Findings<'_>,
    value: &Value,
    pointer: &str,
    kind: &str,
    operation: Option<&OperationEntry<'_>>,
) {
    let is_described = ["schema", "content", "$ref"]
        .iter()
        .any(|key| value.get(*key).is_some());
    if is_described || !value.is_object() {
        return;
    }
    // A header's name is its key.
    let name = value["name"]
        .as_str()
        .or_else(|| pointer.rsplit('/').next())
        .unwrap_or_default();
    let message = format!("the {kind} `{name}` has no schema");
    let advice = "add a schema, such as `schema: {type: string}`";
    match operation {
        Some(entry) => {
            findings.add_to(entry, &rules::MISSING_SCHEMA, pointer, message, advice);
        }
        None => findings.add(&rules::MISSING_SCHEMA, pointer, message, advice),
    }
}

#[cfg(test)]
mod tests {
    use authress_users_openapi::Document;

    use crate::lint::check::problems;
    use crate::lint::testing::assert_problem;
    use crate::testing::{edited, fixture};

    #[test]
    fn a_document_without_operations_has_problems() {
        for paths in [
            "paths: {}\n",
            "paths:\n  /a: {}\n",
            "paths:\n  /a:\n    get: 1\n",
        ] {
            let text = format!("openapi: 3.0.3\ninfo: {{title: a, version: '1'}}\n{paths}");
            let problems = problems(&Document::parse("a.yaml", &text).unwrap());
            assert!(!problems.is_empty(), "{paths}");
        }
    }

    #[test]
    fn an_operation_without_responses_is_reported_with_its_line() {
        let text = fixture();
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
                    document.line("/paths/~1v1~1users~1{userId}/delete/responses")
                )
            );
        }
    }

    #[test]
    fn a_parameter_without_schema_is_reported_with_its_line() {
        let problem = assert_problem(
            "          schema:\n            type: string\n            maxLength: 64\n",
            "",
            "missing-schema",
            "getUsers",
        );
        assert_eq!(
            problem.line,
            edited("openapi", "openapi").line("/paths/~1v1~1users/get/parameters/2")
        );
        assert!(problem.message.contains("`filter`"), "{problem}");
        assert_problem(
            "      schema:\n        $ref: \"#/components/schemas/UserId\"\n",
            "",
            "missing-schema",
            "getUser",
        );
    }

    #[test]
    fn a_header_without_schema_is_reported_in_responses_and_components() {
        let header = "headers:\n            Retry-After:\n              description: When.\n";
        let from = "        \"202\":\n";
        let to = format!("{from}          {header}");
        let problem = assert_problem(from, &to, "missing-schema", "deleteUser");
        assert!(
            problem.message.contains("header `Retry-After`"),
            "{problem}"
        );
        assert_problem(
            "components:\n",
            "components:\n  headers:\n    Odd:\n      description: Odd.\n",
            "missing-schema",
            "#/components/headers/Odd",
        );
    }
}
