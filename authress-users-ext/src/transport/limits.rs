use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::within::within;
use crate::clock::Clock;

/// The limits of a client: how many requests are in flight, and how large a body may be.
#[derive(Debug)]
pub(crate) struct Limits {
    in_flight: Semaphore,
    body: usize,
}

impl Limits {
    pub(crate) fn new(requests_in_flight: usize, body: usize) -> Self {
        Self {
            in_flight: Semaphore::new(requests_in_flight.min(Semaphore::MAX_PERMITS)),
            body,
        }
    }

    /// Waits for a permit to send a request; none if `limit` passes.
    pub(super) async fn permit(
        &self,
        clock: &dyn Clock,
        limit: Duration,
    ) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed.
        within(clock, limit, self.in_flight.acquire()).await?.ok()
    }

    /// How many bytes of a body are read.
    pub(super) fn body(&self) -> usize {
        self.body
    }
}
