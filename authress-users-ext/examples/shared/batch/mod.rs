//! Bulk jobs: one line of input and one result per user. An interrupted job can be resumed.

mod lines;
mod results;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error, ErrorKind, RetryPolicy};
use futures::{Stream, StreamExt as _};

pub(crate) use lines::{Content, Line, without_bom};
pub(crate) use results::{Outcome, Target};
use results::{Record, Results};

use crate::shared::account::{Account, AccountSettings};
use crate::shared::failure::{Failure, about};
use crate::shared::progress;

#[derive(Debug, clap::Args)]
pub(crate) struct BatchSettings {
    /// Input file; `-` is standard input [default: standard input, or a sample for the fake]
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,
    /// Only read, and report what would be done; the default without --yes
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Apply the changes
    #[arg(long)]
    yes: bool,
    /// Number of concurrent calls, 1 to 1000
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=1000))]
    concurrency: u16,
    /// File to append the results to; what it reports as done is skipped [default: standard output]
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    #[command(flatten)]
    account: AccountSettings,
}

/// What a job does with each line.
pub(crate) trait Job {
    /// The name of the job in `User-Agent`.
    const NAME: &str;

    fn lines(&self, input: &[u8]) -> Vec<Line>;

    /// Returns a sample input for the fake.
    fn sample(&self, fake: &MockAuthress) -> String;

    /// Returns what the outcomes would be, without changing anything.
    fn dry_run(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished>;

    fn execute(
        &self,
        authress: &AuthressClient,
        targets: impl Iterator<Item = Target>,
        concurrency: usize,
    ) -> impl Stream<Item = Finished>;
}

/// The position of a target, and what its calls returned.
pub(crate) type Finished = (u64, Result<Outcome, Error>);

pub(crate) async fn run<J: Job>(job: &J, settings: &BatchSettings) -> Result<ExitCode, Failure> {
    let account = Account::open(&settings.account, |builder| {
        builder
            .user_agent_suffix(J::NAME)
            .retry_policy(RetryPolicy::batch())
    })
    .await?;
    let mut batch = Batch {
        is_dry_run: !settings.yes,
        results: Results::open(settings.results.as_deref(), &account.name)?,
        counts: BTreeMap::new(),
        work: Vec::new(),
    };
    if batch.is_dry_run {
        eprintln!("Dry run: nothing is changed. Use --yes to apply the changes.");
    }
    let input = read_input(job, settings.input.as_deref(), account.fake.as_ref())?;
    batch.queue(job.lines(&input))?;
    batch
        .run(job, &account.authress, settings.concurrency.into())
        .await
}

/// Reads the input, or returns a sample for the fake.
fn read_input(
    job: &impl Job,
    path: Option<&Path>,
    fake: Option<&MockAuthress>,
) -> Result<Vec<u8>, Failure> {
    let mut input = Vec::new();
    match (path, fake) {
        (Some(path), _) if path != Path::new("-") => {
            input = fs::read(path).map_err(about(path.display()))?;
        }
        (None, Some(fake)) => {
            eprintln!("No FILE given: using a sample.");
            input = job.sample(fake).into_bytes();
        }
        _ => {
            io::stdin()
                .read_to_end(&mut input)
                .map_err(about("standard input"))?;
        }
    }
    Ok(input)
}

struct Batch {
    is_dry_run: bool,
    results: Results,
    counts: BTreeMap<Outcome, u64>,
    work: Vec<(u64, Target)>,
}

impl Batch {
    /// Reports the lines that need no call, and queues the others.
    fn queue(&mut self, lines: Vec<Line>) -> Result<(), Failure> {
        let mut first_lines: HashMap<Target, u64> = HashMap::new();
        let mut done_before = 0_u64;
        for Line { number, content } in lines {
            let mut record = Record::new(number, Outcome::Blank);
            match content {
                Content::Blank => {}
                Content::Invalid { target, reason } => {
                    record.outcome = Outcome::Invalid;
                    record.target = target;
                    record.error = Some(reason);
                }
                Content::Target(target) => {
                    let first = *first_lines.entry(target.clone()).or_insert(number);
                    if first == number {
                        if self.results.has_done(&target) {
                            done_before += 1;
                        } else {
                            self.work.push((number, target));
                        }
                        continue;
                    }
                    record.outcome = Outcome::Duplicate;
                    record.target = Some(target);
                    record.same_as_line = Some(first);
                }
            }
            self.report(record)?;
        }
        if done_before > 0 {
            eprintln!("{done_before} were done by an earlier run, according to the results.");
        }
        Ok(())
    }

    async fn run<J: Job>(
        mut self,
        job: &J,
        authress: &AuthressClient,
        concurrency: usize,
    ) -> Result<ExitCode, Failure> {
        let work = std::mem::take(&mut self.work);
        let mut left = work.len() as u64;
        let is_dry_run = self.is_dry_run;
        let stop = stop_on_interrupt();
        let bar = progress::bar(left);
        let targets = work
            .iter()
            .take_while(|_| !stop.load(Ordering::Relaxed))
            .map(|(_, target)| target.clone());
        let mut results = pin!(if is_dry_run {
            job.dry_run(authress, targets, concurrency).left_stream()
        } else {
            job.execute(authress, targets, concurrency).right_stream()
        });
        let mut fatal = None;
        while let Some((index, result)) = results.next().await {
            left -= 1;
            let outcome = result.as_ref().map_or_else(Outcome::of, |outcome| *outcome);
            let (line, target) = &work[usize::try_from(index)?];
            let mut record = Record::new(*line, outcome);
            record.target = Some(target.clone());
            if let Err(error) = result {
                record.error = Some(error.to_string());
                record.error_id = error.error_id().map(str::to_owned);
                if concerns_the_caller(&error) {
                    stop.store(true, Ordering::Relaxed);
                    fatal = Some(error);
                }
            }
            bar.suspend(|| self.report(record))?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        self.print_summary(left);
        match fatal {
            // Every other call would fail as well.
            Some(error) => Err(error.into()),
            None if left > 0 || self.counts.keys().any(|outcome| outcome.is_failure()) => {
                Ok(ExitCode::FAILURE)
            }
            None => Ok(ExitCode::SUCCESS),
        }
    }

    fn report(&mut self, record: Record) -> Result<(), Failure> {
        *self.counts.entry(record.outcome).or_default() += 1;
        self.results.write(record)
    }

    fn print_summary(&self, left: u64) {
        let mut parts: Vec<_> = self
            .counts
            .iter()
            .map(|(outcome, count)| format!("{} {count}", outcome.label()))
            .collect();
        if left > 0 {
            parts.push(format!("not processed {left}"));
        }
        if parts.is_empty() {
            parts.push("nothing to do".to_owned());
        }
        eprintln!("{}.", parts.join(", "));
        if left > 0 {
            eprintln!("Run the same command again to process the rest.");
        }
    }
}

/// Returns whether the API would reject every other call as well.
fn concerns_the_caller(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unauthorized | ErrorKind::Token | ErrorKind::Configuration
    )
}

/// Becomes true after the first interrupt, so that the calls in flight can finish and be reported. The
/// second interrupt ends the process.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopped.store(true, Ordering::Relaxed);
            eprintln!(
                "Interrupted: waiting for the calls in flight. Interrupt again to exit at once."
            );
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    stop
}
