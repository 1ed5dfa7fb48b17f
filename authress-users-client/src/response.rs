//! Responses: as received, and with the value decoded from the body.

use std::fmt;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

/// A response as it was received.
///
/// `Debug` shows the status only: headers and body can hold personal data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// Whether the body is only the first part of what was sent. False if it was read to its end.
    pub truncated: bool,
}

impl RawResponse {
    /// Creates a response with a complete body from its parts.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            status,
            headers,
            body,
            truncated: false,
        }
    }

    /// Reads the whole body of `response`.
    ///
    /// # Errors
    /// The error of reqwest if the body cannot be read.
    pub async fn read(mut response: reqwest::Response) -> reqwest::Result<Self> {
        let status = response.status();
        let headers = std::mem::take(response.headers_mut());
        let body = response.bytes().await?;
        Ok(Self::new(status, headers, body))
    }
}

impl AsRef<RawResponse> for RawResponse {
    fn as_ref(&self) -> &RawResponse {
        self
    }
}

impl fmt::Debug for RawResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawResponse")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A decoded value and the response it was decoded from.
///
/// `R` is the response type of the [`Transport`](crate::Transport).
#[derive(Clone, PartialEq, Eq)]
pub struct ResponseValue<V, R = RawResponse> {
    value: V,
    response: R,
    pub(crate) is_repaired: bool,
}

impl<V, R> ResponseValue<V, R> {
    /// Creates a value that was decoded from `response`.
    pub fn new(value: V, response: R) -> Self {
        Self {
            value,
            response,
            is_repaired: false,
        }
    }

    /// Returns the value.
    pub fn value(&self) -> &V {
        &self.value
    }

    /// Returns the response as the transport returned it.
    pub fn response(&self) -> &R {
        &self.response
    }

    /// Returns whether strings of the body that are not Unicode were repaired.
    ///
    /// See [`repaired_json`](crate::repaired_json).
    pub fn is_repaired(&self) -> bool {
        self.is_repaired
    }

    /// Returns the value and drops the response.
    pub fn into_inner(self) -> V {
        self.value
    }

    /// Returns the value and the response.
    pub fn into_parts(self) -> (V, R) {
        (self.value, self.response)
    }
}

impl<V, R: AsRef<RawResponse>> ResponseValue<V, R> {
    /// Returns the status of the response.
    pub fn status(&self) -> StatusCode {
        self.response.as_ref().status
    }

    /// Returns the headers of the response.
    pub fn headers(&self) -> &HeaderMap {
        &self.response.as_ref().headers
    }

    /// Returns the body of the response as received.
    pub fn body(&self) -> &Bytes {
        &self.response.as_ref().body
    }
}

impl<V, R: AsRef<RawResponse>> fmt::Debug for ResponseValue<V, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseValue")
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
