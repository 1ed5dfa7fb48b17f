//! Each defect of a server is found by its rule, at its operation, place and exchange, and nothing else
//! is reported.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use authress_users_client::DOCUMENT;
use authress_users_contract::live::LiveOptions;
use authress_users_contract::{Defect, MockAuthress, RULES, ReceivedRequest, Report};
use futures::{StreamExt as _, stream};
use serde_json::Value;

use crate::{all_flags, builder, validate_with};

/// Returns the method, the path without ids, and the names of the parameters of a request.
fn shape(request: &ReceivedRequest) -> String {
    let path: Vec<_> = request.path().split('/').collect();
    let path = match *path {
        ["", "v1", "users", _] => "/v1/users/{userId}",
        ["", "v1", "tenants", _, "users"] => "/v1/tenants/{tenantId}/users",
        _ => request.path(),
    };
    let names: Vec<_> = ["limit", "cursor", "filter", "tenantId"]
        .into_iter()
        .filter(|name| request.query(name).is_some())
        .collect();
    let query = if names.is_empty() { "" } else { "?" };
    format!("{} {path}{query}{}", request.method(), names.join("&"))
}

/// Returns a line for each finding of an error: rule, operation, pointer and request.
fn lines(server: &MockAuthress, report: &Report, defect: Defect) -> BTreeSet<String> {
    let requests = server.requests();
    let is_note = |rule: &str| rule == "response-unknown-member";
    let found = report
        .findings
        .iter()
        // Users of the fake always have undeclared members.
        .filter(|finding| finding.is_error() || is_note(defect.rule()));
    found
        .map(|finding| {
            let operation = finding.operation.as_deref().unwrap_or("-");
            let request = shape(&requests[finding.exchange - 1]);
            format!(
                "{} | {operation} | {} | {request}",
                finding.rule, finding.pointer
            )
        })
        .collect()
}

/// Returns whether reads show the defect.
fn is_shown_by_reads(defect: Defect) -> bool {
    !matches!(
        defect,
        Defect::ResponseBodyUndeclared
            | Defect::DeleteTakesEffect
            | Defect::LinkTakesEffect
            | Defect::RepeatSameResponse
            | Defect::LiveUndocumentedMethod
            | Defect::LiveWriteFailed
            | Defect::MissingTokenOnDeleteAccepted
            | Defect::MissingTokenOnLinkAccepted
            | Defect::AnyTokenOnDeleteAccepted
            | Defect::AnyTokenOnLinkAccepted
            | Defect::LinkLinksAll
            | Defect::LinkReplacesUsers
            | Defect::DeleteRemovesOthers
            | Defect::DeletedUserListed
            | Defect::DeletedUserInTenant
            | Defect::DeletedUserReturns
            | Defect::RepeatedDeleteFails
            | Defect::UnknownDeleteFails
            | Defect::UnknownDeleteRejected
            | Defect::UnknownDeleteSucceeds
            | Defect::UnknownUserLinkFails
            | Defect::UnknownUserLinkRejected
            | Defect::UnknownUserLinkSucceeds
            | Defect::UnknownTenantLinkFails
            | Defect::UnknownTenantLinkRejected
            | Defect::UnknownTenantLinkSucceeds
            | Defect::InvalidBodyFails
            | Defect::InvalidBodySucceeds
            | Defect::PutSucceeds
            | Defect::PostSucceeds
    )
}

async fn found(defect: Defect) -> String {
    let server = builder()
        .link("acme", "auth0|000003")
        .defect(defect)
        .start()
        .await
        .unwrap();
    let options = if is_shown_by_reads(defect) {
        LiveOptions::default().expired_token(server.expired_access_token())
    } else {
        let ids = server.user_ids();
        // Only a linked user can leave the tenant.
        let linked = ids.iter().position(|id| id == "auth0|000003");
        all_flags(&server, linked.unwrap())
    };
    let report = validate_with(&server, &options).await;
    server.ignore_findings();
    let mut table = String::new();
    for line in lines(&server, &report, defect) {
        let _ = writeln!(table, "{} | {line}", defect.name());
    }
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defects_are_found_at_the_places_of_the_table() {
    let tables = stream::iter(Defect::ALL.iter().copied().map(found));
    let tables: Vec<_> = tables.buffered(4).collect().await;
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/live/defects.txt");
    if std::env::var_os("WRITE_DEFECTS").is_some() {
        std::fs::write(path, tables.concat()).unwrap();
    }
    let mut wrong = String::new();
    for (defect, table) in Defect::ALL.iter().zip(&tables) {
        let rules = table.lines().map(|line| line.split(" | ").nth(1));
        if table.is_empty() || !rules.into_iter().all(|rule| rule == Some(defect.rule())) {
            let _ = writeln!(wrong, "{}, {}:\n{table}", defect.name(), defect.rule());
        }
    }
    assert!(wrong.is_empty(), "other findings, or none:\n{wrong}");
    let text = std::fs::read_to_string(path).unwrap();
    for (defect, table) in Defect::ALL.iter().zip(&tables) {
        let start = format!("{} | ", defect.name());
        let lines = text.split_inclusive('\n');
        let expected: String = lines.filter(|line| line.starts_with(&start)).collect();
        let name = defect.name();
        assert_eq!(
            *table, expected,
            "{name}: update defects.txt with WRITE_DEFECTS=1"
        );
    }
    assert_eq!(text, tables.concat());
}

#[test]
fn every_live_rule_has_a_defect() {
    let of_live = RULES.iter().filter(|rule| rule.id.starts_with("live-"));
    // Faults, not defects, cause these.
    let others = [
        "live-no-response",
        "live-unavailable",
        "live-body-size",
        "live-undecided",
    ];
    for rule in of_live.filter(|rule| !others.contains(&rule.id)) {
        let has_defect = Defect::ALL.iter().any(|defect| defect.rule() == rule.id);
        assert!(has_defect, "{}", rule.id);
    }
}

#[test]
fn every_pointer_of_the_table_exists() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for line in include_str!("defects.txt").lines() {
        let pointer = line.split(" | ").nth(3).unwrap();
        assert!(document.pointer(pointer).is_some(), "{line}");
    }
}
