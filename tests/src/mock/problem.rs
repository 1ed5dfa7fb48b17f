//! JSON responses of the fake, and the documented body of errors.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stub_response::StubResponse;

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// Returns the documented body of an error.
pub(crate) fn body(code: &str, title: &str) -> Value {
    json!({ "title": title, "errorCode": code, "errorId": Uuid::new_v4().to_string() })
}

/// Returns an error as plain JSON.
pub(crate) fn response(status: StatusCode, code: &str, title: &str) -> StubResponse {
    json_response(status, &body(code, title))
}

pub(crate) fn json_response(status: StatusCode, body: &Value) -> StubResponse {
    StubResponse::from_status(status)
        .with_header(header::CONTENT_TYPE, JSON)
        .body(body.to_string())
}
