//! Exports the users of an account as NDJSON or CSV, and resumes after an interruption.

mod checkpoint;
mod format;
mod output;
#[path = "../shared/mod.rs"]
mod shared;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use authress_users_ext::{ErrorKind, GetUsers, RetryPolicy};
use clap::Parser;
use indicatif::ProgressBar;

use checkpoint::{Checkpoint, Export, Stage};
use format::Format;
use output::Output;
use shared::account::{self, Account, AccountSettings};
use shared::failure::{self, Failure};
use shared::progress;

const EXAMPLES: &str = "  cargo run -p authress-users-ext --example export_users
  cargo run -p authress-users-ext --example export_users -- --format csv --output users.csv
  cargo run -p authress-users-ext --example export_users -- --output users.ndjson \\
      --checkpoint users.checkpoint";

/// Export the users of an account as NDJSON or CSV
///
/// With --checkpoint, the same command resumes an interrupted export: no user is lost and none is
/// written twice.
///
/// Rate limits and outages of the API delay the export; a page fails after 10 minutes at the latest.
#[derive(Debug, Parser)]
#[command(after_help = account::help(EXAMPLES))]
struct Arguments {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Ndjson)]
    format: Format,
    /// Output file, which must not exist yet [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// File that stores the progress, to resume the export; requires --output
    #[arg(long, value_name = "FILE", requires = "output")]
    checkpoint: Option<PathBuf>,
    /// Export only the users that are linked to this tenant
    #[arg(long, value_name = "ID")]
    tenant: Option<String>,
    /// Export only the users with a text field that contains TEXT, ignoring case
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Page size, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100))]
    page_size: u32,
    #[command(flatten)]
    account: AccountSettings,
}

#[tokio::main]
async fn main() -> ExitCode {
    failure::exit_code(run(Arguments::parse()).await)
}

async fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let account = Account::open(&arguments.account, |builder| {
        builder
            .user_agent_suffix("export_users")
            .retry_policy(RetryPolicy::batch())
    })
    .await?;
    let (mut checkpoint, mut output) = open(&arguments, &account.name)?;
    let start = checkpoint.as_ref().map(|checkpoint| *checkpoint.stage());
    if let Some(Stage::Finished) = start {
        eprintln!("The export is complete. Remove the checkpoint and the output to start over.");
        return Ok(ExitCode::SUCCESS);
    }

    let mut list = account.authress.users().get_users();
    list = list.limit(arguments.page_size).with_prefetch(2);
    if let Some(tenant) = &arguments.tenant {
        list = list.tenant_id(tenant);
    }
    if let Some(filter) = &arguments.filter {
        list = list.filter(filter);
    }
    if let Some(cursor) = checkpoint.as_ref().and_then(Checkpoint::cursor) {
        list = list.cursor(cursor);
    }

    // A bar would garble users that are printed to the terminal.
    let bar = if arguments.output.is_none() && std::io::stdout().is_terminal() {
        ProgressBar::hidden()
    } else {
        progress::counter()
    };
    let before = checkpoint.as_ref().map_or(0, Checkpoint::users);
    let began = Instant::now();
    let written = write(list, arguments.format, &mut output, &mut checkpoint, &bar).await;
    bar.finish_and_clear();
    match written {
        Ok(count) => {
            let elapsed = began.elapsed();
            eprint!("{} users in {elapsed:.1?}", before + count);
            match before {
                0 => eprintln!("."),
                _ => eprintln!(", {before} of them by an earlier run."),
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(failure) => {
            if checkpoint.is_some_and(|checkpoint| *checkpoint.stage() != Stage::Cycle) {
                eprintln!("Run the same command again to resume.");
            }
            Err(failure)
        }
    }
}

/// Opens both files as an earlier run left them, or creates them.
fn open(arguments: &Arguments, account: &str) -> Result<(Option<Checkpoint>, Output), Failure> {
    let Some(path) = &arguments.output else {
        return Ok((None, Output::standard()));
    };
    let Some(checkpoint) = &arguments.checkpoint else {
        return Ok((None, Output::create(path)?));
    };
    let export = Export {
        account: account.to_owned(),
        tenant: arguments.tenant.clone(),
        filter: arguments.filter.clone(),
        format: arguments.format,
        page_size: arguments.page_size,
        output: std::path::absolute(path)?,
    };
    if std::path::absolute(checkpoint)? == export.output {
        return Err("--checkpoint and --output name the same file; use two files".into());
    }
    if let Some(checkpoint) = Checkpoint::load(checkpoint, &export)? {
        let output = Output::resume(path, checkpoint.length())?;
        return Ok((Some(checkpoint), output));
    }
    Output::check_absent(path)?;
    // The checkpoint first: an output without a checkpoint cannot be resumed.
    let checkpoint = Checkpoint::create(checkpoint, export)?;
    Ok((Some(checkpoint), Output::resume(path, 0)?))
}

/// Writes all pages, and returns the number of users.
async fn write(
    list: GetUsers,
    format: Format,
    output: &mut Output,
    checkpoint: &mut Option<Checkpoint>,
    bar: &ProgressBar,
) -> Result<u64, Failure> {
    let mut count = 0;
    let mut bytes = Vec::new();
    if checkpoint
        .as_ref()
        .is_none_or(|checkpoint| checkpoint.length() == 0)
    {
        format.write_header(&mut bytes)?;
    }
    let mut pages = list.pages();
    loop {
        let page = match pages.try_next().await {
            Ok(Some(page)) => page,
            Ok(None) => return Ok(count),
            Err(error) => {
                if let Some(checkpoint) = checkpoint
                    && error.kind() == ErrorKind::Pagination
                {
                    // The cursor leads back to users that are written already.
                    checkpoint.close(Stage::Cycle)?;
                }
                return Err(error.into());
            }
        };
        format.write_page(&page, &mut bytes)?;
        let omitted = format.omitted(&page);
        if omitted > 0 {
            bar.suspend(|| {
                eprintln!(
                    "Users that do not match the spec are not in the CSV file: {omitted}. \
                     --format ndjson exports them."
                );
            });
        }
        let omitted_members = format.omitted_members(&page);
        if omitted_members > 0 {
            bar.suspend(|| {
                eprintln!(
                    "Members that cannot be represented, such as a number beyond the range of 64-bit floating \
                     point, are not in the output: {omitted_members}."
                );
            });
        }
        let users = (page.users().len() + page.skipped().len()) as u64 - omitted;
        output.append(&bytes)?;
        if let Some(checkpoint) = checkpoint {
            // The data must be on disk before the checkpoint counts it.
            output.sync()?;
            checkpoint.advance(page.next_cursor(), bytes.len() as u64, users)?;
        }
        bytes.clear();
        count += users;
        bar.set_position(count);
    }
}
