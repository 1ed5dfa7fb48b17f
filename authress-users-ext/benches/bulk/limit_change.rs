//! A bulk job while the rate limit changes.

use std::time::Duration;

use authress_users_contract::{MockAuthress, Operation, RateLimit};
use tokio::time::{MissedTickBehavior, interval};

use crate::setup::{Done, start};
use crate::table::{Table, Target};

/// The limits, each for this number of seconds.
const LIMITS: [f64; 3] = [50.0, 20.0, 80.0];
const SECONDS: usize = 30;
/// The seconds after a change in which the client may be away from the limit.
const ADAPTING: usize = 10;

/// The requests in one second.
pub(crate) struct Second {
    pub(crate) limit: f64,
    pub(crate) accepted: f64,
    pub(crate) rejected: f64,
}

/// Deletes users without end, and counts requests by second.
pub(crate) async fn measure(table: &mut Table) -> Done<Vec<Second>> {
    let (fake, authress) = start(MockAuthress::builder()).await?;
    let ids = (0_u64..).map(|number| format!("missing|{number}"));
    let mut deletions = authress.users().delete_all(ids).with_concurrency(32);
    let counting = count(&fake);
    let seconds = tokio::select! {
        seconds = counting => seconds?,
        () = async { while deletions.next().await.is_some() {} } => {
            return Err("the endless job has ended".into());
        }
    };
    for (limit, seconds) in LIMITS.iter().zip(seconds.chunks(SECONDS)) {
        report(table, *limit, seconds);
    }
    Ok(seconds)
}

async fn count(fake: &MockAuthress) -> Done<Vec<Second>> {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut seconds = Vec::new();
    let mut before = fake.request_counts(Operation::DeleteUser);
    for limit in LIMITS {
        fake.set_rate_limit(RateLimit::per_second(limit)?);
        for _ in 0..SECONDS {
            ticks.tick().await;
            let now = fake.request_counts(Operation::DeleteUser);
            seconds.push(Second {
                limit,
                accepted: as_f64(now.accepted - before.accepted),
                rejected: as_f64(now.rejected - before.rejected),
            });
            before = now;
        }
    }
    Ok(seconds)
}

fn report(table: &mut Table, limit: f64, seconds: &[Second]) {
    let adapted = &seconds[ADAPTING..];
    let accepted =
        adapted.iter().map(|second| second.accepted).sum::<f64>() / as_f64(adapted.len());
    let sum = |count: fn(&Second) -> f64| seconds.iter().map(count).sum::<f64>();
    let rejected = sum(|second| second.rejected);
    let share = rejected / (rejected + sum(|second| second.accepted)) * 100.0;
    let name = format!("deletes with a limit of {limit}/s, from the tenth second on");
    let figure = format!("{accepted:.1}/s accepted, {share:.1} % rejected");
    eprintln!("{name}: {figure}");
    let is_met = (accepted - limit).abs() <= limit / 10.0;
    let text = format!("{limit}/s ± 10 %");
    table.add(&name, &figure, Some(Target { text, is_met }));
}

#[expect(clippy::cast_precision_loss, reason = "these are thousands")]
fn as_f64(count: usize) -> f64 {
    count as f64
}
