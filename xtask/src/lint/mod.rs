//! What must be right with a document before code is made from it.

pub(crate) mod explain;
mod operations;
mod project;
pub(crate) mod rules;
mod schemas;
mod structure;

use std::collections::HashSet;

use crate::generate::{self, Spec};
use crate::problem::{Code, Problem};
use authress_users_openapi::{Document, OperationEntry};
use rules::{Rule, Scope};

use operations::{
    bodies, descriptions, ids, parameter_names, parameter_values, parameters, paths, responses,
    security, statuses,
};
use project::{client, fake};
use schemas::{cycles, examples, merges, types};
use structure::{members, presence, references, shape, version};

type Check = fn(&mut Findings<'_>);

/// Checks that look at one place at a time.
const CHECKS: [Check; 26] = [
    presence::has_operations,
    presence::has_responses,
    presence::has_schemas,
    shape::is_that_of_openapi,
    members::are_known,
    members::have_meaning,
    paths::start_with_a_slash,
    paths::differ,
    paths::are_urls,
    security::is_declared,
    statuses::are_numbers,
    descriptions::have_ids,
    ids::are_rust,
    ids::differ,
    descriptions::are_described,
    descriptions::have_methods_of_the_client,
    types::differ,
    types::have_fields_that_differ,
    parameters::match_the_path,
    parameter_names::differ,
    bodies::have_schemas,
    bodies::are_of_one_kind,
    bodies::are_json_in_requests,
    responses::are_json_where_they_succeed,
    responses::can_be_had,
    parameter_values::can_be_written,
];

/// Checks that follow references, which must hold for that.
const FAR_CHECKS: [Check; 8] = [
    merges::have_an_end,
    parameters::carry_no_unsafe_ids,
    responses::take_what_comes,
    examples::fit_their_schemas,
    parameter_values::has_types,
    types::are_said_without_not,
    types::can_be_fitted,
    types::have_patterns,
];

/// What else holds for the document that hand-written code was made for.
const OWN_CHECKS: [Check; 4] = [
    client::has_what_is_used,
    client::has_members,
    fake::answers_what_is_described,
    fake::finds_operations,
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
        Scope::Any => generate::problems(document, Spec::Variant),
        Scope::Own => generate::problems(document, Spec::Own),
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
        cycles::have_an_end(&mut findings);
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
    seen: HashSet<(Code, String)>,
}

impl<'a> Findings<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            problems: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// Adds what is wrong at a place; the same is said once, however many operations share it.
    fn add(
        &mut self,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        self.add_to(None, rule, pointer, message, advice);
    }

    /// Adds a problem of an operation whose location may be shared with other operations.
    fn add_to(
        &mut self,
        operation: Option<&OperationEntry<'_>>,
        rule: &'static Rule,
        pointer: &str,
        message: impl Into<String>,
        advice: impl Into<String>,
    ) {
        if self.seen.insert((rule.code, pointer.to_owned())) {
            let problem = Problem::new(self.document, rule.code, pointer, message, advice);
            self.problems.push(match operation {
                Some(entry) => problem.in_operation(entry),
                None => problem,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{edited, users_document};

    /// Replaces a piece of the project's document, and expects exactly one problem in return.
    pub(in crate::lint) fn only_problem(from: &str, to: &str) -> Problem {
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
