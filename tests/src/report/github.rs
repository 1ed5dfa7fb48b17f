use std::fmt::Write as _;

use super::escape::plain;
use super::model::{Group, Report};
use super::place::Locate;
use crate::counted::counted;

impl Report {
    /// Returns the report as workflow commands of GitHub Actions, which annotate the spec.
    ///
    /// The last line is that of the text report.
    #[must_use]
    pub fn to_github(&self, locate: &Locate<'_>) -> String {
        let mut out = String::new();
        for group in self.groups() {
            // Writing to a string does not fail.
            let _ = writeln!(out, "{}", annotation(&group, locate));
        }
        for warning in &self.warnings {
            let _ = writeln!(out, "::warning::{}", data(warning));
        }
        let _ = writeln!(out, "{}", self.totals());
        out
    }
}

fn annotation(group: &Group<'_>, locate: &Locate<'_>) -> String {
    let found = group.finding;
    let command = if found.is_error() { "error" } else { "notice" };
    let mut properties = Vec::new();
    if let Some(place) = locate(&found.pointer) {
        properties.push(format!("file={}", property(&place.file)));
        properties.push(format!("line={}", place.line));
    }
    properties.push(format!("title={}", property(found.rule)));
    let operation = found.operation.as_deref().unwrap_or("no operation");
    let message = format!(
        "{}, {operation}: expected {}, got {} ({})\n{}",
        found.party,
        found.expected,
        found.actual,
        counted(group.count, "time"),
        found.reproduce,
    );
    format!("::{command} {}::{}", properties.join(","), data(&message))
}

/// Escapes the text of a workflow command.
fn data(text: &str) -> String {
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| plain(line).replace('%', "%25"))
        .collect();
    lines.join("%0A")
}

/// Escapes the value of a property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
