use std::fmt::{self, Write as _};

use super::text::finding;
use super::{Report, Told, counted, plain, told};
use crate::finding::Rule;
use crate::rules::RULES;

const SUITE: &str = "authress-users-contract";

pub(super) fn write(report: &Report, locate: &dyn Fn(&str) -> Option<String>) -> String {
    let mut xml = String::new();
    // Writing to a text does not fail.
    let _ = write_all(report, locate, &mut xml);
    xml
}

fn write_all(
    report: &Report,
    locate: &dyn Fn(&str) -> Option<String>,
    out: &mut String,
) -> fmt::Result {
    let told = told(&report.findings);
    let failures = RULES
        .iter()
        .filter(|rule| told.iter().any(|told| is_failure(told, rule)))
        .count();
    let tests = RULES.len();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    writeln!(
        out,
        "  <testsuite name=\"{SUITE}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" \
         skipped=\"0\">"
    )?;
    for rule in RULES {
        write_case(rule, &told, locate, out)?;
    }
    writeln!(out, "    <system-out>")?;
    for remark in &report.remarks {
        writeln!(out, "{}", escaped(&plain(remark)))?;
    }
    writeln!(out, "{}", report.closing_line())?;
    writeln!(out, "    </system-out>")?;
    writeln!(out, "  </testsuite>")?;
    writeln!(out, "</testsuites>")
}

/// A rule with one failure at most, because many readers look at the first alone.
fn write_case(
    rule: &Rule,
    told: &[Told<'_>],
    locate: &dyn Fn(&str) -> Option<String>,
    out: &mut String,
) -> fmt::Result {
    let own = |is_failure: bool| {
        told.iter().filter(move |told| {
            told.finding.rule == rule.id && told.finding.is_error() == is_failure
        })
    };
    write!(
        out,
        "    <testcase classname=\"{SUITE}.{}\" name=\"{}\"",
        rule.culprit, rule.id
    )?;
    if own(true).chain(own(false)).next().is_none() {
        return writeln!(out, "/>");
    }
    writeln!(out, ">")?;
    let times: usize = own(true).map(|told| told.times).sum();
    if times > 0 {
        let sentence = escaped(rule.sentence);
        let times = counted(times, "finding");
        writeln!(
            out,
            "      <failure type=\"{}\" message=\"{times}: {sentence}\">",
            rule.id
        )?;
        for told in own(true) {
            writeln!(out, "{}", escaped(&finding(told, locate)?))?;
        }
        writeln!(out, "      </failure>")?;
    }
    if own(false).next().is_some() {
        writeln!(out, "      <system-out>")?;
        for told in own(false) {
            writeln!(out, "{}", escaped(&finding(told, locate)?))?;
        }
        writeln!(out, "      </system-out>")?;
    }
    writeln!(out, "    </testcase>")
}

fn is_failure(told: &Told<'_>, rule: &Rule) -> bool {
    told.finding.rule == rule.id && told.finding.is_error()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
