//! Bodies as text, as base64, compressed, truncated, and omitted.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::recording::{HOST, entry, link, list, read, rules, set, user, validate};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A read whose body was recorded as these bytes, in base64.
fn in_base64(bytes: &[u8], content_encoding: &str) -> Value {
    let mut entry = read("a");
    set(&mut entry["response"], "content-encoding", content_encoding);
    entry["response"]["content"] =
        json!({ "size": bytes.len(), "text": STANDARD.encode(bytes), "encoding": "base64" });
    entry
}

#[test]
fn base64_bodies_are_decoded() {
    let report = validate(&[in_base64(user("a").to_string().as_bytes(), "")]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
    let report = validate(&[in_base64(b"{\"name\":\"Ada\"}", "")]);
    assert_eq!(rules(&report), ["response-body-valid"]);
    let mut broken = in_base64(b"{}", "");
    broken["response"]["content"]["text"] = "{}".into();
    let report = validate(&[broken]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(report.warnings, ["1 body with invalid base64: skipped"]);
}

#[test]
fn gzip_bodies_are_decompressed() {
    let compressed = in_base64(&gzip(user("a").to_string().as_bytes()), "gzip");
    let wrong = in_base64(&gzip(b"{}"), "GZIP");
    let report = validate(&[compressed, wrong]);
    assert_eq!(rules(&report), ["response-body-valid"]);
    assert_eq!(report.warnings, ["2 bodies recorded as gzip: decompressed"]);
    // Most recorders decompress bodies and keep the header.
    let report = validate(&[in_base64(user("a").to_string().as_bytes(), "br")]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
}

#[test]
fn bodies_that_cannot_be_decompressed_are_skipped() {
    let cut = &gzip(user("a").to_string().as_bytes())[..20];
    let report = validate(&[in_base64(cut, "gzip"), in_base64(b"\x1b\xff\xfe", "br")]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["2 bodies with a content encoding that could not be decoded: skipped"]
    );
}

#[test]
fn decompression_is_limited() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..65 {
        encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let report = validate(&[in_base64(&encoder.finish().unwrap(), "gzip")]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body of more than 64 MiB when decompressed: skipped"]
    );
}

#[test]
fn omitted_response_bodies_are_not_missing() {
    let omitted = "2 responses recorded without a body: rules for bodies were skipped";
    let mut without_text = list();
    without_text["response"]["content"] = json!({ "size": 812, "mimeType": "x" });
    let mut without_content = list();
    without_content["response"]["content"] = Value::Null;
    let report = validate(&[without_text, without_content]);
    assert_eq!((rules(&report), report.exchanges), (Vec::new(), 2));
    assert_eq!(report.warnings, [omitted]);
    // A recorded size of 0 means an empty body, unless a header contradicts it.
    let mut empty = list();
    empty["response"]["content"] = json!({ "size": 0 });
    assert_eq!(
        rules(&validate(std::slice::from_ref(&empty))),
        ["response-body-missing"]
    );
    set(&mut empty["response"], "content-length", "12");
    assert_eq!(rules(&validate(&[empty])), [""; 0]);
}

#[test]
fn omitted_request_bodies_are_not_missing() {
    let mut omitted = link();
    omitted["request"]["postData"] = Value::Null;
    omitted["request"]["bodySize"] = 14.into();
    // Without its body, this request cannot be compared with the one before.
    let mut other = omitted.clone();
    other["response"] = read("a")["response"].clone();
    other["response"]["status"] = 404.into();
    other["response"]["content"]["text"] = "{}".into();
    let report = validate(&[omitted.clone(), other]);
    assert_eq!(rules(&report), [""; 0]);
    let warning = "2 requests recorded without a body: rules for bodies were skipped";
    assert_eq!(report.warnings, [warning]);
    omitted["request"]["bodySize"] = (-1).into();
    assert_eq!(rules(&validate(&[omitted])), ["request-body-missing"]);
}

#[test]
fn only_bodies_truncated_by_the_recorder_are_skipped() {
    let mut cut = list();
    let text = "{\"users\":[{\"userId\":\"a";
    cut["response"]["content"] = json!({ "size": 5000, "text": text });
    let report = validate(&[cut.clone()]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body truncated by the recorder: skipped"]
    );
    cut["response"]["content"]["size"] = text.len().into();
    assert_eq!(rules(&validate(&[cut.clone()])), ["response-json"]);
    cut["response"]["bodySize"] = 5000.into();
    assert_eq!(rules(&validate(&[cut.clone()])), [""; 0]);
    set(&mut cut["response"], "content-encoding", "br");
    assert_eq!(rules(&validate(&[cut])), ["response-json"]);
}

#[test]
fn request_bodies_truncated_by_the_recorder_are_skipped() {
    let mut cut = link();
    cut["request"]["postData"]["text"] = "{\"userId\":\"a".into();
    cut["request"]["bodySize"] = 40.into();
    let report = validate(&[cut.clone()]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body truncated by the recorder: skipped"]
    );
    cut["request"]["bodySize"] = 12.into();
    assert_eq!(rules(&validate(&[cut.clone()])), ["request-body-valid"]);
    cut["request"]["postData"]["text"] = "{\"userId\":1}".into();
    cut["request"]["bodySize"] = 40.into();
    assert_eq!(rules(&validate(&[cut])), ["request-body-valid"]);
}

#[test]
fn form_bodies_are_built_from_their_fields() {
    let mut form = link();
    set(
        &mut form["request"],
        "content-type",
        "application/x-www-form-urlencoded",
    );
    form["request"]["postData"] = json!({ "params": [{ "name": "userId", "value": "a b" }] });
    assert_eq!(rules(&validate(&[form.clone()])), ["request-content-type"]);
    let mut undeclared = entry("DELETE", &format!("{HOST}/v1/users/a"), 202, &Value::Null);
    undeclared["request"]["postData"] = form["request"]["postData"].clone();
    let report = validate(&[undeclared]);
    assert_eq!(rules(&report), ["request-body-undeclared"]);
    assert_eq!(report.findings[0].actual, "10 bytes");
}

#[test]
fn sizes_and_statuses_may_be_strings_or_missing() {
    let mut entry = read("a");
    entry["response"]["status"] = "200".into();
    entry["response"]["content"]["size"] = "many".into();
    entry["request"]["bodySize"] = Value::Null;
    let report = validate(&[entry]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
}

#[test]
fn unpaired_surrogates_in_validated_bodies_are_notes() {
    // The cursor of a page with such a name is still known.
    let mut first = list();
    let page =
        r#"{"users":[{"userId":"a","name":"Ada \ud83d"}],"pagination":{"next":{"cursor":"c1"}}}"#;
    first["response"]["content"] = json!({ "size": page.len(), "text": page });
    let mut again = first.clone();
    let url = format!("{HOST}/v1/users?limit=20&cursor=c1");
    again["request"]["url"] = url.into();
    let report = validate(&[first.clone()]);
    assert_eq!(rules(&report), ["response-unpaired-surrogate"]);
    assert!(!report.has_errors());
    let found = rules(&validate(&[first, again]));
    assert!(found.contains(&"list-cursor-advances"), "{found:?}");
    let mut sent = link();
    sent["request"]["postData"]["text"] = r#"{"userId":"a\udf89"}"#.into();
    let report = validate(&[sent]);
    assert_eq!(rules(&report), ["request-unpaired-surrogate"]);
    assert!(!report.has_errors());
}

#[test]
fn a_request_body_in_a_file_that_is_missing_is_skipped() {
    let mut entry = link();
    entry["request"]["postData"] = json!({ "mimeType": "application/json", "_file": "a.json" });
    let report = validate(&[entry]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 request recorded without a body: rules for bodies were skipped"]
    );
}

#[test]
fn a_single_character_is_in_the_singular() {
    let short = entry(
        "GET",
        &format!("{HOST}/v1/users?cursor="),
        400,
        &Value::Null,
    );
    let report = validate(&[short]);
    let expected: Vec<_> = report.findings.iter().map(|it| &*it.expected).collect();
    assert!(
        expected.contains(&"at least 1 character in cursor"),
        "{expected:?}"
    );
}
