use serde_json::Value;

use crate::lint::{Findings, rules};
use authress_users_openapi::child;

/// A scheme that is declared nowhere tells nobody how to be let in.
pub(in crate::lint) fn is_declared(findings: &mut Findings<'_>) {
    let document = findings.document;
    let everywhere = (&document.value, String::new());
    let operations = document.operations().into_iter();
    let holders = operations.map(|entry| (entry.value, entry.pointer()));
    for (holder, pointer) in [everywhere].into_iter().chain(holders) {
        let list = child(&pointer, "security");
        for (index, requirement) in entries(&holder["security"]).enumerate() {
            let place = child(&list, &index.to_string());
            for (name, _) in requirement.as_object().into_iter().flatten() {
                if document.value["components"]["securitySchemes"]
                    .get(name)
                    .is_none()
                {
                    findings.add(
                        &rules::UNDECLARED_SECURITY_SCHEME,
                        &child(&place, name),
                        format!("its `security` names `{name}`, which is declared nowhere"),
                        "declare it under `components/securitySchemes`, or correct the name",
                    );
                }
            }
        }
    }
}

fn entries(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    #[test]
    fn a_scheme_that_is_declared_nowhere_is_named_with_its_line() {
        let problem = only_problem("  - oauth2: []\n", "  - oauth: []\n");
        assert_eq!(
            (problem.code.as_str(), &*problem.subject(), problem.line),
            ("undeclared-security-scheme", "#/security/0/oauth", 24)
        );
        let from = "      summary: Read a user\n";
        let problem = only_problem(
            from,
            &format!("      security:\n        - oauth2: []\n        - apiKey: []\n{from}"),
        );
        assert_eq!(
            (problem.code.as_str(), &*problem.subject()),
            ("undeclared-security-scheme", "getUser")
        );
        assert!(problem.message.contains("`apiKey`"), "{problem}");
    }

    #[test]
    fn an_operation_may_need_no_security() {
        let from = "      summary: Read a user\n";
        for security in ["[]", "[{}]", "[{oauth2: []}]"] {
            let document = edited(from, &format!("      security: {security}\n{from}"));
            assert!(problems(&document).is_empty(), "{security}");
        }
    }
}
