//! Errors: what failed, with everything that was received.

#[expect(
    clippy::module_inception,
    reason = "the file is named after the type that it holds"
)]
mod error;
mod invalid_body;

pub use error::{Error, ErrorKind};
pub(crate) use invalid_body::InvalidBody;
