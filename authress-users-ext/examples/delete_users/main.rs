//! Deletes the users whose ids are in a file, for example after erasure requests.

#[path = "../shared/batch/mod.rs"]
mod batch;
#[path = "../shared/mod.rs"]
mod shared;

use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error};
use clap::Parser;

use batch::{BatchSettings, Content, Job, Line, Outcome, Target};
use shared::account::HELP;
use shared::failure;

/// Delete the users whose ids are in FILE, one per line
///
/// Prints one result per line of input, as a line of JSON. Exits with 1 if a line was invalid or failed,
/// or if not all lines were processed. The command can be run again after an interruption: deleted
/// users are reported as already gone, and with --results no user is processed twice.
#[derive(Debug, Parser)]
#[command(after_help = HELP)]
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

    async fn dry_run(&self, authress: &AuthressClient, target: &Target) -> Result<Outcome, Error> {
        let user = authress
            .users()
            .get_user(&target.user_id)
            .optional()
            .await?;
        Ok(match user {
            Some(_) => Outcome::WouldDelete,
            None => Outcome::UserNotFound,
        })
    }

    async fn execute(&self, authress: &AuthressClient, target: &Target) -> Result<Outcome, Error> {
        match authress.users().delete_user(&target.user_id).await {
            Ok(()) => Ok(Outcome::Deleted),
            Err(error) if error.is_not_found() => Ok(Outcome::AlreadyGone),
            Err(error) => Err(error),
        }
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
