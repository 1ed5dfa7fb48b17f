use std::fmt::{self, Write as _};

use super::escape::plain;
use super::model::{Group, Report};
use super::place::Locate;
use crate::counted::counted;
use crate::coverage::CoverageEntry;
use crate::rules::RULES;

/// A finding lists at most this many exchanges.
const MAX_SHOWN_EXCHANGES: usize = 5;

impl Report {
    /// Returns the report for people.
    ///
    /// Findings that differ only in their exchange are shown once. The last line is
    /// `N exchanges, N findings`, with `, N notes` if there are any. The coverage is before it, unless
    /// the member `coverage` was cleared.
    #[must_use]
    pub fn to_text(&self, locate: &Locate<'_>) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = write_all(self, locate, &mut text);
        text
    }
}

fn write_all(report: &Report, locate: &Locate<'_>, out: &mut String) -> fmt::Result {
    for group in report.groups() {
        writeln!(out, "{}", finding(&group, locate)?)?;
    }
    for line in &report.summary {
        writeln!(out, "tried: {}", plain(line))?;
    }
    for warning in &report.warnings {
        writeln!(out, "warning: {}", plain(warning))?;
    }
    if !report.warnings.is_empty() || !report.summary.is_empty() {
        writeln!(out)?;
    }
    if !report.coverage.is_empty() {
        writeln!(out, "{}", coverage(&report.coverage)?)?;
    }
    writeln!(out, "{}", report.totals())
}

/// Returns a finding in the format of a compiler error.
pub(super) fn finding(group: &Group<'_>, locate: &Locate<'_>) -> Result<String, fmt::Error> {
    let found = group.finding;
    let mut out = String::new();
    writeln!(
        out,
        "{}[{}]: {}",
        found.severity,
        found.rule,
        summary(found.rule)
    )?;
    match locate(&found.pointer) {
        Some(place) => {
            writeln!(out, "  --> {}", plain(&place.to_string()))?;
            writeln!(out, "      {}", plain(&found.pointer))?;
        }
        None => writeln!(out, "  --> {}", plain(&found.pointer))?,
    }
    write!(out, "  party      {}", found.party)?;
    if let Some(operation) = &found.operation {
        write!(out, ", {}", plain(operation))?;
    }
    writeln!(out, ", {}", exchanges(group))?;
    writeln!(out, "  expected   {}", plain(&found.expected))?;
    writeln!(out, "  actual     {}", plain(&found.actual))?;
    writeln!(out, "  reproduce  {}", plain(&found.reproduce))?;
    Ok(out)
}

pub(super) fn summary(rule: &str) -> &'static str {
    let known = RULES.iter().find(|own| own.id == rule);
    known.map_or("", |rule| rule.summary)
}

pub(super) fn exchanges(group: &Group<'_>) -> String {
    let numbers: Vec<_> = group
        .exchanges
        .iter()
        .take(MAX_SHOWN_EXCHANGES)
        .map(ToString::to_string)
        .collect();
    let more = group.exchanges.len() - numbers.len();
    let mut text = match numbers.as_slice() {
        [one] => format!("exchange {one}"),
        [others @ .., last] if more == 0 => format!("exchanges {} and {last}", others.join(", ")),
        _ => format!("exchanges {} and {more} more", numbers.join(", ")),
    };
    if group.count > 1 {
        let _ = write!(text, " ({})", counted(group.count, "time"));
    }
    text
}

/// Returns a table of the parts of the spec and how often they were covered.
fn coverage(entries: &[CoverageEntry]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(out, "coverage of the spec, in exchanges")?;
    let width = |of: fn(&CoverageEntry) -> &str| {
        let lengths = entries.iter().map(|entry| of(entry).chars().count());
        lengths.max().unwrap_or_default()
    };
    let operations = width(|entry| &entry.operation);
    let names = width(|entry| &entry.part);
    let mut last = "";
    for CoverageEntry {
        operation,
        part,
        exchanges,
    } in entries
    {
        // Only the first row of an operation has its name.
        let shown = if operation == last { "" } else { operation };
        last = operation;
        let count = match exchanges {
            0 => "never".to_owned(),
            count => count.to_string(),
        };
        writeln!(out, "  {shown:operations$}  {part:names$}  {count:>8}")?;
    }
    let covered = entries.iter().filter(|entry| entry.exchanges > 0).count();
    let total = counted(entries.len(), "part");
    writeln!(out, "  {covered} of {total} covered")?;
    Ok(out)
}
