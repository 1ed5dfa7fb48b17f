use std::collections::HashMap;

use crate::lint::{Findings, rules};
use authress_users_openapi::child;

/// OpenAPI knows a path by its slash; anything else is passed over, and its operations with it.
pub(in crate::lint) fn start_with_a_slash(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (path, _) in document.value["paths"].as_object().into_iter().flatten() {
        if path.starts_with('/') || path.starts_with("x-") {
            continue;
        }
        findings.add(
            &rules::PATH_WITHOUT_SLASH,
            &child("/paths", path),
            "does not start with a slash, so its operations would not be there",
            format!("write `/{path}`"),
        );
    }
}

/// A server can't tell two paths apart that differ in the names of their parameters alone.
pub(in crate::lint) fn differ(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut taken: HashMap<String, &str> = HashMap::new();
    for (path, _) in document.value["paths"].as_object().into_iter().flatten() {
        let Some(other) = taken.insert(without_names(path), path) else {
            continue;
        };
        let line = document.line(&child("/paths", other));
        findings.add(
            &rules::AMBIGUOUS_PATH,
            &child("/paths", path),
            format!("is that of `{other}` in line {line}, but for the names of its parameters"),
            "describe the operations of both under one of them",
        );
    }
}

/// A path goes into URLs as it stands, but for its parameters.
pub(in crate::lint) fn are_urls(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (path, _) in document.value["paths"].as_object().into_iter().flatten() {
        let bare = without_names(path);
        let is_odd = |sign: char| !sign.is_ascii_graphic() || "?#\\\"<>^`|".contains(sign);
        let segments: Vec<&str> = bare.split('/').skip(1).collect();
        let reason = if let Some(sign) = bare.chars().find(|sign| is_odd(*sign)) {
            format!("has {sign:?}, which no path of a URL has")
        } else if segments
            .iter()
            .any(|segment| matches!(*segment, "." | ".."))
        {
            "has a dot segment, which readers of URLs collapse".to_owned()
        } else if bare.contains("//") {
            "has an empty segment".to_owned()
        } else {
            continue;
        };
        findings.add(
            &rules::UNUSABLE_PATH,
            &child("/paths", path),
            reason,
            "write it as the server knows it; what comes after `?` is a parameter",
        );
    }
}

/// A path with nothing between its braces.
fn without_names(path: &str) -> String {
    let mut parts = path.split('{');
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push('{');
        bare.push_str(part.split_once('}').map_or(part, |(_, rest)| rest));
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    #[test]
    fn paths_that_differ_in_the_names_of_their_parameters_alone_are_named_with_both_lines() {
        let from = "    delete:\n      operationId: deleteUser\n";
        let document = edited(
            from,
            &format!(
                "  /v1/users/{{id}}:\n    parameters:\n      - name: id\n        in: path\n        \
                 required: true\n        schema:\n          \
                 $ref: '#/components/schemas/UserId'\n{from}"
            ),
        );
        let problems = problems(&document);
        let [problem] = problems.as_slice() else {
            panic!("{problems:#?}")
        };
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("ambiguous-path", "the path /v1/users/{id}")
        );
        let line = document.line("/paths/~1v1~1users~1{userId}");
        assert!(
            problem
                .message
                .contains(&format!("`/v1/users/{{userId}}` in line {line}")),
            "{problem}"
        );
    }

    #[test]
    fn the_names_of_parameters_are_all_that_is_left_out() {
        for (path, bare) in [
            ("/v1/users/{userId}", "/v1/users/{"),
            ("/{a}/b/{c}.json", "/{/b/{.json"),
            ("/a", "/a"),
            ("/a/{b", "/a/{b"),
        ] {
            assert_eq!(without_names(path), bare);
        }
    }

    #[test]
    fn a_path_without_its_slash_is_named() {
        let problem = only_problem("  /v1/users:\n", "  v1/users:\n");
        assert_eq!(
            (problem.code.as_str(), &*problem.subject(), problem.line),
            ("path-without-slash", "the path v1/users", 33)
        );
        assert!(problem.advice.contains("`/v1/users`"), "{problem}");
    }
}
