//! What of a recording belongs to the API.

use authress_users_contract::har::{self, HarOptions};
use serde_json::{Value, json};

use crate::recording::{HOST, entry, list, read, rules, set, validate, validate_with};

fn without_token(mut entry: Value) -> Value {
    set(&mut entry["request"], "Authorization", "");
    entry
}

#[test]
fn other_hosts_and_paths_are_counted_and_not_judged() {
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
            "2 entries for other hosts or paths, not judged but for the API's tokens; a base URL \
             says which belong",
            "1 entry for paths at the API's host that the document does not have, not judged; \
             with a base URL they are",
        ]
    );
}

#[test]
fn a_base_url_has_all_behind_it_judged_and_nothing_else() {
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
    let outside = "2 entries outside of the base URL, not judged but for the API's tokens";
    assert_eq!(report.warnings, [outside]);
}

#[test]
fn a_base_url_that_is_none_is_refused() {
    for url in ["", "acme.api.authress.io", "ftp://a.b"] {
        let options = HarOptions::default().base_url(url);
        let error = har::read(b"{}", &options).unwrap_err();
        assert!(error.to_string().starts_with("the base URL"), "{error}");
    }
}

#[test]
fn what_a_browser_asks_by_itself_is_not_judged() {
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
fn several_hosts_are_judged_as_one_and_that_is_said() {
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
fn entries_that_can_not_be_read_are_counted() {
    let mut sly = list();
    sly["request"]["method"] = "GET\"; rm -rf \"".into();
    let mut relative = list();
    relative["request"]["url"] = "/v1/users".into();
    let report = validate(&[json!({}), json!({ "request": {} }), sly, relative, list()]);
    assert_eq!((report.exchanges, rules(&report).len()), (1, 0));
    assert_eq!(
        report.warnings,
        ["4 entries without a method or an absolute URL, not judged"]
    );
}
