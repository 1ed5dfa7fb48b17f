//! Requests of browser pages, and requests that the API does not have.

use http::Method;
use reqwest::Response;

use crate::{HTTP, fake, get, json_of, request};

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers()[name].to_str().unwrap()
}

#[tokio::test]
async fn preflights_are_allowed_and_cause_no_finding() {
    let fake = fake(1).await;
    for (method, path) in [("GET", "/v1/users"), ("PUT", "/v1/nowhere")] {
        let preflight = HTTP
            .request(Method::OPTIONS, format!("{}{path}", fake.url()))
            .header("origin", "https://app.test")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "authorization,x-own");
        let response = preflight.send().await.unwrap();
        assert_eq!(response.status(), 204);
        assert_eq!(
            header(&response, "access-control-allow-origin"),
            "https://app.test"
        );
        assert_eq!(header(&response, "access-control-allow-methods"), method);
        assert_eq!(
            header(&response, "access-control-allow-headers"),
            "authorization,x-own"
        );
    }
    assert_eq!((fake.request_count(), fake.verify().len()), (0, 0));
}

#[tokio::test]
async fn pages_of_other_origins_may_read_every_response() {
    let fake = fake(1).await;
    let response = get(&fake, "/v1/users").await;
    assert_eq!(header(&response, "access-control-allow-origin"), "*");
    for path in ["/v1/users", "/v1/users/nobody"] {
        let response = request(&fake, Method::GET, path)
            .header("origin", "null")
            .send()
            .await
            .unwrap();
        assert_eq!(header(&response, "access-control-allow-origin"), "null");
        assert_eq!(header(&response, "vary"), "origin");
        let exposed = header(&response, "access-control-expose-headers");
        assert!(exposed.contains("content-type"), "{exposed}");
    }
    fake.assert_no_findings();
}

#[tokio::test]
async fn unknown_paths_and_methods_are_explained() {
    let fake = fake(1).await;
    let response = get(&fake, "/api/v1/users").await;
    assert_eq!(response.status(), 400);
    assert_eq!(header(&response, "x-authress-fake"), "no-such-operation");
    let body = json_of(response).await;
    assert_eq!(body["errorCode"], "NoSuchOperation");
    let title = body["title"].as_str().unwrap();
    assert!(title.contains("/v1/users/{userId}"), "{title}");
    for (method, path, allow) in [
        (Method::HEAD, "/v1/users", "GET"),
        (Method::OPTIONS, "/v1/users/a", "GET, DELETE"),
        (Method::TRACE, "/v1/tenants/a/users", "PATCH"),
        (Method::from_bytes(b"QUERY").unwrap(), "/v1/users", "GET"),
    ] {
        let response = request(&fake, method, path).send().await.unwrap();
        assert_eq!(response.status(), 405);
        assert_eq!(header(&response, "allow"), allow);
    }
    let rules: Vec<_> = fake.verify().iter().map(|own| own.rule).collect();
    assert_eq!(rules, ["request-operation"; 5]);
}
