use std::io::Write;
use std::path::Path;

use crate::problem::Failure;
use crate::release::{Workspace, blockers};

#[derive(Debug, Default, clap::Args)]
#[command(after_help = "\
Examples:
  cargo xtask release
  cargo xtask release --tag v0.1.0")]
pub(crate) struct Arguments {
    /// The tag to release, such as v0.1.0: the crates must have this version, and the changelog a
    /// date for it.
    #[arg(long)]
    pub(crate) tag: Option<String>,
}

/// Reports everything that prevents a release of the crates.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let workspace = Workspace::read(root)?;
    let blockers = blockers(&workspace, arguments.tag.as_deref())?;
    if !blockers.is_empty() {
        return Err(Failure::Unreleasable(blockers));
    }
    let version = &workspace.version;
    match &arguments.tag {
        Some(_) => writeln!(out, "{version} is ready for release")?,
        None => writeln!(
            out,
            "nothing in the code prevents the release of {version}; `--tag v{version}` also checks its date in \
             CHANGELOG.md"
        )?,
    }
    Ok(())
}
