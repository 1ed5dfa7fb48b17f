//! Rules for requests.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::context::ExchangeContext;
use super::header_names::is_standard;
use super::reproduce::shape;
use super::table::{
    REQUEST_ACCEPT, REQUEST_ACCESS_KEY, REQUEST_BODY_MISSING, REQUEST_BODY_READ_ONLY,
    REQUEST_BODY_UNDECLARED, REQUEST_BODY_UNKNOWN_MEMBER, REQUEST_BODY_VALID, REQUEST_CONTENT_TYPE,
    REQUEST_DOT_SEGMENT, REQUEST_ENCODING, REQUEST_HEADER_DECLARED, REQUEST_OPERATION,
    REQUEST_PARAMETER_REQUIRED, REQUEST_PARAMETER_VALID, REQUEST_QUERY_DECLARED,
    REQUEST_QUERY_REPEATED, REQUEST_SURROGATE, REQUEST_TOKEN,
};
use crate::exchange::text;
use crate::finding::Finding;
use crate::json::{self, JsonError};
use crate::omitted::Omitted;
use crate::spec::{Media, SpecOperation, ViolationKind};
use authress_users_openapi::covers;

/// The start of every Ed25519 key in PKCS#8, in base64.
const PRIVATE_KEY_PREFIX: &str = "MC4CAQAwBQYDK2VwBCIEI";

/// Validates a request.
pub(crate) fn validate_request(context: &ExchangeContext<'_>) -> Vec<Finding> {
    let has_token = !context.lacks(Omitted::Token);
    let mut findings = Vec::new();
    let exchange = context.exchange;
    let is_dot = |segment: &str| {
        matches!(
            &*segment.to_ascii_lowercase().replace("%2e", "."),
            "." | ".."
        )
    };
    if exchange.path().split('/').any(is_dot) {
        findings.push(
            context.finding(
                &REQUEST_DOT_SEGMENT,
                context
                    .operation
                    .map_or("/paths", |operation| &operation.pointer),
                "a path without `.` and `..`",
                shape(exchange.path()),
            ),
        );
    }
    findings.extend(access_key(context));
    let Some(operation) = context.operation else {
        // A dot segment or an access key already explains why no operation matches.
        if findings.is_empty() {
            findings.push(no_operation(context));
        }
        return findings;
    };
    let leaks_key = findings
        .iter()
        .any(|finding| finding.rule == REQUEST_ACCESS_KEY.id);
    if has_token && !leaks_key && operation.is_secured {
        findings.extend(token(context, operation));
    }
    findings.extend(path_parameters(context, operation));
    findings.extend(query(context, operation));
    // Without headers, the media type of the body is unknown.
    if !context.lacks(Omitted::RequestHeaders) {
        findings.extend(headers(context, operation));
        if !context.lacks(Omitted::RequestBody) {
            findings.extend(body(context, operation));
        }
    }
    findings
}

fn no_operation(context: &ExchangeContext<'_>) -> Finding {
    let exchange = context.exchange;
    let methods = context.spec.methods(exchange.path());
    let expected = if methods.is_empty() {
        "a path of the spec".to_owned()
    } else {
        format!("one of the methods {}", methods.join(", "))
    };
    let actual = format!("{} {}", exchange.method, shape(exchange.path()));
    context.finding(&REQUEST_OPERATION, "/paths", expected, actual)
}

fn token(context: &ExchangeContext<'_>, operation: &SpecOperation) -> Option<Finding> {
    let count = context
        .exchange
        .request_headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .count();
    let actual = match (count, context.exchange.bearer_token()) {
        (0, _) => "no Authorization header",
        (1, None) => "another scheme than Bearer",
        (1, Some(token)) if is_jwt(token) => return None,
        (1, Some(_)) => "a token that is not a JWT",
        _ => "more than one Authorization header",
    };
    Some(context.finding(
        &REQUEST_TOKEN,
        &operation.pointer,
        "one bearer token, a JWT",
        actual,
    ))
}

fn is_jwt(token: &str) -> bool {
    let parts: Vec<_> = token.split('.').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && URL_SAFE_NO_PAD.decode(part).is_ok())
}

/// Finds an access key of either kind in headers, path, query and body.
fn access_key(context: &ExchangeContext<'_>) -> Option<Finding> {
    let exchange = context.exchange;
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut places: Vec<(&str, String)> = exchange
        .request_headers
        .values()
        .map(|value| ("a header", text(value)))
        .collect();
    places.push(("the path", decoded(exchange.path())));
    places.extend(exchange.query().map(|query| ("the query", decoded(query))));
    places.push((
        "the body",
        String::from_utf8_lossy(&exchange.request_body).into_owned(),
    ));
    let (place, _) = places.iter().find(|(_, text)| contains_access_key(text))?;
    Some(context.finding(
        &REQUEST_ACCESS_KEY,
        "/components/securitySchemes",
        "no access key",
        *place,
    ))
}

pub(crate) fn contains_access_key(text: &str) -> bool {
    text.contains(PRIVATE_KEY_PREFIX)
        || text.split([' ', '"', '&', '=', '/']).any(|word| {
            let legacy = STANDARD
                .decode(word)
                .ok()
                .filter(|json| json.starts_with(b"{"));
            legacy.is_some_and(|json| json.windows(12).any(|part| part == b"\"privateKey\""))
        })
}

fn path_parameters(context: &ExchangeContext<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in operation
        .template
        .values(context.exchange.path())
        .unwrap_or_default()
    {
        let pointer = &operation.pointer;
        let Some(value) = decode(value) else {
            findings.push(not_encoded(context, pointer, name));
            continue;
        };
        let parameter = operation.parameters_in("path").find(|own| own.name == name);
        // `request-dot-segment` covers `.` and `..`.
        if let Some(parameter) = parameter.filter(|_| !matches!(&*value, "." | "..")) {
            findings.extend(parameter_value(context, parameter, &value));
        }
    }
    findings
}

fn query(context: &ExchangeContext<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut counts = BTreeMap::<String, usize>::new();
    let pairs = context
        .exchange
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'));
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // A plus is a space in the form encoding.
        let (name, value) = (
            decode(&name.replace('+', " ")),
            decode(&value.replace('+', " ")),
        );
        let (Some(name), Some(value)) = (name, value) else {
            findings.push(not_encoded(context, &operation.pointer, "the query"));
            continue;
        };
        let declared = operation
            .parameters_in("query")
            .find(|own| own.name == name);
        let count = counts.entry(name).or_default();
        *count += 1;
        match declared {
            None => {
                let expected: Vec<_> = operation
                    .parameters_in("query")
                    .map(|own| own.name.as_str())
                    .collect();
                findings.push(context.finding(
                    &REQUEST_QUERY_DECLARED,
                    &operation.pointer,
                    if expected.is_empty() {
                        "no query parameters".to_owned()
                    } else {
                        format!("only the parameters {}", expected.join(", "))
                    },
                    "an undeclared parameter",
                ));
            }
            Some(parameter) if *count == 2 => findings.push(context.finding(
                &REQUEST_QUERY_REPEATED,
                &parameter.pointer,
                format!("{} once", parameter.name),
                "it repeated",
            )),
            Some(_) if *count > 2 => {}
            Some(parameter) => findings.extend(parameter_value(context, parameter, &value)),
        }
    }
    findings.extend(missing(context, operation, "query", |name| {
        counts.contains_key(name)
    }));
    findings
}

/// Returns a finding for every required parameter that is missing. `place` is the `in` of the spec.
fn missing(
    context: &ExchangeContext<'_>,
    operation: &SpecOperation,
    place: &str,
    is_present: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let required = operation.parameters_in(place).filter(|own| own.is_required);
    required
        .filter(|own| !is_present(&own.name))
        .map(|own| {
            let expected = format!("the {place} parameter {}", own.name);
            context.finding(&REQUEST_PARAMETER_REQUIRED, &own.pointer, expected, "none")
        })
        .collect()
}

fn headers(context: &ExchangeContext<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sent = &context.exchange.request_headers;
    for name in sent.keys() {
        let declared = operation
            .parameters_in("header")
            .find(|own| own.name.eq_ignore_ascii_case(name.as_str()));
        if let Some(parameter) = declared {
            for value in sent.get_all(name) {
                findings.extend(parameter_value(context, parameter, &text(value)));
            }
        } else if !is_standard(name.as_str()) {
            findings.push(context.finding(
                &REQUEST_HEADER_DECLARED,
                &operation.pointer,
                "only standard and declared headers",
                format!("the header {name}"),
            ));
        }
    }
    findings.extend(missing(context, operation, "header", |name| {
        sent.contains_key(name)
    }));
    let accepted: Vec<_> = sent.get_all(header::ACCEPT).iter().map(text).collect();
    let accepted = accepted.join(",");
    for media_type in operation.success_types() {
        if !accepts(&accepted, media_type) {
            let actual = if accepted.is_empty() {
                "no Accept header".to_owned()
            } else {
                format!("Accept: {accepted}")
            };
            let expected = format!("an Accept header that includes {media_type}");
            findings.push(context.finding(&REQUEST_ACCEPT, &operation.pointer, expected, actual));
        }
    }
    findings
}

fn body(context: &ExchangeContext<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let sent = &context.exchange.request_body;
    let Some(declared) = &operation.body else {
        let undeclared = (!sent.is_empty()).then(|| {
            let actual = format!("{} bytes", sent.len());
            context.finding(
                &REQUEST_BODY_UNDECLARED,
                &operation.pointer,
                "no body",
                actual,
            )
        });
        return undeclared.into_iter().collect();
    };
    if sent.is_empty() {
        let missing = declared
            .is_required
            .then(|| context.finding(&REQUEST_BODY_MISSING, &declared.pointer, "a body", "none"));
        return missing.into_iter().collect();
    }
    let given = context
        .exchange
        .request_headers
        .get(header::CONTENT_TYPE)
        .map(text);
    let media = given.as_deref();
    let Some(media) = media.and_then(|given| Media::find(&declared.media, given)) else {
        let types: Vec<_> = declared.media.iter().map(|media| &*media.name).collect();
        return vec![context.finding(
            &REQUEST_CONTENT_TYPE,
            format!("{}/content", declared.pointer),
            format!("Content-Type: {}", types.join(" or ")),
            given.map_or_else(
                || "none".to_owned(),
                |given| format!("Content-Type: {given}"),
            ),
        )];
    };
    let parsed = match json::parse(sent) {
        Ok(parsed) => parsed,
        Err(reason) => {
            let actual = match reason {
                JsonError::NotUtf8 => "bytes that are not UTF-8".to_owned(),
                JsonError::Syntax(line, column) => {
                    format!("invalid JSON at line {line}, column {column}")
                }
                JsonError::Range(line, column) => {
                    format!("a number beyond a double at line {line}, column {column}")
                }
                JsonError::Depth(line, column) => {
                    format!("nesting deeper than 127 at line {line}, column {column}")
                }
                JsonError::DuplicateName => "an object with a duplicate name".to_owned(),
            };
            return vec![context.finding(&REQUEST_BODY_VALID, &media.pointer, "JSON", actual)];
        }
    };
    let surrogate = parsed.has_unpaired_surrogates.then(|| {
        context.finding(
            &REQUEST_SURROGATE,
            &media.schema.pointer,
            "strings of Unicode characters",
            "an unpaired surrogate, read as U+FFFD",
        )
    });
    let violations = media.schema.violations(&parsed.value).into_iter();
    surrogate
        .into_iter()
        .chain(violations.map(|violation| {
            let rule = match violation.kind {
                ViolationKind::Invalid | ViolationKind::Format => &REQUEST_BODY_VALID,
                ViolationKind::UnknownMember => &REQUEST_BODY_UNKNOWN_MEMBER,
                ViolationKind::ExcludedMember => &REQUEST_BODY_READ_ONLY,
            };
            let expected = format!("{} at {}", violation.expected, violation.location);
            context.finding(rule, &media.schema.pointer, expected, violation.actual)
        }))
        .collect()
}

fn parameter_value(
    context: &ExchangeContext<'_>,
    parameter: &crate::spec::Parameter,
    text: &str,
) -> Option<Finding> {
    let value = parameter.schema.parse_text(text);
    let violation = parameter.schema.violations(&value).into_iter().next()?;
    // Numbers are not personal; other values may be.
    let actual = match value {
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => violation.actual,
    };
    let expected = format!("{} in {}", violation.expected, parameter.name);
    Some(context.finding(
        &REQUEST_PARAMETER_VALID,
        &parameter.pointer,
        expected,
        actual,
    ))
}

fn not_encoded(context: &ExchangeContext<'_>, pointer: &str, name: &str) -> Finding {
    let expected = format!("percent-encoded UTF-8 in {name}");
    context.finding(&REQUEST_ENCODING, pointer, expected, "another encoding")
}

/// Decodes percent-encoded UTF-8. None if the encoding is invalid or incomplete.
pub(super) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_valid = |index: usize| match bytes[index] {
        b'%' => bytes
            .get(index + 1..index + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        byte => !byte.is_ascii_control() && byte.is_ascii() && byte != b'"',
    };
    if !(0..bytes.len()).all(is_valid) {
        return None;
    }
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

fn accepts(accepted: &str, media_type: &str) -> bool {
    accepted.split(',').any(|range| {
        let is_excluded = range.split(';').skip(1).any(|parameter| {
            let quality = parameter.trim().strip_prefix("q=");
            quality.and_then(|quality| quality.parse::<f32>().ok()) == Some(0.0)
        });
        !is_excluded && covers(range, media_type)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_matches_media_ranges() {
        let media_type = "application/links+json";
        for accepted in [
            media_type,
            "*/*",
            "application/*",
            "text/html, application/links+json;q=0.9",
        ] {
            assert!(accepts(accepted, media_type), "{accepted}");
        }
        for accepted in [
            "",
            "application/json",
            "text/*",
            "*/*;q=0",
            "application/links+jsonx",
        ] {
            assert!(!accepts(accepted, media_type), "{accepted}");
        }
    }

    #[test]
    fn only_valid_encodings_are_decoded() {
        assert_eq!(decode("a%2Fb%20%C3%BC|@:"), Some("a/b ü|@:".to_owned()));
        for text in ["%", "%2", "%zz", "%ff", "ü", "a\tb", "\""] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn access_keys_of_both_kinds_are_detected() {
        let legacy = STANDARD.encode(r#"{"clientId":"a","privateKey":"b"}"#);
        for text in [
            "Bearer c.k.a.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA",
            &format!("Bearer {legacy}"),
        ] {
            assert!(contains_access_key(text), "{text}");
        }
        assert!(!contains_access_key("Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln"));
    }
}
