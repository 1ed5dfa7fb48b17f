/// Why a failed call was not retried, or not again.
///
/// See [`Error::retry_stopped_by`](crate::Error::retry_stopped_by).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RetryStop {
    /// The policy does not allow more attempts.
    Attempts,
    /// The deadline passed, or the wait before the next attempt would have exceeded it.
    Deadline,
    /// The retry budget that the client's calls share is exhausted.
    Budget,
    /// The policy's [`RetryRule`](crate::RetryRule) declined.
    Rule,
    /// The failure is not one that is retried, such as a 404.
    NotRetryable,
}
