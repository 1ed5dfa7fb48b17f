//! What the summary of a fake counts.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::counted::counted;
use crate::coverage::CoverageEntry;
use crate::finding::{Finding, Severity};

/// The number of requests, and of findings by rule.
#[derive(Default)]
pub(super) struct Tally {
    requests: usize,
    rules: BTreeMap<&'static str, (Severity, usize)>,
}

impl Tally {
    pub(super) fn add(&mut self, findings: &[Finding]) {
        self.requests += 1;
        for finding in findings {
            let rule = self.rules.entry(finding.rule);
            rule.or_insert((finding.severity, 0)).1 += 1;
        }
    }

    /// Returns the number of errors.
    pub(super) fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    fn count(&self, severity: Severity) -> usize {
        let rules = self.rules.values().filter(|(own, _)| *own == severity);
        rules.map(|(_, count)| count).sum()
    }

    /// Returns the summary for people, in lines that a shell reads as comments.
    pub(super) fn to_text(&self, coverage: &[CoverageEntry], dropped: usize) -> String {
        let mut lines = vec![format!(
            "{}, {}, {}",
            counted(self.requests, "request"),
            counted(self.errors(), "finding"),
            counted(self.count(Severity::Note), "note")
        )];
        for (rule, (severity, count)) in &self.rules {
            lines.push(format!("  {severity}[{rule}]: {count}"));
        }
        let mut operations: Vec<(&str, usize, usize)> = Vec::new();
        for entry in coverage {
            if operations.last().map(|last| last.0) != Some(&entry.operation) {
                operations.push((&entry.operation, 0, 0));
            }
            if let Some((_, covered, all)) = operations.last_mut() {
                *covered += usize::from(entry.exchanges > 0);
                *all += 1;
            }
        }
        lines.push("coverage of the spec, in parts".to_owned());
        for (operation, covered, all) in operations {
            lines.push(format!("  {operation}: {covered} of {all}"));
        }
        if dropped > 0 {
            lines.push(format!(
                "{dropped} log entries were dropped, because the log was not read"
            ));
        }
        format!("# {}\n", lines.join("\n# "))
    }

    /// Returns the summary as one line of JSON.
    pub(super) fn to_json(&self, coverage: &[CoverageEntry], dropped: usize) -> String {
        let rules = self.rules.iter().map(|(rule, (severity, count))| {
            let counted = json!({ "severity": severity, "count": count });
            ((*rule).to_owned(), counted)
        });
        let summary = json!({ "summary": {
            "requests": self.requests,
            "errors": self.errors(),
            "notes": self.count(Severity::Note),
            "rules": rules.collect::<Value>(),
            "coverage": coverage,
            "droppedLogEntries": dropped,
        } });
        format!("{summary}\n")
    }
}
