//! Generates the sources of a raw client crate from an OpenAPI document, in memory.
//!
//! `lower` prepares the document for progenitor, which runs in `generator`; `rewrite` changes its
//! code, and `write` renders the files. The lint is passed in by the caller.

mod generator;
pub(crate) mod lower;
pub(crate) mod names;
mod pipeline;
mod rewrite;
mod steps;
#[cfg(test)]
mod tests;
mod unsupported;
pub(crate) mod write;

pub(crate) use pipeline::{
    DOCUMENT, Generated, Options, TARGET, files, generate, problems, source, third_party_problems,
};
pub(crate) use steps::Spec;
