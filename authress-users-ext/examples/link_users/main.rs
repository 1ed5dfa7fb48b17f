//! Links users to tenants, as a CSV file says.

#[path = "../shared/batch/mod.rs"]
mod batch;
#[path = "../shared/mod.rs"]
mod shared;

use std::process::ExitCode;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error};
use clap::Parser;
use csv::{ByteRecord, ReaderBuilder};

use batch::{BatchSettings, Content, Job, Line, Outcome, Target};
use shared::account::{HELP, TENANT};
use shared::failure;

/// Links users to tenants. FILE is a CSV of tenant,user; a first line `tenant,user` is skipped.
///
/// For each line there is a result, a line of JSON. The exit code is 1 if a line was refused or
/// failed, or if not all were reached. It is safe to run this again after an interruption: linking
/// again changes nothing, and with --results nobody is linked twice. A dry run can tell whether a
/// user exists, but not whether a tenant does.
#[derive(Debug, Parser)]
#[command(after_help = HELP)]
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
        let input = batch::without_mark(input);
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(input);
        let mut lines = Vec::new();
        let (mut number, mut counted) = (1, 0);
        let mut record = ByteRecord::new();
        // Blank lines are none to the reader, and bytes in memory can't fail to be read.
        while reader.read_byte_record(&mut record).unwrap_or_default() {
            // The reader's own count is of the line that ended before.
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
        lines.push("nowhere,nobody|0".to_owned());
        lines.join("\n")
    }

    async fn rehearse(&self, authress: &AuthressClient, target: &Target) -> Result<Outcome, Error> {
        let tenant_id = target.tenant_id.as_deref().unwrap_or_default();
        authress.users().get_user(&target.user_id).await?;
        authress
            .users()
            .get_users()
            .tenant_id(tenant_id)
            .limit(1)
            .await?;
        Ok(Outcome::WouldLink)
    }

    async fn carry_out(
        &self,
        authress: &AuthressClient,
        target: &Target,
    ) -> Result<Outcome, Error> {
        let tenant_id = target.tenant_id.as_deref().unwrap_or_default();
        authress
            .users()
            .link_tenant_user(tenant_id, &target.user_id)
            .await?;
        Ok(Outcome::Linked)
    }
}

fn content(record: &ByteRecord) -> Content {
    let fields: Option<Vec<_>> = record
        .iter()
        .map(|field| str::from_utf8(field).ok())
        .collect();
    match fields.as_deref() {
        None => Content::refused("the line is not text in UTF-8"),
        Some([blank]) if blank.trim().is_empty() => Content::Blank,
        Some([tenant, user]) => Content::of(Target {
            tenant_id: Some((*tenant).to_owned()),
            user_id: (*user).to_owned(),
        }),
        Some(fields) => Content::refused(format!(
            "the line does not have two fields, tenant,user, but {}",
            fields.len()
        )),
    }
}
