use serde_json::{Value, json};

use super::Report;
use crate::finding::Finding;

pub(super) fn write(report: &Report, locate: &dyn Fn(&str) -> Option<String>) -> String {
    let findings = report.findings.iter();
    let findings: Vec<_> = findings.map(|found| finding(found, locate)).collect();
    let coverage: Vec<_> = report
        .coverage
        .iter()
        .map(|part| {
            json!({
                "operation": part.operation,
                "part": part.part,
                "exchanges": part.exchanges,
            })
        })
        .collect();
    let whole = json!({
        "exchanges": report.exchanges,
        "findings": findings,
        "remarks": report.remarks,
        "coverage": coverage,
    });
    format!("{whole:#}\n")
}

fn finding(found: &Finding, locate: &dyn Fn(&str) -> Option<String>) -> Value {
    json!({
        "rule": found.rule,
        "severity": found.severity.to_string(),
        "culprit": found.culprit.to_string(),
        "operation": found.operation,
        "exchange": found.exchange,
        "pointer": found.pointer,
        "location": locate(&found.pointer),
        "expected": found.expected,
        "got": found.got,
        "reproduce": found.reproduce,
    })
}
