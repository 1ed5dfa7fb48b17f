//! Bodies as text, as base64, packed, cut off, and left out.

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
fn a_body_in_base64_is_judged_decoded() {
    let report = validate(&[in_base64(user("a").to_string().as_bytes(), "")]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
    let report = validate(&[in_base64(b"{\"name\":\"Ada\"}", "")]);
    assert_eq!(rules(&report), ["response-body-valid"]);
    let mut broken = in_base64(b"{}", "");
    broken["response"]["content"]["text"] = "{}".into();
    let report = validate(&[broken]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body said to be base64 and not, not judged"]
    );
}

#[test]
fn a_body_that_is_packed_inside_is_judged_unpacked() {
    let packed = in_base64(&gzip(user("a").to_string().as_bytes()), "gzip");
    let wrong = in_base64(&gzip(b"{}"), "GZIP");
    let report = validate(&[packed, wrong]);
    assert_eq!(rules(&report), ["response-body-valid"]);
    assert_eq!(
        report.warnings,
        ["2 bodies recorded as gzip, judged unpacked"]
    );
    // Most recorders unpack, and leave the header.
    let report = validate(&[in_base64(user("a").to_string().as_bytes(), "br")]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
}

#[test]
fn a_body_that_can_not_be_unpacked_is_not_judged() {
    let cut = &gzip(user("a").to_string().as_bytes())[..20];
    let report = validate(&[in_base64(cut, "gzip"), in_base64(b"\x1b\xff\xfe", "br")]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["2 bodies in a content encoding that could not be undone, not judged"]
    );
}

#[test]
fn a_bomb_is_not_unpacked_to_its_end() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..65 {
        encoder.write_all(&vec![b' '; 1024 * 1024]).unwrap();
    }
    let report = validate(&[in_base64(&encoder.finish().unwrap(), "gzip")]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body of more than 64 MiB when unpacked, not judged"]
    );
}

#[test]
fn a_body_that_the_recorder_left_out_is_not_missing() {
    let left_out = "2 responses whose body the recorder left out, not judged for it";
    let mut without_text = list();
    without_text["response"]["content"] = json!({ "size": 812, "mimeType": "x" });
    let mut without_content = list();
    without_content["response"]["content"] = Value::Null;
    let report = validate(&[without_text, without_content]);
    assert_eq!((rules(&report), report.exchanges), (Vec::new(), 2));
    assert_eq!(report.warnings, [left_out]);
    // A recorder that says that there was nothing is believed, unless a header says otherwise.
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
fn a_request_body_that_the_recorder_left_out_is_not_missing() {
    let mut left_out = link();
    left_out["request"]["postData"] = Value::Null;
    left_out["request"]["bodySize"] = 14.into();
    // Nobody knows whether this one is the same as the one before.
    let mut other = left_out.clone();
    other["response"] = read("a")["response"].clone();
    other["response"]["status"] = 404.into();
    other["response"]["content"]["text"] = "{}".into();
    let report = validate(&[left_out.clone(), other]);
    assert_eq!(rules(&report), [""; 0]);
    let said = "2 requests whose body the recorder left out, not judged for it";
    assert_eq!(report.warnings, [said]);
    left_out["request"]["bodySize"] = (-1).into();
    assert_eq!(rules(&validate(&[left_out])), ["request-body-missing"]);
}

#[test]
fn a_body_that_the_recorder_cut_off_is_not_judged_and_one_that_was_sent_so_is() {
    let mut cut = list();
    let text = "{\"users\":[{\"userId\":\"a";
    cut["response"]["content"] = json!({ "size": 5000, "text": text });
    let report = validate(&[cut.clone()]);
    assert_eq!(rules(&report), [""; 0]);
    assert_eq!(
        report.warnings,
        ["1 body that the recorder cut off, not judged"]
    );
    cut["response"]["content"]["size"] = text.len().into();
    assert_eq!(rules(&validate(&[cut])), ["response-json"]);
}

#[test]
fn a_form_is_put_together_from_its_fields() {
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
fn sizes_and_statuses_may_be_texts_or_missing() {
    let mut entry = read("a");
    entry["response"]["status"] = "200".into();
    entry["response"]["content"]["size"] = "many".into();
    entry["request"]["bodySize"] = Value::Null;
    let report = validate(&[entry]);
    assert_eq!((rules(&report).len(), report.warnings.len()), (0, 0));
}
