use serde_json::{Value, json};

use super::model::Report;
use super::place::Locate;
use crate::finding::Finding;

impl Report {
    /// Returns the report as a JSON object.
    ///
    /// Its members are `exchanges`, `findings` (each with a `location`, or null), `summary`, `warnings`
    /// and `coverage`.
    #[must_use]
    pub fn to_json(&self, locate: &Locate<'_>) -> String {
        let findings = self.findings.iter();
        let report = json!({
            "exchanges": self.exchanges,
            "findings": findings.map(|found| finding(found, locate)).collect::<Value>(),
            "summary": self.summary,
            "warnings": self.warnings,
            "coverage": self.coverage,
        });
        format!("{report:#}\n")
    }
}

fn finding(found: &Finding, locate: &Locate<'_>) -> Value {
    json!({
        "rule": found.rule,
        "severity": found.severity,
        "party": found.party,
        "operation": found.operation,
        "exchange": found.exchange,
        "pointer": found.pointer,
        "location": locate(&found.pointer).map(|place| place.to_string()),
        "expected": found.expected,
        "actual": found.actual,
        "reproduce": found.reproduce,
    })
}
