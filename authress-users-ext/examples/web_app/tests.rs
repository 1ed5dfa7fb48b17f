//! Tests of the service without a network: it uses a fake of Authress, and callers use the service, over
//! real HTTP.

#![expect(clippy::unwrap_used, reason = "tests may panic")]

mod app;
mod caller;
mod problem;
#[path = "../shared/mod.rs"]
mod shared;
#[expect(dead_code, reason = "only the program starts the exporter")]
mod telemetry;

use authress_users_contract::{Fault, MockAuthress, Operation, StubResponse};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The service and its fake.
struct Service {
    fake: MockAuthress,
    /// The caller's token.
    token: SecretString,
    url: String,
}

impl Service {
    async fn start() -> Self {
        let fake = MockAuthress::builder()
            .strict()
            .user(json!({ "userId": "auth0|1", "name": "Ada", "secret": "sekrit" }))
            .user("a/b c|2")
            .user("auth0|3")
            .start()
            .await
            .unwrap();
        let app = app::router(app::client(&fake.url()).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await });
        let token = fake.access_token();
        Self { fake, token, url }
    }

    async fn get(&self, path: &str) -> Response {
        self.send(Client::new().get(format!("{}{path}", self.url)))
            .await
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        request
            .bearer_auth(self.token.expose_secret())
            .send()
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn lists_reads_and_deletes_with_the_callers_token() {
    let service = Service::start().await;
    let page: Value = service.get("/users?limit=2").await.json().await.unwrap();
    assert_eq!(page["users"][0]["name"], "Ada");
    let cursor = page["next"].as_str().unwrap();
    let rest = service
        .get(&format!("/users?limit=2&cursor={cursor}"))
        .await;
    let rest: Value = rest.json().await.unwrap();
    assert_eq!(
        (&rest["users"][0]["userId"], &rest["next"]),
        (&json!("auth0|3"), &json!(null))
    );

    let user: Value = service
        .get("/users/a%2Fb%20c%7C2")
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(user["userId"], "a/b c|2");

    let delete = Client::new().delete(format!("{}/users/auth0%7C1", service.url));
    assert_eq!(service.send(delete).await.status(), StatusCode::ACCEPTED);
    assert!(!service.fake.has_user("auth0|1"));
    assert_eq!(
        service.fake.distinct_tokens(),
        1,
        "only the caller's token is used"
    );
    service.fake.assert_no_findings();
}

#[tokio::test]
async fn rejects_callers_without_a_valid_token() {
    let service = Service::start().await;
    let users = format!("{}/users", service.url);
    let expired = service.fake.expired_access_token();
    let key = service.fake.access_key();
    for request in [
        Client::new().get(&users),
        Client::new().get(&users).basic_auth("me", Some("sekrit")),
        Client::new().get(&users).bearer_auth("invalid"),
        Client::new().get(&users).bearer_auth(key.expose_secret()),
        Client::new()
            .get(&users)
            .bearer_auth(expired.expose_secret()),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
    assert_eq!(
        service.fake.request_count(),
        1,
        "only a JWT is sent to Authress"
    );
    assert_eq!(
        Client::new()
            .get(format!("{}/health", service.url))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn error_responses_do_not_show_upstream_responses() {
    let service = Service::start().await;
    service
        .fake
        .fail_next(Operation::GetUser, Fault::status(403).unwrap());
    let body: Value = service.get("/users/x").await.json().await.unwrap();
    assert!(body["errorId"].is_string());
    let body = r#"{"title":"sekrit","errorCode":"X","errorId":"id-1"}"#;
    let response = |status| StubResponse::new(status).unwrap().body(body);
    let wait = |status| response(status).header("retry-after", "3600").unwrap();
    for (upstream, expected, retry_after) in [
        (vec![response(403)], 403, None),
        (vec![response(404)], 404, None),
        (vec![wait(503)], 503, Some("3600")),
        (vec![response(400)], 502, None),
        (vec![response(501)], 502, None),
        (
            vec![response(302).header("location", "http://sekrit").unwrap()],
            502,
            None,
        ),
        (
            vec![StubResponse::new(200).unwrap().body("<html>sekrit")],
            502,
            None,
        ),
        // Last, because it stops the other calls as well.
        (vec![wait(429)], 429, Some("3600")),
    ] {
        for stub in upstream {
            service.fake.respond_next(Operation::GetUser, stub);
        }
        let response = service.get("/users/auth0%7C1").await;
        assert_eq!(response.status().as_u16(), expected);
        let wait = response.headers().get("retry-after").cloned();
        assert_eq!(
            wait.as_ref().map(|wait| wait.to_str().unwrap()),
            retry_after
        );
        let text = response.text().await.unwrap();
        assert!(!text.contains("sekrit"), "{text}");
        let body: Value = serde_json::from_str(&text).unwrap();
        assert!(body["message"].is_string());
    }
}

#[tokio::test]
async fn invalid_requests_are_rejected_with_a_reason() {
    let service = Service::start().await;
    for (path, reason) in [
        ("/users?limit=0", "limit"),
        ("/users?limit=many", "1 to 100"),
        ("/users?page=2", "tenant, filter, cursor and limit"),
        ("/users?tenant=a%20b", "invalid tenant_id"),
        ("/users/a%5Cb", "backslash"),
        ("/users/%FF", "UTF-8"),
    ] {
        let response = service.get(path).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{path}");
        let text = response.text().await.unwrap();
        assert!(text.contains(reason), "{path}: {text}");
    }
    assert_eq!(
        service.get("/nothing").await.status(),
        StatusCode::NOT_FOUND
    );
    assert_eq!(service.fake.request_count(), 0);
}

#[tokio::test]
async fn an_unreachable_server_is_a_bad_gateway() {
    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let service = Service::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/users", listener.local_addr().unwrap());
    let app = app::router(app::client(&format!("http://{free}")).unwrap());
    tokio::spawn(async { axum::serve(listener, app).await });
    let response = service.send(Client::new().get(url)).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
}
