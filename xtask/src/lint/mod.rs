//! The linter: rules that a document must follow before code is generated from it.
//!
//! [`rules`] lists every rule with an example. The folders hold the checks: `structure` for the
//! form of the document, `operations` for what clients send and receive, `schemas`, and `project`
//! for what hand-written code depends on. [`check`] runs them.

pub(crate) mod check;
mod elements;
pub(crate) mod explain;
mod findings;
mod operations;
mod project;
pub(crate) mod rules;
mod schemas;
mod structure;
#[cfg(test)]
mod testing;
