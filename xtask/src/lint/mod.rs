//! What must be right with a document before code is made from it.

mod bodies;
mod circles;
mod examples;
mod members;
mod merges;
mod names;
mod operations;
mod parameter_names;
mod parameters;
mod paths;
mod references;
mod responses;
mod security;
mod shape;
mod statuses;
mod structure;
mod version;

use std::collections::HashSet;

use crate::document::{Document, OperationEntry};
use crate::problem::Problem;

type Rule = fn(&mut Findings<'_>);

/// Rules that look at one place at a time.
const RULES: [Rule; 19] = [
    structure::has_operations,
    structure::has_responses,
    structure::has_schemas,
    shape::is_that_of_openapi,
    members::are_known,
    paths::start_with_a_slash,
    paths::differ,
    security::is_declared,
    statuses::are_numbers,
    operations::have_ids,
    names::are_rust,
    names::differ,
    operations::are_described,
    parameters::match_the_path,
    parameter_names::differ,
    bodies::have_schemas,
    bodies::are_of_one_kind,
    bodies::are_json_in_requests,
    responses::are_json_where_they_succeed,
];

/// Rules that follow references, which must hold for that.
const FAR_RULES: [Rule; 4] = [
    merges::have_an_end,
    parameters::carry_no_unsafe_ids,
    responses::take_what_comes,
    examples::fit_their_schemas,
];

/// Everything that is wrong with a document, in the order of its lines.
pub(crate) fn problems(document: &Document) -> Vec<Problem> {
    let mut findings = Findings {
        document,
        problems: Vec::new(),
        seen: HashSet::new(),
    };
    // In another dialect every rule would misread the document.
    version::is_understood(&mut findings);
    if findings.problems.is_empty() {
        circles::have_an_end(&mut findings);
        references::hold(&mut findings);
        let references_hold = findings.problems.is_empty();
        let far = FAR_RULES
            .iter()
            .take(if references_hold { FAR_RULES.len() } else { 0 });
        for rule in RULES.iter().chain(far) {
            rule(&mut findings);
        }
    }
    findings.problems.sort_by_key(|problem| problem.line);
    findings.problems
}

/// What the rules have found so far.
struct Findings<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
    seen: HashSet<(&'static str, String)>,
}

impl Findings<'_> {
    /// Adds what is wrong at a place; the same is said once, however many operations share it.
    fn add(
        &mut self,
        code: &'static str,
        pointer: &str,
        subject: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        if self.seen.insert((code, pointer.to_owned())) {
            self.problems.push(
                self.document
                    .problem(code, pointer, subject, message, advice),
            );
        }
    }

    /// The operation that a place belongs to, or the place itself where it belongs to none.
    fn subject(&self, pointer: &str) -> String {
        self.document
            .operations()
            .iter()
            .find(|entry| {
                pointer
                    .strip_prefix(&entry.pointer())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
            .map_or_else(|| format!("#{pointer}"), OperationEntry::name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edited, users_document};

    /// Replaces a piece of the project's document, and expects exactly one problem in return.
    pub(super) fn only_problem(from: &str, to: &str) -> Problem {
        let document = edited(from, to);
        let mut problems = problems(&document);
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(problems.len(), 1, "{from:?} -> {to:?}: {shown:#?}");
        problems.remove(0)
    }

    #[test]
    fn the_document_of_the_project_is_clean() {
        let problems = problems(&users_document());
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn a_problem_is_one_line_with_the_place_the_operation_and_the_way_out() {
        let line = only_problem("      operationId: getUser\n", "").to_string();
        assert_eq!(line.lines().count(), 1);
        assert!(line.starts_with("users.yaml:"), "{line}");
        assert!(
            line.contains(": [missing-operation-id] GET /v1/users/{userId}: "),
            "{line}"
        );
        assert!(line.contains("; "), "{line}");
    }

    #[test]
    fn problems_come_in_the_order_of_their_lines() {
        let document = edited("openapi: 3.0.3", "openapi: 3.0.3 # nothing else");
        assert!(problems(&document).is_empty());
        let text = crate::testing::fixture().replace("x-idempotent: true", "x-other: true");
        let lines: Vec<_> = problems(&Document::parse("users.yaml", &text).unwrap())
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.is_sorted());
    }
}
