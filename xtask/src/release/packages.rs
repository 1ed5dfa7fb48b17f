use super::workspace::{Workspace, name};
use crate::problem::Failure;

/// What every package has.
const NEEDED: [&str; 4] = ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "src/lib.rs"];
/// What a package may have besides.
const ALLOWED: [&str; 8] = [
    ".cargo_vcs_info.json",
    "Cargo.lock",
    "Cargo.toml",
    "Cargo.toml.orig",
    "RULES.md",
    "examples/",
    "guide/",
    "src/",
];

/// Each package has its licences and its README, and nothing that only serves this repository.
pub(super) fn obstacles(workspace: &Workspace) -> Result<Vec<String>, Failure> {
    let mut obstacles = Vec::new();
    for package in &workspace.crates {
        let name = name(package);
        // Whether everything is committed is for whoever publishes to care about.
        let arguments = [
            "package",
            "--list",
            "--allow-dirty",
            "--quiet",
            "--package",
            name,
        ];
        let files = workspace.cargo(&arguments)?;
        obstacles.extend(of_files(name, &files.replace('\\', "/")));
    }
    Ok(obstacles)
}

fn of_files(name: &str, files: &str) -> Vec<String> {
    let files: Vec<_> = files.lines().collect();
    let missing = NEEDED
        .iter()
        .filter(|needed| !files.contains(*needed))
        .map(|needed| format!("the package of {name} lacks {needed}"));
    let belongs = |file: &str| {
        NEEDED.contains(&file)
            || ALLOWED.iter().any(|allowed| {
                file == *allowed || (allowed.ends_with('/') && file.starts_with(allowed))
            })
    };
    let odd = files.iter().filter(|file| !belongs(file)).map(|file| {
        format!("the package of {name} has {file}: leave it out by `include` in its manifest")
    });
    missing.chain(odd).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_has_what_it_needs_and_nothing_else() {
        let whole = "Cargo.toml\nREADME.md\nLICENSE-MIT\nLICENSE-APACHE\nsrc/lib.rs\nsrc/a/b.rs\nexamples/a.rs\n";
        assert!(of_files("a", whole).is_empty());
        let without = of_files("a", &whole.replace("LICENSE-MIT\n", ""));
        assert_eq!(without, ["the package of a lacks LICENSE-MIT"]);
        for odd in ["tests/a.rs", "notes.txt", "src.rs"] {
            let obstacles = of_files("a", &format!("{whole}{odd}\n"));
            assert_eq!(obstacles.len(), 1, "{odd}: {obstacles:?}");
        }
    }
}
