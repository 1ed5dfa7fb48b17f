use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant, SystemTime};

/// The future of [`Clock::sleep`] and [`Clock::limit`].
pub type ClockFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Forwards every method to the clock inside a pointer.
macro_rules! delegate_clock {
    () => {
        fn now(&self) -> SystemTime {
            (**self).now()
        }

        fn elapsed(&self) -> Duration {
            (**self).elapsed()
        }

        fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
            (**self).sleep(duration)
        }

        fn limit(&self, duration: Duration) -> ClockFuture<'_> {
            (**self).limit(duration)
        }

        fn random(&self) -> f64 {
            (**self).random()
        }
    };
}

/// The client's source of time and randomness.
///
/// By default, every method uses the system's clock. Tests override methods to skip waits and to
/// control when tokens expire. An `Arc` or a `Box` of a clock is a clock too.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use authress_users_ext::{AuthressClient, Clock, ClockFuture};
///
/// /// Retries without waiting.
/// #[derive(Debug)]
/// struct NoWaits;
///
/// impl Clock for NoWaits {
///     fn sleep(&self, _: Duration) -> ClockFuture<'_> {
///         Box::pin(std::future::ready(()))
///     }
/// }
///
/// let builder = AuthressClient::builder().clock(NoWaits);
/// ```
#[doc(alias = "mock")]
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the wall-clock time, for the timestamps of tokens and for `Retry-After` dates.
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    /// Returns the monotonic time since a fixed instant, for deadlines.
    fn elapsed(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    /// Waits for `duration` before a retry; a zero duration does not wait.
    fn sleep(&self, duration: Duration) -> ClockFuture<'_> {
        if duration.is_zero() {
            // Tokio's timer would round this up to a millisecond.
            return Box::pin(std::future::ready(()));
        }
        Box::pin(tokio::time::sleep(duration))
    }

    /// Completes after `duration`, to limit the time of an attempt or a wait.
    fn limit(&self, duration: Duration) -> ClockFuture<'_> {
        Box::pin(tokio::time::sleep(duration))
    }

    /// Returns a random number from 0 up to, but not including, 1, for the jitter of backoffs.
    fn random(&self) -> f64 {
        fastrand::f64()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    delegate_clock!();
}

impl<C: Clock + ?Sized> Clock for Box<C> {
    delegate_clock!();
}

/// The system's clock; the default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct SystemClock;

impl Clock for SystemClock {}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn only_a_zero_sleep_completes_at_once() {
        assert_eq!(SystemClock.sleep(Duration::ZERO).now_or_never(), Some(()));
        let a_wait = SystemClock.sleep(Duration::from_secs(1));
        assert_eq!(a_wait.now_or_never(), None);
    }
}
