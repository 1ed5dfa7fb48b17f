//! The result of a comparison, as text and as JSON.

mod json;
pub(crate) mod model;
mod text;
