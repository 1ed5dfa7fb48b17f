//! Deletes the users whose ids are in a file: what an erasure request needs.

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

/// Deletes the users whose ids are in FILE, one a line.
///
/// For each line there is a result, a line of JSON. The exit code is 1 if a line was refused or
/// failed, or if not all were reached. It is safe to run this again after an interruption: whoever
/// is gone counts as already gone, and with --results nobody is asked for twice.
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
        let mut lines: Vec<_> = batch::without_mark(input)
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .collect();
        // What stands behind the last line break is no line, unless there is something.
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
        ids.push("nobody|0".to_owned());
        ids.join("\n")
    }

    async fn rehearse(&self, authress: &AuthressClient, target: &Target) -> Result<Outcome, Error> {
        let user = authress
            .users()
            .get_user(&target.user_id)
            .optional()
            .await?;
        Ok(match user {
            Some(_) => Outcome::WouldDelete,
            None => Outcome::WouldFindNobody,
        })
    }

    async fn carry_out(
        &self,
        authress: &AuthressClient,
        target: &Target,
    ) -> Result<Outcome, Error> {
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
        Err(_) => Content::refused("the line is not text in UTF-8"),
    }
}
