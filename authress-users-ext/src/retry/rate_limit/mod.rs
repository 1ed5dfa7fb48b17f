//! Decides when the requests of a client are sent, at the rate that the API allows.

mod ceiling;
mod cycle;
mod hints;
mod lanes;
mod limiter;
mod pacer;
mod queues;
#[cfg(test)]
mod simulation;

pub use ceiling::RateLimit;
pub(crate) use hints::RateHints;
pub(crate) use lanes::Lane;
pub(crate) use limiter::{Limiter, RateLimited, Turn};
pub(crate) use pacer::Verdict;
