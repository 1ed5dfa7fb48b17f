use serde_json::{Value, json};

use super::model::Report;
use crate::finding::Finding;

impl Report {
    /// Returns the report as a JSON object.
    ///
    /// Its members are `exchanges`, `findings` (each with a `location`, or null), `warnings` and
    /// `coverage`.
    #[must_use]
    pub fn to_json(&self, locate: &dyn Fn(&str) -> Option<String>) -> String {
        let findings = self.findings.iter();
        let report = json!({
            "exchanges": self.exchanges,
            "findings": findings.map(|found| finding(found, locate)).collect::<Value>(),
            "warnings": self.warnings,
            "coverage": self.coverage,
        });
        format!("{report:#}\n")
    }
}

fn finding(found: &Finding, locate: &dyn Fn(&str) -> Option<String>) -> Value {
    json!({
        "rule": found.rule,
        "severity": found.severity,
        "party": found.party,
        "operation": found.operation,
        "exchange": found.exchange,
        "pointer": found.pointer,
        "location": locate(&found.pointer),
        "expected": found.expected,
        "actual": found.actual,
        "reproduce": found.reproduce,
    })
}
