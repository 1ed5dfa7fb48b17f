//! Jobs that failed, in whole or in part, before the client had rate limiters and a batch policy.

use std::time::{Duration, Instant};

use authress_users_contract::{
    MockAuthress, Operation, RateLimit, RateLimitHeaders, RequestCounts,
};
use authress_users_ext::{AuthressClient, RetryPolicy};
use futures::StreamExt as _;

use crate::setup::{Done, start};
use crate::table::{Table, Target, grouped};

/// The result of a job.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    /// How many users the job deletes or lists.
    pub(crate) items: usize,
    /// How many of them failed before, if that was measured.
    pub(crate) failed_before: Option<usize>,
    pub(crate) failed: usize,
}

/// Runs all jobs, one after the other.
pub(crate) async fn measure(table: &mut Table) -> Done<Vec<Job>> {
    let limit = RateLimit::per_second(50.0)?;
    let hint = RateLimitHeaders::RetryAfter(1);
    let mut jobs = Vec::new();
    for (name, limit, concurrency, failed_before) in [
        (
            "1,500 deletes at 50/s, Retry-After: 1, 32 in flight",
            limit.headers(hint),
            32,
            Some(1_262),
        ),
        (
            "1,500 deletes at 50/s, no Retry-After, 8 in flight",
            limit,
            8,
            Some(1_061),
        ),
    ] {
        let fake = MockAuthress::builder().users(1_500).rate_limit(limit);
        let (fake, authress) = start(fake).await?;
        let started = Instant::now();
        let failed = delete(&fake, &authress, concurrency).await;
        let counts = fake.request_counts(Operation::DeleteUser);
        let job = Job {
            name,
            items: 1_500,
            failed_before,
            failed,
        };
        report_limited(table, &job, counts, 50.0, started.elapsed());
        jobs.push(job);
    }
    for (name, rate, failed_before) in [
        ("list of 20,000 users at 10 pages/s", 10.0, Some(13_400)),
        ("list of 20,000 users at 3 pages/s", 3.0, Some(18_000)),
    ] {
        let limit = RateLimit::per_second(rate)?.operation(Operation::GetUsers);
        let fake = MockAuthress::builder().users(20_000).rate_limit(limit);
        let (fake, authress) = start(fake).await?;
        let started = Instant::now();
        let failed = 20_000 - list(&authress).await;
        let counts = fake.request_counts(Operation::GetUsers);
        let job = Job {
            name,
            items: 20_000,
            failed_before,
            failed,
        };
        report_limited(table, &job, counts, rate, started.elapsed());
        jobs.push(job);
    }
    for (name, items, outage, failed_before) in [
        (
            "302 deletes through an outage of 1.5 s",
            302,
            1_500,
            Some(292),
        ),
        (
            "300 deletes through an outage of 3 s",
            300,
            3_000,
            Some(300),
        ),
        (
            "10,000 deletes through an outage of 60 s",
            10_000,
            60_000,
            None,
        ),
    ] {
        let (fake, authress) = start(MockAuthress::builder().users(items)).await?;
        fake.start_outage(Duration::from_millis(outage));
        let started = Instant::now();
        let failed = delete(&fake, &authress, 16).await;
        let job = Job {
            name,
            items,
            failed_before,
            failed,
        };
        report_outage(table, &job, fake.request_count(), started.elapsed());
        jobs.push(job);
    }
    Ok(jobs)
}

/// Deletes all users, and returns how many deletes failed.
async fn delete(fake: &MockAuthress, authress: &AuthressClient, concurrency: usize) -> usize {
    let deletions = authress.users().delete_all(fake.user_ids());
    let failures = deletions
        .with_concurrency(concurrency)
        .filter(|item| std::future::ready(item.result.is_err()));
    failures.count().await
}

/// Lists all users as the example `export_users` does, and returns their number.
async fn list(authress: &AuthressClient) -> usize {
    let list = authress.users().get_users().limit(100).with_prefetch(2);
    let mut users = list.with_retry_policy(RetryPolicy::batch()).stream();
    let mut count = 0;
    while let Ok(Some(_)) = users.try_next().await {
        count += 1;
    }
    count
}

#[expect(clippy::cast_precision_loss, reason = "these are thousands")]
fn report_limited(
    table: &mut Table,
    job: &Job,
    counts: RequestCounts,
    rate: f64,
    elapsed: Duration,
) {
    let RequestCounts {
        accepted, rejected, ..
    } = counts;
    let share = rejected as f64 / (accepted + rejected) as f64;
    // The bucket is full at the start, which adds the requests of a second.
    let allowed = rate * (elapsed.as_secs_f64() + 1.0);
    let figure = format!(
        "{}, {:.1} % of the requests rejected, {:.0} % of the limit",
        failures(job),
        share * 100.0,
        accepted as f64 / allowed * 100.0
    );
    // A slow API gives few chances to learn its limit.
    let percent = if rate < 50.0 { 8.0 } else { 3.0 };
    let target = format!("0 failed, {percent} % rejected");
    let is_met = job.failed == 0 && share * 100.0 <= percent;
    add(table, job, &figure, &target, is_met, elapsed);
}

fn report_outage(table: &mut Table, job: &Job, requests: usize, elapsed: Duration) {
    let at_most = job.items * 6 / 5 + 100;
    let figure = format!("{}, {} requests", failures(job), grouped(requests as u64));
    let target = format!("0 failed, {} requests", grouped(at_most as u64));
    add(
        table,
        job,
        &figure,
        &target,
        job.failed == 0 && requests <= at_most,
        elapsed,
    );
}

fn failures(job: &Job) -> String {
    let before = job.failed_before.map_or_else(String::new, |count| {
        format!(" (before: {})", grouped(count as u64))
    });
    format!("{} failed{before}", grouped(job.failed as u64))
}

fn add(table: &mut Table, job: &Job, figure: &str, target: &str, is_met: bool, elapsed: Duration) {
    let figure = format!("{figure}, {:.1} s", elapsed.as_secs_f64());
    eprintln!("{}: {figure}", job.name);
    let target = Target {
        text: target.to_owned(),
        is_met,
    };
    table.add(job.name, &figure, Some(target));
}
