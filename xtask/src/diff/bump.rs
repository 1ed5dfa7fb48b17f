//! Which version a change asks for, and whether the manifests already have it.

use std::fmt;
use std::fs;
use std::path::Path;

use semver::Version;

use super::rust::public_api::{Package, Verdict};

/// Where the versions of all crates stand.
pub(crate) const MANIFEST: &str = "Cargo.toml";
/// Where it stands which versions are released.
const CHANGELOG: &str = "CHANGELOG.md";

/// What the changes ask of the version of one crate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bump {
    pub(crate) package: Package,
    /// The worst that changes for its callers; nothing where nothing does.
    pub(crate) worst: Option<Verdict>,
    /// The version that callers have; none where nothing was released yet.
    pub(crate) old: Option<Version>,
    /// The version that the manifests name.
    pub(crate) now: Version,
    /// The least version that may carry the changes.
    pub(crate) required: Option<Version>,
    pub(crate) state: State,
}

/// Whether something is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// The callers of this crate see no change.
    NotNeeded,
    /// The manifests have a version that is high enough.
    Done,
    /// Nothing is released yet, so the version in the manifests may take any change.
    Unreleased,
    /// The manifests have to be changed.
    Missing,
}

impl State {
    /// As programs are told.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NotNeeded => "not-needed",
            Self::Done => "done",
            Self::Unreleased => "unreleased",
            Self::Missing => "missing",
        }
    }
}

/// The versions that tell whether a bump is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Versions {
    /// The released version that the changes are counted from; none where nothing is released.
    pub(crate) old: Option<Version>,
    /// What the manifests name.
    pub(crate) now: Version,
}

/// What one crate needs. Cargo takes the leftmost number that is not zero for the one that
/// breaking changes raise; in front of 1.0.0, additions raise the patch.
pub(crate) fn bump(package: Package, versions: &Versions, worst: Option<Verdict>) -> Bump {
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

/// The least version after `old` that such a change may have.
fn next(old: &Version, worst: Verdict) -> Version {
    let Version {
        major,
        minor,
        patch,
        ..
    } = *old;
    match (worst, major, minor) {
        (Verdict::Breaking, 0, 0) => Version::new(0, 0, patch + 1),
        (Verdict::Breaking, 0, _) => Version::new(0, minor + 1, 0),
        (Verdict::Breaking, ..) => Version::new(major + 1, 0, 0),
        (Verdict::Harmless, ..) | (_, 0, _) => Version::new(major, minor, patch + 1),
        (Verdict::Minor | Verdict::NeedsReview, ..) => Version::new(major, minor + 1, 0),
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            worst,
            old,
            now,
            required,
            state,
        } = self;
        write!(f, "{}: ", package.name())?;
        let Some(worst) = worst else {
            return f.write_str("no change, no new version");
        };
        f.write_str(match worst {
            Verdict::Harmless => "compatible",
            Verdict::Minor => "minor",
            Verdict::NeedsReview => "needs review (minor at least)",
            Verdict::Breaking => "breaking",
        })?;
        match (old, required) {
            (Some(old), Some(required)) => {
                write!(f, ", so {old} must become {required} or later")?;
            }
            _ => write!(
                f,
                ", which would take {} behind a release of {now}",
                next(now, *worst)
            )?,
        }
        match state {
            State::Unreleased => write!(
                f,
                "; the manifests have {now}, which {CHANGELOG} calls unreleased and which may take \
                 any change until it is"
            ),
            State::Done => write!(f, "; the manifests have {now}"),
            State::Missing | State::NotNeeded => write!(
                f,
                "; the manifests have {now}: raise the version of the workspace and of its crates \
                 in {MANIFEST}"
            ),
        }
    }
}

impl Versions {
    /// Reads them from the working tree. `old` is the manifest as of the old document's revision.
    /// Without one, or if its version was never released, changes are counted from the last release:
    /// that is what callers have.
    pub(crate) fn read(root: &Path, old: Option<&str>) -> Result<Self, String> {
        let text = |name: &str| {
            fs::read_to_string(root.join(name))
                .map_err(|reason| format!("{name}: can't be read: {reason}"))
        };
        let now = version(&text(MANIFEST)?)?;
        let old = old.map(version).transpose()?;
        Ok(Self {
            old: counted_from(old, released(&text(CHANGELOG)?)),
            now,
        })
    }
}

/// The released version that callers have.
fn counted_from(old: Option<Version>, released: Vec<Version>) -> Option<Version> {
    old.filter(|old| released.contains(old))
        .or_else(|| released.into_iter().max())
}

/// The version that a root manifest gives its crates, which depend on each other by the same.
fn version(manifest: &str) -> Result<Version, String> {
    let manifest: toml::Table = manifest
        .parse()
        .map_err(|reason: toml::de::Error| format!("{MANIFEST}: {}", reason.message()))?;
    let workspace = manifest.get("workspace");
    let read = |value: Option<&toml::Value>, of: &str| {
        let text = value
            .and_then(toml::Value::as_str)
            .ok_or_else(|| format!("{MANIFEST}: has no version for {of}"))?;
        text.parse::<Version>()
            .map_err(|reason| format!("{MANIFEST}: the version of {of} is none: {reason}"))
    };
    let shared = workspace
        .and_then(|workspace| workspace.get("package"))
        .and_then(|package| package.get("version"));
    let shared = read(shared, "the workspace")?;
    for package in Package::ALL {
        let dependency = workspace
            .and_then(|workspace| workspace.get("dependencies"))
            .and_then(|dependencies| dependencies.get(package.name()))
            .and_then(|dependency| dependency.get("version"));
        let own = read(dependency, package.name())?;
        if own != shared {
            return Err(format!(
                "{MANIFEST}: the workspace has version {shared}, and its dependency {} has {own}: \
                 raise them together",
                package.name()
            ));
        }
    }
    Ok(shared)
}

/// The versions of which the changelog has a date.
fn released(changelog: &str) -> Vec<Version> {
    changelog
        .lines()
        .filter_map(|line| {
            let (version, date) = line.strip_prefix("## ")?.split_once(", ")?;
            let dated = date.starts_with(|start: char| start.is_ascii_digit());
            version.parse().ok().filter(|_| dated)
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
    fn the_worst_change_says_which_version_comes_next() {
        use Verdict::{Breaking, Harmless, Minor, NeedsReview};
        for (old, worst, required) in [
            ("0.1.0", Breaking, "0.2.0"),
            ("0.1.3", Breaking, "0.2.0"),
            ("0.1.3", NeedsReview, "0.1.4"),
            ("0.1.3", Minor, "0.1.4"),
            ("0.1.3", Harmless, "0.1.4"),
            ("0.0.3", Breaking, "0.0.4"),
            ("0.0.3", Minor, "0.0.4"),
            ("1.2.3", Breaking, "2.0.0"),
            ("1.2.3", NeedsReview, "1.3.0"),
            ("1.2.3", Minor, "1.3.0"),
            ("1.2.3", Harmless, "1.2.4"),
        ] {
            let bump = bump(Package::Client, &versions(Some(old), old), Some(worst));
            assert_eq!(bump.required, Some(required.parse().unwrap()), "{bump}");
            assert_eq!(bump.state, State::Missing, "{bump}");
        }
    }

    #[test]
    fn manifests_have_a_bump_or_lack_it() {
        use Verdict::{Breaking, Minor};
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
    fn a_person_is_told_what_to_raise_and_why_not() {
        let of = |versions: &Versions, worst| bump(Package::Ext, versions, worst).to_string();
        let released = versions(Some("0.1.0"), "0.1.0");
        assert_eq!(
            of(&released, Some(Verdict::Breaking)),
            "authress-users-ext: breaking, so 0.1.0 must become 0.2.0 or later; the manifests have \
             0.1.0: raise the version of the workspace and of its crates in Cargo.toml"
        );
        assert_eq!(
            of(&versions(None, "0.1.0"), Some(Verdict::Minor)),
            "authress-users-ext: minor, which would take 0.1.1 behind a release of 0.1.0; the manifests have 0.1.0, \
             which CHANGELOG.md calls unreleased and which may take any change until it is"
        );
        assert_eq!(
            of(&versions(Some("0.1.0"), "0.2.0"), Some(Verdict::Minor)),
            "authress-users-ext: minor, so 0.1.0 must become 0.1.1 or later; the manifests have 0.2.0"
        );
        assert_eq!(
            of(&released, None),
            "authress-users-ext: no change, no new version"
        );
    }

    #[test]
    fn the_repositorys_own_manifest_and_changelog_are_understood() {
        let versions = Versions::read(&repository(), None).unwrap();
        assert_eq!(versions.now.to_string(), env!("CARGO_PKG_VERSION"));
        let manifest = fs::read_to_string(repository().join(MANIFEST)).unwrap();
        let same = Versions::read(&repository(), Some(&manifest)).unwrap();
        assert_eq!(same, versions);
    }

    #[test]
    fn a_version_that_callers_never_had_is_not_counted_from() {
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
    fn a_manifest_whose_versions_differ_is_not_taken_for_bumped() {
        let manifest = fs::read_to_string(repository().join(MANIFEST)).unwrap();
        let now = env!("CARGO_PKG_VERSION");
        let half = manifest.replacen(&format!("version = \"{now}\""), "version = \"9.9.9\"", 1);
        let reason = version(&half).unwrap_err();
        assert!(reason.contains("raise them together"), "{reason}");
        assert!(version("a = ").is_err());
        assert!(version("[workspace]").unwrap_err().contains("no version"));
    }
}
