//! Reports of validated traffic, for people and for programs.

mod json;
mod junit;
mod model;
mod text;

pub use model::Report;
