//! What must hold before the crates are published.

mod bumps;
mod changelog;
mod packages;
mod toolchain;
mod versions;
mod workspace;

pub(crate) use workspace::Workspace;

use crate::problem::Failure;

/// Everything that keeps the crates from being released, a sentence each.
pub(crate) fn obstacles(workspace: &Workspace, tag: Option<&str>) -> Result<Vec<String>, Failure> {
    let mut obstacles = versions::obstacles(workspace, tag);
    obstacles.extend(changelog::obstacles(workspace, tag.is_some())?);
    obstacles.extend(bumps::obstacles(workspace, tag)?);
    obstacles.extend(toolchain::obstacles(workspace)?);
    obstacles.extend(packages::obstacles(workspace)?);
    Ok(obstacles)
}
