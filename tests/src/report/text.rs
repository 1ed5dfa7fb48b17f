use std::fmt::{self, Write as _};

use super::{Report, Told, counted, plain, told};
use crate::coverage::Covered;
use crate::rules::RULES;

/// The numbers of more exchanges than this are told by their count.
const SHOWN_EXCHANGES: usize = 5;

pub(super) fn write(report: &Report, locate: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = write_all(report, locate, &mut text);
    text
}

fn write_all(
    report: &Report,
    locate: &dyn Fn(&str) -> Option<String>,
    out: &mut String,
) -> fmt::Result {
    for told in told(&report.findings) {
        writeln!(out, "{}", finding(&told, locate)?)?;
    }
    for remark in &report.remarks {
        writeln!(out, "remark: {}", plain(remark))?;
    }
    if !report.remarks.is_empty() {
        writeln!(out)?;
    }
    if !report.coverage.is_empty() {
        writeln!(out, "{}", coverage(&report.coverage)?)?;
    }
    writeln!(out, "{}", report.closing_line())
}

/// A finding in the form of a compiler's error.
pub(super) fn finding(
    told: &Told<'_>,
    locate: &dyn Fn(&str) -> Option<String>,
) -> Result<String, fmt::Error> {
    let found = told.finding;
    let mut out = String::new();
    writeln!(
        out,
        "{}[{}]: {}",
        found.severity,
        found.rule,
        sentence(found.rule)
    )?;
    match locate(&found.pointer) {
        Some(place) => {
            writeln!(out, "  --> {}", plain(&place))?;
            writeln!(out, "      {}", plain(&found.pointer))?;
        }
        None => writeln!(out, "  --> {}", plain(&found.pointer))?,
    }
    write!(out, "  at fault  the {}", found.culprit)?;
    if let Some(operation) = &found.operation {
        write!(out, ", in {}", plain(operation))?;
    }
    writeln!(out, ", {}", exchanges(told))?;
    writeln!(out, "  expected  {}", plain(&found.expected))?;
    writeln!(out, "  got       {}", plain(&found.got))?;
    writeln!(out, "  again     {}", plain(&found.reproduce))?;
    Ok(out)
}

fn sentence(rule: &str) -> &'static str {
    let known = RULES.iter().find(|own| own.id == rule);
    known.map_or("", |rule| rule.sentence)
}

fn exchanges(told: &Told<'_>) -> String {
    let numbers: Vec<_> = told
        .exchanges
        .iter()
        .take(SHOWN_EXCHANGES)
        .map(ToString::to_string)
        .collect();
    let more = told.exchanges.len() - numbers.len();
    let mut text = match numbers.as_slice() {
        [one] => format!("exchange {one}"),
        [others @ .., last] if more == 0 => format!("exchanges {} and {last}", others.join(", ")),
        _ => format!("exchanges {} and {more} more", numbers.join(", ")),
    };
    if told.times > 1 {
        let _ = write!(text, " ({})", counted(told.times, "time"));
    }
    text
}

/// Operations and their parts, and how often each was there.
fn coverage(parts: &[Covered]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    writeln!(
        out,
        "coverage: how often the traffic had each part of the document"
    )?;
    let width = |of: fn(&Covered) -> &str| {
        let lengths = parts.iter().map(|part| of(part).chars().count());
        lengths.max().unwrap_or_default()
    };
    let (operations, names) = (width(|part| &part.operation), width(|part| &part.part));
    let mut last = "";
    for Covered {
        operation,
        part,
        exchanges,
    } in parts
    {
        // An operation is named where it starts.
        let shown = if operation == last { "" } else { operation };
        last = operation;
        let times = match exchanges {
            0 => "never".to_owned(),
            times => times.to_string(),
        };
        writeln!(out, "  {shown:operations$}  {part:names$}  {times:>8}")?;
    }
    let touched = parts.iter().filter(|part| part.exchanges > 0).count();
    writeln!(
        out,
        "  {touched} of {} were touched",
        counted(parts.len(), "part")
    )?;
    Ok(out)
}
