//! An OpenAPI document with its schemas compiled.

mod document;
mod error;
mod operation;
mod schema;
mod violation;

pub use document::Spec;
pub use error::SpecError;
pub(crate) use operation::{Media, Parameter, ResponseSpec, SpecOperation};
#[cfg(feature = "cli")]
pub(crate) use schema::Schema;
pub(crate) use violation::ViolationKind;
