//! The version that a change requires, and whether the manifests have it.

use std::fmt;
use std::fs;
use std::path::Path;

use semver::Version;

use super::rust::public_api::model::{ApiVerdict, Package};

/// The manifest with the versions of all crates.
pub(crate) const MANIFEST: &str = "Cargo.toml";
/// The file that lists the released versions.
pub(crate) const CHANGELOG: &str = "CHANGELOG.md";

/// The version that a crate needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bump {
    pub(crate) package: Package,
    /// The worst change for its callers; `None` if nothing changed.
    pub(crate) worst: Option<ApiVerdict>,
    /// The released version; `None` before the first release.
    pub(crate) old: Option<Version>,
    /// The version in the manifests.
    pub(crate) now: Version,
    /// The lowest version that permits the changes.
    pub(crate) required: Option<Version>,
    pub(crate) state: State,
}

/// Whether the version in the manifests is high enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing changed for callers of this crate.
    NotNeeded,
    /// The version in the manifests is high enough.
    Done,
    /// Nothing is released, so the version in the manifests permits any change.
    Unreleased,
    /// The version in the manifests is too low.
    Missing,
}

impl State {
    /// The name in JSON reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotNeeded => "not-needed",
            Self::Done => "done",
            Self::Unreleased => "unreleased",
            Self::Missing => "missing",
        }
    }
}

/// The released version, and the version in the manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    /// The released version that changes are counted from; `None` before the first release.
    pub(crate) old: Option<Version>,
    pub(crate) now: Version,
}

/// Returns the version that a crate needs. Breaking changes raise the leftmost number that is not
/// zero, as cargo defines it; before 1.0.0, additions raise the patch number.
pub(crate) fn bump(package: Package, versions: &Versions, worst: Option<ApiVerdict>) -> Bump {
    let required = worst
        .zip(versions.old.as_ref())
        .map(|(worst, old)| next(old, worst));
    let state = match (&worst, &required) {
        (None, _) => State::NotNeeded,
        (Some(_), None) => State::Unreleased,
        (Some(_), Some(required)) if versions.now >= *required => State::Done,
        (Some(_), Some(_)) => State::Missing,
    };
    Bump {
        package,
        worst,
        old: versions.old.clone(),
        now: versions.now.clone(),
        required,
        state,
    }
}

/// Returns the lowest version after `old` that permits a change.
fn next(old: &Version, worst: ApiVerdict) -> Version {
    let (major, minor, patch) = (old.major, old.minor, old.patch);
    match (worst, major, minor) {
        (ApiVerdict::Breaking, 0, 0) => Version::new(0, 0, patch + 1),
        (ApiVerdict::Breaking, 0, _) => Version::new(0, minor + 1, 0),
        (ApiVerdict::Breaking, ..) => Version::new(major + 1, 0, 0),
        (ApiVerdict::Compatible, ..) | (_, 0, _) => Version::new(major, minor, patch + 1),
        (ApiVerdict::Minor | ApiVerdict::NeedsReview, ..) => Version::new(major, minor + 1, 0),
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, now) = (self.package.name(), &self.now);
        let Some(worst) = self.worst else {
            return write!(f, "{name}: no change, no new version needed");
        };
        let change = match worst {
            ApiVerdict::Compatible => "compatible",
            ApiVerdict::Minor => "minor",
            ApiVerdict::NeedsReview => "needs review (minor at least)",
            ApiVerdict::Breaking => "breaking",
        };
        let (Some(old), Some(required)) = (&self.old, &self.required) else {
            let next = next(now, worst);
            return write!(
                f,
                "{name}: {change}; {now} is unreleased in {CHANGELOG} and permits any change (after its \
                 release, the change requires {next})"
            );
        };
        write!(
            f,
            "{name}: {change}, {old} -> {required} or later; the manifests have {now}"
        )?;
        if self.state == State::Missing {
            write!(f, ": raise the versions in {MANIFEST}")?;
        }
        Ok(())
    }
}

impl Versions {
    /// Reads the versions from the working tree. `old` is the manifest of the old spec's revision.
    /// Without it, or if its version was not released, changes are counted from the last release.
    pub(crate) fn read(root: &Path, old: Option<&str>) -> Result<Self, String> {
        let text = |name: &str| {
            fs::read_to_string(root.join(name))
                .map_err(|error| format!("could not read {name}: {error}"))
        };
        let now = workspace_version(&text(MANIFEST)?)?;
        let old = old.map(workspace_version).transpose()?;
        Ok(Self {
            old: counted_from(old, released(&text(CHANGELOG)?)),
            now,
        })
    }
}

fn counted_from(old: Option<Version>, released: Vec<Version>) -> Option<Version> {
    old.filter(|old| released.contains(old))
        .or_else(|| released.into_iter().max())
}

/// Returns the version in a root manifest, which the crates share and require of each other.
pub(crate) fn workspace_version(manifest: &str) -> Result<Version, String> {
    let manifest: toml::Table = manifest
        .parse()
        .map_err(|error: toml::de::Error| format!("{MANIFEST}: {}", error.message()))?;
    let workspace = manifest.get("workspace").and_then(toml::Value::as_table);
    let tables = |key| {
        workspace
            .and_then(|of| of.get(key))
            .and_then(toml::Value::as_table)
    };
    let read = |table: Option<&toml::Table>, of: &str| {
        let text = table.and_then(|table| table.get("version"));
        let text = text.and_then(toml::Value::as_str);
        text.ok_or_else(|| format!("{MANIFEST}: no version of {of}"))?
            .parse::<Version>()
            .map_err(|error| format!("{MANIFEST}: invalid version of {of}: {error}"))
    };
    let shared = read(tables("package"), "the workspace")?;
    // Own crates are dependencies with a version and a path.
    let dependencies = tables("dependencies").into_iter().flatten();
    for (name, dependency) in dependencies {
        let dependency = dependency.as_table().filter(|of| of.contains_key("path"));
        let Some(dependency) = dependency else {
            continue;
        };
        let own = read(Some(dependency), name)?;
        if own != shared {
            return Err(format!(
                "{MANIFEST}: the workspace has version {shared} and its dependency {name} has {own}; \
                 raise them together"
            ));
        }
    }
    Ok(shared)
}

/// Returns the versions that have a date in the changelog.
fn released(changelog: &str) -> Vec<Version> {
    changelog
        .lines()
        .filter_map(|line| {
            let (version, date) = line.strip_prefix("## ")?.split_once(", ")?;
            let has_date = date.starts_with(|start: char| start.is_ascii_digit());
            version.parse().ok().filter(|_| has_date)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::repository;

    fn versions(old: Option<&str>, now: &str) -> Versions {
        Versions {
            old: old.map(|old| old.parse().unwrap()),
            now: now.parse().unwrap(),
        }
    }

    #[test]
    fn the_worst_change_decides_the_next_version() {
        use ApiVerdict::{Breaking, Compatible, Minor, NeedsReview};
        for (old, worst, required) in [
            ("0.1.0", Breaking, "0.2.0"),
            ("0.1.3", Breaking, "0.2.0"),
            ("0.1.3", NeedsReview, "0.1.4"),
            ("0.1.3", Minor, "0.1.4"),
            ("0.1.3", Compatible, "0.1.4"),
            ("0.0.3", Breaking, "0.0.4"),
            ("0.0.3", Minor, "0.0.4"),
            ("1.2.3", Breaking, "2.0.0"),
            ("1.2.3", NeedsReview, "1.3.0"),
            ("1.2.3", Minor, "1.3.0"),
            ("1.2.3", Compatible, "1.2.4"),
        ] {
            let bump = bump(Package::Client, &versions(Some(old), old), Some(worst));
            assert_eq!(bump.required, Some(required.parse().unwrap()), "{bump}");
            assert_eq!(bump.state, State::Missing, "{bump}");
        }
    }

    #[test]
    fn the_state_compares_the_manifests_with_the_required_version() {
        use ApiVerdict::{Breaking, Minor};
        for (old, now, worst, state) in [
            (Some("0.1.0"), "0.1.0", None, State::NotNeeded),
            (Some("0.1.0"), "0.1.0", Some(Minor), State::Missing),
            (Some("0.1.0"), "0.1.1", Some(Minor), State::Done),
            (Some("0.1.0"), "0.1.1", Some(Breaking), State::Missing),
            (Some("0.1.0"), "0.2.0", Some(Breaking), State::Done),
            (Some("0.1.0"), "0.3.0", Some(Breaking), State::Done),
            (None, "0.1.0", Some(Breaking), State::Unreleased),
            (None, "0.1.0", None, State::NotNeeded),
        ] {
            let bump = bump(Package::Ext, &versions(old, now), worst);
            assert_eq!(bump.state, state, "{bump}");
        }
    }

    #[test]
    fn the_message_names_both_versions_and_the_manifest() {
        let of = |versions: &Versions, worst| bump(Package::Ext, versions, worst).to_string();
        let released = versions(Some("0.1.0"), "0.1.0");
        assert_eq!(
            of(&released, Some(ApiVerdict::Breaking)),
            "authress-users-ext: breaking, 0.1.0 -> 0.2.0 or later; the manifests have 0.1.0: raise \
             the versions in Cargo.toml"
        );
        assert_eq!(
            of(&versions(None, "0.1.0"), Some(ApiVerdict::Minor)),
            "authress-users-ext: minor; 0.1.0 is unreleased in CHANGELOG.md and permits any change \
             (after its release, the change requires 0.1.1)"
        );
        assert_eq!(
            of(&versions(Some("0.1.0"), "0.2.0"), Some(ApiVerdict::Minor)),
            "authress-users-ext: minor, 0.1.0 -> 0.1.1 or later; the manifests have 0.2.0"
        );
        assert_eq!(
            of(&released, None),
            "authress-users-ext: no change, no new version needed"
        );
    }

    #[test]
    fn reads_the_manifest_and_changelog_of_the_repository() {
        let versions = Versions::read(&repository(), None).unwrap();
        assert_eq!(versions.now.to_string(), env!("CARGO_PKG_VERSION"));
        let manifest = fs::read_to_string(repository().join(MANIFEST)).unwrap();
        let same = Versions::read(&repository(), Some(&manifest)).unwrap();
        assert_eq!(same, versions);
    }

    #[test]
    fn counts_from_the_last_release_if_the_old_version_was_not_released() {
        let version = |text: &str| text.parse::<Version>().unwrap();
        let released = || vec![version("0.2.0"), version("0.1.0")];
        for (old, released, from) in [
            (Some("0.1.0"), released(), Some("0.1.0")),
            (Some("0.2.1"), released(), Some("0.2.0")),
            (None, released(), Some("0.2.0")),
            (Some("0.1.0"), Vec::new(), None),
        ] {
            assert_eq!(counted_from(old.map(version), released), from.map(version));
        }
    }

    #[test]
    fn a_version_with_a_date_is_released() {
        let log = "## 0.3.0, unreleased\n\n## 0.2.0, 2026-02-01\n### 9.9.9, 2026-01-01\n## 0.1.0, 2026-01-01\n";
        let found: Vec<_> = released(log).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["0.2.0", "0.1.0"]);
    }

    #[test]
    fn rejects_a_manifest_whose_versions_differ() {
        let manifest = fs::read_to_string(repository().join(MANIFEST)).unwrap();
        let now = env!("CARGO_PKG_VERSION");
        let half = manifest.replacen(&format!("version = \"{now}\""), "version = \"9.9.9\"", 1);
        let reason = workspace_version(&half).unwrap_err();
        assert!(reason.contains("raise them together"), "{reason}");
        assert!(workspace_version("a = ").is_err());
        let reason = workspace_version("[workspace]").unwrap_err();
        assert!(reason.contains("no version"), "{reason}");
    }
}
