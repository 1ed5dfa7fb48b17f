//! The commands, one file each, with their arguments.

#[cfg(feature = "fake")]
pub(crate) mod contract;
pub(crate) mod diff;
pub(crate) mod generate;
pub(crate) mod import;
#[cfg(test)]
mod json_documents;
pub(crate) mod lint;
pub(crate) mod release;
