use std::fmt;

use http::{HeaderMap, HeaderValue, header};

/// The request headers whose values may be credentials.
pub(crate) const CREDENTIALS: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
];

/// A request and its response, as they went over the wire.
///
/// `Debug` shows only the method and the status. [`Validator`](crate::Validator) has an example.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// The HTTP method.
    pub method: String,
    /// Scheme, host and port, such as `https://acme.api.authress.io`; empty if unknown.
    pub origin: String,
    /// Path and query as sent, percent-encoded. The path starts with a slash and does not include
    /// a prefix in front of the API's own paths.
    pub target: String,
    /// The headers of the request.
    pub request_headers: HeaderMap,
    /// The body of the request; empty if it had none.
    pub request_body: Vec<u8>,
    /// The response; none if there was none.
    pub response: Option<Response>,
}

/// A response as it was received.
///
/// `Debug` shows only the status.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body without transfer and content encoding; empty if it had none.
    pub body: Vec<u8>,
}

impl Exchange {
    /// Returns a request without headers, body and response.
    ///
    /// `target` is the path and query as sent, percent-encoded.
    #[must_use]
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            origin: String::new(),
            target: target.into(),
            request_headers: HeaderMap::new(),
            request_body: Vec::new(),
            response: None,
        }
    }

    /// Sets scheme, host and port, such as `https://acme.api.authress.io`.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    /// Sets the headers of the request.
    #[must_use]
    pub fn request_headers(mut self, headers: HeaderMap) -> Self {
        self.request_headers = headers;
        self
    }

    /// Sets the body of the request.
    #[must_use]
    pub fn request_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.request_body = body.into();
        self
    }

    /// Sets the response.
    #[must_use]
    pub fn response(mut self, response: Response) -> Self {
        self.response = Some(response);
        self
    }

    /// Returns the path, percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target.split(['?', '#']).next().unwrap_or_default()
    }

    /// Returns the query, percent-encoded, without its question mark.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        let target = self.target.split('#').next().unwrap_or_default();
        target.split_once('?').map(|(_, query)| query)
    }

    /// Returns the bearer token of the request.
    pub(crate) fn bearer_token(&self) -> Option<&str> {
        let credential = self.request_headers.get(header::AUTHORIZATION)?;
        let (scheme, token) = credential.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    }
}

impl Exchange {
    /// Returns every header value of the request that may be a credential.
    pub(crate) fn credentials(&self) -> Vec<&str> {
        let values = CREDENTIALS
            .iter()
            .flat_map(|name| self.request_headers.get_all(*name));
        values.filter_map(|value| value.to_str().ok()).collect()
    }
}

impl Response {
    /// Returns a response without headers and body.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// Sets the headers.
    #[must_use]
    pub fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers = headers;
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

/// Returns the text of a header value; invalid UTF-8 is replaced.
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
