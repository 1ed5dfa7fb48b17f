//! Summaries, descriptions, `x-idempotent` and methods of operations.

use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let pointer = entry.pointer();
        for (key, rule) in [
            ("summary", &rules::MISSING_SUMMARY),
            ("description", &rules::MISSING_DESCRIPTION),
        ] {
            let text = entry.value[key].as_str().unwrap_or_default();
            if text.trim().is_empty() {
                findings.add(
                    rule,
                    &pointer,
                    format!("the operation has no {key}"),
                    format!("add a `{key}`; the documentation is generated from it"),
                );
            }
        }
        if !entry.value["x-idempotent"].is_boolean() {
            findings.add(
                &rules::MISSING_IDEMPOTENT,
                &pointer,
                "the operation does not state whether it is safe to repeat",
                "add `x-idempotent: true` or `x-idempotent: false`; retries depend on it",
            );
        }
    }
}

pub(in crate::lint) fn check_methods(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        if matches!(entry.method, "options" | "trace") {
            findings.add(
                &rules::UNSUPPORTED_METHOD,
                &entry.pointer(),
                format!(
                    "the client does not support {}",
                    entry.method.to_uppercase()
                ),
                "remove the operation",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::assert_problem;

    #[test]
    fn missing_and_empty_texts_are_reported() {
        let id = "operationId: getUser\n      x-idempotent: true\n";
        for (from, to, code) in [
            ("      summary: Read a user\n", "", "missing-summary"),
            ("summary: Read a user", "summary: ''", "missing-summary"),
            (
                "      summary: Read a user\n      description: ",
                "      summary: Read a user\n      x-description: ",
                "missing-description",
            ),
            (id, "operationId: getUser\n", "missing-idempotent"),
            (
                id,
                "operationId: getUser\n      x-idempotent: 'yes'\n",
                "missing-idempotent",
            ),
        ] {
            assert_problem(from, to, code, "getUser");
        }
    }
}
