use std::time::Duration;

use super::rate_limit_headers::RateLimitHeaders;
use crate::error::InvalidInput;
use crate::operation::Operation;

/// A rate limit of the fake, for one operation or for all operations together.
///
/// The fake rejects requests above the limit with 429 and the documented error body. They are not
/// executed. Used by [`MockAuthressBuilder::rate_limit`](crate::MockAuthressBuilder::rate_limit)
/// and [`MockAuthress::set_rate_limit`](crate::MockAuthress::set_rate_limit).
///
/// ```
/// use authress_users_contract::{MockAuthress, Operation, RateLimit, RateLimitHeaders};
/// use authress_users_ext::{AuthressClient, RetryPolicy};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Two requests at once, then one every 100 seconds.
/// let limit = RateLimit::token_bucket(0.01, 2)?
///     .operation(Operation::GetUser)
///     .headers(RateLimitHeaders::RetryAfterSeconds);
/// let fake = MockAuthress::builder().user("auth0|1").rate_limit(limit).strict().start().await?;
/// let authress = AuthressClient::builder()
///     .api_url(fake.url())
///     .service_client_access_key(fake.access_key())
///     .retry_policy(RetryPolicy::none())
///     .build()?;
///
/// authress.users().get_user("auth0|1").await?;
/// authress.users().get_user("auth0|1").await?;
/// let error = authress.users().get_user("auth0|1").await.unwrap_err();
/// assert!(error.is_rate_limited());
///
/// let counts = fake.request_counts(Operation::GetUser);
/// assert_eq!((counts.accepted, counts.rejected), (2, 1));
/// fake.assert_no_findings();
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
#[doc(alias = "throttle")]
#[doc(alias = "429")]
pub struct RateLimit {
    pub(crate) operation: Option<Operation>,
    pub(crate) quota: Quota,
    pub(crate) headers: RateLimitHeaders,
}

/// How many requests a limit accepts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Quota {
    TokenBucket { rate: f64, capacity: f64 },
    FixedWindow { requests: f64, window: Duration },
}

impl RateLimit {
    /// Returns a token bucket that holds the requests of one second, and at least one request.
    ///
    /// # Errors
    /// [`InvalidInput::Rate`] if `requests_per_second` is not finite and greater than 0.
    pub fn per_second(requests_per_second: f64) -> Result<Self, InvalidInput> {
        Self::bucket(requests_per_second, requests_per_second.max(1.0))
    }

    /// Returns a token bucket that accepts `burst` requests at once. It is full at the start.
    ///
    /// # Errors
    /// [`InvalidInput::Rate`] if `requests_per_second` is not finite and greater than 0, and
    /// [`InvalidInput::RequestCount`] if `burst` is 0.
    pub fn token_bucket(requests_per_second: f64, burst: u32) -> Result<Self, InvalidInput> {
        if burst == 0 {
            return Err(InvalidInput::RequestCount);
        }
        Self::bucket(requests_per_second, burst.into())
    }

    /// Returns a limit that accepts `requests` requests in each window of time.
    ///
    /// The first window begins when the limit is set.
    ///
    /// # Errors
    /// [`InvalidInput::RequestCount`] if `requests` is 0, and [`InvalidInput::Window`] if `window`
    /// is zero.
    pub fn fixed_window(requests: u32, window: Duration) -> Result<Self, InvalidInput> {
        if requests == 0 {
            return Err(InvalidInput::RequestCount);
        }
        if window.is_zero() {
            return Err(InvalidInput::Window);
        }
        let requests = requests.into();
        Ok(Self::new(Quota::FixedWindow { requests, window }))
    }

    /// Limits only this operation. By default, all operations share the limit.
    #[must_use]
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = Some(operation);
        self
    }

    /// Sets the headers that describe the limit. By default, there are none.
    #[must_use]
    pub fn headers(mut self, headers: RateLimitHeaders) -> Self {
        self.headers = headers;
        self
    }

    fn bucket(rate: f64, capacity: f64) -> Result<Self, InvalidInput> {
        if !rate.is_finite() || rate <= 0.0 {
            return Err(InvalidInput::Rate);
        }
        Ok(Self::new(Quota::TokenBucket { rate, capacity }))
    }

    fn new(quota: Quota) -> Self {
        Self {
            operation: None,
            quota,
            headers: RateLimitHeaders::None,
        }
    }
}

impl Quota {
    /// Returns the largest number of requests that are accepted at once.
    pub(crate) fn capacity(self) -> f64 {
        match self {
            Self::TokenBucket { capacity, .. } => capacity,
            Self::FixedWindow { requests, .. } => requests,
        }
    }

    /// Returns the time in which the whole capacity becomes available.
    pub(crate) fn window(self) -> Duration {
        match self {
            Self::TokenBucket { rate, capacity } => seconds(capacity / rate),
            Self::FixedWindow { window, .. } => window,
        }
    }
}

/// Returns a duration; the longest one if the number of seconds exceeds it.
pub(crate) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_limits_are_rejected_when_they_are_created() {
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(RateLimit::per_second(rate), Err(InvalidInput::Rate));
            assert_eq!(RateLimit::token_bucket(rate, 1), Err(InvalidInput::Rate));
        }
        let error = Err(InvalidInput::RequestCount);
        assert_eq!(RateLimit::token_bucket(1.0, 0), error);
        assert_eq!(RateLimit::fixed_window(0, Duration::MAX), error);
        let error = Err(InvalidInput::Window);
        assert_eq!(RateLimit::fixed_window(1, Duration::ZERO), error);
    }

    #[test]
    fn a_bucket_holds_the_requests_of_one_second_by_default() {
        for (rate, capacity) in [(50.0, 50.0), (0.1, 1.0)] {
            let limit = RateLimit::per_second(rate).unwrap();
            assert_eq!(limit.quota, Quota::TokenBucket { rate, capacity });
        }
    }
}
