//! What the examples have in common: which account they work on, how they end, how they show
//! progress.

#![allow(dead_code, reason = "each example uses a part")]

pub(crate) mod account;
pub(crate) mod failure;
pub(crate) mod progress;
