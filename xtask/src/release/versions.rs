use super::workspace::{Workspace, name};

/// The crates are released together, and each asks for the others as they are.
pub(super) fn obstacles(workspace: &Workspace, tag: Option<&str>) -> Vec<String> {
    let version = &workspace.version;
    let mut obstacles = Vec::new();
    if let Some(tag) = tag
        && tag.strip_prefix('v') != Some(version)
    {
        obstacles.push(format!(
            "the tag {tag} is not v{version}: set `workspace.package.version`, or tag v{version}"
        ));
    }
    for package in &workspace.crates {
        let own = package["version"].as_str().unwrap_or_default();
        if own != version {
            let name = name(package);
            obstacles.push(format!(
                "{name} has version {own}, and the others {version}: let all inherit the workspace's"
            ));
        }
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        // One that is known by its path alone is for tests, and is not published.
        let sisters = dependencies.filter(|of| of["path"].is_string() && of["req"] != "*");
        for sister in sisters {
            let wanted = sister["req"].as_str().unwrap_or_default();
            if wanted != format!("^{version}") {
                let (name, sister) = (name(package), name(sister));
                obstacles.push(format!(
                    "{name} asks for {sister} {wanted}, and it is {version}: set it in \
                     `workspace.dependencies`"
                ));
            }
        }
    }
    obstacles
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::workspace::tests::workspace;
    use super::*;

    #[test]
    fn a_tag_is_the_version_of_the_crates() {
        assert!(obstacles(&workspace(), None).is_empty());
        assert!(obstacles(&workspace(), Some("v0.2.0")).is_empty());
        for tag in ["v0.2.1", "0.2.0", "v0.2.0-rc.1"] {
            assert_eq!(obstacles(&workspace(), Some(tag)).len(), 1, "{tag}");
        }
    }

    #[test]
    fn a_crate_that_was_left_behind_is_named() {
        let mut workspace = workspace();
        workspace.crates[1]["version"] = json!("0.1.0");
        let [obstacle] = &obstacles(&workspace, None)[..] else {
            panic!("it is not the only one")
        };
        assert!(obstacle.starts_with("ext has version 0.1.0"), "{obstacle}");
    }

    #[test]
    fn a_crate_asks_for_its_sisters_as_they_are() {
        let mut workspace = workspace();
        workspace.crates[1]["dependencies"][0]["req"] = json!("^0.1.0");
        let [obstacle] = &obstacles(&workspace, None)[..] else {
            panic!("it is not the only one")
        };
        assert!(
            obstacle.starts_with("ext asks for client ^0.1.0"),
            "{obstacle}"
        );
        workspace.crates[1]["dependencies"][0]["req"] = json!("*");
        assert!(obstacles(&workspace, None).is_empty());
    }
}
