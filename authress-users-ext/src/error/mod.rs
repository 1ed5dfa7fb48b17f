//! Errors: what failed, with everything that was received.

mod body;
mod clock_skew;
mod display;
mod duration;
#[expect(clippy::module_inception, reason = "the file is named after its type")]
mod error;
mod invalid_body;
mod kind;
mod no_retry;
mod outcome;
mod retry_after;
mod retry_stop;
#[cfg(feature = "test-util")]
mod test_util;

pub(crate) use clock_skew::ClockSkew;
pub(crate) use duration::Readable;
pub use error::Error;
pub(crate) use invalid_body::InvalidBody;
pub use kind::ErrorKind;
pub(crate) use kind::is_retryable;
pub(crate) use no_retry::NoRetry;
pub use outcome::Outcome;
pub(crate) use retry_after::retry_after;
pub use retry_stop::RetryStop;

/// The result of every call.
pub type Result<T, E = Error> = std::result::Result<T, E>;
