//! Security requirements.

use authress_users_openapi::child;

use crate::lint::elements::{items, members};
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check_declarations(findings: &mut Findings<'_>) {
    let document = findings.document;
    let operations = document.operations().into_iter();
    let holders = operations.map(|entry| (entry.value, entry.pointer()));
    for (holder, pointer) in holders.chain([(&document.value, String::new())]) {
        for (requirement, place) in items(&holder["security"], &child(&pointer, "security")) {
            for (name, _) in members(requirement) {
                let schemes = &document.value["components"]["securitySchemes"];
                if schemes.get(name).is_none() {
                    findings.add(
                        &rules::UNDECLARED_SECURITY_SCHEME,
                        &child(&place, name),
                        format!("the security scheme `{name}` is not declared"),
                        "declare it in `components/securitySchemes`, or correct the name",
                    );
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{assert_problem, assert_valid};

    #[test]
    fn an_undeclared_scheme_is_reported_with_its_line() {
        let code = "undeclared-security-scheme";
        let subject = "#/security/0/oauth";
        let problem = assert_problem("  - oauth2: []\n", "  - oauth: []\n", code, subject);
        assert_eq!(problem.line, 27);
        let from = "      summary: Read a user\n";
        let to = format!("      security:\n        - oauth2: []\n        - apiKey: []\n{from}");
        let problem = assert_problem(from, &to, code, "getUser");
        assert!(problem.message.contains("`apiKey`"), "{problem}");
    }

    #[test]
    fn an_operation_may_need_no_security() {
        let from = "      summary: Read a user\n";
        for security in ["[]", "[{}]", "[{oauth2: []}]"] {
            assert_valid(from, &format!("      security: {security}\n{from}"));
        }
    }
}
