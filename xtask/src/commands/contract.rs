//! Validates traffic against the spec.

use std::io::Write;
use std::path::Path;

use authress_users_contract::cli::{EXIT_CODES, HarArguments, LiveArguments, RulesArguments};
use authress_users_openapi::Document;
use clap::Subcommand;

use crate::generate::DOCUMENT;
use crate::problem::Failure;

#[derive(Debug, clap::Args)]
#[command(after_help = format!("\
The same commands as of the binary `authress-users-contract`, with the spec in openapi/users.yaml.

Examples:
  cargo xtask contract har recording.har
  cargo xtask contract har recording.har --format junit > report.xml
  cargo xtask contract live --base-url https://acme.api.authress.io

{EXIT_CODES}"))]
pub(crate) struct Arguments {
    #[command(subcommand)]
    source: Source,
}

// A new source of traffic needs a variant here, a line in `run`, and a file in the contract crate.
#[derive(Debug, Subcommand)]
enum Source {
    /// Validate a recording (HAR file) of a browser, a proxy or another client
    Har(HarArguments),
    /// Validate a running server; only reads, unless writes are allowed
    Live(LiveArguments),
    /// List the rules that traffic is validated against
    Rules(RulesArguments),
}

/// Validates traffic, and fails if it violates the spec.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let document = || Document::read(&root.join(DOCUMENT));
    match &arguments.source {
        Source::Har(arguments) => arguments.run(&document()?, out)?,
        Source::Live(arguments) => arguments.run(&document()?, out)?,
        Source::Rules(arguments) => arguments.run(out)?,
    }
    Ok(())
}
