//! The fake of the API: an account in memory behind a real HTTP server.

mod account;
mod builder;
mod cursor;
mod defect;
mod fault;
mod inject;
mod keys;
mod operation;
mod proxy;
mod received_request;
mod responder;
mod seed;
mod server;
mod stub_response;

pub use builder::{MockAuthressBuilder, User};
pub use defect::DEFECTS;
pub use fault::Fault;
pub use received_request::ReceivedRequest;
pub use server::MockAuthress;
pub use stub_response::CannedAnswer;
