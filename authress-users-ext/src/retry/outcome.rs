use std::fmt;

use authress_users_client::operations::Operation;
use http::{HeaderMap, StatusCode};

use crate::defaults::RETRYABLE_STATUSES;
use crate::transport::{Attempt, AttemptFailure};

/// How one attempt of a call ended, for a [`RetryRule`] to judge. Answers with a success status
/// that were read to their end are not asked about. [`RetryRule`] has an example.
pub struct RetryOutcome<'a> {
    operation: &'static Operation,
    attempt: &'a Attempt,
    attempts: u32,
}

impl<'a> RetryOutcome<'a> {
    pub(crate) fn new(operation: &'static Operation, attempt: &'a Attempt, attempts: u32) -> Self {
        Self {
            operation,
            attempt,
            attempts,
        }
    }

    /// The operation's id in the API's document, such as `getUser`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation.id
    }

    /// Whether the API's document says that sending the operation again does no harm.
    #[must_use]
    pub fn is_idempotent(&self) -> bool {
        self.operation.idempotent
    }

    /// How many requests were sent so far, 1 or more.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The status of the answer, if one came.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        self.attempt.status()
    }

    /// The headers of the answer, if one came.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.attempt.answer.as_ref().map(|answer| &answer.headers)
    }

    /// Whether no connection came about, so that nothing was sent.
    #[must_use]
    pub fn is_connect(&self) -> bool {
        matches!(self.attempt.failure, Some(AttemptFailure::Connect(_)))
    }

    /// Whether the attempt took too long.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        matches!(
            self.attempt.failure,
            Some(AttemptFailure::Timeout(_) | AttemptFailure::OwnTimeout(_))
        )
    }

    /// Whether the connection ended before the answer was complete.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        matches!(self.attempt.failure, Some(AttemptFailure::Interrupted(_)))
    }

    /// What is retried by default: for idempotent operations a connection that failed or broke
    /// off, a timeout of the attempt, and the statuses 408, 429, 500, 502, 503 and 504.
    #[must_use]
    pub fn is_retried_by_default(&self) -> bool {
        self.is_idempotent()
            && match self.attempt.failure {
                Some(
                    AttemptFailure::Connect(_)
                    | AttemptFailure::Timeout(_)
                    | AttemptFailure::OwnTimeout(_)
                    | AttemptFailure::Interrupted(_),
                ) => true,
                Some(AttemptFailure::BodyTooLarge(_)) => false,
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

pub(crate) fn is_retryable(status: StatusCode) -> bool {
    RETRYABLE_STATUSES.contains(&status.as_u16())
}

/// Decides for one outcome whether the request is sent again. Attempts, deadline and budget hold
/// whatever it decides.
///
/// A closure is a rule:
///
/// ```
/// use authress_users_ext::{RetryOutcome, RetryPolicy};
///
/// // Leave a server that asked for peace in peace.
/// let policy = RetryPolicy::default().rule(|outcome: &RetryOutcome<'_>| {
///     outcome.is_retried_by_default() && outcome.status().is_none_or(|status| status != 429)
/// });
/// ```
pub trait RetryRule: Send + Sync + 'static {
    /// Whether to send the request again after `outcome`.
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool;
}

impl<F> RetryRule for F
where
    F: Fn(&RetryOutcome<'_>) -> bool + Send + Sync + 'static,
{
    fn should_retry(&self, outcome: &RetryOutcome<'_>) -> bool {
        self(outcome)
    }
}
