//! A deterministic simulation of the client.
//!
//! The real client, with its send loop, limits, budget, tokens and streams, runs on virtual time
//! against a model of the API and a network with faults. A seed determines everything. The seam is
//! below one attempt: [`Network`](crate::transport::Network).

mod deviations;
mod invariants;
mod limit;
mod load;
mod network;
mod random;
mod rate_limits;
mod regressions;
mod run;
mod runtime;
mod schedule;
mod schedules;
mod server;
mod time;
