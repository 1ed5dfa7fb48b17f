//! The entries of the fake's request log.

use std::fmt::Write as _;

use clap::ValueEnum;
use serde_json::{Value, json};

use super::time;
use crate::finding::Finding;
use crate::mock::ServedExchange;

/// How many different values a line shows.
const MAX_VALUES: usize = 3;

/// The format of the request log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    // An attribute, since a doc comment needs backticks that the help would show.
    #[value(help = "A JSON object per line, for programs")]
    Json,
}

/// Findings of an exchange that break the same rule at the same place.
struct Group<'a> {
    finding: &'a Finding,
    actual: Vec<&'a str>,
    count: usize,
}

fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for finding in findings {
        let key = |own: &Finding| (own.rule, own.pointer.clone(), own.expected.clone());
        let known = groups
            .iter_mut()
            .find(|group| key(group.finding) == key(finding));
        match known {
            Some(group) => {
                group.count += 1;
                if !group.actual.contains(&finding.actual.as_str()) {
                    group.actual.push(&finding.actual);
                }
            }
            None => groups.push(Group {
                finding,
                actual: vec![&finding.actual],
                count: 1,
            }),
        }
    }
    groups
}

/// Returns the entry of an exchange, in one or more lines.
pub(super) fn entry(exchange: &ServedExchange, format: LogFormat) -> String {
    match format {
        LogFormat::Text => text(exchange),
        LogFormat::Json => format!("{}\n", json(exchange)),
    }
}

fn text(exchange: &ServedExchange) -> String {
    let ServedExchange {
        time,
        method,
        path,
        status,
        has_fault,
        duration,
        findings,
        ..
    } = exchange;
    let fault = if *has_fault { " (fault)" } else { "" };
    let mut text = format!(
        "{} {method} {path} {status}{fault} {} ms\n",
        time::of_day(*time),
        duration.as_millis()
    );
    for Group {
        finding,
        actual,
        count,
    } in groups(findings)
    {
        let more = actual.len().saturating_sub(MAX_VALUES);
        let mut values = actual[..actual.len() - more].join(", ");
        if more > 0 {
            values = format!("{values} and {more} more");
        }
        let times = match count {
            1 => String::new(),
            count => format!(" ({count} times)"),
        };
        let (severity, rule, party) = (finding.severity, finding.rule, finding.party);
        let expected = &finding.expected;
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "  {severity}[{rule}] {party}: expected {expected}, got {values}{times}"
        );
    }
    text
}

fn json(exchange: &ServedExchange) -> Value {
    let findings = groups(&exchange.findings).into_iter().map(|group| {
        let finding = group.finding;
        json!({
            "rule": finding.rule,
            "severity": finding.severity,
            "party": finding.party,
            "pointer": finding.pointer,
            "expected": finding.expected,
            "actual": group.actual,
            "count": group.count,
            "reproduce": finding.reproduce,
        })
    });
    json!({
        "time": time::timestamp(exchange.time),
        "number": exchange.number,
        "method": exchange.method,
        "path": exchange.path,
        "operation": exchange.operation.map(crate::Operation::id),
        "status": exchange.status,
        "fault": exchange.has_fault,
        "durationMs": u64::try_from(exchange.duration.as_millis()).unwrap_or(u64::MAX),
        "findings": findings.collect::<Value>(),
    })
}
