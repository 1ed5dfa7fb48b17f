use super::Findings;

/// What is no object where OpenAPI has one is passed over by every other rule.
pub(super) fn has_operations(findings: &mut Findings<'_>) {
    let document = findings.document;
    if document.operations().is_empty() {
        findings.add(
            "no-operations",
            "/paths",
            "the document as a whole",
            "has no operations",
            "describe them under `paths`, by their path and method",
        );
    }
    if let Err(reason) = serde_json::from_value::<openapiv3::OpenAPI>(document.value.clone()) {
        findings.add(
            "not-openapi",
            "",
            "the document as a whole",
            format!("does not follow OpenAPI 3.0: {reason}"),
            "compare it with the OpenAPI 3.0 specification",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::{problems, tests::only_problem};
    use crate::document::Document;

    #[test]
    fn a_document_without_operations_is_not_fine() {
        for paths in [
            "",
            "paths: 5\n",
            "paths: {}\n",
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
    fn what_openapi_does_not_have_is_named() {
        let problem = only_problem("title: Authress Users API", "name: Authress Users API");
        assert_eq!(problem.code, "not-openapi");
        assert!(problem.message.contains("title"), "{problem}");
    }
}
