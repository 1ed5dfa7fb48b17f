#![doc = include_str!("../README.md")]

mod account;
mod builder;
mod canned_answer;
mod cursor;
mod distortion;
mod fault;
mod keys;
mod mock;
mod operation;
mod received_request;
mod relay;
mod responder;
mod seed;
mod violation;

pub use builder::{MockAuthressBuilder, User};
pub use canned_answer::CannedAnswer;
pub use fault::Fault;
pub use mock::MockAuthress;
pub use received_request::ReceivedRequest;
pub use violation::Violation;
