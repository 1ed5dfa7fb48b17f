//! The validation of servers that are not the fake.

use authress_users_contract::{Spec, live};
use serde_json::json;
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(super) const TOKEN: &str = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

#[tokio::test]
async fn violations_of_another_server_are_found_by_their_rules() {
    let server = MockServer::start().await;
    let page =
        json!({ "users": [{ "userId": "a" }], "links": { "self": { "href": "/v1/users" } } });
    let page = ResponseTemplate::new(200).set_body_raw(page.to_string(), "application/links+json");
    Mock::given(method("GET"))
        .and(path("/v1/users"))
        .and(query_param("limit", "100"))
        .respond_with(page)
        .mount(&server)
        .await;
    let user = ResponseTemplate::new(200).set_body_raw("{\"userId\":1}", "application/json");
    Mock::given(method("GET"))
        .and(path("/v1/users/a"))
        .respond_with(user)
        .mount(&server)
        .await;
    let report = live::run(
        Spec::bundled(),
        &server.uri(),
        &TOKEN.to_owned().into(),
        &live::LiveOptions::default(),
    )
    .await
    .unwrap();
    let mut rules: Vec<_> = report.findings.iter().map(|own| own.rule).collect();
    rules.dedup();
    assert!(rules.contains(&"response-media-type"), "{rules:?}");
    // Requests that nothing matches get a 404, which the spec only assumes for lists with a cursor.
    assert!(rules.contains(&"response-failure"), "{rules:?}");
    assert!(rules.contains(&"live-invalid-token"), "{rules:?}");
}
