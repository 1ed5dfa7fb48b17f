//! Converts entries of a HAR file to exchanges.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::body::{self, Body};
use super::log;
use super::log::{Entry, Pair};
use super::url::RawUrl;
use super::warning::Warning;
use crate::exchange::{Exchange, Response};
use crate::omitted::Omitted;

/// Words that recorders write in place of a credential.
const PLACEHOLDERS: [&str; 7] = [
    "redacted",
    "removed",
    "hidden",
    "masked",
    "stripped",
    "filtered",
    "sanitized",
];

/// A recorded exchange, and what the recorder omitted.
pub(super) struct Recorded {
    pub(super) exchange: Exchange,
    pub(super) omitted: Vec<Omitted>,
    pub(super) warnings: Vec<Warning>,
}

/// Returns the method of an entry, if it is valid.
pub(super) fn method(entry: &Entry) -> Option<&str> {
    let method = entry.request.as_ref()?.method.as_deref()?;
    // The method is part of a shell command, so only letters are allowed.
    let is_valid = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_valid.then_some(method)
}

/// Returns whether the entry is a CORS preflight request.
pub(super) fn is_preflight(entry: &Entry) -> bool {
    method(entry) == Some("OPTIONS")
        && values(entry, "access-control-request-method")
            .next()
            .is_some()
}

/// Returns whether a browser responded in place of the server.
///
/// It does so from its cache, and with an internal redirect.
pub(super) fn is_of_browser(entry: &Entry) -> bool {
    let response = entry.response.iter();
    let headers = response.flat_map(|response| response.headers.iter().flatten());
    let is_internal = headers
        .filter_map(|pair| pair.name.as_deref())
        .any(|name| name.eq_ignore_ascii_case("non-authoritative-reason"));
    is_internal || entry.is_from_cache()
}

/// Returns the bearer token of an entry, unless it is redacted.
pub(super) fn token(entry: &Entry) -> Option<&str> {
    let value = values(entry, "authorization").find(|value| !is_redacted(value))?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Returns whether the request of an entry has a token that is not redacted.
pub(super) fn has_token(entry: &Entry) -> bool {
    values(entry, "authorization").any(|value| !is_redacted(value))
}

fn values<'a>(entry: &'a Entry, name: &'a str) -> impl Iterator<Item = &'a str> {
    let request = entry.request.iter();
    let headers = request.flat_map(|request| request.headers.iter().flatten());
    headers
        .filter(move |pair| {
            let own = pair.name.as_deref().unwrap_or_default();
            own.trim().eq_ignore_ascii_case(name)
        })
        .map(|pair| pair.value.as_deref().unwrap_or_default())
}

/// Returns whether a recorder replaced a credential by a placeholder.
fn is_redacted(credential: &str) -> bool {
    let credential = credential.trim();
    let token = match credential.split_once(' ') {
        Some((_, token)) => token.trim(),
        None if credential.eq_ignore_ascii_case("bearer") => "",
        None => credential,
    };
    let lower = token.to_ascii_lowercase();
    // Schemes and tokens never start like `***`, `<token>`, `(none)` or `${TOKEN}`.
    let is_symbol = |text: &str| !text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_placeholder =
        is_symbol(credential) || is_symbol(token) || lower.bytes().all(|byte| byte == b'x');
    // Some recorders remove only the signature of a JWT.
    let has_placeholder = if lower.contains('.') {
        lower.ends_with(".redacted")
    } else {
        PLACEHOLDERS.iter().any(|word| lower.contains(word))
    };
    is_placeholder || has_placeholder
}

/// Converts an entry to an exchange.
pub(super) fn read(entry: Entry, url: RawUrl) -> Recorded {
    let mut warnings = Vec::new();
    let mut omitted = Vec::new();
    let method = method(&entry).unwrap_or_default().to_owned();
    let request = entry.request.unwrap_or_default();
    let has_headers = request.headers.iter().flatten().next().is_some();
    if !has_headers {
        warnings.push(Warning::RequestHeadersOmitted);
        omitted.extend([Omitted::RequestHeaders, Omitted::Token]);
    }
    let mut request_headers = headers(request.headers, &mut warnings);
    if remove_redacted_tokens(&mut request_headers) {
        warnings.push(Warning::TokenRedacted);
        omitted.push(Omitted::Token);
    }
    let request_body = body::of_request(request.body, request.body_size, &request_headers);
    let request_body = known(request_body, &mut warnings).unwrap_or_else(|| {
        omitted.push(Omitted::RequestBody);
        Vec::new()
    });
    let is_conditional = [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE]
        .iter()
        .any(|name| request_headers.contains_key(name));
    let response = response(entry.response, is_conditional, &mut omitted, &mut warnings);
    // A browser writes provisional headers for a request that it blocked or aborted.
    if response.is_none() && !request_headers.contains_key(header::ACCEPT) {
        omitted.extend([Omitted::RequestHeaders, Omitted::Token]);
    }
    Recorded {
        exchange: Exchange {
            method,
            origin: url.origin,
            target: url.target,
            request_headers,
            request_body,
            response,
        },
        omitted,
        warnings,
    }
}

fn response(
    recorded: Option<log::Response>,
    is_conditional: bool,
    omitted: &mut Vec<Omitted>,
    warnings: &mut Vec<Warning>,
) -> Option<Response> {
    let recorded = recorded.unwrap_or_default();
    // Recorders write 0 or -1 if there was no response.
    let Some(status) = recorded.status.and_then(status) else {
        warnings.push(Warning::NoResponse);
        return None;
    };
    let has_headers = recorded.headers.iter().flatten().next().is_some();
    let headers = headers(recorded.headers, warnings);
    // A browser may show the cached body with the headers of the 304 that confirmed it.
    let is_confirmed =
        is_conditional && status == 200 && !headers.contains_key(header::CONTENT_TYPE);
    if is_confirmed || (!has_headers && !matches!(status, 204 | 304)) {
        warnings.push(Warning::ResponseHeadersOmitted);
        omitted.push(Omitted::ResponseHeaders);
    }
    let body = body::of_response(recorded.content, recorded.body_size, status, &headers);
    let body = known(body, warnings).unwrap_or_else(|| {
        omitted.push(Omitted::ResponseBody);
        Vec::new()
    });
    Some(Response {
        status,
        headers,
        body,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range is checked"
)]
fn status(number: f64) -> Option<u16> {
    (100.0..1000.0).contains(&number).then_some(number as u16)
}

fn known(body: Result<Body, Warning>, warnings: &mut Vec<Warning>) -> Option<Vec<u8>> {
    match body {
        Ok(body) => {
            if body.was_compressed {
                warnings.push(Warning::BodyDecompressed);
            }
            Some(body.bytes)
        }
        Err(warning) => {
            warnings.push(warning);
            None
        }
    }
}

fn headers(recorded: Option<Vec<Pair>>, warnings: &mut Vec<Warning>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for Pair { name, value } in recorded.into_iter().flatten() {
        let name = name.unwrap_or_default();
        // Pseudo-headers of HTTP/2.
        if name.starts_with(':') {
            continue;
        }
        let value = value.unwrap_or_default();
        // Some browsers join the values of a repeated header.
        for value in value.split('\n') {
            let name = HeaderName::from_bytes(name.trim().as_bytes());
            match (name, HeaderValue::from_bytes(value.trim().as_bytes())) {
                (Ok(name), Ok(value)) => {
                    // Some recorders merge two lists of the same headers.
                    if !headers.get_all(&name).iter().any(|own| own == value) {
                        headers.append(name, value);
                    }
                }
                _ => warnings.push(Warning::InvalidHeader),
            }
        }
    }
    headers
}

/// Removes placeholders of tokens, which are the same for all hosts. Returns whether there were any.
fn remove_redacted_tokens(headers: &mut HeaderMap) -> bool {
    let credentials = headers.get_all(header::AUTHORIZATION).iter();
    let are_redacted = credentials
        .map(crate::exchange::text)
        .any(|credential| is_redacted(&credential));
    if are_redacted {
        headers.remove(header::AUTHORIZATION);
    }
    are_redacted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_of_tokens_are_recognized() {
        for credential in [
            "",
            "***",
            "Bearer ***",
            "Bearer",
            "REDACTED",
            "bearer [REDACTED]",
            "Bearer <token>",
            "Bearer ${TOKEN}",
            "Bearer xxxxxxxx",
            "Bearer …",
            "(taken out)",
            "Token removed",
            "Bearer eyJhbGciOiJFZERTQSJ9.e30.redacted",
        ] {
            assert!(is_redacted(credential), "{credential}");
        }
        for credential in [
            "Bearer eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
            "Basic dXNlcjpwYXNz",
            "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
            "Bearer nonsense",
        ] {
            assert!(!is_redacted(credential), "{credential}");
        }
    }
}
