//! From a request to a response: options, retries, limits and one attempt.

mod attempt;
mod body;
mod call;
mod connection;
mod failure;
mod http_sender;
mod limits;
mod middleware;
mod response;
mod send_loop;
mod shared;
#[cfg(test)]
mod simulated;
mod span;
mod token;
mod within;

#[cfg(test)]
pub(crate) use attempt::Attempt;
pub(crate) use call::{Call, request_options};
pub(crate) use connection::{ConnectObserver, Connections, Pooling, ServedConnections};
pub(crate) use limits::Limits;
pub(crate) use middleware::Middlewares;
pub use middleware::{AttemptEnd, AttemptStart, Middleware};
pub use response::Response;
pub(crate) use shared::Shared;
#[cfg(test)]
pub(crate) use simulated::{AttemptFuture, Network};
pub(crate) use span::call_span;
pub(crate) use token::access_token;
