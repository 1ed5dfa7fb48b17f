//! Renders the generated files and writes them. For third-party documents, a package is added.

pub(super) mod operations;
pub(crate) mod output;
pub(crate) mod package;
pub(super) mod source;
