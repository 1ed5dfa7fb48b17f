//! The connections of a client, and the faults of connections.

mod connecting;
mod connections;
mod fault;
mod served;
mod tls;

pub(crate) use connecting::{ConnectObserver, request};
pub(crate) use connections::{Connections, Generation, Pooling};
pub(crate) use fault::{Fault, causes, failed_on, is_not_http, is_unanswered_ping, tls_failure};
pub(crate) use served::ServedConnections;
