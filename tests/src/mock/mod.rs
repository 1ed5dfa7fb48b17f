//! The fake of the API: an account in memory behind a real HTTP server.

mod account;
mod body;
mod builder;
mod connection;
mod control;
mod cors;
mod cursor;
mod defect;
mod fault;
mod inject;
mod issuers;
mod keys;
mod limiter;
mod listener;
mod meta;
mod outage;
mod problem;
mod rate_limit;
mod rate_limit_headers;
mod received_request;
mod request_counts;
mod responder;
mod route;
mod seed;
mod served_exchange;
mod server;
mod state;
mod stub_response;
mod tokens;
mod user;

#[cfg(feature = "cli")]
pub(crate) use account::Missing;
pub use builder::MockAuthressBuilder;
pub use defect::Defect;
pub use fault::{Fault, StatusFault};
pub use rate_limit::RateLimit;
pub use rate_limit_headers::RateLimitHeaders;
pub use received_request::ReceivedRequest;
pub use request_counts::RequestCounts;
pub use served_exchange::ServedExchange;
pub use server::MockAuthress;
pub use stub_response::StubResponse;
pub use user::User;
