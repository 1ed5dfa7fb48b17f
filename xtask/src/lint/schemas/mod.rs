//! Checks of schemas, and of the examples and defaults that must be valid against them.

pub(super) mod cycles;
pub(super) mod examples;
pub(super) mod malformed;
pub(super) mod merges;
pub(super) mod nullable;
pub(super) mod patterns;
pub(super) mod types;
pub(super) mod values;
