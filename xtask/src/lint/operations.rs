use super::{Findings, rules};

/// Methods of the client, spans and messages are named after the operationId.
pub(super) fn have_ids(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        if entry.value["operationId"]
            .as_str()
            .is_none_or(str::is_empty)
        {
            findings.add(
                &rules::MISSING_OPERATION_ID,
                &entry.pointer(),
                entry.name(),
                "has no operationId, which the client's method is named after",
                "add one, such as `getUser`",
            );
        }
    }
}

/// People read the summary and the description; retries depend on `x-idempotent`.
pub(super) fn are_described(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let pointer = entry.pointer();
        for (key, rule) in [
            ("summary", &rules::MISSING_SUMMARY),
            ("description", &rules::MISSING_DESCRIPTION),
        ] {
            if entry.value[key]
                .as_str()
                .is_none_or(|text| text.trim().is_empty())
            {
                findings.add(
                    rule,
                    &pointer,
                    entry.name(),
                    format!("has no {key}, and its documentation is made from that"),
                    format!("add a {key}"),
                );
            }
        }
        if !entry.value["x-idempotent"].is_boolean() {
            findings.add(
                &rules::MISSING_IDEMPOTENT,
                &pointer,
                entry.name(),
                "does not say whether it may be sent again, and retries depend on that",
                "add `x-idempotent: true` or `x-idempotent: false`",
            );
        }
    }
}

/// The client's HTTP library has no functions for the rest.
pub(super) fn have_methods_of_the_client(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        if matches!(entry.method, "options" | "trace") {
            findings.add(
                &rules::UNSUPPORTED_METHOD,
                &entry.pointer(),
                entry.name(),
                format!(
                    "the client can't send {}, and its code would not compile",
                    entry.method.to_uppercase()
                ),
                "leave the operation out",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::only_problem;

    #[test]
    fn an_operation_without_an_id_is_named_by_its_method_and_path() {
        let problem = only_problem("      operationId: deleteUser\n", "");
        assert_eq!(problem.code, "missing-operation-id");
        assert_eq!(problem.subject, "DELETE /v1/users/{userId}");
    }

    #[test]
    fn an_operation_that_does_not_explain_itself_is_named() {
        for (from, to, code) in [
            ("      summary: Read a user\n", "", "missing-summary"),
            (
                "      description: Returns what the account knows of one user.\n",
                "",
                "missing-description",
            ),
            ("summary: Read a user", "summary: ''", "missing-summary"),
            (
                "operationId: getUser\n      x-idempotent: true",
                "operationId: getUser",
                "missing-idempotent",
            ),
            (
                "operationId: getUser\n      x-idempotent: true",
                "operationId: getUser\n      x-idempotent: 'yes'",
                "missing-idempotent",
            ),
        ] {
            let problem = only_problem(from, to);
            assert_eq!((problem.code, &*problem.subject), (code, "getUser"));
        }
    }
}
