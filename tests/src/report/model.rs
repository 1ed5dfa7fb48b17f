use std::collections::HashMap;

use crate::counted::counted;
use crate::coverage::CoverageEntry;
use crate::finding::Finding;

/// The result of validating traffic.
///
/// Each format takes a `locate` function, which maps a JSON pointer of the spec, such as `/paths`,
/// to a [`Place`](crate::Place) in a file. No format contains a token, id or body.
///
/// ```
/// use authress_users_contract::Report;
///
/// let report = Report::new(3, Vec::new(), vec!["the traffic was short".to_owned()], Vec::new());
/// assert!(!report.has_errors());
/// assert!(report.to_text(&|_| None).ends_with("3 exchanges, 0 findings\n"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The number of validated exchanges.
    pub exchanges: usize,
    /// The number of validated exchanges with a response.
    pub responses: usize,
    /// The findings, notes included.
    pub findings: Vec<Finding>,
    /// What was tried, in one line per subject; empty for recorded traffic.
    pub summary: Vec<String>,
    /// What the findings do not show, such as parts of the traffic that could not be validated.
    pub warnings: Vec<String>,
    /// Every part of the spec, and how often it was covered.
    pub coverage: Vec<CoverageEntry>,
}

impl Report {
    /// Returns a report. Every exchange has a response, unless [`responses`](Self::responses) is set.
    #[must_use]
    pub fn new(
        exchanges: usize,
        findings: Vec<Finding>,
        warnings: Vec<String>,
        coverage: Vec<CoverageEntry>,
    ) -> Self {
        Self {
            exchanges,
            responses: exchanges,
            findings,
            summary: Vec::new(),
            warnings,
            coverage,
        }
    }

    /// Returns whether a finding is an error, not a note.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(Finding::is_error)
    }

    /// Returns the last line of a report: the number of exchanges, findings and notes.
    pub(super) fn totals(&self) -> String {
        let errors = self.findings.iter().filter(|finding| finding.is_error());
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

    /// Groups findings that differ only in their exchange, in the order of their first occurrence.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let mut indices = HashMap::new();
        let mut groups: Vec<Group<'_>> = Vec::new();
        for finding in &self.findings {
            let key = (
                finding.rule,
                &finding.operation,
                &finding.pointer,
                &finding.expected,
                &finding.actual,
            );
            let index = *indices.entry(key).or_insert(groups.len());
            if index == groups.len() {
                groups.push(Group {
                    finding,
                    exchanges: Vec::new(),
                    count: 0,
                });
            }
            let group = &mut groups[index];
            group.count += 1;
            if group.exchanges.last() != Some(&finding.exchange) {
                group.exchanges.push(finding.exchange);
            }
        }
        groups
    }
}

/// Equal findings, and the numbers of their exchanges.
pub(super) struct Group<'a> {
    pub(super) finding: &'a Finding,
    pub(super) exchanges: Vec<usize>,
    pub(super) count: usize,
}
