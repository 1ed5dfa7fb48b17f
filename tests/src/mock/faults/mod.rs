//! Wrong responses on request.

mod fault;
mod inject;
mod outage;

pub(crate) use inject::inject;
pub(crate) use outage::Outage;

pub use fault::{Fault, StatusFault};
