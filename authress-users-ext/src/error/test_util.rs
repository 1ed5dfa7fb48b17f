//! Errors for doubles in the tests of an app.

use std::time::{Duration, UNIX_EPOCH};

use authress_users_client::RawResponse;
use authress_users_client::operations::OPERATIONS;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::error::Error;
use super::kind::ErrorKind;

#[cfg_attr(docsrs, doc(cfg(feature = "test-util")))]
impl Error {
    /// Creates the error of a double. If a status decides the kind, the error has that status, and an
    /// empty body.
    ///
    /// See the guide on [testing](crate::guide::testing).
    ///
    /// ```
    /// use authress_users_ext::{Error, ErrorKind};
    ///
    /// let error = Error::from_kind(ErrorKind::NotFound);
    /// assert!(error.is_not_found());
    /// assert_eq!(error.status().map(|status| status.as_u16()), Some(404));
    /// assert_eq!(Error::from_kind(ErrorKind::Connect).status(), None);
    /// ```
    #[must_use]
    pub fn from_kind(kind: ErrorKind) -> Self {
        let status = match kind {
            ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Server => StatusCode::INTERNAL_SERVER_ERROR,
            ErrorKind::UnexpectedStatus => StatusCode::BAD_REQUEST,
            kind => {
                let is_sent = !matches!(
                    kind,
                    ErrorKind::Configuration | ErrorKind::InvalidInput | ErrorKind::Token
                );
                return Self::new(kind, format!("{kind}, created by a test"))
                    .with_attempts(is_sent.into(), Duration::ZERO);
            }
        };
        let response = RawResponse::new(status, HeaderMap::new(), Bytes::new());
        Self::new(kind, "")
            .with_response(Some(response))
            .with_attempts(1, Duration::ZERO)
    }

    /// Creates the error that an operation returns for a response with an error status.
    ///
    /// `operation` is its id in the spec, such as `getUser`.
    ///
    /// Status, headers and body are read as usual; a date in `Retry-After` is compared with `Date`. An
    /// id that the spec does not have is ignored.
    ///
    /// ```
    /// use authress_users_ext::Error;
    /// use authress_users_ext::http::Response;
    ///
    /// let body = r#"{"title":"Slow down.","errorCode":"TooManyRequests"}"#;
    /// let response = Response::builder().status(429).header("retry-after", "7").body(body)?;
    /// let error = Error::from_response("getUser", response);
    /// assert!(error.is_rate_limited());
    /// assert_eq!(error.error_code(), Some("TooManyRequests"));
    /// assert_eq!(error.retry_after().map(|wait| wait.as_secs()), Some(7));
    /// # Ok::<(), authress_users_ext::http::Error>(())
    /// ```
    #[must_use]
    pub fn from_response<B: Into<Bytes>>(operation: &str, response: http::Response<B>) -> Self {
        let (parts, body) = response.into_parts();
        let response = RawResponse::new(parts.status, parts.headers, body.into());
        let error = Self::of_raw_response(response, UNIX_EPOCH).with_attempts(1, Duration::ZERO);
        match OPERATIONS.iter().find(|known| known.id == operation) {
            Some(operation) => error.with_operation(operation),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_has_its_status_and_attempts() {
        for (kind, status, attempts) in [
            (ErrorKind::Configuration, None, 0),
            (ErrorKind::InvalidInput, None, 0),
            (ErrorKind::Token, None, 0),
            (ErrorKind::Connect, None, 1),
            (ErrorKind::Unauthorized, Some(401), 1),
            (ErrorKind::Forbidden, Some(403), 1),
            (ErrorKind::NotFound, Some(404), 1),
            (ErrorKind::RateLimited, Some(429), 1),
            (ErrorKind::Server, Some(500), 1),
            (ErrorKind::UnexpectedStatus, Some(400), 1),
        ] {
            let error = Error::from_kind(kind);
            assert_eq!(error.kind(), kind);
            assert_eq!(error.status().map(|status| status.as_u16()), status);
            assert_eq!(error.attempts(), attempts);
        }
    }

    #[test]
    fn a_response_reads_like_one_of_the_api() {
        let body = r#"{"errorId":"e-1"}"#;
        let response = || http::Response::builder().status(404).body(body).unwrap();
        let error = Error::from_response("getUser", response());
        assert_eq!(
            (error.operation(), error.error_id()),
            (Some("getUser"), Some("e-1"))
        );
        assert!(
            error.to_string().contains("the user does not exist"),
            "{error}"
        );
        let error = Error::from_response("unknown", response());
        assert_eq!((error.operation(), error.error_id()), (None, Some("e-1")));
    }
}
