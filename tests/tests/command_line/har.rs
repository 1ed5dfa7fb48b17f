//! `har`: reports and exit codes.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run;

const TOKEN: &str = "Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

/// Returns a recording of a list with this limit that returned this user.
fn recording(limit: usize, user: &Value) -> Vec<u8> {
    let url = format!("https://acme.api.authress.io/v1/users?limit={limit}");
    let media = "application/links+json";
    let text = json!({ "users": [user], "links": { "self": { "href": url } } }).to_string();
    json!({ "log": { "entries": [{
        "request": { "method": "GET", "url": url, "headers": [
            { "name": "Accept", "value": media },
            { "name": "Authorization", "value": TOKEN },
        ] },
        "response": { "status": 200, "headers": [{ "name": "Content-Type", "value": media }],
            "content": { "text": text } },
    }] } })
    .to_string()
    .into_bytes()
}

fn valid() -> Vec<u8> {
    recording(5, &json!({ "userId": "a" }))
}

fn invalid() -> Vec<u8> {
    recording(0, &json!({ "userId": "a" }))
}

/// Returns a recording of a request that was aborted, and of one that was not if `and` is given.
fn aborted(limit: usize, and: &[u8]) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(&recording(limit, &json!({}))).unwrap();
    file["log"]["entries"][0]["response"] = json!({ "status": 0, "headers": [], "bodySize": -1 });
    if !and.is_empty() {
        let mut other: Value = serde_json::from_slice(and).unwrap();
        let entries = file["log"]["entries"].as_array_mut().unwrap();
        entries.push(other["log"]["entries"][0].take());
    }
    file.to_string().into_bytes()
}

fn noted() -> Vec<u8> {
    recording(5, &json!({ "userId": "a", "team": 1 }))
}

#[test]
fn exit_codes_follow_the_findings() {
    for (input, arguments, code, end) in [
        (valid(), &[][..], 0, "1 exchange, 0 findings\n"),
        (noted(), &[], 0, "1 exchange, 0 findings, 1 note\n"),
        (
            noted(),
            &["--fail-on", "note"],
            1,
            "1 exchange, 0 findings, 1 note\n",
        ),
        (invalid(), &[], 1, "1 exchange, 1 finding\n"),
        (
            invalid(),
            &["--ignore", "request-parameter-valid"],
            0,
            "1 exchange, 0 findings\n",
        ),
        (
            valid(),
            &["--min-exchanges", "2"],
            2,
            "1 exchange, 0 findings\n",
        ),
        (aborted(5, &[]), &[], 2, "1 exchange, 0 findings\n"),
        (aborted(0, &[]), &[], 1, "1 exchange, 1 finding\n"),
        (
            aborted(5, &[]),
            &["--allow-empty"],
            0,
            "1 exchange, 0 findings\n",
        ),
        (aborted(5, &valid()), &[], 0, "2 exchanges, 0 findings\n"),
        (
            aborted(5, &valid()),
            &["--min-exchanges", "2"],
            2,
            "2 exchanges, 0 findings\n",
        ),
        (
            valid(),
            &["--base-url", "https://other.example"],
            2,
            "0 exchanges, 0 findings\n",
        ),
        (
            valid(),
            &["--base-url", "https://other.example", "--allow-empty"],
            0,
            "0 exchanges, 0 findings\n",
        ),
        (
            b"{\"log\":{\"entries\":[]}}".to_vec(),
            &[],
            2,
            "0 exchanges, 0 findings\n",
        ),
    ] {
        let arguments = [&["har", "-"], arguments].concat();
        let (found, out, error) = run(&arguments, &input);
        assert_eq!(found, code, "{arguments:?} {error}");
        assert!(out.ends_with(end), "{out}");
    }
}

#[test]
fn text_starts_with_findings_and_shows_coverage_on_request() {
    let (_, out, _) = run(&["har", "-"], &invalid());
    assert!(out.starts_with("error[request-parameter-valid]"), "{out}");
    assert!(out.contains("--> openapi.json:"), "{out}");
    assert!(!out.contains("coverage"), "{out}");
    let (_, out, _) = run(&["har", "-", "--coverage"], &invalid());
    assert!(out.contains("coverage of the spec"), "{out}");
}

#[test]
fn known_findings_are_ignored_by_a_baseline() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("baseline.json");
    let file = file.to_str().unwrap();
    let (code, _, _) = run(&["har", "-", "--write-baseline", file], &invalid());
    assert_eq!(code, 0);
    let (code, out, _) = run(&["har", "-", "--baseline", file], &invalid());
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("1 finding of the baseline: ignored"), "{out}");
    let (code, out, _) = run(&["har", "-", "--baseline", file], &valid());
    assert_eq!(code, 0);
    assert!(out.contains("did not occur"), "{out}");
    fs::write(file, "{\"findings\":1}").unwrap();
    let (code, _, error) = run(&["har", "-", "--baseline", file], &valid());
    assert_eq!(code, 2);
    assert!(
        error.contains("not a baseline: line 1, column 13"),
        "{error}"
    );
}

#[test]
fn every_format_is_written() {
    for (format, start) in [
        ("text", "error["),
        ("json", "{"),
        ("junit", "<?xml"),
        ("sarif", "{"),
        ("github", "::error file=openapi.json,line="),
        ("markdown", "## Contract: 1 exchange, 1 finding"),
        ("html", "<!doctype html>"),
    ] {
        let (code, out, _) = run(&["har", "-", "--format", format], &invalid());
        assert_eq!(code, 1, "{format}");
        assert!(out.starts_with(start), "{format}: {out}");
    }
}

#[test]
fn unusable_input_exits_with_2() {
    for (arguments, input, reason) in [
        (
            &["har", "missing.har"][..],
            "",
            "missing.har: could not read the file",
        ),
        (&["har", "-"], "", "standard input: the file is empty"),
        (
            &["har", "-"],
            "{\"log\":",
            "standard input: line 1, column 7: the JSON of the file is incomplete",
        ),
        (&["har", "-"], "{}", "standard input: not a HAR file"),
        (
            &["har", "-", "--base-url", "x"],
            "{\"log\":{\"entries\":[]}}",
            "invalid base URL",
        ),
        (
            &["har", "-", "--baseline", "/dev/null"],
            "",
            "write one with `--write-baseline`",
        ),
        (&["har", "-", "--ignore", "x"], "", "unknown rule"),
    ] {
        let (code, out, error) = run(arguments, input.as_bytes());
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(error.contains(reason), "{error}");
        // Only what is wrong with the file names it.
        assert!(!error.contains("input: invalid base"), "{error}");
    }
}
