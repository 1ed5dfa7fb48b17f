use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::error::InvalidInput;

/// A response that the fake sends in place of its own.
///
/// Used by [`MockAuthress::respond_next`](crate::MockAuthress::respond_next).
///
/// ```
/// use authress_users_contract::StubResponse;
///
/// let maintenance = StubResponse::new(503)?
///     .header("content-type", "text/html")?
///     .body("<html>We'll be back soon.</html>");
/// # Ok::<(), authress_users_contract::InvalidInput>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[doc(alias = "mock response")]
pub struct StubResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl StubResponse {
    /// Returns a response with this status, without headers and body.
    ///
    /// # Errors
    /// [`InvalidInput::Status`] if `status` is not between 200 and 999.
    pub fn new(status: u16) -> Result<Self, InvalidInput> {
        match StatusCode::from_u16(status) {
            Ok(status) if !status.is_informational() => Ok(Self::from_status(status)),
            _ => Err(InvalidInput::Status(status)),
        }
    }

    pub(crate) fn from_status(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header. The fake sets `content-length`.
    ///
    /// # Errors
    /// [`InvalidInput::Header`] if HTTP does not allow the name or the value.
    pub fn header(self, name: &str, value: &str) -> Result<Self, InvalidInput> {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => Ok(self.with_header(name, value)),
            _ => Err(InvalidInput::Header),
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl fmt::Debug for StubResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StubResponse")
            .field("status", &self.status.as_u16())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_statuses_and_headers_are_rejected() {
        for status in [0, 101, 199, 1000] {
            let error = StubResponse::new(status).unwrap_err();
            assert_eq!(error, InvalidInput::Status(status));
        }
        let response = StubResponse::new(200).unwrap();
        for (name, value) in [("a b", "x"), ("", "x"), ("a", "x\ny")] {
            let error = response.clone().header(name, value).unwrap_err();
            assert_eq!(error, InvalidInput::Header);
        }
    }
}
