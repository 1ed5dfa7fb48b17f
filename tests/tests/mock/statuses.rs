//! Statuses that the provider documents, statuses that are only assumed, and others.

use authress_users_client::DOCUMENT;
use authress_users_client::operations::OPERATIONS;
use authress_users_contract::{Exchange, Response, Spec, Validator};
use authress_users_openapi::{operations, resolve};
use http::HeaderMap;
use serde_json::{Value, json};

use super::other_servers::TOKEN;

const ASSUMED: [&str; 6] = ["400", "429", "500", "502", "503", "504"];
/// A list has no page for an unknown cursor.
const ASSUMED_OF_LISTS: [&str; 7] = ["400", "404", "429", "500", "502", "503", "504"];

fn assumed_of(operation: &str) -> &'static [&'static str] {
    match operation {
        "getUsers" => &ASSUMED_OF_LISTS,
        _ => &ASSUMED,
    }
}

/// The rules that a response to a read request breaks, and the coverage of its status.
fn validated(target: &str, status: u16) -> (Vec<(&'static str, bool)>, usize) {
    let mut request = HeaderMap::new();
    request.insert("authorization", format!("Bearer {TOKEN}").parse().unwrap());
    request.insert("accept", "application/links+json".parse().unwrap());
    let exchange = Exchange::new("GET", target)
        .request_headers(request)
        .response(Response::new(status).body("<html>"));
    let mut validator = Validator::new(Spec::bundled());
    let findings = validator.validate(&exchange);
    let rules = findings.iter().map(|own| (own.rule, own.is_error()));
    let part = format!("status {status}");
    let entries = validator.coverage().entries(Spec::bundled());
    let covered = entries
        .iter()
        .filter(|entry| entry.part == part && entry.exchanges > 0);
    (rules.collect(), covered.count())
}

#[test]
fn assumed_statuses_differ_from_documented_and_other_ones() {
    const USERS: &str = "/v1/users";
    assert_eq!(validated(USERS, 418), (vec![("response-status", true)], 0));
    assert_eq!(
        validated(USERS, 429),
        (vec![("response-assumed-status", false)], 1)
    );
    for status in [400, 404, 500, 502, 503, 504] {
        assert_eq!(
            validated(USERS, status),
            (vec![("response-failure", true)], 1),
            "{status}"
        );
    }
    // The server is right.
    let invalid = vec![
        ("request-parameter-valid", true),
        ("response-assumed-status", false),
    ];
    assert_eq!(validated("/v1/users?limit=0", 400), (invalid, 1));
    // A cursor may be too old.
    for status in [400, 404] {
        assert_eq!(
            validated("/v1/users?cursor=old", status),
            (vec![("response-assumed-status", false)], 1)
        );
    }
}

#[test]
fn uncovered_assumed_statuses_are_not_gaps() {
    let validator = Validator::new(Spec::bundled());
    for entry in validator.coverage().entries(Spec::bundled()) {
        let status = entry.part.strip_prefix("status ").unwrap_or_default();
        assert!(!assumed_of(&entry.operation).contains(&status), "{entry:?}");
    }
}

#[test]
fn every_operation_has_the_assumed_responses_with_the_error_schema() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for entry in operations(&document) {
        let responses = entry.value["responses"].as_object().unwrap();
        let mut assumed = Vec::new();
        for (status, response) in responses {
            let (response, _) = resolve(&document, response, "").unwrap();
            if response["x-assumed"] != true {
                continue;
            }
            assumed.push(status.as_str());
            let schema = &response["content"]["application/json"]["schema"];
            assert_eq!(
                schema,
                &json!({ "$ref": "#/components/schemas/ErrorBody" }),
                "{status}"
            );
            let has_header = response["headers"].get("Retry-After").is_some();
            assert_eq!(
                has_header,
                ["429", "503"].contains(&status.as_str()),
                "{status}"
            );
        }
        let expected = assumed_of(&entry.name());
        assert_eq!(assumed, expected, "{}", entry.name());
        let row = OPERATIONS
            .iter()
            .find(|row| row.id == entry.name())
            .unwrap();
        let rows = row.responses.iter().filter(|response| response.assumed);
        let in_table: Vec<_> = rows.map(|response| response.status.to_string()).collect();
        assert_eq!(in_table, expected, "{}", entry.name());
    }
}
