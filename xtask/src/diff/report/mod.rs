//! The result of a comparison in each format.

mod github;
mod json;
mod markdown;
pub(crate) mod model;
mod text;
