//! The findings of the fake, and what happens if nothing reads them.

use std::panic::AssertUnwindSafe;

use authress_users_contract::MockAuthress;
use http::Method;
use secrecy::ExposeSecret as _;

use crate::{HTTP, fake, get, request};

#[tokio::test]
async fn invalid_requests_are_reported_and_rejected() {
    let fake = fake(1).await;
    let get = |path: &str| request(&fake, Method::GET, path);
    let link = || request(&fake, Method::PATCH, "/v1/tenants/acme/users");
    let json = |body: &'static str| link().header("content-type", "application/json").body(body);
    for (request, status, operation, rule) in [
        (get("/v2/users"), 400, None, "request-operation"),
        (get("/v1/users/a/b"), 400, None, "request-operation"),
        (
            request(&fake, Method::PUT, "/v1/users/a"),
            405,
            None,
            "request-operation",
        ),
        (
            get("/v1/users?page=2"),
            200,
            Some("getUsers"),
            "request-query-declared",
        ),
        (
            get("/v1/users?limit=1&limit=2"),
            200,
            Some("getUsers"),
            "request-query-repeated",
        ),
        (
            get("/v1/users?limit=0"),
            400,
            Some("getUsers"),
            "request-parameter-valid",
        ),
        (
            get("/v1/users?limit=101"),
            400,
            Some("getUsers"),
            "request-parameter-valid",
        ),
        (
            get("/v1/users?limit=ten"),
            400,
            Some("getUsers"),
            "request-parameter-valid",
        ),
        (
            get("/v1/users?cursor=ten"),
            404,
            Some("getUsers"),
            "list-cursor-verbatim",
        ),
        (
            get("/v1/users?tenantId=a%20b"),
            400,
            Some("getUsers"),
            "request-parameter-valid",
        ),
        (
            get("/v1/users/a%5Cb"),
            400,
            Some("getUser"),
            "request-parameter-valid",
        ),
        (
            get("/v1/users").body("x"),
            200,
            Some("getUsers"),
            "request-body-undeclared",
        ),
        (
            json("{}"),
            400,
            Some("linkTenantUser"),
            "request-body-valid",
        ),
        (
            json(r#"{"userId":".."}"#),
            400,
            Some("linkTenantUser"),
            "request-body-valid",
        ),
        (
            link().body(r#"{"userId":"x"}"#),
            400,
            Some("linkTenantUser"),
            "request-content-type",
        ),
    ] {
        let before = fake.verify().len();
        assert_eq!(request.send().await.unwrap().status(), status, "{rule}");
        let findings = &fake.verify()[before..];
        assert_eq!(
            findings
                .iter()
                .map(|finding| finding.rule)
                .collect::<Vec<_>>(),
            [rule]
        );
        assert_eq!(findings[0].operation.as_deref(), operation);
        assert!(findings[0].reproduce.starts_with("curl -X "));
    }
    let before = fake.verify().len();
    let plain = HTTP.get(format!("{}/v1/users", fake.url()));
    let with_key = plain
        .bearer_auth(fake.access_key().expose_secret())
        .header("accept", "text/html");
    assert_eq!(with_key.send().await.unwrap().status(), 401);
    let rules: Vec<_> = fake.verify()[before..]
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["request-access-key", "request-accept"]);
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| fake.assert_no_findings()));
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(
        message.contains("request-operation") && message.contains("curl -X PUT"),
        "{message}"
    );
}

#[tokio::test]
async fn a_strict_fake_panics_when_dropped_with_unread_errors() {
    let ignored = fake(0).await;
    get(&ignored, "/v2").await;
    ignored.ignore_findings();
    drop(ignored);

    let verified = fake(0).await;
    get(&verified, "/v2").await;
    assert_eq!(verified.verify().len(), 1);
    drop(verified);

    let unread = fake(0).await;
    assert_eq!(get(&unread, "/v2").await.status(), 400);
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| drop(unread)));
    let message = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("got GET /…"), "{message}");
    assert!(message.contains("call verify()"), "{message}");
}

#[tokio::test]
async fn a_fake_that_is_not_strict_does_not_panic_when_dropped() {
    let fake = MockAuthress::builder().start().await.unwrap();
    assert_eq!(get(&fake, "/v2").await.status(), 400);
    drop(fake);
}
