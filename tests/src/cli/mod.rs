//! The command line: the same commands for the binary of this crate and for `cargo xtask`.
//!
//! The binary `authress-users-contract` has the commands `mock`, `har`, `live` and `rules`; see its
//! `--help`.

mod console;
mod data;
mod exit_codes;
mod failure;
mod har;
mod input;
mod live;
mod mock;
mod output;
mod ready_file;
mod report;
mod request_log;
mod rules;
mod signals;
mod tally;
mod time;

use std::io::Write;

use authress_users_openapi::Document;
use clap::Subcommand;

use crate::DOCUMENT;
use crate::report::BUNDLED;

pub use exit_codes::EXIT_CODES;
pub use failure::Failure;
pub use har::HarArguments;
pub use live::LiveArguments;
pub use mock::MockArguments;
pub use output::Output;
pub use rules::RulesArguments;

/// A command of the binary.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Serve the fake API and print its URL and access key
    Mock(MockArguments),
    /// Validate a recording (HAR file) of a browser, a proxy or another client
    Har(HarArguments),
    /// Validate a running server; only reads, unless writes are allowed
    Live(LiveArguments),
    /// List the rules that traffic is validated against
    Rules(RulesArguments),
}

/// Runs a command with the bundled spec, and writes its results to `out`.
///
/// # Errors
/// [`Failure::Findings`] if the traffic violates the spec, and [`Failure::Unusable`] if the command
/// could not run.
pub fn run(command: &Command, out: &mut impl Write) -> Result<(), Failure> {
    match command {
        Command::Mock(arguments) => arguments.run(out),
        Command::Har(arguments) => arguments.run(&bundled()?, out),
        Command::Live(arguments) => arguments.run(&bundled()?, out),
        Command::Rules(arguments) => arguments.run(out),
    }
}

/// Returns the bundled spec, with the lines that the fake serves.
fn bundled() -> Result<Document, Failure> {
    Document::parse(BUNDLED, DOCUMENT).map_err(|reason| Failure::Unusable(reason.to_string()))
}
