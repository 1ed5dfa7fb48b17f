//! A fake that breaks one rule on purpose, to test tools that look for violations.

mod access;
mod listing;
mod response;
mod table;
mod write;

pub use table::Defect;

pub(crate) use access::accepts;
pub(crate) use listing::{change_page, change_request, selects};
pub(crate) use response::{Invalid, apply, invalid_input, unknown_method};
pub(crate) use write::{Deleted, execute, read};
