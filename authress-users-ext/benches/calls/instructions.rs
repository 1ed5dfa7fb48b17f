//! Instructions per call, which do not depend on the load of the machine. The difference of two runs of
//! different length excludes the start and the end of the process.

use std::env;
use std::path::PathBuf;
use std::time::Duration;

use crate::callgrind;
use crate::client::Client;
use crate::hand_written::HandWritten;
use crate::job::{Done, Job};
use crate::server::Server;
use crate::table::{Table, grouped};

/// The argument that turns this program into the measured process.
pub(crate) const REPEAT: &str = "repeat";
const CLIENT: &str = "client";
const HAND_WRITTEN: &str = "hand-written";
/// The path of the program of `benches/official`, if it was built.
const OFFICIAL: &str = "OFFICIAL_CLIENT";

pub(crate) fn measure(table: &mut Table) -> Done {
    if !callgrind::is_installed() {
        eprintln!("Instructions are not counted: valgrind is not installed.");
        return Ok(());
    }
    let url = Server::start(u64::MAX, Duration::ZERO)?.url();
    let this = env::current_exe()?;
    let client = Program {
        file: this.clone(),
        arguments: vec![REPEAT, CLIENT],
    };
    let hand_written = Program {
        file: this,
        arguments: vec![REPEAT, HAND_WRITTEN],
    };
    for job in Job::ALL {
        let what = format!("{}, instructions for each {}", job.name(), job.unit());
        let ours = client.each(job, &url)?;
        if job == Job::Token {
            table.add(&what, &grouped(ours), None);
            continue;
        }
        let target = match job {
            Job::GetUser => Some(1.15),
            Job::ListUsers => Some(1.0),
            Job::LinkUser => Some(1.12),
            Job::DeleteUser => Some(1.08),
            Job::NotFound => Some(1.10),
            _ => None,
        };
        compare(table, &what, ours, hand_written.each(job, &url)?, target);
    }
    let ours = client.repeated(Job::GetUser, 1, &url)?;
    let theirs = hand_written.repeated(Job::GetUser, 1, &url)?;
    compare(
        table,
        "start-up to a first user, instructions",
        ours,
        theirs,
        None,
    );
    compare_with_official(table, &client, &url)
}

/// Compares with the official crate.
fn compare_with_official(table: &mut Table, client: &Program, url: &str) -> Done {
    let Some(file) = env::var_os(OFFICIAL).map(PathBuf::from) else {
        eprintln!("The official crate is not measured: {OFFICIAL} names no program.");
        return Ok(());
    };
    let official = Program {
        file,
        arguments: Vec::new(),
    };
    for (job, target) in [(Job::GetUser, None), (Job::ListUsers, Some(1.0))] {
        let what = format!(
            "{} beside the official crate, instructions for each {}",
            job.name(),
            job.unit()
        );
        compare(
            table,
            &what,
            client.each(job, url)?,
            official.each(job, url)?,
            target,
        );
    }
    let ours = client.repeated(Job::GetUser, 1, url)?;
    let theirs = official.repeated(Job::GetUser, 1, url)?;
    let what = "start-up to a first user beside the official crate, instructions";
    compare(table, what, ours, theirs, Some(0.2));
    Ok(())
}

fn compare(table: &mut Table, what: &str, ours: u64, theirs: u64, target: Option<f64>) {
    table.ratio(
        what,
        &grouped(ours),
        &grouped(theirs),
        ratio(ours, theirs),
        target,
    );
}

/// A program that repeats a job.
struct Program {
    file: PathBuf,
    arguments: Vec<&'static str>,
}

impl Program {
    fn each(&self, job: Job, url: &str) -> Result<u64, String> {
        let count = if job.unit() == "call" { 200 } else { 20 };
        let more = self.repeated(job, 2 * count, url)?;
        Ok(more.saturating_sub(self.repeated(job, count, url)?) / count)
    }

    fn repeated(&self, job: Job, count: u64, url: &str) -> Result<u64, String> {
        let count = count.to_string();
        let arguments = [&*self.arguments, &[job.name(), &count, url]].concat();
        callgrind::instructions(&self.file, &arguments)
    }
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn ratio(one: u64, other: u64) -> f64 {
    one as f64 / other as f64
}

/// Runs the job in the measured process.
pub(crate) fn repeat(arguments: &[String]) -> Done {
    let [side, job, count, url] = arguments else {
        return Err("a side, a job, a count and a URL are needed".into());
    };
    let job = Job::named(job).ok_or("unknown job")?;
    let count = count.parse()?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            if side == CLIENT {
                Client::new(url)?.run(job, count).await
            } else {
                HandWritten::new(url)?.run(job, count).await
            }
        })
}
