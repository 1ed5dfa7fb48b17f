//! Runs the checks.

use authress_users_openapi::Document;

use super::findings::Findings;
use super::operations::{
    bodies, descriptions, ids, parameter_names, parameter_values, parameters, paths, responses,
    security, statuses,
};
use super::project::{client, fake};
use super::rules::Scope;
use super::schemas::{cycles, examples, merges, patterns, types, values};
use super::structure::{presence, references, shape, version};
use crate::generate::{self, Spec};
use crate::problem::Problem;

type Check = fn(&mut Findings<'_>);

/// Checks that need no reference to resolve. `shape` is last: it skips what others report.
const LOCAL_CHECKS: [Check; 22] = [
    presence::check_operations,
    presence::check_responses,
    paths::check_duplicates,
    paths::check_syntax,
    security::check_declarations,
    statuses::check,
    ids::check_presence,
    ids::check_names,
    ids::check_duplicates,
    descriptions::check,
    descriptions::check_methods,
    types::check_type_names,
    types::check_member_names,
    parameters::check_placeholders,
    parameter_names::check,
    bodies::check_schemas,
    bodies::check_kinds,
    bodies::check_requests,
    responses::check_media_types,
    responses::check_success,
    parameter_values::check_serialization,
    shape::check,
];

/// Checks that follow references.
const REFERENCE_CHECKS: [Check; 8] = [
    merges::check,
    patterns::check,
    parameters::check_unsafe_ids,
    responses::check_leniency,
    examples::check,
    parameter_values::check_formats,
    values::check_negations,
    values::check_satisfiability,
];

/// Checks of what hand-written code depends on.
const OWN_CHECKS: [Check; 4] = [
    client::check_operations,
    client::check_members,
    fake::check_responses,
    fake::check_paths,
];

/// Returns every problem of a document, including those that only the generator finds.
pub(crate) fn all_problems(document: &Document, scope: Scope) -> Vec<Problem> {
    let mut problems = problems(document);
    // The checks of the project's document assume the right form and resolved references.
    if problems.is_empty() && scope == Scope::Own {
        let mut findings = Findings::new(document);
        for check in OWN_CHECKS {
            check(&mut findings);
        }
        problems = findings.into_problems();
    }
    if !problems.is_empty() {
        return problems;
    }
    match scope {
        Scope::Any => generate::problems(document, Spec::Variant),
        Scope::Own => generate::problems(document, Spec::Own),
    }
}

/// Returns the problems that can be found without the generator, in the order of their lines.
pub(crate) fn problems(document: &Document) -> Vec<Problem> {
    let mut findings = Findings::new(document);
    // In another version, every check would misread the document.
    version::check(&mut findings);
    if findings.is_empty() {
        cycles::check(&mut findings);
        references::check(&mut findings);
        let references_resolve = findings.is_empty();
        for check in LOCAL_CHECKS {
            check(&mut findings);
        }
        if references_resolve {
            for check in REFERENCE_CHECKS {
                check(&mut findings);
            }
        }
    }
    findings.into_problems()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::testing::only_problem;
    use crate::testing::{fixture, users_document};

    #[test]
    fn the_projects_document_has_no_problems() {
        let problems = all_problems(&users_document(), Scope::Own);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn a_problem_shows_location_operation_advice_and_source_line() {
        let problem = only_problem("      operationId: getUser\n", "");
        insta::assert_snapshot!(problem);
    }

    #[test]
    fn problems_are_ordered_by_line() {
        let text = fixture().replace("x-idempotent: true", "x-other: true");
        let lines: Vec<_> = problems(&Document::parse("users.yaml", &text).unwrap())
            .iter()
            .map(|problem| problem.line)
            .collect();
        assert_eq!(lines.len(), 4);
        assert!(lines.is_sorted());
    }
}
