use std::fmt;

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

/// An answer that the fake gives whatever was asked; see
/// [`MockAuthress::respond_next`](crate::MockAuthress::respond_next).
///
/// ```
/// use authress_users_contract::CannedAnswer;
///
/// let answer = CannedAnswer::new(503)
///     .header("content-type", "text/html")
///     .body("<html>We'll be back soon.</html>");
/// ```
#[derive(Clone)]
pub struct CannedAnswer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl CannedAnswer {
    /// An answer with this status, without headers or body.
    ///
    /// # Panics
    /// If `status` is not from 200 to 999: a test that asks for it is wrong.
    #[must_use]
    pub fn new(status: u16) -> Self {
        match StatusCode::from_u16(status) {
            Ok(status) if !status.is_informational() => Self {
                status,
                headers: HeaderMap::new(),
                body: Vec::new(),
            },
            _ => panic!("an answer has a status from 200 to 999, not {status}"),
        }
    }

    /// Adds a header. The length of the body is told anyway.
    ///
    /// # Panics
    /// If HTTP allows no such name or value: a test that sets it is wrong.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(value)) => self.headers.append(name, value),
            _ => panic!("HTTP allows no header {name:?} with that value"),
        };
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }
}

impl fmt::Debug for CannedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CannedAnswer")
            .field("status", &self.status.as_u16())
            .finish_non_exhaustive()
    }
}
