//! Parts of a document that must exist: operations and responses.

use authress_users_openapi::child;
use serde_json::Value;

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

#[cfg(test)]
mod tests {
    use authress_users_openapi::Document;

    use crate::lint::check::problems;
    use crate::testing::fixture;

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
}
