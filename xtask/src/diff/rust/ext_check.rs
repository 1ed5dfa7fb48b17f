//! Whether the face still compiles over the code of another document.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::public_api::Package;
use crate::generate::write::output::{self, Folder};
use crate::generate::{self, Spec, TARGET};
use crate::problem::Failure;
use authress_users_openapi::Document;

/// Where the copy of the workspace stands, in the directory that cargo builds into; the next check
/// goes on from it.
const COPY: &str = "face-check";

/// Generates the raw crate from `document` in a copy of the workspace's files, and compiles the face
/// over it without the network. What keeps it from compiling is the inner error; the outer one says
/// why nothing could be tried.
pub(crate) fn check(document: &Document, root: &Path) -> Result<Result<(), String>, Failure> {
    let root = fs::canonicalize(if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    })?;
    let files = match generate::files(document, Spec::Variant) {
        Ok(files) => files,
        Err(reason) => return Ok(Err(reason.to_string())),
    };
    let built = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |directory| root.join(directory));
    let copy = built.join(COPY);
    copy_workspace(&root, &copy)?;
    output::write(&copy.join(TARGET), &[Folder::exclusive(files)])?;
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["check", "--quiet", "--locked", "--offline"])
        .args(["--package", Package::Ext.name(), "--color", "never"])
        // What the workspace itself was built from need not be built again.
        .arg("--target-dir")
        .arg(&built)
        .current_dir(&copy)
        .output()
        .map_err(|reason| Failure::Unusable(format!("cargo can't be run: {reason}")))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr);
    // Where cargo came as far as the compiler, this is its last word.
    if said.contains("could not compile `authress-users-") {
        return Ok(Err(said.trim_end().to_owned()));
    }
    Err(Failure::Unusable(format!(
        "the face can't be compiled: {}",
        said.trim_end()
    )))
}

/// Copies what git tracks or would track, as it is in the working tree.
fn copy_workspace(root: &Path, copy: &Path) -> Result<(), Failure> {
    let listed = Command::new("git")
        .args([
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
        ])
        .current_dir(root)
        .output()
        .map_err(|reason| Failure::Unusable(format!("git can't be run: {reason}")))?;
    if !listed.status.success() {
        return Err(Failure::Unusable(format!(
            "the files of the workspace can't be listed: {}",
            String::from_utf8_lossy(&listed.stderr).trim_end()
        )));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let names: BTreeSet<&Path> = names
        .split('\0')
        .map(Path::new)
        // The raw crate's code is about to be written; a file may be deleted and still be tracked.
        .filter(|name| !name.starts_with(TARGET) && root.join(name).is_file())
        .collect();
    for name in &names {
        let (from, to) = (root.join(name), copy.join(name));
        let text = fs::read(&from)?;
        // What is the same keeps its time, so that cargo does not build it again.
        if fs::read(&to).is_ok_and(|there| there == text) {
            continue;
        }
        if let Some(directory) = to.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(to, text)?;
    }
    for file in files(copy)? {
        let name = file.strip_prefix(copy).unwrap_or(&file);
        if !names.contains(name) && !name.starts_with(TARGET) {
            fs::remove_file(&file)?;
        }
    }
    Ok(())
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_has_what_the_working_tree_has_and_nothing_else() {
        let root = tempfile::tempdir().unwrap();
        let copy = root.path().join("target/copy");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let init = Command::new("git")
            .args(["init", "--quiet"])
            .current_dir(root.path())
            .status();
        assert!(init.unwrap().success());
        write(".gitignore", "/target\n");
        write("src/kept.rs", "one");
        write("src/gone.rs", "two");
        write(&format!("{TARGET}/client.rs"), "old code");
        write("target/built", "three");
        copy_workspace(root.path(), &copy).unwrap();
        assert_eq!(fs::read_to_string(copy.join("src/kept.rs")).unwrap(), "one");
        assert!(!copy.join("target").exists() && !copy.join(TARGET).exists());

        let time = |name: &str| fs::metadata(copy.join(name)).unwrap().modified().unwrap();
        let before = time("src/kept.rs");
        fs::remove_file(root.path().join("src/gone.rs")).unwrap();
        fs::create_dir_all(copy.join(TARGET)).unwrap();
        fs::write(copy.join(TARGET).join("client.rs"), "new code").unwrap();
        write("src/new.rs", "four");
        copy_workspace(root.path(), &copy).unwrap();
        assert!(copy.join("src/new.rs").exists() && !copy.join("src/gone.rs").exists());
        assert_eq!(time("src/kept.rs"), before);
        assert!(copy.join(TARGET).join("client.rs").exists());
    }

    #[test]
    fn where_nothing_can_be_listed_nothing_is_compiled() {
        let root = tempfile::tempdir().unwrap();
        let failure = copy_workspace(root.path(), &root.path().join("copy")).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.to_string().contains("can't be listed"), "{failure}");
    }
}
