mod dependents;
mod edits;
mod items;
pub(in crate::diff) mod support;
