//! What must be right with a document before code is made from it.

mod bodies;
mod circles;
mod examples;
pub(crate) mod explain;
mod members;
mod merges;
mod names;
mod operations;
mod own;
mod own_fake;
mod parameter_names;
mod parameters;
mod paths;
mod references;
mod responses;
pub(crate) mod rules;
mod security;
mod sending;
mod shape;
mod statuses;
mod structure;
mod types;
mod version;

use std::collections::{HashMap, HashSet};

use crate::document::Document;
use crate::generate;
use crate::problem::Problem;
use rules::{Rule, Scope};

pub(crate) use names::unusable_name;
pub(crate) use statuses::stands_for_many;

type Check = fn(&mut Findings<'_>);

/// Checks that look at one place at a time.
const CHECKS: [Check; 26] = [
    structure::has_operations,
    structure::has_responses,
    structure::has_schemas,
    shape::is_that_of_openapi,
    members::are_known,
    members::have_meaning,
    paths::start_with_a_slash,
    paths::differ,
    paths::are_urls,
    security::is_declared,
    statuses::are_numbers,
    operations::have_ids,
    names::are_rust,
    names::differ,
    operations::are_described,
    operations::have_methods_of_the_client,
    types::differ,
    types::have_fields_that_differ,
    parameters::match_the_path,
    parameter_names::differ,
    bodies::have_schemas,
    bodies::are_of_one_kind,
    bodies::are_json_in_requests,
    responses::are_json_where_they_succeed,
    responses::can_be_had,
    sending::can_be_written,
];

/// Checks that follow references, which must hold for that.
const FAR_CHECKS: [Check; 8] = [
    merges::have_an_end,
    parameters::carry_no_unsafe_ids,
    responses::take_what_comes,
    examples::fit_their_schemas,
    sending::has_types,
    types::are_said_without_not,
    types::can_be_fitted,
    types::have_patterns,
];

/// What else holds for the document that hand-written code was made for.
const OWN_CHECKS: [Check; 4] = [
    own::has_what_is_used,
    own::has_members,
    own_fake::answers_what_is_described,
    own_fake::finds_operations,
];

/// What keeps a document from being used: what is wrong with it, or else what the generator
/// stumbles over.
pub(crate) fn checked(document: &Document, scope: Scope) -> Vec<Problem> {
    let mut problems = problems(document);
    // What comes next follows references, and reads what has the right form.
    if problems.is_empty() && scope == Scope::Own {
        problems = own_problems(document);
    }
    if !problems.is_empty() {
        return problems;
    }
    match scope {
        Scope::Any => generate::problems(document),
        Scope::Own => generate::own_problems(document),
    }
}

fn own_problems(document: &Document) -> Vec<Problem> {
    let mut findings = Findings::new(document);
    for check in OWN_CHECKS {
        check(&mut findings);
    }
    findings.problems.sort_by_key(|problem| problem.line);
    findings.problems
}

/// Everything that is wrong with a document, in the order of its lines.
pub(crate) fn problems(document: &Document) -> Vec<Problem> {
    let mut findings = Findings::new(document);
    // In another dialect every check would misread the document.
    version::is_understood(&mut findings);
    if findings.problems.is_empty() {
        circles::have_an_end(&mut findings);
        references::hold(&mut findings);
        let references_hold = findings.problems.is_empty();
        for check in CHECKS {
            check(&mut findings);
        }
        if references_hold {
            for check in FAR_CHECKS {
                check(&mut findings);
            }
        }
    }
    findings.problems.sort_by_key(|problem| problem.line);
    findings.problems
}

/// What the checks have found so far.
struct Findings<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
    seen: HashSet<(&'static str, String)>,
    /// The names of the operations, by their pointers.
    operations: HashMap<String, String>,
}

impl<'a> Findings<'a> {
    fn new(document: &'a Document) -> Self {
        let operations = document.operations();
        let named = operations
            .iter()
            .map(|entry| (entry.pointer(), entry.name()));
        Self {
            document,
            problems: Vec::new(),
            seen: HashSet::new(),
            operations: named.collect(),
        }
    }

    /// Adds what is wrong at a place; the same is said once, however many operations share it.
    fn add(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        subject: impl Into<String>,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        if self.seen.insert((rule.code, pointer.to_owned())) {
            let problem = self
                .document
                .problem(rule.code, pointer, subject, message, advice);
            self.problems.push(problem);
        }
    }

    /// The operation that a place belongs to, or the place itself where it belongs to none.
    fn subject(&self, pointer: &str) -> String {
        // An operation is three steps below the top: `/paths`, its path, its method.
        let end = pointer
            .match_indices('/')
            .nth(3)
            .map_or(pointer.len(), |(end, _)| end);
        self.operations
            .get(&pointer[..end])
            .cloned()
            .unwrap_or_else(|| format!("#{pointer}"))
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
    fn a_problem_is_shown_with_the_place_the_operation_the_way_out_and_the_source_line() {
        let problem = only_problem("      operationId: getUser\n", "");
        insta::assert_snapshot!(problem);
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
