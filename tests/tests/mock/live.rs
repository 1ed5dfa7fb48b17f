//! Validation of running servers, with and without defects.

use std::time::Duration;

use authress_users_contract::live::{LiveError, LiveOptions};
use authress_users_contract::{
    Defect, MockAuthress, MockAuthressBuilder, Operation, RULES, Report, Spec, StubResponse, live,
};
use http::Method;
use secrecy::ExposeSecret as _;

use crate::request;

const USERS: usize = 7;

fn builder() -> MockAuthressBuilder {
    MockAuthress::builder().strict().users(USERS).tenant("acme")
}

async fn validate(server: &MockAuthress, with_writes: bool) -> Report {
    let mut options = LiveOptions::default().poll_interval(Duration::ZERO);
    if with_writes {
        let ids = server.user_ids();
        options = options
            .link("acme", &*ids[0])
            .delete(&*ids[1])
            .unsafe_probes();
    }
    live::run(
        Spec::bundled(),
        &server.url(),
        &server.access_token(),
        &options,
    )
    .await
    .unwrap()
}

fn errors(report: &Report) -> Vec<&'static str> {
    let errors = report.findings.iter().filter(|finding| finding.is_error());
    errors.map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn a_valid_server_passes_and_is_only_read() {
    let server = builder().start().await.unwrap();
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    assert!(report.exchanges > 10);
    assert_eq!(
        report.warnings,
        ["undocumented methods were skipped: they need --unsafe-probes"]
    );
    assert_eq!(server.user_ids().len(), USERS);
    let requests = server.requests();
    assert!(requests.iter().all(|request| request.method() == "GET"));
    server.ignore_findings();
}

#[tokio::test]
async fn only_the_allowed_users_are_linked_and_deleted() {
    let server = builder().start().await.unwrap();
    let ids = server.user_ids();
    let report = validate(&server, true).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    assert!(server.is_linked("acme", &ids[0]));
    assert_eq!(server.user_ids(), [&ids[..1], &ids[2..]].concat());
    server.ignore_findings();
}

#[tokio::test]
async fn an_empty_account_is_a_warning() {
    let server = MockAuthress::builder().strict().start().await.unwrap();
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    assert_eq!(report.warnings.len(), 2);
    server.ignore_findings();
}

#[tokio::test]
async fn invalid_ids_are_rejected_before_anything_is_sent() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    let invalid = [
        "",
        ".",
        "..",
        "a/../b",
        "..;x",
        "a\\b",
        "auth0|1\u{200b}",
        "\"auth0|1\"",
    ];
    let deletes = invalid.map(|id| LiveOptions::default().delete(id));
    let links = ["", ".."].map(|id| LiveOptions::default().link(id, "auth0|1"));
    let users = ["", ".."].map(|id| LiveOptions::default().link("acme", id));
    for options in deletes.into_iter().chain(links).chain(users) {
        let error = live::run(Spec::bundled(), &server.url(), &token, &options)
            .await
            .unwrap_err();
        assert!(matches!(error, LiveError::Id { .. }), "{error}");
    }
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_rejected_token_is_an_error() {
    let server = builder().start().await.unwrap();
    let token = "a.b.c".to_owned().into();
    let options = LiveOptions::default();
    let error = live::run(Spec::bundled(), &server.url(), &token, &options)
        .await
        .unwrap_err();
    assert!(matches!(error, LiveError::TokenRejected), "{error}");
    assert_eq!(server.requests().len(), 1);
    server.ignore_findings();
}

#[tokio::test]
async fn every_defect_of_a_server_is_found_by_its_rule_only() {
    for defect in Defect::ALL {
        let server = builder().defect(*defect).start().await.unwrap();
        // A server that returns every user cannot delete one.
        let report = validate(&server, *defect != Defect::LiveMissingUser).await;
        // Users of the fake always have undeclared members.
        let (note, mut found) = ("response-unknown-member", errors(&report));
        if defect.rule() == note {
            found.extend(report.findings.iter().map(|finding| finding.rule));
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, [defect.rule()]);
        server.ignore_findings();
    }
}

#[test]
fn every_live_rule_has_a_defect() {
    let of_live = RULES.iter().filter(|rule| rule.id.starts_with("live-"));
    for rule in of_live.filter(|rule| rule.id != "live-no-response") {
        let has_defect = Defect::ALL.iter().any(|defect| defect.rule() == rule.id);
        assert!(has_defect, "{}", rule.id);
    }
}

#[tokio::test]
async fn a_missing_response_is_a_finding() {
    let server = builder().start().await.unwrap();
    for _ in 0..3 {
        // The first request, a list, only checks the connection.
        server.fail_next(
            Operation::GetUser,
            authress_users_contract::Fault::ResetBeforeHeaders,
        );
    }
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), ["live-no-response"; 3]);
    server.ignore_findings();
}

#[tokio::test]
async fn unusable_urls_and_servers_are_errors() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    for (url, message) in [
        ("no url", "it is not a URL"),
        ("http://example.com", "plain http"),
        ("ftp://example.com", "scheme"),
    ] {
        let error = live::run(Spec::bundled(), url, &token, &LiveOptions::default())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = format!("http://{}", socket.local_addr().unwrap());
    let error = live::run(Spec::bundled(), &nowhere, &token, &LiveOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, LiveError::Connect(_)));
    assert_eq!(
        request(&server, Method::GET, "/v1/users")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn reports_show_no_token_that_a_server_repeats() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    let token = token.expose_secret();
    let cut = &token[..40];
    for (given, status) in [
        (format!("text/html; echo={token}"), 200),
        (format!("text/{cut}"), 404),
        (format!("Bearer {token}"), 200),
    ] {
        let response = StubResponse::new(status)
            .unwrap()
            .header("content-type", &given)
            .unwrap()
            .body("{}");
        server.respond_next(Operation::GetUser, response);
    }
    let report = validate(&server, false).await;
    assert!(errors(&report).contains(&"response-media-type"));
    for text in [
        report.to_text(&|_| None),
        report.to_json(&|_| None),
        report.to_junit(&|_| None),
    ] {
        let parts = token.split('.').map(|part| &part[..12]);
        for part in parts {
            assert!(!text.contains(part), "{text}");
        }
    }
    server.ignore_findings();
}
