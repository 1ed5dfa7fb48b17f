//! Many calls with random faults of every kind.

use std::env;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use authress_users_contract::MockAuthress;
use authress_users_ext::{
    AuthressClient, Clock, ClockFuture, Error, ErrorKind, RetryBudget, RetryPolicy, SkippedUser,
};
use fastrand::Rng;
use futures::StreamExt;

use crate::{client_of, until};

const CALLS: usize = 2_000;
const AT_ONCE: usize = 32;
const SHARE_OF_FAULTS: f64 = 0.3;
/// The filter of the lists; these users are neither deleted nor linked.
const LISTED: usize = 60;
const PAGE: u32 = 20;

/// A clock without waits and limits, and with seeded randomness.
#[derive(Debug)]
struct StormClock(AtomicU64);

impl Clock for StormClock {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn sleep(&self, _: Duration) -> ClockFuture<'_> {
        Box::pin(tokio::task::yield_now())
    }

    fn limit(&self, _: Duration) -> ClockFuture<'_> {
        // Every fault of the storm ends without a timeout.
        Box::pin(std::future::pending())
    }

    fn random(&self) -> f64 {
        Rng::with_seed(self.0.fetch_add(1, Ordering::Relaxed)).f64()
    }
}

enum Plan {
    Read(String),
    Delete(String),
    Link(String),
    /// A whole list, with this number of prefetched pages.
    List(Option<usize>),
}

#[derive(Default, Debug)]
struct Tally {
    succeeded: usize,
    failed: usize,
    listed: usize,
    failed_lists: usize,
}

#[test]
fn every_call_of_a_storm_reports_its_outcome() {
    let number = |name| {
        env::var(name)
            .ok()
            .and_then(|value| value.parse::<u64>().ok())
    };
    let seeds = if let Some(seed) = number("STORM_SEED") {
        seed..seed + 1
    } else {
        let first = fastrand::u64(..1 << 32);
        first..first + number("STORM_SEEDS").unwrap_or(2)
    };
    for seed in seeds {
        println!("storm with STORM_SEED={seed}");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let tally = runtime.block_on(storm(seed));
        println!("{tally:?}");
    }
}

async fn storm(seed: u64) -> Tally {
    let mut random = Rng::with_seed(seed);
    let plans = plans(&mut random);
    let mut builder = MockAuthress::builder()
        .strict()
        .tenant("acme")
        .random_faults(seed, SHARE_OF_FAULTS);
    for plan in &plans {
        if let Plan::Read(id) | Plan::Delete(id) | Plan::Link(id) = plan {
            builder = builder.user(&**id);
        }
    }
    for number in 0..LISTED {
        builder = builder.user(format!("listed {number}"));
    }
    let fake = builder.start().await.unwrap();
    let budget = if seed.is_multiple_of(2) {
        RetryBudget::Shared
    } else {
        RetryBudget::Unlimited
    };
    let authress = client_of(&fake)
        .clock(StormClock(AtomicU64::new(seed)))
        .retry_policy(RetryPolicy::default().budget(budget))
        .build()
        .unwrap();

    let calls = plans.iter().map(|plan| carry_out(plan, &fake, &authress));
    let outcomes: Vec<_> = futures::stream::iter(calls)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut tally = Tally::default();
    for (plan, outcome) in outcomes {
        match (&plan, &outcome) {
            (Plan::List(_), Ok(())) => tally.listed += 1,
            (Plan::List(_), Err(_)) => tally.failed_lists += 1,
            (_, Ok(())) => tally.succeeded += 1,
            (_, Err(_)) => tally.failed += 1,
        }
        check(plan, outcome.as_ref(), &fake);
    }
    fake.assert_no_findings();
    drop(authress);
    until(|| fake.open_connections() == 0).await;
    until(|| {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
            == 0
    })
    .await;
    tally
}

/// Returns plans for this number of calls, where a list counts as its pages.
fn plans(random: &mut Rng) -> Vec<Plan> {
    let mut plans = Vec::new();
    let mut calls = 0;
    while calls < CALLS {
        let id = format!("user {}", plans.len());
        let (plan, cost) = match random.u8(0..10) {
            0..=2 => (Plan::Read(id), 1),
            3..=5 => (Plan::Delete(id), 1),
            6..=8 => (Plan::Link(id), 1),
            _ => (
                Plan::List([None, Some(1), Some(3)][random.usize(0..3)]),
                LISTED.div_ceil(PAGE as usize),
            ),
        };
        plans.push(plan);
        calls += cost;
    }
    plans
}

async fn carry_out<'a>(
    plan: &'a Plan,
    fake: &MockAuthress,
    authress: &AuthressClient,
) -> (&'a Plan, Result<(), Error>) {
    let users = authress.users();
    let outcome = match plan {
        Plan::Read(id) => users
            .get_user(id)
            .await
            .map(|user| assert_eq!(user.user_id, *id)),
        Plan::Delete(id) => users.delete_user(id).await,
        Plan::Link(id) => users.link_tenant_user("acme", id).await,
        Plan::List(ahead) => list(fake, authress, *ahead).await,
    };
    (plan, outcome)
}

/// Lists all users, resuming after every error except a repeated cursor.
async fn list(
    fake: &MockAuthress,
    authress: &AuthressClient,
    ahead: Option<usize>,
) -> Result<(), Error> {
    let mut ids = Vec::new();
    let mut skipped = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut request = authress.users().get_users().filter("listed").limit(PAGE);
        if let Some(pages) = ahead {
            request = request.with_prefetch(pages);
        }
        if let Some(cursor) = cursor {
            request = request.cursor(cursor);
        }
        let mut users = request.stream();
        let error = loop {
            match users.try_next().await {
                Ok(Some(user)) => ids.push(user.user_id),
                Ok(None) => {
                    let mut expected = fake.user_ids();
                    // Users whose ids are not UTF-8 are skipped, with their JSON.
                    skipped.append(&mut users.take_skipped());
                    let is_skipped = |id: &str| {
                        let end = format!("{id}\"");
                        skipped
                            .iter()
                            .any(|user: &SkippedUser| user.json().contains(&end))
                    };
                    expected.retain(|id| id.starts_with("listed") && !is_skipped(id));
                    assert_eq!(ids, expected, "each user of a full listing is seen once");
                    return Ok(());
                }
                Err(error) => break error,
            }
        };
        if error.kind() == ErrorKind::Pagination {
            return Err(error);
        }
        skipped.append(&mut users.take_skipped());
        cursor = error.cursor().map(str::to_owned);
        // A call fails at once if the rate limit exceeds its deadline. Calls that wait for their turn need
        // the thread to advance the clock.
        tokio::task::yield_now().await;
    }
}

/// Checks that the state of the fake matches the result.
fn check(plan: &Plan, outcome: Result<&(), &Error>, fake: &MockAuthress) {
    let is_done = match plan {
        Plan::Delete(id) => !fake.has_user(id),
        Plan::Link(id) => fake.is_linked("acme", id),
        Plan::Read(_) | Plan::List(_) => return,
    };
    match outcome {
        Ok(()) => assert!(is_done),
        Err(error) if error.may_have_taken_effect() => {}
        Err(error) => {
            assert!(!is_done, "{error}");
            assert!(error.attempts() > 0 && !error.is_not_found(), "{error}");
        }
    }
}
