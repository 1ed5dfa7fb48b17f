use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// Waits between the requests of a run. Tests replace it, so that they need not wait.
///
/// Set by [`LiveOptions::clock`](super::LiveOptions::clock).
pub trait Clock: Send + Sync {
    /// Completes after this time.
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The clock of the system.
pub(super) struct SystemClock;

impl Clock for SystemClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(tokio::time::sleep(duration))
    }
}
