//! Recorders take tokens out, or put something else in their place.

use serde_json::Value;

use crate::recording::{HOST, conforming, entry, list, rules, set, validate};

const STRIPPED: &str = "no request has a token that can be read, so the recorder has taken them \
                        out: nothing was judged that has to do with tokens";

fn with_tokens(token: &str) -> Vec<Value> {
    let mut entries = conforming();
    for entry in &mut entries {
        set(&mut entry["request"], "Authorization", token);
    }
    entries
}

#[test]
fn a_recording_without_any_token_was_stripped_of_them() {
    let report = validate(&with_tokens(""));
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(report.warnings, [STRIPPED]);
}

#[test]
fn a_token_that_somebody_has_made_unreadable_is_no_token() {
    for token in [
        "***",
        "Bearer ***",
        "REDACTED",
        "Bearer [REDACTED]",
        "Bearer <token>",
    ] {
        let mut entries = with_tokens(token);
        // The same word at another host is not the same token.
        let mut other = entry("GET", "https://other.example/", 200, &Value::Null);
        set(&mut other["request"], "Authorization", token);
        entries.push(other);
        let report = validate(&entries);
        assert_eq!(rules(&report), [""; 0], "{token}");
        assert_eq!(report.warnings[0], STRIPPED);
    }
}

#[test]
fn one_request_without_a_token_among_others_is_a_finding_and_a_hidden_one_is_none() {
    let mut without = list();
    set(&mut without["request"], "Authorization", "");
    let mut hidden = list();
    set(&mut hidden["request"], "authorization", "Bearer REDACTED");
    let report = validate(&[list(), without, hidden]);
    assert_eq!(rules(&report), ["request-token"]);
    assert_eq!(report.findings[0].exchange, 2);
    let hidden = "1 request whose token the recorder has made unreadable, not judged for it";
    assert_eq!(report.warnings, [hidden]);
}

#[test]
fn a_request_without_its_token_is_repeated_with_one() {
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
fn a_token_of_the_api_at_another_host_is_found_and_at_its_own_host_is_not() {
    let elsewhere = |url: &str| entry("GET", url, 200, &Value::Null);
    let report = validate(&[list(), elsewhere("https://other.example/v2/things")]);
    assert_eq!(rules(&report), ["token-host"]);
    assert_eq!(report.findings[0].exchange, 2);
    let report = validate(&[elsewhere(&format!("{HOST}/v1/roles")), list()]);
    assert_eq!(rules(&report), [""; 0]);
}
