//! What the differences between two specs mean, and for whom.
//!
//! Every difference is assessed for three groups: clients of the old spec and servers of the new spec
//! (`wire`), Rust callers (`rust`), and callers whose code still compiles and whose requests are still
//! valid (`behavior`). Differences without a meaning are not reported: schemas are compared by the
//! values that they accept (`shape`), everything else by name.

mod behavior;
pub(crate) mod bump;
pub(crate) mod change;
mod compare;
mod comparison;
mod direction;
mod documentation;
mod operation;
mod outcome;
mod part;
mod report;
pub(crate) mod revisions;
pub(crate) mod rust;
mod shape;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use bump::Versions;
pub(crate) use change::{Aspect, Verdict};
pub(crate) use compare::{compare, compare_code};
pub(crate) use rust::callers::Code;
pub(crate) use rust::public_api::dependents::dependents;
