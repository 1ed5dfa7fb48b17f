use std::fmt;
use std::time::Duration;

use super::duration::Readable;

/// Why a request that could be retried was not.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NoRetry {
    /// The backoff would have passed the deadline.
    Backoff(Duration),
    /// `Retry-After` would have passed the deadline.
    RetryAfter(Duration),
    /// The client's retry budget is exhausted.
    Budget,
}

impl fmt::Display for NoRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, wait) = match self {
            Self::Budget => return f.write_str("the retry budget is exhausted"),
            Self::Backoff(wait) => ("the backoff", wait),
            Self::RetryAfter(wait) => ("Retry-After", wait),
        };
        write!(
            f,
            "{name} ({}) exceeds the remaining deadline",
            Readable(*wait)
        )
    }
}
