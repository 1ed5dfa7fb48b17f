//! What the examples share: the account, error handling and progress bars.

#![allow(dead_code, reason = "each example uses a part")]

pub(crate) mod account;
pub(crate) mod failure;
pub(crate) mod private_file;
pub(crate) mod progress;
