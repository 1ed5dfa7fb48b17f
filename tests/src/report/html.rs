use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use super::escape::{markup, plain};
use super::model::{Group, Report};
use super::place::Locate;
use super::text::{exchanges, summary};
use crate::counted::counted;

/// The style of the report and of the fake's page.
pub(crate) const STYLE: &str = include_str!("html.css");

impl Report {
    /// Returns the report as a single HTML page without scripts.
    #[must_use]
    pub fn to_html(&self, locate: &Locate<'_>) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = write_all(self, locate, &mut out);
        out
    }

    /// Returns the findings as HTML, errors first.
    #[cfg(feature = "mock")]
    pub(crate) fn findings_html(&self, locate: &Locate<'_>) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = write_findings(self, locate, &mut out);
        out
    }

    /// Returns the coverage as an HTML table with a row for each part of the spec.
    pub(crate) fn coverage_html(&self) -> String {
        let mut out = String::new();
        let _ = write_coverage(self, &mut out);
        out
    }
}

fn write_all(report: &Report, locate: &Locate<'_>, out: &mut String) -> fmt::Result {
    let title = format!("Contract report: {}", report.totals());
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>Contract report</h1>\n<p>{}</p>",
        report.totals()
    )?;
    for line in &report.summary {
        writeln!(out, "<p>tried: {}</p>", escaped(line))?;
    }
    for warning in &report.warnings {
        writeln!(
            out,
            "<p class=\"warning\">warning: {}</p>",
            escaped(warning)
        )?;
    }
    writeln!(out, "<h2>Findings</h2>")?;
    write_findings(report, locate, out)?;
    if !report.coverage.is_empty() {
        writeln!(
            out,
            "<h2>Coverage of the spec</h2>\n{}",
            report.coverage_html()
        )?;
    }
    writeln!(out, "</body>\n</html>")
}

fn write_findings(report: &Report, locate: &Locate<'_>, out: &mut String) -> fmt::Result {
    let groups = report.groups();
    let mut rules: BTreeMap<_, Vec<&Group<'_>>> = BTreeMap::new();
    for group in &groups {
        // Errors come before notes.
        let key = (!group.finding.is_error(), group.finding.rule);
        rules.entry(key).or_default().push(group);
    }
    if groups.is_empty() {
        writeln!(out, "<p>None.</p>")?;
    }
    for ((_, rule), groups) in rules {
        write_rule(rule, &groups, locate, out)?;
    }
    Ok(())
}

fn write_rule(
    rule: &str,
    groups: &[&Group<'_>],
    locate: &Locate<'_>,
    out: &mut String,
) -> fmt::Result {
    let count: usize = groups.iter().map(|group| group.count).sum();
    let severity = groups
        .first()
        .map(|group| group.finding.severity.to_string())
        .unwrap_or_default();
    writeln!(
        out,
        "<section>\n<h3><span class=\"{severity}\">{severity}</span> <code>{}</code> \
         <small>{}</small></h3>\n<p>{}</p>",
        escaped(rule),
        counted(count, "time"),
        escaped(summary(rule)),
    )?;
    for group in groups {
        let found = group.finding;
        let place = locate(&found.pointer);
        let shown = place
            .as_ref()
            .map_or_else(|| found.pointer.clone(), ToString::to_string);
        writeln!(out, "<dl>")?;
        for (name, value) in [
            ("party", found.party.to_string()),
            (
                "operation",
                found.operation.clone().unwrap_or_else(|| "none".to_owned()),
            ),
            ("exchanges", exchanges(group)),
            ("spec", shown),
        ] {
            writeln!(out, "<dt>{name}</dt><dd>{}</dd>", escaped(&value))?;
        }
        writeln!(
            out,
            "<dt>expected</dt><dd class=\"expected\">{}</dd>\n\
             <dt>actual</dt><dd class=\"actual\">{}</dd>\n</dl>",
            escaped(&found.expected),
            escaped(&found.actual),
        )?;
        if let Some(place) = place.filter(|place| !place.excerpt.is_empty()) {
            writeln!(out, "<pre>{}</pre>", excerpt(&place.excerpt, place.line))?;
        }
        writeln!(
            out,
            "<pre class=\"command\">{}</pre>",
            escaped(&found.reproduce)
        )?;
    }
    writeln!(out, "</section>")
}

fn excerpt(lines: &str, first: usize) -> String {
    let numbered = lines
        .lines()
        .enumerate()
        .map(|(index, line)| format!("{:>5} | {}", first + index, escaped(line)));
    numbered.collect::<Vec<_>>().join("\n")
}

fn write_coverage(report: &Report, out: &mut String) -> fmt::Result {
    let covered = report.coverage.iter().filter(|own| own.exchanges > 0);
    writeln!(
        out,
        "<p>{} of {} covered.</p>\n<table>\n<thead><tr><th scope=\"col\">operation</th>\
         <th scope=\"col\">part</th><th scope=\"col\">exchanges</th></tr></thead>\n<tbody>",
        covered.count(),
        counted(report.coverage.len(), "part"),
    )?;
    let mut last = "";
    for entry in &report.coverage {
        let class = if entry.exchanges > 0 {
            "covered"
        } else {
            "gap"
        };
        let operation = if entry.operation == last {
            ""
        } else {
            &entry.operation
        };
        last = &entry.operation;
        writeln!(
            out,
            "<tr class=\"{class}\"><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            escaped(operation),
            escaped(&entry.part),
            entry.exchanges,
        )?;
    }
    writeln!(out, "</tbody>\n</table>")
}

/// Returns a text of the wire as text of a page.
pub(crate) fn escaped(value: &str) -> String {
    markup(&plain(value))
}
