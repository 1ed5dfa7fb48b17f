//! Validates traffic against the spec.

mod har;
mod live;
mod report;

use std::io::Write;
use std::path::Path;

use authress_users_openapi::Document;
use clap::Subcommand;

use crate::generate::DOCUMENT;
use crate::problem::Failure;

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

/// Validates traffic, and fails if it violates the spec.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let document = Document::read(&root.join(DOCUMENT))?;
    match &arguments.source {
        Source::Har(arguments) => har::run(arguments, &document, out),
        Source::Live(arguments) => live::run(arguments, &document, out),
    }
}
