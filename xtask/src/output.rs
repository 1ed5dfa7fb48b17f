//! Standard output and standard error that tolerate a closed pipe.

#![expect(unreachable_pub, reason = "the type is public in the contract crate")]

use std::fmt::Display;

/// Prints a message to standard error.
pub(crate) fn print_error(message: &impl Display) {
    // Without a reader, only the exit code remains.
    let _ = writeln!(io::stderr(), "{message}");
}

// Shares the file, not the crate, because this crate must build without the contract crate.
include!("../../tests/src/cli/output.rs");
