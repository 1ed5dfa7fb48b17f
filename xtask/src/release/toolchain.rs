use super::workspace::{Workspace, name};
use crate::problem::Failure;

/// Files that tell a reader the oldest toolchain.
const TELLING: [&str; 4] = [
    "README.md",
    "CONTRIBUTING.md",
    ".github/badges/rust.svg",
    ".github/workflows/ci.yml",
];

/// No dependency wants a newer toolchain than the manifests promise, and readers are told the same.
pub(super) fn obstacles(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut obstacles = too_new(workspace);
    if let Some(oldest) = workspace
        .crates
        .first()
        .and_then(|of| of["rust_version"].as_str())
    {
        for file in TELLING {
            if !workspace.text(file)?.contains(oldest) {
                obstacles.push(format!(
                    "{file} does not name the oldest toolchain, {oldest}, that the manifests do"
                ));
            }
        }
    }
    Ok(obstacles)
}

fn too_new(workspace: &Workspace) -> Vec<String> {
    let Some(oldest) = workspace
        .crates
        .first()
        .and_then(|of| of["rust_version"].as_str())
    else {
        return vec!["the manifests name no `rust-version`".to_owned()];
    };
    let newer = |package: &&serde_json::Value| {
        let wanted = package["rust_version"].as_str();
        wanted.is_some_and(|wanted| numbers(wanted) > numbers(oldest))
    };
    workspace
        .packages
        .iter()
        .filter(newer)
        .map(|package| {
            format!(
                "{} {} wants Rust {}, and the manifests promise {oldest}",
                name(package),
                package["version"].as_str().unwrap_or_default(),
                package["rust_version"].as_str().unwrap_or_default(),
            )
        })
        .collect()
}

/// The major and the minor number of a toolchain; a patch is had by everybody.
fn numbers(version: &str) -> (u32, u32) {
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::workspace::tests::workspace;
    use super::*;

    #[test]
    fn a_dependency_that_wants_a_newer_toolchain_is_named() {
        let mut workspace = workspace();
        assert!(too_new(&workspace).is_empty());
        for (wanted, is_too_new) in [
            ("1.88.1", false),
            ("1.9", false),
            ("1.89", true),
            ("2.0", true),
        ] {
            workspace.packages[3]["rust_version"] = json!(wanted);
            let obstacles = too_new(&workspace);
            assert_eq!(!obstacles.is_empty(), is_too_new, "{wanted}: {obstacles:?}");
        }
    }
}
