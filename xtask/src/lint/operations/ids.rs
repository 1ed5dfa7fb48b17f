use std::collections::HashMap;

use crate::generate::names;
use crate::lint::{Findings, rules};
use authress_users_openapi::child;

/// An operationId becomes a method, a type and a constant, each in the case of its kind.
pub(in crate::lint) fn are_rust(findings: &mut Findings<'_>) {
    for entry in findings.document.operations() {
        let Some(id) = entry.value["operationId"]
            .as_str()
            .filter(|id| !id.is_empty())
        else {
            continue;
        };
        let Some(reason) = names::unusable(id) else {
            continue;
        };
        findings.add_to(
            Some(&entry),
            &rules::UNUSABLE_OPERATION_ID,
            &child(&entry.pointer(), "operationId"),
            reason,
            "name it with a verb and what it is done to, such as `getUser`",
        );
    }
}

/// Two operations of one name would be one method, one type or one constant.
pub(in crate::lint) fn differ(findings: &mut Findings<'_>) {
    let mut taken: HashMap<String, (String, usize)> = HashMap::new();
    for entry in findings.document.operations() {
        let Some(id) = entry.value["operationId"]
            .as_str()
            .filter(|id| !id.trim().is_empty())
        else {
            continue;
        };
        let place = child(&entry.pointer(), "operationId");
        // Where the names of the methods are the same, so are those of the types; digits make
        // that untrue the other way round.
        let name = names::type_name(id);
        if let Some((other, line)) = taken.get(&name) {
            findings.add(
                &rules::DUPLICATE_OPERATION_ID,
                &place,
                format!("its method would be that of `{other}` in line {line}"),
                "give each operation an operationId of its own",
            );
        } else {
            let line = findings.document.line(&place);
            taken.insert(name, (id.to_owned(), line));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    #[test]
    fn an_id_that_makes_no_rust_name_is_named() {
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
            "new_with_client",
            "error",
            "Result",
        ] {
            let problem = only_problem("operationId: getUser\n", &format!("operationId: {id}\n"));
            assert_eq!(problem.code, "unusable-operation-id", "{id}");
            assert!(!problem.subject().trim().is_empty(), "{problem}");
            assert_eq!(
                problem.line,
                edited("operationId: getUser\n", "operationId: x\n")
                    .line("/paths/~1v1~1users~1{userId}/get/operationId")
            );
        }
    }

    #[test]
    fn an_id_of_another_style_is_fine() {
        for id in [
            "get-user",
            "get_user",
            "GetUser",
            "getUser2",
            "typeOf",
            "users/get",
            "'get user'",
        ] {
            let document = edited("operationId: getUser\n", &format!("operationId: {id}\n"));
            assert!(problems(&document).is_empty(), "{id}");
            assert!(
                crate::generate::problems(&document, crate::generate::Spec::Variant).is_empty(),
                "{id}"
            );
        }
    }

    #[test]
    fn two_operations_with_one_name_are_named_with_both_lines() {
        for id in ["getUsers", "get_users", "GetUsers", "get-users"] {
            let problem = only_problem("operationId: getUser\n", &format!("operationId: {id}\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("duplicate-operation-id", id)
            );
            assert!(problem.message.contains("`getUsers` in line "), "{problem}");
        }
    }

    #[test]
    fn two_operations_whose_types_have_one_name_are_named() {
        let document = edited("operationId: getUsers\n", "operationId: getUser_1\n");
        let text = document
            .value
            .to_string()
            .replace("\"getUser\"", "\"getUser1\"");
        let document = authress_users_openapi::Document::parse("users.yaml", &text).unwrap();
        let codes: Vec<_> = problems(&document)
            .iter()
            .map(|problem| problem.code)
            .collect();
        assert_eq!(codes, ["duplicate-operation-id"]);
    }
}
