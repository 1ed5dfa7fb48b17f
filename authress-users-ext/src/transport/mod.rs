//! From a request to a response: options, retries, limits and one attempt.

mod attempt;
mod body;
#[cfg(feature = "brotli")]
mod brotli;
mod call;
mod coding;
mod connecting;
mod connections;
mod failure;
mod fault;
mod http_sender;
mod in_task;
mod limits;
mod middleware;
mod response;
mod runtime;
mod send_loop;
mod served;
mod shared;
#[cfg(test)]
mod simulated;
mod span;
mod tls;
mod token;
mod verdict;
mod within;

#[cfg(test)]
pub(crate) use attempt::Attempt;
pub(crate) use call::{Call, request_options};
pub(crate) use connecting::ConnectObserver;
pub(crate) use connections::{Connections, Pooling};
pub(crate) use limits::Limits;
pub(crate) use middleware::Middlewares;
pub use middleware::{AttemptEnd, AttemptStart, Middleware};
pub use response::Response;
pub(crate) use served::ServedConnections;
pub(crate) use shared::Shared;
#[cfg(test)]
pub(crate) use simulated::{AttemptFuture, Network};
pub(crate) use span::call_span;
pub(crate) use token::access_token;
