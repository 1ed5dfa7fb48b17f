//! Retries over real sockets, with a clock that does not wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AccessToken, AuthressClient, Outcome, Result, RetryBudget, RetryOutcome, RetryPolicy, RetryStop,
};
use secrecy::ExposeSecret;

use crate::clock::TestClock;
use crate::{attempt_timeout, client_of, fake_with, until};

pub(crate) async fn start() -> (MockAuthress, AuthressClient, TestClock) {
    start_with_policy(RetryPolicy::default()).await
}

pub(crate) async fn start_with_policy(
    policy: RetryPolicy,
) -> (MockAuthress, AuthressClient, TestClock) {
    let fake = MockAuthress::builder()
        .strict()
        .users(100)
        .tenant("acme")
        .start()
        .await
        .unwrap();
    let clock = TestClock::new();
    let client = client_of(&fake).clock(clock.clone()).retry_policy(policy);
    let authress = client.build().unwrap();
    (fake, authress, clock)
}

/// Calls an operation on a new user, and returns the number of attempts.
pub(crate) async fn call(
    authress: &AuthressClient,
    fake: &MockAuthress,
    operation: Operation,
) -> Result<u32> {
    let id = fake.user_ids().remove(0);
    let users = authress.users();
    Ok(match operation {
        Operation::GetUsers => users.get_users().send_with_response().await?.attempts(),
        Operation::GetUser => users.get_user(&id).send_with_response().await?.attempts(),
        Operation::DeleteUser => users
            .delete_user(&id)
            .send_with_response()
            .await?
            .attempts(),
        _ => users
            .link_tenant_user("acme", &id)
            .send_with_response()
            .await?
            .attempts(),
    })
}

#[tokio::test]
async fn retries_only_retryable_statuses() {
    let (fake, authress, _clock) =
        start_with_policy(RetryPolicy::default().budget(RetryBudget::Unlimited)).await;
    for operation in Operation::ALL.iter().copied() {
        for status in 300..=599 {
            fake.fail_next(operation, Fault::status(status).unwrap());
            let result = call(&authress, &fake, operation).await;
            match status {
                408 | 429 | 500 | 502 | 503 | 504 | 520..=524 | 530 => {
                    assert_eq!(result.unwrap(), 2, "{status}");
                }
                401 => {
                    assert_eq!(result.unwrap(), 2, "one new token");
                }
                _ => {
                    let error = result.unwrap_err();
                    assert_eq!(
                        (error.attempts(), error.is_retryable()),
                        (1, false),
                        "{error}"
                    );
                    assert_eq!(error.status().unwrap(), status);
                }
            }
        }
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn retries_broken_connections() {
    let (fake, authress, _clock) = start().await;
    for fault in [
        Fault::ResetBeforeHeaders,
        Fault::ResetAfterHeaders,
        Fault::CutBody,
    ] {
        for operation in [Operation::GetUsers, Operation::GetUser] {
            fake.fail_next(operation, fault.clone());
            assert_eq!(
                call(&authress, &fake, operation).await.unwrap(),
                2,
                "{fault:?}"
            );
        }
    }
    for operation in Operation::ALL.iter().copied() {
        fake.fail_next(operation, Fault::ResetBeforeHeaders);
        assert_eq!(call(&authress, &fake, operation).await.unwrap(), 2);
    }
}

#[tokio::test]
async fn makes_four_attempts_with_exponential_backoff() {
    let policy = RetryPolicy::default().attempts(4);
    let (fake, authress, clock) = start_with_policy(policy).await;
    for _ in 0..4 {
        fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    }
    let error = call(&authress, &fake, Operation::GetUser)
        .await
        .unwrap_err();
    assert_eq!((error.attempts(), fake.request_count()), (4, 4));
    assert_eq!(clock.waits(), [100, 200, 400].map(Duration::from_millis));
    assert_eq!(error.elapsed(), Duration::from_millis(700));
    assert!(error.is_server() && error.is_retryable());
    assert!(error.error_id().is_some(), "the last response is kept");
    let message = error.to_string();
    assert!(
        message.contains("503 Service Unavailable after 4 attempts in 700 ms"),
        "{message}"
    );
}

#[tokio::test]
async fn jitter_shortens_waits_up_to_the_cap() {
    let policy = RetryPolicy::default()
        .attempts(10)
        .budget(RetryBudget::Unlimited);
    let (fake, _authress, _clock) = start().await;
    let clock = TestClock::with_random(0.25);
    let authress = client_of(&fake)
        .clock(clock.clone())
        .retry_policy(policy)
        .build()
        .unwrap();
    for _ in 0..10 {
        fake.fail_next(Operation::GetUser, Fault::status(500).unwrap());
    }
    assert_eq!(
        call(&authress, &fake, Operation::GetUser)
            .await
            .unwrap_err()
            .attempts(),
        10
    );
    let waits = [25, 50, 100, 200, 400, 800, 1_250, 1_250, 1_250].map(Duration::from_millis);
    assert_eq!(clock.waits(), waits);
}

#[tokio::test]
async fn connection_failures_do_not_draw_on_the_budget() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let clock = TestClock::with_random(0.0);
    let authress = AuthressClient::builder()
        .api_url(format!("http://{address}"))
        .token_provider(|| async { AccessToken::new("a.b.c") })
        .clock(clock.clone())
        .retry_policy(RetryPolicy::default().attempts(4))
        .build()
        .unwrap();
    for _ in 0..40 {
        let before = clock.waits().len();
        let error = authress.users().get_user("1").await.unwrap_err();
        assert!(error.is_connect() && !error.may_have_taken_effect());
        assert_eq!(error.attempts(), 4, "{error}");
        let at_least_half = [50, 100, 200].map(Duration::from_millis);
        assert_eq!(clock.waits()[before..], at_least_half);
    }
}

#[tokio::test]
async fn an_invalid_random_number_waits_the_full_backoff() {
    for chance in [-1.0, 1.5, f64::NAN, f64::INFINITY] {
        let fake = fake_with(1).await;
        let clock = TestClock::with_random(chance);
        let authress = client_of(&fake).clock(clock.clone()).build().unwrap();
        fake.fail_next(Operation::GetUser, Fault::status(500).unwrap());
        call(&authress, &fake, Operation::GetUser).await.unwrap();
        assert_eq!(clock.waits(), [Duration::from_millis(100)]);
    }
}

/// Makes a call whose first attempts get no response; each takes 10 seconds after it arrived.
pub(crate) async fn without_response<T>(
    attempts: usize,
    (fake, clock): (&MockAuthress, &TestClock),
    call: impl Future<Output = T>,
) -> T {
    let before = fake.request_count();
    let passing = async {
        for attempt in 1..=attempts {
            until(|| fake.request_count() == before + attempt).await;
            clock.advance(attempt_timeout());
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = call => result,
        () = passing => unreachable!(),
    }
}

#[tokio::test]
async fn a_rule_replaces_the_default() {
    let rule = |outcome: &RetryOutcome<'_>| outcome.status().is_some_and(|status| status == 404);
    let policy = RetryPolicy::default().attempts(4).rule(rule);
    let (fake, authress, clock) = start_with_policy(policy).await;
    let error = authress.users().get_user("missing").await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!((error.attempts(), clock.waits().len()), (4, 3));
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    assert_eq!(
        call(&authress, &fake, Operation::GetUser)
            .await
            .unwrap_err()
            .attempts(),
        1
    );
}

#[tokio::test]
async fn an_error_reports_why_it_was_not_retried() {
    let declines = RetryPolicy::default().rule(|_: &RetryOutcome<'_>| false);
    let unlimited = RetryPolicy::default().budget(RetryBudget::Unlimited);
    let short = RetryPolicy::default().deadline(Duration::from_millis(50));
    for (policy, status, expected) in [
        (RetryPolicy::none(), 429, RetryStop::Attempts),
        (RetryPolicy::default(), 503, RetryStop::Attempts),
        (RetryPolicy::none(), 400, RetryStop::NotRetryable),
        (RetryPolicy::default(), 404, RetryStop::NotRetryable),
        (declines.clone(), 429, RetryStop::Rule),
        (declines.attempts(1), 503, RetryStop::Attempts),
        (short, 503, RetryStop::Deadline),
        (unlimited, 503, RetryStop::Attempts),
    ] {
        let (fake, authress, _clock) = start_with_policy(policy).await;
        fake.fail_always(status).unwrap();
        let error = authress.users().get_users().await.unwrap_err();
        assert_eq!(error.retry_stopped_by(), Some(expected), "{error}");
    }

    let (fake, authress, _clock) = start().await;
    fake.fail_next(Operation::GetUsers, Fault::Html);
    let error = authress.users().get_users().await.unwrap_err();
    assert!(error.is_invalid_body());
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::NotRetryable));
    let error = authress.users().get_user("").await.unwrap_err();
    assert_eq!(error.retry_stopped_by(), None);
    fake.fail_always(503).unwrap();
    for _ in 0..10 {
        authress.users().get_users().await.unwrap_err();
    }
    let error = authress.users().get_users().await.unwrap_err();
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::Budget));
}

#[tokio::test]
async fn does_not_retry_permanent_failures() {
    let (fake, authress, clock) = start().await;
    for fault in [
        Fault::Html,
        Fault::DuplicateKeys,
        Fault::ClaimedLength(10 << 30),
        Fault::EndlessBody,
    ] {
        fake.fail_next(Operation::GetUser, fault.clone());
        let error = call(&authress, &fake, Operation::GetUser)
            .await
            .unwrap_err();
        assert!(
            (error.is_invalid_body() || error.is_body_too_large()) && !error.is_retryable(),
            "{fault:?}: {error}"
        );
        assert_eq!(
            (error.attempts(), error.status().unwrap().as_u16()),
            (1, 200)
        );
        assert_eq!(error.outcome(), Outcome::Done);
    }
    assert!(clock.waits().is_empty());
}

#[tokio::test]
async fn reads_bodies_in_chunks_slow_and_compressed_bodies() {
    let (fake, authress, _clock) = start().await;
    let compressed = cfg!(feature = "gzip").then_some(Fault::Gzip);
    let split = [Fault::Chunked, Fault::SlowDrip(Duration::ZERO)];
    for fault in split.into_iter().chain(compressed) {
        for operation in Operation::ALL.iter().copied() {
            fake.fail_next(operation, fault.clone());
            assert_eq!(
                call(&authress, &fake, operation).await.unwrap(),
                1,
                "{fault:?}"
            );
        }
    }
}

#[tokio::test]
async fn every_attempt_requests_a_token() {
    let (fake, _authress, clock) = start().await;
    let requested = Arc::new(AtomicU32::new(0));
    let (counter, token) = (requested.clone(), fake.access_token());
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            let token = token.expose_secret().to_owned();
            async move { AccessToken::new(token) }
        })
        .clock(clock)
        .build()
        .unwrap();
    for fault in [Fault::status(500).unwrap(), Fault::CutBody] {
        fake.fail_next(Operation::GetUser, fault);
    }
    assert_eq!(call(&authress, &fake, Operation::GetUser).await.unwrap(), 3);
    assert_eq!(requested.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_expired_token_costs_an_attempt_but_no_retry() {
    let (fake, authress, clock) = start().await;
    fake.fail_next(Operation::GetUser, Fault::ExpiredToken);
    for _ in 0..3 {
        fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    }
    assert_eq!(call(&authress, &fake, Operation::GetUser).await.unwrap(), 5);
    assert_eq!(clock.waits().len(), 3);
}

#[tokio::test]
async fn a_404_after_an_unknown_outcome_is_a_successful_delete() {
    let (fake, authress, _clock) = start().await;
    let silence = Fault::Delay(Duration::from_secs(3_600));
    for fault in [Fault::ResetBeforeHeaders, silence] {
        let clock = TestClock::new();
        let authress = client_of(&fake).clock(clock.clone()).build().unwrap();
        let id = fake.user_ids().remove(0);
        fake.fail_next(Operation::DeleteUser, fault);
        let delete = authress.users().delete_user(&id).send_with_response();
        let response = without_response(1, (&fake, &clock), delete).await.unwrap();
        assert!(response.was_already_done() && !fake.has_user(&id));
        assert_eq!((response.status().as_u16(), response.attempts()), (404, 2));
    }
    // The first response does not say whether the user was deleted, and the second one is a success.
    let id = fake.user_ids().remove(0);
    fake.fail_next(Operation::DeleteUser, Fault::status(503).unwrap());
    let delete = || authress.users().delete_user(&id).send_with_response();
    assert!(!delete().await.unwrap().was_already_done());
    for status in [500, 502, 503, 504, 520, 521, 522, 523, 524, 530] {
        fake.fail_next(Operation::DeleteUser, Fault::status(status).unwrap());
        let response = delete().await.unwrap();
        assert!(response.was_already_done(), "{status}");
        assert_eq!((response.status().as_u16(), response.attempts()), (404, 2));
    }
    // Nothing can have been deleted before the 404.
    for status in [401, 408, 429] {
        fake.fail_next(Operation::DeleteUser, Fault::status(status).unwrap());
        let error = delete().await.unwrap_err();
        assert!(error.is_not_found() && error.attempts() == 2, "{status}");
        assert_eq!(error.outcome(), Outcome::Rejected);
    }
    // For other operations a 404 is not a success.
    for operation in [Operation::GetUser, Operation::LinkTenantUser] {
        fake.fail_next(operation, Fault::ResetBeforeHeaders);
    }
    assert!(
        authress
            .users()
            .get_user("missing")
            .await
            .unwrap_err()
            .is_not_found()
    );
    let error = authress
        .users()
        .link_tenant_user("acme", "missing")
        .await
        .unwrap_err();
    assert!(error.is_not_found() && error.may_have_taken_effect());
}

#[tokio::test]
async fn rejects_policies_that_are_out_of_bounds() {
    let (fake, authress, _clock) = start().await;
    let policy = RetryPolicy::default;
    let second = Duration::from_secs(1);
    for (policy, reason) in [
        (policy().attempts(0), "attempts must be between 1 and 100"),
        (policy().attempts(101), "attempts must be between 1 and 100"),
        (
            policy().backoff(second * 2, second),
            "the initial backoff must not exceed the maximum",
        ),
        (
            policy().attempt_timeout(Duration::ZERO),
            "attempt_timeout must be greater than zero",
        ),
        (
            policy().deadline(Duration::ZERO),
            "deadline must be greater than zero",
        ),
    ] {
        let built = client_of(&fake)
            .retry_policy(policy.clone())
            .build()
            .unwrap_err();
        let call = authress
            .users()
            .get_users()
            .with_retry_policy(policy)
            .await
            .unwrap_err();
        for error in [built, call] {
            let message = error.to_string();
            assert!(
                message.contains("retry_policy: ") && message.contains(reason),
                "{message}"
            );
        }
    }
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_not_retried() {
    let (fake, authress, clock) = start().await;
    // The URL is longer than HTTP libraries accept.
    let cursor = "x".repeat(65_500);
    let error = authress
        .users()
        .get_users()
        .cursor(cursor)
        .await
        .unwrap_err();
    assert!(error.is_invalid_input() && !error.is_retryable());
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!((error.attempts(), fake.request_count()), (0, 0));
    assert!(clock.waits().is_empty());
    assert_eq!(
        error.to_string(),
        "getUsers: could not build the request; nothing was sent"
    );
}
