//! Links users to tenants from a CSV file.

#[path = "../shared/batch/mod.rs"]
mod batch;
#[path = "../shared/mod.rs"]
mod shared;

use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error};
use clap::Parser;
use csv::{ByteRecord, ReaderBuilder};
use futures::stream::{self, Stream, StreamExt as _};

use batch::{BatchSettings, Content, Finished, Job, Line, Outcome, Target};
use shared::account::{self, TENANT};
use shared::failure;

const EXAMPLES: &str = "  cargo run -p authress-users-ext --example link_users -- links.csv
  cargo run -p authress-users-ext --example link_users -- links.csv --yes --results results.ndjson";

/// Link users to tenants from a CSV FILE with the columns tenant,user
///
/// A first line `tenant,user` is skipped. Prints one result per line of input, as a line of JSON. Exits
/// with 1 if a line was invalid or failed, or if not all lines were processed. The command can be run
/// again after an interruption: linking again changes nothing, and with --results no user is linked
/// twice. A dry run detects missing users, but not missing tenants.
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
    failure::exit_code(batch::run(&LinkUsers, &Arguments::parse().batch).await)
}

struct LinkUsers;

impl Job for LinkUsers {
    const NAME: &str = "link_users";

    fn lines(&self, input: &[u8]) -> Vec<Line> {
        let input = batch::without_bom(input);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(input);
        let mut lines = Vec::new();
        let (mut number, mut counted) = (1, 0);
        let mut record = ByteRecord::new();
        // The reader skips blank lines, and reading from memory does not fail.
        while reader.read_byte_record(&mut record).unwrap_or_default() {
            // The reader's position is that of the end of the previous record.
            let start = record.position().map_or(0, csv::Position::byte);
            let mut start = usize::try_from(start).unwrap_or(input.len());
            while input.get(start).is_some_and(|byte| b"\r\n".contains(byte)) {
                start += 1;
            }
            number += input[counted..start]
                .iter()
                .map(|byte| u64::from(*byte == b'\n'))
                .sum::<u64>();
            counted = start;
            if lines.is_empty() && record == ["tenant", "user"][..] {
                continue;
            }
            let content = content(&record);
            lines.push(Line { number, content });
        }
        lines
    }

    fn sample(&self, fake: &MockAuthress) -> String {
        let mut lines = vec!["tenant,user".to_owned()];
        for id in fake.user_ids().iter().take(5) {
            lines.push(format!("{TENANT},{id}"));
        }
        lines.push("missing,missing|0".to_owned());
        lines.join("\n")
    }

    fn dry_run(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished> {
        stream::iter((0..).zip(targets))
            .map(move |(index, target)| async move { (index, check(authress, &target).await) })
            .buffer_unordered(concurrency)
    }

    fn execute(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished> {
        let users = authress.users();
        let pairs = targets.map(|target| (target.tenant_id.unwrap_or_default(), target.user_id));
        let links = users.link_all(pairs).with_concurrency(concurrency);
        links.map(|item| (item.index, item.result.map(|()| Outcome::Linked)))
    }
}

/// Reads the user and the list of the tenant.
async fn check(authress: &AuthressClient, target: &Target) -> Result<Outcome, Error> {
    let users = authress.users();
    let tenant_id = target.tenant_id.as_deref().unwrap_or_default();
    users.get_user(&target.user_id).await?;
    users.get_users().tenant_id(tenant_id).limit(1).await?;
    Ok(Outcome::WouldLink)
}

fn content(record: &ByteRecord) -> Content {
    let fields: Option<Vec<_>> = record
        .iter()
        .map(|field| str::from_utf8(field).ok())
        .collect();
    match fields.as_deref() {
        None => Content::invalid("the line is not valid UTF-8"),
        Some([blank]) if blank.trim().is_empty() => Content::Blank,
        Some([tenant, user]) => Content::of(Target {
            tenant_id: Some((*tenant).to_owned()),
            user_id: (*user).to_owned(),
        }),
        Some(fields) => Content::invalid(format!(
            "expected the two fields tenant,user, got {}",
            fields.len()
        )),
    }
}
