//! Runs the checks.

use authress_users_openapi::{Document, is_within};
use serde_json::{Map, Value};

use super::findings::Findings;
use super::operations::{
    bodies, descriptions, ids, parameter_names, parameter_values, parameters, paths, responses,
    security, statuses,
};
use super::project::{client, fake};
use super::rules::{self, Rule, Scope};
use super::schemas::{cycles, examples, merges, nullable, patterns, types, values};
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
const REFERENCE_CHECKS: [Check; 9] = [
    merges::check,
    nullable::check,
    patterns::check,
    parameters::check_unsafe_ids,
    responses::check_leniency,
    examples::check,
    parameter_values::check_formats,
    values::check_negations,
    values::check_satisfiability,
];

/// Checks of what the generator cannot make code of, even after the changes that it makes to
/// third-party documents.
const GENERATOR_CHECKS: [Check; 9] = [
    presence::check_operations,
    presence::check_responses,
    paths::check_without_fragment,
    statuses::check,
    descriptions::check_methods,
    parameters::check_placeholders,
    parameter_values::check_serialization,
    cycles::check,
    references::check,
];

/// The rules of these checks that such a document must follow.
const GENERATOR_RULES: [&Rule; 14] = [
    &rules::OPENAPI_VERSION,
    &rules::NO_OPERATIONS,
    &rules::MISSING_RESPONSES,
    &rules::INVALID_PATH,
    &rules::INVALID_STATUS,
    &rules::UNSUPPORTED_METHOD,
    &rules::UNDECLARED_PATH_PARAMETER,
    &rules::UNSUPPORTED_PARAMETER,
    &rules::INVALID_PARAMETER_NAME,
    &rules::CIRCULAR_SCHEMA,
    &rules::RECURSIVE_MERGE,
    &rules::EXTERNAL_REFERENCE,
    &rules::INNER_REFERENCE,
    &rules::UNRESOLVED_REFERENCE,
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
    let mut problems = without_generator(document, scope);
    let generated = match scope {
        // What the generator does not support has been reported with better advice.
        Scope::Own if problems.iter().any(|it| rules::concerns_generator(it.code)) => Vec::new(),
        Scope::Own => generate::problems(document, Spec::Own),
        Scope::Any => generate::third_party_problems(document, &generator_problems),
    };
    problems.extend(without_known(document, &problems, generated));
    problems.sort_by_key(|problem| problem.line);
    problems
}

/// Returns the problems of the generator that are not known.
fn without_known(
    document: &Document,
    known: &[Problem],
    mut generated: Vec<Problem>,
) -> Vec<Problem> {
    let is_known = |problem: &Problem| {
        // The generator sees a changed document, in which a part can be one level deeper.
        let place = existing(document, &problem.pointer);
        known.iter().any(|known| {
            known.code == problem.code
                && (is_within(&known.pointer, &place) || is_within(&place, &known.pointer))
        })
    };
    generated.retain(|problem| !is_known(problem));
    generated
}

/// Returns the place to which a pointer leads through the references of the document, as far as it
/// exists.
fn existing(document: &Document, pointer: &str) -> String {
    let root = &document.value;
    let mut place = String::new();
    for token in pointer.split('/').skip(1) {
        let referenced = || document.resolve(root.pointer(&place)?, &place);
        let holders = [Some(place.clone()), referenced().map(|(_, to)| to)];
        let members = holders.into_iter().flatten();
        let mut members = members.map(|holder| format!("{holder}/{token}"));
        match members.find(|member| root.pointer(member).is_some()) {
            Some(member) => place = member,
            None => break,
        }
    }
    place
}

/// Returns the problems that can be found without the generator, in the order of their lines.
pub(crate) fn problems(document: &Document) -> Vec<Problem> {
    checked(document, &[])
}

fn checked(document: &Document, own_checks: &[Check]) -> Vec<Problem> {
    let mut findings = Findings::new(document);
    // In another version, every check would misread the document.
    version::check(&mut findings);
    if !findings.is_empty() {
        return findings.into_problems();
    }
    cycles::check(&mut findings);
    references::check(&mut findings);
    let resolvable = resolvable(document, &findings);
    for check in LOCAL_CHECKS {
        check(&mut findings);
    }
    let mut findings = findings.with_document(resolvable.as_ref().unwrap_or(document));
    for check in REFERENCE_CHECKS {
        check(&mut findings);
    }
    let mut own = Findings::new(findings.document);
    for check in own_checks {
        check(&mut own);
    }
    findings.extend(own);
    findings.into_problems()
}

/// Returns the problems of a document that shows a rule. The generator, which is slow, runs only if no
/// check finds what the rule is about.
pub(crate) fn problems_of(rule: &Rule, document: &Document) -> Vec<Problem> {
    let problems = without_generator(document, rule.scope);
    if problems.iter().any(|problem| problem.code == rule.code) {
        return problems;
    }
    all_problems(document, rule.scope)
}

fn without_generator(document: &Document, scope: Scope) -> Vec<Problem> {
    match scope {
        Scope::Own => checked(document, &OWN_CHECKS),
        Scope::Any => {
            let mut problems = problems(document);
            problems.retain(|problem| rules::applies_to_any(problem.code));
            problems
        }
    }
}

/// Returns the document without the references that lead to nothing or back to themselves, if it has
/// any, so that checks can follow the others.
fn resolvable(document: &Document, findings: &Findings<'_>) -> Option<Document> {
    let mut value = None;
    for pointer in findings.pointers(&[
        &rules::CIRCULAR_SCHEMA,
        &rules::EXTERNAL_REFERENCE,
        &rules::UNRESOLVED_REFERENCE,
    ]) {
        let value = value.get_or_insert_with(|| document.value.clone());
        let holder = pointer.strip_suffix("/$ref").unwrap_or(pointer);
        if let Some(holder) = value.pointer_mut(holder) {
            *holder = Value::Object(Map::new());
        }
    }
    value.map(|value| document.with_value(value))
}

/// Returns the problems that keep a third-party document from being generated.
pub(crate) fn generator_problems(document: &Document) -> Vec<Problem> {
    let mut findings = Findings::new(document);
    version::check(&mut findings);
    if findings.is_empty() {
        for check in GENERATOR_CHECKS {
            check(&mut findings);
        }
        // Following a cycle would not end.
        if !findings.has_code(&rules::CIRCULAR_SCHEMA) {
            merges::check(&mut findings);
        }
    }
    let mut problems = findings.into_problems();
    problems.retain(|problem| GENERATOR_RULES.iter().any(|rule| rule.code == problem.code));
    problems
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::lint::rules::RULES;
    use crate::lint::testing::only_problem;
    use crate::problem::Code;
    use crate::testing::{edited, fixture, users_document};

    #[test]
    fn the_projects_document_has_no_problems() {
        let problems = all_problems(users_document(), Scope::Own);
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn a_third_party_document_has_only_problems_of_openapi() {
        let text = include_str!("../../fixtures/third_party.yaml");
        let document = Document::parse("third_party.yaml", text).unwrap();
        let problems = all_problems(&document, Scope::Any);
        let codes: Vec<_> = problems.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(
            codes,
            [
                "invalid-schema",
                "disallowed-body",
                "duplicate-operation-id",
                "invalid-path",
                "unused-path-parameter",
                "optional-path-parameter",
                "invalid-default",
                "not-openapi",
            ]
        );
    }

    /// Faults of an operation and of a schema that no rule's example has, with the codes of the
    /// problems that they cause.
    const OTHER_OPERATION: (&str, &str) = (
        "\npaths:\n",
        "\npaths:
  /other/{one}/{two}:
    get:
      operationId: getOther
      x-idempotent: true
      description: Has no summary, and does not declare `two`.
      parameters: [{name: one, in: path, required: true, schema: {type: string}}]
      responses: {\"299\": {description: Done., headers: {A: {schema: {$ref: '#/missing'}}}}}
",
    );
    const OTHER_SCHEMA: (&str, &str) = (
        "\n  schemas:\n",
        "\n  schemas:
    Other:
      type: object
      properties:
        a: {type: string, minLength: 2, maxLength: 1}
        b: {type: string, pattern: '(a', example: b}
        c: {type: integer, default: c}
        d: {type: string, minimum: d}
        e: {allOf: [{type: object}], nullable: true}
",
    );
    const OF_OPERATION: [&str; 4] = [
        "missing-summary",
        "undeclared-path-parameter",
        "unresolved-reference",
        "unsafe-path-parameter",
    ];
    const OF_SCHEMA: [&str; 5] = [
        "invalid-default",
        "invalid-schema",
        "not-openapi",
        "nullable-without-effect",
        "unsatisfiable-schema",
    ];

    #[test]
    fn a_reference_that_the_generator_sees_elsewhere_is_reported_once() {
        let from = "        rel:\n          type: string\n";
        let to = "        rel:\n          nullable: true\n          $ref: '#/missing'\n";
        let problems = all_problems(&edited(from, to), Scope::Any);
        let codes: Vec<_> = problems.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["unresolved-reference"]);
    }

    #[test]
    fn problems_of_the_generator_are_known_by_their_pointers() {
        let text = r##"{"openapi":"3.0.3","info":{},"paths":{"/p":{"$ref":"#/a"}},"a":{"b":{"c":1}},"ab":1}"##;
        let document = Document::parse("one_line.json", text).unwrap();
        let problem = |pointer| Problem::new(&document, Code::GENERATOR, pointer, "", "");
        let known = [problem("/a/b")];
        // `/a/b/d` is a part that the generator added.
        // `/paths/~1p` refers to `/a`.
        let generated = [
            "/a",
            "/a/b",
            "/a/b/c",
            "/a/b/d",
            "/ab",
            "/a/bc",
            "/paths/~1p/b/c",
        ];
        let generated = generated.map(problem).into();
        let further = without_known(&document, &known, generated);
        let pointers: Vec<_> = further.iter().map(|it| &*it.pointer).collect();
        assert_eq!(pointers, ["/ab"]);
        let other = Problem::new(&document, rules::INVALID_PATH.code, "/a/b", "", "");
        assert_eq!(without_known(&document, &known, vec![other]).len(), 1);
    }

    #[test]
    fn all_problems_are_reported() {
        for rule in RULES.iter().filter(|rule| rule.code != "openapi-version") {
            let mut text = rule.wrong_example();
            let mut expected = Vec::from(OF_SCHEMA);
            assert!(text.contains(OTHER_SCHEMA.0), "{}", rule.code);
            text = text.replacen(OTHER_SCHEMA.0, OTHER_SCHEMA.1, 1);
            // The example without operations has no place for one.
            if text.contains(OTHER_OPERATION.0) {
                text = text.replacen(OTHER_OPERATION.0, OTHER_OPERATION.1, 1);
                expected.extend(OF_OPERATION);
            }
            let document = Document::parse("users.yaml", &text).unwrap();
            let found: HashSet<_> = checked(&document, &OWN_CHECKS)
                .iter()
                .map(|problem| problem.code.as_str())
                .collect();
            // The generator, which is slow, finds the problem of its rule.
            if rule.code != "generator" {
                expected.push(rule.code.as_str());
            }
            for code in expected {
                assert!(found.contains(code), "{} hides {code}", rule.code);
            }
        }
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
