//! Serves the fake of the Authress Users API, and validates traffic against the API's spec.

use std::io::{self, Write as _};
use std::process::ExitCode;

use authress_users_contract::cli::{Command, EXIT_CODES, Output, run};
use clap::Parser;

/// Contract testing for the Authress Users API
#[derive(Debug, Parser)]
#[command(name = "authress-users-contract", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command, &mut Output(io::stdout().lock())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Without a reader, only the exit code remains.
            let _ = writeln!(io::stderr(), "{failure}");
            ExitCode::from(&failure)
        }
    }
}
