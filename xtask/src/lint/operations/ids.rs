//! operationIds.

use std::collections::HashMap;

use authress_users_openapi::child;

use crate::generate::names;
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check_presence(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let id = entry.value["operationId"].as_str().unwrap_or_default();
        if id.is_empty() {
            findings.add(
                &rules::MISSING_OPERATION_ID,
                &entry.pointer(),
                "the operation has no operationId",
                "add one, such as `getUser`; the client's method is named after it",
            );
        }
    }
}

pub(in crate::lint) fn check_names(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let id = entry.value["operationId"].as_str().unwrap_or_default();
        let reason = names::unusable(id).filter(|_| !id.is_empty());
        if let Some(reason) = reason {
            findings.add(
                &rules::INVALID_OPERATION_ID,
                &child(&entry.pointer(), "operationId"),
                reason,
                "name the operation with a verb and an object, such as `getUser`",
            );
        }
    }
}

/// Operations with the same Rust name would define a method, a type or a constant twice.
pub(in crate::lint) fn check_duplicates(findings: &mut Findings<'_>) {
    // The id and its pointer, by the Rust name.
    let mut taken: HashMap<String, (String, String)> = HashMap::new();
    for entry in findings.document.operations() {
        let id = entry.value["operationId"].as_str().unwrap_or_default();
        if id.trim().is_empty() {
            continue;
        }
        let place = child(&entry.pointer(), "operationId");
        let name = names::type_name(id);
        match taken.get(&name) {
            // Several paths can refer to one path item.
            Some((_, first)) if *first == place => {}
            Some((other, first)) => {
                let line = findings.document.line(first);
                findings.add(
                    &rules::DUPLICATE_OPERATION_ID,
                    &place,
                    format!("`{id}` becomes the same Rust name as `{other}` in line {line}"),
                    "use different operationIds",
                );
            }
            None => {
                taken.insert(name, (id.to_owned(), place));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use authress_users_openapi::Document;

    use crate::lint::check::problems;
    use crate::lint::testing::{assert_problem, assert_valid, only_problem};
    use crate::testing::edited;

    const ID: &str = "operationId: getUser\n";

    #[test]
    fn an_operation_without_an_id_is_named_by_method_and_path() {
        let subject = "DELETE /v1/users/{userId}";
        let from = "      operationId: deleteUser\n";
        assert_problem(from, "", "missing-operation-id", subject);
    }

    #[test]
    fn reserved_and_invalid_ids_are_reported() {
        for id in [
            "1get",
            "'   '",
            "type",
            "Self",
            "async",
            "'+'",
            "ünï/x",
            "get'user",
            "operations",
            "with_transport",
            "error",
            "Result",
        ] {
            let problem = only_problem(ID, &format!("operationId: {id}\n"));
            assert_eq!(problem.code, "invalid-operation-id", "{id}");
            assert!(!problem.subject().trim().is_empty(), "{problem}");
            let pointer = "/paths/~1v1~1users~1{userId}/get/operationId";
            assert_eq!(problem.line, edited(ID, ID).line(pointer));
        }
    }

    #[test]
    fn ids_of_other_naming_styles_are_valid() {
        for id in [
            "get-user",
            "get_user",
            "GetUser",
            "getUser2",
            "typeOf",
            "users/get",
            "'get user'",
        ] {
            assert_valid(ID, &format!("operationId: {id}\n"));
        }
    }

    #[test]
    fn ids_with_one_method_name_are_reported_with_both_lines() {
        for id in ["getUsers", "get_users", "GetUsers", "get-users"] {
            let to = format!("operationId: {id}\n");
            let problem = assert_problem(ID, &to, "duplicate-operation-id", id);
            let expected = "as `getUsers` in line ";
            assert!(problem.message.contains(expected), "{problem}");
        }
    }

    #[test]
    fn ids_with_one_type_name_are_reported() {
        let document = edited("operationId: getUsers\n", "operationId: getUser_1\n");
        let text = document.value.to_string();
        let text = text.replace("\"getUser\"", "\"getUser1\"");
        let problems = problems(&Document::parse("users.json", &text).unwrap());
        let codes: Vec<_> = problems.iter().map(|problem| problem.code).collect();
        assert_eq!(codes, ["duplicate-operation-id"]);
    }
}
