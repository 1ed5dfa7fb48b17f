//! Recordings of browsers, proxies and other clients.

#![allow(clippy::unwrap_used, reason = "tests may panic")]

mod bodies;
mod files;
mod places;
mod recording;
mod reports;
mod tokens;
mod tools;

use serde_json::{Value, json};

use recording::{HOST, TOKEN, entry, link, list, read, rules, set, user, valid_traffic, validate};

#[test]
fn valid_recordings_have_no_findings_and_no_warnings() {
    let report = validate(&valid_traffic());
    assert_eq!(
        (report.exchanges, report.findings.len()),
        (4, 0),
        "{:?}",
        report.findings
    );
    assert_eq!(report.warnings, [""; 0]);
    let covered = |part: &str| {
        let found = report.coverage.iter().find(|entry| entry.part == part);
        found.unwrap().exchanges
    };
    assert_eq!((covered("query limit"), covered("query cursor")), (1, 0));
}

#[test]
fn violations_are_found_by_their_rules() {
    let mut plain = read("a");
    set(&mut plain["response"], "content-type", "application/json");
    let mut wordy = link();
    wordy["request"]["postData"]["text"] = "{\"userId\":\"a\",\"x\":1}".into();
    let mut wrong = read("a");
    wrong["response"]["content"]["text"] = "{\"userId\":1}".into();
    for (entry, rule) in [
        (plain, "response-media-type"),
        (wordy, "request-body-unknown-member"),
        (wrong, "response-body-valid"),
        (read(".."), "request-dot-segment"),
        (read("%2E%2e"), "request-dot-segment"),
        (read("%ff"), "request-encoding"),
        (
            entry("PUT", &format!("{HOST}/v1/users"), 405, &Value::Null),
            "request-operation",
        ),
    ] {
        assert_eq!(rules(&validate(&[entry])), [rule]);
    }
}

#[test]
fn entries_are_validated_by_start_and_numbered_by_file_order() {
    let at = |mut entry: Value, time: &str| {
        entry["startedDateTime"] = time.into();
        entry
    };
    let missing = entry(
        "GET",
        &format!("{HOST}/v1/users/a"),
        404,
        &json!({ "title": "no", "errorCode": "N", "errorId": "e" }),
    );
    // In UTC, the list was an hour before the read that gets a 404.
    let entries = [
        at(missing, "2026-01-01T12:00:00.000Z"),
        at(list(), "2026-01-01T13:00:00.000+02:00"),
    ];
    let report = validate(&entries);
    assert_eq!(rules(&report), ["listed-user-readable"]);
    assert_eq!(report.findings[0].exchange, 1);
    // Entries without timestamps keep the order of the file.
    let mut untimed = entries;
    for entry in &mut untimed {
        entry["startedDateTime"] = Value::Null;
    }
    assert_eq!(rules(&validate(&untimed)), [""; 0]);
}

#[test]
fn http_2_headers_are_accepted() {
    let mut entry = list();
    for (name, value) in [
        (":authority", "acme.api.authress.io"),
        (":method", "GET"),
        (":path", "/v1/users?limit=20"),
        ("accept", "application/links+json"),
        ("sec-fetch-mode", "cors"),
    ] {
        set(&mut entry["request"], name, value);
    }
    let report = validate(&[entry]);
    assert_eq!(
        (rules(&report).len(), report.warnings.len()),
        (0, 0),
        "{report:?}"
    );
}

#[test]
fn invalid_headers_are_skipped_and_counted() {
    let mut entry = list();
    set(&mut entry["request"], "a name", "x");
    set(&mut entry["request"], "x-request-id", "a\u{0}b");
    // Browsers join the values of repeated headers.
    set(&mut entry["request"], "accept-language", "de\nen");
    let report = validate(&[entry]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["2 headers that HTTP does not allow: skipped"]
    );
}

#[test]
fn messages_without_headers_are_partly_validated() {
    let mut entry = read("a");
    entry["request"]["headers"] = Value::Null;
    entry["response"]["headers"] = json!([]);
    let report = validate(&[entry, list()]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        [
            "1 request recorded without headers: only method and URL were validated",
            "1 response recorded without headers: only the status was validated",
        ]
    );
}

#[test]
fn requests_without_a_response_are_validated() {
    let mut lost = list();
    lost["response"] = json!({ "status": 0, "headers": [], "content": {} });
    let mut blocked = list();
    blocked["response"] = Value::Null;
    let report = validate(&[lost, blocked, link()]);
    assert_eq!((rules(&report), report.exchanges), (Vec::new(), 3));
    assert_eq!(report.warnings, ["2 requests without a response"]);
}

#[test]
fn responses_to_conditional_requests_are_valid() {
    for (condition, status) in [
        ("If-None-Match", 304),
        ("if-modified-since", 304),
        ("If-Match", 412),
    ] {
        let url = format!("{HOST}/v1/users/a");
        let mut conditional = entry("GET", &url, status, &Value::Null);
        // The read before it shows that the user exists, which this response does not contradict.
        let unconditional = conditional.clone();
        set(&mut conditional["request"], condition, "x");
        let report = validate(&[read("a"), conditional.clone()]);
        assert_eq!(rules(&report), [""; 0], "{condition}");
        let report = validate(&[unconditional]);
        assert_eq!(rules(&report), ["response-status"], "{status}");
        // A recorder may have omitted the condition.
        conditional["request"]["headers"] = Value::Null;
        let report = validate(&[conditional]);
        assert_eq!(rules(&report), [""; 0], "{condition}");
    }
    // A deletion has no 304, whatever its headers.
    let mut deletion = entry("DELETE", &format!("{HOST}/v1/users/a"), 304, &Value::Null);
    set(&mut deletion["request"], "If-None-Match", "x");
    assert_eq!(rules(&validate(&[deletion])), ["response-status"]);
}

#[test]
fn media_types_are_compared_without_parameters() {
    for given in [
        "application/links+json; charset=utf-8",
        "Application/Links+JSON;charset=\"UTF-8\"",
        "application/links+json ; profile=x",
    ] {
        let mut entry = read("a");
        set(&mut entry["response"], "content-type", given);
        assert_eq!(rules(&validate(&[entry])), [""; 0], "{given}");
    }
    let mut sent = link();
    set(
        &mut sent["request"],
        "content-type",
        "application/json; charset=utf-8",
    );
    assert_eq!(rules(&validate(&[sent])), [""; 0]);
}

#[test]
fn findings_show_no_token_that_a_server_repeats() {
    let opaque = "opaque-sekrit-0001";
    for (token, given) in [
        (TOKEN, format!("text/html; echo={TOKEN}")),
        (TOKEN, format!("text/{}", &TOKEN[..30])),
        (opaque, format!("{opaque}; \u{9b}31m")),
        // The recorder removed the token from the request only.
        ("***", format!("text/html; echo=Bearer {TOKEN}")),
        (opaque, "x".repeat(5_000)),
    ] {
        let mut entry = read("a");
        set(
            &mut entry["request"],
            "authorization",
            &format!("Bearer {token}"),
        );
        set(&mut entry["response"], "content-type", &given);
        let report = validate(&[entry]);
        assert!(rules(&report).contains(&"response-media-type"), "{given}");
        for text in [
            report.to_text(&|_| None),
            report.to_json(&|_| None),
            report.to_junit(&|_| None),
        ] {
            for secret in ["eyJ", "c2Vrcml0", "sekrit"] {
                assert!(!text.contains(secret), "{text}");
            }
            assert!(!text.contains('\u{9b}'), "{text}");
        }
        assert!(report.findings.iter().all(|own| own.actual.len() < 400));
    }
}

#[test]
fn ten_thousand_exchanges_are_validated() {
    // One of the lists has 5,000 pages.
    let page = |number: usize| {
        let url = format!("{HOST}/v1/users?limit=5&cursor=c{number}");
        let next = json!({ "next": { "cursor": format!("c{}", number + 1) } });
        let users = vec![user("a"); 5];
        entry(
            "GET",
            &url,
            200,
            &json!({ "users": users, "pagination": next }),
        )
    };
    let entries: Vec<_> = (0..5_000)
        .flat_map(|number| [page(number), if number % 2 == 0 { list() } else { link() }])
        .collect();
    let report = validate(&entries);
    assert_eq!((report.exchanges, report.findings.len()), (10_000, 0));
}
