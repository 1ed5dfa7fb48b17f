//! The entries of a recording that belong to the API.

use authress_users_contract::har::{self, HarOptions};
use serde_json::{Value, json};

use crate::recording::{HOST, entry, list, read, rules, set, validate, validate_with};

fn without_token(mut entry: Value) -> Value {
    set(&mut entry["request"], "Authorization", "");
    entry
}

#[test]
fn other_hosts_and_paths_are_counted_and_skipped() {
    let report = validate(&[
        list(),
        without_token(entry(
            "POST",
            "https://other.example/collect",
            500,
            &Value::Null,
        )),
        without_token(entry("GET", "data:image/png,x", 200, &Value::Null)),
        entry("GET", &format!("{HOST}/v1/roles"), 200, &Value::Null),
    ]);
    assert_eq!((report.exchanges, rules(&report).len()), (1, 0));
    assert_eq!(
        report.warnings,
        [
            "2 entries for other hosts or paths: only checked for the API's tokens; set a base URL \
             to select entries",
            "1 entry for paths at the API's host that are not in the spec: skipped; set a base URL \
             to validate them",
        ]
    );
}

#[test]
fn only_entries_under_the_base_url_are_validated() {
    let options = HarOptions::default().base_url("https://gateway.example/users-api/");
    let entry_at = |url: &str| entry("GET", url, 200, &json!({ "userId": "a" }));
    let report = validate_with(
        &[
            entry_at("https://gateway.example/users-api/v1/users/a"),
            entry_at("https://gateway.example:443/users-api/v1/teams"),
            entry_at("https://gateway.example/v1/users/a"),
            without_token(read("a")),
        ],
        &options,
    );
    assert_eq!(report.exchanges, 2);
    assert_eq!(rules(&report), ["request-operation"]);
    assert_eq!(report.findings[0].exchange, 2);
    let outside = "2 entries outside the base URL: only checked for the API's tokens";
    assert_eq!(report.warnings, [outside]);
}

#[test]
fn invalid_base_urls_are_rejected() {
    for url in ["", "acme.api.authress.io", "ftp://a.b"] {
        let options = HarOptions::default().base_url(url);
        let error = har::read(b"{}", &options).unwrap_err();
        assert!(error.to_string().starts_with("invalid base URL"), "{error}");
    }
}

#[test]
fn cors_preflight_requests_are_skipped() {
    let mut preflight = without_token(entry(
        "OPTIONS",
        &format!("{HOST}/v1/users"),
        204,
        &Value::Null,
    ));
    set(
        &mut preflight["request"],
        "access-control-request-method",
        "GET",
    );
    let report = validate(&[preflight, list()]);
    assert_eq!((report.exchanges, rules(&report).len()), (1, 0));
    assert!(report.warnings[0].contains("CORS"), "{:?}", report.warnings);
}

#[test]
fn several_hosts_are_validated_as_one_with_a_warning() {
    let other = entry(
        "GET",
        "https://b.example/v1/users/a",
        200,
        &json!({ "userId": "a" }),
    );
    let report = validate(&[list(), other]);
    assert_eq!((report.exchanges, rules(&report).len()), (2, 0));
    assert!(
        report.warnings[0].contains("at 2 hosts"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn unreadable_entries_are_counted() {
    let mut injection = list();
    injection["request"]["method"] = "GET\"; rm -rf \"".into();
    let mut relative = list();
    relative["request"]["url"] = "/v1/users".into();
    let report = validate(&[
        json!({}),
        json!({ "request": {} }),
        injection,
        relative,
        list(),
    ]);
    assert_eq!((report.exchanges, rules(&report).len()), (1, 0));
    assert_eq!(
        report.warnings,
        ["4 entries without a method or an absolute URL: skipped"]
    );
}
