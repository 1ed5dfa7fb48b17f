//! Minutes of 503 responses, and the recovery.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AuthressClient, Clock, ClockFuture, Error, ErrorKind, RetryBudget, RetryPolicy, RetryStop,
};
use futures::StreamExt;

use crate::clock::TestClock;
use crate::{client_of, fake_with, until};

const OUTAGE: Duration = Duration::from_secs(600);
const AT_ONCE: usize = 5;

/// Makes `per_second` calls in each second of the outage, and returns the requests per call.
async fn requests_per_call(per_second: usize, policy: RetryPolicy) -> f64 {
    let fake = fake_with(1).await;
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
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    authress.users().get_user(&id).await.unwrap();
    #[expect(clippy::cast_precision_loss, reason = "these are thousands")]
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
    let policy = RetryPolicy::default().attempts(4);
    let ratio = requests_per_call(1, policy.budget(RetryBudget::Unlimited)).await;
    assert!((ratio - 4.0).abs() < f64::EPSILON, "{ratio}");
}

/// A clock at which the faults of a fake end.
#[derive(Debug, Clone)]
struct OutageClock {
    clock: TestClock,
    fake: Arc<MockAuthress>,
    end: Duration,
}

impl Clock for OutageClock {
    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        let sleep = self.clock.sleep(duration);
        if self.clock.elapsed() >= self.end {
            self.fake.stop_faults();
        }
        sleep
    }

    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        self.clock.limit(duration)
    }

    fn random(&self) -> f64 {
        self.clock.random()
    }
}

/// Starts an API that responds with 503 until `end`, and a client for it.
async fn in_outage(end: Duration, random: f64) -> (Arc<MockAuthress>, AuthressClient, TestClock) {
    let fake = MockAuthress::builder().strict().users(1).start();
    let fake = Arc::new(fake.await.unwrap());
    fake.fail_always(503).unwrap();
    let clock = TestClock::with_random(random);
    let outage = OutageClock {
        clock: clock.clone(),
        fake: fake.clone(),
        end,
    };
    let client = client_of(&fake).clock(outage);
    let policy = RetryPolicy::batch().deadline(Duration::from_secs(600));
    let authress = client.retry_policy(policy).build().unwrap();
    (fake, authress, clock)
}

#[tokio::test]
async fn a_batch_call_waits_for_recovery_with_few_requests() {
    for (seconds, random) in [(3, 1.0), (60, 0.0), (60, 1.0), (590, 0.0), (590, 0.5)] {
        let end = Duration::from_secs(seconds);
        let (fake, authress, clock) = in_outage(end, random).await;
        authress.users().delete_user("auth0|000000").await.unwrap();
        let (requests, waited) = (fake.request_count(), clock.elapsed_so_far());
        println!("an outage of {seconds} s: {requests} requests in {waited:?}");
        assert!(requests <= 101, "{requests} requests");
        assert!(waited <= end + Duration::from_secs(10), "{waited:?}");
    }
}

#[tokio::test]
async fn batch_calls_fail_at_their_deadline_and_not_before() {
    let (fake, authress, clock) = in_outage(Duration::MAX, 1.0).await;
    let delete = || authress.users().delete_user("auth0|000000");
    let error = delete().await.unwrap_err();
    assert_eq!(error.elapsed(), Duration::from_secs(600));
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::Deadline));
    assert!(
        error
            .to_string()
            .ends_with("not retried because the API did not recover within the deadline"),
        "{error}"
    );
    assert!(fake.request_count() <= 101, "{}", fake.request_count());

    // In an outage, even the first request waits.
    let requests = fake.request_count();
    let short = delete().with_deadline(Duration::from_millis(1)).await;
    let error = short.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    assert_eq!(fake.request_count(), requests);

    // Interactive calls do not wait, and one that succeeds ends the outage.
    let interactive = || delete().with_retry_policy(RetryPolicy::default());
    let error = interactive().await.unwrap_err();
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::Budget));
    fake.stop_faults();
    let before = clock.elapsed_so_far();
    interactive().await.unwrap();
    assert!(delete().await.unwrap_err().is_not_found());
    assert_eq!(clock.elapsed_so_far(), before);
}

/// A clock whose sleeps of more than an hour never end.
#[derive(Debug, Clone)]
struct ShortSleeps {
    clock: TestClock,
    long_sleeps: Arc<AtomicUsize>,
}

impl Clock for ShortSleeps {
    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        if duration <= Duration::from_secs(3_600) {
            return self.clock.sleep(duration);
        }
        self.long_sleeps.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::pending())
    }

    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        self.clock.limit(duration)
    }

    fn random(&self) -> f64 {
        self.clock.random()
    }
}

#[tokio::test]
async fn a_retry_after_in_an_outage_stops_other_calls_for_a_limited_time() {
    let patient = RetryPolicy::batch().deadline(Duration::from_secs(10_000));
    for (policy, seconds) in [
        (patient.clone(), 300),
        (patient.max_pause(Duration::from_secs(20)), 20),
    ] {
        let fake = fake_with(1).await;
        let clock = ShortSleeps {
            clock: TestClock::new(),
            long_sleeps: Arc::default(),
        };
        let client = client_of(&fake).clock(clock.clone()).retry_policy(policy);
        let authress = client.build().unwrap();
        let get = || authress.users().get_user("auth0|000000");
        fake.fail_always(503).unwrap();
        let hasty = RetryPolicy::default().backoff(Duration::ZERO, Duration::ZERO);
        let error = get().with_retry_policy(hasty.attempts(100)).await;
        assert_eq!(
            error.unwrap_err().retry_stopped_by(),
            Some(RetryStop::Budget)
        );
        fake.stop_faults();

        let fault = Fault::status_with_retry_after(503, "5000").unwrap();
        fake.fail_next(Operation::GetUser, fault);
        let waiting = tokio::spawn(get().into_future());
        until(|| clock.long_sleeps.load(Ordering::SeqCst) == 1).await;
        get().await.unwrap();
        assert_eq!(clock.clock.elapsed_so_far(), Duration::from_secs(seconds));
        assert!(!waiting.is_finished());
        waiting.abort();
    }
}
