use super::{Findings, rules};
use crate::document::{METHODS, child};

/// What a path item has beside its operations.
const OTHERS: [&str; 4] = ["summary", "description", "servers", "parameters"];

/// What OpenAPI does not know is passed over, and an operation might be among it.
pub(super) fn are_known(findings: &mut Findings<'_>) {
    let document = findings.document;
    for (path, path_item) in document.value["paths"].as_object().into_iter().flatten() {
        let pointer = child("/paths", path);
        if path.starts_with("x-") {
            continue;
        }
        for (key, _) in path_item.as_object().into_iter().flatten() {
            let is_known =
                METHODS.contains(&&**key) || OTHERS.contains(&&**key) || key.starts_with("x-");
            if is_known {
                continue;
            }
            let method = key.trim().to_lowercase();
            let (message, advice) = if METHODS.contains(&&*method) {
                (
                    format!("`{key}` is no method, so the operation would not be there"),
                    format!("write `{method}`"),
                )
            } else if key == "$ref" {
                (
                    "the path refers to another one, which the generator can't follow".to_owned(),
                    "describe its operations here".to_owned(),
                )
            } else {
                (
                    format!("`{key}` is no member that a path has"),
                    "take it away, or let its name start with `x-`".to_owned(),
                )
            };
            findings.add(
                &rules::UNKNOWN_MEMBER,
                &child(&pointer, key),
                format!("{key} {path}"),
                message,
                advice,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{problems, tests::only_problem};
    use crate::testing::edited;

    #[test]
    fn a_method_in_upper_case_is_named() {
        for method in ["DELETE", "Delete"] {
            let problem = only_problem("    delete:\n", &format!("    {method}:\n"));
            assert_eq!(
                (problem.code, &*problem.subject),
                ("unknown-member", &*format!("{method} /v1/users/{{userId}}"))
            );
            assert!(problem.advice.contains("`delete`"), "{problem}");
            let pointer = format!("/paths/~1v1~1users~1{{userId}}/{method}");
            let document = edited("    delete:\n", &format!("    {method}:\n"));
            assert_eq!(problem.line, document.line(&pointer));
        }
    }

    #[test]
    fn a_member_that_no_path_has_is_named_but_an_extension_is_not() {
        let from = "    get:\n      operationId: getUser\n";
        for member in [
            "query: {}",
            "fetch: {}",
            "tags: [Users]",
            "$ref: '#/paths/~1v1~1users'",
        ] {
            let document = edited(from, &format!("    {member}\n{from}"));
            assert!(
                problems(&document)
                    .iter()
                    .any(|problem| problem.code == "unknown-member"),
                "{member}"
            );
        }
        for member in ["x-owner: us", "summary: One user", "description: One user"] {
            let document = edited(from, &format!("    {member}\n{from}"));
            assert!(problems(&document).is_empty(), "{member}");
        }
    }
}
