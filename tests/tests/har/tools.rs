//! Recordings in the style of the tools that people use. None is wrongly reported.

use std::io::{Cursor, Write as _};

use authress_users_contract::har::{self, HarOptions};
use authress_users_contract::{Report, Spec};
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::recording::{HOST, entry, list, rules, set, validate};

macro_rules! fixtures {
    ($($name:literal: $exchanges:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("fixtures/", $name, ".har")), $exchanges)),*]
    };
}

/// Each recording with the number of exchanges that are the API's.
const FIXTURES: [(&str, &str, usize); 11] = fixtures! {
    "chrome": 8,
    "chrome_sanitized": 8,
    "firefox": 5,
    "playwright": 4,
    "playwright_attached": 4,
    "puppeteer": 3,
    "chrome_har": 3,
    "mitmproxy": 3,
    "charles": 3,
    "postman": 3,
    "insomnia": 3,
};

fn read(bytes: &[u8]) -> Report {
    let traffic = har::read(bytes, &HarOptions::default()).unwrap();
    traffic.validate(Spec::bundled())
}

#[test]
fn recordings_of_every_tool_have_no_findings() {
    for (name, text, exchanges) in FIXTURES {
        let report = read(text.as_bytes());
        assert_eq!(rules(&report), [""; 0], "{name}: {:#?}", report.findings);
        assert_eq!(report.exchanges, exchanges, "{name}: {:?}", report.warnings);
    }
}

#[test]
fn violations_in_recordings_of_every_tool_are_found() {
    for (name, text, _) in FIXTURES {
        let report = read(text.replace("limit=20", "limit=0").as_bytes());
        let mut rules = rules(&report);
        rules.dedup();
        assert_eq!(rules, ["request-parameter-valid"], "{name}");
    }
}

#[test]
fn browser_responses_are_skipped_with_a_warning() {
    let (_, chrome, _) = FIXTURES[0];
    let report = read(chrome.as_bytes());
    let warning =
        "2 responses of the browser itself, from its cache or as an internal redirect: skipped";
    assert!(
        report.warnings.iter().any(|own| own == warning),
        "{report:?}"
    );
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn bodies_in_files_of_a_zip_archive_are_validated() {
    let (_, attached, _) = FIXTURES[4];
    let page = r#"{"users":[{"userId":"a"}],"links":{"self":{"href":"/"}}}"#;
    for (page, body, expected) in [
        (page, r#"{"userId":"a"}"#, &[][..]),
        (
            "{\"users\":[{}]}",
            r#"{"userId":"a"}"#,
            &["response-body-valid"],
        ),
        (page, "{}", &["request-body-valid"]),
    ] {
        let zip = zipped(&[
            ("trace/har.har", attached.as_bytes()),
            (
                "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3.json",
                page.as_bytes(),
            ),
            (
                "b94a8fe5ccb19ba61c4c0873d391e987982fbbd3.json",
                body.as_bytes(),
            ),
        ]);
        let report = read(&zip);
        assert_eq!((rules(&report), report.exchanges), (expected.to_vec(), 4));
        // As zipped with its folder on macOS.
        let zip = zipped(&[
            ("__MACOSX/trace/._har.har", b"\0"),
            ("trace/har.har", attached.as_bytes()),
            (
                "trace/a94a8fe5ccb19ba61c4c0873d391e987982fbbd3.json",
                page.as_bytes(),
            ),
            (
                "trace/b94a8fe5ccb19ba61c4c0873d391e987982fbbd3.json",
                body.as_bytes(),
            ),
        ]);
        let report = read(&zip);
        assert_eq!((rules(&report), report.exchanges), (expected.to_vec(), 4));
        assert!(
            !report
                .warnings
                .iter()
                .any(|it| it.contains("without a body")),
            "{report:?}"
        );
    }
    for (zip, reason) in [
        (
            zipped(&[("a.txt", b"x")]),
            "the ZIP archive has no HAR file",
        ),
        (
            zipped(&[("a.har", b"{}"), ("b.HAR", b"{}")]),
            "the ZIP archive has several HAR files; extract it and validate each file",
        ),
        (b"PK\x03\x04x".to_vec(), "the ZIP archive is damaged"),
    ] {
        let error = har::read(&zip, &HarOptions::default()).unwrap_err();
        assert_eq!(error.to_string(), reason);
    }
}

#[test]
fn a_token_at_another_host_is_one_finding_in_any_order() {
    let other = |url: &str| entry("GET", url, 200, &json!(null));
    let leak = other("https://other.example/v2/things");
    let report = validate(&[leak.clone(), list(), list(), list()]);
    assert_eq!(rules(&report), ["token-host"]);
    assert_eq!(report.findings[0].exchange, 1);
    let report = validate(&[list(), leak.clone(), leak, list()]);
    assert_eq!(rules(&report), ["token-host"; 2]);
}

#[test]
fn aborted_requests_are_validated_by_what_was_sent() {
    let aborted = |status: i32, accept: &str| {
        let mut entry = list();
        entry["response"] = json!({ "status": status, "headers": [], "content": {} });
        set(&mut entry["request"], "accept", accept);
        entry
    };
    for status in [0, -1] {
        assert_eq!(rules(&validate(&[aborted(status, "")])), [""; 0]);
        let wrong = aborted(status, "text/html");
        assert_eq!(rules(&validate(&[wrong])), ["request-accept"]);
    }
    // A response shows that the headers are complete.
    let mut answered = list();
    set(&mut answered["request"], "accept", "");
    assert_eq!(rules(&validate(&[answered])), ["request-accept"]);
}

#[test]
fn only_bodies_that_the_recorder_cut_are_skipped() {
    for (length, expected) in [("4000", &[][..]), ("5", &["response-json"])] {
        let mut entry = list();
        set(&mut entry["response"], "content-length", length);
        entry["response"]["content"] = json!({ "size": 5, "text": "{\"use" });
        assert_eq!(rules(&validate(&[entry])), expected, "{length}");
    }
}

#[test]
fn undeclared_headers_are_notes() {
    let url = format!("{HOST}/v1/users?limit=20");
    let page = json!({ "users": [], "links": { "self": { "href": url } } });
    let mut entry = entry("GET", &url, 200, &page);
    set(&mut entry["request"], "x-team", "1");
    set(&mut entry["request"], "x-amzn-trace-id", "1");
    let report = validate(&[entry]);
    assert_eq!(rules(&report), ["request-header-declared"]);
    assert!(!report.has_errors());
}
