//! The checks before a release.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::diff::bump::{CHANGELOG, MANIFEST, State, workspace_version};
use crate::diff::revisions::compare_named;
use crate::problem::Failure;

/// Files that tell readers the oldest supported toolchain.
const TOOLCHAIN_FILES: [&str; 4] = [
    "README.md",
    "CONTRIBUTING.md",
    ".github/badges/rust.svg",
    ".github/workflows/ci.yml",
];
/// Files that every package needs; cargo does not require them.
const PACKAGE_FILES: [&str; 3] = ["README.md", "LICENSE-MIT", "LICENSE-APACHE"];

/// The workspace that is released.
#[derive(Debug)]
pub(crate) struct Workspace<'a> {
    root: &'a Path,
    manifest: toml::Table,
    /// The version of the published crates.
    pub(crate) version: String,
}

impl<'a> Workspace<'a> {
    pub(crate) fn read(root: &'a Path) -> Result<Self, Failure> {
        let text = read(root, MANIFEST)?;
        let version = workspace_version(&text).map_err(Failure::Unusable)?;
        Ok(Self {
            root,
            manifest: parse(MANIFEST, &text)?,
            version: version.to_string(),
        })
    }
}

/// Returns everything that prevents a release.
pub(crate) fn blockers(
    workspace: &Workspace<'_>,
    tag: Option<&str>,
) -> Result<Vec<String>, Failure> {
    let (root, version) = (workspace.root, &workspace.version);
    let mut blockers = Vec::new();
    blockers.extend(tag.and_then(|tag| wrong_tag(tag, version)));
    let changelog = read(root, CHANGELOG)?;
    blockers.extend(changelog_blocker(&changelog, version, tag.is_some()));
    blockers.extend(bumps(root, tag)?);
    blockers.extend(toolchain(workspace)?);
    blockers.extend(packages(workspace)?);
    Ok(blockers)
}

fn read(root: &Path, file: &str) -> Result<String, Failure> {
    fs::read_to_string(root.join(file))
        .map_err(|error| Failure::Unusable(format!("could not read {file}: {error}")))
}

fn parse(file: &str, text: &str) -> Result<toml::Table, Failure> {
    let table = text.parse::<toml::Table>();
    table.map_err(|error| Failure::Unusable(format!("{file}: {}", error.message())))
}

fn wrong_tag(tag: &str, version: &str) -> Option<String> {
    let is_right = tag.strip_prefix('v') == Some(version);
    (!is_right).then(|| {
        format!(
            "the tag {tag} is not v{version}; set `workspace.package.version` or tag v{version}"
        )
    })
}

/// The newest changelog entry must be about the crates' version; a release needs a date.
fn changelog_blocker(text: &str, version: &str, is_tagged: bool) -> Option<String> {
    let Some(heading) = text.lines().find_map(|line| line.strip_prefix("## ")) else {
        return Some(format!(
            "{CHANGELOG} has no entry; add `## {version}, unreleased`"
        ));
    };
    let (entry, date) = heading.split_once(", ").unwrap_or((heading, ""));
    if entry != version {
        return Some(format!(
            "the newest entry of {CHANGELOG} is {entry}, but the crates have version {version}"
        ));
    }
    match date {
        "unreleased" if is_tagged => Some(format!(
            "{CHANGELOG}: {version} is unreleased; enter the release date, such as 2026-11-24"
        )),
        "unreleased" => None,
        date if is_date(date) => None,
        _ => Some(format!(
            "{CHANGELOG}: {version} has neither `unreleased` nor a date such as 2026-11-24"
        )),
    }
}

fn is_date(text: &str) -> bool {
    let digits = |index| matches!(index, 4 | 7);
    text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| {
            if digits(index) {
                byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        })
}

/// The version must permit what changed in the spec since the last release.
fn bumps(root: &Path, tag: Option<&str>) -> Result<Vec<String>, Failure> {
    let Some(last) = last_tag(root, tag) else {
        return Ok(Vec::new());
    };
    let (report, _) = compare_named(&last, None, false, root)?;
    let missing = report
        .bumps
        .iter()
        .filter(|bump| bump.state == State::Missing);
    Ok(missing
        .map(|bump| format!("since {last}: {bump}"))
        .collect())
}

/// Returns the tag of the last release, such as v0.1.0, other than `tag`.
fn last_tag(root: &Path, tag: Option<&str>) -> Option<String> {
    let mut command = Command::new("git");
    command.args(["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"]);
    if let Some(tag) = tag {
        command.args(["--exclude", tag]);
    }
    if !root.as_os_str().is_empty() {
        command.current_dir(root);
    }
    let output = command.output().ok()?;
    let tag = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| tag.trim().to_owned())
}

/// The documentation must name the oldest toolchain that the manifest declares.
fn toolchain(workspace: &Workspace<'_>) -> Result<Vec<String>, Failure> {
    let package = workspace
        .manifest
        .get("workspace")
        .and_then(|of| of.get("package"));
    let oldest = package.and_then(|package| package.get("rust-version"));
    let Some(oldest) = oldest.and_then(toml::Value::as_str) else {
        return Ok(vec![format!(
            "{MANIFEST} has no `workspace.package.rust-version`"
        )]);
    };
    let mut blockers = Vec::new();
    for file in TOOLCHAIN_FILES {
        if !read(workspace.root, file)?.contains(oldest) {
            blockers.push(format!(
                "{file} does not name the oldest toolchain, {oldest}"
            ));
        }
    }
    Ok(blockers)
}

/// Every published package must inherit the version and have its license, its README, and a list
/// of the files to include.
fn packages(workspace: &Workspace<'_>) -> Result<Vec<String>, Failure> {
    let members = workspace
        .manifest
        .get("workspace")
        .and_then(|of| of.get("members"));
    let members = members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    let mut blockers = Vec::new();
    for member in members.filter_map(toml::Value::as_str) {
        let file = format!("{member}/{MANIFEST}");
        let manifest = parse(&file, &read(workspace.root, &file)?)?;
        let exists = |name: &str| workspace.root.join(member).join(name).is_file();
        blockers.extend(package(member, &manifest, exists));
    }
    Ok(blockers)
}

fn package(member: &str, manifest: &toml::Table, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let package = |key: &str| manifest.get("package").and_then(|package| package.get(key));
    if package("publish").and_then(toml::Value::as_bool) == Some(false) {
        return Vec::new();
    }
    let mut blockers = Vec::new();
    if package("version")
        .and_then(|version| version.get("workspace"))
        .is_none()
    {
        blockers.push(format!(
            "{member} has a version of its own; set `version.workspace = true`"
        ));
    }
    let included = package("include").and_then(toml::Value::as_array);
    let is_included = |name: &str| {
        let mut included = included
            .into_iter()
            .flatten()
            .filter_map(toml::Value::as_str);
        included.any(|file| match file.trim_start_matches('/').split_once('*') {
            Some((start, _)) => name.starts_with(start),
            None => file.trim_start_matches('/') == name,
        })
    };
    for name in PACKAGE_FILES {
        if !exists(name) || !is_included(name) {
            blockers.push(format!(
                "the package of {member} lacks {name}; add it to `include`"
            ));
        }
    }
    blockers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::repository;

    #[test]
    fn the_tag_is_the_version_of_the_crates() {
        assert_eq!(wrong_tag("v0.2.0", "0.2.0"), None);
        for tag in ["v0.2.1", "0.2.0", "v0.2.0-rc.1"] {
            assert!(wrong_tag(tag, "0.2.0").is_some(), "{tag}");
        }
    }

    #[test]
    fn the_newest_changelog_entry_has_the_version_and_a_release_has_a_date() {
        for (heading, untagged, tagged) in [
            ("## 0.2.0, unreleased", true, false),
            ("## 0.2.0, 2026-11-24", true, true),
            ("## 0.2.0", false, false),
            ("## 0.2.0, soon", false, false),
            ("## 0.1.0, 2026-11-24", false, false),
            ("nothing", false, false),
        ] {
            let text = format!("# Changelog\n\n{heading}\n\n## 0.0.1, 2026-01-01\n");
            let text = if heading == "nothing" { "" } else { &text };
            let is_ready = |tagged| changelog_blocker(text, "0.2.0", tagged).is_none();
            assert_eq!(is_ready(false), untagged, "{heading}");
            assert_eq!(is_ready(true), tagged, "{heading}");
        }
    }

    #[test]
    fn a_package_inherits_the_version_and_includes_its_license() {
        let whole = "[package]\nversion.workspace = true\n\
                     include = [\"/src\", \"/README.md\", \"/LICENSE-*\"]\n";
        let blockers = |text: &str, missing: &str| {
            package("a", &parse("a", text).unwrap(), |name| name != missing)
        };
        assert!(blockers(whole, "").is_empty());
        assert!(blockers("[package]\npublish = false\n", "README.md").is_empty());
        let lacking = ["the package of a lacks LICENSE-MIT; add it to `include`"];
        assert_eq!(blockers(whole, "LICENSE-MIT"), lacking);
        let narrow = whole.replace("/LICENSE-*", "/LICENSE-APACHE");
        assert_eq!(blockers(&narrow, ""), lacking);
        let own = whole.replace("version.workspace = true", "version = \"0.1.0\"");
        let own = blockers(&own, "");
        assert!(own[0].starts_with("a has a version of its own"), "{own:?}");
        assert!(blockers("[package]\n", "").len() == 4);
    }

    #[test]
    fn the_repository_has_no_blocker_besides_its_changes() {
        let root = repository();
        let workspace = Workspace::read(&root).unwrap();
        assert_eq!(workspace.version, env!("CARGO_PKG_VERSION"));
        assert_eq!(packages(&workspace).unwrap(), Vec::<String>::new());
        assert_eq!(toolchain(&workspace).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_unreadable_workspace_fails_with_2() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(Workspace::read(root.path()).unwrap_err().code(), 2);
    }
}
