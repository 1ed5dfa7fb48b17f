//! Rate limits: 429 responses, what they announce, and limits that are set up front.

use std::time::{Duration, SystemTime};

use authress_users_contract::{Fault, Operation, StubResponse};
use authress_users_ext::{Clock, ClockFuture, RateLimit, RetryPolicy, RetryStop};

use crate::client_of;
use crate::clock::TestClock;
use crate::retries::{call, start, start_with_policy};

#[tokio::test]
async fn honors_retry_after_in_seconds_and_as_a_date() {
    let soon = SystemTime::now() + Duration::from_secs(8);
    let date = httpdate::fmt_http_date(soon);
    for (status, value, expected) in [
        (429, "7", 8_400..=8_400),
        (503, "0", 100..=100),
        // HTTP dates have a resolution of one second.
        (503, &date, 1..=9_600),
        // Without a hint, the first guess of the rate is one request per second.
        (429, "Sun, 06 Nov 1994 08:49:37 GMT", 1_000..=1_000),
        (429, "0", 1_000..=1_000),
        // Invalid values, and those of other statuses, are ignored.
        (503, "soon", 100..=100),
        (500, "7", 100..=100),
    ] {
        let (fake, authress, clock) = start().await;
        fake.fail_next(
            Operation::GetUser,
            Fault::status_with_retry_after(status, value).unwrap(),
        );
        assert_eq!(call(&authress, &fake, Operation::GetUser).await.unwrap(), 2);
        let waited = clock.waits();
        assert!(
            waited.len() == 1 && expected.contains(&waited[0].as_millis()),
            "{value}: {waited:?}"
        );
    }
}

#[tokio::test]
async fn honors_the_reset_of_a_rate_limit() {
    let (_fake, _authress, clock) = start().await;
    let in_two_seconds = |clock: &TestClock| {
        let time = clock.now() + Duration::from_secs(2);
        time.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap()
            .as_millis()
    };
    let milliseconds = in_two_seconds(&clock).to_string();
    for (name, value) in [
        ("x-ratelimit-reset", &*milliseconds),
        ("ratelimit-reset", "2"),
        ("ratelimit", "\"default\";r=0;t=2"),
    ] {
        let (fake, authress, clock) = start().await;
        let response = StubResponse::new(429).unwrap().header(name, value).unwrap();
        fake.respond_next(Operation::GetUser, response);
        assert_eq!(call(&authress, &fake, Operation::GetUser).await.unwrap(), 2);
        let waited = clock.elapsed_so_far().as_millis();
        // Up to 20 % are added.
        assert!((1_500..=2_400).contains(&waited), "{name}: {waited} ms");
    }
    // An implausible reset is ignored.
    let (fake, authress, clock) = start().await;
    let response = StubResponse::new(429).unwrap();
    let response = response.header("ratelimit-reset", "999999999").unwrap();
    fake.respond_next(Operation::GetUser, response);
    call(&authress, &fake, Operation::GetUser).await.unwrap();
    assert_eq!(clock.elapsed_so_far(), Duration::from_secs(1));
    // When the rate is limited, an accepted request can announce a pause for the others.
    let response = StubResponse::new(200).unwrap();
    let response = response.body(r#"{"userId":"auth0|000000"}"#);
    let response = response
        .header("content-type", "application/links+json")
        .unwrap();
    let response = response.header("x-ratelimit-remaining", "0").unwrap();
    let response = response.header("x-ratelimit-reset", "20").unwrap();
    fake.respond_next(Operation::GetUser, response);
    let get = || authress.users().get_user("auth0|000000");
    get().await.unwrap();
    let before = clock.elapsed_so_far();
    get().await.unwrap();
    let waited = clock.elapsed_so_far().saturating_sub(before).as_millis();
    assert!((20_000..=21_000).contains(&waited), "{waited} ms");
}

#[tokio::test]
async fn follows_an_announced_rate_that_rises() {
    let (fake, authress, clock) = start().await;
    let response = |status, policy| {
        let response = StubResponse::new(status).unwrap();
        let response = response.body(r#"{"userId":"auth0|000000"}"#);
        let response = response.header("content-type", "application/links+json");
        response.unwrap().header("ratelimit-policy", policy)
    };
    let limited = response(429, "\"default\";q=1;w=2").unwrap();
    fake.respond_next(Operation::GetUser, limited);
    for _ in 0..100 {
        let accepted = response(200, "\"default\";q=100;w=1").unwrap();
        fake.respond_next(Operation::GetUser, accepted);
    }
    for _ in 0..100 {
        authress.users().get_user("auth0|000000").await.unwrap();
    }
    // At the first rate, it would take 200 s.
    let taken = clock.elapsed_so_far().as_secs();
    assert!((10..=30).contains(&taken), "{taken} s");
}

#[tokio::test]
async fn a_429_costs_neither_attempt_nor_budget() {
    let (fake, authress, _clock) = start().await;
    // Three times what the budget allows.
    for _ in 0..10 {
        for _ in 0..9 {
            fake.fail_next(Operation::GetUser, Fault::status(429).unwrap());
        }
        let attempts = call(&authress, &fake, Operation::GetUser).await.unwrap();
        assert_eq!(attempts, 10);
    }
    for status in [429, 503, 429, 503, 429, 503] {
        fake.fail_next(Operation::GetUser, Fault::status(status).unwrap());
    }
    let attempts = call(&authress, &fake, Operation::GetUser).await.unwrap();
    assert_eq!(attempts, 7);
}

#[tokio::test]
async fn retries_429_until_the_deadline_also_when_the_clock_skips_waits() {
    /// Waits take no time.
    #[derive(Debug)]
    struct NoWaits;

    impl Clock for NoWaits {
        fn elapsed(&self) -> Duration {
            Duration::ZERO
        }

        fn sleep(&self, _: Duration) -> ClockFuture<'_> {
            Box::pin(std::future::ready(()))
        }

        fn limit(&self, _: Duration) -> ClockFuture<'_> {
            Box::pin(std::future::pending())
        }

        fn random(&self) -> f64 {
            0.0
        }
    }

    let (fake, _authress, _clock) = start().await;
    fake.fail_always(429).unwrap();
    let policy = RetryPolicy::default().deadline(Duration::from_secs(30));
    let without_backoff = policy.clone().backoff(Duration::ZERO, Duration::ZERO);
    for policy in [policy, without_backoff] {
        let client = client_of(&fake).clock(NoWaits).retry_policy(policy);
        let authress = client.build().unwrap();
        let error = authress.users().get_users().await.unwrap_err();
        assert!(error.is_rate_limited());
        assert_eq!(error.retry_stopped_by(), Some(RetryStop::Deadline));
        // The limiter lets one request per second pass, at 0, 1, … 30 s.
        assert_eq!(error.attempts(), 31, "{error}");
        assert!(error.retry_after().is_some());
    }
}

#[tokio::test]
async fn a_retry_after_beyond_the_deadline_fails_at_once() {
    for (status, value) in [(429, "30"), (503, "86400"), (503, "18446744073709551615")] {
        let policy = RetryPolicy::default().deadline(Duration::from_secs(30));
        let (fake, authress, clock) = start_with_policy(policy).await;
        let before = fake.request_count();
        fake.fail_next(
            Operation::DeleteUser,
            Fault::status_with_retry_after(status, value).unwrap(),
        );
        let error = call(&authress, &fake, Operation::DeleteUser)
            .await
            .unwrap_err();
        assert_eq!(fake.request_count() - before, 1);
        assert_eq!(
            error.retry_after(),
            Some(Duration::from_secs(value.parse().unwrap()))
        );
        assert_eq!(error.is_rate_limited(), status == 429);
        let message = error.to_string();
        assert!(
            message.contains(" s) exceeds the remaining deadline"),
            "{message}"
        );
        // As long as the rate is limited, another call fails without a request.
        if status == 429 {
            let delete = authress.users().delete_user("auth0|000001");
            let error = delete
                .with_deadline(Duration::from_secs(29))
                .await
                .unwrap_err();
            assert!(error.is_rate_limited() && error.is_retryable(), "{error}");
            assert_eq!((error.attempts(), error.status()), (0, None));
            assert_eq!(error.retry_stopped_by(), Some(RetryStop::Deadline));
            let wait = error.retry_after().unwrap();
            assert!((29..=31).contains(&wait.as_secs()), "{wait:?}");
            assert!(!error.may_have_taken_effect());
            assert_eq!(fake.request_count() - before, 1);
            // Other operations have limits of their own.
            call(&authress, &fake, Operation::GetUser).await.unwrap();
        }
        assert!(clock.waits().is_empty());
    }
}

#[tokio::test]
async fn hints_stop_other_calls_for_a_limited_time() {
    let default = RetryPolicy::default;
    for (policy, seconds) in [
        (default(), 300.0),
        (default().max_pause(Duration::from_secs(20)), 20.0),
        (default().max_pause(Duration::from_secs(3_600)), 3_600.0),
        // Without a hint, the first guess of the rate is one request per second.
        (default().max_pause(Duration::ZERO), 1.0),
    ] {
        for header in ["retry-after", "x-ratelimit-reset"] {
            let (fake, _authress, _clock) = start().await;
            let clock = TestClock::new();
            let client = client_of(&fake)
                .clock(clock.clone())
                .retry_policy(policy.clone());
            let authress = client.build().unwrap();
            let response = StubResponse::new(429).unwrap();
            let response = response.header(header, "86000").unwrap();
            fake.respond_next(Operation::GetUser, response);
            let get = |deadline| {
                let get = authress.users().get_user("auth0|000000");
                get.with_deadline(deadline)
            };
            let error = get(Duration::from_millis(500)).await.unwrap_err();
            assert!(error.is_rate_limited(), "{error}");
            assert!(clock.elapsed_so_far().is_zero());
            get(Duration::from_secs(10_000)).await.unwrap();
            let waited = clock.elapsed_so_far().as_secs_f64();
            assert!((waited - seconds).abs() < 0.001, "{header}: {waited} s");
        }
    }
}

#[tokio::test]
async fn a_rate_limit_holds_requests_back_before_any_429() {
    let (fake, _authress, _clock) = start().await;
    for (limit, seconds) in [
        (RateLimit::per_second(0.5), 18.0),
        (RateLimit::per_second(5.0), 1.8),
        (RateLimit::per_second(5.0).for_operation("getUser"), 1.8),
        (RateLimit::per_second(5.0).for_operation("getUsers"), 0.0),
    ] {
        let clock = TestClock::new();
        let client = client_of(&fake).clock(clock.clone()).rate_limit(limit);
        let authress = client.build().unwrap();
        for _ in 0..10 {
            call(&authress, &fake, Operation::GetUser).await.unwrap();
        }
        let waited = clock.elapsed_so_far().as_secs_f64();
        assert!((waited - seconds).abs() < 0.001, "{waited}");
    }
}

#[tokio::test]
async fn rejects_rate_limits_that_are_out_of_bounds() {
    let (fake, _authress, _clock) = start().await;
    for (limit, reason) in [
        (RateLimit::per_second(0.0), "greater than zero, got 0"),
        (RateLimit::per_second(-1.0), "greater than zero, got -1"),
        (RateLimit::per_second(f64::NAN), "must be finite"),
        (RateLimit::per_second(f64::INFINITY), "must be finite"),
        (
            RateLimit::per_second(1.0).for_operation("get_users"),
            "unknown operation; use one of getUsers, getUser, deleteUser, linkTenantUser",
        ),
    ] {
        let error = client_of(&fake).rate_limit(limit).build().unwrap_err();
        let message = error.to_string();
        assert!(error.is_configuration(), "{message}");
        assert!(
            message.starts_with("invalid rate_limit: ") && message.contains(reason),
            "{message}"
        );
    }
}
