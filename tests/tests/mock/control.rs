//! The control of a fake over HTTP, and its page.

use authress_users_contract::MockAuthress;
use http::Method;
use reqwest::Response;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use crate::{HTTP, get, json_of, request};

const USER: &str = "/v1/users/a";

async fn fake() -> MockAuthress {
    let builder = MockAuthress::builder().user("a").tenant("t").control();
    builder.start().await.unwrap()
}

async fn send(fake: &MockAuthress, method: Method, path: &str, body: &Value) -> Response {
    let request = HTTP.request(method, format!("{}/__mock/{path}", fake.url()));
    request.body(body.to_string()).send().await.unwrap()
}

async fn post(fake: &MockAuthress, path: &str, body: Value) {
    let response = send(fake, Method::POST, path, &body).await;
    assert_eq!(response.status(), 204, "{path} {body}");
}

async fn read(fake: &MockAuthress, path: &str) -> Value {
    json_of(send(fake, Method::GET, path, &Value::Null).await).await
}

async fn status(fake: &MockAuthress) -> u16 {
    get(fake, USER).await.status().as_u16()
}

#[tokio::test]
async fn control_is_off_by_default() {
    let fake = MockAuthress::builder().strict().start().await.unwrap();
    for path in ["", "users", "reset", "page.js"] {
        let response = send(&fake, Method::POST, path, &Value::Null).await;
        assert_eq!(response.status(), 404, "{path}");
    }
    assert_eq!(fake.request_count(), 0);
}

#[tokio::test]
async fn users_tenants_and_links_are_added() {
    let fake = fake().await;
    post(
        &fake,
        "users",
        json!({ "users": ["b", { "userId": "c", "name": "Ada" }] }),
    )
    .await;
    post(&fake, "tenants", json!({ "tenantId": "u" })).await;
    post(&fake, "links", json!({ "tenantId": "u", "userId": "c" })).await;
    assert_eq!(fake.user_ids(), ["a", "b", "c"]);
    assert!(fake.is_linked("u", "c"));
    let unknown = json!({ "tenantId": "u", "userId": "z" });
    let response = send(&fake, Method::POST, "links", &unknown).await;
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn faults_limits_denials_and_the_clock_are_set() {
    let fake = fake().await;
    let fault = json!({ "fault": "status", "status": 502, "operation": "getUser", "count": 2 });
    post(&fake, "faults", fault.clone()).await;
    assert_eq!([status(&fake).await, status(&fake).await], [502, 502]);
    assert_eq!(status(&fake).await, 200);
    post(&fake, "faults", fault).await;
    send(&fake, Method::DELETE, "faults", &Value::Null).await;
    assert_eq!(status(&fake).await, 200);

    post(&fake, "faults", json!({ "fault": "status", "seconds": 60 })).await;
    assert_eq!(status(&fake).await, 503);
    post(&fake, "clock", json!({ "seconds": 60 })).await;
    assert_eq!(status(&fake).await, 200);

    let limit = json!({ "requestsPerSecond": 0.001, "burst": 1, "operation": "getUser" });
    post(&fake, "rate-limits", limit).await;
    assert_eq!([status(&fake).await, status(&fake).await], [200, 429]);
    send(&fake, Method::DELETE, "rate-limits", &Value::Null).await;
    assert_eq!(status(&fake).await, 200);

    post(&fake, "denials", json!({ "operation": "getUser" })).await;
    assert_eq!(status(&fake).await, 403);
    send(&fake, Method::DELETE, "denials", &Value::Null).await;
    assert_eq!(status(&fake).await, 200);
}

#[tokio::test]
async fn requests_and_findings_are_read_without_tokens() {
    let fake = fake().await;
    let sent = request(&fake, Method::GET, "/v1/users?limit=0&filter=x")
        .header("cookie", "sekrit")
        .header("x-own", "1");
    assert_eq!(sent.send().await.unwrap().status(), 400);
    let requests = read(&fake, "requests").await;
    let first = &requests["requests"][0];
    assert_eq!(
        (&first["path"], &first["operation"]),
        (&json!("/v1/users"), &json!("getUsers"))
    );
    assert_eq!(first["query"], json!([["limit", "0"], ["filter", "x"]]));
    assert_eq!(first["headers"]["x-own"], "1");
    let text = requests.to_string();
    assert!(!text.contains("eyJ") && !text.contains("sekrit"), "{text}");
    let findings = read(&fake, "findings").await;
    assert_eq!(findings["findings"][0]["rule"], "request-parameter-valid");
    assert!(!findings["coverage"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_reset_restores_the_start() {
    let fake = fake().await;
    post(&fake, "users", json!({ "users": ["b"] })).await;
    post(&fake, "denials", json!({ "operation": "getUser" })).await;
    post(&fake, "clock", json!({ "seconds": 1_000_000 })).await;
    assert_eq!(get(&fake, "/v2").await.status(), 400);
    post(&fake, "reset", Value::Null).await;
    assert_eq!(fake.user_ids(), ["a"]);
    assert_eq!((fake.request_count(), fake.verify().len()), (0, 0));
    assert_eq!(status(&fake).await, 200);
}

#[tokio::test]
async fn a_reset_restores_random_faults() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let fake = MockAuthress::builder()
        .user("a")
        .control()
        .random_faults(1, 1.0)
        .on_exchange(move |exchange| sender.send(exchange.has_fault).unwrap())
        .start()
        .await
        .unwrap();
    // A fault may end the connection.
    let _ = request(&fake, Method::GET, USER).send().await;
    send(&fake, Method::DELETE, "faults", &Value::Null).await;
    assert_eq!(status(&fake).await, 200);
    post(&fake, "reset", Value::Null).await;
    let _ = request(&fake, Method::GET, USER).send().await;
    assert_eq!(receiver.try_iter().collect::<Vec<_>>(), [true, false, true]);
}

#[tokio::test]
async fn invalid_commands_are_explained() {
    let fake = fake().await;
    for (method, path, body, code) in [
        (Method::POST, "users", json!({ "sekrit": 1 }), 400),
        (Method::POST, "users", json!({ "users": [{}] }), 400),
        (
            Method::POST,
            "faults",
            json!({ "fault": "x", "operation": "getUser" }),
            400,
        ),
        (Method::POST, "faults", json!({ "fault": "html" }), 400),
        (
            Method::POST,
            "faults",
            json!({ "fault": "html", "operation": "x" }),
            400,
        ),
        (
            Method::POST,
            "faults",
            json!({ "fault": "html", "operation": "getUser", "status": 503 }),
            400,
        ),
        (
            Method::POST,
            "faults",
            json!({ "fault": "html", "operation": "getUser", "count": 0 }),
            400,
        ),
        (
            Method::POST,
            "faults",
            json!({ "fault": "html", "seconds": 1, "count": 2 }),
            400,
        ),
        (
            Method::POST,
            "faults",
            json!({ "fault": "html", "seconds": 0 }),
            400,
        ),
        (
            Method::POST,
            "rate-limits",
            json!({ "requestsPerSecond": 0 }),
            400,
        ),
        (Method::POST, "clock", json!({ "seconds": -1 }), 400),
        (Method::GET, "clock", Value::Null, 405),
        (Method::GET, "nowhere", Value::Null, 404),
    ] {
        let response = send(&fake, method, path, &body).await;
        assert_eq!(response.status(), code, "{path} {body}");
        let title = json_of(response).await["title"].to_string();
        assert!(title.len() > 10 && !title.contains("sekrit"), "{title}");
    }
}

#[tokio::test]
async fn only_this_machine_may_control_the_fake() {
    let fake = fake().await;
    let port = fake.url().rsplit(':').next().unwrap().to_owned();
    for (name, value, code) in [
        ("host", "fake.test".to_owned(), 403),
        ("origin", "https://app.test".to_owned(), 403),
        ("origin", "null".to_owned(), 403),
        ("origin", "http://127.0.0.1:1".to_owned(), 403),
        ("forwarded", "for=192.0.2.1".to_owned(), 403),
        ("x-forwarded-for", "192.0.2.1".to_owned(), 403),
        ("origin", fake.url(), 204),
        ("host", format!("localhost:{port}"), 204),
    ] {
        let reset = HTTP
            .post(format!("{}/__mock/reset", fake.url()))
            .header(name, &value);
        let response = reset.send().await.unwrap();
        assert_eq!(response.status(), code, "{name}: {value}");
        assert!(
            !response
                .headers()
                .contains_key("access-control-allow-origin")
        );
    }
    let preflight = HTTP
        .request(Method::OPTIONS, format!("{}/__mock/reset", fake.url()))
        .header("origin", "https://app.test")
        .header("access-control-request-method", "POST");
    assert_eq!(preflight.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_page_escapes_what_it_shows_and_shows_no_token() {
    let fake = fake().await;
    let link = request(&fake, Method::PATCH, "/v1/tenants/t/users")
        .header("content-type", "<script>alert(1)</script>")
        .body("{}");
    link.send().await.unwrap();
    let token = fake.access_token();
    let shown = HTTP.get(format!("{}/__mock/", fake.url()));
    let response = shown.send().await.unwrap();
    let policy = response.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';"),
        "{policy}"
    );
    let page = response.text().await.unwrap();
    assert!(
        !page.contains("<script>") && page.contains("&lt;script&gt;"),
        "{page}"
    );
    assert!(
        page.contains("PATCH /v1/tenants/{tenantId}/users"),
        "{page}"
    );
    assert!(page.contains("<h2>Coverage of the spec</h2>"), "{page}");
    // The lines of the spec, as the fake serves it.
    assert!(page.contains("<dt>spec</dt><dd>openapi.json:"), "{page}");
    let secrets = [token.expose_secret(), "eyJ"];
    assert!(
        secrets.iter().all(|secret| !page.contains(secret)),
        "{page}"
    );
    let icon = HTTP.get(format!("{}/favicon.ico", fake.url()));
    assert_eq!(icon.send().await.unwrap().status(), 204);
    assert_eq!(fake.request_count(), 1);
    let without_slash = HTTP.get(format!("{}/__mock", fake.url()));
    assert_eq!(without_slash.send().await.unwrap().status(), 200);
    for path in ["live", "page.js", "page.css"] {
        let response = send(&fake, Method::GET, path, &Value::Null).await;
        assert_eq!(response.status(), 200, "{path}");
    }
    fake.ignore_findings();
}
