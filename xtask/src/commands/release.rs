use std::io::Write;
use std::path::Path;

use crate::problem::Failure;
use crate::release::{self, Workspace};

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Arguments {
    /// The tag that is to be released, such as v0.1.0: the crates must have that version, and the
    /// changelog a date for it.
    #[arg(long)]
    pub(crate) tag: Option<String>,
}

/// Says what keeps the crates from being released, or that nothing does.
pub(crate) fn run(arguments: &Arguments, root: &Path, out: &mut impl Write) -> Result<(), Failure> {
    let workspace = Workspace::read(root)?;
    let obstacles = release::obstacles(&workspace, arguments.tag.as_deref())?;
    if !obstacles.is_empty() {
        return Err(Failure::Unreleasable(obstacles));
    }
    let version = &workspace.version;
    writeln!(out, "{version}: nothing keeps it from being released")?;
    Ok(())
}
