//! Holding traffic against the document, wherever it comes from.

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
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Source,
}

// As with the commands themselves: one line here, one in `run`, and a file.
#[derive(Debug, Subcommand)]
enum Source {
    /// Judge the traffic that a browser, a proxy or another client has recorded.
    Har(har::Arguments),
    /// Judge a running server: reads alone, unless more is allowed.
    Live(live::Arguments),
}

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For whatever shows the results of tests.
    Junit,
}

/// Judges traffic, and fails if the document is not followed.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let document = Document::read(&root.join(DOCUMENT))?;
    match &arguments.source {
        Source::Har(arguments) => har::run(arguments, &document, out),
        Source::Live(arguments) => live::run(arguments, &document, out),
    }
}

/// The document as what traffic is held against: the file, and not what was last made of it.
fn spec(document: &Document) -> Result<Spec, Failure> {
    Spec::parse(&document.value).map_err(|reason| {
        let line = document.line(reason.pointer());
        Failure::Unusable(format!("{}:{line}: {reason}", document.name))
    })
}

/// Writes a report, and fails if it has errors.
fn tell(
    report: &Report,
    format: Format,
    document: &Document,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let locate = |pointer: &str| Some(format!("{}:{}", document.name, document.line(pointer)));
    let told = match format {
        Format::Text => report.to_text(&locate),
        Format::Json => report.to_json(&locate),
        Format::Junit => report.to_junit(&locate),
    };
    out.write_all(told.as_bytes())?;
    out.flush()?;
    if report.has_errors() {
        return Err(Failure::NotFollowed(document.name.clone()));
    }
    Ok(())
}
