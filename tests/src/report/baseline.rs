use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::model::Report;
use crate::counted::counted;
use crate::finding::{Finding, Severity};

/// Findings that are known and accepted, as a JSON file.
///
/// ```
/// use authress_users_contract::{Baseline, Report};
///
/// let mut report = Report::new(3, Vec::new(), Vec::new(), Vec::new());
/// let baseline = Baseline::of(&report);
/// let baseline: Baseline = baseline.to_json().parse()?;
/// report.ignore_known(&baseline);
/// # Ok::<(), authress_users_contract::BaselineError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    findings: Vec<Known>,
}

/// The reason why a baseline could not be read: it is not a file that [`Baseline::to_json`] wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a baseline: line {line}, column {column}; write one with `--write-baseline`")]
pub struct BaselineError {
    line: usize,
    column: usize,
}

/// What identifies a finding, whatever its exchange.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    rule: String,
    operation: Option<String>,
    pointer: String,
    expected: String,
    actual: String,
}

impl From<&Finding> for Known {
    fn from(finding: &Finding) -> Self {
        Self {
            rule: finding.rule.to_owned(),
            operation: finding.operation.clone(),
            pointer: finding.pointer.clone(),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
        }
    }
}

impl Baseline {
    /// Returns the findings of a report, each once.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut findings: Vec<_> = report.findings.iter().map(Known::from).collect();
        findings.sort();
        findings.dedup();
        Self { findings }
    }

    /// Returns the file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        format!("{text}\n")
    }
}

impl std::str::FromStr for Baseline {
    type Err = BaselineError;

    fn from_str(text: &str) -> Result<Self, BaselineError> {
        serde_json::from_str(text).map_err(|reason| BaselineError {
            line: reason.line(),
            column: reason.column(),
        })
    }
}

impl Report {
    /// Removes the findings of a baseline, and warns of entries that no longer occur.
    pub fn ignore_known(&mut self, baseline: &Baseline) {
        let known: HashSet<_> = baseline.findings.iter().collect();
        let mut found = HashSet::new();
        let before = self.findings.len();
        self.findings.retain(|finding| {
            let finding = Known::from(finding);
            let is_known = known.contains(&finding);
            if is_known {
                found.insert(finding);
            }
            !is_known
        });
        let ignored = before - self.findings.len();
        if ignored > 0 {
            let count = counted(ignored, "finding");
            self.warnings
                .push(format!("{count} of the baseline: ignored"));
        }
        let outdated = known.len() - found.len();
        if outdated > 0 {
            let count = counted(outdated, "finding");
            let warning =
                format!("{count} of the baseline did not occur: write the baseline again");
            self.warnings.push(warning);
        }
    }

    /// Removes the findings of a rule, and warns of their number.
    pub fn ignore_rule(&mut self, rule: &str) {
        let before = self.findings.len();
        self.findings.retain(|finding| finding.rule != rule);
        let ignored = before - self.findings.len();
        if ignored > 0 {
            let count = counted(ignored, "finding");
            self.warnings
                .push(format!("{count} of the rule {rule}: ignored"));
        }
    }

    /// Returns whether a finding has at least this severity.
    #[must_use]
    pub fn fails_on(&self, severity: Severity) -> bool {
        match severity {
            Severity::Error => self.has_errors(),
            Severity::Note => !self.findings.is_empty(),
        }
    }
}
