//! Recordings with removed or redacted tokens.

use serde_json::Value;

use crate::recording::{HOST, entry, list, rules, set, valid_traffic, validate};

const TOKENS_REMOVED: &str = "no request has a readable token, so the recorder removed them: rules \
                              for tokens were skipped";

fn with_tokens(token: &str) -> Vec<Value> {
    let mut entries = valid_traffic();
    for entry in &mut entries {
        set(&mut entry["request"], "Authorization", token);
    }
    entries
}

#[test]
fn recordings_without_tokens_are_validated() {
    let report = validate(&with_tokens(""));
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(report.warnings, [TOKENS_REMOVED]);
}

#[test]
fn redacted_tokens_are_not_tokens() {
    for token in [
        "***",
        "Bearer ***",
        "REDACTED",
        "Bearer [REDACTED]",
        "Bearer <token>",
    ] {
        let mut entries = with_tokens(token);
        // Equal placeholders at another host are not the same token.
        let mut other = entry("GET", "https://other.example/", 200, &Value::Null);
        set(&mut other["request"], "Authorization", token);
        entries.push(other);
        let report = validate(&entries);
        assert_eq!(rules(&report), [""; 0], "{token}");
        assert_eq!(report.warnings[0], TOKENS_REMOVED);
    }
}

#[test]
fn missing_tokens_are_findings_and_redacted_ones_are_not() {
    let mut without = list();
    set(&mut without["request"], "Authorization", "");
    let mut redacted = list();
    set(&mut redacted["request"], "authorization", "Bearer REDACTED");
    let report = validate(&[list(), without, redacted]);
    assert_eq!(rules(&report), ["request-token"]);
    assert_eq!(report.findings[0].exchange, 2);
    let warning = "1 request with a redacted token: rules for tokens were skipped";
    assert_eq!(report.warnings, [warning]);
}

#[test]
fn commands_include_a_token_if_it_was_redacted() {
    let mut entry = entry(
        "GET",
        &format!("{HOST}/v1/users?limit=0"),
        200,
        &Value::Null,
    );
    set(&mut entry["request"], "Authorization", "***");
    let report = validate(&[entry]);
    let line = &report.findings[0].reproduce;
    assert!(line.contains("Bearer $AUTHRESS_ACCESS_TOKEN"), "{line}");
}

#[test]
fn api_tokens_are_found_only_at_other_hosts() {
    let other = |url: &str| entry("GET", url, 200, &Value::Null);
    let report = validate(&[list(), other("https://other.example/v2/things")]);
    assert_eq!(rules(&report), ["token-host"]);
    assert_eq!(report.findings[0].exchange, 2);
    let report = validate(&[other(&format!("{HOST}/v1/roles")), list()]);
    assert_eq!(rules(&report), [""; 0]);
}
