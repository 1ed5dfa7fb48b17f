//! The result of a comparison, as text and as JSON.

mod github;
mod json;
mod markdown;
pub(crate) mod model;
mod text;
