//! Helpers of the linter's tests.

use super::check::problems;
use crate::problem::Problem;
use crate::testing::edited;

/// Returns the code and the subject of each problem after an edit of the fixture.
pub(super) fn found(from: &str, to: &str) -> Vec<(&'static str, String)> {
    problems(&edited(from, to))
        .iter()
        .map(|problem| (problem.code.as_str(), problem.subject()))
        .collect()
}

/// Returns the only problem after an edit of the fixture.
pub(super) fn only_problem(from: &str, to: &str) -> Problem {
    let mut problems = problems(&edited(from, to));
    assert_eq!(problems.len(), 1, "{from:?} -> {to:?}: {problems:#?}");
    problems.remove(0)
}

/// Asserts that an edit of the fixture causes one problem, with this code and subject.
pub(super) fn assert_problem(from: &str, to: &str, code: &str, subject: &str) -> Problem {
    let problem = only_problem(from, to);
    assert_eq!(
        (problem.code.as_str(), &*problem.subject()),
        (code, subject),
        "{from:?} -> {to:?}"
    );
    problem
}

/// Asserts that an edit of the fixture causes no problem.
pub(super) fn assert_valid(from: &str, to: &str) {
    let problems = problems(&edited(from, to));
    assert!(problems.is_empty(), "{from:?} -> {to:?}: {problems:#?}");
}
