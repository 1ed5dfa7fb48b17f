//! Reports of validated traffic, for people and for programs.

mod baseline;
mod escape;
mod github;
mod html;
mod json;
mod junit;
mod markdown;
mod model;
mod place;
mod sarif;
mod text;

pub use baseline::{Baseline, BaselineError};
#[cfg(feature = "mock")]
pub(crate) use html::{STYLE, escaped};
pub use model::Report;
#[cfg(feature = "cli")]
pub(crate) use place::BUNDLED;
pub use place::{Locate, Place};
