use std::fmt::Debug;
use std::time::SystemTime;

/// Where the client takes the time from.
///
/// Tests replace it, so that a token's end can come without waiting for it.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time of day: what tokens are dated with.
    fn now(&self) -> SystemTime;
}

/// The clock of the machine; the default.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
