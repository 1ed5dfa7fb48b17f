//! The rules, and the validation of exchanges against them.

mod context;
mod header_names;
mod reproduce;
mod request;
mod response;
mod sequence;
mod table;

pub use table::RULES;

pub(crate) use context::ExchangeContext;
#[cfg(feature = "live")]
pub(crate) use reproduce::command;
#[cfg(feature = "mock")]
pub(crate) use reproduce::shape;
#[cfg(feature = "live")]
pub(crate) use request::contains_access_key;
pub(crate) use request::validate_request;
pub(crate) use response::validate_response;
pub(crate) use sequence::Sequence;
pub(crate) use table::*;
