//! Deletes the users whose ids are in a file, for example after erasure requests.

#[path = "../shared/batch/mod.rs"]
mod batch;
#[path = "../shared/mod.rs"]
mod shared;

use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Deletion};
use clap::Parser;
use futures::{Stream, StreamExt as _};

use batch::{BatchSettings, Content, Finished, Job, Line, Outcome, Target};
use shared::{account, failure};

const EXAMPLES: &str = "  cargo run -p authress-users-ext --example delete_users -- ids.txt
  cargo run -p authress-users-ext --example delete_users -- ids.txt --yes --results results.ndjson";

/// Delete the users whose ids are in FILE, one per line
///
/// Prints one result per line of input, as a line of JSON. Exits with 1 if a line was invalid or failed,
/// or if not all lines were processed. The command can be run again after an interruption: deleted
/// users are reported as already gone, and with --results no user is processed twice.
///
/// Rate limits and outages of the API delay the calls; each fails after 10 minutes at the latest.
#[derive(Debug, Parser)]
#[command(after_help = account::help(EXAMPLES))]
struct Arguments {
    #[command(flatten)]
    batch: BatchSettings,
}

#[tokio::main]
async fn main() -> ExitCode {
    failure::exit_code(batch::run(&DeleteUsers, &Arguments::parse().batch).await)
}

struct DeleteUsers;

impl Job for DeleteUsers {
    const NAME: &str = "delete_users";

    fn lines(&self, input: &[u8]) -> Vec<Line> {
        let mut lines: Vec<_> = batch::without_bom(input)
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .collect();
        // A final line break does not start another line.
        lines.pop_if(|last| last.is_empty());
        (1..)
            .zip(lines)
            .map(|(number, line)| Line {
                number,
                content: content(line),
            })
            .collect()
    }

    fn sample(&self, fake: &MockAuthress) -> String {
        let mut ids: Vec<_> = fake.user_ids().into_iter().take(5).collect();
        ids.push("missing|0".to_owned());
        ids.join("\n")
    }

    fn dry_run(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished> {
        let users = authress.users();
        let reads = users.get_all(targets.map(|target| target.user_id));
        reads.with_concurrency(concurrency).map(|item| {
            let result = match item.result {
                Ok(_) => Ok(Outcome::WouldDelete),
                Err(error) if error.is_not_found() => Ok(Outcome::UserNotFound),
                Err(error) => Err(error),
            };
            (item.index, result)
        })
    }

    fn execute(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished> {
        let users = authress.users();
        let deletions = users.delete_all(targets.map(|target| target.user_id));
        deletions.with_concurrency(concurrency).map(|item| {
            let result = item.result.map(|deletion| match deletion {
                Deletion::Accepted => Outcome::Deleted,
                Deletion::AlreadyDeleted => Outcome::AlreadyGone,
            });
            (item.index, result)
        })
    }
}

fn content(line: &[u8]) -> Content {
    if line.trim_ascii().is_empty() {
        return Content::Blank;
    }
    match str::from_utf8(line) {
        Ok(id) => Content::of(Target {
            tenant_id: None,
            user_id: id.to_owned(),
        }),
        Err(_) => Content::invalid("the line is not valid UTF-8"),
    }
}
