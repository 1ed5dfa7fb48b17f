//! The project's own commands; `cargo xtask --help` lists them.

mod commands;
mod diff;
mod generate;
mod import;
mod lint;
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

use crate::problem::Failure;

/// The project's own commands.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

// One line here and one in `run` make a command; the rest of it is a file in `commands`.
#[derive(Debug, Subcommand)]
enum Command {
    /// Write the raw crate's code from openapi/users.yaml.
    Generate(commands::generate::Arguments),
    /// Say what is wrong with an OpenAPI document, before code is made from it.
    Lint(commands::lint::Arguments),
    /// Say what a change of the document means: for the wire, for Rust callers, for behaviour.
    Diff(commands::diff::Arguments),
    /// Take over what the provider's document says of our operations.
    Import(commands::import::Arguments),
    /// Say what keeps the crates from being released.
    Release(commands::release::Arguments),
    /// Serve the fake of the API and print its URL and access key, until interrupted.
    #[cfg(feature = "fake")]
    Mock(commands::mock::Arguments),
    /// Hold traffic against openapi/users.yaml and say who does not follow it.
    #[cfg(feature = "fake")]
    Contract(commands::contract::Arguments),
}

fn run(command: &Command, root: &Path) -> Result<(), Failure> {
    let out = &mut io::stdout().lock();
    match command {
        Command::Generate(arguments) => commands::generate::run(arguments, root, out),
        Command::Lint(arguments) => commands::lint::run(arguments, root, out),
        Command::Diff(arguments) => commands::diff::run(arguments, root, out),
        Command::Import(arguments) => commands::import::run(arguments, root, out),
        Command::Release(arguments) => commands::release::run(arguments, root, out),
        #[cfg(feature = "fake")]
        Command::Mock(arguments) => commands::mock::run(arguments, out),
        #[cfg(feature = "fake")]
        Command::Contract(arguments) => commands::contract::run(arguments, root, out),
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments.command, &repository()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            failure.exit_code()
        }
    }
}

/// The root of the repository, as a path from the working directory where that is shorter.
fn repository() -> PathBuf {
    // What cargo says when it runs this; another copy of the repository may share the build.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().unwrap_or(Path::new(".")).to_owned();
    match env::current_dir() {
        Ok(current) if current == root => PathBuf::new(),
        _ => root,
    }
}
