//! Rules for responses.

use http::header;

use super::context::ExchangeContext;
use super::table::{
    RESPONSE_ASSUMED_STATUS, RESPONSE_BODY_MISSING, RESPONSE_BODY_UNDECLARED, RESPONSE_BODY_VALID,
    RESPONSE_DUPLICATE_NAME, RESPONSE_FAILURE, RESPONSE_FORMAT, RESPONSE_HEADER, RESPONSE_JSON,
    RESPONSE_JSON_RANGE, RESPONSE_MEDIA_TYPE, RESPONSE_STATUS, RESPONSE_SURROGATE,
    RESPONSE_UNKNOWN_MEMBER, RESPONSE_UTF8, RESPONSE_WRITE_ONLY,
};
use crate::exchange::{Response, text};
use crate::finding::Finding;
use crate::json::{self, JsonError};
use crate::omitted::Omitted;
use crate::spec::{Media, ResponseSpec, SpecOperation, ViolationKind};

/// The most findings about one body.
const MAX_FINDINGS: usize = 20;

/// Validates a response. `is_valid_request` is false if the request may be the reason of a 400
/// or 404.
pub(crate) fn validate_response(
    context: &ExchangeContext<'_>,
    operation: &SpecOperation,
    response: &Response,
    is_valid_request: bool,
) -> Vec<Finding> {
    let Some((_, documented)) = operation.response(response.status) else {
        if is_conditional(context, response.status) {
            return Vec::new();
        }
        return vec![context.finding(
            &RESPONSE_STATUS,
            format!("{}/responses", operation.pointer),
            format!("one of the statuses {}", statuses(operation)),
            response.status.to_string(),
        )];
    };
    if documented.is_assumed {
        let is_rejection = matches!(response.status, 400 | 404);
        let is_failure = response.status >= 500 || (is_rejection && is_valid_request);
        // The headers and the body may be a proxy's.
        return vec![assumed_status(
            context,
            operation,
            response.status,
            is_failure,
        )];
    }
    if context.lacks(Omitted::ResponseHeaders) {
        return Vec::new();
    }
    let mut findings = headers(context, documented, response);
    if !context.lacks(Omitted::ResponseBody) {
        findings.extend(body(context, documented, response));
    }
    findings
}

/// Returns the statuses that are documented, and not only assumed.
fn statuses(operation: &SpecOperation) -> String {
    let responses = operation.responses.iter();
    let documented = responses.filter(|(_, response)| !response.is_assumed);
    let statuses: Vec<_> = documented.map(|(status, _)| status.as_str()).collect();
    statuses.join(", ")
}

fn assumed_status(
    context: &ExchangeContext<'_>,
    operation: &SpecOperation,
    status: u16,
    is_failure: bool,
) -> Finding {
    let (rule, of_request) = match (is_failure, status) {
        (false, _) => (&RESPONSE_ASSUMED_STATUS, ""),
        (true, 400 | 404) => (&RESPONSE_FAILURE, " to a valid request"),
        (true, _) => (&RESPONSE_FAILURE, ""),
    };
    context.finding(
        rule,
        format!("{}/responses/{status}", operation.pointer),
        format!("one of the documented statuses {}", statuses(operation)),
        format!("{status}{of_request}, which the spec only assumes"),
    )
}

/// Returns whether HTTP defines a status as the response to a condition that the request had.
///
/// Without its headers, a request may have had any condition.
fn is_conditional(context: &ExchangeContext<'_>, status: u16) -> bool {
    let exchange = context.exchange;
    let is_read = matches!(&*exchange.method, "GET" | "HEAD");
    let conditions = match status {
        304 if is_read => [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE].as_slice(),
        412 if is_read => &[header::IF_MATCH, header::IF_UNMODIFIED_SINCE],
        412 => &[
            header::IF_MATCH,
            header::IF_UNMODIFIED_SINCE,
            header::IF_NONE_MATCH,
        ],
        _ => return false,
    };
    context.lacks(Omitted::RequestHeaders)
        || conditions
            .iter()
            .any(|name| exchange.request_headers.contains_key(name))
}

fn headers(
    context: &ExchangeContext<'_>,
    documented: &ResponseSpec,
    response: &Response,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for declared in &documented.headers {
        let name = &declared.name;
        let mut values = response.headers.get_all(name).iter().peekable();
        if values.peek().is_none() && declared.is_required {
            let expected = format!("the header {name}");
            findings.push(context.finding(&RESPONSE_HEADER, &declared.pointer, expected, "none"));
        }
        for value in values {
            let value = declared.schema.parse_text(&text(value));
            for violation in declared.schema.violations(&value) {
                let expected = format!("{} in the header {name}", violation.expected);
                let finding = context.finding(
                    &RESPONSE_HEADER,
                    &declared.pointer,
                    expected,
                    violation.actual,
                );
                findings.push(finding);
            }
        }
    }
    findings
}

fn body(
    context: &ExchangeContext<'_>,
    documented: &ResponseSpec,
    response: &Response,
) -> Vec<Finding> {
    let pointer = &documented.pointer;
    let length = response.body.len();
    if documented.media.is_empty() {
        let undeclared = (length > 0).then(|| {
            let actual = format!("{length} bytes");
            context.finding(&RESPONSE_BODY_UNDECLARED, pointer, "no body", actual)
        });
        return undeclared.into_iter().collect();
    }
    if length == 0 {
        return vec![context.finding(&RESPONSE_BODY_MISSING, pointer, "a body", "none")];
    }
    let media = match media(context, documented, response) {
        Ok(media) => media,
        Err(finding) => return vec![*finding],
    };
    let parsed = match json::parse(&response.body) {
        Ok(parsed) => parsed,
        Err(reason) => {
            let (rule, expected, actual) = match reason {
                JsonError::NotUtf8 => (&RESPONSE_UTF8, "UTF-8", "other bytes".to_owned()),
                JsonError::Syntax(line, column) => (
                    &RESPONSE_JSON,
                    "JSON",
                    format!("invalid JSON at line {line}, column {column}"),
                ),
                JsonError::Range(line, column) => (
                    &RESPONSE_JSON_RANGE,
                    "numbers within the range of a double",
                    format!("another number at line {line}, column {column}"),
                ),
                JsonError::Depth(line, column) => (
                    &RESPONSE_JSON_RANGE,
                    "values nested at most 127 deep",
                    format!("deeper nesting at line {line}, column {column}"),
                ),
                JsonError::DuplicateName => (
                    &RESPONSE_DUPLICATE_NAME,
                    "unique member names",
                    "a duplicate name".to_owned(),
                ),
            };
            return vec![context.finding(rule, &media.pointer, expected, actual)];
        }
    };
    let mut findings: Vec<Finding> = Vec::new();
    if parsed.has_unpaired_surrogates {
        findings.push(context.finding(
            &RESPONSE_SURROGATE,
            &media.schema.pointer,
            "strings of Unicode characters",
            "an unpaired surrogate, read as U+FFFD",
        ));
    }
    for violation in media.schema.violations(&parsed.value) {
        let rule = match violation.kind {
            ViolationKind::Invalid => &RESPONSE_BODY_VALID,
            ViolationKind::Format => &RESPONSE_FORMAT,
            ViolationKind::UnknownMember => &RESPONSE_UNKNOWN_MEMBER,
            ViolationKind::ExcludedMember => &RESPONSE_WRITE_ONLY,
        };
        let expected = format!("{} at {}", violation.expected, violation.location);
        let name = violation.name.filter(|_| context.shows_names);
        let actual = name.map_or(violation.actual, |name| {
            format!("the undeclared member {name}")
        });
        let finding = context.finding(rule, &media.schema.pointer, expected, actual);
        // A violation by every user of a page is one finding.
        // Each undeclared member is a finding of its own, up to a number.
        let is_unknown = finding.rule == RESPONSE_UNKNOWN_MEMBER.id;
        let is_known = |other: &Finding| {
            (other.rule, &other.expected) == (finding.rule, &finding.expected)
                && (!is_unknown || other.actual == finding.actual)
        };
        if !findings.iter().any(is_known) && findings.len() < MAX_FINDINGS {
            findings.push(finding);
        }
    }
    findings
}

/// Returns the documented media type of a response.
fn media<'a>(
    context: &ExchangeContext<'_>,
    documented: &'a ResponseSpec,
    response: &Response,
) -> Result<&'a Media, Box<Finding>> {
    let finding = |expected: String, actual: String| {
        let pointer = format!("{}/content", documented.pointer);
        Box::new(context.finding(&RESPONSE_MEDIA_TYPE, pointer, expected, actual))
    };
    let mut given = response.headers.get_all(header::CONTENT_TYPE).iter();
    let first = given.next().map(text);
    if given.next().is_some() {
        let expected = "one Content-Type".to_owned();
        return Err(finding(expected, "several headers".to_owned()));
    }
    if let Some(charset) = first.as_deref().and_then(other_charset) {
        return Err(finding(
            "UTF-8".to_owned(),
            format!("the charset {charset}"),
        ));
    }
    let media = first.as_deref();
    media
        .and_then(|given| Media::find(&documented.media, given))
        .ok_or_else(|| {
            let types: Vec<_> = documented.media.iter().map(|media| &*media.name).collect();
            let actual = first.as_deref().map_or_else(
                || "none".to_owned(),
                |given| format!("Content-Type: {given}"),
            );
            finding(format!("Content-Type: {}", types.join(" or ")), actual)
        })
}

/// Returns the charset of a media type, unless it is UTF-8, the only one of JSON.
fn other_charset(media_type: &str) -> Option<String> {
    let mut parameters = media_type.split(';').skip(1);
    let charset = parameters.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    });
    charset.filter(|charset| !matches!(charset.as_str(), "utf-8" | "utf8"))
}
