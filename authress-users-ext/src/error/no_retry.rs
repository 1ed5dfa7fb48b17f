use std::fmt;
use std::time::Duration;

use super::duration::Readable;
use super::retry_stop::RetryStop;

/// Why the send loop did not retry a request.
#[derive(Debug, Clone, Copy)]
pub(crate) enum NoRetry {
    /// The policy does not allow more attempts.
    Attempts,
    /// The policy's rule declined.
    Rule,
    /// The failure is not one that is retried.
    NotRetryable,
    /// The backoff would have passed the deadline.
    Backoff(Duration),
    /// `Retry-After` would have passed the deadline.
    RetryAfter(Duration),
    /// The wait for the rate limit would have passed the deadline.
    RateLimit(Duration),
    /// The client's retry budget is exhausted.
    Budget,
    /// The deadline passed while the call waited for the API to recover.
    Outage,
}

impl NoRetry {
    pub(super) fn stop(self) -> RetryStop {
        match self {
            Self::Attempts => RetryStop::Attempts,
            Self::Rule => RetryStop::Rule,
            Self::NotRetryable => RetryStop::NotRetryable,
            Self::Backoff(_) | Self::RetryAfter(_) | Self::RateLimit(_) | Self::Outage => {
                RetryStop::Deadline
            }
            Self::Budget => RetryStop::Budget,
        }
    }

    /// Whether the message of the error names the reason: the rest of it shows the others.
    pub(super) fn is_shown(self) -> bool {
        matches!(self.stop(), RetryStop::Deadline | RetryStop::Budget)
    }
}

impl fmt::Display for NoRetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, wait) = match self {
            Self::Attempts => return f.write_str("the attempts are used up"),
            Self::Rule => return f.write_str("the retry rule declined"),
            Self::NotRetryable => return f.write_str("a retry would not help"),
            Self::Budget => return f.write_str("the retry budget is exhausted"),
            Self::Outage => return f.write_str("the API did not recover within the deadline"),
            Self::Backoff(wait) => ("the backoff", wait),
            Self::RetryAfter(wait) => ("Retry-After", wait),
            Self::RateLimit(wait) => ("the wait for the rate limit", wait),
        };
        write!(
            f,
            "{name} ({}) exceeds the remaining deadline",
            Readable(*wait)
        )
    }
}
