use crate::lint::{Findings, rules};

/// Methods of the client, spans and messages are named after the operationId.
pub(in crate::lint) fn have_ids(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        if entry.value["operationId"]
            .as_str()
            .is_none_or(str::is_empty)
        {
            findings.add_to(
                Some(&entry),
                &rules::MISSING_OPERATION_ID,
                &entry.pointer(),
                "has no operationId, which the client's method is named after",
                "add one, such as `getUser`",
            );
        }
    }
}

/// People read the summary and the description; retries depend on `x-idempotent`.
pub(in crate::lint) fn are_described(findings: &mut Findings<'_>) {
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
                findings.add_to(
                    Some(&entry),
                    rule,
                    &pointer,
                    format!("has no {key}, and its documentation is made from that"),
                    format!("add a {key}"),
                );
            }
        }
        if !entry.value["x-idempotent"].is_boolean() {
            findings.add_to(
                Some(&entry),
                &rules::MISSING_IDEMPOTENT,
                &pointer,
                "does not say whether it may be sent again, and retries depend on that",
                "add `x-idempotent: true` or `x-idempotent: false`",
            );
        }
    }
}

/// The client's HTTP library has no functions for the rest.
pub(in crate::lint) fn have_methods_of_the_client(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        if matches!(entry.method, "options" | "trace") {
            findings.add_to(
                Some(&entry),
                &rules::UNSUPPORTED_METHOD,
                &entry.pointer(),
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
    use crate::lint::tests::only_problem;

    #[test]
    fn an_operation_without_an_id_is_named_by_its_method_and_path() {
        let problem = only_problem("      operationId: deleteUser\n", "");
        assert_eq!(problem.code, "missing-operation-id");
        assert_eq!(problem.subject(), "DELETE /v1/users/{userId}");
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
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                (code, "getUser")
            );
        }
    }
}
