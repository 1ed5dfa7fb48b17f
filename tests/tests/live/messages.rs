//! Messages name the cause and its place, and commands reproduce what was found.

use std::process::Command;

use authress_users_contract::live::LiveOptions;
use authress_users_contract::{
    Defect, Fault, Finding, MockAuthress, Operation, Report, StubResponse,
};

use crate::{builder, errors, validate};

const LINKS_JSON: &str = "application/links+json";

fn response(body: &str) -> StubResponse {
    let response = StubResponse::new(200).unwrap().body(body);
    response.header("content-type", LINKS_JSON).unwrap()
}

/// Returns the report about a server that responds to the first list with `body`.
async fn with_list(body: &str) -> Report {
    let server = builder().start().await.unwrap();
    server.respond_next(Operation::GetUsers, response(body));
    let report = validate(&server, false).await;
    server.ignore_findings();
    report
}

fn first_of<'a>(report: &'a Report, rule: &str) -> &'a Finding {
    let found = report.findings.iter().find(|finding| finding.rule == rule);
    found.unwrap_or_else(|| panic!("{rule} in {:?}", report.findings))
}

#[tokio::test]
async fn wrong_types_are_reported_at_their_own_place() {
    for (body, expected) in [
        (
            r#"{"users":[],"pagination":7}"#,
            "the type object at /pagination",
        ),
        (
            r#"{"users":[],"pagination":{"next":"x"}}"#,
            "the type object at /pagination/next",
        ),
        (
            r#"{"users":[],"pagination":{"next":{"cursor":7}}}"#,
            "the type null or string at /pagination/next/cursor",
        ),
        (
            r#"{"users":[],"links":{"next":{"href":7}}}"#,
            "the type string at /links/next/href",
        ),
        (
            r#"{"users":[],"links":{"self":{}}}"#,
            "the member \"href\" at /links/self",
        ),
    ] {
        let report = with_list(body).await;
        let expectations: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.is_error())
            .map(|finding| (finding.rule, finding.expected.as_str()))
            .collect();
        assert_eq!(expectations, [("response-body-valid", expected)], "{body}");
    }
}

#[tokio::test]
async fn parser_limits_are_not_syntax_errors() {
    let deep = format!("{}1{}", r#"{"x":"#.repeat(200), "}".repeat(200));
    for (body, actual) in [
        (r#"{"users":[],"x":1e400}"#, "another number at line 1"),
        (deep.as_str(), "deeper nesting at line 1"),
    ] {
        let report = with_list(body).await;
        assert_eq!(errors(&report), ["response-json-range"]);
        let finding = first_of(&report, "response-json-range");
        assert!(finding.actual.starts_with(actual), "{finding}");
    }
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_reported() {
    let server = builder().start().await.unwrap();
    let fault = Fault::ClaimedLength(17 * 1024 * 1024);
    server.fail_next(Operation::GetUsers, fault);
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), ["live-body-size"]);
    server.ignore_findings();
}

#[tokio::test]
async fn unrequested_gzip_is_reported() {
    let server = builder().start().await.unwrap();
    server.fail_next(Operation::GetUser, Fault::Gzip);
    let report = validate(&server, false).await;
    assert!(errors(&report).contains(&"live-content-encoding"));
    let finding = first_of(&report, "live-content-encoding");
    assert_eq!(finding.actual, "Content-Encoding: gzip, with gzip bytes");
    assert!(finding.reproduce.contains("accept-encoding: identity"));
    server.ignore_findings();
}

#[tokio::test]
async fn undeclared_members_are_named() {
    let report =
        with_list(r#"{"users":[{"userId":"1","lastLogin":1,"nickname":2,"a|1":3}]}"#).await;
    let mut named: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.exchange == 1)
        .map(|finding| finding.actual.as_str())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "an undeclared member",
            "the undeclared member lastLogin",
            "the undeclared member nickname"
        ]
    );
}

#[tokio::test]
async fn broken_connections_have_a_cause_and_numbers_of_their_own() {
    let server = builder().start().await.unwrap();
    // Two tokens are rejected before the faults.
    server.fail_next(Operation::GetUser, Fault::Delay(std::time::Duration::ZERO));
    for fault in [Fault::ResetBeforeHeaders, Fault::CutBody] {
        server.fail_next(Operation::GetUser, fault);
    }
    let report = validate(&server, false).await;
    assert_eq!(errors(&report), ["live-no-response"; 2]);
    let broken: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.is_error())
        .collect();
    for finding in &broken {
        let cause = finding.actual.strip_prefix("none: ").unwrap();
        assert!(cause.len() > 8, "{cause}");
        assert_eq!(finding.operation.as_deref(), Some("getUser"));
        let accept = format!("-H 'accept: {LINKS_JSON}'");
        assert!(finding.reproduce.contains(&accept), "{finding:?}");
    }
    assert_eq!(broken[0].exchange + 1, broken[1].exchange);
    server.ignore_findings();
}

/// Returns the arguments that a shell passes to curl.
fn arguments(command: &str) -> Vec<String> {
    let script = format!("curl() {{ printf '%s\\n' \"$@\"; }}; {command}");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env("AUTHRESS_API_URL", "http://127.0.0.1:1")
        .env("AUTHRESS_ACCESS_TOKEN", "head.payload.signature")
        .env("EXPIRED_TOKEN", "expired")
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

async fn report_of(defect: Defect) -> (MockAuthress, Report) {
    let server = builder().defect(defect).start().await.unwrap();
    let options = LiveOptions::default().expired_token(server.expired_access_token());
    let report = crate::validate_with(&server, &options).await;
    server.ignore_findings();
    (server, report)
}

#[cfg(unix)]
#[tokio::test]
async fn commands_send_the_credential_of_the_probe() {
    let signature = "authorization: Bearer head.payload.Wlpa";
    let unsigned = "authorization: Bearer eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.payload.";
    for (defect, expected) in [
        (Defect::MissingTokenAccepted, None),
        (Defect::ChangedSignatureAccepted, Some(signature)),
        (Defect::UnsignedTokenAccepted, Some(unsigned)),
        (
            Defect::ExpiredTokenAccepted,
            Some("authorization: Bearer expired"),
        ),
        (
            Defect::BasicCredentialAccepted,
            Some("authorization: Basic head.payload.signature"),
        ),
    ] {
        let (_server, report) = report_of(defect).await;
        let found = first_of(&report, "live-invalid-token");
        let arguments = arguments(&found.reproduce);
        let header = arguments
            .iter()
            .find(|own| own.starts_with("authorization"));
        match (header, expected) {
            (Some(header), Some(expected)) => assert!(header.starts_with(expected), "{header}"),
            (header, expected) => assert_eq!(header.map(String::as_str), expected),
        }
        assert!(arguments.contains(&"accept: application/links+json".to_owned()));
        assert!(arguments.contains(&"http://127.0.0.1:1/v1/users?limit=1".to_owned()));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn commands_show_values_that_the_tool_chose() {
    for (defect, rule, expected) in [
        (
            Defect::LiveBadLimit,
            "live-bad-limit",
            ["-X", "GET", "http://127.0.0.1:1/v1/users?limit=0"],
        ),
        (
            Defect::HeadFails,
            "live-safe-method",
            ["--head", "http://127.0.0.1:1/v1/users", "-H"],
        ),
    ] {
        let (_server, report) = report_of(defect).await;
        let arguments = arguments(&first_of(&report, rule).reproduce);
        assert_eq!(arguments[..3], expected);
    }
}
