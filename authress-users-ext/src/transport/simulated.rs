//! The seam below one attempt: a simulation in place of the network.

use std::future::Future;
use std::pin::Pin;

use reqwest::Request;

use super::attempt::{Attempt, AttemptRequest};
use super::failure::attempt_timeout;
use super::within::within;
use crate::clock::Clock;
use crate::error::Outcome;

/// The future of [`Network::send`].
pub(crate) type AttemptFuture = Pin<Box<dyn Future<Output = Attempt> + Send>>;

/// A simulated network with the API behind it.
pub(crate) trait Network: Send + Sync {
    /// Sends `request` and waits for its response.
    fn send(&self, request: Request) -> AttemptFuture;
}

/// Performs an attempt on a simulated network.
pub(super) async fn send(
    network: &dyn Network,
    clock: &dyn Clock,
    attempt: &AttemptRequest,
) -> Attempt {
    let request = attempt.request().expect("no body of this API is a stream");
    match within(clock, attempt.timeout, network.send(request)).await {
        Some(attempt) => attempt,
        None => Attempt {
            response: None,
            failure: Some(attempt_timeout(attempt.timeout)),
            outcome: Outcome::Unknown,
            requests: 1,
            needs_new_connection: false,
        },
    }
}
