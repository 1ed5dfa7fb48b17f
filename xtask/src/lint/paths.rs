use super::Findings;
use crate::document::child;

/// OpenAPI knows a path by its slash; anything else is passed over, and its operations with it.
pub(super) fn start_with_a_slash(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (path, _) in document.value["paths"].as_object().into_iter().flatten() {
        if path.starts_with('/') || path.starts_with("x-") {
            continue;
        }
        findings.add(
            "path-without-slash",
            &child("/paths", path),
            format!("the path {path}"),
            "does not start with a slash, so its operations would not be there",
            format!("write `/{path}`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::only_problem;

    #[test]
    fn a_path_without_its_slash_is_named() {
        let problem = only_problem("  /v1/users:\n", "  v1/users:\n");
        assert_eq!(
            (problem.code, &*problem.subject, problem.line),
            ("path-without-slash", "the path v1/users", 33)
        );
        assert!(problem.advice.contains("`/v1/users`"), "{problem}");
    }
}
