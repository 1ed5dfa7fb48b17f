//! The commands, a file each: what they take, and what they do with it.

#[cfg(feature = "fake")]
pub(crate) mod contract;
pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod import;
pub(crate) mod lint;
#[cfg(feature = "fake")]
pub(crate) mod mock;
pub(crate) mod release;
