//! Bulk jobs reach the rate that the API allows, with few rejected requests.

use std::time::Duration;

use super::limit::{Counting, Hint, RateLimit};
use super::load::{LATENCY, Load, Operation};

const BUCKET_1_S: &str = "bucket of 1 s";
const BUCKET_100_MS: &str = "bucket of 0.1 s";
const WINDOW_1_S: &str = "window of 1 s";
const WINDOW_10_S: &str = "window of 10 s";

const HINTS: [(&str, Hint); 4] = [
    ("none", Hint::None),
    ("Retry-After: 1", Hint::RetryAfter(1)),
    ("exact seconds", Hint::ExactSeconds),
    ("exact reset", Hint::ExactReset),
];

/// More calls than a job makes in a simulation.
const ENDLESS: usize = 1_000_000;

fn limit(server: &str, rate: f64, hint: Hint, now: Duration) -> RateLimit {
    let counting = match server {
        BUCKET_1_S => Counting::Bucket(rate),
        BUCKET_100_MS => Counting::Bucket((rate / 10.0).max(1.0)),
        WINDOW_1_S => Counting::Window(Duration::from_secs(1)),
        _ => Counting::Window(Duration::from_secs(10)),
    };
    RateLimit::new(rate, counting, hint, now)
}

/// The figures of one job.
#[derive(Debug, Clone, Copy)]
struct Figures {
    /// The share of the limit that was reached.
    share: f64,
    /// The share of the requests that were rejected with 429.
    rejected: f64,
    /// The wait of 95 % of the single calls.
    wait: Duration,
}

/// Deletes as many users as the limit allows in `seconds`, with a single call each half second.
fn job(server: &str, rate: f64, hint: Hint, in_flight: usize, seed: u64, seconds: f64) -> Figures {
    job_at(LATENCY, (server, rate, hint), in_flight, seed, seconds)
}

/// The same with another latency in each direction, in milliseconds.
fn job_at(
    latency: (u64, u64),
    (server, rate, hint): (&str, f64, Hint),
    in_flight: usize,
    seed: u64,
    seconds: f64,
) -> Figures {
    let limit = limit(server, rate, hint, Duration::ZERO);
    let mut load = Load::with_latency(seed, limit, latency);
    let client = load.client();
    let calls = count(rate * seconds);
    let job = load.start(&client, Operation::Delete, calls, in_flight);
    load.start_interactive(&client, count(seconds * 2.0), Duration::from_millis(500));
    let end = load.pass_until_end(job, Duration::from_secs_f64(20.0 * seconds));
    load.pass(Duration::from_secs(60));
    assert_eq!(
        load.failed(),
        [""; 0],
        "{server}, {rate}/s, {hint:?}, {in_flight} in flight"
    );
    let [accepted, rejected] = load.count(None, Duration::ZERO, end);
    Figures {
        share: share(accepted, end, rate),
        rejected: ratio(rejected, accepted + rejected),
        wait: load.interactive_wait(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the numbers of calls are small"
)]
fn count(calls: f64) -> usize {
    calls as usize
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers of requests are small"
)]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "the numbers of requests are small"
)]
fn share(accepted: usize, time: Duration, rate: f64) -> f64 {
    accepted as f64 / time.as_secs_f64() / rate
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / ratio(values.len(), 1)
}

fn lowest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn highest(values: &[f64]) -> f64 {
    values.iter().copied().fold(0.0, f64::max)
}

/// The share of each limit that is reached from the tenth to the thirtieth second after a change.
fn changing_limit(in_flight: usize, seed: u64) -> [f64; 3] {
    let rates = [50.0, 20.0, 80.0];
    let hint = Hint::RetryAfter(1);
    let mut load = Load::new(seed, limit(BUCKET_1_S, rates[0], hint, Duration::ZERO));
    let client = load.client();
    load.start(&client, Operation::Delete, ENDLESS, in_flight);
    rates.map(|rate| {
        load.set_limit(limit(BUCKET_1_S, rate, hint, load.now()));
        load.pass(Duration::from_secs(10));
        let from = load.now();
        load.pass(Duration::from_secs(20));
        let [accepted, _] = load.count(None, from, load.now());
        share(accepted, Duration::from_secs(20), rate)
    })
}

/// The shares of a limit of 50 a second that two jobs get in a minute: of two processes, or of two
/// operations of one client.
fn two_jobs(are_processes: bool, in_flight: usize, seed: u64) -> [f64; 2] {
    let hint = Hint::RetryAfter(1);
    let mut load = Load::new(seed, limit(BUCKET_1_S, 50.0, hint, Duration::ZERO));
    let client = load.client();
    let first = load.start(&client, Operation::Delete, ENDLESS, in_flight);
    load.pass(Duration::from_secs(5));
    let second = if are_processes {
        let other = load.client();
        load.start(&other, Operation::Delete, ENDLESS, in_flight)
    } else {
        load.start(&client, Operation::Get, ENDLESS, in_flight)
    };
    load.pass(Duration::from_secs(10));
    let from = load.now();
    load.pass(Duration::from_secs(60));
    [first, second].map(|job| {
        let [accepted, _] = load.count(Some(job), from, load.now());
        share(accepted, Duration::from_secs(60), 50.0)
    })
}

/// The figures of gets at 20 a second and deletes at 50 a second, which have limits of their own.
fn jobs_with_limits_of_their_own(in_flight: usize, seed: u64) -> [Figures; 2] {
    let hint = Hint::RetryAfter(1);
    let limit = |rate| limit(BUCKET_1_S, rate, hint, Duration::ZERO);
    let mut load = Load::new(seed, limit(50.0));
    load.set_limit_of_gets(limit(20.0));
    let client = load.client();
    let jobs = [(Operation::Get, 20.0), (Operation::Delete, 50.0)]
        .map(|(operation, rate)| (load.start(&client, operation, ENDLESS, in_flight), rate));
    let time = Duration::from_secs(60);
    load.pass(time);
    jobs.map(|(job, rate)| {
        let [accepted, rejected] = load.count(Some(job), Duration::ZERO, time);
        Figures {
            share: share(accepted, time, rate),
            rejected: ratio(rejected, accepted + rejected),
            wait: Duration::ZERO,
        }
    })
}

/// What happens between two jobs.
#[derive(Debug, Clone, Copy)]
enum Between {
    Idle(u64),
    OneCallPerSecond,
}

/// The share of a limit of 50 a second that a second job reaches from its fifth second on.
fn second_job(between: Between, in_flight: usize, seed: u64) -> f64 {
    let hint = Hint::RetryAfter(1);
    let mut load = Load::new(seed, limit(BUCKET_1_S, 50.0, hint, Duration::ZERO));
    let client = load.client();
    let first = load.start(&client, Operation::Delete, 1_000, in_flight);
    load.pass_until_end(first, Duration::from_secs(100));
    match between {
        Between::Idle(seconds) => load.pass(Duration::from_secs(seconds)),
        Between::OneCallPerSecond => {
            load.start_interactive(&client, 60, Duration::from_secs(1));
            load.pass(Duration::from_secs(60));
        }
    }
    let started = load.now();
    let second = load.start(&client, Operation::Delete, 1_000, in_flight);
    let end = load.pass_until_end(second, Duration::from_secs(100));
    let from = started + Duration::from_secs(5);
    let [accepted, _] = load.count(Some(second), from, end);
    share(accepted, end.saturating_sub(from), 50.0)
}

/// The share of a limit of 50 a second that is reached if each 429 requests a wait of a minute.
fn long_waits(in_flight: usize, seconds: u64) -> f64 {
    let hint = Hint::RetryAfter(60);
    let mut load = Load::new(1, limit(BUCKET_1_S, 50.0, hint, Duration::ZERO));
    let client = load.client();
    load.start(&client, Operation::Delete, ENDLESS, in_flight);
    let time = Duration::from_secs(seconds);
    load.pass(time);
    let [accepted, _] = load.count(None, Duration::ZERO, time);
    share(accepted, time, 50.0)
}

#[test]
fn bulk_jobs_reach_the_limit() {
    let mut shares = Vec::new();
    for (server, hint, in_flight) in [
        (BUCKET_1_S, Hint::RetryAfter(1), 32),
        (BUCKET_100_MS, Hint::None, 100),
        (WINDOW_1_S, Hint::ExactSeconds, 8),
    ] {
        let figures = job(server, 50.0, hint, in_flight, 1, 60.0);
        let shown = format!("{server}, {hint:?}: {figures:?}");
        assert!(figures.share >= 0.88, "{shown}");
        assert!(figures.rejected <= 0.03, "{shown}");
        assert!(figures.wait <= Duration::from_millis(1_500), "{shown}");
        shares.push(figures.share);
    }
    assert!(mean(&shares) >= 0.94, "{shares:?}");
}

#[test]
fn long_windows_are_reached_at_a_high_latency() {
    let figures = job_at((40, 60), (WINDOW_10_S, 50.0, Hint::None), 100, 1, 60.0);
    assert!(figures.share >= 0.88, "{figures:?}");
    assert!(figures.rejected <= 0.08, "{figures:?}");
}

#[test]
fn slow_limits_are_reached() {
    for (server, hint, most_rejected) in [
        (BUCKET_1_S, Hint::RetryAfter(1), 0.08),
        (WINDOW_10_S, Hint::ExactSeconds, 0.22),
    ] {
        let figures = job(server, 5.0, hint, 32, 1, 60.0);
        let shown = format!("{server}, {hint:?}: {figures:?}");
        assert!(figures.share >= 0.75, "{shown}");
        assert!(figures.rejected <= most_rejected, "{shown}");
    }
}

#[test]
fn a_job_follows_a_limit_that_changes() {
    let shares = changing_limit(32, 1);
    for share in shares {
        assert!((0.9..=1.1).contains(&share), "{shares:?}");
    }
}

#[test]
fn two_processes_and_two_operations_share_a_limit() {
    // The second job finds an empty bucket, and its first estimate is a single request per second.
    for (are_processes, in_flight, seed) in [(true, 8, 18), (true, 32, 231), (false, 100, 259)] {
        let shares = two_jobs(are_processes, in_flight, seed);
        let shown = format!("processes: {are_processes}, {in_flight}, seed {seed}: {shares:?}");
        assert!(shares[0] + shares[1] >= 0.95, "{shown}");
        assert!(lowest(&shares) >= 0.25, "{shown}");
    }
}

#[test]
fn operations_reach_limits_of_their_own() {
    for figures in jobs_with_limits_of_their_own(32, 1) {
        assert!(figures.share >= 0.88, "{figures:?}");
        assert!(figures.rejected <= 0.03, "{figures:?}");
    }
}

#[test]
fn a_second_job_reaches_the_limit_soon() {
    for between in [
        Between::Idle(3),
        Between::Idle(30),
        Between::OneCallPerSecond,
    ] {
        let share = second_job(between, 32, 1);
        assert!(share >= 0.9, "{between:?}: {share}");
    }
}

#[test]
#[ignore = "takes minutes; prints the figures of rate limits"]
fn print_figures() {
    let in_flights = [8, 32, 100];
    print_table(&in_flights);
    for in_flight in in_flights {
        let shares = changing_limit(in_flight, 1);
        println!("limit 50, then 20, then 80, {in_flight} in flight: {shares:.2?}");
    }
    for in_flight in in_flights {
        let jobs = jobs_with_limits_of_their_own(in_flight, 1);
        println!("gets at 20/s and deletes at 50/s, {in_flight} in flight: {jobs:.2?}");
    }
    for latency in [(1, 2), (4, 6), (25, 35), (40, 60)] {
        for server in [BUCKET_1_S, BUCKET_100_MS, WINDOW_1_S, WINDOW_10_S] {
            let figures = job_at(latency, (server, 50.0, Hint::None), 100, 1, 60.0);
            println!("{latency:?} ms in each direction, {server}, 50/s: {figures:.3?}");
        }
    }
    for are_processes in [true, false] {
        let seeds = in_flights.map(|in_flight| (1..=20).map(move |seed| (in_flight, seed)));
        let run = |(in_flight, seed)| two_jobs(are_processes, in_flight, seed);
        let runs: Vec<_> = seeds.into_iter().flatten().map(run).collect();
        let smaller: Vec<_> = runs.iter().map(|shares| lowest(shares)).collect();
        let together: Vec<_> = runs.iter().map(|[first, second]| first + second).collect();
        println!(
            "two {} on one limit, {} runs: smaller lowest {:.2}, mean {:.2}; together lowest {:.2}",
            if are_processes {
                "processes"
            } else {
                "operations"
            },
            runs.len(),
            lowest(&smaller),
            mean(&smaller),
            lowest(&together)
        );
    }
    for between in [
        Between::Idle(3),
        Between::Idle(30),
        Between::OneCallPerSecond,
    ] {
        let shares = in_flights.map(|in_flight| second_job(between, in_flight, 1));
        println!("second job after {between:?}: {shares:.2?}");
    }
    let shares = in_flights.map(|in_flight| long_waits(in_flight, 3_600));
    println!("Retry-After: 60 for an hour: {shares:.2?}");
}

fn print_table(in_flights: &[usize]) {
    println!("share of the limit | requests with 429 | single calls, 95th percentile");
    for server in [BUCKET_1_S, BUCKET_100_MS, WINDOW_1_S, WINDOW_10_S] {
        for rate in [5.0, 50.0, 200.0] {
            for (name, hint) in HINTS {
                let run = |in_flight: &usize| job(server, rate, hint, *in_flight, 1, 60.0);
                let figures: Vec<_> = in_flights.iter().map(run).collect();
                let shares: Vec<_> = figures.iter().map(|run| run.share).collect();
                let rejected: Vec<_> = figures.iter().map(|run| run.rejected).collect();
                let wait = figures.iter().map(|run| run.wait).max().unwrap_or_default();
                println!(
                    "{server:15} {rate:3}/s, hint {name:14}: lowest {:.2}, mean {:.2} | highest {:.3}, mean {:.3} | {:.2} s",
                    lowest(&shares),
                    mean(&shares),
                    highest(&rejected),
                    mean(&rejected),
                    wait.as_secs_f64()
                );
            }
        }
    }
}
