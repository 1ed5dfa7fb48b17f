//! Rules for schemas, and for the examples and defaults that must be valid against them.

pub(super) mod cycles;
pub(super) mod examples;
pub(super) mod merges;
pub(super) mod types;
