//! Validates traffic against the spec.

mod har;
mod live;

use std::io::Write;
use std::path::Path;

use authress_users_contract::{Report, Spec};
use clap::{Subcommand, ValueEnum};

use crate::generate::DOCUMENT;
use crate::problem::Failure;
use authress_users_openapi::Document;

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask contract har recording.har
  cargo xtask contract har recording.har --format junit > report.xml
  cargo xtask contract live --base-url https://acme.api.authress.io

Exit codes: 0 without errors, 1 if the traffic violates the spec, 2 if nothing was validated.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Source,
}

// A new source of traffic needs a variant here, a line in `run`, and a file.
#[derive(Debug, Subcommand)]
enum Source {
    /// Validate a recording (HAR file) of a browser, a proxy or another client.
    Har(har::Arguments),
    /// Validate a running server; only reads, unless writes are allowed.
    Live(live::Arguments),
}

/// The format of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Text, for people.
    #[default]
    Text,
    /// JSON, for programs.
    Json,
    /// `JUnit` XML, for CI test reports.
    Junit,
}

/// Validates traffic, and fails if it violates the spec.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let document = Document::read(&root.join(DOCUMENT))?;
    match &arguments.source {
        Source::Har(arguments) => har::run(arguments, &document, out),
        Source::Live(arguments) => live::run(arguments, &document, out),
    }
}

/// Compiles the spec from the file, which may be newer than the generated client.
fn spec(document: &Document) -> Result<Spec, Failure> {
    Spec::parse(&document.value).map_err(|reason| {
        let line = document.line(reason.pointer());
        Failure::Unusable(format!("{}:{line}: {reason}", document.name))
    })
}

/// Writes a report. Fails if it has errors, or if nothing was validated.
fn write_report(
    report: &Report,
    format: Format,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let locate = |pointer: &str| Some(format!("{}:{}", document.name, document.line(pointer)));
    let text = match format {
        Format::Text => report.to_text(&locate),
        Format::Json => report.to_json(&locate),
        Format::Junit => report.to_junit(&locate),
    };
    out.write_all(text.as_bytes())?;
    out.flush()?;
    if report.has_errors() {
        return Err(Failure::NotFollowed(document.name.clone()));
    }
    if report.exchanges == 0 {
        let reason = "nothing was validated: the traffic has no request to the API";
        return Err(Failure::Unusable(reason.to_owned()));
    }
    Ok(())
}
