//! The pacer against model servers: the share of a limit that it reaches, and at which cost.
//!
//! Without the rest of the client, so that it is fast enough for all limits, hints and numbers of
//! requests in flight. `crate::simulation` runs the whole client against some of them.

mod client;
mod events;
mod figures;
mod job;
mod server;
