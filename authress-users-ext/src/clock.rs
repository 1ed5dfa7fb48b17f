use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

/// What [`Clock::sleep`] and [`Clock::limit`] return.
pub type ClockFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the client takes the time and its chances from.
///
/// Every method does by default what the machine's clock does. Tests replace what they need, so
/// that waiting costs them nothing and a token's end comes when they want it.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use authress_users_ext::{AuthressClient, Clock, ClockFuture};
///
/// /// Retries without waiting.
/// #[derive(Debug)]
/// struct ImpatientClock;
///
/// impl Clock for ImpatientClock {
///     fn sleep(&self, _: Duration) -> ClockFuture<'_> {
///         Box::pin(std::future::ready(()))
///     }
/// }
///
/// let builder = AuthressClient::builder().clock(ImpatientClock);
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time of day: what tokens are dated with, and what a `Retry-After` date is compared to.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// The time since a moment that stays the same: what deadlines are counted in.
    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    /// Waits before another attempt; not at all where `duration` is zero, as after `Retry-After: 0`.
    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        if duration.is_zero() {
            // A timer counts in milliseconds, and would round this up to one.
            return Box::pin(std::future::ready(()));
        }
        Box::pin(tokio::time::sleep(duration))
    }

    /// Completes when something that is under way has taken `duration`.
    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        Box::pin(tokio::time::sleep(duration))
    }

    /// A number from 0 up to, but not including, 1: how much of a backoff is waited.
    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

/// The clock of the machine; the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn no_wait_is_over_at_once_and_any_other_is_not() {
        assert_eq!(SystemClock.sleep(Duration::ZERO).now_or_never(), Some(()));
        let a_wait = SystemClock.sleep(Duration::from_secs(1));
        assert_eq!(a_wait.now_or_never(), None);
    }
}
