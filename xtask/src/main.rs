//! The development commands of this project; see `cargo xtask --help`.

mod commands;
mod diff;
mod generate;
mod import;
mod lint;
mod nullability;
mod output;
mod overlay;
mod problem;
mod release;
#[cfg(test)]
mod testing;
mod validate;

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::output::Output;
use crate::problem::Failure;

/// Development commands of Authress Users for Rust
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// A new command needs a line here, a line in `run`, and a file in `commands`.
#[derive(Debug, Subcommand)]
enum Command {
    /// Generate the raw client from openapi/users.yaml
    Generate(commands::generate::Arguments),
    /// Validate an OpenAPI document before generating code
    Lint(commands::lint::Arguments),
    /// Compare two specs: effects on the wire, on Rust callers and on behavior
    Diff(commands::diff::Arguments),
    /// Update openapi/users.yaml from the provider's spec
    Import(commands::import::Arguments),
    /// Check that the crates can be released
    Release(commands::release::Arguments),
    /// Serve the fake API and print its URL and access key
    #[cfg(feature = "fake")]
    Mock(authress_users_contract::cli::MockArguments),
    /// Validate recorded traffic or a live server against openapi/users.yaml
    #[cfg(feature = "fake")]
    Contract(commands::contract::Arguments),
}

fn run(command: &Command, root: &Path) -> Result<(), Failure> {
    let out = &mut Output(io::stdout().lock());
    match command {
        Command::Generate(arguments) => commands::generate::run(arguments, root, out),
        Command::Lint(arguments) => commands::lint::run(arguments, root, out),
        Command::Diff(arguments) => commands::diff::run(arguments, root, out),
        Command::Import(arguments) => commands::import::run(arguments, root, out),
        Command::Release(arguments) => commands::release::run(arguments, root, out),
        #[cfg(feature = "fake")]
        Command::Mock(arguments) => Ok(arguments.run(out)?),
        #[cfg(feature = "fake")]
        Command::Contract(arguments) => commands::contract::run(arguments, root, out),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command, &repository()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::print_error(&failure);
            failure.exit_code()
        }
    }
}

/// Returns the root of the repository; an empty path if it is the working directory.
fn repository() -> PathBuf {
    // Cargo sets the variable at run time; several checkouts can share one build.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().unwrap_or(Path::new(".")).to_owned();
    match env::current_dir() {
        Ok(current) if current == root => PathBuf::new(),
        _ => root,
    }
}
