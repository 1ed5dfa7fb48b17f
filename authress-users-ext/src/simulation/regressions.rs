//! Defects that random schedules have found.

use std::sync::Arc;
use std::time::Duration;

use super::invariants::check;
use super::limit::{Counting, Hint, RateLimit};
use super::load::{Load, Operation};
use super::random::Random;
use super::run::{CallEnd, Report, run};
use super::schedule::{Call, CallAction, Schedule};
use super::time::Skew;

fn simulate(schedule: Schedule) -> Report {
    let schedule = Arc::new(schedule);
    let report = run(&schedule, Random::new(1)).expect("every call ends");
    check(&schedule, &report).unwrap();
    report
}

#[test]
fn learns_a_skew_from_the_token_that_replaces_a_revoked_one() {
    let get = |start| Call::new(Duration::from_millis(start), CallAction::Get(0));
    let mut schedule = Schedule::without_faults(vec![get(100), get(70_600)]);
    // The server tolerates 60 s. It compares whole seconds, so it rejects the second token only.
    schedule.skew = Skew::Ahead(Duration::from_millis(60_500));
    schedule.revocations = vec![Duration::from_secs(5)];
    let report = simulate(schedule);
    for call in &report.calls {
        assert!(matches!(call.end, CallEnd::Succeeded(_)));
    }
    // The second call: the revoked token, the one from the future, and the corrected one.
    let requests = report.exchanges.iter().filter(|sent| sent.page.0 == 1);
    assert_eq!(requests.count(), 3);
}

#[test]
fn a_runtime_shuts_down_while_requests_wait_for_their_turns() {
    for seed in 0..5 {
        let limit = RateLimit::new(50.0, Counting::Bucket(50.0), Hint::None, Duration::ZERO);
        let mut load = Load::new(seed, limit);
        for _ in 0..2 {
            let client = load.client();
            load.start(&client, Operation::Delete, 10_000, 32);
        }
        load.pass(Duration::from_secs(3));
        drop(load);
    }
}
