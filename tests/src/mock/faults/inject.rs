//! Applies faults of the body before a response is sent.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderName, HeaderValue, header};
use serde_json::Value;

use super::fault::Fault;
use crate::mock::stub_response::StubResponse;

const HTML: &str = "<!doctype html><title>Oops</title><h1>Something went wrong</h1>";

/// Injects a fault into the body of a response. Faults of the connection change nothing here.
///
/// `cursor` is the cursor of the request.
pub(crate) fn inject(response: &mut StubResponse, fault: &Fault, cursor: Option<&str>) {
    if response.body.is_empty() {
        return;
    }
    match fault {
        Fault::Html => {
            response.body = HTML.into();
            set(response, header::CONTENT_TYPE, "text/html");
        }
        Fault::Gzip => {
            response.body = gzip(&response.body);
            set(response, header::CONTENT_ENCODING, "gzip");
        }
        Fault::DuplicateKeys => duplicate_first_member(&mut response.body),
        Fault::InvalidUtf8 => {
            let in_text = response.body.windows(2).position(|pair| pair == b":\"");
            response
                .body
                .insert(in_text.map_or(0, |position| position + 2), 0xff);
        }
        Fault::RepeatedCursor => {
            if let Some(cursor) = cursor {
                set_next_cursor(&mut response.body, cursor);
            }
        }
        _ => {}
    }
}

fn set(response: &mut StubResponse, name: HeaderName, value: &'static str) {
    response
        .headers
        .insert(name, HeaderValue::from_static(value));
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

fn set_next_cursor(body: &mut Vec<u8>, cursor: &str) {
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

    fn injected(body: &str, fault: &Fault) -> Vec<u8> {
        let mut response = StubResponse::new(200).unwrap().body(body);
        inject(&mut response, fault, Some("seen"));
        response.body
    }

    #[test]
    fn body_faults_change_the_body_as_documented() {
        let body = r#"{"users":[{"userId":"1"}],"x":1}"#;
        let text = |fault: &Fault| String::from_utf8(injected(body, fault)).unwrap();
        assert_eq!(
            text(&Fault::DuplicateKeys),
            r#"{"users":[{"userId":"1"}],"users":[{"userId":"1"}],"x":1}"#
        );
        assert_eq!(
            text(&Fault::RepeatedCursor),
            r#"{"users":[{"userId":"1"}],"x":1,"pagination":{"next":{"cursor":"seen"}}}"#
        );
        assert!(text(&Fault::Html).starts_with("<!doctype html>"));
        assert!(String::from_utf8(injected(body, &Fault::InvalidUtf8)).is_err());
        assert!(injected(body, &Fault::Gzip).starts_with(&[0x1f, 0x8b]));
        assert_eq!(text(&Fault::CutBody), body);
        assert!(injected("", &Fault::Html).is_empty());
    }
}
