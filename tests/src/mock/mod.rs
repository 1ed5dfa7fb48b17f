//! The fake of the API: an account in memory behind a real HTTP server.

mod account;
mod builder;
mod control;
mod cursor;
mod defect;
mod faults;
mod limits;
mod list_request;
mod meta;
mod mock_authress;
mod problem;
mod received_request;
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
pub use faults::{Fault, StatusFault};
pub use limits::{RateLimit, RateLimitHeaders, RequestCounts};
pub use mock_authress::MockAuthress;
pub use received_request::ReceivedRequest;
pub use served_exchange::ServedExchange;
pub use stub_response::StubResponse;
pub use user::User;
