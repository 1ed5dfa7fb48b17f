use std::fmt;

use http::StatusCode;

use crate::defaults::{CDN_STATUSES, RETRYABLE_STATUSES};

/// The kind of an [`Error`](crate::Error), whose page lists what to do about each.
///
/// `Display` is a short noun phrase, such as `not found`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value or an option is invalid. Nothing was sent.
    InvalidInput,
    /// The client cannot be built from its settings.
    Configuration,
    /// The token provider failed.
    Token,
    /// The API returned 401, also for a new token if there was one.
    Unauthorized,
    /// The API returned 403.
    Forbidden,
    /// The API returned 404.
    NotFound,
    /// The API returned 429, or the wait for the rate limit exceeds the deadline of the call.
    RateLimited,
    /// The API returned a status of 500 or above.
    Server,
    /// The API returned a status that no other kind covers, such as 400.
    UnexpectedStatus,
    /// The body does not match the spec, or could not be decoded.
    InvalidBody,
    /// The response is about a user other than the requested one.
    WrongUser,
    /// The body exceeds the client's limit.
    BodyTooLarge,
    /// No connection was established.
    Connect,
    /// The last attempt took longer than the attempt timeout.
    AttemptTimeout,
    /// The call took longer than its deadline.
    Deadline,
    /// The connection closed before the response was complete.
    ConnectionClosed,
    /// A list of users returned a cursor for the second time.
    Pagination,
    /// A task of the client was canceled, because its runtime was shut down.
    Canceled,
}

impl ErrorKind {
    /// The kind of an error response, or of one that the spec does not name.
    pub(super) fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            429 => Self::RateLimited,
            500.. => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    /// Whether the status of the response decided the kind.
    pub(crate) fn is_status(self) -> bool {
        matches!(
            self,
            Self::Unauthorized
                | Self::Forbidden
                | Self::NotFound
                | Self::RateLimited
                | Self::Server
                | Self::UnexpectedStatus
        )
    }
}

/// Whether the same request may succeed later.
pub(crate) fn is_retryable(status: StatusCode) -> bool {
    let status = status.as_u16();
    RETRYABLE_STATUSES.contains(&status) || CDN_STATUSES.contains(&status)
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidInput => "invalid input",
            Self::Configuration => "invalid configuration",
            Self::Token => "no token",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not found",
            Self::RateLimited => "rate limited",
            Self::Server => "server error",
            Self::UnexpectedStatus => "unexpected status",
            Self::InvalidBody => "invalid body",
            Self::WrongUser => "wrong user",
            Self::BodyTooLarge => "body too large",
            Self::Connect => "could not connect",
            Self::AttemptTimeout => "attempt timeout",
            Self::Deadline => "deadline exceeded",
            Self::ConnectionClosed => "connection closed",
            Self::Pagination => "repeated cursor",
            Self::Canceled => "canceled",
        })
    }
}
