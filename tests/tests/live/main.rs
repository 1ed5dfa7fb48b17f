//! Validation of running servers, with and without defects.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "tests may panic, and tables may be long"
)]

mod clock;
mod defects;
mod messages;
mod other_defects;
mod proxy;
mod rate_limits;
mod safety;
mod variations;

use std::time::Duration;

use authress_users_contract::live::{LiveError, LiveOptions};
use authress_users_contract::{
    MockAuthress, MockAuthressBuilder, Operation, Report, Spec, StubResponse, User, live,
};
use secrecy::ExposeSecret as _;
use serde_json::json;

/// The number of generated users. Their ids have all kinds but characters beyond ASCII.
const GENERATED: usize = 16;

fn builder() -> MockAuthressBuilder {
    let user = json!({ "userId": "jürgen@example.com", "name": "Jürgen Müller" });
    MockAuthress::builder()
        .strict()
        .users(GENERATED)
        .user(User::try_from(user).unwrap())
        .tenant("acme")
}

/// Returns the options for all probes. The user of `deleted` is deleted.
fn all_flags(server: &MockAuthress, deleted: usize) -> LiveOptions {
    let ids = server.user_ids();
    let options = LiveOptions::default().poll_interval(Duration::ZERO);
    options
        .expired_token(server.expired_access_token())
        .link("acme", &*ids[0])
        .delete(&*ids[deleted])
        .unsafe_probes()
}

async fn validate(server: &MockAuthress, with_writes: bool) -> Report {
    let options = if with_writes {
        all_flags(server, 1)
    } else {
        LiveOptions::default()
    };
    validate_with(server, &options).await
}

async fn validate_with(server: &MockAuthress, options: &LiveOptions) -> Report {
    live::run(
        Spec::bundled(),
        &server.url(),
        &server.access_token(),
        options,
    )
    .await
    .unwrap()
}

fn errors(report: &Report) -> Vec<&'static str> {
    let errors = report.findings.iter().filter(|finding| finding.is_error());
    errors.map(|finding| finding.rule).collect()
}

#[tokio::test]
async fn a_valid_server_passes_and_gets_at_most_100_reads() {
    for users in [GENERATED, 250] {
        let server = builder().users(users).start().await.unwrap();
        let count = server.user_ids().len();
        let report = validate(&server, false).await;
        assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
        assert!(
            (40..=100).contains(&report.exchanges),
            "{}",
            report.exchanges
        );
        assert_eq!(report.exchanges, server.request_count());
        assert_eq!(server.user_ids().len(), count);
        server.ignore_findings();
    }
}

#[tokio::test]
async fn the_report_names_what_was_tried_and_what_flags_would_add() {
    let server = builder().start().await.unwrap();
    let report = validate(&server, false).await;
    let families: Vec<_> = report
        .summary
        .iter()
        .filter_map(|line| line.split_once(':'))
        .map(|(family, _)| family)
        .collect();
    let expected = [
        "lists",
        "identity",
        "access",
        "filter",
        "tenant",
        "unknown resources",
        "encodings",
        "methods",
    ];
    assert_eq!(families, expected);
    assert_eq!(
        report.warnings,
        [
            "not tried: encodings: users with special characters in their ids \
             (no user has an id with a plus sign, a percent sign, another reserved character)",
            "not tried: access: expired tokens (only an access key can sign one)",
            "not tried: --write-tenant and --write-user would add \
             access: linkTenantUser with such tokens; \
             tenant: the tenant's users in small pages; \
             unknown resources: links of an unknown user and of an unknown tenant, \
             links with invalid bodies; \
             effects: a link, twice, the users of the tenant before and after",
            "not tried: --delete-user would add access: deleteUser with such tokens; \
             effects: a deletion, repeated, the other users before and after, \
             that the user leaves the list and does not come back, \
             that the user leaves its tenant",
            "not tried: --unsafe-probes would add methods: undocumented PUT and POST",
        ]
    );
    let text = report.to_text(&|_| None);
    assert!(
        text.contains("tried: methods: HEAD and OPTIONS\n"),
        "{text}"
    );
    for text in [
        report.to_json(&|_| None),
        report.to_markdown(&|_| None),
        report.to_html(&|_| None),
    ] {
        assert!(text.contains("methods: HEAD and OPTIONS"), "{text}");
    }
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
async fn missing_permissions_are_reported_as_gaps() {
    for (denied, id) in [
        (Operation::GetUser, "getUser"),
        (Operation::GetUsers, "getUsers"),
    ] {
        let server = builder().deny(denied).start().await.unwrap();
        let report = validate(&server, false).await;
        assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
        let gap = format!("not tried: a successful {id} (the token gets the status 403)");
        assert!(report.warnings.contains(&gap), "{:?}", report.warnings);
        let reason = "the account has no users";
        assert!(!report.warnings.iter().any(|own| own.contains(reason)));
        server.ignore_findings();
    }
}

#[tokio::test]
async fn probes_that_need_users_are_skipped_without_users() {
    let server = MockAuthress::builder().strict().start().await.unwrap();
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), [""; 0], "{:?}", report.findings);
    let reason = "getUser with such tokens (there is no user to read)";
    assert!(report.warnings.iter().any(|own| own.contains(reason)));
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
async fn invalid_rates_and_expired_tokens_are_rejected_before_anything_is_sent() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    let error = async |options: LiveOptions| {
        live::run(Spec::bundled(), &server.url(), &token, &options)
            .await
            .unwrap_err()
    };
    for rate in [0.0, -0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let error = error(LiveOptions::default().rate(rate)).await;
        assert!(matches!(error, LiveError::Rate(_)), "{rate}: {error}");
    }
    let key = error(LiveOptions::default().expired_token(server.access_key())).await;
    assert!(matches!(key, LiveError::AccessKey), "{key}");
    let line_break = error(LiveOptions::default().expired_token("a.b.c\n".into())).await;
    assert!(matches!(line_break, LiveError::Token), "{line_break}");
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
async fn unusable_urls_and_servers_are_errors() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    for (url, message) in [
        ("no url", "it is not a URL"),
        ("http://example.com", "plain http"),
        ("ftp://example.com", "scheme"),
        (&format!("{}?x=", server.url()), "a query or a fragment"),
        (&format!("{}#", server.url()), "a query or a fragment"),
        (
            "https://user:sekrit@example.com",
            "a user name or a password",
        ),
    ] {
        let error = live::run(Spec::bundled(), url, &token, &LiveOptions::default())
            .await
            .unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert!(!error.to_string().contains("sekrit"), "{error}");
    }
    for key in [server.access_key(), "sc_1.key.acc-1.cut".into()] {
        let error = live::run(
            Spec::bundled(),
            &server.url(),
            &key,
            &LiveOptions::default(),
        )
        .await
        .unwrap_err();
        assert!(matches!(error, LiveError::AccessKey), "{error}");
    }
    assert!(server.requests().is_empty());
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let nowhere = format!("http://{}", socket.local_addr().unwrap());
    let error = live::run(Spec::bundled(), &nowhere, &token, &LiveOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, LiveError::Connect(_)));
}

#[tokio::test]
async fn reports_show_no_token_that_a_server_repeats() {
    let server = builder().start().await.unwrap();
    let token = server.access_token();
    let token = token.expose_secret();
    let expired = "expired-sekrit-of-the-account";
    let cut = &token[..40];
    // The next two requests are the last reads of listed users.
    for _ in 0..4 {
        let rejected = StubResponse::new(401).unwrap();
        server.respond_next(Operation::GetUser, rejected);
    }
    for (given, status) in [
        (format!("text/html; echo={token}"), 200),
        (format!("text/html; echo={expired}"), 200),
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
    let options = LiveOptions::default().expired_token(expired.into());
    let report = validate_with(&server, &options).await;
    let found = errors(&report);
    let media_types = found.iter().filter(|rule| **rule == "response-media-type");
    assert_eq!(media_types.count(), 2);
    for text in [
        report.to_text(&|_| None),
        report.to_json(&|_| None),
        report.to_junit(&|_| None),
    ] {
        let parts = token.split('.').map(|part| &part[..12]);
        for part in parts.chain([expired]) {
            assert!(!text.contains(part), "{text}");
        }
    }
    server.ignore_findings();
}
