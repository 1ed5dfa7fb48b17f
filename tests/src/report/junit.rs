use std::fmt::{self, Write as _};

use super::escape::{markup, plain};
use super::model::{Group, Report};
use super::place::Locate;
use super::text::finding;
use crate::counted::counted;
use crate::finding::Rule;
use crate::rules::RULES;

const SUITE: &str = "authress-users-contract";

impl Report {
    /// Returns the report as `JUnit` XML, for CI test reports.
    ///
    /// The only test suite has a test case for each rule of [`RULES`](crate::RULES). A test case
    /// fails if its rule has an error; notes are its output.
    #[must_use]
    pub fn to_junit(&self, locate: &Locate<'_>) -> String {
        let mut xml = String::new();
        // Writing to a string does not fail.
        let _ = write_all(self, locate, &mut xml);
        xml
    }
}

fn write_all(report: &Report, locate: &Locate<'_>, out: &mut String) -> fmt::Result {
    let groups = report.groups();
    let failures = RULES
        .iter()
        .filter(|rule| of_rule(&groups, rule, true).next().is_some())
        .count();
    let tests = RULES.len();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    writeln!(
        out,
        "  <testsuite name=\"{SUITE}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
         skipped=\"0\">"
    )?;
    for rule in RULES {
        write_case(rule, &groups, locate, out)?;
    }
    writeln!(out, "    <system-out>")?;
    for warning in &report.warnings {
        writeln!(out, "{}", markup(&plain(warning)))?;
    }
    writeln!(out, "{}", report.totals())?;
    writeln!(out, "    </system-out>")?;
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

/// Writes a test case with at most one failure, because many readers show only the first.
fn write_case(
    rule: &Rule,
    groups: &[Group<'_>],
    locate: &Locate<'_>,
    out: &mut String,
) -> fmt::Result {
    write!(
        out,
        "    <testcase classname=\"{SUITE}.{}\" name=\"{}\"",
        rule.party, rule.id
    )?;
    let errors: Vec<_> = of_rule(groups, rule, true).collect();
    let notes: Vec<_> = of_rule(groups, rule, false).collect();
    if errors.is_empty() && notes.is_empty() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    if !errors.is_empty() {
        let count = counted(errors.iter().map(|group| group.count).sum(), "finding");
        let summary = markup(rule.summary);
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{count}: {summary}\">",
            rule.id
        )?;
        for group in errors {
            writeln!(out, "{}", markup(&finding(group, locate)?))?;
        }
        writeln!(out, "      </failure>")?;
    }
    if !notes.is_empty() {
        writeln!(out, "      <system-out>")?;
        for group in notes {
            writeln!(out, "{}", markup(&finding(group, locate)?))?;
        }
        writeln!(out, "      </system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

/// Returns the errors of a rule, or its notes.
fn of_rule<'a, 'f>(
    groups: &'a [Group<'f>],
    rule: &Rule,
    errors: bool,
) -> impl Iterator<Item = &'a Group<'f>> {
    let id = rule.id;
    groups
        .iter()
        .filter(move |group| group.finding.rule == id && group.finding.is_error() == errors)
}
