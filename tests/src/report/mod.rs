//! What came of judging traffic, for people and for programs.

mod json;
mod junit;
mod text;

use crate::coverage::Covered;
use crate::finding::Finding;

/// What came of judging traffic.
///
/// Each form takes a `locate` that turns a JSON pointer into the document, such as `/paths`, into
/// the place in a file, such as `openapi/users.yaml:14`, where that is known. No form shows more of
/// the traffic than the findings do: no token, id or body.
///
/// ```
/// use authress_users_contract::Report;
///
/// let report = Report::new(3, Vec::new(), vec!["it was short".to_owned()], Vec::new());
/// assert!(!report.has_errors());
/// assert!(report.to_text(&|_| None).ends_with("3 exchanges, 0 findings\n"));
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// How many exchanges were judged.
    pub exchanges: usize,
    /// What was found, notes included.
    pub findings: Vec<Finding>,
    /// What else is worth saying, a sentence each.
    pub remarks: Vec<String>,
    /// Every part of the document, and how often it was touched.
    pub coverage: Vec<Covered>,
}

impl Report {
    /// A report of these parts.
    #[must_use]
    pub fn new(
        exchanges: usize,
        findings: Vec<Finding>,
        remarks: Vec<String>,
        coverage: Vec<Covered>,
    ) -> Self {
        Self {
            exchanges,
            findings,
            remarks,
            coverage,
        }
    }

    /// Whether there is a finding that is more than a note.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// The report for people. Findings that are equal but for their exchange are told once. The
    /// last line is `N exchanges, N findings`, with `, N notes` where there are any.
    #[must_use]
    pub fn to_text(&self, locate: &dyn Fn(&str) -> Option<String>) -> String {
        text::write(self, locate)
    }

    /// The report as a JSON object with the members `exchanges`, `findings` (each with a `location`,
    /// or null), `remarks` and `coverage`.
    #[must_use]
    pub fn to_json(&self, locate: &dyn Fn(&str) -> Option<String>) -> String {
        json::write(self, locate)
    }

    /// The report as `JUnit` XML: one test suite with one test case for each rule of
    /// [`RULES`](crate::RULES), which fails if there is an error; notes are output of their rule.
    #[must_use]
    pub fn to_junit(&self, locate: &dyn Fn(&str) -> Option<String>) -> String {
        junit::write(self, locate)
    }

    /// The last line: what there was, counted.
    fn closing_line(&self) -> String {
        let errors = self.findings.iter().filter(|found| found.is_error());
        let errors = errors.count();
        let notes = self.findings.len() - errors;
        let mut line = format!(
            "{}, {}",
            counted(self.exchanges, "exchange"),
            counted(errors, "finding")
        );
        if notes > 0 {
            line = format!("{line}, {}", counted(notes, "note"));
        }
        line
    }
}

/// A finding, and the numbers of all exchanges that it was found in.
struct Told<'a> {
    finding: &'a Finding,
    exchanges: Vec<usize>,
    times: usize,
}

/// Puts findings together that say the same, in the order of their first time.
fn told(findings: &[Finding]) -> Vec<Told<'_>> {
    let mut places = std::collections::HashMap::new();
    let mut all: Vec<Told<'_>> = Vec::new();
    for finding in findings {
        let key = (
            finding.rule,
            &finding.operation,
            &finding.pointer,
            &finding.expected,
            &finding.got,
        );
        let place = *places.entry(key).or_insert(all.len());
        if place == all.len() {
            all.push(Told {
                finding,
                exchanges: Vec::new(),
                times: 0,
            });
        }
        let told = &mut all[place];
        told.times += 1;
        if told.exchanges.last() != Some(&finding.exchange) {
            told.exchanges.push(finding.exchange);
        }
    }
    all
}

fn counted(count: usize, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {one}{plural}")
}

/// A text that can stand in a line: what came over the wire may try to steer a terminal.
fn plain(text: &str) -> String {
    let is_allowed =
        |character: &char| !character.is_control() && !matches!(character, '\u{fffe}' | '\u{ffff}');
    text.chars().filter(is_allowed).collect()
}
