//! Time, by criterion. On a busy machine it is less exact than instructions.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{Criterion, SamplingMode, Throughput};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::client::Client;
use crate::hand_written::HandWritten;
use crate::job::{Done, Job};
use crate::server::Server;
use crate::table::{Table, Target};

const CLIENT: &str = "client";
const HAND_WRITTEN: &str = "hand-written";
/// The pages of 100,000 users.
const PAGES: u64 = 1_000;
/// The upper bound for a cached token, in nanoseconds.
const TOKEN: f64 = 200.0;

pub(crate) fn measure(table: &mut Table) -> Done {
    let results = Path::new(env!("CARGO_TARGET_TMPDIR")).join("criterion");
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(&results)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20);
    let server = Server::start(u64::MAX, Duration::ZERO)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let client = Client::new(&server.url())?;
    let hand_written = HandWritten::new(&server.url())?;
    for job in Job::ALL {
        let pages = if job.unit() == "call" { 1 } else { PAGES };
        let mut group = criterion.benchmark_group(job.name());
        if pages > 1 {
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
            group.throughput(Throughput::Elements(pages));
        }
        group.bench_function(CLIENT, |bencher| {
            bencher.iter_custom(|times| timed(&runtime, client.run(job, times * pages)));
        });
        if job != Job::Token {
            group.bench_function(HAND_WRITTEN, |bencher| {
                bencher.iter_custom(|times| timed(&runtime, hand_written.run(job, times * pages)));
            });
        }
        group.finish();
        let what = match pages {
            1 => format!("{}, time", job.name()),
            _ => format!("{}, 100,000 users, time", job.name()),
        };
        let taken = median(&results, job, CLIENT)?;
        if job == Job::Token {
            let target = Target {
                text: format!("{TOKEN} ns"),
                is_met: taken <= TOKEN,
            };
            table.add(&what, &shown(taken), Some(target));
            continue;
        }
        let other = median(&results, job, HAND_WRITTEN)?;
        table.ratio(&what, &shown(taken), &shown(other), taken / other, None);
    }
    Ok(())
}

fn timed(runtime: &Runtime, work: impl Future<Output = Done>) -> Duration {
    let started = Instant::now();
    let done = runtime.block_on(work);
    let taken = started.elapsed();
    if let Err(reason) = done {
        panic!("a job failed: {reason}");
    }
    taken
}

/// Returns the median in nanoseconds from criterion's file.
fn median(results: &Path, job: Job, side: &str) -> Done<f64> {
    let name = job.name();
    let file = results.join(format!("{name}/{side}/new/estimates.json"));
    let text = fs::read(&file).map_err(|reason| format!("{}: {reason}", file.display()))?;
    serde_json::from_slice::<Value>(&text)?["median"]["point_estimate"]
        .as_f64()
        .ok_or_else(|| "criterion reported no median".into())
}

fn shown(nanoseconds: f64) -> String {
    match nanoseconds {
        short if short < 1e4 => format!("{short:.0} ns"),
        middle if middle < 1e6 => format!("{:.1} µs", middle / 1e3),
        long => format!("{:.1} ms", long / 1e6),
    }
}
