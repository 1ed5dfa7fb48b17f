//! What must hold before the crates are published, and no tool checks.
//!
//! `cargo package` builds every package from the files in it, `cargo publish` rejects versions that
//! do not resolve, the CI job on the oldest toolchain finds dependencies that need a newer one, and
//! `cargo semver-checks` compares the public APIs.

mod checks;

pub(crate) use checks::{Workspace, blockers};
