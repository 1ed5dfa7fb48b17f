use std::fmt;

use http::{HeaderMap, HeaderValue};

/// A request and what came back, as they went over the wire. [`Judge`](crate::Judge) has an example.
///
/// `Debug` shows the method and the status alone.
#[derive(Clone)]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// Scheme, host and port, such as `https://acme.api.authress.io`; empty where nobody knows.
    pub origin: String,
    /// Path and query as they were sent, percent-encoded. The path starts with a slash, and what
    /// stands in front of the API's own paths is not part of it.
    pub target: String,
    /// The headers of the request.
    pub request_headers: HeaderMap,
    /// The body of the request; empty if there was none.
    pub request_body: Vec<u8>,
    /// What came back; none if nothing did.
    pub response: Option<Response>,
}

/// What came back for a request.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, without any transfer or content encoding; empty if there was none.
    pub body: Vec<u8>,
}

impl Exchange {
    /// The path, percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// The query, percent-encoded, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let target = self.target.split('#').next().unwrap_or_default();
        target.split_once('?').map(|(_, query)| query)
    }

    /// The bearer token, if the request has one.
    pub(crate) fn bearer_token(&self) -> Option<&str> {
        let credential = self
            .request_headers
            .get(http::header::AUTHORIZATION)?
            .to_str()
            .ok()?;
        let (scheme, token) = credential.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

/// The text of a header's value; bytes that are none are replaced.
pub(crate) fn text(value: &HeaderValue) -> String {
    String::from_utf8_lossy(value.as_bytes()).into_owned()
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("method", &self.method)
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
