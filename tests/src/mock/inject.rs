//! What faults do to an answer before it leaves wiremock.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::fault::Fault;
use super::stub_response::CannedAnswer;

const HTML: &str = "<!doctype html><title>Oops</title><h1>Something went wrong</h1>";

/// Changes an answer as `fault` wants it; `cursor` is the one that the request named. Faults of
/// the connection change nothing here.
pub(crate) fn distort(answer: &mut CannedAnswer, fault: &Fault, cursor: Option<&str>) {
    if answer.body.is_empty() {
        return;
    }
    match fault {
        Fault::Html => {
            answer.body = HTML.into();
            set(answer, header::CONTENT_TYPE, "text/html");
        }
        Fault::Gzip => {
            answer.body = gzip(&answer.body);
            set(answer, header::CONTENT_ENCODING, "gzip");
        }
        Fault::DuplicateKeys => duplicate_first_member(&mut answer.body),
        Fault::InvalidUtf8 => {
            let in_text = answer.body.windows(2).position(|pair| pair == b":\"");
            answer
                .body
                .insert(in_text.map_or(0, |position| position + 2), 0xff);
        }
        Fault::RepeatedCursor => {
            if let Some(cursor) = cursor {
                name_cursor(&mut answer.body, cursor);
            }
        }
        _ => {}
    }
}

fn set(answer: &mut CannedAnswer, name: HeaderName, value: &'static str) {
    answer.headers.insert(name, HeaderValue::from_static(value));
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing into memory does not fail.
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

fn duplicate_first_member(body: &mut Vec<u8>) {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
        return;
    };
    if let Some((name, value)) = members.iter().next() {
        let again = format!("{}:{value},", Value::from(name.as_str()));
        body.splice(1..1, again.into_bytes());
    }
}

fn name_cursor(body: &mut Vec<u8>, cursor: &str) {
    if let Ok(mut page) = serde_json::from_slice::<Value>(body)
        && page["users"].is_array()
    {
        page["pagination"]["next"]["cursor"] = cursor.into();
        *body = page.to_string().into_bytes();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distorted(body: &str, fault: &Fault) -> Vec<u8> {
        let mut answer = CannedAnswer::new(200).body(body);
        distort(&mut answer, fault, Some("seen"));
        answer.body
    }

    #[test]
    fn each_fault_of_a_body_changes_it_as_it_says() {
        let body = r#"{"users":[{"userId":"1"}],"x":1}"#;
        let text = |fault: &Fault| String::from_utf8(distorted(body, fault)).unwrap();
        assert_eq!(
            text(&Fault::DuplicateKeys),
            r#"{"users":[{"userId":"1"}],"users":[{"userId":"1"}],"x":1}"#
        );
        assert_eq!(
            text(&Fault::RepeatedCursor),
            r#"{"users":[{"userId":"1"}],"x":1,"pagination":{"next":{"cursor":"seen"}}}"#
        );
        assert!(text(&Fault::Html).starts_with("<!doctype html>"));
        assert!(String::from_utf8(distorted(body, &Fault::InvalidUtf8)).is_err());
        assert!(distorted(body, &Fault::Gzip).starts_with(&[0x1f, 0x8b]));
        assert_eq!(text(&Fault::CutBody), body);
        assert!(distorted("", &Fault::Html).is_empty());
    }
}
