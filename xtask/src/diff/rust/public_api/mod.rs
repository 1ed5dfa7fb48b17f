//! The public API of the generated code, and what a change of the spec does to it.
//!
//! Both specs go through the current generator, so every difference comes from the specs. The verdicts
//! follow the chapter on `SemVer` compatibility of the Cargo book. Auto traits of types with private
//! members and type inference in callers' code are not covered.

mod compare;
pub(crate) mod dependents;
mod function;
pub(crate) mod item;
pub(crate) mod model;
mod origin;
mod read;
#[cfg(test)]
pub(in crate::diff) mod tests;
mod tokens;
mod values;

pub(crate) use compare::changes;
