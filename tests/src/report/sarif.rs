use serde_json::{Value, json};

use super::model::{Group, Report};
use super::place::Locate;
use crate::finding::{Rule, Severity};
use crate::rules::RULES;

impl Report {
    /// Returns the report as SARIF 2.1.0, for code scanning.
    ///
    /// Results are at their place in the spec, and have the place of the exchange in the message.
    #[must_use]
    pub fn to_sarif(&self, locate: &Locate<'_>) -> String {
        let groups = self.groups();
        let results: Value = groups.iter().map(|group| result(group, locate)).collect();
        let rules: Value = RULES.iter().map(|rule| rule_of(rule)).collect();
        let warnings: Value = self
            .warnings
            .iter()
            .map(|warning| json!({ "level": "warning", "message": { "text": warning } }))
            .collect();
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "informationUri": "https://docs.rs/authress-users-contract",
                    "rules": rules,
                } },
                "invocations": [{
                    "executionSuccessful": true,
                    "toolExecutionNotifications": warnings,
                }],
                "results": results,
            }],
        });
        format!("{log:#}\n")
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Note => "note",
    }
}

fn rule_of(rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": { "party": rule.party },
    })
}

fn result(group: &Group<'_>, locate: &Locate<'_>) -> Value {
    let found = group.finding;
    let index = RULES.iter().position(|rule| rule.id == found.rule);
    let operation = found.operation.as_deref().unwrap_or("no operation");
    let text = format!(
        "{}, {operation}: expected {}, got {}",
        found.party, found.expected, found.actual
    );
    let mut result = json!({
        "ruleId": found.rule,
        "ruleIndex": index,
        "level": level(found.severity),
        "message": { "text": text },
        "occurrenceCount": group.count,
        "partialFingerprints": { "finding/v1": found.fingerprint() },
        "properties": {
            "pointer": found.pointer,
            "exchanges": group.exchanges,
            "reproduce": found.reproduce,
        },
    });
    if let Some(place) = locate(&found.pointer) {
        let mut region = json!({ "startLine": place.line });
        if !place.excerpt.is_empty() {
            region["snippet"] = json!({ "text": place.excerpt });
        }
        result["locations"] = json!([{ "physicalLocation": {
            "artifactLocation": { "uri": place.file },
            "region": region,
        } }]);
    }
    result
}
