//! One entry of a HAR file as an exchange.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::address::Address;
use super::body::{self, Body};
use super::log;
use super::log::{Entry, Pair};
use super::warning::Oddity;
use crate::exchange::{Exchange, Response};
use crate::omitted::LeftOut;

/// What recorders write in place of a credential.
const HIDDEN: [&str; 7] = [
    "redacted",
    "removed",
    "hidden",
    "masked",
    "stripped",
    "filtered",
    "sanitized",
];

/// An exchange as far as it was recorded.
pub(super) struct Recorded {
    pub(super) exchange: Exchange,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) oddities: Vec<Oddity>,
}

/// The request of an entry, if it has a method that can be one.
pub(super) fn method(entry: &Entry) -> Option<&str> {
    let method = entry.request.as_ref()?.method.as_deref()?;
    // It stands in a line for a shell, so that other letters of HTTP's are not welcome.
    let is_sound = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_sound.then_some(method)
}

/// Whether a browser asks with it whether another request is allowed.
pub(super) fn is_preflight(entry: &Entry) -> bool {
    method(entry) == Some("OPTIONS")
        && values(entry, "access-control-request-method")
            .next()
            .is_some()
}

/// Whether its request has a token that can be read.
pub(super) fn has_token(entry: &Entry) -> bool {
    values(entry, "authorization").any(|value| !is_hidden(value))
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

/// Whether a recorder has put something else in place of a credential.
fn is_hidden(credential: &str) -> bool {
    let credential = credential.trim();
    let token = match credential.split_once(' ') {
        Some((_, token)) => token.trim(),
        None if credential.eq_ignore_ascii_case("bearer") => "",
        None => credential,
    };
    let lower = token.to_ascii_lowercase();
    // Neither scheme nor token starts like `***`, `<token>`, `(none)` or `${TOKEN}`.
    let starts_oddly = |text: &str| !text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_placeholder =
        starts_oddly(credential) || starts_oddly(token) || lower.bytes().all(|byte| byte == b'x');
    // Some take only the signature out, and leave a JWT that reads like one.
    let says_so = if lower.contains('.') {
        lower.ends_with(".redacted")
    } else {
        HIDDEN.iter().any(|word| lower.contains(word))
    };
    is_placeholder || says_so
}

/// Turns an entry into an exchange with what stands at `address`.
pub(super) fn read(entry: Entry, address: Address) -> Recorded {
    let mut oddities = Vec::new();
    let mut left_out = Vec::new();
    let method = method(&entry).unwrap_or_default().to_owned();
    let request = entry.request.unwrap_or_default();
    let has_headers = request.headers.iter().flatten().next().is_some();
    if !has_headers {
        oddities.push(Oddity::RequestHeadersLeftOut);
        left_out.extend([LeftOut::RequestHeaders, LeftOut::Token]);
    }
    let mut request_headers = headers(request.headers, &mut oddities);
    if take_hidden_tokens(&mut request_headers) {
        oddities.push(Oddity::TokenHidden);
        left_out.push(LeftOut::Token);
    }
    let request_body = body::of_request(request.body, request.body_size, &request_headers);
    let request_body = known(request_body, &mut oddities).unwrap_or_else(|| {
        left_out.push(LeftOut::RequestBody);
        Vec::new()
    });
    let response = response(entry.response, &mut left_out, &mut oddities);
    Recorded {
        exchange: Exchange {
            method,
            origin: address.origin,
            target: address.target,
            request_headers,
            request_body,
            response,
        },
        left_out,
        oddities,
    }
}

fn response(
    recorded: Option<log::Response>,
    left_out: &mut Vec<LeftOut>,
    oddities: &mut Vec<Oddity>,
) -> Option<Response> {
    let recorded = recorded.unwrap_or_default();
    // Recorders write 0, or -1, where nothing came back.
    let Some(status) = recorded.status.and_then(status) else {
        oddities.push(Oddity::Unanswered);
        return None;
    };
    let has_headers = recorded.headers.iter().flatten().next().is_some();
    let headers = headers(recorded.headers, oddities);
    if !has_headers && !matches!(status, 204 | 304) {
        oddities.push(Oddity::ResponseHeadersLeftOut);
        left_out.push(LeftOut::ResponseHeaders);
    }
    let body = body::of_response(recorded.content, status, &headers);
    let body = known(body, oddities).unwrap_or_else(|| {
        left_out.push(LeftOut::ResponseBody);
        Vec::new()
    });
    Some(Response {
        status,
        headers,
        body,
    })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the range was looked at"
)]
fn status(number: f64) -> Option<u16> {
    (100.0..1000.0).contains(&number).then_some(number as u16)
}

fn known(body: Result<Body, Oddity>, oddities: &mut Vec<Oddity>) -> Option<Vec<u8>> {
    match body {
        Ok(body) => {
            if body.was_packed {
                oddities.push(Oddity::BodyUnpacked);
            }
            Some(body.bytes)
        }
        Err(oddity) => {
            oddities.push(oddity);
            None
        }
    }
}

fn headers(recorded: Option<Vec<Pair>>, oddities: &mut Vec<Oddity>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for Pair { name, value } in recorded.into_iter().flatten() {
        let name = name.unwrap_or_default();
        // HTTP/2 has method and path among its headers.
        if name.starts_with(':') {
            continue;
        }
        let value = value.unwrap_or_default();
        // Some browsers join the values of a header that came more than once.
        for value in value.split('\n') {
            let name = HeaderName::from_bytes(name.trim().as_bytes());
            match (name, HeaderValue::from_bytes(value.trim().as_bytes())) {
                (Ok(name), Ok(value)) => {
                    headers.append(name, value);
                }
                _ => oddities.push(Oddity::HeaderImpossible),
            }
        }
    }
    headers
}

/// Takes out what stands in place of a token: it is the same for all hosts, and no token.
fn take_hidden_tokens(headers: &mut HeaderMap) -> bool {
    let credentials = headers.get_all(header::AUTHORIZATION).iter();
    let are_hidden = credentials
        .map(crate::exchange::text)
        .any(|credential| is_hidden(&credential));
    if are_hidden {
        headers.remove(header::AUTHORIZATION);
    }
    are_hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_place_of_a_token_is_known() {
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
            assert!(is_hidden(credential), "{credential}");
        }
        for credential in [
            "Bearer eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
            "Basic dXNlcjpwYXNz",
            "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl",
            "Bearer nonsense",
        ] {
            assert!(!is_hidden(credential), "{credential}");
        }
    }
}
