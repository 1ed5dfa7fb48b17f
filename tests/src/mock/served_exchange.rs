use std::time::Duration;

use crate::finding::Finding;
use crate::operation::Operation;

/// An exchange that the fake served, without tokens, ids and bodies.
///
/// Passed to the observer of
/// [`on_exchange`](crate::MockAuthressBuilder::on_exchange).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServedExchange {
    /// The number of the exchange, counted from 1.
    pub number: usize,
    /// The time of its request by the clock of the fake, since 1970.
    pub time: Duration,
    /// The HTTP method.
    pub method: String,
    /// The path template of the spec, such as `/v1/users/{userId}`; for other paths, the path with
    /// unknown segments replaced.
    pub path: String,
    /// The operation; none if the request matches no operation.
    pub operation: Option<Operation>,
    /// The status of the response.
    pub status: u16,
    /// Whether a fault was injected, so that the client may not have received the status.
    pub has_fault: bool,
    /// The time to the start of the response, delays included.
    pub duration: Duration,
    /// The findings, notes included.
    pub findings: Vec<Finding>,
}
