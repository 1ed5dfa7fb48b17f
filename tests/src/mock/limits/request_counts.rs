/// How many requests of an operation the fake's rate limits accepted and rejected.
///
/// Requests that were responded to by a stub response, a fault that is an error status, or an outage
/// are not counted. Returned by [`MockAuthress::request_counts`](crate::MockAuthress::request_counts).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct RequestCounts {
    /// Requests within the limits; all requests if there is no limit.
    pub accepted: usize,
    /// Requests that were rejected with 429 because they exceeded a limit.
    pub rejected: usize,
}
