//! Ten minutes of 503 responses, and the recovery.

use std::time::Duration;

use authress_users_contract::{MockAuthress, Operation};
use authress_users_ext::{Error, RetryBudget, RetryPolicy};
use futures::StreamExt;

use crate::client_of;
use crate::clock::TestClock;

const OUTAGE: Duration = Duration::from_secs(600);
const AT_ONCE: usize = 5;

/// Makes `per_second` calls in each second of the outage, and returns the requests per call.
async fn requests_per_call(per_second: usize, policy: RetryPolicy) -> f64 {
    let fake = MockAuthress::builder()
        .strict()
        .users(1)
        .start()
        .await
        .unwrap();
    let clock = TestClock::new();
    let client = client_of(&fake).clock(clock.clone()).retry_policy(policy);
    let authress = client.build().unwrap();
    let id = fake.user_ids().remove(0);
    fake.fail_always(503).unwrap();
    let calls = usize::try_from(OUTAGE.as_secs()).unwrap() * per_second;
    let failures = futures::stream::iter(0..calls)
        .map(|_| async {
            clock.advance(Duration::from_secs(1) / u32::try_from(per_second).unwrap());
            authress.users().get_user(&id).await
        })
        .buffer_unordered(AT_ONCE)
        .filter(|result| std::future::ready(result.as_ref().is_err_and(Error::is_server)))
        .count()
        .await;
    assert_eq!(failures, calls);
    assert!(clock.elapsed_so_far() >= OUTAGE);
    let requests = fake.request_count();

    // The first call after the outage succeeds, and a later fault is retried again.
    fake.stop_faults();
    for _ in 0..10 {
        authress.users().get_user(&id).await.unwrap();
    }
    assert_eq!(fake.request_count(), requests + 10);
    fake.fail_next(
        Operation::GetUser,
        authress_users_contract::Fault::status(503).unwrap(),
    );
    authress.users().get_user(&id).await.unwrap();
    #[allow(clippy::cast_precision_loss, reason = "these are thousands")]
    let ratio = requests as f64 / calls as f64;
    ratio
}

#[tokio::test]
async fn an_outage_causes_few_retries() {
    for per_second in [1, 5] {
        let ratio = requests_per_call(per_second, RetryPolicy::default()).await;
        println!("{ratio:.3} requests for each call at {per_second} calls a second");
        assert!(
            ratio <= 1.2,
            "{ratio} requests for each call at {per_second} a second"
        );
    }
}

#[tokio::test]
async fn without_the_budget_an_outage_causes_four_requests_per_call() {
    let ratio = requests_per_call(1, RetryPolicy::default().budget(RetryBudget::Unlimited)).await;
    assert!((ratio - 4.0).abs() < f64::EPSILON, "{ratio}");
}
