//! The fake as seen by plain HTTP requests.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::assigning_clones,
    clippy::format_push_string,
    reason = "tests may panic, and tables may be long"
)]

mod addresses;
mod browsers;
mod control;
mod defects;
mod examples;
mod faults;
mod findings;
mod other_servers;
mod rate_limits;
mod records;
mod statuses;

use std::sync::LazyLock;
use std::time::Duration;

use authress_users_contract::{InvalidInput, MockAuthress, Operation, StartError, StubResponse};
use http::Method;
use reqwest::{Client, RequestBuilder, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

/// Keeps no connections, since they would end with the runtime of the test that opened them.
static HTTP: LazyLock<Client> = LazyLock::new(|| {
    let client = Client::builder().pool_max_idle_per_host(0);
    client.build().unwrap()
});
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
    HTTP.request(method, format!("{}{path}", fake.url()))
        .bearer_auth(token.expose_secret())
        .header("accept", format!("{LINKS_JSON}, application/json"))
}

fn request(fake: &MockAuthress, method: Method, path: &str) -> RequestBuilder {
    request_as(fake, &fake.access_token(), method, path)
}

async fn get(fake: &MockAuthress, path: &str) -> Response {
    request(fake, Method::GET, path).send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn ids(page: &Value) -> Vec<String> {
    let users = page["users"].as_array().unwrap();
    users
        .iter()
        .map(|user| user["userId"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn pages_are_linked_by_cursors_and_urls() {
    let fake = fake(25).await;
    let mut path = "/v1/users?limit=10".to_owned();
    let mut seen = Vec::new();
    let mut sizes = Vec::new();
    loop {
        let response = get(&fake, &path).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], LINKS_JSON);
        let page = json_of(response).await;
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
async fn filter_matches_all_string_members_case_insensitively() {
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
async fn users_are_linked_listed_and_deleted() {
    let fake = fake(3).await;
    let id = fake.user_ids().remove(1);
    let path = format!("/v1/users/{}", id.replace('|', "%7C"));
    let response = request(&fake, Method::PATCH, "/v1/tenants/acme/users")
        .header("content-type", "application/json")
        .body(json!({ "userId": id }).to_string())
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 204);
    assert_eq!(
        ids(&json_of(get(&fake, "/v1/users?tenantId=acme").await).await),
        [&*id]
    );
    assert_eq!(json_of(get(&fake, &path).await).await["userId"], id);

    let response = request(&fake, Method::DELETE, &path).send().await.unwrap();
    assert_eq!(response.status(), 202);
    assert!(response.bytes().await.unwrap().is_empty());
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
async fn errors_have_the_documented_body_and_a_unique_id() {
    let fake = fake(1).await;
    let mut error_ids = Vec::new();
    let mut expect = async |response: Response, status: u16| {
        assert_eq!(response.status(), status);
        assert_eq!(response.headers()["content-type"], LINKS_JSON);
        let body = json_of(response).await;
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
async fn only_current_tokens_of_its_own_key_are_accepted() {
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
    let without = HTTP
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
        "a token that is not a JWT, and no token"
    );
}

#[tokio::test]
async fn tokens_expire_at_the_end_of_the_clock() {
    let fake = fake(1).await;
    fake.advance_clock(Duration::MAX);
    assert_eq!(get(&fake, "/v1/users").await.status(), 401);
    fake.assert_no_findings();
}

#[tokio::test]
async fn invalid_settings_are_rejected_at_the_start() {
    let nameless = MockAuthress::builder().user(json!({ "name": "Ada" }));
    let unlikely = MockAuthress::builder().random_faults(1, 1.5);
    let unlinked = MockAuthress::builder().user("a").link("acme", "a");
    let relative = MockAuthress::builder().public_url("api.test");
    let fragment = MockAuthress::builder().public_url("https://api.test/#a");
    let legacy = MockAuthress::builder().access_key("e30=");
    for (builder, expected) in [
        (nameless, InvalidInput::User),
        (unlikely, InvalidInput::FaultShare),
        (unlinked, InvalidInput::Link),
        (relative, InvalidInput::PublicUrl),
        (fragment, InvalidInput::PublicUrl),
        (legacy, InvalidInput::AccessKey),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(
            matches!(error, StartError::Settings(reason) if reason == expected),
            "{error:?}"
        );
    }
    let fake = fake(0).await;
    assert_eq!(fake.add_user(json!({})), Err(InvalidInput::User));
    assert_eq!(fake.fail_always(99), Err(InvalidInput::Status(99)));
}

#[tokio::test]
async fn stub_responses_are_sent_in_order_before_real_ones() {
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
