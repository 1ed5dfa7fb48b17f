//! Work on many users, a line of input for each: what is asked for, what came of it, and an end
//! that can be taken up again.

mod lines;
mod results;

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::future::ready;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use authress_users_contract::MockAuthress;
use authress_users_ext::{AuthressClient, Error, ErrorKind, RetryPolicy};
use futures::StreamExt as _;

pub(crate) use lines::{Content, Line, without_mark};
pub(crate) use results::{Outcome, Target};
use results::{Record, Results};

use crate::shared::account::{Account, AccountSettings};
use crate::shared::failure::{Failure, about};
use crate::shared::progress;

#[derive(Debug, clap::Args)]
pub(crate) struct BatchSettings {
    /// The file with the input; `-` is standard input. By default, standard input for an account,
    /// and some users of its own for the fake.
    #[arg(value_name = "FILE")]
    input: Option<PathBuf>,
    /// Only look at what would be done, by reading; this is so unless --yes is given.
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do it.
    #[arg(long)]
    yes: bool,
    /// How many calls may be under way at once, 1 to 64.
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    concurrency: u16,
    /// The file that the results are added to; standard output by default. What it says was done
    /// before is not done again.
    #[arg(long, value_name = "FILE")]
    results: Option<PathBuf>,
    #[command(flatten)]
    account: AccountSettings,
}

/// What is done with each line.
pub(crate) trait Job {
    /// Names the job in `User-Agent`.
    const NAME: &str;

    fn lines(&self, input: &[u8]) -> Vec<Line>;

    /// An input for the fake.
    fn sample(&self, fake: &MockAuthress) -> String;

    /// Finds out by reading what would come of it.
    async fn rehearse(&self, authress: &AuthressClient, target: &Target) -> Result<Outcome, Error>;

    async fn carry_out(&self, authress: &AuthressClient, target: &Target)
    -> Result<Outcome, Error>;
}

pub(crate) async fn run<J: Job>(job: &J, settings: &BatchSettings) -> Result<ExitCode, Failure> {
    // Nobody waits in front of a screen: better late than never.
    let patient = RetryPolicy::default()
        .attempts(8)
        .deadline(Duration::from_secs(300));
    let account = Account::open(&settings.account, |builder| {
        builder.user_agent_suffix(J::NAME).retry_policy(patient)
    })
    .await?;
    let mut batch = Batch {
        is_rehearsal: !settings.yes,
        results: Results::open(settings.results.as_deref(), &account.name)?,
        counts: BTreeMap::new(),
        work: Vec::new(),
    };
    if batch.is_rehearsal {
        eprintln!("A dry run: nothing is changed. With --yes it is done.");
    }
    let input = read_input(job, settings.input.as_deref(), account.fake.as_ref())?;
    batch.sort(job.lines(&input))?;
    batch
        .work_through(job, &account.authress, settings.concurrency.into())
        .await
}

/// The input, or where there is none a sample for the fake.
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
            eprintln!("No FILE is given: the input is a sample.");
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
    is_rehearsal: bool,
    results: Results,
    counts: BTreeMap<Outcome, u64>,
    work: Vec<(u64, Target)>,
}

impl Batch {
    /// Reports what needs no call, and keeps the rest.
    fn sort(&mut self, lines: Vec<Line>) -> Result<(), Failure> {
        let mut first_lines: HashMap<Target, u64> = HashMap::new();
        let mut done_before = 0_u64;
        for Line { number, content } in lines {
            let mut record = Record::new(number, Outcome::Blank);
            match content {
                Content::Blank => {}
                Content::Refused { target, reason } => {
                    record.outcome = Outcome::Refused;
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
            eprintln!("{done_before} were done before, as the results say.");
        }
        Ok(())
    }

    async fn work_through<J: Job>(
        mut self,
        job: &J,
        authress: &AuthressClient,
        concurrency: usize,
    ) -> Result<ExitCode, Failure> {
        let work = std::mem::take(&mut self.work);
        let mut left = work.len() as u64;
        let is_rehearsal = self.is_rehearsal;
        let stop = stop_on_interrupt();
        let bar = progress::bar(left);
        let mut answers = futures::stream::iter(work)
            .take_while(|_| ready(!stop.load(Ordering::Relaxed)))
            .map(|(line, target)| async move {
                let answer = if is_rehearsal {
                    job.rehearse(authress, &target).await
                } else {
                    job.carry_out(authress, &target).await
                };
                (line, target, answer)
            })
            .buffer_unordered(concurrency);
        let mut refusal = None;
        while let Some((line, target, answer)) = answers.next().await {
            left -= 1;
            let outcome = answer.as_ref().map_or_else(Outcome::of, |outcome| *outcome);
            let mut record = Record::new(line, outcome);
            record.target = Some(target);
            if let Err(error) = answer {
                record.error = Some(error.to_string());
                record.error_id = error.error_id().map(str::to_owned);
                if is_about_the_caller(&error) {
                    stop.store(true, Ordering::Relaxed);
                    refusal = Some(error);
                }
            }
            bar.suspend(|| self.report(record))?;
            bar.inc(1);
        }
        drop(answers);
        bar.finish_and_clear();
        self.sum_up(left);
        match refusal {
            // It would be the same for everyone else.
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

    fn sum_up(&self, left: u64) {
        let mut parts: Vec<_> = self
            .counts
            .iter()
            .map(|(outcome, count)| format!("{} {count}", outcome.words()))
            .collect();
        if left > 0 {
            parts.push(format!("not reached {left}"));
        }
        if parts.is_empty() {
            parts.push("nothing to do".to_owned());
        }
        eprintln!("{}.", parts.join(", "));
        if left > 0 {
            eprintln!("Run the same command again for the rest.");
        }
    }
}

/// Whether the API would refuse every other call as well.
fn is_about_the_caller(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Unauthorized | ErrorKind::Token | ErrorKind::Configuration
    )
}

/// Becomes true with the first interrupt, so that calls under way can end and be reported. The
/// second ends the process.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopped.store(true, Ordering::Relaxed);
            eprintln!("Interrupted: waiting for the calls under way. Once more ends this at once.");
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    stop
}
