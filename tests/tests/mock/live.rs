//! A running server held against the document, and servers with a defect each.

use std::time::Duration;

use authress_users_contract::{DEFECTS, MockAuthress, MockAuthressBuilder, RULES, Spec, live};
use http::Method;

use crate::request;

const USERS: usize = 7;

fn builder() -> MockAuthressBuilder {
    MockAuthress::builder().users(USERS).tenant("acme")
}

async fn visit(server: &MockAuthress, with_writes: bool) -> live::Outcome {
    let mut options = live::Options::default();
    options.pause = Duration::ZERO;
    if with_writes {
        let ids = server.user_ids();
        options.link = Some(("acme".to_owned(), ids[0].clone()));
        options.delete = Some(ids[1].clone());
    }
    live::run(
        Spec::of_project(),
        &server.url(),
        &server.access_token(),
        &options,
    )
    .await
    .unwrap()
}

fn errors(outcome: &live::Outcome) -> Vec<&'static str> {
    let errors = outcome.findings.iter().filter(|finding| finding.is_error());
    errors.map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn a_server_that_follows_the_document_passes_and_is_only_read() {
    let server = builder().start().await.unwrap();
    let outcome = visit(&server, false).await;
    assert_eq!(errors(&outcome), [""; 0], "{:?}", outcome.findings);
    assert!(outcome.exchanges > 10 && outcome.remarks.is_empty());
    assert_eq!(server.user_ids().len(), USERS);
    let requests = server.requests();
    // The one that is no GET is of a method that does nothing.
    assert!(
        requests
            .iter()
            .all(|request| matches!(request.method(), "GET" | "PUT"))
    );
    server.ignore_findings();
}

#[tokio::test]
async fn with_permission_it_links_and_deletes_exactly_what_was_named() {
    let server = builder().start().await.unwrap();
    let ids = server.user_ids();
    let outcome = visit(&server, true).await;
    assert_eq!(errors(&outcome), [""; 0], "{:?}", outcome.findings);
    assert!(server.is_linked("acme", &ids[0]));
    assert_eq!(server.user_ids(), [&ids[..1], &ids[2..]].concat());
    server.ignore_findings();
}

#[tokio::test]
async fn an_empty_account_is_worth_a_remark() {
    let server = MockAuthress::builder().start().await.unwrap();
    let outcome = visit(&server, false).await;
    assert_eq!(errors(&outcome), [""; 0], "{:?}", outcome.findings);
    assert_eq!(outcome.remarks.len(), 1);
    server.ignore_findings();
}

#[tokio::test]
async fn every_defect_of_a_server_is_named_and_nothing_else() {
    for rule in DEFECTS {
        let server = builder().defect(rule).start().await.unwrap();
        // Where everybody exists, nobody can be deleted.
        let outcome = visit(&server, *rule != "live-missing-user").await;
        // Users of the fake have members of their own, so there are notes about that in any case.
        let (note, mut found) = ("response-unknown-member", errors(&outcome));
        if *rule == note {
            found.extend(outcome.findings.iter().map(|finding| finding.rule));
        }
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, [*rule]);
        server.ignore_findings();
    }
}

#[test]
fn every_rule_of_live_checks_has_a_defect() {
    let of_live = RULES.iter().filter(|rule| rule.id.starts_with("live-"));
    for rule in of_live.filter(|rule| rule.id != "live-no-answer") {
        assert!(DEFECTS.contains(&rule.id), "{}", rule.id);
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_a_finding() {
    let server = builder().start().await.unwrap();
    for _ in 0..3 {
        // The first request finds out whether there is a server at all.
        server.fail_next(
            "getUser",
            authress_users_contract::Fault::ResetBeforeHeaders,
        );
    }
    let outcome = visit(&server, false).await;
    assert_eq!(errors(&outcome), ["live-no-answer"; 3]);
    server.ignore_findings();
}

#[tokio::test]
async fn what_can_t_be_visited_is_told() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    for (url, told) in [
        ("no url", "it is not a URL"),
        ("http://example.com", "plain http"),
        ("ftp://example.com", "scheme"),
    ] {
        let error = live::run(Spec::of_project(), url, &token, &live::Options::default())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = format!("http://{}", socket.local_addr().unwrap());
    let error = live::run(
        Spec::of_project(),
        &nowhere,
        &token,
        &live::Options::default(),
    )
    .await
    .unwrap_err();
    assert!(matches!(error, live::LiveError::NoServer(_)));
    assert_eq!(
        request(&server, Method::GET, "/v1/users")
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}
