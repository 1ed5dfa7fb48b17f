//! Statuses of responses.

use authress_users_openapi::child;

use crate::generate::lower::stands_for_many;
use crate::lint::elements::responses;
use crate::lint::findings::Findings;
use crate::lint::rules;

pub(in crate::lint) fn check(findings: &mut Findings<'_>) {
    let document = findings.document;
    for entry in document.operations() {
        for response in responses(document, &entry) {
            let status = response.status;
            let place = child(&child(&entry.pointer(), "responses"), status);
            if stands_for_many(status) {
                findings.add(
                    &rules::STATUS_RANGE,
                    &place,
                    format!("`{status}` stands for several statuses"),
                    "list each status",
                );
            } else if !is_status(status) {
                findings.add(
                    &rules::INVALID_STATUS,
                    &place,
                    format!("`{status}` is not an HTTP status"),
                    "write three digits, from 100 to 599",
                );
            }
        }
    }
}

fn is_status(status: &str) -> bool {
    // The length rules out other notations of the same number, such as `+200`.
    status.len() == 3
        && status
            .parse::<u16>()
            .is_ok_and(|number| (100..600).contains(&number))
}

#[cfg(test)]
mod tests {
    use crate::generate::{self, Spec};
    use crate::lint::testing::{assert_problem, assert_valid};
    use crate::testing::edited;

    const ACCEPTED: &str = "        \"202\":\n";

    #[test]
    fn ranges_of_statuses_are_reported() {
        for status in ["2XX", "2xx", "default"] {
            let to = format!("        \"{status}\":\n");
            assert_problem(ACCEPTED, &to, "status-range", "deleteUser");
        }
    }

    #[test]
    fn invalid_statuses_are_reported() {
        for status in ["99", "0202", "600", "20", "+20", "ok", "2YY", "20 "] {
            let to = format!("        \"{status}\":\n");
            assert_problem(ACCEPTED, &to, "invalid-status", "deleteUser");
        }
    }

    #[test]
    fn an_extension_among_the_responses_is_valid() {
        let to = format!("        x-note: Slow.\n{ACCEPTED}");
        assert_valid(ACCEPTED, &to);
        assert!(generate::problems(&edited(ACCEPTED, &to), Spec::Variant).is_empty());
    }
}
