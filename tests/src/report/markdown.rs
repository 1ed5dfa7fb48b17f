use std::fmt::{self, Write as _};

use super::escape::{markup, plain};
use super::model::Report;
use super::place::Locate;
use super::text::{exchanges, summary};
use crate::counted::counted;

impl Report {
    /// Returns the report as Markdown, for summaries of CI jobs and comments.
    #[must_use]
    pub fn to_markdown(&self, locate: &Locate<'_>) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = write_all(self, locate, &mut out);
        out
    }
}

fn write_all(report: &Report, locate: &Locate<'_>, out: &mut String) -> fmt::Result {
    writeln!(out, "## Contract: {}", report.totals())?;
    for group in report.groups() {
        let found = group.finding;
        writeln!(out)?;
        writeln!(out, "### {}: `{}`", found.severity, found.rule)?;
        writeln!(out)?;
        writeln!(out, "{}", cell(summary(found.rule)))?;
        writeln!(out)?;
        writeln!(out, "| | |\n|---|---|")?;
        let operation = found.operation.as_deref().unwrap_or("no operation");
        let place = locate(&found.pointer).map(|place| place.to_string());
        for (name, value) in [
            ("party", found.party.to_string()),
            ("operation", operation.to_owned()),
            ("exchanges", exchanges(&group)),
            ("spec", place.unwrap_or_else(|| found.pointer.clone())),
            ("expected", found.expected.clone()),
            ("actual", found.actual.clone()),
        ] {
            writeln!(out, "| {name} | {} |", cell(&value))?;
        }
        writeln!(
            out,
            "\n```sh\n{}\n```",
            plain(&found.reproduce).replace("```", "")
        )?;
    }
    for line in &report.summary {
        writeln!(out, "\n> tried: {}", cell(line))?;
    }
    for warning in &report.warnings {
        writeln!(out, "\n> warning: {}", cell(warning))?;
    }
    if !report.coverage.is_empty() {
        let covered = report.coverage.iter().filter(|own| own.exchanges > 0);
        writeln!(
            out,
            "\n<details><summary>Coverage: {} of {}</summary>\n",
            covered.count(),
            counted(report.coverage.len(), "part")
        )?;
        writeln!(out, "| operation | part | exchanges |\n|---|---|---:|")?;
        for entry in &report.coverage {
            let (operation, part) = (cell(&entry.operation), cell(&entry.part));
            writeln!(out, "| {operation} | {part} | {} |", entry.exchanges)?;
        }
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

/// Escapes a text so that it stays one cell of a table, without markup.
fn cell(text: &str) -> String {
    let mut escaped = String::new();
    for character in markup(&plain(text)).chars() {
        if matches!(
            character,
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '#' | '!'
        ) && !escaped.ends_with('&')
        {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}
