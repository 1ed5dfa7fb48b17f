//! Attempt timeouts, deadlines, and calls that are dropped.

use std::time::Duration;

use authress_users_contract::{Fault, Operation};
use authress_users_ext::{
    AccessToken, AuthressClient, Error, ErrorKind, Result, RetryPolicy, RetryStop,
};

use crate::clock::TestClock;
use crate::retries::{call, start, without_response};
use crate::{attempt_timeout, client_of, until};

#[tokio::test]
async fn retries_after_an_attempt_timeout() {
    let (fake, authress, clock) = start().await;
    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_secs(3_600)));
    let id = fake.user_ids().remove(0);
    let call = tokio::spawn(authress.users().get_user(id).send_with_response());
    until(|| fake.request_count() == 1).await;
    let last = Duration::from_millis(1);
    clock.advance(attempt_timeout().checked_sub(last).unwrap());
    assert!(!call.is_finished());
    clock.advance(last);
    let response = call.await.unwrap().unwrap();
    let (backoff, _) = RetryPolicy::default().get_backoff();
    assert_eq!(
        (response.attempts(), response.elapsed()),
        (2, attempt_timeout() + backoff)
    );
}

#[tokio::test]
async fn the_deadline_covers_everything_and_names_the_wait() {
    let (fake, _authress, _clock) = start().await;
    let clock = TestClock::with_random(0.0);
    let deadline = 3 * attempt_timeout();
    let policy = RetryPolicy::default().attempts(4).deadline(deadline);
    let builder = client_of(&fake).clock(clock.clone()).retry_policy(policy);
    let authress = builder.build().unwrap();
    for _ in 0..4 {
        fake.fail_next(
            Operation::GetUsers,
            Fault::Delay(Duration::from_secs(3_600)),
        );
    }
    let list = call(&authress, &fake, Operation::GetUsers);
    let error = without_response(3, (&fake, &clock), list)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Deadline);
    assert_eq!((error.attempts(), error.elapsed()), (3, deadline));
    assert_eq!(error.retry_stopped_by(), Some(RetryStop::Deadline));
    assert!(error.may_have_taken_effect());
    let message = error.to_string();
    let expected = format!(
        "deadline of {} s passed while waiting for the response",
        deadline.as_secs()
    );
    assert!(message.contains(&expected), "{message}");

    let never = || std::future::pending::<Result<AccessToken, Error>>();
    let clock = TestClock::new();
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .token_provider(never)
        .clock(clock.clone())
        .build()
        .unwrap();
    let before = fake.request_count();
    let call = tokio::spawn(authress.users().get_users().into_future());
    clock.until_a_limit_is_running().await;
    let deadline = RetryPolicy::default().get_deadline();
    clock.advance(deadline);
    let error = call.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Deadline, 0));
    let expected = format!(
        "deadline of {} s passed while waiting for a token",
        deadline.as_secs()
    );
    assert!(error.to_string().contains(&expected), "{error}");
    assert_eq!(fake.request_count(), before);
}

#[tokio::test]
async fn a_call_can_have_its_own_deadline_and_policy() {
    let (fake, authress, clock) = start().await;
    let user = || authress.users().get_user("auth0|000000");
    fake.fail_next(Operation::GetUser, Fault::status(503).unwrap());
    let error = user()
        .with_retry_policy(RetryPolicy::none())
        .await
        .unwrap_err();
    assert_eq!(error.attempts(), 1);

    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_secs(3_600)));
    let call = user().with_deadline(Duration::from_secs(2)).into_future();
    let error = without_response(1, (&fake, &clock), call)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("deadline of 2 s"), "{error}");
    assert_eq!(error.attempts(), 1);
}

#[tokio::test]
async fn a_body_that_is_too_slow_is_a_timeout() {
    let (fake, authress, clock) = start().await;
    fake.fail_next(
        Operation::GetUser,
        Fault::SlowDrip(Duration::from_secs(3_600)),
    );
    let user = authress
        .users()
        .get_user("auth0|000000")
        .with_retry_policy(RetryPolicy::none());
    let call = tokio::spawn(user.into_future());
    until(|| fake.request_count() == 1).await;
    clock.advance(attempt_timeout());
    let error = call.await.unwrap().unwrap_err();
    assert!(
        error.is_timeout() && error.may_have_taken_effect(),
        "{error}"
    );
    until(|| fake.open_connections() == 0).await;
}

#[tokio::test]
async fn dropping_a_call_cancels_it() {
    let (fake, authress, clock) = start().await;
    // In flight.
    fake.fail_next(Operation::GetUser, Fault::Delay(Duration::from_secs(3_600)));
    let call = tokio::spawn(authress.users().get_user("auth0|000000").into_future());
    until(|| fake.request_count() == 1).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    until(|| fake.open_connections() == 0).await;
    assert_eq!((clock.limits(), fake.request_count()), (0, 1));
}
