//! Checks of the project's own document: what hand-written code depends on.

pub(super) mod client;
pub(super) mod fake;
