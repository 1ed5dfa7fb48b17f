//! Defects of responses, whatever the operation.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::listing::change_body;
use super::table::Defect;
use crate::finding::Finding;
use crate::mock::faults::{Fault, inject};
use crate::mock::received_request::ReceivedRequest;
use crate::mock::stub_response::StubResponse;
use crate::operation::Operation;
use crate::rules::{
    LIST_CURSOR_VERBATIM, REQUEST_BODY_MISSING, REQUEST_BODY_VALID, REQUEST_CONTENT_TYPE,
};

/// What a fake with a defect does with an invalid request.
pub(crate) enum Invalid {
    /// It responds with a status.
    Status(StatusCode),
    /// It executes the request.
    Execute,
}

/// Returns what the fake does in place of rejecting the request; none if the defect changes nothing.
pub(crate) fn invalid_input(
    defect: Defect,
    finding: &Finding,
    request: &ReceivedRequest,
) -> Option<Invalid> {
    let failed = Invalid::Status(StatusCode::INTERNAL_SERVER_ERROR);
    let is_cursor = finding.rule == LIST_CURSOR_VERBATIM.id;
    let has_long_filter = request
        .query("filter")
        .is_some_and(|filter| filter.chars().count() > 64);
    let has_limit = request.query("limit").is_some() && !is_cursor && !has_long_filter;
    let is_body = [
        &REQUEST_BODY_VALID,
        &REQUEST_BODY_MISSING,
        &REQUEST_CONTENT_TYPE,
    ]
    .iter()
    .any(|rule| rule.id == finding.rule);
    match defect {
        Defect::LiveBadLimit if has_limit => Some(failed),
        Defect::UnknownCursorFails if is_cursor => Some(failed),
        Defect::UnknownCursorIgnored if is_cursor => Some(Invalid::Execute),
        Defect::LongFilterFails if has_long_filter => Some(failed),
        Defect::LongFilterSucceeds if has_long_filter => Some(Invalid::Execute),
        Defect::InvalidBodyFails if is_body => Some(failed),
        Defect::InvalidBodySucceeds if is_body => Some(Invalid::Status(StatusCode::NO_CONTENT)),
        _ => None,
    }
}

/// Returns the status of a request with an undocumented method; none if the defect changes nothing.
pub(crate) fn unknown_method(defect: Defect, method: &str) -> Option<StatusCode> {
    match (defect, method) {
        (Defect::HeadFails, "HEAD") | (Defect::OptionsFails, "OPTIONS") => {
            Some(StatusCode::INTERNAL_SERVER_ERROR)
        }
        (Defect::PutSucceeds, "PUT") => Some(StatusCode::OK),
        (Defect::PostSucceeds, "POST") => Some(StatusCode::CREATED),
        (Defect::LiveUndocumentedMethod, "PUT" | "POST") => Some(StatusCode::NO_CONTENT),
        _ => None,
    }
}

/// Changes a response so that it breaks the rule of the defect.
pub(crate) fn apply(
    defect: Defect,
    operation: Option<Operation>,
    response: &mut StubResponse,
    cursor: Option<&str>,
) {
    let is_success = response.status.is_success();
    let has_body = !response.body.is_empty();
    match defect {
        Defect::ResponseStatus if is_success && has_body => {
            response.status = StatusCode::NON_AUTHORITATIVE_INFORMATION;
        }
        Defect::ResponseMediaType if has_body => {
            let html = HeaderValue::from_static("text/html");
            response.headers.insert(header::CONTENT_TYPE, html);
        }
        Defect::ResponseBodyMissing if has_body => response.body.clear(),
        Defect::ResponseBodyUndeclared if response.status == StatusCode::ACCEPTED => {
            response.body = b"{}".to_vec();
        }
        Defect::ResponseUtf8 => inject(response, &Fault::InvalidUtf8, None),
        Defect::ResponseJson if has_body => response.body.truncate(response.body.len() / 2),
        Defect::ResponseDuplicateName => inject(response, &Fault::DuplicateKeys, None),
        Defect::ListCursorAdvances => inject(response, &Fault::RepeatedCursor, cursor),
        Defect::ResponseBodyValid if is_success && has_body => change(response, |body| {
            body["userId"] = Value::Null;
            body["users"] = Value::Null;
        }),
        Defect::ResponseUnknownMember if has_body => change(response, |body| {
            body["surprise"] = true.into();
        }),
        Defect::LiveMissingUser
            if response.status == StatusCode::NOT_FOUND
                && operation == Some(Operation::GetUser) =>
        {
            let body = json!({ "userId": "another" }).to_string();
            let media_type = HeaderValue::from_static("application/links+json");
            *response = StubResponse::from_status(StatusCode::OK)
                .with_header(header::CONTENT_TYPE, media_type)
                .body(body);
        }
        Defect::Utf8EncodedTwice if has_body => {
            let text: String = response.body.iter().copied().map(char::from).collect();
            response.body = text.into_bytes();
        }
        Defect::GzipOnPlainBytes if has_body => {
            let gzip = HeaderValue::from_static("gzip");
            response.headers.insert(header::CONTENT_ENCODING, gzip);
        }
        Defect::TwoContentTypes if has_body => {
            let html = HeaderValue::from_static("text/html");
            response.headers.append(header::CONTENT_TYPE, html);
        }
        Defect::FalseCharset if has_body => {
            let latin = HeaderValue::from_static("application/links+json; charset=iso-8859-1");
            response.headers.insert(header::CONTENT_TYPE, latin);
        }
        _ if is_success && operation == Some(Operation::GetUsers) => {
            change(response, |body| change_body(defect, body));
        }
        _ => {}
    }
}

fn change(response: &mut StubResponse, change: impl FnOnce(&mut Value)) {
    if let Ok(mut body @ Value::Object(_)) = serde_json::from_slice(&response.body) {
        change(&mut body);
        response.body = body.to_string().into_bytes();
    }
}
