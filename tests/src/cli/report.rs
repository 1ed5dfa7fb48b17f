//! What the sources of traffic have in common: the spec and the report.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use authress_users_openapi::Document;
use clap::{Args, ValueEnum};

use super::failure::Failure;
use crate::counted::counted;
use crate::finding::Severity;
use crate::report::{Baseline, Place, Report};
use crate::rules::RULES;
use crate::spec::Spec;

/// The format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text, for people.
    #[default]
    Text,
    /// JSON, for programs.
    Json,
    // Attributes, since doc comments need backticks that the help would show.
    #[value(help = "JUnit XML, for CI test reports")]
    Junit,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    #[value(help = "Annotations of GitHub Actions")]
    Github,
    /// Markdown, for summaries of CI jobs.
    Markdown,
    /// A single HTML page.
    Html,
}

/// The severity that makes a command fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Violations of the spec.
    #[default]
    Error,
    /// Notes too.
    Note,
}

/// The options of reports.
#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// Set the format of the report.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show in text which parts of the spec were covered; other formats always do.
    #[arg(long)]
    coverage: bool,
    /// Exit with 1 if there is a finding of this severity.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Ignore the findings of this rule; can be repeated.
    #[arg(long, value_name = "RULE", value_parser = rule)]
    ignore: Vec<String>,
    /// Ignore the findings in this file, which --write-baseline wrote.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings to this file, and exit with 0.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Exit with 2 if fewer exchanges with a response were validated [default: 1].
    #[arg(long, value_name = "N")]
    min_exchanges: Option<usize>,
    /// Accept traffic without a response of the API.
    #[arg(long, conflicts_with = "min_exchanges")]
    allow_empty: bool,
}

fn rule(id: &str) -> Result<String, String> {
    match RULES.iter().find(|rule| rule.id == id) {
        Some(_) => Ok(id.to_owned()),
        None => Err("unknown rule; the command `rules` lists them".to_owned()),
    }
}

/// Compiles a spec, which may be newer than the bundled one.
pub(super) fn spec(document: &Document) -> Result<Spec, Failure> {
    Spec::parse(&document.value).map_err(|reason| {
        let line = document.line(reason.pointer());
        Failure::Unusable(format!("{}:{line}: {reason}", document.name))
    })
}

impl ReportArguments {
    /// Reads the baseline before the traffic, so that a wrong name is reported at once.
    pub(super) fn read_baseline(&self) -> Result<Baseline, Failure> {
        let Some(file) = &self.baseline else {
            return Ok(Baseline::default());
        };
        let name = file.display();
        let text = fs::read_to_string(file).map_err(|reason| {
            Failure::Unusable(format!("{name}: could not read the file: {reason}"))
        })?;
        text.parse()
            .map_err(|reason| Failure::Unusable(format!("{name}: {reason}")))
    }

    /// Writes a report. Fails if it has findings, or if too little was validated.
    pub(super) fn write(
        &self,
        mut report: Report,
        baseline: &Baseline,
        document: &Document,
        out: &mut impl Write,
    ) -> Result<(), Failure> {
        for rule in &self.ignore {
            report.ignore_rule(rule);
        }
        report.ignore_known(baseline);
        if let Some(file) = &self.write_baseline {
            let text = Baseline::of(&report).to_json();
            fs::write(file, text).map_err(|reason| {
                let name = file.display();
                Failure::Unusable(format!("{name}: could not write the file: {reason}"))
            })?;
        }
        if self.format == Format::Text && !self.coverage {
            report.coverage.clear();
        }
        let locate = |pointer: &str| Some(Place::in_document(document, pointer));
        let text = match self.format {
            Format::Text => report.to_text(&locate),
            Format::Json => report.to_json(&locate),
            Format::Junit => report.to_junit(&locate),
            Format::Sarif => report.to_sarif(&locate),
            Format::Github => report.to_github(&locate),
            Format::Markdown => report.to_markdown(&locate),
            Format::Html => report.to_html(&locate),
        };
        out.write_all(text.as_bytes())?;
        out.flush()?;
        self.verdict(&report, document)
    }

    fn verdict(&self, report: &Report, document: &Document) -> Result<(), Failure> {
        let severity = match self.fail_on {
            FailOn::Error => Severity::Error,
            FailOn::Note => Severity::Note,
        };
        if self.write_baseline.is_none() && report.fails_on(severity) {
            let reason = format!("the traffic violates {}", document.name);
            return Err(Failure::Findings(reason));
        }
        let min = match self.min_exchanges {
            Some(min) => min,
            None => usize::from(!self.allow_empty),
        };
        // A request without a response shows nothing of the API, for example that it was not running.
        if report.responses >= min {
            return Ok(());
        }
        Err(Failure::Unusable(if report.exchanges == 0 {
            "nothing was validated: the traffic has no request to the API; --allow-empty accepts this"
                .to_owned()
        } else if report.responses == 0 {
            "nothing was validated: no request to the API has a response; check that the API was \
             reachable, or accept this with --allow-empty"
                .to_owned()
        } else {
            let found = counted(report.responses, "exchange");
            format!(
                "too little was validated: {found} with a response, but --min-exchanges is {min}"
            )
        }))
    }
}
