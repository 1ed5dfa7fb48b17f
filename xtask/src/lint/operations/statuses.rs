use crate::generate::lower::stands_for_many;
use crate::lint::operations::bodies::responses;
use crate::lint::{Findings, rules};
use authress_users_openapi::child;

/// The client tells answers apart by their statuses, each by its own number.
pub(in crate::lint) fn are_numbers(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for response in responses(document, &entry) {
            let status = response.status;
            let place = child(&child(&entry.pointer(), "responses"), status);
            if stands_for_many(status) {
                findings.add_to(
                    Some(&entry),
                    &rules::OPEN_STATUS,
                    &place,
                    format!("`{status}` stands for many statuses"),
                    "list each status by its number",
                );
            } else if !is_status(status) {
                findings.add_to(
                    Some(&entry),
                    &rules::UNKNOWN_STATUS,
                    &place,
                    format!("`{status}` is no status of HTTP"),
                    "write three digits, from 100 to 599",
                );
            }
        }
    }
}

fn is_status(status: &str) -> bool {
    // A number may be written in several ways, and a status in one.
    status.len() == 3
        && status
            .parse::<u16>()
            .is_ok_and(|number| (100..600).contains(&number))
}

#[cfg(test)]
mod tests {
    use crate::lint::{problems, tests::only_problem};
    use crate::testing::edited;

    const ACCEPTED: &str = "        \"202\":\n";

    #[test]
    fn statuses_that_stand_for_many_are_named() {
        for status in ["2XX", "2xx", "default"] {
            let problem = only_problem(ACCEPTED, &format!("        \"{status}\":\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("open-status", "deleteUser")
            );
        }
    }

    #[test]
    fn a_status_that_is_none_is_named() {
        for status in ["99", "0202", "600", "20", "+20", "ok", "2YY", "20 "] {
            let problem = only_problem(ACCEPTED, &format!("        \"{status}\":\n"));
            assert_eq!(
                (problem.code.as_str(), &*problem.subject()),
                ("unknown-status", "deleteUser"),
                "{status}"
            );
        }
    }

    #[test]
    fn an_extension_among_the_answers_is_none_of_them() {
        let document = edited(ACCEPTED, &format!("        x-note: Slow.\n{ACCEPTED}"));
        assert!(problems(&document).is_empty());
        assert!(crate::generate::problems(&document, crate::generate::Spec::Variant).is_empty());
    }
}
