//! The fake as any client sees it: plain HTTP requests, made by hand.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::assigning_clones,
    clippy::format_push_string,
    reason = "a test that fails may panic, and a table is as long as it is"
)]

mod defects;
mod faults;
mod live;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use authress_users_contract::{MockAuthress, Operation, StubResponse};
use http::Method;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

const LINKS_JSON: &str = "application/links+json";

async fn fake(users: usize) -> MockAuthress {
    MockAuthress::builder()
        .strict()
        .users(users)
        .tenant("acme")
        .start()
        .await
        .unwrap()
}

fn request_as(
    fake: &MockAuthress,
    token: &SecretString,
    method: Method,
    path: &str,
) -> RequestBuilder {
    Client::new()
        .request(method, format!("{}{path}", fake.url()))
        .bearer_auth(token.expose_secret())
        .header("accept", format!("{LINKS_JSON}, application/json"))
}

fn request(fake: &MockAuthress, method: Method, path: &str) -> RequestBuilder {
    request_as(fake, &fake.access_token(), method, path)
}

async fn get(fake: &MockAuthress, path: &str) -> Response {
    request(fake, Method::GET, path).send().await.unwrap()
}

async fn json_of(answer: Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let users = page["users"].as_array().unwrap();
    users
        .iter()
        .map(|user| user["userId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_follow_each_other_by_cursors_and_links() {
    let fake = fake(25).await;
    let mut path = "/v1/users?limit=10".to_owned();
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let answer = get(&fake, &path).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], LINKS_JSON);
        let page = json_of(answer).await;
        assert_eq!(
            page["links"]["self"]["href"],
            format!("{}{path}", fake.url())
        );
        sizes.push(ids(&page).len());
        seen.extend(ids(&page));
        let Some(cursor) = page["pagination"]["next"]["cursor"].as_str() else {
            assert!(page["links"]["next"].is_null());
            break;
        };
        path = format!("/v1/users?limit=10&cursor={cursor}");
        assert_eq!(
            page["links"]["next"]["href"],
            format!("{}{path}", fake.url())
        );
    }
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(seen, fake.user_ids());
    fake.assert_no_findings();
}

#[tokio::test]
async fn a_filter_searches_all_text_fields_whatever_their_case() {
    let fake = MockAuthress::builder()
        .strict()
        .user(json!({ "userId": "1", "name": "Ada" }))
        .user(json!({ "userId": "2", "email": "ADA@example.com" }))
        .user(json!({ "userId": "3", "name": null, "picture": "x" }))
        .start()
        .await
        .unwrap();
    assert_eq!(
        ids(&json_of(get(&fake, "/v1/users?filter=aDa").await).await),
        ["1", "2"]
    );
    assert_eq!(
        ids(&json_of(get(&fake, "/v1/users?filter=zz").await).await),
        [""; 0]
    );
}

#[tokio::test]
async fn a_user_is_linked_listed_and_deleted() {
    let fake = fake(3).await;
    let id = fake.user_ids().remove(1);
    let path = format!("/v1/users/{}", id.replace('|', "%7C"));
    let answer = request(&fake, Method::PATCH, "/v1/tenants/acme/users")
        .header("content-type", "application/json")
        .body(json!({ "userId": id }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 204);
    assert_eq!(
        ids(&json_of(get(&fake, "/v1/users?tenantId=acme").await).await),
        [&*id]
    );
    assert_eq!(json_of(get(&fake, &path).await).await["userId"], id);

    let answer = request(&fake, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert!(answer.bytes().await.unwrap().is_empty());
    assert_eq!(get(&fake, &path).await.status(), 404);
    assert_eq!(
        request(&fake, Method::DELETE, &path)
            .send()
            .await
            .unwrap()
            .status(),
        404
    );
    assert!(!fake.has_user(&id) && !fake.is_linked("acme", &id));
    assert_eq!(
        ids(&json_of(get(&fake, "/v1/users?tenantId=acme").await).await),
        [""; 0]
    );
    fake.assert_no_findings();
}

#[tokio::test]
async fn refusals_have_the_documented_body_and_an_id_of_their_own() {
    let fake = fake(1).await;
    let mut error_ids = Vec::new();
    let mut expect = async |answer: Response, status: u16| {
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["content-type"], LINKS_JSON);
        let body = json_of(answer).await;
        assert!(
            body["title"].is_string() && body["errorCode"].is_string(),
            "{body}"
        );
        error_ids.push(body["errorId"].as_str().unwrap().to_owned());
    };
    expect(get(&fake, "/v1/users/nobody").await, 404).await;
    let link = request(&fake, Method::PATCH, "/v1/tenants/nowhere/users")
        .header("content-type", "application/json")
        .body(json!({ "userId": fake.user_ids()[0] }).to_string());
    expect(link.send().await.unwrap(), 404).await;
    fake.deny(Operation::GetUsers);
    expect(get(&fake, "/v1/users").await, 403).await;
    fake.allow(Operation::GetUsers);
    assert_eq!(get(&fake, "/v1/users").await.status(), 200);
    fake.reject_next(1);
    expect(get(&fake, "/v1/users").await, 401).await;
    assert_eq!(get(&fake, "/v1/users").await.status(), 200);
    error_ids.sort();
    error_ids.dedup();
    assert_eq!(error_ids.len(), 4);
    fake.assert_no_findings();
}

#[tokio::test]
async fn only_a_token_of_its_own_key_for_its_own_time_is_accepted() {
    let (fake, other) = (fake(1).await, fake(1).await);
    let status_of = async |token: &SecretString| {
        request_as(&fake, token, Method::GET, "/v1/users")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    };
    let token = fake.access_token();
    assert_eq!(status_of(&token).await, 200);
    assert_eq!(status_of(&other.access_token()).await, 401);
    assert_eq!(status_of(&fake.expired_access_token()).await, 401);
    assert_eq!(status_of(&"a.b.c".to_owned().into()).await, 401);
    let without = Client::new()
        .get(format!("{}/v1/users", fake.url()))
        .header("accept", LINKS_JSON);
    assert_eq!(without.send().await.unwrap().status(), 401);
    fake.advance_clock(Duration::from_secs(86_400));
    assert_eq!(status_of(&token).await, 401);
    let renewed = fake.access_token();
    assert_eq!(status_of(&renewed).await, 200);
    fake.revoke_tokens();
    assert_eq!(status_of(&renewed).await, 401);
    let rules: Vec<_> = fake
        .verify()
        .into_iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(
        rules,
        ["request-token", "request-token"],
        "one that is no JWT, and none"
    );
}

#[tokio::test]
async fn what_no_client_should_send_is_found_and_refused() {
    let fake = fake(1).await;
    let get = |path: &str| request(&fake, Method::GET, path);
    let link = || request(&fake, Method::PATCH, "/v1/tenants/acme/users");
    let json = |body: &'static str| link().header("content-type", "application/json").body(body);
    for (request, status, operation, rule) in [
        (get("/v2/users"), 599, None, "request-operation"),
        (get("/v1/users/a/b"), 599, None, "request-operation"),
        (
            request(&fake, Method::PUT, "/v1/users/a"),
            599,
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
            400,
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
    let plain = Client::new().get(format!("{}/v1/users", fake.url()));
    let by_key = plain
        .bearer_auth(fake.access_key().expose_secret())
        .header("accept", "text/html");
    assert_eq!(by_key.send().await.unwrap().status(), 401);
    let rules: Vec<_> = fake.verify()[before..]
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["request-access-key", "request-accept"]);
    let refused = std::panic::catch_unwind(AssertUnwindSafe(|| fake.assert_no_findings()));
    let told = refused.unwrap_err().downcast::<String>().unwrap();
    assert!(
        told.contains("request-operation") && told.contains("curl -X PUT"),
        "{told}"
    );
}

#[tokio::test]
async fn a_fake_with_findings_that_nobody_looked_at_panics_when_dropped() {
    let looked_at = fake(0).await;
    get(&looked_at, "/v2").await;
    looked_at.ignore_findings();
    drop(looked_at);

    let forgotten = fake(0).await;
    assert_eq!(get(&forgotten, "/v2").await.status(), 599);
    let panic = std::panic::catch_unwind(AssertUnwindSafe(|| drop(forgotten)));
    let told = panic.unwrap_err().downcast::<String>().unwrap();
    assert!(told.contains("got GET /…"), "{told}");
}

#[tokio::test]
async fn an_observer_sees_findings_as_they_happen() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let fake = MockAuthress::builder()
        .strict()
        .on_finding(move |finding| sender.send(finding.to_string()).unwrap())
        .start()
        .await
        .unwrap();
    get(&fake, "/v2").await;
    get(&fake, "/v1/users").await;
    assert_eq!(receiver.try_iter().count(), 1);
    assert_eq!((fake.request_count(), fake.requests().len()), (2, 0));
}

#[tokio::test]
async fn canned_answers_come_in_their_order_and_then_the_own_ones_again() {
    let fake = fake(1).await;
    fake.respond_next(
        Operation::GetUsers,
        StubResponse::new(503)
            .unwrap()
            .header("retry-after", "7")
            .unwrap()
            .body("later"),
    );
    fake.respond_next(Operation::GetUsers, StubResponse::new(418).unwrap());
    assert_eq!(get(&fake, "/v1/users/nobody").await.status(), 404);
    let first = get(&fake, "/v1/users").await;
    assert_eq!(
        (first.status().as_u16(), &first.headers()["retry-after"]),
        (503, &"7".parse().unwrap())
    );
    assert_eq!(first.bytes().await.unwrap(), "later");
    assert_eq!(get(&fake, "/v1/users").await.status(), 418);
    assert_eq!(get(&fake, "/v1/users").await.status(), 200);
}

#[tokio::test]
async fn requests_are_kept_without_their_tokens() {
    let fake = fake(1).await;
    get(&fake, "/v1/users/a%2Fb%7C%C3%BC").await;
    get(&fake, "/v1/users?filter=a+b&limit=3").await;
    let requests = fake.requests();
    let [one, list] = &requests[..] else {
        panic!("{requests:?}")
    };
    assert_eq!(
        (one.method(), one.operation()),
        ("GET", Some(Operation::GetUser))
    );
    assert_eq!(one.path_parameter("userId"), Some("a/b|ü"));
    assert_eq!(
        (list.query("filter"), list.query("limit")),
        (Some("a b"), Some("3"))
    );
    assert_eq!((list.query("cursor"), list.path()), (None, "/v1/users"));
    assert_eq!(list.header("authorization"), Some("(redacted)"));
    assert_eq!(fake.request_count(), 2);
    // Each call has a token of its own; those of one second are the same.
    assert!((1..=2).contains(&fake.distinct_tokens()));
    let shown = format!("{requests:?}");
    assert!(!shown.contains("a b") && !shown.contains("a/b"), "{shown}");
}
