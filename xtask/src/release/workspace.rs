use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::problem::Failure;

/// What cargo says of the workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    root: PathBuf,
    /// The version that the published crates share.
    pub(crate) version: String,
    /// The published crates.
    pub(super) crates: Vec<Value>,
    /// Everything that they and their tests depend on, themselves included.
    pub(super) packages: Vec<Value>,
}

impl Workspace {
    /// Asks cargo about the workspace in `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let metadata = cargo(
            root,
            &[
                "metadata",
                "--format-version",
                "1",
                "--all-features",
                "--locked",
            ],
        )?;
        let metadata: Value = serde_json::from_str(&metadata)
            .map_err(|reason| Failure::Unusable(format!("cargo metadata is no JSON: {reason}")))?;
        Self::of(root, &metadata)
            .ok_or_else(|| Failure::Unusable("the workspace publishes no crate".to_owned()))
    }

    fn of(root: &Path, metadata: &Value) -> Option<Self> {
        let members = metadata["workspace_members"].as_array()?;
        let packages = metadata["packages"].as_array()?.clone();
        let crates: Vec<_> = packages
            .iter()
            // `publish = false` is an empty list of registries.
            .filter(|package| members.contains(&package["id"]) && package["publish"].is_null())
            .cloned()
            .collect();
        let version = crates.first()?["version"].as_str()?.to_owned();
        let root = root.to_owned();
        Some(Self {
            root,
            version,
            crates,
            packages,
        })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The last release that led here: its tag, such as v0.1.0. None before the first, and where
    /// there is no history to look into.
    pub(super) fn last_tag(&self, besides: Option<&str>) -> Option<String> {
        let mut command = Command::new("git");
        command.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
        if let Some(tag) = besides {
            command.args(["--exclude", tag]);
        }
        if !self.root.as_os_str().is_empty() {
            command.current_dir(&self.root);
        }
        let output = command.output().ok()?;
        let tag = String::from_utf8(output.stdout).ok()?;
        output.status.success().then(|| tag.trim().to_owned())
    }

    /// The text of a file of the repository.
    pub(super) fn text(&self, file: &str) -> Result<String, Failure> {
        fs::read_to_string(self.root.join(file))
            .map_err(|reason| Failure::Unusable(format!("{file}: can't be read: {reason}")))
    }

    /// What a cargo command prints.
    pub(super) fn cargo(&self, arguments: &[&str]) -> Result<String, Failure> {
        cargo(&self.root, arguments)
    }
}

/// The name of a package in cargo's metadata.
pub(super) fn name(package: &Value) -> &str {
    package["name"].as_str().unwrap_or_default()
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new("cargo");
    if !root.as_os_str().is_empty() {
        command.current_dir(root);
    }
    let output = command.args(arguments).output()?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        let arguments = arguments.join(" ");
        Err(Failure::Unusable(format!("cargo {arguments}: {said}")))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::repository;

    /// A workspace of two crates and a dependency, without cargo.
    pub(in crate::release) fn workspace() -> Workspace {
        let metadata = json!({
            "workspace_members": ["client", "ext", "xtask"],
            "packages": [
                {"id": "client", "name": "client", "version": "0.2.0", "rust_version": "1.88", "publish": null,
                 "dependencies": [{"name": "serde", "req": "^1"}]},
                {"id": "ext", "name": "ext", "version": "0.2.0", "rust_version": "1.88", "publish": null,
                 "dependencies": [{"name": "client", "req": "^0.2.0", "path": "client"}]},
                {"id": "xtask", "name": "xtask", "version": "0.2.0", "publish": []},
                {"id": "serde", "name": "serde", "version": "1.0.0", "rust_version": "1.56", "publish": null},
            ],
        });
        Workspace::of(Path::new(""), &metadata).unwrap()
    }

    #[test]
    fn the_published_crates_are_those_that_are_not_kept_back() {
        let workspace = workspace();
        let names: Vec<_> = workspace.crates.iter().map(name).collect();
        assert_eq!(names, ["client", "ext"]);
        assert_eq!(workspace.version, "0.2.0");
    }

    #[test]
    fn cargo_is_asked_about_this_repository() {
        let workspace = Workspace::read(&repository()).unwrap();
        let mut names: Vec<_> = workspace.crates.iter().map(name).collect();
        names.sort_unstable();
        let expected = [
            "authress-users-client",
            "authress-users-contract",
            "authress-users-ext",
        ];
        assert_eq!(names, expected);
    }

    #[test]
    fn what_cargo_objects_to_is_passed_on() {
        let failure = cargo(&repository(), &["metadata", "--no-such-option"]).unwrap_err();
        assert!(failure.to_string().contains("no-such-option"), "{failure}");
    }
}
