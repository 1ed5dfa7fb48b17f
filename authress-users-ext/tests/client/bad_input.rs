//! Invalid values for every public setter are rejected before anything is sent, with the name and
//! the reason. Ids and the parts of access keys are tested elsewhere.

use std::time::Duration;

use authress_users_contract::MockAuthress;
use authress_users_ext::{
    AccessToken, AuthressClient, AuthressClientBuilder, Error, ErrorKind, RetryPolicy,
};

use crate::{client_of, fake_with, start};

const ZERO: Duration = Duration::ZERO;

fn assert_rejected(error: &Error, kind: ErrorKind, name: &str, reason: &str) {
    let message = error.to_string();
    assert_eq!(error.kind(), kind, "{message}");
    assert!(message.contains(&format!("{name}: ")), "{name}: {message}");
    assert!(message.contains(reason), "{reason}: {message}");
    assert_eq!(error.attempts(), 0);
    assert!(error.status().is_none() && !error.is_retryable() && !error.may_have_taken_effect());
}

#[tokio::test]
async fn build_rejects_invalid_settings() {
    type Setting = fn(AuthressClientBuilder) -> AuthressClientBuilder;
    let settings: [(Setting, &str, &str); 18] = [
        (|client| client.api_url(""), "api_url", "empty"),
        (
            |client| client.api_url("https://a b"),
            "api_url",
            "not a URL",
        ),
        (
            |client| client.api_url("http://example.com"),
            "api_url",
            "plain http",
        ),
        (
            |client| client.api_url("ftp://example.com"),
            "api_url",
            "scheme",
        ),
        (
            |client| client.api_url("https://me@example.com"),
            "api_url",
            "user name",
        ),
        (
            |client| client.api_url("https://example.com?a"),
            "api_url",
            "query",
        ),
        (
            |client| client.api_url("https:/example.com"),
            "api_url",
            "check for a missing colon",
        ),
        (
            |client| client.service_client_access_key(""),
            "service_client_access_key",
            "empty",
        ),
        (
            |client| client.service_client_access_key("a.b"),
            "service_client_access_key",
            "2 parts",
        ),
        (|client| client.access_token(""), "access_token", "empty"),
        (
            |client| client.access_token("a.b"),
            "access_token",
            "three base64url parts",
        ),
        (
            |client| client.user_agent_suffix("a\nb"),
            "user_agent_suffix",
            "visible ASCII",
        ),
        (
            |client| client.connect_timeout(ZERO),
            "connect_timeout",
            "greater than zero",
        ),
        (
            |client| client.body_limit(0),
            "body_limit",
            "greater than zero",
        ),
        (
            |client| client.retry_policy(RetryPolicy::default().attempts(0)),
            "retry_policy",
            "attempts",
        ),
        (
            |client| client.retry_policy(RetryPolicy::default().attempt_timeout(ZERO)),
            "retry_policy",
            "attempt_timeout",
        ),
        (
            |client| client.retry_policy(RetryPolicy::default().deadline(ZERO)),
            "retry_policy",
            "deadline",
        ),
        (
            |client| {
                let second = Duration::from_secs(1);
                client.retry_policy(RetryPolicy::default().backoff(second, ZERO))
            },
            "retry_policy",
            "backoff",
        ),
    ];
    let fake = fake_with(0).await;
    for (set, name, reason) in settings {
        let error = set(client_of(&fake)).build().unwrap_err();
        assert_rejected(&error, ErrorKind::Configuration, name, reason);
    }
    let error = AuthressClient::builder()
        .api_url(fake.url())
        .build()
        .unwrap_err();
    assert!(error.is_configuration() && error.to_string().contains("no credential"));
    assert!(AccessToken::new("a b.c.d").is_err());
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn invalid_parameters_and_options_are_not_sent() {
    let (fake, authress) = start(MockAuthress::builder().strict().users(1).tenant("acme")).await;
    let users = authress.users();
    let list = || users.get_users();
    let bad = || RetryPolicy::default().attempts(101);
    let long = "x".repeat(129);
    for (error, name, reason) in [
        (
            list().limit(0).await.unwrap_err(),
            "limit",
            "between 1 and 100",
        ),
        (
            list().limit(101).await.unwrap_err(),
            "limit",
            "between 1 and 100",
        ),
        (list().cursor("").await.unwrap_err(), "cursor", "empty"),
        (
            list().filter("x".repeat(65)).await.unwrap_err(),
            "filter",
            "64 characters",
        ),
        (
            list().tenant_id("").await.unwrap_err(),
            "tenant_id",
            "empty",
        ),
        (
            list().tenant_id("a b").await.unwrap_err(),
            "tenant_id",
            "U+0020 (space) at position 2",
        ),
        (
            list().with_prefetch(0).await.unwrap_err(),
            "prefetch",
            "between 1 and 100",
        ),
        (
            list().with_prefetch(101).await.unwrap_err(),
            "prefetch",
            "between 1 and 100",
        ),
        (
            list()
                .with_prefetch(0)
                .stream()
                .try_next()
                .await
                .unwrap_err(),
            "prefetch",
            "between 1 and 100",
        ),
        (
            list()
                .with_prefetch(101)
                .pages()
                .try_next()
                .await
                .unwrap_err(),
            "prefetch",
            "between 1 and 100",
        ),
        (
            list().with_deadline(ZERO).await.unwrap_err(),
            "deadline",
            "greater than zero",
        ),
        (
            list().with_retry_policy(bad()).await.unwrap_err(),
            "retry_policy",
            "attempts",
        ),
        (
            users.get_user(&long).await.unwrap_err(),
            "user_id",
            "128 characters",
        ),
        (
            users.get_user("1").with_deadline(ZERO).await.unwrap_err(),
            "deadline",
            "greater than zero",
        ),
        (
            users
                .get_user("1")
                .with_retry_policy(bad())
                .await
                .unwrap_err(),
            "retry_policy",
            "attempts",
        ),
        (
            users.delete_user("..").await.unwrap_err(),
            "user_id",
            "`..`",
        ),
        (
            users
                .delete_user("1")
                .with_deadline(ZERO)
                .await
                .unwrap_err(),
            "deadline",
            "greater than zero",
        ),
        (
            users
                .delete_user("1")
                .with_retry_policy(bad())
                .await
                .unwrap_err(),
            "retry_policy",
            "attempts",
        ),
        (
            users.link_tenant_user("..", "1").await.unwrap_err(),
            "tenant_id",
            "`..`",
        ),
        (
            users.link_tenant_user("a", "\\").await.unwrap_err(),
            "user_id",
            "backslash",
        ),
        (
            users
                .link_tenant_user("a", "1")
                .with_deadline(ZERO)
                .await
                .unwrap_err(),
            "deadline",
            "greater than zero",
        ),
    ] {
        assert_rejected(&error, ErrorKind::InvalidInput, name, reason);
        assert!(error.to_string().ends_with("; nothing was sent"), "{error}");
        assert!(error.operation().is_some());
    }
    assert_eq!(fake.request_count(), 0);
}
