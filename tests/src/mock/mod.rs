//! The fake of the API: an account in memory behind a real HTTP server.

mod account;
mod builder;
mod cursor;
mod defect;
mod fault;
mod inject;
mod keys;
mod proxy;
mod received_request;
mod responder;
mod route;
mod seed;
mod server;
mod state;
mod stub_response;
mod user;

pub use builder::MockAuthressBuilder;
pub use defect::Defect;
pub use fault::{Fault, StatusFault};
pub use received_request::ReceivedRequest;
pub use server::MockAuthress;
pub use stub_response::StubResponse;
pub use user::User;
