//! Paths.

use std::collections::HashMap;

use authress_users_openapi::{PathTemplate, child};

use crate::lint::elements::members;
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check_duplicates(findings: &mut Findings<'_>) {
    let document = findings.document;
    let mut taken: HashMap<String, &str> = HashMap::new();
    for (path, _) in members(&document.value["paths"]) {
        if let Some(other) = taken.insert(PathTemplate::parse(path).pattern(), path) {
            let line = document.line(&child("/paths", other));
            findings.add(
                &rules::AMBIGUOUS_PATH,
                &child("/paths", path),
                format!("`{path}` differs from `{other}` in line {line} only in parameter names"),
                "describe the operations of both under one path",
            );
        }
    }
}

pub(in crate::lint) fn check_syntax(findings: &mut Findings<'_>) {
    check_sent(findings, |pattern| pattern);
}

/// Checks what a client sends of each path: documents distinguish operations of one path by fragments,
/// which clients do not send.
pub(in crate::lint) fn check_without_fragment(findings: &mut Findings<'_>) {
    check_sent(findings, |pattern| {
        pattern.split_once('#').map_or(pattern, |(sent, _)| sent)
    });
}

fn check_sent(findings: &mut Findings<'_>, sent: impl Fn(&str) -> &str) {
    let document = findings.document;
    for (path, _) in members(&document.value["paths"]) {
        let pattern = PathTemplate::parse(path).pattern();
        let bare = sent(&pattern);
        let is_invalid = |c: &char| !c.is_ascii_graphic() || "?#\\\"<>^`|".contains(*c);
        let reason = if let Some(invalid) = bare.chars().find(is_invalid) {
            format!("has {invalid:?}, which a URL path cannot contain")
        } else if bare.split('/').any(|segment| matches!(segment, "." | "..")) {
            "has a dot segment, which URL parsers collapse".to_owned()
        } else if bare.contains("//") {
            "has an empty segment".to_owned()
        } else {
            continue;
        };
        findings.add(
            &rules::INVALID_PATH,
            &child("/paths", path),
            format!("the path `{path}` {reason}"),
            "write the path that the server expects; describe queries as parameters",
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::check::problems;
    use crate::testing::edited;

    #[test]
    fn paths_that_differ_only_in_parameter_names_are_reported_with_both_lines() {
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
            (problem.code.as_str(), &*problem.pointer),
            ("ambiguous-path", "/paths/~1v1~1users~1{id}")
        );
        let line = document.line("/paths/~1v1~1users~1{userId}");
        let expected = format!("`/v1/users/{{userId}}` in line {line}");
        assert!(problem.message.contains(&expected), "{problem}");
    }
}
