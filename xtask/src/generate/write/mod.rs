//! What is written: the table of operations, a crate around the generated module, and the files on disk.

pub(crate) mod crate_files;
pub(crate) mod operations;
pub(crate) mod output;
