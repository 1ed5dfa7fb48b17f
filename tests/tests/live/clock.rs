//! A clock that never waits, and records the waits.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use authress_users_contract::MockAuthress;
use authress_users_contract::live::Clock;

/// Advances the clock of a fake in place of waiting.
#[derive(Clone)]
pub(crate) struct FakeClock {
    server: Arc<MockAuthress>,
    waits: Arc<Mutex<Vec<Duration>>>,
}

impl FakeClock {
    pub(crate) fn new(server: &Arc<MockAuthress>) -> Self {
        Self {
            server: server.clone(),
            waits: Arc::default(),
        }
    }

    pub(crate) fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

impl Clock for FakeClock {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.server.advance_clock(duration);
        self.waits.lock().unwrap().push(duration);
        Box::pin(std::future::ready(()))
    }
}
