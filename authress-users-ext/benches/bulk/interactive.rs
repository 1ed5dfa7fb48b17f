//! Interactive calls beside bulk calls of the same client.

use std::time::{Duration, Instant};

use authress_users_contract::{MockAuthress, Operation};
use authress_users_ext::RetryPolicy;
use futures::stream::{FuturesUnordered, StreamExt as _};

use crate::setup::{Done, start};
use crate::table::{Table, Target, grouped};

const QUEUED: usize = 20_000;
/// How long an interactive call may take.
const LIMIT: Duration = Duration::from_millis(1_500);

/// Measures the longest of some interactive calls behind 20,000 bulk calls of the same client.
pub(crate) async fn measure(table: &mut Table) -> Done {
    let (fake, authress) = start(MockAuthress::builder().users(1)).await?;
    let id = fake.user_ids().remove(0);
    let mut calls: FuturesUnordered<_> = (0..QUEUED)
        .map(|number| {
            let delete = authress.users().delete_user(format!("missing|{number}"));
            delete.with_retry_policy(RetryPolicy::batch()).send()
        })
        .collect();
    let bulk = tokio::spawn(async move { while calls.next().await.is_some() {} });
    let done = || fake.request_counts(Operation::DeleteUser).accepted;
    while done() < QUEUED / 20 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let mut longest = Duration::ZERO;
    let mut failed = 0;
    for _ in 0..20 {
        let started = Instant::now();
        failed += usize::from(authress.users().get_user(&id).await.is_err());
        longest = longest.max(started.elapsed());
    }
    let still_queued = QUEUED - done();
    bulk.abort();
    let name = "interactive get behind 20,000 queued bulk calls, longest of 20";
    let figure = format!(
        "{failed} failed, {:.0} ms with {} calls still queued (before: 2.9 s)",
        longest.as_secs_f64() * 1_000.0,
        grouped(still_queued as u64)
    );
    eprintln!("{name}: {figure}");
    let target = Target {
        text: format!("{LIMIT:?}"),
        is_met: failed == 0 && longest <= LIMIT && still_queued > 0,
    };
    table.add(name, &figure, Some(target));
    Ok(())
}
