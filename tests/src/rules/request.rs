//! What a request must be like.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::header;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::reproduce::shape;
use super::{
    REQUEST_ACCEPT, REQUEST_ACCESS_KEY, REQUEST_BODY_MISSING, REQUEST_BODY_READ_ONLY,
    REQUEST_BODY_UNDECLARED, REQUEST_BODY_UNKNOWN_MEMBER, REQUEST_BODY_VALID, REQUEST_CONTENT_TYPE,
    REQUEST_DOT_SEGMENT, REQUEST_ENCODING, REQUEST_HEADER_DECLARED, REQUEST_OPERATION,
    REQUEST_PARAMETER_REQUIRED, REQUEST_PARAMETER_VALID, REQUEST_QUERY_DECLARED,
    REQUEST_QUERY_REPEATED, REQUEST_TOKEN, Scene,
};
use crate::exchange::text;
use crate::finding::Finding;
use crate::json::{self, Unreadable};
use crate::omitted::LeftOut;
use crate::spec::{MisfitKind, SpecOperation, essence};

/// Headers that say nothing of an API.
const ORDINARY_HEADERS: [&str; 35] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "authorization",
    "cache-control",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "host",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "keep-alive",
    "origin",
    "pragma",
    "priority",
    "referer",
    "te",
    "traceparent",
    "tracestate",
    "baggage",
    "transfer-encoding",
    "upgrade-insecure-requests",
    "user-agent",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-request-id",
];
/// How every Ed25519 key in PKCS#8 starts, in base64.
const PRIVATE_KEY: &str = "MC4CAQAwBQYDK2VwBCIEI";

/// Holds a request against the document.
pub(crate) fn judge_request(scene: &Scene<'_>) -> Vec<Finding> {
    let has_token = !scene.lacks(LeftOut::Token);
    let mut findings = Vec::new();
    let exchange = scene.exchange;
    let is_dot = |segment: &str| {
        matches!(
            &*segment.to_ascii_lowercase().replace("%2e", "."),
            "." | ".."
        )
    };
    if exchange.path().split('/').any(is_dot) {
        findings.push(
            scene.finding(
                &REQUEST_DOT_SEGMENT,
                scene
                    .operation
                    .map_or("/paths", |operation| &operation.pointer),
                "a path without `.` and `..`",
                shape(exchange.path()),
            ),
        );
    }
    findings.extend(access_key(scene));
    let Some(operation) = scene.operation else {
        // A dot segment is why it belongs to nothing, or to something else.
        if findings.is_empty() {
            findings.push(no_operation(scene));
        }
        return findings;
    };
    let leaks_key = findings
        .iter()
        .any(|finding| finding.rule == REQUEST_ACCESS_KEY.id);
    if has_token && !leaks_key && operation.is_secured {
        findings.extend(token(scene, operation));
    }
    findings.extend(path_parameters(scene, operation));
    findings.extend(query(scene, operation));
    // A body without its headers has no media type to be judged by.
    if !scene.lacks(LeftOut::RequestHeaders) {
        findings.extend(headers(scene, operation));
        if !scene.lacks(LeftOut::RequestBody) {
            findings.extend(body(scene, operation));
        }
    }
    findings
}

fn no_operation(scene: &Scene<'_>) -> Finding {
    let exchange = scene.exchange;
    let methods = scene.spec.methods(exchange.path());
    let expected = if methods.is_empty() {
        "a path of the document".to_owned()
    } else {
        format!("one of the methods {}", methods.join(", "))
    };
    let got = format!("{} {}", exchange.method, shape(exchange.path()));
    scene.finding(&REQUEST_OPERATION, "/paths", expected, got)
}

fn token(scene: &Scene<'_>, operation: &SpecOperation) -> Option<Finding> {
    let count = scene
        .exchange
        .request_headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .count();
    let got = match (count, scene.exchange.bearer_token()) {
        (0, _) => "no Authorization header",
        (1, None) => "another scheme than Bearer",
        (1, Some(token)) if is_jwt(token) => return None,
        (1, Some(_)) => "a token that is no JWT",
        _ => "more than one Authorization header",
    };
    Some(scene.finding(
        &REQUEST_TOKEN,
        &operation.pointer,
        "one bearer token, a JWT",
        got,
    ))
}

fn is_jwt(token: &str) -> bool {
    let parts: Vec<_> = token.split('.').collect();
    parts.len() == 3
        && parts
            .iter()
            .all(|part| !part.is_empty() && URL_SAFE_NO_PAD.decode(part).is_ok())
}

/// Looks for an access key of either kind in headers, path, query and body.
fn access_key(scene: &Scene<'_>) -> Option<Finding> {
    let exchange = scene.exchange;
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
    let (place, _) = places.iter().find(|(_, text)| holds_access_key(text))?;
    Some(scene.finding(
        &REQUEST_ACCESS_KEY,
        "/components/securitySchemes",
        "no access key",
        *place,
    ))
}

fn holds_access_key(text: &str) -> bool {
    text.contains(PRIVATE_KEY)
        || text.split([' ', '"', '&', '=', '/']).any(|word| {
            let legacy = STANDARD
                .decode(word)
                .ok()
                .filter(|json| json.starts_with(b"{"));
            legacy.is_some_and(|json| json.windows(12).any(|part| part == b"\"privateKey\""))
        })
}

fn path_parameters(scene: &Scene<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, value) in operation
        .template
        .values(scene.exchange.path())
        .unwrap_or_default()
    {
        let pointer = &operation.pointer;
        let Some(value) = decode(value) else {
            findings.push(not_encoded(scene, pointer, name));
            continue;
        };
        let parameter = operation.parameters_in("path").find(|own| own.name == name);
        // `.` and `..` have a rule of their own.
        if let Some(parameter) = parameter.filter(|_| !matches!(&*value, "." | "..")) {
            findings.extend(parameter_value(scene, parameter, &value));
        }
    }
    findings
}

fn query(scene: &Scene<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut counts = BTreeMap::<String, usize>::new();
    let pairs = scene
        .exchange
        .query()
        .into_iter()
        .flat_map(|query| query.split('&'));
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        // Forms write a space as a plus.
        let (name, value) = (
            decode(&name.replace('+', " ")),
            decode(&value.replace('+', " ")),
        );
        let (Some(name), Some(value)) = (name, value) else {
            findings.push(not_encoded(scene, &operation.pointer, "the query"));
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
                findings.push(scene.finding(
                    &REQUEST_QUERY_DECLARED,
                    &operation.pointer,
                    if expected.is_empty() {
                        "no query".to_owned()
                    } else {
                        format!("only the parameters {}", expected.join(", "))
                    },
                    "another one",
                ));
            }
            Some(parameter) if *count == 2 => findings.push(scene.finding(
                &REQUEST_QUERY_REPEATED,
                &parameter.pointer,
                format!("{} once", parameter.name),
                "it again",
            )),
            Some(_) if *count > 2 => {}
            Some(parameter) => findings.extend(parameter_value(scene, parameter, &value)),
        }
    }
    findings.extend(missing(scene, operation, "query", |name| {
        counts.contains_key(name)
    }));
    findings
}

/// A finding for every required parameter in `place` that is not there.
fn missing(
    scene: &Scene<'_>,
    operation: &SpecOperation,
    place: &str,
    is_there: impl Fn(&str) -> bool,
) -> Vec<Finding> {
    let required = operation.parameters_in(place).filter(|own| own.is_required);
    required
        .filter(|own| !is_there(&own.name))
        .map(|own| {
            let expected = format!("the {place} parameter {}", own.name);
            scene.finding(&REQUEST_PARAMETER_REQUIRED, &own.pointer, expected, "none")
        })
        .collect()
}

fn headers(scene: &Scene<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let sent = &scene.exchange.request_headers;
    for name in sent.keys() {
        let declared = operation
            .parameters_in("header")
            .find(|own| own.name.eq_ignore_ascii_case(name.as_str()));
        if let Some(parameter) = declared {
            for value in sent.get_all(name) {
                findings.extend(parameter_value(scene, parameter, &text(value)));
            }
        } else if !ORDINARY_HEADERS.contains(&name.as_str()) && !name.as_str().starts_with("sec-") {
            findings.push(scene.finding(
                &REQUEST_HEADER_DECLARED,
                &operation.pointer,
                "only ordinary headers and declared ones",
                format!("the header {name}"),
            ));
        }
    }
    findings.extend(missing(scene, operation, "header", |name| {
        sent.contains_key(name)
    }));
    let accepted: Vec<_> = sent.get_all(header::ACCEPT).iter().map(text).collect();
    let accepted = accepted.join(",");
    for media_type in operation.success_types() {
        if !accepts(&accepted, media_type) {
            let got = if accepted.is_empty() {
                "no Accept header".to_owned()
            } else {
                format!("Accept: {accepted}")
            };
            let expected = format!("an Accept header that allows {media_type}");
            findings.push(scene.finding(&REQUEST_ACCEPT, &operation.pointer, expected, got));
        }
    }
    findings
}

fn body(scene: &Scene<'_>, operation: &SpecOperation) -> Vec<Finding> {
    let sent = &scene.exchange.request_body;
    let Some(declared) = &operation.body else {
        let undeclared = (!sent.is_empty()).then(|| {
            let got = format!("{} bytes", sent.len());
            scene.finding(&REQUEST_BODY_UNDECLARED, &operation.pointer, "no body", got)
        });
        return undeclared.into_iter().collect();
    };
    if sent.is_empty() {
        let missing = declared
            .is_required
            .then(|| scene.finding(&REQUEST_BODY_MISSING, &declared.pointer, "a body", "none"));
        return missing.into_iter().collect();
    }
    let given = scene
        .exchange
        .request_headers
        .get(header::CONTENT_TYPE)
        .map(text);
    let media_type = given.as_deref().map(essence).unwrap_or_default();
    let Some(media) = declared.media.iter().find(|media| media.name == media_type) else {
        let types: Vec<_> = declared.media.iter().map(|media| &*media.name).collect();
        return vec![scene.finding(
            &REQUEST_CONTENT_TYPE,
            format!("{}/content", declared.pointer),
            format!("Content-Type: {}", types.join(" or ")),
            given.map_or_else(
                || "none".to_owned(),
                |given| format!("Content-Type: {given}"),
            ),
        )];
    };
    let value = match json::read(sent) {
        Ok(value) => value,
        Err(unreadable) => {
            let got = match unreadable {
                Unreadable::NotUtf8 => "bytes that are not UTF-8".to_owned(),
                Unreadable::NotJson(line, column) => {
                    format!("what stops being JSON at line {line}, column {column}")
                }
                Unreadable::DuplicateName => "an object with a name twice".to_owned(),
            };
            return vec![scene.finding(&REQUEST_BODY_VALID, &media.pointer, "JSON", got)];
        }
    };
    let misfits = media.schema.misfits(&value).into_iter();
    misfits
        .map(|misfit| {
            let rule = match misfit.kind {
                MisfitKind::Invalid | MisfitKind::Format => &REQUEST_BODY_VALID,
                MisfitKind::UnknownMember => &REQUEST_BODY_UNKNOWN_MEMBER,
                MisfitKind::ForbiddenMember => &REQUEST_BODY_READ_ONLY,
            };
            let expected = format!("{} at {}", misfit.expected, misfit.place);
            scene.finding(rule, &media.schema.pointer, expected, misfit.got)
        })
        .collect()
}

fn parameter_value(
    scene: &Scene<'_>,
    parameter: &crate::spec::Parameter,
    text: &str,
) -> Option<Finding> {
    let value = parameter.schema.value_of(text);
    let misfit = parameter.schema.misfits(&value).into_iter().next()?;
    // A number says nothing of anybody; any other value may.
    let got = match value {
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => misfit.got,
    };
    let expected = format!("{} in {}", misfit.expected, parameter.name);
    Some(scene.finding(&REQUEST_PARAMETER_VALID, &parameter.pointer, expected, got))
}

fn not_encoded(scene: &Scene<'_>, pointer: &str, name: &str) -> Finding {
    let expected = format!("percent-encoded UTF-8 in {name}");
    scene.finding(&REQUEST_ENCODING, pointer, expected, "something else")
}

/// Decodes what is correctly percent-encoded UTF-8, and holds nothing that had to be encoded.
pub(super) fn decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_sound = |index: usize| match bytes[index] {
        b'%' => bytes
            .get(index + 1..index + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        byte => !byte.is_ascii_control() && byte.is_ascii() && byte != b'"',
    };
    if !(0..bytes.len()).all(is_sound) {
        return None;
    }
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

fn accepts(accepted: &str, media_type: &str) -> bool {
    accepted.split(',').any(|range| {
        let refused = range.split(';').skip(1).any(|parameter| {
            let quality = parameter.trim().strip_prefix("q=");
            quality.and_then(|quality| quality.parse::<f32>().ok()) == Some(0.0)
        });
        let range = essence(range);
        !refused
            && (range == "*/*"
                || range == media_type
                || range.strip_suffix("/*").is_some_and(|family| {
                    media_type
                        .split_once('/')
                        .is_some_and(|(own, _)| own == family)
                }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_media_types_are_understood() {
        let ours = "application/links+json";
        for accepted in [
            ours,
            "*/*",
            "application/*",
            "text/html, application/links+json;q=0.9",
        ] {
            assert!(accepts(accepted, ours), "{accepted}");
        }
        for accepted in [
            "",
            "application/json",
            "text/*",
            "*/*;q=0",
            "application/links+jsonx",
        ] {
            assert!(!accepts(accepted, ours), "{accepted}");
        }
    }

    #[test]
    fn only_sound_encodings_are_decoded() {
        assert_eq!(decode("a%2Fb%20%C3%BC|@:"), Some("a/b ü|@:".to_owned()));
        for text in ["%", "%2", "%zz", "%ff", "ü", "a\tb", "\""] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn access_keys_of_both_kinds_are_known_where_they_should_not_be() {
        let legacy = STANDARD.encode(r#"{"clientId":"a","privateKey":"b"}"#);
        for text in [
            "Bearer c.k.a.MC4CAQAwBQYDK2VwBCIEIE99LFw2c3DCiYwrY/Qkg1nIDiagoHtdCwb88RxarVYA",
            &format!("Bearer {legacy}"),
        ] {
            assert!(holds_access_key(text), "{text}");
        }
        assert!(!holds_access_key("Bearer eyJhbGciOiJFZERTQSJ9.e30.c2ln"));
    }
}
