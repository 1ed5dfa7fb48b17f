//! Random schedules, after each of which every invariant holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, thread};

use super::invariants::check;
use super::random::Random;
use super::run::{Report, run};
use super::schedule::Schedule;

/// If it is set to a seed, only the schedule of this seed is simulated.
const SEED_VARIABLE: &str = "AUTHRESS_SIMULATION_SEED";

const SCHEDULES: u64 = 10_000;

fn simulate(seed: u64) -> Result<Report, String> {
    let mut random = Random::new(seed);
    let schedule = Arc::new(Schedule::new(&mut random));
    let Some(report) = run(&schedule, random) else {
        return Err("a call waits for something that never happens".to_owned());
    };
    check(&schedule, &report)?;
    Ok(report)
}

fn require_invariants(seed: u64) {
    if let Err(violation) = simulate(seed) {
        panic!("{violation}; to simulate this schedule alone, set {SEED_VARIABLE}={seed}");
    }
}

#[test]
fn ten_thousand_schedules_keep_the_invariants() {
    if let Ok(seed) = env::var(SEED_VARIABLE) {
        return require_invariants(seed.parse().expect("a seed is a number"));
    }
    let next = AtomicU64::new(0);
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(seed) = take(&next) {
                    require_invariants(seed);
                }
            });
        }
    });
}

/// Takes the next seed of the range.
fn take(next: &AtomicU64) -> Option<u64> {
    let seed = next.fetch_add(1, Ordering::Relaxed);
    (seed < SCHEDULES).then_some(seed)
}

#[test]
fn a_seed_determines_everything() {
    for seed in 0..20 {
        let [first, second] = [simulate(seed), simulate(seed)].map(|report| {
            let report = report.unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
            let ends: Vec<_> = report.calls.iter().map(|call| call.ended).collect();
            (report.exchanges, ends)
        });
        assert!(!first.1.is_empty());
        assert_eq!(first, second, "seed {seed}");
    }
}
