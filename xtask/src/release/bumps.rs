use super::workspace::Workspace;
use crate::commands::diff;
use crate::diff::State;
use crate::problem::Failure;

/// The version may carry what the document has changed since the last release.
pub(super) fn obstacles(workspace: &Workspace, tag: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(last) = workspace.last_tag(tag) else {
        return Ok(Vec::new());
    };
    let (report, _) = diff::report(&last, None, false, workspace.root())?;
    let missing = report
        .bumps
        .iter()
        .filter(|bump| bump.state == State::Missing);
    Ok(missing
        .map(|bump| format!("since {last}: {bump}"))
        .collect())
}
