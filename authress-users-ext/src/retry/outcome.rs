use std::fmt;

use authress_users_client::RawResponse;
use authress_users_client::operations::Operation;
use http::{HeaderMap, StatusCode};

use crate::error::{ErrorKind, is_retryable};

/// How one attempt of a call ended, for a [`RetryRule`](crate::RetryRule).
///
/// A rule is not called for complete responses with a success status.
pub struct RetryOutcome<'a> {
    operation: &'static Operation,
    attempts: u32,
    response: Option<&'a RawResponse>,
    failure: Option<ErrorKind>,
}

impl<'a> RetryOutcome<'a> {
    pub(crate) fn new(
        operation: &'static Operation,
        attempts: u32,
        response: Option<&'a RawResponse>,
        failure: Option<ErrorKind>,
    ) -> Self {
        Self {
            operation,
            attempts,
            response,
            failure,
        }
    }

    /// Returns the operation's id in the spec, such as `getUser`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation.id
    }

    /// Returns whether the spec declares the operation idempotent.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.operation.idempotent
    }

    /// Returns how many requests were sent so far, 1 or more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the status, if a response was received.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.response.map(|response| response.status)
    }

    /// Returns the headers, if a response was received.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.response.map(|response| &response.headers)
    }

    /// Returns whether no connection was established, so that nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        self.failure == Some(ErrorKind::Connect)
    }

    /// Returns whether the attempt exceeded the attempt timeout.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        self.failure == Some(ErrorKind::AttemptTimeout)
    }

    /// Returns whether the connection closed before the response was complete.
    #[must_use]
    pub fn is_connection_closed(&self) -> bool {
        self.failure == Some(ErrorKind::ConnectionClosed)
    }

    /// Returns whether the default rule retries this outcome.
    ///
    /// For idempotent operations it retries connection failures, connections that close early,
    /// attempt timeouts and the statuses 408, 429, 500, 502, 503, 504, 520 to 524 and 530.
    #[must_use]
    pub fn is_retried_by_default(&self) -> bool {
        self.is_idempotent()
            && match self.failure {
                Some(_) => self.is_connect() || self.is_timeout() || self.is_connection_closed(),
                None => self.status().is_some_and(is_retryable),
            }
    }
}

impl fmt::Debug for RetryOutcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryOutcome")
            .field("operation", &self.operation.id)
            .field("attempts", &self.attempts)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
