//! Changes for Rust callers.

pub(crate) mod callers;
pub(crate) mod ext_check;
pub(crate) mod public_api;
