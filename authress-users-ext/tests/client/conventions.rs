//! Conventions of the public API: pointers to traits, getters, iteration and comparison.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use authress_users_contract::{Fault, MockAuthress, Operation};
use authress_users_ext::{
    AccessToken, AuthressClient, Clock, RetryBudget, RetryOutcome, RetryPolicy, RetryRule,
    SystemClock, TokenProvider, UserIdentity,
};

use crate::clock::TestClock;
use crate::{client_of, start};

fn provider(fake: &MockAuthress) -> impl TokenProvider + use<> {
    let jwt = fake.access_token();
    move || std::future::ready(AccessToken::new(jwt.clone()))
}

#[tokio::test]
async fn accepts_shared_and_boxed_token_providers() {
    let fake = MockAuthress::builder().strict().users(1).start().await;
    let fake = fake.unwrap();
    let shared: Arc<dyn TokenProvider> = Arc::new(provider(&fake));
    let boxed: Box<dyn TokenProvider> = Box::new(provider(&fake));
    let builder = || AuthressClient::builder().api_url(fake.url());
    for builder in [
        builder().token_provider(Arc::new(provider(&fake))),
        builder().token_provider(shared),
        builder().token_provider(boxed),
    ] {
        let authress = builder.build().unwrap();
        assert_eq!(authress.users().get_users().await.unwrap().users().len(), 1);
    }
}

#[tokio::test]
async fn accepts_shared_and_boxed_rules_and_clocks() {
    let fake = MockAuthress::builder().strict().users(1).start().await;
    let fake = fake.unwrap();
    let never = |_: &RetryOutcome<'_>| false;
    let shared: Arc<dyn RetryRule> = Arc::new(never);
    let boxed: Box<dyn RetryRule> = Box::new(never);
    for policy in [
        RetryPolicy::default().rule(Arc::new(never)),
        RetryPolicy::default().rule(shared),
        RetryPolicy::default().rule(boxed),
    ] {
        let clock: Box<dyn Clock> = Box::new(Arc::new(SystemClock) as Arc<dyn Clock>);
        let authress = client_of(&fake).clock(clock).retry_policy(policy);
        let authress = authress.build().unwrap();
        fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
        let error = authress.users().get_users().await.unwrap_err();
        assert_eq!(error.attempts(), 1);
    }
}

#[tokio::test]
async fn a_shared_clock_keeps_its_overrides() {
    let fake = MockAuthress::builder().strict().users(1).start().await;
    let fake = fake.unwrap();
    let clock = TestClock::new();
    let shared: Arc<dyn Clock> = Arc::new(clock.clone());
    let authress = client_of(&fake).clock(shared).build().unwrap();
    fake.fail_next(Operation::GetUsers, Fault::status(503).unwrap());
    authress.users().get_users().await.unwrap();
    assert_eq!(clock.waits(), [Duration::from_millis(100)]);
}

#[test]
fn a_policy_returns_its_settings() {
    let seconds = Duration::from_secs;
    let policy = RetryPolicy::default()
        .attempts(7)
        .backoff(seconds(1), seconds(2))
        .attempt_timeout(seconds(3))
        .deadline(seconds(8));
    assert_eq!(policy.get_attempts(), 7);
    assert_eq!(policy.get_backoff(), (seconds(1), seconds(2)));
    assert_eq!(policy.get_attempt_timeout(), seconds(3));
    assert_eq!(policy.get_deadline(), seconds(8));
    assert_eq!(policy.get_budget(), RetryBudget::Shared);
    assert!(policy.get_rule().is_none());
    let policy = policy
        .budget(RetryBudget::Unlimited)
        .rule(|_: &RetryOutcome<'_>| false);
    assert_eq!(policy.get_budget(), RetryBudget::Unlimited);
    assert!(policy.get_rule().is_some());
}

#[tokio::test]
async fn pages_are_compared_and_iterated() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(3)).await;
    let page = authress.users().get_users().await.unwrap();
    assert_eq!(page, authress.users().get_users().await.unwrap());
    let mut ids = Vec::new();
    for user in &page {
        ids.push(user.user_id.clone());
    }
    assert_eq!(ids, fake.user_ids());
    let users: Vec<UserIdentity> = page.clone().into_iter().collect();
    assert_eq!(users, page.users());
    let other = authress.users().get_users().limit(1).await.unwrap();
    assert_ne!(page, other);
}

#[test]
fn http_configures_each_client_that_is_built() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = count.clone();
    let builder = AuthressClient::builder()
        .api_url("http://localhost")
        .access_token("a.b.c")
        .http(move |http| {
            counter.fetch_add(1, Ordering::Relaxed);
            http
        });
    builder.clone().build().unwrap();
    builder.build().unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 2);
}
