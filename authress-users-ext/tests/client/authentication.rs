use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use authress_users_ext::{AccessToken, AuthressClient, Clock, ErrorKind};
use futures::future::join_all;
use secrecy::ExposeSecret;

use crate::clock::TestClock;
use crate::{client_of, fake_with, start};

/// A clock that advances by a second with each reading, so that every signed token differs.
#[derive(Debug)]
struct RestlessClock(AtomicU64);

impl RestlessClock {
    fn new() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(AtomicU64::new(now.as_secs() - 40_000))
    }
}

impl Clock for RestlessClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_first_calls_sign_one_token() {
    let fake = fake_with(1).await;
    let authress = client_of(&fake)
        .clock(RestlessClock::new())
        .build()
        .unwrap();
    let id = fake.user_ids().remove(0);
    let calls = (0..1_000).map(|_| {
        let request = authress.users().get_user(&id);
        tokio::spawn(request.into_future())
    });
    for call in join_all(calls).await {
        call.unwrap().unwrap();
    }
    assert_eq!(fake.request_count(), 1_000);
    assert_eq!(fake.distinct_tokens(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_with_an_expired_token_sign_one() {
    let fake = fake_with(0).await;
    let clock = TestClock::new();
    let authress = client_of(&fake).clock(clock.clone()).build().unwrap();
    let expired = authress.access_token().await.unwrap();
    clock.advance(Duration::from_secs(86_400));
    let callers = (0..10_000).map(|_| {
        let authress = authress.clone();
        tokio::spawn(async move { authress.access_token().await })
    });
    // Every signed token differs.
    let tokens: HashSet<_> = join_all(callers)
        .await
        .into_iter()
        .map(|token| token.unwrap().unwrap().expose_secret().to_owned())
        .collect();
    assert_eq!(tokens.len(), 1);
    assert!(!tokens.contains(expired.expose_secret()));
}

#[tokio::test]
async fn accepts_current_and_legacy_access_keys() {
    let fake = fake_with(1).await;
    for key in [fake.access_key(), fake.legacy_access_key()] {
        let authress = AuthressClient::builder()
            .api_url(fake.url())
            .service_client_access_key(key)
            .build()
            .unwrap();
        assert_eq!(authress.users().get_users().await.unwrap().users().len(), 1);
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_rejected_token_is_replaced_once() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    authress.users().get_users().await.unwrap();
    fake.reject_next(1);
    let response = authress
        .users()
        .get_users()
        .send_with_response()
        .await
        .unwrap();
    assert_eq!(response.attempts(), 2);
    assert_eq!(fake.distinct_tokens(), 2);
    authress.users().get_users().await.unwrap();
    assert_eq!(fake.distinct_tokens(), 2, "the new token is kept");
}

#[tokio::test]
async fn replaces_tokens_that_are_revoked_in_quick_succession() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    for count in 1..=8 {
        authress.users().get_users().await.unwrap();
        assert_eq!(fake.distinct_tokens(), count);
        fake.revoke_tokens();
    }
}

#[tokio::test]
async fn a_second_401_is_an_error() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    fake.reject_next(2);
    let error = authress.users().get_users().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!((error.attempts(), fake.request_count()), (2, 2));
    authress.users().get_users().await.unwrap();
}

#[tokio::test]
async fn a_rejected_static_token_is_not_sent_again() {
    let fake = fake_with(1).await;
    let token = fake.access_token().expose_secret().to_owned();
    let authress = AuthressClient::builder()
        .api_url(fake.url())
        .access_token(token.clone())
        .build()
        .unwrap();
    authress.users().get_users().await.unwrap();
    fake.reject_next(1);
    let error = authress.users().get_users().await.unwrap_err();
    assert!(error.is_unauthorized());
    assert_eq!((error.attempts(), fake.request_count()), (1, 2));
}

#[tokio::test]
async fn clients_and_calls_use_the_token_of_another_caller() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    let other = || AccessToken::new(fake.expired_access_token().expose_secret()).unwrap();
    assert!(
        authress
            .with_access_token(other())
            .users()
            .get_users()
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    assert!(
        authress
            .users()
            .get_users()
            .with_access_token(other())
            .await
            .unwrap_err()
            .is_unauthorized()
    );
    authress.users().get_users().await.unwrap();
}

#[tokio::test]
async fn does_not_follow_redirects() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1)).await;
    let elsewhere = fake_with(1).await;
    let location = format!("{}/v1/users", elsewhere.url());
    fake.respond_next(
        Operation::GetUsers,
        StubResponse::new(307)
            .unwrap()
            .header("location", &location)
            .unwrap(),
    );
    let error = authress.users().get_users().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedStatus);
    assert_eq!(error.headers().unwrap()["location"], &*location);
    assert_eq!(elsewhere.request_count(), 0);
}

#[test]
fn build_names_a_missing_url_or_credential() {
    let missing = AuthressClient::builder()
        .api_url("https://auth.example.com")
        .build();
    assert!(missing.unwrap_err().to_string().contains("no credential"));
    let missing = AuthressClient::builder().access_token("a.b.c").build();
    assert!(
        missing
            .unwrap_err()
            .to_string()
            .contains("api_url is not set")
    );
    let error = AuthressClient::builder()
        .api_url("https://auth.example.com")
        .access_token("sc_1.key.acc.MC4C")
        .build()
        .unwrap_err();
    assert!(
        error.to_string().contains("service_client_access_key"),
        "{error}"
    );
}
