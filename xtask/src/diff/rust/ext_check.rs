//! Whether ext compiles with the code of another spec.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use authress_users_openapi::Document;
use serde_json::Value;

use super::public_api::model::Package;
use crate::generate::write::output::{self, Folder};
use crate::generate::{self, Spec, TARGET};
use crate::problem::Failure;

/// The copy of the workspace in cargo's target directory; the next check reuses it.
const COPY: &str = "ext-check";

/// Generates the raw crate from a spec in a copy of the workspace and compiles ext with it, without
/// the network. The inner error holds the compiler's errors; the outer error states why nothing could
/// be compiled.
pub(crate) fn check(document: &Document, root: &Path) -> Result<Result<(), String>, Failure> {
    let root = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    let root = fs::canonicalize(root)?;
    let files = match generate::files(document, Spec::Variant) {
        Ok(files) => files,
        Err(reason) => return Ok(Err(reason.to_string())),
    };
    let target = env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root.join("target"), |directory| root.join(directory));
    let copy = target.join(COPY);
    copy_workspace(&root, &copy)?;
    output::write(&copy.join(TARGET), &[Folder::exclusive(files)])?;
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "check",
            "--quiet",
            "--locked",
            "--offline",
            "--message-format",
            "json",
        ])
        .args(["--package", Package::Ext.name()])
        // Shares the dependencies that the workspace has built.
        .arg("--target-dir")
        .arg(&target)
        .current_dir(&copy)
        .output()
        .map_err(|error| Failure::Unusable(format!("could not run cargo: {error}")))?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let errors = compiler_errors(&String::from_utf8_lossy(&output.stdout));
    if errors.is_empty() {
        let reason = String::from_utf8_lossy(&output.stderr);
        let reason = reason.trim_end();
        return Err(Failure::Unusable(format!(
            "could not compile ext: {reason}"
        )));
    }
    Ok(Err(errors))
}

/// Returns the errors among the compiler's JSON messages, as the compiler renders them.
fn compiler_errors(messages: &str) -> String {
    let messages = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = messages.filter(|message| {
        message["reason"] == "compiler-message" && message["message"]["level"] == "error"
    });
    let rendered =
        errors.filter_map(|error| error["message"]["rendered"].as_str().map(str::to_owned));
    rendered.collect::<String>().trim_end().to_owned()
}

/// Copies the files that git tracks or would track, as they are in the working tree.
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
        .map_err(|error| Failure::Unusable(format!("could not run git: {error}")))?;
    if !listed.status.success() {
        let reason = String::from_utf8_lossy(&listed.stderr);
        let reason = reason.trim_end();
        return Err(Failure::Unusable(format!(
            "could not list the files of the workspace: {reason}"
        )));
    }
    let names = String::from_utf8_lossy(&listed.stdout);
    let names: BTreeSet<&Path> = names
        .split('\0')
        .map(Path::new)
        // The generated code is written afterwards; a tracked file may be deleted.
        .filter(|name| !name.starts_with(TARGET) && root.join(name).is_file())
        .collect();
    for name in &names {
        let (from, to) = (root.join(name), copy.join(name));
        let text = fs::read(&from)?;
        // Unchanged files keep their timestamp, so that cargo does not rebuild them.
        if fs::read(&to).is_ok_and(|present| present == text) {
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
    fn the_copy_has_exactly_the_files_of_the_working_tree() {
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
        write("src/removed.rs", "two");
        write(&format!("{TARGET}/client.rs"), "old code");
        write("target/built", "three");
        copy_workspace(root.path(), &copy).unwrap();
        assert_eq!(fs::read_to_string(copy.join("src/kept.rs")).unwrap(), "one");
        assert!(!copy.join("target").exists() && !copy.join(TARGET).exists());

        let time = |name: &str| fs::metadata(copy.join(name)).unwrap().modified().unwrap();
        let before = time("src/kept.rs");
        fs::remove_file(root.path().join("src/removed.rs")).unwrap();
        fs::create_dir_all(copy.join(TARGET)).unwrap();
        fs::write(copy.join(TARGET).join("client.rs"), "new code").unwrap();
        write("src/new.rs", "four");
        copy_workspace(root.path(), &copy).unwrap();
        assert!(copy.join("src/new.rs").exists() && !copy.join("src/removed.rs").exists());
        assert_eq!(time("src/kept.rs"), before);
        assert!(copy.join(TARGET).join("client.rs").exists());
    }

    #[test]
    fn fails_with_2_outside_a_git_repository() {
        let root = tempfile::tempdir().unwrap();
        let failure = copy_workspace(root.path(), &root.path().join("copy")).unwrap_err();
        assert_eq!(failure.code(), 2);
        assert!(failure.to_string().contains("could not list"), "{failure}");
    }

    #[test]
    fn only_errors_of_the_compiler_are_returned() {
        let messages = r#"{"reason":"compiler-message","message":{"level":"warning","rendered":"unused\n"}}
{"reason":"compiler-message","message":{"level":"error","rendered":"mismatched types\n"}}
{"reason":"build-finished","success":false}"#;
        assert_eq!(compiler_errors(messages), "mismatched types");
        assert_eq!(compiler_errors("error: no network"), "");
    }
}
