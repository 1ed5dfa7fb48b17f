use std::sync::Arc;

use crate::clock::Clock;
use crate::retry::{Limiter, RateLimit};

/// The limits of a client: when its requests are sent, and how large a body may be.
#[derive(Debug)]
pub(crate) struct Limits {
    limiter: Arc<Limiter>,
    body: usize,
}

impl Limits {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        requests_in_flight: usize,
        rate_limits: Vec<RateLimit>,
        body: usize,
    ) -> Self {
        Self {
            limiter: Arc::new(Limiter::new(clock, requests_in_flight, rate_limits)),
            body,
        }
    }

    pub(super) fn limiter(&self) -> &Arc<Limiter> {
        &self.limiter
    }

    /// How many bytes of a body are read.
    pub(super) fn body(&self) -> usize {
        self.body
    }
}
