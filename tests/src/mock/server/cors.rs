//! Cross-origin requests of browsers.

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::exchange::Exchange;
use crate::mock::stub_response::StubResponse;

const PRIVATE_NETWORK_REQUEST: HeaderName =
    HeaderName::from_static("access-control-request-private-network");
const PRIVATE_NETWORK: HeaderName = HeaderName::from_static("access-control-allow-private-network");
/// How many seconds a browser may keep the response to a preflight request.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");

/// Returns whether a request is a CORS preflight.
pub(crate) fn is_preflight(exchange: &Exchange) -> bool {
    exchange.method == "OPTIONS"
        && [header::ORIGIN, header::ACCESS_CONTROL_REQUEST_METHOD]
            .iter()
            .all(|name| exchange.request_headers.contains_key(name))
}

/// Returns the response that allows the requested method and headers.
pub(crate) fn preflight(request: &HeaderMap) -> StubResponse {
    let mut response = StubResponse::from_status(StatusCode::NO_CONTENT)
        .with_header(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    for (requested, allowed) in [
        (
            header::ACCESS_CONTROL_REQUEST_METHOD,
            header::ACCESS_CONTROL_ALLOW_METHODS,
        ),
        (
            header::ACCESS_CONTROL_REQUEST_HEADERS,
            header::ACCESS_CONTROL_ALLOW_HEADERS,
        ),
        (PRIVATE_NETWORK_REQUEST, PRIVATE_NETWORK),
    ] {
        if let Some(value) = request.get(requested) {
            response.headers.insert(allowed, value.clone());
        }
    }
    response
}

/// Allows pages of any origin to read a response.
pub(crate) fn allow_origin(request: &HeaderMap, response: &mut HeaderMap) {
    let Some(origin) = request.get(header::ORIGIN) else {
        let any = HeaderValue::from_static("*");
        response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        return;
    };
    let names: Vec<_> = response.keys().map(HeaderName::as_str).collect();
    // Names of headers are always valid values.
    if let Ok(names) = HeaderValue::try_from(names.join(", ")) {
        response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, names);
    }
    // A page that sends cookies may not read a response with `*`.
    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    response.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
    response.append(header::VARY, HeaderValue::from_static("origin"));
}
